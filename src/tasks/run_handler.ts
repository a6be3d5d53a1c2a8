import type { Json, Limits } from "../values/mod.ts";
import { type EncodedResult, encodeResult, failureOf, type RunningTask, type TaskHandler } from "./handler.ts";

/** The limits that a handler's outcome is held to. */
export type OutcomeLimits = Pick<
  Limits,
  "jsonDepthMax" | "payloadBytesMax" | "errorCharactersMax" | "causeCharactersMax"
>;

/**
 * Calls a handler and gives its outcome, in this call if it returns at once, else when its promise settles. Never throws; plain
 * callbacks, since most handlers cost less than a promise.
 */
export function runHandler(
  handler: TaskHandler,
  input: Json,
  task: RunningTask,
  limits: OutcomeLimits,
  onOutcome: (outcome: EncodedResult) => void,
): void {
  let outcome: EncodedResult;
  try {
    const returned = handler(input, task);
    if (isPromiseLike(returned)) {
      returned.then(
        (result) => onOutcome(encodeResult(result, limits)),
        (thrown) => onOutcome(failureOf(thrown, limits)),
      );
      return;
    }
    outcome = encodeResult(returned, limits);
  } catch (thrown) {
    outcome = failureOf(thrown, limits);
  }
  onOutcome(outcome);
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
