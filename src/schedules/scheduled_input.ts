import type { AwsScope } from "../aws/mod.ts";
import { sha256Hex, uuidText } from "../values/mod.ts";

/** The due time that an input is made for. */
export interface DueTime extends AwsScope {
  readonly scheduleName: string;
  /** Of the execution. */
  readonly name: string;
  readonly dueEpochMs: number;
}

/**
 * A schedule's input with what `<aws.scheduler.…>` in it stands for: the scheduled time, the schedule's ARN, an id of this due time and the
 * number of the attempt, which is always 1: a start that is made again is the same start. Pure.
 *
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
 */
export function scheduledInput(input: string | undefined, due: DueTime): string | undefined {
  const attributes: Readonly<Record<string, string>> = {
    "scheduled-time": new Date(due.dueEpochMs).toISOString().replace(/\.000Z$/, "Z"),
    "schedule-arn": scheduleArn(due, due.scheduleName),
    "execution-id": uuidText(sha256Hex(`${due.account}/${due.region}/${due.name}`)),
    "attempt-number": "1",
  };
  return input?.replace(
    /<aws\.scheduler\.([a-z-]{1,32})>/g,
    (text, name: string) => Object.hasOwn(attributes, name) ? attributes[name] ?? text : text,
  );
}

/** The ARN of a schedule: all are of the group `default`. */
export function scheduleArn({ account, region }: AwsScope, name: string): string {
  return `arn:aws:scheduler:${region}:${account}:schedule/default/${name}`;
}
