/** StartExecution, StartSyncExecution. */
import { Effect } from "effect";
import {
  type AwsAnswer,
  awsFailure,
  awsStatus,
  awsTime,
  executionArn,
  executionKey,
  expressArn,
  prepareStart,
} from "../../../aws/mod.ts";
import { type JsonObject, present } from "../../../values/mod.ts";
import { type AwsCall, type Operation, operation } from "../call.ts";
import { included, outcome, unsupportedType } from "./told_of_execution.ts";
import * as parts from "../wire/request_parts.ts";
import { optional, type Request, required, shape } from "../wire/shapes.ts";

const start = {
  stateMachineArn: required(parts.arn),
  name: optional(parts.name),
  input: optional(parts.payload),
  traceHeader: optional(parts.traceHeader),
};
const StartRequest = shape(start);
const StartSyncRequest = shape({ ...start, includedData: optional(parts.includedData) });
function startExecution(call: AwsCall, request: Request<typeof StartRequest>): AwsAnswer {
  return Effect.gen(function* () {
    const { meant: { machine }, name, arn, request: start } = yield* prepareStart(
      call,
      request,
      ({ machine }, name) =>
        machine.record.type === "EXPRESS"
          ? expressArn(machine.scope, machine.name, name, call.draws.uuid())
          : executionArn(machine.scope, machine.name, name),
    );
    if (machine.record.type === "EXPRESS") {
      const { startedAtEpochMs } = yield* call.registry.startKeyed(start);
      return { executionArn: arn, startDate: awsTime(startedAtEpochMs) };
    }
    const key = executionKey(machine.name, name);
    const exists = () => awsFailure("ExecutionAlreadyExists", `Execution Already Exists: '${arn}'`);
    const started = yield* Effect.mapError(
      call.registry.startKeyed({ ...start, key }),
      (refused) => refused.code === "AlreadyExists" ? exists() : refused,
    );
    if (started.isRepeat && awsStatus(started) !== "RUNNING") return yield* Effect.fail(exists());
    return { executionArn: arn, startDate: awsTime(started.startedAtEpochMs) };
  });
}

function startSync(call: AwsCall, request: Request<typeof StartSyncRequest>): AwsAnswer {
  return Effect.gen(function* () {
    const { meant: { machine }, name, arn, inputText, request: start } = yield* prepareStart(
      call,
      request,
      ({ machine }, name) => expressArn(machine.scope, machine.name, name, call.draws.uuid()),
    );
    if (machine.record.type !== "EXPRESS") return yield* Effect.fail(unsupportedType());
    const detail = yield* call.registry.runKeyed(start);
    const withData = request.includedData !== "METADATA_ONLY";
    const { startedAt, endedAt = startedAt } = detail;
    const { traceHeader } = request;
    return {
      executionArn: arn,
      stateMachineArn: machine.arn,
      name,
      startDate: awsTime(startedAt),
      stopDate: awsTime(endedAt),
      // Nothing of it can be told as ABORTED: it was canceled from outside.
      status: awsStatus(detail) === "ABORTED" ? "FAILED" : awsStatus(detail),
      ...outcome(detail, withData),
      ...(withData ? { input: inputText, inputDetails: included, outputDetails: included } : {}),
      ...present({ traceHeader }),
      billingDetails: billing(Date.parse(endedAt) - Date.parse(startedAt)),
    };
  });
}

const BILLED_MEMORY_MB = 64;
const BILLED_STEP_MS = 100;

function billing(durationMs: number): JsonObject {
  return {
    billedMemoryUsedInMB: BILLED_MEMORY_MB,
    billedDurationInMilliseconds: Math.max(1, Math.ceil(durationMs / BILLED_STEP_MS)) * BILLED_STEP_MS,
  };
}

/** By name. */
export const startOperations: Readonly<Record<string, Operation>> = {
  StartExecution: operation(StartRequest, startExecution),
  StartSyncExecution: operation(StartSyncRequest, startSync),
};
