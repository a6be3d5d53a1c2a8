/** What EventBridge Scheduler's requests say, and what of it schedules here. */
import { Result } from "effect";
import { isJsonObject, type Json, type JsonObject, parseJson, present } from "../../../values/mod.ts";
import type { PutScheduleRequest } from "../../../schedules/mod.ts";
import { type AwsFailure, awsFailure, type AwsScope, spaceOf } from "../../../aws/mod.ts";
import { number, optional, required, shape, text, word } from "../wire/shapes.ts";

/** The only group. */
export const GROUP = "default";
const RETRIES_MAX = 185;
const AGE_SECONDS_MAX = 86_400;
const NAME = /^[0-9a-zA-Z-_.]+$/;

const arn = text({ min: 1, max: 1_600 });
const target = {
  Arn: required(arn),
  RoleArn: required(arn),
  Input: optional(text({ min: 1 })),
};

/** CreateSchedule and UpdateSchedule: what of it is read. */
export const PutSchedule = shape({
  Name: required(text({ min: 1, max: 64, pattern: NAME })),
  GroupName: optional(text({ min: 1, max: 64, pattern: NAME })),
  ScheduleExpression: required(text({ min: 1, max: 256 })),
  ScheduleExpressionTimezone: optional(text({ min: 1, max: 50 })),
  StartDate: optional(number({ fraction: true })),
  EndDate: optional(number({ fraction: true })),
  Description: optional(text({ max: 512 })),
  State: optional(word(["ENABLED", "DISABLED"])),
  ActionAfterCompletion: optional(word(["NONE", "DELETE"])),
});
const Target = shape(target);
const Retry = shape({
  MaximumEventAgeInSeconds: optional(number({ min: 60, max: AGE_SECONDS_MAX })),
  MaximumRetryAttempts: optional(number({ min: 0, max: RETRIES_MAX })),
});
const Window = shape({
  Mode: required(word(["OFF", "FLEXIBLE"])),
  MaximumWindowInMinutes: optional(number({ min: 1, max: 1_440 })),
});
const Universal = shape({
  StateMachineArn: required(arn),
  Input: optional(text()),
});

/** Starts executions by what its input says instead of with its input. */
const UNIVERSAL_TARGET = /^arn:aws[a-z-]*:scheduler:::aws-sdk:sfn:startExecution$/;
const MACHINE_TARGET = /^arn:aws[a-z-]*:states:[^:]*:[^:]*:stateMachine:/;

/** The schedule that a body asks for. @param name as the path has it */
export function scheduleOf(
  scope: AwsScope,
  name: string,
  body: unknown,
): Result.Result<PutScheduleRequest, AwsFailure> {
  const given: JsonObject = isJsonObject(body as Json) ? body as JsonObject : {};
  const { Target: targetGiven = null, FlexibleTimeWindow: windowGiven = null } = given;
  const retryGiven = isJsonObject(targetGiven) ? targetGiven["RetryPolicy"] ?? {} : {};
  return Result.gen(function* () {
    const asked = yield* PutSchedule.read({ ...given, Name: name });
    if (!isJsonObject(windowGiven)) return yield* missing("flexibleTimeWindow");
    if (!isJsonObject(targetGiven)) return yield* missing("target");
    const window = yield* Window.read(windowGiven);
    const { Arn, Input } = yield* Target.read(targetGiven);
    const retry = yield* Retry.read(retryGiven);
    const { stateMachine, input } = yield* startedBy(Arn, Input);
    if (window.Mode === "FLEXIBLE" && window.MaximumWindowInMinutes === undefined) {
      return yield* invalid("MaximumWindowInMinutes is required when Mode is FLEXIBLE.");
    }
    const instant = (seconds: number | undefined) =>
      seconds === undefined ? undefined : new Date(seconds * 1_000).toISOString();
    return {
      ...spaceOf(scope),
      name,
      expression: asked.ScheduleExpression,
      stateMachine,
      isEnabled: asked.State !== "DISABLED",
      deletesItself: asked.ActionAfterCompletion === "DELETE",
      told: JSON.stringify({ Target: targetGiven }),
      ...present({
        timezone: asked.ScheduleExpressionTimezone,
        startAt: instant(asked.StartDate),
        endAt: instant(asked.EndDate),
        description: asked.Description,
        catchUpSeconds: retry.MaximumEventAgeInSeconds,
        flexibleMinutes: window.Mode === "FLEXIBLE" ? window.MaximumWindowInMinutes : undefined,
        input,
      }),
    };
  });
}

function startedBy(
  arn: string,
  input: string | undefined,
): Result.Result<Pick<PutScheduleRequest, "stateMachine" | "input">, AwsFailure> {
  if (MACHINE_TARGET.test(arn)) return Result.succeed({ stateMachine: arn, ...present({ input }) });
  if (!UNIVERSAL_TARGET.test(arn)) {
    return invalid(
      "Provided Arn is not in correct format, or of another service: Weft's schedules start state machines.",
    );
  }
  let parameters: Json;
  try {
    parameters = parseJson(input ?? "{}");
  } catch {
    return invalid("Invalid request provided: Input is not JSON.");
  }
  return Result.map(
    Universal.read(parameters),
    (read) => ({ stateMachine: read.StateMachineArn, ...present({ input: read.Input }) }),
  );
}

function missing(member: string): Result.Result<never, AwsFailure> {
  return invalid(
    `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
  );
}

function invalid(message: string): Result.Result<never, AwsFailure> {
  return Result.fail(awsFailure("ValidationException", message));
}
