/** Answers of AWS's operations, and how those of the engine become them. */
import { Effect, Result } from "effect";
import type { RequestRefused } from "../runtime/mod.ts";
import type { JsonObject } from "../values/mod.ts";
import { type AwsFailure, awsFailure } from "./aws_failure.ts";

/** The answer's fields, or why there is none. A refusal of the engine that no operation foresaw is mapped by its code. */
export type AwsAnswer<T = JsonObject> = Effect.Effect<T, AwsFailure | RequestRefused>;

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
