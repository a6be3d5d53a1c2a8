/** What every operation works with, and how one is put together. */
import { type Effect, Result } from "effect";
import type { Caller } from "../../access/mod.ts";
import type { ActivityTasks, AwsAnswer, AwsCaller, AwsFailure, KeptHistories } from "../../aws/mod.ts";
import type { Limits } from "../../values/mod.ts";
import type { TraceHttp } from "./test_state/trace_http.ts";
import type { Shape } from "./wire/shapes.ts";

/** One call, and what it may use. Its scope is by its signature. */
export interface AwsCall extends AwsCaller {
  /** Who calls. */
  readonly caller: Caller;
  readonly activities: ActivityTasks;
  readonly histories: KeptHistories;
  readonly traceHttp: TraceHttp | undefined;
  /** Of the engine. */
  readonly limits: Limits;
  /** Has this done when the caller went before the answer reached it. A hint: what is on the way may be lost unseen. */
  readonly ifUndelivered: (undo: () => void) => void;
  /** Done when the server begins to stop: what only waits need not wait any longer. */
  readonly stopping: Effect.Effect<void>;
}

/** An operation of the API: a request's body in, an answer out. */
export interface Operation {
  readonly accept: (body: unknown) => Result.Result<(call: AwsCall) => AwsAnswer, AwsFailure>;
}

/** An operation of this shape. */
export function operation<T>(shape: Shape<T>, run: (call: AwsCall, request: T) => AwsAnswer): Operation {
  return { accept: (body) => Result.map(shape.read(body), (request) => (call) => run(call, request)) };
}
