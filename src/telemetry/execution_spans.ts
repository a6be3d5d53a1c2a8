/** An execution that has ended as spans of one trace: itself, the runs of its states, and the tasks that they gave away. Pure. */
import type { OtlpTracer } from "effect/observability";
import { type Activity, numberOf, type RunEvent, RunModel, type TaskRun, textOf } from "../story/mod.ts";
import { type ActivityId, type ExecutionId, present, type TaskId } from "../values/mod.ts";
import { spanIdOf, traceIdOf } from "./trace_ids.ts";

/** A span as OTLP has it. */
export type Span = OtlpTracer.TraceData["resourceSpans"][number]["scopeSpans"][number]["spans"][number];

/** What is known of an execution when it has ended. */
export interface TracedExecution {
  readonly executionId: ExecutionId;
  readonly workflow: string;
  readonly status: string;
  /** Its own time limit ended it. */
  readonly timedOut: boolean;
  readonly error?: string;
  readonly cause?: string;
  readonly startedAtEpochMs: number;
  readonly endedAtEpochMs: number;
}

/** `SpanKind` of OTLP. */
const kinds = { internal: 1, server: 2, client: 3 } as const;
const statuses = { unset: 0, ok: 1, error: 2 } as const;
/** Of a cause in a span: all of it is in the history. */
const CAUSE_CHARACTERS_MAX = 1_000;

/** Numbers are whole. */
type Facts = Readonly<Record<string, string | number>>;

interface SpanParts {
  readonly id: string;
  readonly parentId: string | undefined;
  readonly name: string;
  readonly kind: keyof typeof kinds;
  readonly from: number;
  readonly to: number;
  readonly attributes: Facts;
  readonly events?: Span["events"];
  readonly status: keyof typeof statuses;
  readonly cause?: string;
}

/**
 * The spans of an execution. After a redrive only what has happened since, beneath a span of the redrive's own: the rest was told before.
 *
 * @param events its history from the first event on, without payloads; where the newest are missing, the spans of these are
 */
export function executionSpans(ended: TracedExecution, events: readonly RunEvent[]): readonly Span[] {
  const model = new RunModel();
  model.add(events);
  const traceId = traceIdOf(ended.executionId);
  const redrives = events.filter(({ type }) => type === "ExecutionRedrivenEvent");
  const since = redrives.at(-1);
  const rootId = spanIdOf(ended.executionId, redrives.length);
  const marks = marksOf(events);
  const spans = [rootSpan(traceId, rootId, ended, since, redrives.length)];
  for (const activity of model.activities.values()) {
    if (activity.endedEvent !== undefined && activity.endedEvent < (since?.id ?? 0)) continue;
    const to = activity.endedAt ?? ended.endedAtEpochMs;
    const parentId = activity.parent === undefined ? rootId : spanIdOf(stateAbove(activity.parent));
    spans.push(stateSpan(traceId, parentId, activity, to, marks.get(activity.id)));
    for (const task of activity.tasks) {
      if (task.endedEvent !== undefined && task.endedEvent < (since?.id ?? 0)) continue;
      const endEvent = task.endedEvent === undefined ? undefined : model.events[task.endedEvent - 1];
      spans.push(taskSpan(traceId, activity, task, endEvent, to, marks.get(task.taskId)));
    }
  }
  return spans;
}

function rootSpan(
  traceId: string,
  id: string,
  { executionId, workflow, status, timedOut, error, cause, startedAtEpochMs, endedAtEpochMs }: TracedExecution,
  redriven: RunEvent | undefined,
  redrives: number,
): Span {
  const [, tenant = "", namespace = ""] = executionId.split("/");
  return spanOf(traceId, {
    id,
    parentId: redriven === undefined ? undefined : spanIdOf(executionId, redrives - 1),
    name: workflow,
    kind: "server",
    from: redriven === undefined ? startedAtEpochMs : Date.parse(redriven.timestamp),
    to: endedAtEpochMs,
    attributes: {
      "weft.execution.id": executionId,
      "weft.workflow": workflow,
      "weft.tenant": tenant,
      "weft.namespace": namespace,
      "weft.status": timedOut ? "TimedOut" : status,
      "weft.redrives": redrives,
      ...present({ "error.type": error }),
    },
    status: status === "Succeeded" ? "ok" : status === "Failed" ? "error" : "unset",
    ...present({ cause: cause ?? error }),
  });
}

function stateSpan(
  traceId: string,
  parentId: string,
  activity: Activity,
  to: number,
  events: Span["events"] | undefined,
): Span {
  const { id, name, type, phase, attempt, parent, error, cause, mapRun } = activity;
  const place = parent === undefined ? undefined : Number(/[bi](\d+)$/.exec(parent)?.[1]);
  return spanOf(traceId, {
    id: spanIdOf(id as ActivityId),
    parentId,
    name,
    kind: "internal",
    from: activity.startedAt,
    to,
    attributes: {
      "weft.state.name": name,
      "weft.state.type": type,
      "weft.status": phase,
      "weft.attempts": attempt,
      ...present({ "weft.child.index": place, "weft.map_run": mapRun, "error.type": error }),
    },
    status: phase === "Succeeded" ? "ok" : phase === "Failed" || phase === "Caught" ? "error" : "unset",
    ...present({ events, cause: cause ?? error }),
  });
}

function taskSpan(
  traceId: string,
  activity: Activity,
  { taskId, resource, attempt, createdAt, worker, outcome }: TaskRun,
  ended: RunEvent | undefined,
  stateEnd: number,
  events: Span["events"] | undefined,
): Span {
  const error = outcome === "TimedOut" ? "States.Timeout" : ended && textOf(ended, "error");
  const cause = ended && textOf(ended, "cause");
  return spanOf(traceId, {
    id: spanIdOf(taskId as TaskId),
    parentId: spanIdOf(activity.id as ActivityId),
    name: resource,
    kind: "client",
    from: createdAt,
    to: ended === undefined ? stateEnd : Date.parse(ended.timestamp),
    attributes: {
      "weft.task.id": taskId,
      "weft.task.resource": resource,
      "weft.attempt": attempt,
      "weft.status": outcome ?? "Open",
      ...present({ "weft.worker": worker === "" ? undefined : worker, "error.type": error }),
    },
    status: outcome === "Completed" ? "ok" : outcome === "Failed" || outcome === "TimedOut" ? "error" : "unset",
    ...present({ events, cause: cause ?? error }),
  });
}

/** What is marked on a span's line: that a worker took a task, and that what failed was to be tried again. By the id of the task or of the state's run. */
function marksOf(events: readonly RunEvent[]): ReadonlyMap<string, Span["events"]> {
  const marks = new Map<string, Span["events"]>();
  for (const event of events) {
    const isTaken = event.type === "TaskActivatedEvent";
    if (!isTaken && event.type !== "StateRetryScheduledEvent") continue;
    const id = textOf(event, isTaken ? "taskId" : "activityId") ?? "";
    const facts = isTaken ? { "weft.worker": textOf(event, "workerName") } : {
      "error.type": textOf(event, "error"),
      "error.message": textOf(event, "cause")?.slice(0, CAUSE_CHARACTERS_MAX),
      "weft.retry_at_epoch_ms": numberOf(event, "deadlineEpochMs"),
    };
    const mark = {
      name: isTaken ? "taken" : "retry scheduled",
      timeUnixNano: nanos(Date.parse(event.timestamp)),
      attributes: attributesOf(present(facts)),
      droppedAttributesCount: 0,
    };
    const known = marks.get(id);
    if (known === undefined) marks.set(id, [mark]);
    else known.push(mark);
  }
  return marks;
}

/** The run of a Parallel or Map that a branch or iteration belongs to. */
function stateAbove(child: string): ActivityId {
  return child.slice(0, child.lastIndexOf("/")) as ActivityId;
}

function spanOf(traceId: string, parts: SpanParts): Span {
  const { id, parentId, name, kind, from, to, attributes, events = [], status, cause } = parts;
  return {
    traceId,
    spanId: id,
    parentSpanId: parentId,
    name,
    kind: kinds[kind],
    startTimeUnixNano: nanos(from),
    endTimeUnixNano: nanos(Math.max(from, to)),
    attributes: attributesOf(attributes),
    droppedAttributesCount: 0,
    events,
    droppedEventsCount: 0,
    status: {
      code: statuses[status],
      ...(status === "error" ? present({ message: cause?.slice(0, CAUSE_CHARACTERS_MAX) }) : {}),
    },
    links: [],
    droppedLinksCount: 0,
  };
}

function attributesOf(facts: Facts): Span["attributes"] {
  return Object.entries(facts).map(([key, value]) => ({
    key,
    value: typeof value === "string" ? { stringValue: value } : { intValue: value },
  }));
}

/** @param epochMs unix milliseconds, whole */
function nanos(epochMs: number): string {
  return `${epochMs}000000`;
}
