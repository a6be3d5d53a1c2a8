/**
 * What an execution is shown as, and how it was asked for.
 *
 * The engine keeps it with the execution as a JSON object and does not look into it, but for `Execution` and `StateMachine`: those are what
 * expressions read of `$$.Execution` and `$$.StateMachine`. Here it is written, and read again.
 */
import { Schema } from "effect";
import type { ExecutionDetail } from "../../runtime/mod.ts";

const optional = Schema.optionalKey;
const text = optional(Schema.String);

/** What was said of an execution when it was started; empty for one that was started without the AWS API. */
export const ShownAs = Schema.Struct({
  /** `Id`: its ARN. */
  Execution: optional(Schema.Struct({ Id: text, Name: text, RoleArn: text })),
  /** `Id`: the machine's ARN, without version or alias. */
  StateMachine: optional(Schema.Struct({ Id: text, Name: text })),
  /** What the start named besides machine, name and input. */
  Asked: optional(Schema.Struct({
    stateMachineVersionArn: text,
    stateMachineAliasArn: text,
    traceHeader: text,
    /** Of a mock configuration. */
    testCase: text,
  })),
  /** The task of another execution that started it. */
  Parent: optional(Schema.Struct({ TaskId: Schema.String })),
  /** The items of a Map Run that it was started with. */
  MapRun: optional(Schema.Struct({ ItemCount: Schema.Number })),
});
export type ShownAs = typeof ShownAs.Type;

const decode = Schema.decodeUnknownSync(ShownAs);
const nothing: ShownAs = {};

/** What an execution is shown as. @throws when the engine keeps something else: a defect */
export function shownAsOf({ shownAs }: Pick<ExecutionDetail, "shownAs">): ShownAs {
  return shownAs === undefined ? nothing : decode(shownAs);
}

/** Items that a Map Run's child was started with. */
export function itemCountOf(detail: Pick<ExecutionDetail, "shownAs">): number {
  return shownAsOf(detail).MapRun?.ItemCount ?? 1;
}
