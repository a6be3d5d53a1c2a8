/**
 * Nested executions: `arn:aws:states:::states:startExecution`, alone, `.sync`, `.sync:2` and `.waitForTaskToken`; and the same action by
 * AWS's SDK, `arn:aws:states:::aws-sdk:sfn:startExecution`.
 *
 * No child twice: its idempotency key comes from its machine and name, and the name from the task's id where none is given; it remembers
 * the task that started it. None lost: a task that waits is dispatched again after a crash, finds its child, and waits on. None left
 * over: a task of `.sync` ends only when its child has ended, also when it is canceled or times out.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
 */
import { Effect } from "effect";
import {
  type NestedCaller,
  nestedRefusal,
  type NestedRequest,
  type NestedStart,
  shownNested,
  startedChild,
  startNested,
} from "../../aws/mod.ts";
import { type ExecutionDetail, RequestRefused } from "../../runtime/mod.ts";
import type { TaskMessage } from "../../tasks/mod.ts";
import { type Json, type JsonObject, parseResource, parseTaskId, type ServiceResource } from "../../values/mod.ts";
import { parametersOf, sdkFailure, serviceFailure } from "../aws_actions.ts";
import { unlessRefused, untilAnswered } from "../engine_requests.ts";
import type { IntegrationEntry } from "../entry.ts";
import type { Integration, IntegrationRun, TaskResult } from "../port.ts";

/** An execution that is being wound up, or is over: nothing is left to cancel. */
const SETTLED = ["InvalidStatus", "NotFound"] as const;

/** Starts executions, and waits for them where the resource says so. */
export class NestedIntegration implements Integration {
  readonly name = "nested executions";

  handles(resource: string): boolean {
    return nestedResource(resource) !== undefined;
  }

  run(task: TaskMessage, run: IntegrationRun) {
    return Effect.gen(function* () {
      const caller = callerOf(task, run);
      const request = requestOf(task);
      if ("kind" in request) return request;
      const started = yield* startChild(caller, request, isSdkAction(task), run);
      if ("kind" in started) return started;
      if (!request.isSync) return completed(shownStart(started, task));
      yield* run.submitted(shownStart(started, task));
      yield* run.onlyWaits;
      const { executionId } = started;
      const address = { ...spaceOf(caller), executionId };
      yield* untilAnswered(() => run.engine.awaitExecution(address));
      return ended(yield* untilAnswered(() => run.registry.executionById(address)), task.resource);
    });
  }

  reclaim(task: TaskMessage, run: IntegrationRun) {
    return Effect.gen(function* () {
      yield* run.onlyWaits;
      const caller = callerOf(task, run);
      const request = requestOf(task);
      if ("kind" in request) return;
      const child = yield* untilAnswered(() => startedChild(caller, request));
      if (child === undefined) return;
      const address = { ...spaceOf(caller), executionId: child.executionId };
      yield* unlessRefused(SETTLED, run.commands.untilDone(() => run.engine.cancelExecution(address)));
      // Its own children are reclaimed before it ends.
      yield* unlessRefused(SETTLED, untilAnswered(() => run.engine.awaitExecution(address)));
    });
  }
}

/** A resource that starts an execution: by the service's own integration with any pattern, by AWS's SDK without waiting for the end. */
function nestedResource(text: string): ServiceResource | undefined {
  const resource = parseResource(text);
  if (resource.kind !== "Service") return undefined;
  if (resource.call === "states:startExecution") return resource;
  const isSync = resource.pattern === "Sync" || resource.pattern === "Sync2";
  return resource.call === "aws-sdk:sfn:startExecution" && !isSync ? resource : undefined;
}

function completed(output: Json): TaskResult {
  return { kind: "Completed", output };
}

function callerOf({ taskId }: TaskMessage, { engine, registry }: IntegrationRun): NestedCaller {
  const { tenant = "", namespace = "" } = parseTaskId(taskId) ?? {};
  return { engine, registry, taskId, scope: { account: tenant, region: namespace } };
}

function spaceOf({ scope: { account, region } }: NestedCaller) {
  return { tenant: account, namespace: region };
}

function requestOf({ resource, input }: TaskMessage): NestedRequest | TaskResult {
  const pattern = nestedResource(resource)?.pattern;
  const { StateMachineArn, Name, Input, TraceHeader } = parametersOf(input);
  if (typeof StateMachineArn !== "string" || StateMachineArn === "") {
    return {
      kind: "Failed",
      error: "States.Runtime",
      cause: "The field 'StateMachineArn' must be a state machine's ARN",
    };
  }
  return {
    machine: StateMachineArn,
    input: Input === undefined || Input === null ? "{}" : typeof Input === "string" ? Input : JSON.stringify(Input),
    isSync: pattern === "Sync" || pattern === "Sync2",
    ...(typeof Name === "string" ? { name: Name } : {}),
    ...(typeof TraceHeader === "string" ? { traceHeader: TraceHeader } : {}),
  };
}

/** By AWS's SDK: results and failures look otherwise. @see https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html */
function isSdkAction({ resource }: TaskMessage): boolean {
  return nestedResource(resource)?.isSdk === true;
}

/** The child, or why there is none. The engine's passing troubles are waited out. */
function startChild(
  caller: NestedCaller,
  request: NestedRequest,
  isSdk: boolean,
  { commands }: IntegrationRun,
): Effect.Effect<NestedStart | TaskResult, RequestRefused> {
  const start = commands.untilDone(() =>
    Effect.catch(
      startNested(caller, request),
      (failure) =>
        failure instanceof RequestRefused && (failure.code === "Unavailable" || failure.code === "Internal")
          ? Effect.fail(failure)
          : Effect.succeed({ refusal: nestedRefusal(failure) }),
    )
  );
  return Effect.map(start, (started) => {
    if (!("refusal" in started)) return started;
    const facts = { requestId: requestId(caller), ...started.refusal };
    return isSdk
      ? sdkFailure({ service: "Sfn", ...facts })
      : serviceFailure({ prefix: "StepFunctions", service: "AWSStepFunctions", ...facts });
  });
}

function requestId({ taskId }: Pick<TaskMessage, "taskId">): string {
  return taskId.slice(taskId.lastIndexOf("/") + 1);
}

function shownStart({ executionArn, startedAtEpochMs }: NestedStart, task: TaskMessage): JsonObject {
  if (isSdkAction(task)) {
    return { ExecutionArn: executionArn, StartDate: new Date(startedAtEpochMs).toISOString() };
  }
  const id = requestId(task);
  return {
    ExecutionArn: executionArn,
    SdkHttpMetadata: {
      AllHttpHeaders: { "x-amzn-RequestId": [id], "Content-Type": ["application/x-amz-json-1.0"] },
      HttpHeaders: { "x-amzn-RequestId": id, "Content-Type": "application/x-amz-json-1.0" },
      HttpStatusCode: 200,
    },
    SdkResponseMetadata: { RequestId: id },
    StartDate: startedAtEpochMs,
  };
}

/** The result of a child that has ended: its description, input and output as text, or as JSON for `.sync:2`. */
function ended(detail: ExecutionDetail, resource: string): TaskResult {
  const { input, output } = detail;
  const isJson = nestedResource(resource)?.pattern === "Sync2";
  const shownInput = isJson ? input : JSON.stringify(input);
  if (detail.status !== "Succeeded" || output === undefined) {
    return {
      kind: "Failed",
      error: "States.TaskFailed",
      cause: JSON.stringify(shownNested(detail, JSON.stringify(input), undefined)),
    };
  }
  const shown: Json = isJson ? output : JSON.stringify(output);
  return { kind: "Completed", output: shownNested(detail, shownInput, shown) };
}

/** Its line in the catalog. */
export const nestedEntry: IntegrationEntry<object> = {
  resources: [
    "arn:aws:states:::states:startExecution",
    "arn:aws:states:::states:startExecution.sync",
    "arn:aws:states:::states:startExecution.sync:2",
    "arn:aws:states:::aws-sdk:sfn:startExecution",
  ],
  documentedIn: "integrations.md#nested-executions",
  setUp: () => new NestedIntegration(),
};
