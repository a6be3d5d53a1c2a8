/** What every operation works with, and how one is put together. */
import { Effect, Result } from "effect";
import type { Engine, Registry, RequestRefused } from "../../runtime/mod.ts";
import type { JsonObject, Space } from "../../values/mod.ts";
import type { ActivityTasks } from "./activity_tasks.ts";
import type { KeptHistories } from "./executions/kept_histories.ts";
import type { TraceHttp } from "./test_state/trace_http.ts";
import type { AwsScope } from "./wire/arns.ts";
import { type AwsFailure, awsFailure } from "./wire/aws_failure.ts";
import type { Shape } from "./wire/shapes.ts";

/** What is drawn while a call is answered. */
export interface CallDraws {
  readonly uuid: () => string;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly nowEpochMs: () => number;
}

/** One call, and what it may use. */
export interface AwsCall {
  readonly engine: Engine;
  readonly registry: Registry;
  readonly activities: ActivityTasks;
  readonly histories: KeptHistories;
  readonly traceHttp: TraceHttp | undefined;
  readonly draws: CallDraws;
  /** Whose call it is, by its signature. */
  readonly scope: AwsScope;
  /** Has this done when the caller went before the answer reached it. A hint: what is on the way may be lost unseen. */
  readonly ifUndelivered: (undo: () => void) => void;
  /** Done when the server begins to stop: what only waits need not wait any longer. */
  readonly stopping: Effect.Effect<void>;
}

/** The answer's fields, or why there is none. A refusal of the engine that no operation foresaw is mapped by its code. */
export type AwsAnswer<T = JsonObject> = Effect.Effect<T, AwsFailure | RequestRefused>;

/** An operation of the API: a request's body in, an answer out. */
export interface Operation {
  readonly accept: (body: unknown) => Result.Result<(call: AwsCall) => AwsAnswer, AwsFailure>;
}

/** An operation of this shape. */
export function operation<T>(shape: Shape<T>, run: (call: AwsCall, request: T) => AwsAnswer): Operation {
  return { accept: (body) => Result.map(shape.read(body), (request) => (call) => run(call, request)) };
}

/** The account is the tenant, the region the namespace. */
export function spaceOf({ account, region }: AwsScope): Space {
  return { tenant: account, namespace: region };
}

/** Goes on with what was checked. */
export function given<T>(checked: Result.Result<T, AwsFailure>): Effect.Effect<T, AwsFailure> {
  return Result.isSuccess(checked) ? Effect.succeed(checked.success) : Effect.fail(checked.failure);
}

/** Fails with `failure` where the engine says that something is not there. */
export function orMissing<T, F extends AwsFailure>(
  answer: Effect.Effect<T, RequestRefused>,
  failure: () => F,
): Effect.Effect<T, F | RequestRefused> {
  return Effect.mapError(answer, (refused) => refused.code === "NotFound" ? failure() : refused);
}

/** `undefined` where the engine says that something is not there. */
export function ifThere<T>(answer: Effect.Effect<T, RequestRefused>): Effect.Effect<T | undefined, RequestRefused> {
  return Effect.catch(
    answer,
    (refused): Effect.Effect<undefined, RequestRefused> =>
      refused.code === "NotFound" ? Effect.succeed(undefined) : Effect.fail(refused),
  );
}

/** A time as the protocol has it: seconds since 1970, with a fraction. */
export function awsTime(time: number | string): number {
  return (typeof time === "number" ? time : Date.parse(time)) / 1_000;
}

/** AWS's failure for a refusal that an operation did not foresee. */
export function failureOfRefusal({ code, message }: RequestRefused): AwsFailure {
  switch (code) {
    case "Unavailable":
      return awsFailure("ServiceUnavailable", message);
    case "LimitExceeded":
      return awsFailure("ThrottlingException", message);
    case "InvalidArgument":
    case "PayloadTooLarge":
      return awsFailure("ValidationException", message);
    case "InvalidDefinition":
      return awsFailure("InvalidDefinition", `Invalid State Machine Definition: '${message}'`);
    case "InvalidToken":
      return awsFailure("InvalidToken", "Invalid Token: 'Invalid token'");
    case "AlreadyExists":
    case "InvalidStatus":
      return awsFailure("ConflictException", message);
    case "NotFound":
      return awsFailure("ResourceNotFound", message);
    case "Internal":
      return awsFailure("InternalFailure", message);
    default:
      return code satisfies never;
  }
}
