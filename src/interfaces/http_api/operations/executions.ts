/** StartExecution, StartSyncExecution, DescribeExecution, ListExecutions, StopExecution, DescribeStateMachineForExecution. */
import { Effect } from "effect";
import {
  type AwsAnswer,
  awsFailure,
  awsStatus,
  awsTime,
  executionArn,
  executionByArn,
  executionKey,
  executionMissing,
  expressArn,
  given,
  machineOf,
  mapRunArnOfChild,
  mapRunByArn,
  orMissing,
  parseMachineArn,
  prepareStart,
  redrives,
  redriveStatus,
  scopeOf,
  shownConfigurations,
  shownExecution,
  shownReferences,
  shownText,
  spaceOf,
} from "../../../aws/mod.ts";
import type { ExecutionDetail } from "../../../runtime/mod.ts";
import { isJsonObject, type JsonObject, present } from "../../../values/mod.ts";
import { type AwsCall, type Operation, operation } from "../call.ts";
import { pageToken, pageWanted } from "../wire/page.ts";
import * as parts from "../wire/request_parts.ts";
import { optional, type Request, required, shape, text, word } from "../wire/shapes.ts";

const start = {
  stateMachineArn: required(parts.arn),
  name: optional(parts.name),
  input: optional(parts.payload),
  traceHeader: optional(parts.traceHeader),
};
const StartRequest = shape(start);
const StartSyncRequest = shape({ ...start, includedData: optional(parts.includedData) });
const DescribeRequest = shape({ executionArn: required(parts.arn), includedData: optional(parts.includedData) });
const StopRequest = shape({
  executionArn: required(parts.arn),
  error: optional(parts.errorName),
  cause: optional(parts.cause),
});
const ListRequest = shape({
  stateMachineArn: optional(parts.arn),
  statusFilter: optional(word(["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"])),
  maxResults: optional(parts.pageSize),
  nextToken: optional(text({ min: 1, max: 3_096 })),
  mapRunArn: optional(parts.longArn),
  redriveFilter: optional(word(["REDRIVEN", "NOT_REDRIVEN"])),
});

const unsupportedType = () =>
  awsFailure("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine");

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

const included = { included: true };

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

function outcome({ output, error, cause }: ExecutionDetail, withData: boolean): JsonObject {
  return {
    ...(output === undefined || !withData ? {} : { output: JSON.stringify(output), outputDetails: included }),
    ...present({ error, cause }),
  };
}

function describe(call: AwsCall, request: Request<typeof DescribeRequest>): AwsAnswer {
  return Effect.gen(function* () {
    const detail = yield* executionByArn(call, request.executionArn);
    const { arn, name, machineArn } = shownExecution(detail);
    const withData = request.includedData !== "METADATA_ONLY";
    return {
      executionArn: arn,
      stateMachineArn: machineArn,
      ...childFields(detail),
      name,
      status: awsStatus(detail),
      startDate: awsTime(detail.startedAt),
      ...(detail.endedAt === undefined ? {} : { stopDate: awsTime(detail.endedAt) }),
      ...(withData ? { input: JSON.stringify(detail.input), inputDetails: included } : {}),
      // Of a machine whose time is over AWS names no error: `States.Timeout` stands in the history alone.
      ...(detail.timedOut === true ? {} : outcome(detail, withData)),
      ...asked(detail),
      ...redriveStatus(detail),
    };
  });
}

/** What is told of a Map Run's child. */
function childFields(detail: ExecutionDetail): JsonObject {
  const mapRunArn = mapRunArnOfChild(scopeOf(detail), detail);
  return present({ mapRunArn });
}

/** What the start named besides the machine. */
function asked(detail: ExecutionDetail): JsonObject {
  const fields = ["stateMachineVersionArn", "stateMachineAliasArn", "traceHeader"] as const;
  return Object.fromEntries(fields.flatMap((field) => {
    const value = shownText(detail, "Asked", field);
    return value === undefined ? [] : [[field, value]];
  }));
}

function stop(call: AwsCall, { executionArn: arn, error, cause }: Request<typeof StopRequest>): AwsAnswer {
  return Effect.gen(function* () {
    const detail = yield* executionByArn(call, arn);
    const { executionId } = detail;
    const why = { ...present({ error, cause }) };
    const space = spaceOf(scopeOf(detail));
    // One that has ended already stays as it is: AWS answers with the time of its end.
    yield* Effect.catch(
      call.engine.cancelExecution({ ...space, executionId, ...why }),
      (refused) => refused.code === "InvalidStatus" ? Effect.void : Effect.fail(refused),
    );
    const { endedAt } = yield* call.registry.executionById({ ...space, executionId });
    return { stopDate: awsTime(endedAt ?? call.draws.nowEpochMs()) };
  });
}

function listAll(call: AwsCall, request: Request<typeof ListRequest>): AwsAnswer {
  return Effect.gen(function* () {
    const { stateMachineArn, mapRunArn, statusFilter, redriveFilter } = request;
    if ((stateMachineArn === undefined) === (mapRunArn === undefined)) {
      return yield* Effect.fail(
        awsFailure("ValidationException", "Must provide a StateMachine ARN or MapRun ARN, but not both", {
          reason: "MISSING_REQUIRED_PARAMETER",
        }),
      );
    }
    if (stateMachineArn === undefined) return yield* listChildren(call, request, mapRunArn ?? "");
    const arn = yield* given(parseMachineArn(stateMachineArn));
    const machine = yield* machineOf(call, arn);
    if (machine.record.type === "EXPRESS") return yield* Effect.fail(unsupportedType());
    const listName = `executions ${arn.arn} ${statusFilter ?? ""} ${redriveFilter ?? ""}`;
    const wanted = yield* given(pageWanted(listName, request));
    const page = yield* call.registry.listDetails({
      ...spaceOf(machine.scope),
      of: { workflow: machine.name },
      limit: wanted.size,
      ...present({ next: wanted.after }),
      fits: (detail) =>
        fitsRedrives(detail, redriveFilter) &&
        fits(detail, arn.qualifier === undefined ? undefined : arn.arn, statusFilter),
    });
    return {
      executions: page.executions.map(listed),
      ...(page.next === undefined ? {} : { nextToken: pageToken(listName, page.next) }),
    };
  });
}

function listChildren(call: AwsCall, request: Request<typeof ListRequest>, mapRunArn: string): AwsAnswer {
  return Effect.gen(function* () {
    const { scope, run } = yield* mapRunByArn(call, mapRunArn);
    const { statusFilter, redriveFilter } = request;
    const listName = `executions ${mapRunArn} ${statusFilter ?? ""} ${redriveFilter ?? ""}`;
    const wanted = yield* given(pageWanted(listName, request));
    const page = yield* call.registry.listDetails({
      ...spaceOf(scope),
      of: { mapRun: run.id },
      limit: wanted.size,
      ...present({ next: wanted.after }),
      fits: (detail) => fitsRedrives(detail, redriveFilter) && fits(detail, undefined, statusFilter),
    });
    return {
      executions: page.executions.map((detail) => ({ ...listed(detail), mapRunArn, itemCount: itemCountOf(detail) })),
      ...(page.next === undefined ? {} : { nextToken: pageToken(listName, page.next) }),
    };
  });
}

function itemCountOf({ shownAs }: ExecutionDetail): number {
  const mapRun = shownAs?.["MapRun"];
  const count = isJsonObject(mapRun) ? mapRun["ItemCount"] : undefined;
  return typeof count === "number" ? count : 1;
}

function fitsRedrives({ redriveCount }: ExecutionDetail, filter: "REDRIVEN" | "NOT_REDRIVEN" | undefined): boolean {
  return filter === undefined || (filter === "REDRIVEN") === redriveCount > 0;
}

function fits(detail: ExecutionDetail, qualifiedArn: string | undefined, status: string | undefined): boolean {
  if (status !== undefined && awsStatus(detail) !== status) return false;
  if (qualifiedArn === undefined) return true;
  return shownText(detail, "Asked", "stateMachineVersionArn") === qualifiedArn ||
    shownText(detail, "Asked", "stateMachineAliasArn") === qualifiedArn;
}

function listed(detail: ExecutionDetail): JsonObject {
  const { arn, name, machineArn } = shownExecution(detail);
  const { traceHeader: _traceHeader, ...qualifiers } = asked(detail);
  return {
    executionArn: arn,
    stateMachineArn: machineArn,
    name,
    status: awsStatus(detail),
    startDate: awsTime(detail.startedAt),
    ...(detail.endedAt === undefined ? {} : { stopDate: awsTime(detail.endedAt) }),
    ...qualifiers,
    ...redrives(detail),
  };
}

function describeMachineFor(call: AwsCall, request: Request<typeof DescribeRequest>): AwsAnswer {
  return Effect.gen(function* () {
    const detail = yield* executionByArn(call, request.executionArn);
    const arn = yield* given(parseMachineArn(shownExecution(detail).machineArn));
    const machine = yield* machineOf(call, arn);
    const { executionId, mapRun, definitionHash: hash } = detail;
    const space = spaceOf(machine.scope);
    const definition = yield* orMissing(
      mapRun === undefined
        ? call.registry.definitionText({ ...space, name: machine.name, hash })
        : call.registry.definitionOfExecution({ ...space, executionId }),
      () => executionMissing(request.executionArn),
    );
    const { record } = machine;
    const version = shownText(detail, "Asked", "stateMachineVersionArn");
    return {
      stateMachineArn: mapRun === undefined ? version ?? machine.arn : arn.arn,
      ...childFields(detail),
      ...present({ label: arn.label }),
      name: machine.name,
      ...(request.includedData === "METADATA_ONLY" ? {} : { definition }),
      roleArn: shownText(detail, "Execution", "RoleArn") ?? record.roleArn,
      updateDate: awsTime(record.updatedAtEpochMs ?? machine.createdAtEpochMs),
      ...shownConfigurations(record),
      ...present({ revisionId: record.revisionId }),
      ...(request.includedData === "METADATA_ONLY" ? {} : shownReferences(definition)),
    };
  });
}

/** By name. */
export const executionOperations: Readonly<Record<string, Operation>> = {
  StartExecution: operation(StartRequest, startExecution),
  StartSyncExecution: operation(StartSyncRequest, startSync),
  DescribeExecution: operation(DescribeRequest, describe),
  StopExecution: operation(StopRequest, stop),
  ListExecutions: operation(ListRequest, listAll),
  DescribeStateMachineForExecution: operation(DescribeRequest, describeMachineFor),
};
