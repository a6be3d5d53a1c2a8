/**
 * EventBridge Scheduler's verbs for schedules that start state machines: REST with JSON, as AWS's clients speak it to the service
 * `scheduler`.
 *
 * @see https://docs.aws.amazon.com/scheduler/latest/APIReference/API_Operations.html
 */
import { Cause, Effect, Result } from "effect";
import { authorize, type Caller, schedulerActions } from "../../../access/mod.ts";
import { AwsFailure, awsFailure, type AwsScope, awsTime, failureOfRefusal, given, spaceOf } from "../../../aws/mod.ts";
import { RequestRefused } from "../../../runtime/mod.ts";
import { type PutMode, scheduleArn, type ScheduleDescription, type Schedules } from "../../../schedules/mod.ts";
import {
  isJsonObject,
  jsonDepthExceeds,
  type JsonObject,
  type Limits,
  parseJson,
  present,
} from "../../../values/mod.ts";
import { GROUP, scheduleOf } from "./requests.ts";

/** One request. */
export interface SchedulerCall {
  readonly schedules: Schedules;
  readonly caller: Caller;
  readonly scope: AwsScope;
  readonly limits: Pick<Limits, "jsonDepthMax">;
  readonly method: string;
  /** Begins with `/schedules`. */
  readonly path: string;
  /** What follows `?`. */
  readonly query: string;
  readonly body: string;
}

/** An answer in this protocol. */
export interface SchedulerReply {
  readonly status: number;
  readonly body: JsonObject;
  /** Name of the failure, for the header `x-amzn-errortype`. */
  readonly errorType?: string;
}

/** HTTP status of the failures that have one of their own. */
const statuses: Readonly<Record<string, number>> = {
  ResourceNotFoundException: 404,
  ConflictException: 409,
  ServiceQuotaExceededException: 402,
};
const PAGE_MAX = 100;

type Answer = Effect.Effect<JsonObject, AwsFailure | RequestRefused>;

/** True for paths of the scheduler's API. */
export function isSchedulerPath(path: string): boolean {
  return path === "/schedules" || path.startsWith("/schedules/");
}

/** Answers a call. Never fails: a defect is logged and becomes `InternalServerException`. */
export function answerScheduler(call: SchedulerCall): Effect.Effect<SchedulerReply> {
  return Effect.matchCauseEffect(Effect.suspend(() => answer(call)), {
    onSuccess: (body) => Effect.succeed({ status: 200, body }),
    onFailure: (cause) => {
      const failure = Cause.findError(cause);
      if (Result.isSuccess(failure)) return Effect.succeed(failureReply(failure.success));
      if (Cause.hasInterruptsOnly(cause)) return Effect.interrupt;
      return Effect.as(
        Effect.logError("A call of the scheduler's API died", cause),
        { status: 500, body: { Message: "Internal error" }, errorType: "InternalServerException" },
      );
    },
  });
}

/** A request that was refused before it was looked at. */
export function refusedScheduler(
  { code, message }: { readonly code: string; readonly message: string },
): SchedulerReply {
  return { status: 403, body: { Message: message }, errorType: code };
}

function denied({ caller, scope }: SchedulerCall, what: string): AwsFailure {
  const who = `arn:aws:iam::${scope.account}:user/${caller.principal}`;
  return awsFailure("AccessDeniedException", `User: ${who} is not authorized to ${what}`);
}

function answer(call: SchedulerCall): Answer {
  const { schedules, caller, scope, method, path } = call;
  const action = schedulerActions.get(method);
  if (action !== undefined && authorize(caller, action, spaceOf(scope)) !== undefined) {
    return Effect.fail(denied(call, `perform: scheduler:${method}`));
  }
  const name = nameOf(path);
  if (name === undefined) return method === "GET" ? list(call) : unknownOperation(call);
  const query = new URLSearchParams(call.query);
  const group = query.get("groupName") ?? GROUP;
  if (method === "POST" || method === "PUT") return put(call, name, method === "POST" ? "create" : "update");
  if (group !== GROUP) return Effect.fail(groupMissing(group));
  const named = { ...spaceOf(scope), name };
  if (method === "GET") return Effect.map(schedules.describe(named), (one) => described(scope, one));
  return method === "DELETE" ? Effect.as(schedules.delete(named), {}) : unknownOperation(call);
}

function put(call: SchedulerCall, name: string, mode: PutMode): Answer {
  const { schedules, caller, scope, limits, body } = call;
  return Effect.gen(function* () {
    if (jsonDepthExceeds(body, limits.jsonDepthMax)) return yield* Effect.fail(notJson());
    const asked = yield* Effect.try({ try: () => parseJson(body), catch: notJson });
    const group = new Map(Object.entries(asked ?? {})).get("GroupName") ?? GROUP;
    if (group !== GROUP) return yield* Effect.fail(groupMissing(String(group)));
    const request = yield* given(scheduleOf(scope, name, asked));
    const [, namespace = "", tenant = ""] = /^arn:[^:]*:states:([^:]*):([^:]*):/.exec(request.stateMachine) ?? [];
    // Another account's is no target at all.
    if (tenant === scope.account && authorize(caller, "executions:start", { tenant, namespace }) !== undefined) {
      return yield* Effect.fail(denied(call, `start: ${request.stateMachine}`));
    }
    // What this API has no word for stays as it is.
    const before = mode === "update" ? yield* Effect.result(schedules.describe(request)) : undefined;
    const overlap = before !== undefined && Result.isSuccess(before) ? before.success.schedule.overlap : undefined;
    yield* schedules.put({ ...request, ...present({ overlap }) }, mode);
    return { ScheduleArn: scheduleArn(scope, name) };
  });
}

function list({ schedules, scope, query }: SchedulerCall): Answer {
  const asked = new URLSearchParams(query);
  const group = asked.get("ScheduleGroup") ?? GROUP;
  const limit = Number(asked.get("MaxResults") ?? PAGE_MAX);
  const state = asked.get("State");
  if (!Number.isInteger(limit) || limit < 1 || limit > PAGE_MAX) {
    return Effect.fail(awsFailure("ValidationException", `Expected MaxResults of 1 to ${PAGE_MAX}`));
  }
  if (group !== GROUP) return Effect.fail(groupMissing(group));
  const page = schedules.list({
    ...spaceOf(scope),
    limit,
    ...present({
      prefix: asked.get("NamePrefix") ?? undefined,
      next: asked.get("NextToken") ?? undefined,
      isEnabled: state === null ? undefined : state === "ENABLED",
    }),
  });
  return Effect.map(page, ({ schedules, next }) => ({
    Schedules: schedules.map((one) => summary(scope, one)),
    ...present({ NextToken: next }),
  }));
}

function summary(scope: AwsScope, { name, schedule, createdAtEpochMs, updatedAtEpochMs }: ScheduleDescription) {
  return {
    Arn: scheduleArn(scope, name),
    GroupName: GROUP,
    Name: name,
    State: schedule.isEnabled ? "ENABLED" : "DISABLED",
    CreationDate: awsTime(createdAtEpochMs),
    LastModificationDate: awsTime(updatedAtEpochMs),
    Target: { Arn: schedule.stateMachine },
  };
}

function described(scope: AwsScope, one: ScheduleDescription): JsonObject {
  const { schedule } = one;
  const { flexibleMinutes: MaximumWindowInMinutes, startEpochMs, endEpochMs } = schedule;
  const time = (epochMs: number | undefined) => epochMs === undefined ? undefined : awsTime(epochMs);
  const { Target: _, ...common } = summary(scope, one);
  return {
    ...common,
    ScheduleExpression: schedule.expression,
    ScheduleExpressionTimezone: schedule.timezone,
    FlexibleTimeWindow: MaximumWindowInMinutes === undefined
      ? { Mode: "OFF" }
      : { Mode: "FLEXIBLE", MaximumWindowInMinutes },
    ActionAfterCompletion: schedule.deletesItself ? "DELETE" : "NONE",
    ...targetOf(scope, one),
    ...present({ Description: schedule.description, StartDate: time(startEpochMs), EndDate: time(endEpochMs) }),
  };
}

/** As it was given; one that was put otherwise has a target made of what it does. */
function targetOf(scope: AwsScope, { schedule }: ScheduleDescription): JsonObject {
  const { told, stateMachine, input: Input, catchUpSeconds } = schedule;
  if (told !== undefined) {
    const known = parseJson(told);
    if (isJsonObject(known)) return known;
  }
  const Arn = stateMachine.startsWith("arn:")
    ? stateMachine
    : `arn:aws:states:${scope.region}:${scope.account}:stateMachine:${stateMachine}`;
  return {
    Target: {
      Arn,
      RoleArn: `arn:aws:iam::${scope.account}:role/weft`,
      ...present({ Input }),
      RetryPolicy: { MaximumEventAgeInSeconds: catchUpSeconds, MaximumRetryAttempts: 185 },
    },
  };
}

/** `/schedules/{name}`; `undefined`: the list, or no name. */
function nameOf(path: string): string | undefined {
  const text = path.slice("/schedules/".length);
  try {
    return text === "" ? undefined : decodeURIComponent(text);
  } catch {
    return text;
  }
}

function failureReply(failure: AwsFailure | RequestRefused): SchedulerReply {
  const { code, message, status } = failure instanceof AwsFailure ? failure : failureOfRefusal(failure);
  const errorType = {
    ResourceNotFound: "ResourceNotFoundException",
    InternalFailure: "InternalServerException",
    InvalidArn: "ValidationException",
    SerializationException: "ValidationException",
  }[code as string] ?? code;
  return { status: statuses[errorType] ?? status, body: { Message: message }, errorType };
}

function groupMissing(group: string): AwsFailure {
  return awsFailure("ResourceNotFound", `Schedule group ${group} does not exist.`);
}

function notJson(): AwsFailure {
  return awsFailure("SerializationException", "The request is not JSON");
}

function unknownOperation({ method, path }: SchedulerCall): Answer {
  return Effect.fail(awsFailure("UnknownOperationException", `Unknown operation: ${method} ${path}`));
}
