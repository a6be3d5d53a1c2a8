/** ListExecutions. */
import { Effect } from "effect";
import {
  type AwsAnswer,
  awsFailure,
  awsStatus,
  awsTime,
  given,
  itemCountOf,
  machineOf,
  mapRunByArn,
  parseMachineArn,
  redrives,
  shownExecution,
  spaceOf,
} from "../../../aws/mod.ts";
import { executionStatuses } from "../../../protocol/mod.ts";
import type { ExecutionStatus, ListDetailsRequest, ListedExecution } from "../../../runtime/mod.ts";
import { type JsonObject, present } from "../../../values/mod.ts";
import { type AwsCall, type Operation, operation } from "../call.ts";
import { pageToken, pageWanted } from "../wire/page.ts";
import { asked, unsupportedType } from "./told_of_execution.ts";
import * as parts from "../wire/request_parts.ts";
import { optional, type Request, shape, text, word } from "../wire/shapes.ts";

const ListRequest = shape({
  stateMachineArn: optional(parts.arn),
  statusFilter: optional(word(["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"])),
  maxResults: optional(parts.pageSize),
  nextToken: optional(text({ min: 1, max: 3_096 })),
  mapRunArn: optional(parts.longArn),
  redriveFilter: optional(word(["REDRIVEN", "NOT_REDRIVEN"])),
});

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
      ...statusesOf(statusFilter),
      filter: filterOf(request, arn.qualifier === undefined ? undefined : arn.arn),
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
      ...statusesOf(statusFilter),
      filter: filterOf(request),
    });
    return {
      executions: page.executions.map((detail) => ({ ...listed(detail), mapRunArn, itemCount: itemCountOf(detail) })),
      ...(page.next === undefined ? {} : { nextToken: pageToken(listName, page.next) }),
    };
  });
}

/** Ours that AWS shows as this status, as far as that narrows what has to be looked at. */
function statusesOf(filter: string | undefined): Pick<ListDetailsRequest, "statuses"> {
  return filter === undefined ? {} : { statuses: executionStatuses.filter((status) => statusFits(status, filter)) };
}

function statusFits(status: ExecutionStatus, filter: string): boolean {
  return awsStatus({ status }) === filter || awsStatus({ status, timedOut: true }) === filter;
}

/** The rest of what narrows: a failure that AWS calls a time-out, redrives, and the version or alias that was asked for. */
function filterOf(
  { statusFilter, redriveFilter }: Request<typeof ListRequest>,
  qualifiedArn?: string,
): Required<ListDetailsRequest>["filter"] {
  return present({
    hasTimedOut: statusFilter === "FAILED" || statusFilter === "TIMED_OUT" ? statusFilter === "TIMED_OUT" : undefined,
    isRedriven: redriveFilter === undefined ? undefined : redriveFilter === "REDRIVEN",
    shown: qualifiedArn === undefined ? undefined : {
      under: "Asked",
      fields: ["stateMachineVersionArn", "stateMachineAliasArn"],
      value: qualifiedArn,
    },
  });
}

function listed(detail: ListedExecution): JsonObject {
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

/** By name. */
export const listOperations: Readonly<Record<string, Operation>> = {
  ListExecutions: operation(ListRequest, listAll),
};
