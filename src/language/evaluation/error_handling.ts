/** `Retry` and `Catch` at work. */
import * as Result from "effect/Result";
import type { Json } from "../../values/mod.ts";
import { DELAY_SECONDS_MAX } from "../definition/table/ranges.ts";
import type {
  Catcher,
  Evaluated,
  EvaluationScope,
  MapState,
  ParallelState,
  Retrier,
  StateOutcome,
  StatesError,
  TaskState,
} from "../types.ts";
import { jsonataOutcome, withAssigned } from "./input_output.ts";
import { View } from "./view.ts";

/**
 * True when a name of `ErrorEquals` stands for `error`.
 *
 * `States.ALL` and `States.TaskFailed` stand for any error but `States.Runtime` and a `States.DataLimitExceeded` of the state's own data
 * (the latter also not for `States.Timeout`); AWS lets them stand for the `States.DataLimitExceeded` of a task's result. A missed
 * heartbeat is a `States.Timeout`, and has the name `States.HeartbeatTimeout` in `Retry` and `Catch` alone. Nothing stands for
 * `States.Runtime`.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
export function errorMatches(name: string, error: string | undefined, raisedBy?: StatesError["raisedBy"]): boolean {
  if (error === "States.Runtime") return false;
  if (name === error || (name === "States.HeartbeatTimeout" && raisedBy === "Heartbeat")) return true;
  if (raisedBy === "Limit") return false;
  if (name === "States.Timeout") return error === "States.HeartbeatTimeout";
  return name === "States.ALL" ||
    (name === "States.TaskFailed" && error !== "States.Timeout" && error !== "States.HeartbeatTimeout");
}

/** The first retrier that matches, if it has attempts left: a later one is not asked. */
export function findRetrier(
  retriers: readonly Retrier[],
  error: string | undefined,
  retryCounts: readonly number[],
  raisedBy?: StatesError["raisedBy"],
): { readonly index: number; readonly retrier: Retrier } | undefined {
  const index = retriers.findIndex(({ ErrorEquals }) =>
    ErrorEquals.some((name) => errorMatches(name, error, raisedBy))
  );
  const retrier = retriers[index];
  if (retrier === undefined || (retryCounts[index] ?? 0) >= retrier.MaxAttempts) return undefined;
  return { index, retrier };
}

/**
 * Seconds to wait before a retry, before jitter: `IntervalSeconds × BackoffRate ^ retryIndex`, never more than
 * `MaxDelaySeconds`, nor than a year.
 *
 * @param retryIndex 0-based: 0 is the first retry, not the first attempt
 * @returns Seconds, finite, ≥ 1
 * @throws {RangeError} `retryIndex` negative or fractional: a defect of the caller, never of user input
 * @see Amazon States Language, "Retrying after error"
 */
export function retryDelaySeconds(
  retrier: Pick<Retrier, "IntervalSeconds" | "BackoffRate" | "MaxDelaySeconds">,
  retryIndex: number,
): number {
  if (!Number.isInteger(retryIndex) || retryIndex < 0) {
    throw new RangeError(`Expected a retry index ≥ 0, but got ${retryIndex}`);
  }
  return Math.min(
    retrier.IntervalSeconds * retrier.BackoffRate ** retryIndex,
    retrier.MaxDelaySeconds ?? DELAY_SECONDS_MAX,
  );
}

/** Seconds with the retrier's jitter: `FULL` draws uniformly from [0, delaySeconds). `random` is in [0, 1). */
export function jitteredDelaySeconds(
  retrier: Pick<Retrier, "JitterStrategy">,
  delaySeconds: number,
  random: number,
): number {
  return retrier.JitterStrategy === "FULL" ? delaySeconds * random : delaySeconds;
}

/** The first catcher that matches. */
export function findCatcher(
  catchers: readonly Catcher[],
  error: string | undefined,
  raisedBy?: StatesError["raisedBy"],
): { readonly index: number; readonly catcher: Catcher } | undefined {
  const index = catchers.findIndex(({ ErrorEquals }) =>
    ErrorEquals.some((name) => errorMatches(name, error, raisedBy))
  );
  const catcher = catchers[index];
  return catcher && { index, catcher };
}

/**
 * Output and variables of a caught error: `{ Error, Cause }` at the catcher's ResultPath in the raw input, or its `Output`. AWS has both
 * fields in any case: `null` where nobody gave a text, and an empty cause where time ran out.
 */
export function catcherOutcome(
  state: TaskState | ParallelState | MapState,
  catcher: Catcher,
  scope: EvaluationScope,
  { error, cause }: StatesError,
): Evaluated<StateOutcome> {
  const errorOutput: Json = { Error: error ?? null, Cause: cause ?? (error === "States.Timeout" ? "" : null) };
  const view = new View(scope, errorOutput, { errorOutput });
  if (state.QueryLanguage === "JSONata") return jsonataOutcome(catcher.Output, catcher.Assign, view, errorOutput);
  const placed = catcher.ResultPath === undefined
    ? Result.succeed(errorOutput)
    : catcher.ResultPath.put(scope.rawInput, errorOutput);
  return Result.isFailure(placed) ? Result.fail(placed.failure) : withAssigned(placed.success, catcher.Assign, view);
}
