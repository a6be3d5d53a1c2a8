import type { RunningTask } from "../../../src/sdk/mod.ts";

/** What a handler is told of a task, with `more` of its own. */
export function runningTask(more: Partial<RunningTask> = {}): RunningTask {
  return {
    taskId: "t" as RunningTask["taskId"],
    executionId: "e" as RunningTask["executionId"],
    activityId: "a" as RunningTask["activityId"],
    stateName: "Charge",
    resource: "charge",
    attempt: 1,
    createdAt: "2026-01-31T10:00:00.000Z",
    signal: new AbortController().signal,
    heartbeat: () => Promise.resolve(true),
    ...more,
  };
}
