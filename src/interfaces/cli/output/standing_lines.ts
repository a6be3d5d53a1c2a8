/** Where an execution stands, in lines: what runs, why it waits, and at which state it failed. */
import type { ExecutionStanding, FailedState, OpenState } from "../../../runtime/engine.ts";
import { type WaitingState, waitReason } from "../../../story/mod.ts";
import { formatDuration } from "./duration.ts";
import type { Paint } from "./paint.ts";
import { printable } from "./text_width.ts";

/** States that are shown one by one. */
const SHOWN_MAX = 20;

/** The lines. @param nowMs unix milliseconds */
export function standingLines(standing: ExecutionStanding, nowMs: number, paint: Paint): string[] {
  const { states, openCount, failed } = standing;
  // A Map with its children beside it says all of them twice.
  const shown = states.slice(0, SHOWN_MAX);
  const lines = shown.flatMap((state) => stateLines(state, nowMs, paint));
  if (openCount > shown.length) lines.push(paint.dim(`… and ${openCount - shown.length} more states that run`));
  if (failed !== undefined) lines.push(...failedLines(failed, paint));
  return lines;
}

function stateLines(state: OpenState, nowMs: number, paint: Paint): string[] {
  const { status, attempt, enteredAt, stateType, error, cause } = state;
  const mark = status === "Retrying" ? paint.yellow("↻") : stateType === "Wait" ? paint.blue("⏲") : paint.blue("▶");
  const tries = attempt > 1 ? `, attempt ${attempt}` : "";
  const facts = paint.dim(`${stateType}, for ${formatDuration(nowMs - Date.parse(enteredAt))}${tries}`);
  const lines = [
    `${mark} ${paint.bold(placeOf(state))}  ${facts}`,
    `  ${printable(waitReason(waitingOf(state), nowMs, timeWords))}`,
  ];
  if (error !== undefined) lines.push(`  ${paint.red(printable(failureText(error, cause)))}`);
  return lines;
}

/** A state with the Maps and Parallels around it: `Each[3] › Charge`. */
export function placeOf({ within = [], stateName }: Pick<OpenState, "within" | "stateName">): string {
  return printable([...within.map((one) => `${one.stateName}[${one.index}]`), stateName].join(" › "));
}

function failedLines({ stateName, error, cause }: FailedState, paint: Paint): string[] {
  const [first = "", ...rest] = failureText(error ?? "failed", cause).split("\n").map((line) => printable(line));
  return [
    `${paint.red("✗")} ${paint.bold(printable(stateName))}  ${paint.red(first)}`,
    ...rest.map((line) => `  ${line}`),
  ];
}

function failureText(error: string, cause: string | undefined): string {
  return cause === undefined || cause === "" ? error : `${error}: ${cause}`;
}

/** The time of the day in UTC, as all of the command line's times. */
const timeWords = {
  moment: (epochMs: number) => new Date(epochMs).toISOString().replace(/\.\d+Z$/, "Z"),
  duration: formatDuration,
};

/** What {@link waitReason} is told of a state. */
export function waitingOf({ stateType, attempt, dueAt, status, task, children }: OpenState): WaitingState {
  const epochMs = (iso: string | undefined) => iso === undefined ? undefined : Date.parse(iso);
  return {
    type: stateType,
    attempt,
    dueAt: epochMs(dueAt),
    isRetrying: status === "Retrying",
    task: task === undefined ? undefined : {
      resource: task.resource,
      createdAt: Date.parse(task.createdAt),
      isTaken: task.status !== "Created",
      isSubmitted: task.isSubmitted === true,
      heartbeatAt: epochMs(task.heartbeatAt),
      timeoutAt: epochMs(task.timeoutAt),
    },
    children: children === undefined ? undefined : { max: children.max, begun: children.started, ended: children.done },
  };
}
