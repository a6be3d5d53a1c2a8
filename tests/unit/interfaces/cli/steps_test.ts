import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { plainPaint } from "../../../../src/interfaces/cli/output/paint.ts";
import { stepLine } from "../../../../src/interfaces/cli/steps/step_line.ts";
import { StepTrace } from "../../../../src/interfaces/cli/steps/step_trace.ts";
import { type EventDraft, eventsOf, eventsStartMs } from "../../../support/feed_events.ts";

const execution = "/t/n/e0000001/0000000000000001";
const map = `${execution}/0000000000000002`;
const inner = `${execution}/0000000000000003`;
const charge = `${execution}/0000000000000004`;

function linesOf(drafts: readonly EventDraft[], showTasks = false): string[] {
  const trace = new StepTrace({ showTasks });
  return eventsOf(drafts).map((event) => trace.apply(event)).filter((step) => step !== undefined)
    .map((step) => stepLine(step, plainPaint).trimStart());
}

test("StepTrace shows states entered and left, with their durations, and the end", () => {
  deepStrictEqual(
    linesOf([
      { type: "ExecutionStartedEvent", workflow: "order", status: "Running" },
      { type: "StateStartedEvent", atMs: 2, activityId: charge, stateName: "Validate", stateType: "Task" },
      { type: "TaskCreatedEvent", atMs: 2, activityId: charge, resource: "validate" },
      { type: "TaskCompletedEvent", atMs: 10, activityId: charge },
      { type: "StateCompletedEvent", atMs: 12, activityId: charge, stateName: "Validate", status: "Succeeded" },
      { type: "ExecutionCompletedEvent", atMs: 1_234, status: "Succeeded" },
    ]),
    [
      "0.000s ● execution started order",
      "0.002s → Validate Task",
      "0.012s ✓ Validate 10ms",
      "1.234s ● execution succeeded 1.2s",
    ],
  );
});

test("StepTrace places states of a Map below it, by iteration", () => {
  deepStrictEqual(
    linesOf([
      { type: "ExecutionStartedEvent", workflow: "order" },
      { type: "StateStartedEvent", activityId: map, stateName: "Reserve all", stateType: "Map", max: 3 },
      { type: "IterationStartedEvent", iterationId: `${map}/i2`, activityId: map, index: 2 },
      { type: "StateStartedEvent", activityId: inner, stateName: "Reserve", stateType: "Task", parentId: `${map}/i2` },
      {
        type: "StateCompletedEvent",
        atMs: 7,
        activityId: inner,
        stateName: "Reserve",
        status: "Failed",
        error: "SoldOut",
      },
      {
        type: "IterationCompletedEvent",
        atMs: 7,
        iterationId: `${map}/i2`,
        activityId: map,
        index: 2,
        status: "Failed",
        error: "SoldOut",
      },
      {
        type: "StateCompletedEvent",
        atMs: 8,
        activityId: map,
        stateName: "Reserve all",
        status: "Failed",
        error: "SoldOut",
        next: "Undo",
      },
    ]).slice(1),
    [
      "0.000s → Reserve all Map ×3",
      "0.000s   [2] → Reserve Task",
      "0.007s   [2] ✗ Reserve SoldOut 7ms",
      "0.007s   [2] ✗ iteration failed SoldOut",
      "0.008s ✗ Reserve all SoldOut, caught, goes on at Undo 8ms",
    ],
  );
});

test("StepTrace shows retries with what is left to wait, and the error an execution failed with", () => {
  deepStrictEqual(
    linesOf([
      { type: "StateStartedEvent", activityId: charge, stateName: "Charge", stateType: "Task" },
      {
        type: "StateRetryScheduledEvent",
        atMs: 5,
        activityId: charge,
        error: "Flaky",
        retryCount: 1,
        deadline: new Date(eventsStartMs + 2_005).toISOString(),
      },
      { type: "StateRetriedEvent", atMs: 2_006, activityId: charge },
      {
        type: "StateRetryScheduledEvent",
        atMs: 2_010,
        activityId: charge,
        reason: "Flaky",
        deadlineEpochMs: eventsStartMs + 6_010,
      },
      {
        type: "StateCompletedEvent",
        atMs: 6_020,
        activityId: charge,
        stateName: "Charge",
        status: "Failed",
        error: "Declined",
      },
      { type: "ExecutionCompletedEvent", atMs: 6_021, status: "Failed" },
    ]),
    [
      "0.000s → Charge Task",
      "0.005s ↻ Charge Flaky, retry 1 in 2.0s",
      "2.006s ↻ Charge tries again",
      "2.010s ↻ Charge Flaky, retry 2 in 4.0s",
      "6.020s ✗ Charge Declined 6.0s",
      "6.021s ● execution failed Declined 6.0s",
    ],
  );
});

test("StepTrace shows tasks on demand, a delayed start, a Wait and a cancellation", () => {
  const taskId = "/t/n/t0000001/0000000000000009";
  deepStrictEqual(
    linesOf([
      { type: "ExecutionStartedEvent", workflow: "order", status: "Pending" },
      { type: "ExecutionRunningEvent", atMs: 100 },
      {
        type: "StateStartedEvent",
        atMs: 100,
        activityId: map,
        stateName: "Pause",
        stateType: "Wait",
        deadlineEpochMs: eventsStartMs + 60_100,
      },
      { type: "StateStartedEvent", atMs: 200, activityId: charge, stateName: "Charge", stateType: "Task" },
      { type: "TaskCreatedEvent", atMs: 200, taskId, activityId: charge, resource: "charge" },
      { type: "TaskActivatedEvent", atMs: 210, taskId, activityId: charge },
      { type: "TaskFailedEvent", atMs: 220, taskId, activityId: charge, error: "Declined" },
      { type: "TaskTimedOutEvent", atMs: 230, taskId, activityId: charge },
      { type: "ExecutionCancelingEvent", atMs: 300 },
      { type: "ExecutionCompletedEvent", atMs: 300, status: "Canceled" },
    ], true),
    [
      "0.000s ● execution accepted, its start is delayed order",
      "0.100s ● execution started",
      "0.100s → Pause Wait in 1m00s",
      "0.200s → Charge Task",
      "0.200s · Charge task for charge",
      "0.210s · Charge a worker has it",
      "0.220s · Charge task failed: Declined",
      "0.230s · Charge task timed out",
      "0.300s · execution is being canceled",
      "0.300s ● execution canceled 300ms",
    ],
  );
});

test("StepTrace bears with missing fields and unknown events, and prints nothing that moves a cursor", () => {
  deepStrictEqual(
    linesOf([
      { type: "StateStartedEvent" },
      { type: "StateCompletedEvent" },
      { type: "StateRetryScheduledEvent" },
      { type: "TaskCreatedEvent" },
      { type: "MapRunStartedEvent" },
      { type: "StateStartedEvent", stateName: "a\x1b[2Jb", activityId: 7 },
      { type: "ExecutionCompletedEvent" },
    ]),
    [
      "0.000s → ?",
      "0.000s ✓ ? 0ms",
      "0.000s ↻ ? failed, retry",
      "0.000s · MapRunStartedEvent",
      "0.000s → a·[2Jb",
      "0.000s ● execution completed 0ms",
    ],
  );
});

test("StepTrace knows what runs now", () => {
  const trace = new StepTrace({ showTasks: false });
  const [first, second, third] = eventsOf([
    { type: "StateStartedEvent", activityId: map, stateName: "Outer", stateType: "Map", max: 1 },
    { type: "StateStartedEvent", activityId: inner, stateName: "Inner", parentId: `${map}/i0` },
    { type: "ExecutionCompletedEvent", status: "Succeeded" },
  ]);
  if (first !== undefined) trace.apply(first);
  if (second !== undefined) trace.apply(second);
  deepStrictEqual([trace.currentState, trace.runningCount, trace.endedStatus], ["Inner", 2, undefined]);
  if (third !== undefined) trace.apply(third);
  strictEqual(trace.endedStatus, "Succeeded");
});
