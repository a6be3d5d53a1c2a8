/** Executions: lists of them, one of them with its history. */
import { Effect, Schema } from "effect";
import { payloadFieldsOf } from "../../../protocol/mod.ts";
import {
  type HistoryEvent,
  type ListDetailsRequest,
  type NumberedEvent,
  RequestRefused,
} from "../../../runtime/mod.ts";
import { asString, present, timestamp } from "../../../values/mod.ts";
import { executionByArn } from "../../../aws/mod.ts";
import { type ConsoleAnswer, type ConsoleCall, type ConsoleOperation, invalid, operation } from "../operation.ts";
import type { EventPage, RunDetail, RunEvent, RunPage } from "../wire.ts";
import * as fields from "./fields.ts";
import { listedRun, runDetail } from "./shown_run.ts";

const ListRequest = Schema.Struct({
  workflow: fields.workflow,
  status: fields.status,
  since: fields.instant,
  until: fields.instant,
  /** Of the execution's name. */
  prefix: fields.words,
  /** The error's name. */
  error: fields.words,
  /** In name, workflow, key, error or id. */
  text: fields.words,
  mapRun: fields.mapRun,
  limit: fields.limit,
  next: fields.next,
});

function list(call: ConsoleCall, request: typeof ListRequest.Type): ConsoleAnswer<RunPage> {
  const { workflow, status, mapRun, limit, since, until } = request;
  const next = request.next ?? (until === undefined ? undefined : placeBehind(until));
  const page = call.registry.listDetails({
    ...call.space,
    of: mapRun !== undefined ? { mapRun } : workflow !== undefined ? { workflow } : "all",
    filter: filterOf(request),
    ...present({
      statuses: status === undefined ? undefined : [status],
      limit,
      next,
      notBefore: since === undefined ? undefined : placeAt(Date.parse(since)),
    }),
  });
  return Effect.map(page, ({ executions, next }) => ({ executions: executions.map(listedRun), ...present({ next }) }));
}

/** Places in the index begin with the start, to the second. */
function placeAt(epochMs: number): string {
  return asString(timestamp(Math.min(Math.max(0, Math.floor(epochMs / 1_000)), 0xffff_ffff), 0));
}

function placeBehind(until: string): string {
  return `${placeAt(Date.parse(until) + 1_000)}-0000000`;
}

/** Both ends belong to the time that is asked for. */
function filterOf(
  { since, until, prefix, error, text }: typeof ListRequest.Type,
): Required<ListDetailsRequest>["filter"] {
  return present({
    startedAfterEpochMs: since === undefined ? undefined : Date.parse(since) - 1,
    startedBeforeEpochMs: until === undefined ? undefined : Date.parse(until) + 1,
    nameBegins: prefix?.toLowerCase(),
    errorHas: error?.toLowerCase(),
    text: text?.toLowerCase(),
  });
}

const OneRequest = Schema.Struct({ executionId: fields.executionId });

function describe(call: ConsoleCall, { executionId }: typeof OneRequest.Type): ConsoleAnswer<RunDetail> {
  const one = { ...call.space, executionId };
  return Effect.gen(function* () {
    const detail = yield* call.registry.executionById(one);
    return runDetail(detail, yield* call.registry.definitionOfExecution(one));
  });
}

const FindRequest = Schema.Struct({ arn: fields.arn });

/** The execution that the AWS API calls by this ARN. */
function find(call: ConsoleCall, { arn }: typeof FindRequest.Type): ConsoleAnswer<{ readonly executionId: string }> {
  const found = Effect.map(executionByArn(call, arn), ({ executionId }) => ({ executionId }));
  return Effect.mapError(
    found,
    (failure) =>
      failure instanceof RequestRefused
        ? failure
        : new RequestRefused({ code: "NotFound", message: `Execution "${arn}" does not exist` }),
  );
}

const HistoryRequest = Schema.Struct({ executionId: fields.executionId, after: fields.after });
/** Events read from the engine at a time, and the most that one answer has. */
const ENGINE_PAGE = 1_000;
const EVENTS_MAX = 5_000;

/** Without payloads: an execution's graph and table need none, and they may be large. */
function history(call: ConsoleCall, { executionId, after }: typeof HistoryRequest.Type): ConsoleAnswer<EventPage> {
  return Effect.gen(function* () {
    const events: RunEvent[] = [];
    let from = after;
    for (;;) {
      const page = yield* call.registry.executionEvents({
        ...call.space,
        executionId,
        after: from,
        limit: ENGINE_PAGE,
      });
      for (const event of page.events) events.push(shortEvent(event));
      if (page.next === undefined) return { events };
      if (events.length >= EVENTS_MAX) return { events, next: page.next };
      from = page.next;
    }
  });
}

function shortEvent({ id, atEpochMs, event }: NumberedEvent): RunEvent {
  const hidden = payloadFieldsOf(event.type);
  const shown: Record<string, RunEvent[string]> = {};
  for (const [field, value] of Object.entries<RunEvent[string] | undefined>(event)) {
    if (field === "version" || field === "items" || hidden.includes(field) || value === undefined) continue;
    shown[outsideNames[field] ?? field] = value;
  }
  return { ...shown, id, type: event.type, timestamp: new Date(atEpochMs).toISOString() };
}

/** Outsiders know the two strings of an ASL error by ASL's words. */
const outsideNames: Readonly<Record<string, string>> = { reason: "error", message: "cause" };

const EventRequest = Schema.Struct({ executionId: fields.executionId, event: fields.after });

/** One event with its payloads. */
function event(call: ConsoleCall, { executionId, event }: typeof EventRequest.Type): ConsoleAnswer<HistoryEvent> {
  const page = call.engine.executionHistory({
    ...call.space,
    executionId,
    after: Math.max(0, event - 1),
    limit: 1,
  });
  return Effect.flatMap(
    page,
    ({ events: [found] }) =>
      found === undefined ? Effect.fail(invalid(`There is no event ${event}`)) : Effect.succeed(found),
  );
}

/** By name. */
export const executionOperations: Readonly<Record<string, ConsoleOperation>> = {
  "executions/list": operation(ListRequest, list),
  "executions/describe": operation(OneRequest, describe),
  "executions/find": operation(FindRequest, find),
  "executions/history": operation(HistoryRequest, history),
  "executions/event": operation(EventRequest, event),
};
