/**
 * What a task's handler is, for work in the engine's own process and for workers elsewhere alike: a function from input to
 * output, what it is told of its task, and how what it returns or throws becomes the task's outcome.
 */
import type { ActivityId, ExecutionId, Json, Limits, TaskId } from "../values/mod.ts";
import { jsonDepthExceeds } from "../values/mod.ts";

/** What a handler is told of the task it works on, and what it can say meanwhile. */
export interface RunningTask {
  readonly taskId: TaskId;
  readonly executionId: ExecutionId;
  readonly activityId: ActivityId;
  readonly stateName: string;
  readonly resource: string;
  /** 1 for the first try of the state, 2 for its first retry … */
  readonly attempt: number;
  /** ISO 8601, milliseconds, UTC. */
  readonly createdAt: string;
  readonly timeoutSeconds?: number;
  /** The task fails unless `heartbeat` is called at least this often. */
  readonly heartbeatSeconds?: number;
  /** Aborted when the task has ended otherwise (timed out, canceled) or the worker stops: what the handler returns then counts for nothing. */
  readonly signal: AbortSignal;
  /** Says that the work goes on. False when the task has ended otherwise. Never rejects. */
  heartbeat(): Promise<boolean>;
}

/**
 * Does one task's work. What it returns, or what its promise gives, is the task's output: any JSON value, `undefined` for
 * `null`. What it throws is the task's failure: an error's own `error` and `cause` texts, as a {@link TaskFailure} has them, else
 * its name and message.
 *
 * It may be called again for the same task (a crash, a lost answer): make its effects harmless when repeated, by `task.taskId`.
 */
export type TaskHandler = (input: Json, task: RunningTask) => unknown;

/** A task's failure as the state machine's `Retry` and `Catch` see it. */
export interface TaskFailed {
  readonly error: string;
  readonly cause: string;
}

/**
 * Thrown by a handler to fail its task with an error name and cause of its own choosing.
 *
 * @example
 * ```ts
 * import { deepStrictEqual } from "node:assert/strict";
 * const declined = new TaskFailure("CardDeclined", "The bank refused 12.50 EUR");
 * deepStrictEqual(failureOf(declined, { errorCharactersMax: 256, causeCharactersMax: 32_768 }), {
 *   error: "CardDeclined",
 *   cause: "The bank refused 12.50 EUR",
 * });
 * ```
 */
export class TaskFailure extends Error {
  override readonly name = "TaskFailure";
  readonly error: string;
  override readonly cause: string;

  constructor(error: string, cause = "") {
    super(`${error}: ${cause}`);
    this.error = error;
    this.cause = cause;
  }
}

/** What a thrown value says of the task: never throws itself, cut to the limits. */
export function failureOf(
  thrown: unknown,
  { errorCharactersMax, causeCharactersMax }: Pick<Limits, "errorCharactersMax" | "causeCharactersMax">,
): TaskFailed {
  const { error, cause } = describeThrown(thrown);
  return { error: error.slice(0, errorCharactersMax), cause: cause.slice(0, causeCharactersMax) };
}

function describeThrown(thrown: unknown): TaskFailed {
  try {
    if (!(thrown instanceof Error)) return { error: "Error", cause: String(thrown) };
    const own = "error" in thrown && typeof thrown.error === "string" ? thrown.error : undefined;
    const cause = typeof thrown.cause === "string" ? thrown.cause : thrown.message;
    return { error: own ?? String(thrown.name), cause: String(cause) };
  } catch {
    return { error: "Error", cause: "The handler threw a value that cannot be shown" };
  }
}

/** A handler's result as JSON text, or the failure of the task whose result cannot be one. */
export type EncodedResult = { readonly text: string } | TaskFailed;

/**
 * Turns what a handler returned into JSON text: `undefined` is `null`, dates and classes go by their `toJSON`.
 * `Weft.InvalidResult` for what JSON cannot hold (functions, bigints, cycles, too deep), `States.DataLimitExceeded` for too much.
 */
export function encodeResult(
  result: unknown,
  { jsonDepthMax, payloadBytesMax }: Pick<Limits, "jsonDepthMax" | "payloadBytesMax">,
): EncodedResult {
  let text: string | undefined;
  try {
    text = result === undefined ? "null" : JSON.stringify(result);
  } catch (failure) {
    return invalidResult(failure instanceof Error ? failure.message : String(failure));
  }
  if (text === undefined) return invalidResult(`a ${typeof result} is no JSON value`);
  if (jsonDepthExceeds(text, jsonDepthMax)) return invalidResult(`it nests deeper than ${jsonDepthMax} levels`);
  const bytes = bytesOf(text, payloadBytesMax);
  if (bytes <= payloadBytesMax) return { text };
  const cause = `The handler's result has ${bytes} bytes of JSON, and ${payloadBytesMax} are allowed`;
  return { error: "States.DataLimitExceeded", cause };
}

/** Bytes as UTF-8; counted only where they may matter. */
function bytesOf(text: string, bytesMax: number): number {
  const bytesPerCharacterMax = 3;
  return text.length * bytesPerCharacterMax <= bytesMax ? text.length : new TextEncoder().encode(text).length;
}

function invalidResult(reason: string): TaskFailed {
  return { error: "Weft.InvalidResult", cause: `The handler's result is no JSON: ${reason}` };
}
