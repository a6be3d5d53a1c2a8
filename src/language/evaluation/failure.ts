import * as Result from "effect/Result";
import { type Json, present } from "../../values/mod.ts";
import { runtimeFailure } from "../failures.ts";
import type { Compiled, Evaluated, EvaluationScope, FailState, StatesError } from "../types.ts";
import { View } from "./view.ts";

/** `Error` and `Cause` of a Fail state. Both must be texts. */
export function failure(state: FailState, scope: EvaluationScope, input: Json): Evaluated<StatesError> {
  const error = textOf(state.Error, "ErrorPath", scope, input);
  if (Result.isFailure(error)) return Result.fail(error.failure);
  const cause = textOf(state.Cause, "CausePath", scope, input);
  if (Result.isFailure(cause)) return Result.fail(cause.failure);
  return Result.succeed({
    ...present({ error: error.success, cause: cause.success }),
  });
}

function textOf(
  field: string | Compiled | undefined,
  name: string,
  scope: EvaluationScope,
  input: Json,
): Evaluated<string | undefined> {
  if (field === undefined || typeof field === "string") return Result.succeed(field);
  const value = field.evaluate(new View(scope, input));
  if (Result.isFailure(value)) return Result.fail(value.failure);
  if (typeof value.success === "string") return Result.succeed(value.success);
  return runtimeFailure(`The ${name} field must reference a string value: ${String(field.source)}`);
}
