/** What must hold of any history by itself. */
import type { HistoryEvent } from "../../../src/runtime/mod.ts";
import type { ViolationKind } from "./violation.ts";

type Report = (kind: ViolationKind, message: string) => void;

/** What may happen once to whom: the field that says to whom. */
const onceFor: Readonly<Record<string, string>> = {
  ExecutionStartedEvent: "executionId",
  ExecutionCompletedEvent: "executionId",
  StateStartedEvent: "activityId",
  StateCompletedEvent: "activityId",
  BranchStartedEvent: "branchId",
  BranchCompletedEvent: "branchId",
  IterationStartedEvent: "iterationId",
  IterationCompletedEvent: "iterationId",
  TaskCreatedEvent: "taskId",
  TaskSubmittedEvent: "taskId",
};
/** How a task ends; one of them, once. */
export const taskEnds: ReadonlySet<string> = new Set([
  "TaskCompletedEvent",
  "TaskFailedEvent",
  "TaskTimedOutEvent",
  "TaskCanceledEvent",
]);

/** Numbers without gaps, nothing twice, nothing after the end, no timer early. */
export function checkHistory(history: readonly HistoryEvent[], report: Report): void {
  const gapAt = history.findIndex(({ id }, index) => id !== index + 1);
  if (gapAt >= 0) report("historyGaps", `event ${gapAt + 1} has the number ${history[gapAt]?.id}`);
  const seen = new Set<string>();
  for (const event of history) {
    const what = taskEnds.has(event.type) ? "end of a task" : event.type;
    const field = taskEnds.has(event.type) ? "taskId" : onceFor[event.type];
    if (field === undefined) continue;
    const once = `${what} of ${String(event[field])}`;
    if (seen.has(once)) report("duplicateResults", `its history has twice the ${once}`);
    seen.add(once);
  }
  const end = history.findIndex(({ type }) => type === "ExecutionCompletedEvent");
  if (end >= 0 && end < history.length - 1) {
    report("duplicateResults", `its history has ${history[end + 1]?.type} after its end`);
  }
  checkTimers(history, report);
}

/** Each event that a deadline brings, against that deadline as it stands where it was set, and against its own word. */
function checkTimers(history: readonly HistoryEvent[], report: Report): void {
  const due = new Map<string, number>();
  for (const event of history) {
    const { type, id, deadlineEpochMs, timeoutAtEpochMs, activityId, taskId, actorId } = event;
    if (type === "StateRetryScheduledEvent" || (type === "StateStartedEvent" && event["stateType"] === "Wait")) {
      due.set(String(activityId), Number(deadlineEpochMs));
    }
    if (type === "TaskCreatedEvent" && timeoutAtEpochMs !== undefined) {
      due.set(String(taskId), Number(timeoutAtEpochMs));
    }
    const deadline = type === "TimerFiredEvent"
      ? Math.max(Number(deadlineEpochMs), due.get(String(actorId)) ?? 0)
      : type === "StateRetriedEvent"
      ? due.get(String(activityId))
      : type === "TaskTimedOutEvent" && event["clock"] === "timeout"
      ? due.get(String(taskId))
      : undefined;
    if (deadline === undefined) continue;
    const early = deadline - Date.parse(event.timestamp);
    if (early > 0) report("earlyTimers", `event ${id}, ${type}, came ${early} ms before it was due`);
  }
}
