/** Activities (the resources, not the runs of states) as the registry keeps them. */
import { Effect, Schema } from "effect";
import { Format } from "../../protocol/mod.ts";
import type { Json } from "../../values/mod.ts";
import { type AwsAnswer, given, ifThere } from "../answers.ts";
import { type AwsCaller, spaceOf } from "../aws_caller.ts";
import { type AwsScope, parseArn } from "../arns.ts";
import { type AwsFailure, awsFailure } from "../aws_failure.ts";
import { MachineRecord, Tag } from "../machines/machine_record.ts";

/** Kind of activities in the registry. */
export const ACTIVITY_KIND = "activity";

/** An activity. */
export const ActivityRecord = Schema.Struct({
  tags: Schema.Array(Tag),
  encryptionConfiguration: MachineRecord.fields.encryptionConfiguration,
});
export type ActivityRecord = typeof ActivityRecord.Type;

const format = new Format({ what: "an activity", schema: ActivityRecord, older: [] });
const decode = (value: Json): ActivityRecord => format.decode(value);

/** An activity as it stands. */
export interface ActivityResource {
  readonly scope: AwsScope;
  readonly name: string;
  readonly record: ActivityRecord;
  /** Of the registry's entry. */
  readonly recordRevision: number;
  readonly createdAtEpochMs: number;
}

/** The activity of an ARN. Fails with `InvalidArn`, `ActivityDoesNotExist`. */
export function activityByArn(call: AwsCaller, text: string): AwsAnswer<ActivityResource> {
  return Effect.gen(function* () {
    const { rest: [name], region, account } = yield* given(parseArn(text, ["activity"]));
    const kept = yield* ifThere(
      call.registry.describeResource({ ...spaceOf({ region, account }), kind: ACTIVITY_KIND, names: [name] }),
    );
    if (kept === undefined) return yield* Effect.fail(activityMissing(text));
    return {
      scope: { region, account },
      name,
      record: decode(kept.value),
      recordRevision: kept.revision,
      createdAtEpochMs: kept.createdAtEpochMs,
    };
  });
}

/** The failure of a call for an activity that is not there. */
export function activityMissing(arn: string): AwsFailure {
  return awsFailure("ActivityDoesNotExist", `Activity Does Not Exist: '${arn}'`);
}
