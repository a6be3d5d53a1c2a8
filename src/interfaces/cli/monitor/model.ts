/**
 * What the monitor knows: fed with one message of the feed at a time, in constant time and bounded memory.
 *
 * Deterministic: the clock comes in as an argument and nothing is read from outside. It changes in place, since ten thousand events a
 * second leave no time for copies. Three tiers hold what runs: rows with detail, then ids alone, then a mere count.
 */
import type { ExecutionDescription, ExecutionSummary, HistoryEvent } from "../../../runtime/engine.ts";
import { errorField, isBadStatus, shortExecutionId, textField, timeField } from "../output/feed_fields.ts";
import { RateMeter } from "./rate_meter.ts";
import { applyStanding, applyToRow, type Row } from "./row.ts";
import { present } from "../../../values/mod.ts";

/** One execution that failed. */
export interface FailureEntry {
  readonly atMs: number;
  readonly executionId: string;
  readonly shortId: string;
  workflow: string | undefined;
  stateName: string | undefined;
  error: string;
  cause: string | undefined;
  /** The engine has said all that it knows of it. */
  isAsked: boolean;
}

/** Bounds of the model's memory. */
export interface MonitorLimits {
  /** Executions with detail. */
  readonly rowsMax: number;
  /** Running executions beyond these of which the id is kept. */
  readonly idsMax: number;
  readonly failuresMax: number;
  /** How long an ended execution stays, milliseconds. */
  readonly fadeMs: number;
}

/** About 30 MB when all is full. */
export const defaultMonitorLimits: MonitorLimits = {
  rowsMax: 10_000,
  idsMax: 100_000,
  failuresMax: 500,
  fadeMs: 3_000,
};

/** Counts since the monitor began. */
export interface MonitorTotals {
  messages: number;
  events: number;
  started: number;
  succeeded: number;
  failed: number;
  canceled: number;
  retries: number;
  /** Turns that did not come by the feed, and those that the history could not give either. */
  gaps: number;
  gapsOpen: number;
}

/** The model. Changed only by the functions of this file. */
export interface Monitor {
  readonly limits: MonitorLimits;
  /** By execution id, in the order they became rows; ended ones included until they fade. */
  readonly rows: Map<string, Row>;
  /** Those of `rows` that have ended, the longest ended first. */
  readonly ended: Map<string, Row>;
  /** Rows of what began before the monitor, newest first: they make room for older ones. */
  readonly seeded: Row[];
  /** Running, without detail. */
  readonly ids: Set<string>;
  /** Running, and not even an id kept. */
  uncounted: number;
  /** Newest last. */
  readonly failures: FailureEntry[];
  readonly totals: MonitorTotals;
  readonly startRate: RateMeter;
  readonly endRate: RateMeter;
  readonly eventRate: RateMeter;
  readonly failureRate: RateMeter;
}

/** An empty monitor. `nowMs`: unix milliseconds, as everywhere here. */
export function createMonitor(nowMs: number, limits: MonitorLimits = defaultMonitorLimits): Monitor {
  return {
    limits,
    rows: new Map(),
    ended: new Map(),
    seeded: [],
    ids: new Set(),
    uncounted: 0,
    failures: [],
    totals: {
      messages: 0,
      events: 0,
      started: 0,
      succeeded: 0,
      failed: 0,
      canceled: 0,
      retries: 0,
      gaps: 0,
      gapsOpen: 0,
    },
    startRate: new RateMeter(nowMs),
    endRate: new RateMeter(nowMs),
    eventRate: new RateMeter(nowMs),
    failureRate: new RateMeter(nowMs),
  };
}

/** Executions that run, with or without a row. */
export function runningCount(monitor: Monitor): number {
  return monitor.rows.size - monitor.ended.size + monitor.ids.size + monitor.uncounted;
}

/** Takes one message. Events of types it does not know count, and change nothing else. */
export function applyMessage(
  monitor: Monitor,
  message: { readonly executionId: string; readonly events: readonly HistoryEvent[] },
  nowMs: number,
): void {
  monitor.totals.messages += 1;
  monitor.totals.events += message.events.length;
  monitor.eventRate.add(message.events.length, nowMs);
  for (const event of message.events) applyEvent(monitor, message.executionId, event, nowMs);
}

/**
 * Takes what was running before the monitor began, newest first. Known ones stay as they are; where rows are full, the newest of those
 * that ran before make room: what hangs is among the oldest.
 *
 * @returns The executions whose state is to be asked for
 */
export function seedRunning(monitor: Monitor, executions: readonly ExecutionSummary[], nowMs: number): string[] {
  const opened: string[] = [];
  for (const { executionId, workflow, status, startedAt } of executions) {
    const known = monitor.rows.get(executionId);
    if (known !== undefined) known.workflow ??= workflow;
    if (known !== undefined || monitor.ids.has(executionId)) continue;
    if (monitor.rows.size >= monitor.limits.rowsMax) dropNewestSeeded(monitor);
    const row = openRow(monitor, executionId, startedAtMs(startedAt, nowMs), nowMs);
    if (row === undefined) continue;
    row.workflow = workflow;
    row.status = status;
    monitor.seeded.push(row);
    opened.push(executionId);
  }
  return opened;
}

function dropNewestSeeded(monitor: Monitor): void {
  for (let row = monitor.seeded.shift(); row !== undefined; row = monitor.seeded.shift()) {
    if (row.endedMs !== undefined || monitor.rows.get(row.executionId) !== row) continue;
    monitor.rows.delete(row.executionId);
    if (monitor.ids.size < monitor.limits.idsMax) monitor.ids.add(row.executionId);
    else monitor.uncounted += 1;
    return;
  }
}

/** Takes what failed before the monitor began, newest first. */
export function seedFailures(monitor: Monitor, executions: readonly ExecutionSummary[], nowMs: number): void {
  const known = new Set(monitor.failures.map(({ executionId }) => executionId));
  const earlier = executions.filter(({ executionId }) => !known.has(executionId)).map((execution): FailureEntry => ({
    atMs: startedAtMs(execution.endedAt ?? execution.startedAt, nowMs),
    executionId: execution.executionId,
    shortId: shortExecutionId(execution.executionId),
    workflow: execution.workflow,
    stateName: undefined,
    error: execution.error ?? "failed",
    cause: undefined,
    isAsked: false,
  }));
  monitor.failures.unshift(...earlier);
  monitor.failures.sort((left, right) => left.atMs - right.atMs);
  monitor.failures.splice(0, monitor.failures.length - monitor.limits.failuresMax);
}

/** Takes what the engine says of one that failed: at which state, and the cause. `undefined`: it is there no more. */
export function applyFailure(
  monitor: Monitor,
  executionId: string,
  description: Pick<ExecutionDescription, "workflow" | "error" | "cause" | "standing"> | undefined,
): void {
  for (const failure of monitor.failures) {
    if (failure.executionId !== executionId) continue;
    failure.isAsked = true;
    failure.workflow = description?.workflow ?? failure.workflow;
    failure.error = description?.error ?? failure.error;
    failure.cause = description?.cause ?? failure.cause;
    failure.stateName = description?.standing?.failed?.stateName ?? failure.stateName;
  }
}

/**
 * Takes what the engine says of an execution: the workflow of one that began before the monitor, or the end of one whose last
 * message was lost. `undefined`: it is there no more.
 */
export function applyDescription(
  monitor: Monitor,
  executionId: string,
  description: Omit<ExecutionSummary, "executionId"> & Pick<ExecutionDescription, "standing"> | undefined,
  nowMs: number,
  askedAtCount = 0,
): void {
  const row = monitor.rows.get(executionId);
  if (row === undefined || row.endedMs !== undefined) return;
  row.heardMs = nowMs;
  if (description === undefined) {
    monitor.rows.delete(executionId);
    return;
  }
  row.workflow = description.workflow;
  row.startedMs = startedAtMs(description.startedAt, row.startedMs);
  if (description.endedAt === undefined) {
    row.status = description.status;
    if (description.standing !== undefined) applyStanding(row, description.standing, askedAtCount);
    return;
  }
  const { status, error, endedAt } = description;
  const event = {
    id: 0,
    type: "ExecutionCompletedEvent",
    timestamp: endedAt,
    status,
    ...present({ error }),
  };
  applyEnd(monitor, executionId, event, nowMs);
}

/** Removes ended executions that have been shown long enough. Costs as much as it removes. */
export function sweepEnded(monitor: Monitor, nowMs: number): void {
  for (const [executionId, row] of monitor.ended) {
    if ((row.endedMs ?? 0) + monitor.limits.fadeMs > nowMs) return;
    monitor.ended.delete(executionId);
    monitor.rows.delete(executionId);
  }
}

function startedAtMs(startedAt: string, otherwise: number): number {
  const parsed = Date.parse(startedAt);
  return Number.isNaN(parsed) ? otherwise : parsed;
}

function applyEvent(monitor: Monitor, executionId: string, event: HistoryEvent, nowMs: number): void {
  switch (event.type) {
    case "ExecutionStartedEvent":
      return applyStart(monitor, executionId, event, nowMs);
    case "ExecutionCompletedEvent":
      return applyEnd(monitor, executionId, event, nowMs);
    case "ExecutionRedrivenEvent":
      return applyRedrive(monitor, executionId, nowMs);
    case "ExecutionDeletingEvent":
      return;
  }
  const known = monitor.rows.get(executionId);
  // A straggler of what has ended is not an execution that runs.
  if (known?.endedMs !== undefined) return;
  const row = known ?? openRow(monitor, executionId, nowMs, nowMs);
  if (event.type === "StateRetryScheduledEvent") monitor.totals.retries += 1;
  if (row === undefined) return;
  row.heardMs = nowMs;
  applyToRow(row, event);
}

function applyStart(monitor: Monitor, executionId: string, event: HistoryEvent, nowMs: number): void {
  monitor.totals.started += 1;
  monitor.startRate.add(1, nowMs);
  const row = monitor.rows.get(executionId) ?? openRow(monitor, executionId, nowMs, nowMs);
  if (row === undefined) return;
  row.workflow = textField(event, "workflow");
  row.status = textField(event, "status") === "Pending" ? "Pending" : "Running";
  row.startedMs = timeField(event, "timestamp") ?? nowMs;
}

/** One that had ended runs again. */
function applyRedrive(monitor: Monitor, executionId: string, nowMs: number): void {
  const known = monitor.rows.get(executionId);
  const row = known ?? openRow(monitor, executionId, nowMs, nowMs);
  if (row === undefined) return;
  monitor.ended.delete(executionId);
  row.status = "Running";
  row.endedMs = undefined;
  row.error = undefined;
  row.heardMs = nowMs;
}

function applyEnd(monitor: Monitor, executionId: string, event: HistoryEvent, nowMs: number): void {
  const status = textField(event, "status");
  const row = monitor.rows.get(executionId);
  if (row?.endedMs !== undefined) return;
  monitor.endRate.add(1, nowMs);
  if (status === "Failed" || status === "TimedOut") {
    monitor.totals.failed += 1;
    monitor.failureRate.add(1, nowMs);
    recordFailure(monitor, executionId, row, event, nowMs);
  } else if (isBadStatus(status)) monitor.totals.canceled += 1;
  else monitor.totals.succeeded += 1;
  if (row !== undefined) endRow(monitor, row, status, nowMs);
  else if (!monitor.ids.delete(executionId) && monitor.uncounted > 0) monitor.uncounted -= 1;
}

function recordFailure(
  monitor: Monitor,
  executionId: string,
  row: Row | undefined,
  event: HistoryEvent,
  nowMs: number,
): void {
  const error = errorField(event) ?? row?.error ?? "unknown error";
  monitor.failures.push({
    atMs: timeField(event, "timestamp") ?? nowMs,
    executionId,
    shortId: shortExecutionId(executionId),
    workflow: row?.workflow,
    stateName: row?.errorState,
    error,
    cause: textField(event, "cause"),
    isAsked: false,
  });
  if (monitor.failures.length > monitor.limits.failuresMax) monitor.failures.shift();
  if (row !== undefined) row.error = error;
}

function endRow(monitor: Monitor, row: Row, status: string | undefined, nowMs: number): void {
  row.status = status === "Failed" || status === "TimedOut" ? "Failed" : isBadStatus(status) ? "Canceled" : "Succeeded";
  row.endedMs = nowMs;
  row.progress = undefined;
  row.innerName = undefined;
  row.dueMs = undefined;
  monitor.ended.set(row.executionId, row);
}

/** A row for an execution that runs; `undefined` when there is no room and only its id, or a count, is kept. */
function openRow(monitor: Monitor, executionId: string, startedMs: number, nowMs: number): Row | undefined {
  if (monitor.rows.size >= monitor.limits.rowsMax && !dropOldestEnded(monitor)) {
    if (monitor.ids.size < monitor.limits.idsMax) monitor.ids.add(executionId);
    else if (!monitor.ids.has(executionId)) monitor.uncounted += 1;
    return undefined;
  }
  monitor.ids.delete(executionId);
  const row: Row = {
    executionId,
    shortId: shortExecutionId(executionId),
    workflow: undefined,
    status: "Running",
    startedMs,
    heardMs: nowMs,
    endedMs: undefined,
    activityId: undefined,
    stateName: undefined,
    stateType: undefined,
    dueMs: undefined,
    retryCount: 0,
    innerName: undefined,
    progress: undefined,
    error: undefined,
    errorState: undefined,
    eventCount: 0,
  };
  monitor.rows.set(executionId, row);
  return row;
}

function dropOldestEnded(monitor: Monitor): boolean {
  const oldest = monitor.ended.keys().next();
  if (oldest.done === true) return false;
  monitor.ended.delete(oldest.value);
  monitor.rows.delete(oldest.value);
  return true;
}
