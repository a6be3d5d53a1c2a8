/**
 * Failures of an evaluation, by the name the specification gives them.
 *
 * Causes are written as AWS writes them after "An error occurred while executing the state '…' (entered at the event
 * id #…). ": who knows the event id puts that sentence in front (see {@link causeInState}).
 */
import * as Result from "effect/Result";
import type { Json } from "../values/mod.ts";
import type { StatesError } from "./types.ts";

/** `States.Runtime`: a path that finds nothing, a value of the wrong type. Never caught by `States.ALL`. */
export function runtimeFailure(cause: string): Result.Result<never, StatesError> {
  return Result.fail({ error: "States.Runtime", cause: clipped(cause), raisedBy: "Runtime" });
}

/** `States.QueryEvaluationError`: a JSONata expression failed; `location` names the field. */
export function queryEvaluationFailure(cause: string, location: string): Result.Result<never, StatesError> {
  return Result.fail({ error: "States.QueryEvaluationError", cause: clipped(cause), location, raisedBy: "Query" });
}

/** `States.DataLimitExceeded`: a result that no payload can hold. */
export function dataLimitFailure(stateName: string): Result.Result<never, StatesError> {
  const cause =
    `The state/task '${stateName}' returned a result with a size exceeding the maximum number of bytes service limit.`;
  return Result.fail({ error: "States.DataLimitExceeded", cause, raisedBy: "Limit" });
}

/**
 * AWS's sentence in front of the cause of a failed evaluation.
 *
 * @param enteredEventId Id of the state's `…StateEntered` event in the AWS numbering
 */
export function causeInState(cause: string, stateName: string, enteredEventId: number): string {
  return `An error occurred while executing the state '${stateName}' (entered at the event id #${enteredEventId}). ${cause}`;
}

/** JSON text of a value as it appears in causes; long ones are cut so that a cause stays within its 32,768 characters. */
export function shown(value: Json): string {
  return clipped(JSON.stringify(value), 20_000);
}

function clipped(text: string, charactersMax = 32_000): string {
  return text.length <= charactersMax ? text : `${text.slice(0, charactersMax)}...`;
}
