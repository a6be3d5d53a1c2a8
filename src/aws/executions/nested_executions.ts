/**
 * Executions that a task of another execution starts. The API's own StartExecution and DescribeExecution, but for two things: the child
 * remembers which task started it, and its name comes from that task where none is given. So the same start again finds the same child.
 */
import { Effect } from "effect";
import { type Engine, type ExecutionDetail, type Registry, RequestRefused } from "../../runtime/mod.ts";
import { type Json, type JsonObject, present, sha256Hex, type TaskId, uuidText } from "../../values/mod.ts";
import { type AwsAnswer, failureOfRefusal } from "../answers.ts";
import { type AwsCaller, spaceOf, systemDraws } from "../aws_caller.ts";
import { type AwsScope, executionArn, expressArn, machineArn, parseMachineArn } from "../arns.ts";
import { AwsFailure, awsFailure } from "../aws_failure.ts";
import { executionKey, shownExecution } from "./execution_names.ts";
import { awsStatus } from "./execution_status.ts";
import { redriveStatus } from "./redrive_status.ts";
import { prepareStart } from "./prepared_start.ts";
import { shownAsOf } from "./shown_as.ts";

/** On whose behalf, and with what. */
export interface NestedCaller {
  readonly engine: Engine;
  readonly registry: Registry;
  /** Of the parent: a machine of another account or region is not there for it. */
  readonly scope: AwsScope;
  readonly taskId: TaskId;
}

/** What a task asks for. */
export interface NestedRequest {
  /** An ARN, or the name of a workflow of the parent's own space. */
  readonly machine: string;
  readonly name?: string;
  /** JSON text. */
  readonly input: string;
  readonly traceHeader?: string;
  /** The task waits for the end: EXPRESS machines cannot be waited for. */
  readonly isSync: boolean;
}

/** A child that is there. */
export interface NestedStart {
  readonly executionArn: string;
  readonly executionId: string;
  readonly startedAtEpochMs: number;
}

/** A child's idempotency key, if the request makes sense at all. */
function childKey({ taskId }: NestedCaller, isExpress: boolean, machine: string, name: string): string {
  return isExpress ? `nested${taskId}` : executionKey(machine, name);
}

/** Starts the child, or finds the one that was started. Fails as StartExecution does. */
export function startNested(caller: NestedCaller, request: NestedRequest): AwsAnswer<NestedStart> {
  return Effect.gen(function* () {
    const stateMachineArn = yield* ownMachine(caller, request.machine);
    const name = request.name ?? nestedName(caller);
    const { traceHeader } = request;
    const asked = {
      stateMachineArn,
      name,
      input: request.input,
      ...present({ traceHeader }),
    };
    const prepared = yield* prepareStart(
      callerOf(caller),
      asked,
      ({ machine }, name) =>
        machine.record.type === "EXPRESS"
          ? expressArn(machine.scope, machine.name, name, uuidText(sha256Hex(`${caller.taskId}/run`)))
          : executionArn(machine.scope, machine.name, name),
    );
    const { meant: { machine }, arn, request: start } = prepared;
    const isExpress = machine.record.type === "EXPRESS";
    if (isExpress && request.isSync) {
      return yield* Effect.fail(
        awsFailure(
          "StateMachineTypeNotSupported",
          "This operation is not supported by this type of state machine",
        ),
      );
    }
    const exists = () => awsFailure("ExecutionAlreadyExists", `Execution Already Exists: '${arn}'`);
    const started = yield* Effect.mapError(
      caller.registry.startKeyed({
        ...start,
        key: childKey(caller, isExpress, machine.name, name),
        shownAs: { ...start.shownAs, Parent: { TaskId: caller.taskId } },
      }),
      (refused) => refused.code === "AlreadyExists" ? exists() : refused,
    );
    const { executionId, startedAtEpochMs } = started;
    if (started.isRepeat && awsStatus(started) !== "RUNNING") {
      const detail = yield* caller.registry.executionById({ ...spaceOf(caller.scope), executionId });
      if (!isChildOf(caller, detail)) return yield* Effect.fail(exists());
    }
    return { executionArn: arn, executionId, startedAtEpochMs };
  });
}

/** The child that this task has started with this request; `undefined` when it has started none. */
export function startedChild(
  caller: NestedCaller,
  request: NestedRequest,
): Effect.Effect<ExecutionDetail | undefined, RequestRefused> {
  const { scope, registry } = caller;
  return Effect.catch(
    Effect.gen(function* () {
      const stateMachineArn = yield* ownMachine(caller, request.machine);
      const parsed = parseMachineArn(stateMachineArn);
      if (parsed._tag === "Failure") return undefined;
      const key = childKey(caller, false, parsed.success.name, request.name ?? nestedName(caller));
      const detail = yield* registry.executionByKey({ ...spaceOf(scope), key });
      return isChildOf(caller, detail) ? detail : undefined;
    }),
    (failure) =>
      failure instanceof RequestRefused && failure.code !== "NotFound" && failure.code !== "InvalidArgument"
        ? Effect.fail(failure)
        : Effect.succeed(undefined),
  );
}

/** A child as DescribeExecution tells it, in the capitals of a task's result. */
export function shownNested(detail: ExecutionDetail, input: Json, output: Json | undefined): JsonObject {
  const { arn, name, machineArn } = shownExecution(detail);
  const { startedAt, endedAt, error, cause } = detail;
  const { redriveCount, redriveStatus: status, redriveStatusReason: reason } = redriveStatus(detail);
  const details = { Included: true };
  return {
    ...present({ Cause: cause, Error: error }),
    ExecutionArn: arn,
    Input: input,
    InputDetails: details,
    Name: name,
    ...(output === undefined ? {} : { Output: output, OutputDetails: details }),
    ...present({ RedriveCount: redriveCount, RedriveStatus: status, RedriveStatusReason: reason }),
    StartDate: Date.parse(startedAt),
    StateMachineArn: machineArn,
    Status: awsStatus(detail),
    ...(endedAt === undefined ? {} : { StopDate: Date.parse(endedAt) }),
  };
}

/** AWS's code, status and message of a start that came to nothing. */
export function nestedRefusal(failure: AwsFailure | RequestRefused): Pick<AwsFailure, "code" | "message" | "status"> {
  const { code, message, status } = failure instanceof AwsFailure ? failure : failureOfRefusal(failure);
  return { code, message, status };
}

function isChildOf({ taskId }: NestedCaller, detail: ExecutionDetail): boolean {
  return shownAsOf(detail).Parent?.TaskId === taskId;
}

/** Without a name AWS draws a UUID: this is one that a repeat draws again. */
function nestedName({ taskId }: NestedCaller): string {
  return uuidText(sha256Hex(taskId));
}

/** A machine's ARN, of the caller's own account and region. @param machine an ARN or the name of a workflow */
export function ownMachine({ scope }: Pick<NestedCaller, "scope">, machine: string): Effect.Effect<string, AwsFailure> {
  if (!machine.startsWith("arn:")) return Effect.succeed(machineArn(scope, machine));
  const parsed = parseMachineArn(machine);
  if (parsed._tag === "Failure") return Effect.fail(parsed.failure);
  const { account, region } = parsed.success;
  return account === scope.account && region === scope.region ? Effect.succeed(machine) : Effect.fail(
    awsFailure("AccessDeniedException", `Not authorized to perform states:StartExecution on '${machine}'`),
  );
}

function callerOf({ engine, registry, scope }: NestedCaller): AwsCaller {
  return { engine, registry, scope, draws: systemDraws };
}
