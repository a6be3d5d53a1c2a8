/** One execution in the monitor, and what each event changes in it. */
import type { ExecutionStanding, ExecutionStatus, HistoryEvent } from "../../../runtime/engine.ts";
import {
  containerOf,
  deadlineField,
  errorField,
  isBadStatus,
  numberField,
  parentOf,
  retryCountField,
  textField,
} from "../output/feed_fields.ts";

/** Maps and Parallels of one execution that are counted at once. */
const PROGRESS_MAX = 16;

/** Done and total of a Map or Parallel. */
export interface Progress {
  readonly name: string;
  max: number;
  done: number;
  failed: number;
}

/** One execution in detail. */
export interface Row {
  readonly executionId: string;
  readonly shortId: string;
  workflow: string | undefined;
  status: ExecutionStatus;
  /** Unix milliseconds of its start, or of when the monitor first heard of it. */
  startedMs: number;
  /** Unix milliseconds of the last that was heard of it: an event, or an answer about it. */
  heardMs: number;
  /** Unix milliseconds, once it has ended; it then stays for a moment. */
  endedMs: number | undefined;
  /** The top-level state that runs. */
  activityId: string | undefined;
  stateName: string | undefined;
  stateType: string | undefined;
  /** Unix milliseconds when a Wait ends or a retry is due. */
  dueMs: number | undefined;
  /** 1 for the first retry of the running state; 0 before. */
  retryCount: number;
  /** A state inside of the top-level one: the one entered last. */
  innerName: string | undefined;
  /** By activity, of the Maps and Parallels that run. */
  progress: Map<string, Progress> | undefined;
  /** The error met last, and the state it was met in. */
  error: string | undefined;
  errorState: string | undefined;
  /** Events heard of it: an answer that was asked for before the newest of them is old. */
  eventCount: number;
}

/** The Map or Parallel to show for an execution: the top-level one, else the outermost that runs. */
export function shownProgress(row: Row): Progress | undefined {
  if (row.progress === undefined) return undefined;
  return row.progress.get(row.activityId ?? "") ?? row.progress.values().next().value;
}

/** Takes in where it stands, as the engine says; what was heard meanwhile is newer. @param askedAtCount its events when that was asked */
export function applyStanding(row: Row, { states }: ExecutionStanding, askedAtCount: number): void {
  if (row.stateName !== undefined && row.eventCount !== askedAtCount) return;
  const top = states.find(({ within }) => within === undefined);
  if (top === undefined) return;
  const inner = states.findLast(({ within }) => within !== undefined);
  row.activityId = top.activityId;
  row.stateName = top.stateName;
  row.stateType = top.stateType;
  row.retryCount = top.status === "Retrying" ? top.attempt : top.attempt - 1;
  row.dueMs = top.dueAt === undefined ? undefined : Date.parse(top.dueAt);
  row.innerName = inner?.stateName;
  if (top.error !== undefined) {
    row.error = top.error;
    row.errorState = top.stateName;
  }
  for (const { activityId, stateName, children, mapRun } of states) {
    if (children === undefined || mapRun !== undefined) continue;
    row.progress ??= new Map();
    if (row.progress.size >= PROGRESS_MAX || row.progress.has(activityId)) continue;
    row.progress.set(activityId, { name: stateName, max: children.max, done: children.done, failed: 0 });
  }
}

/** Takes in an event of the execution, while it runs. */
export function applyToRow(row: Row, event: HistoryEvent): void {
  row.eventCount += 1;
  switch (event.type) {
    case "ExecutionRunningEvent":
      row.status = "Running";
      return;
    case "ExecutionCancelingEvent":
      row.status = "Canceling";
      return;
    case "ExecutionCompletingEvent":
      row.status = "Completing";
      return;
    case "StateStartedEvent":
      return enterState(row, event);
    case "StateRetryScheduledEvent":
      row.error = errorField(event) ?? row.error;
      row.errorState = row.stateName;
      if (textField(event, "activityId") !== row.activityId) return;
      row.retryCount = retryCountField(event) ?? row.retryCount + 1;
      row.dueMs = deadlineField(event);
      return;
    case "StateRetriedEvent":
      return retryState(row, event);
    case "StateCompletedEvent":
      return leaveState(row, event);
    case "BranchCompletedEvent":
    case "IterationCompletedEvent":
      return countChild(row, event);
  }
}

function enterState(row: Row, event: HistoryEvent): void {
  const name = textField(event, "stateName");
  const activityId = textField(event, "activityId");
  if (parentOf(event) === undefined) {
    row.activityId = activityId;
    row.stateName = name;
    row.stateType = textField(event, "stateType");
    row.dueMs = deadlineField(event);
    row.retryCount = 0;
    row.innerName = undefined;
  } else row.innerName = name;
  const max = numberField(event, "max");
  // The children of a Map Run are executions, and rows, of their own.
  if (max === undefined || activityId === undefined || textField(event, "mapRun") !== undefined) return;
  row.progress ??= new Map();
  if (row.progress.size < PROGRESS_MAX) row.progress.set(activityId, { name: name ?? "?", max, done: 0, failed: 0 });
}

function retryState(row: Row, event: HistoryEvent): void {
  const activityId = textField(event, "activityId");
  if (activityId === row.activityId) row.dueMs = undefined;
  const progress = row.progress?.get(activityId ?? "");
  if (progress === undefined) return;
  progress.done = 0;
  progress.failed = 0;
  progress.max = numberField(event, "max") ?? progress.max;
}

function leaveState(row: Row, event: HistoryEvent): void {
  const activityId = textField(event, "activityId");
  const name = textField(event, "stateName");
  if (textField(event, "status") === "Failed") {
    row.error = errorField(event) ?? row.error;
    row.errorState = name;
  }
  if (activityId !== undefined) row.progress?.delete(activityId);
  if (row.progress?.size === 0) row.progress = undefined;
  if (activityId === row.activityId) {
    row.dueMs = undefined;
    row.retryCount = 0;
    row.innerName = undefined;
  } else if (name === row.innerName) row.innerName = undefined;
}

function countChild(row: Row, event: HistoryEvent): void {
  const progress = row.progress?.get(containerOf(event) ?? "");
  if (progress === undefined) return;
  progress.done = Math.min(progress.done + 1, progress.max);
  if (isBadStatus(textField(event, "status"))) progress.failed += 1;
}
