import * as Result from "effect/Result";
import type { Json } from "../../values/mod.ts";
import { timestampEpochMs } from "../choice/timestamps.ts";
import { queryEvaluationFailure, runtimeFailure, shown } from "../failures.ts";
import type { Compiled, Evaluated, EvaluationScope, WaitEnd, WaitState } from "../types.ts";
import { View } from "./view.ts";

/** Longest delay of a Wait state, seconds: AWS counts them in 32 bits. */
const DELAY_SECONDS_MAX = 2_147_483_647;

/** When a Wait state ends. A timestamp in the past is returned as it is: the wait is over. */
export function waitEnd(state: WaitState, scope: EvaluationScope, input: Json): Evaluated<WaitEnd> {
  if (state.Timestamp !== undefined) return endAt(state, state.Timestamp, scope, input);
  const { Seconds = 0 } = state;
  if (typeof Seconds === "number") return Result.succeed({ seconds: Seconds });
  const value = Seconds.evaluate(new View(scope, input));
  if (Result.isFailure(value)) return Result.fail(value.failure);
  const seconds = value.success;
  if (typeof seconds !== "number" || !Number.isInteger(seconds)) {
    return refused(
      state,
      "Seconds",
      `The ${nameOf(state, "Seconds")} parameter cannot be parsed as a long value: ${sourceOf(Seconds)} == ${
        plain(seconds)
      }`,
    );
  }
  if (seconds < 0) {
    return refused(
      state,
      "Seconds",
      `The ${nameOf(state, "Seconds")} parameter cannot be negative: ${sourceOf(Seconds)} == ${seconds}`,
    );
  }
  return seconds > DELAY_SECONDS_MAX ? tooLong(state, "Seconds") : Result.succeed({ seconds });
}

function endAt(
  state: WaitState,
  timestamp: string | Compiled,
  scope: EvaluationScope,
  input: Json,
): Evaluated<WaitEnd> {
  const text = typeof timestamp === "string"
    ? Result.succeed<Json>(timestamp)
    : timestamp.evaluate(new View(scope, input));
  if (Result.isFailure(text)) return Result.fail(text.failure);
  const epochMs = typeof text.success === "string" ? timestampEpochMs(text.success) : undefined;
  if (epochMs === undefined) {
    const wanted = "ISO-8601 extended offset date-time format string";
    const given = plain(text.success);
    return refused(
      state,
      "Timestamp",
      state.QueryLanguage === "JSONata"
        ? `The Timestamp field cannot be parsed as an ${wanted}: ${given}`
        : `The TimestampPath parameter does not reference a valid ${wanted}: ${
          typeof timestamp === "string" ? timestamp : sourceOf(timestamp)
        } == ${given}`,
    );
  }
  return epochMs - scope.draws.nowEpochMs > DELAY_SECONDS_MAX * 1_000
    ? tooLong(state, "Timestamp")
    : Result.succeed({ epochMs });
}

function tooLong(state: WaitState, field: string): Evaluated<never> {
  return refused(state, field, "Wait state delay is too long.");
}

/** In JSONata what an expression gives and the state cannot use is a failed evaluation, which Catch of what is around it may take. */
function refused({ QueryLanguage }: WaitState, field: string, cause: string): Evaluated<never> {
  return QueryLanguage === "JSONata" ? queryEvaluationFailure(cause, field) : runtimeFailure(cause);
}

/** A text as it is, anything else as JSON. */
function plain(value: Json): string {
  return typeof value === "string" ? value : shown(value);
}

function nameOf(state: WaitState, field: string): string {
  return state.QueryLanguage === "JSONPath" ? `${field}Path` : field;
}

function sourceOf({ source }: Compiled): string {
  return typeof source === "string" ? source : shown(source);
}
