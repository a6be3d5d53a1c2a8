/** Numbers of Task and Map states that may come from paths and expressions: timeouts, concurrency, tolerated failures. */
import { Result } from "effect";
import type { Json } from "../../values/mod.ts";
import { runtimeFailure, shown } from "../failures.ts";
import type {
  Compiled,
  Evaluated,
  EvaluationScope,
  MapState,
  QueryLanguage,
  TaskState,
  TaskTimeouts,
} from "../types.ts";
import { View } from "./view.ts";

/** `TimeoutSeconds` and `HeartbeatSeconds`, absent where the state has none. */
export function taskTimeouts(state: TaskState, scope: EvaluationScope, input: Json): Evaluated<TaskTimeouts> {
  const timeout = integer(state.TimeoutSeconds, "TimeoutSeconds", 1, state.QueryLanguage, scope, input);
  if (Result.isFailure(timeout)) return Result.fail(timeout.failure);
  const heartbeat = integer(state.HeartbeatSeconds, "HeartbeatSeconds", 1, state.QueryLanguage, scope, input);
  if (Result.isFailure(heartbeat)) return Result.fail(heartbeat.failure);
  return Result.succeed({
    ...(timeout.success === undefined ? {} : { timeoutSeconds: timeout.success }),
    ...(heartbeat.success === undefined ? {} : { heartbeatSeconds: heartbeat.success }),
  });
}

/** `MaxConcurrency` (0: no bound) and the tolerated failures. */
export function mapSettings(state: MapState, scope: EvaluationScope, input: Json): Evaluated<{
  readonly maxConcurrency: number;
  readonly toleratedFailureCount?: number;
  readonly toleratedFailurePercentage?: number;
}> {
  const { QueryLanguage } = state;
  const concurrency = integer(state.MaxConcurrency, "MaxConcurrency", 0, QueryLanguage, scope, input);
  if (Result.isFailure(concurrency)) return Result.fail(concurrency.failure);
  const count = integer(state.ToleratedFailureCount, "ToleratedFailureCount", 0, QueryLanguage, scope, input);
  if (Result.isFailure(count)) return Result.fail(count.failure);
  const percentage = integer(
    state.ToleratedFailurePercentage,
    "ToleratedFailurePercentage",
    0,
    QueryLanguage,
    scope,
    input,
  );
  if (Result.isFailure(percentage)) return Result.fail(percentage.failure);
  if (percentage.success !== undefined && percentage.success > 100) {
    return runtimeFailure("ToleratedFailurePercentage must be between 0 and 100.");
  }
  return Result.succeed({
    maxConcurrency: concurrency.success ?? 0,
    ...(count.success === undefined ? {} : { toleratedFailureCount: count.success }),
    ...(percentage.success === undefined ? {} : { toleratedFailurePercentage: percentage.success }),
  });
}

function integer(
  field: number | Compiled | undefined,
  name: string,
  min: 0 | 1,
  language: QueryLanguage,
  scope: EvaluationScope,
  input: Json,
): Evaluated<number | undefined> {
  if (field === undefined || typeof field === "number") return Result.succeed(field);
  const value = field.evaluate(new View(scope, input));
  if (Result.isFailure(value)) return Result.fail(value.failure);
  const number = value.success;
  if (typeof number !== "number" || !Number.isInteger(number)) {
    const source = typeof field.source === "string" ? field.source : shown(field.source);
    const fieldName = language === "JSONPath" ? `${name}Path` : name;
    return runtimeFailure(
      `The ${fieldName} field refers to value "${described(number)}" which is not a valid integer: ${source}`,
    );
  }
  if (number < 0) return runtimeFailure(`${name} cannot be negative.`);
  return number < min ? runtimeFailure(`${name} must be a positive integer.`) : Result.succeed(number);
}

function described(value: Json): string {
  return typeof value === "string" ? value : shown(value);
}
