/** What several operations tell of an execution. */
import type { ExecutionDetail, ListedExecution } from "../../../runtime/mod.ts";
import { type JsonObject, present } from "../../../values/mod.ts";
import { type AwsFailure, awsFailure, mapRunArnOfChild, scopeOf, shownAsOf } from "../../../aws/mod.ts";

/** Beside a payload that is told in whole. */
export const included = { included: true };

/** Of a machine whose executions are asked for in another way, or not at all. */
export function unsupportedType(): AwsFailure {
  return awsFailure("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine");
}

/** How an execution has come out, as far as it has. */
export function outcome({ output, error, cause }: ExecutionDetail, withData: boolean): JsonObject {
  return {
    ...(output === undefined || !withData ? {} : { output: JSON.stringify(output), outputDetails: included }),
    ...present({ error, cause }),
  };
}

/** What is told of a Map Run's child. */
export function childFields(detail: ExecutionDetail): JsonObject {
  const mapRunArn = mapRunArnOfChild(scopeOf(detail), detail);
  return present({ mapRunArn });
}

/** What the start named besides the machine. */
export function asked(detail: ListedExecution): JsonObject {
  const { stateMachineVersionArn, stateMachineAliasArn, traceHeader } = shownAsOf(detail).Asked ?? {};
  return present({ stateMachineVersionArn, stateMachineAliasArn, traceHeader });
}
