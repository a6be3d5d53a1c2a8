import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import {
  applyDescription,
  applyMessage,
  createMonitor,
  defaultMonitorLimits,
  type MonitorLimits,
  runningCount,
  seedRunning,
  sweepEnded,
} from "../../../../../src/interfaces/cli/monitor/model.ts";
import { shownProgress } from "../../../../../src/interfaces/cli/monitor/row.ts";
import { RateMeter } from "../../../../../src/interfaces/cli/monitor/rate_meter.ts";
import type { ExecutionSummary, FeedMessage, HistoryEvent } from "../../../../../src/runtime/engine.ts";
import { type EventDraft, eventsOf, eventsStartMs as startMs } from "../../../../support/feed_events.ts";

type Id = FeedMessage["executionId"];
const idOf = (number: number) => `/t/n/e0000001/${number.toString(16).padStart(16, "0")}` as Id;

function monitorOf(limits: Partial<MonitorLimits> = {}) {
  const monitor = createMonitor(startMs, { ...defaultMonitorLimits, ...limits });
  const apply = (number: number, drafts: readonly EventDraft[], nowMs = startMs) =>
    applyMessage(monitor, { executionId: idOf(number), events: eventsOf(drafts) }, nowMs);
  return { monitor, apply };
}

const started: EventDraft = { type: "ExecutionStartedEvent", workflow: "order", status: "Running" };
const succeeded: EventDraft = { type: "ExecutionCompletedEvent", status: "Succeeded" };

test("applyMessage() follows an execution from its start to its end", () => {
  const { monitor, apply } = monitorOf();
  apply(1, [started, { type: "StateStartedEvent", activityId: "a1", stateName: "Charge", stateType: "Task" }]);
  const row = monitor.rows.get(idOf(1));
  deepStrictEqual([row?.workflow, row?.status, row?.stateName, row?.shortId], [
    "order",
    "Running",
    "Charge",
    "e0000001/0000000000000001",
  ]);
  strictEqual(runningCount(monitor), 1);
  apply(
    1,
    [{ type: "StateCompletedEvent", activityId: "a1", stateName: "Charge", status: "Succeeded" }, succeeded],
    startMs + 50,
  );
  deepStrictEqual([row?.status, row?.endedMs, runningCount(monitor)], ["Succeeded", startMs + 50, 0]);
  deepStrictEqual([monitor.totals.started, monitor.totals.succeeded, monitor.totals.events], [1, 1, 4]);
});

test("sweepEnded() lets ended executions fade, the longest ended first", () => {
  const { monitor, apply } = monitorOf({ fadeMs: 1_000 });
  apply(1, [started, succeeded]);
  apply(2, [started, succeeded], startMs + 500);
  sweepEnded(monitor, startMs + 999);
  strictEqual(monitor.rows.size, 2);
  sweepEnded(monitor, startMs + 1_000);
  deepStrictEqual([...monitor.rows.keys()], [idOf(2)]);
});

test("applyMessage() counts the children of a Map, and shows the outermost one", () => {
  const { monitor, apply } = monitorOf();
  const map = `${idOf(1)}/0000000000000001`;
  const parallel = `${idOf(1)}/0000000000000002`;
  apply(1, [
    started,
    { type: "StateStartedEvent", activityId: map, stateName: "All", stateType: "Map", max: 3 },
    {
      type: "StateStartedEvent",
      activityId: parallel,
      stateName: "Both",
      stateType: "Parallel",
      max: 2,
      parentId: `${map}/i0`,
    },
    { type: "BranchCompletedEvent", branchId: `${parallel}/b1`, status: "Succeeded" },
    { type: "IterationCompletedEvent", iterationId: `${map}/i1`, activityId: map, status: "Succeeded" },
    { type: "IterationCompletedEvent", iterationId: `${map}/i2`, status: "Failed" },
  ]);
  const row = monitor.rows.get(idOf(1));
  ok(row !== undefined);
  deepStrictEqual(shownProgress(row), { name: "All", max: 3, done: 2, failed: 1 });
  deepStrictEqual(row.progress?.get(parallel), { name: "Both", max: 2, done: 1, failed: 0 });
  deepStrictEqual([row.stateName, row.innerName], ["All", "Both"]);
  apply(1, [{ type: "StateCompletedEvent", activityId: parallel, stateName: "Both", status: "Succeeded" }]);
  strictEqual(row.innerName, undefined);
  apply(1, [{ type: "StateCompletedEvent", activityId: map, stateName: "All", status: "Succeeded" }]);
  strictEqual(row.progress, undefined);
});

test("applyMessage() shows retries of the state that runs, and remembers where an execution failed", () => {
  const { monitor, apply } = monitorOf({ failuresMax: 2 });
  apply(1, [
    started,
    { type: "StateStartedEvent", activityId: "a1", stateName: "Charge", stateType: "Task" },
    { type: "StateRetryScheduledEvent", activityId: "a1", error: "Flaky", retryCount: 2, deadlineEpochMs: startMs + 9 },
  ]);
  const row = monitor.rows.get(idOf(1));
  deepStrictEqual([row?.retryCount, row?.dueMs, row?.error, monitor.totals.retries], [2, startMs + 9, "Flaky", 1]);
  apply(1, [
    { type: "StateRetriedEvent", activityId: "a1" },
    { type: "StateCompletedEvent", activityId: "a1", stateName: "Charge", status: "Failed", error: "Declined" },
    { type: "ExecutionCompletedEvent", status: "Failed" },
  ]);
  const [failure] = monitor.failures;
  deepStrictEqual([failure?.error, failure?.stateName, failure?.workflow], ["Declined", "Charge", "order"]);
  for (const number of [2, 3]) {
    apply(number, [started, { type: "ExecutionCompletedEvent", status: "Failed", error: `E${number}` }]);
  }
  deepStrictEqual(monitor.failures.map(({ error }) => error), ["E2", "E3"]);
  strictEqual(monitor.totals.failed, 3);
});

test("applyMessage() keeps a bounded number of rows, then ids, then a count, and counts all that run", () => {
  const { monitor, apply } = monitorOf({ rowsMax: 2, idsMax: 2 });
  for (let number = 1; number <= 6; number += 1) apply(number, [started]);
  deepStrictEqual([monitor.rows.size, monitor.ids.size, monitor.uncounted, runningCount(monitor)], [2, 2, 2, 6]);
  apply(5, [succeeded]); // one of the mere count
  apply(3, [succeeded]); // an id
  apply(1, [succeeded]); // a row
  deepStrictEqual([monitor.rows.size, monitor.ids.size, monitor.uncounted, runningCount(monitor)], [2, 1, 1, 3]);
  apply(4, [{ type: "StateStartedEvent", activityId: "a", stateName: "S" }]); // takes the place of the ended one
  deepStrictEqual([[...monitor.rows.keys()], monitor.ids.size, runningCount(monitor)], [[idOf(2), idOf(4)], 0, 3]);
});

test("applyMessage() does not take a straggler of what has ended for something that runs", () => {
  const { monitor, apply } = monitorOf();
  apply(1, [started, succeeded]);
  apply(1, [{ type: "TaskCanceledEvent" }, succeeded]);
  deepStrictEqual([runningCount(monitor), monitor.totals.succeeded], [0, 1]);
});

test("applyMessage() bears with missing fields and unknown events", () => {
  const { monitor, apply } = monitorOf();
  apply(1, [
    { type: "ExecutionStartedEvent" },
    { type: "StateStartedEvent" },
    { type: "StateCompletedEvent" },
    { type: "IterationCompletedEvent" },
    { type: "StateRetryScheduledEvent" },
    { type: "MapRunStartedEvent" },
    { type: "ExecutionCompletedEvent" },
  ]);
  deepStrictEqual([monitor.totals.events, monitor.totals.succeeded], [7, 1]);
});

test("seedRunning() and applyDescription() add what the feed does not tell", () => {
  const { monitor, apply } = monitorOf();
  const summary: ExecutionSummary = {
    executionId: idOf(1),
    workflow: "order",
    revision: 1,
    status: "Running",
    startedAt: "2026-01-31T09:00:00Z",
  };
  seedRunning(monitor, [summary], startMs);
  strictEqual(monitor.rows.get(idOf(1))?.startedMs, startMs - 3_600_000);
  apply(2, [{ type: "TimerFiredEvent" }]);
  strictEqual(monitor.rows.get(idOf(2))?.workflow, undefined);
  applyDescription(monitor, idOf(2), { ...summary, workflow: "late" }, startMs);
  strictEqual(monitor.rows.get(idOf(2))?.workflow, "late");
  // The last message of the first was lost, the second is no longer there.
  applyDescription(
    monitor,
    idOf(1),
    { ...summary, status: "Failed", error: "Lost", endedAt: "2026-01-31T10:00:00Z" },
    startMs,
  );
  applyDescription(monitor, idOf(2), undefined, startMs);
  deepStrictEqual([monitor.rows.get(idOf(1))?.status, monitor.failures[0]?.error, runningCount(monitor)], [
    "Failed",
    "Lost",
    0,
  ]);
});

test("RateMeter gives the mean of the last seconds, forgets, and bears a clock that goes back", () => {
  const meter = new RateMeter(startMs);
  for (let second = 0; second < 10; second += 1) meter.add(100, startMs + second * 1_000);
  strictEqual(meter.perSecond(startMs + 9_999, 3), 400 / 3.999);
  deepStrictEqual(meter.recent(startMs + 9_999, 3), [100, 100, 100]);
  meter.add(50, startMs - 60_000);
  strictEqual(meter.perSecond(startMs + 200_000), 0);
});

// Goal: ten thousand events a second leave the monitor almost idle.
// Method: 200,000 messages of 40,000 executions in five turns each; the bar is a fifth of what an idle machine does.
test("applyMessage() takes more than 50,000 messages a second with bounded memory", (t) => {
  const { monitor } = monitorOf();
  const turns: readonly (readonly HistoryEvent[])[] = [
    [started, { type: "StateStartedEvent", activityId: "a1", stateName: "Map", stateType: "Map", max: 2 }],
    [{ type: "IterationStartedEvent", iterationId: "a1/i0", activityId: "a1" }, {
      type: "StateStartedEvent",
      activityId: "a2",
      stateName: "In",
      parentId: "a1/i0",
    }],
    [{ type: "StateCompletedEvent", activityId: "a2", stateName: "In", status: "Succeeded" }, {
      type: "IterationCompletedEvent",
      activityId: "a1",
      status: "Succeeded",
    }],
    [{ type: "StateCompletedEvent", activityId: "a1", stateName: "Map", status: "Succeeded" }],
    [succeeded],
  ].map((drafts) => eventsOf(drafts as EventDraft[]));
  const ids = Array.from({ length: 40_000 }, (_, number) => idOf(number));
  // Time of the processor: what else runs on the machine does not count.
  const began = process.cpuUsage();
  let nowMs = startMs;
  for (let batch = 0; batch < ids.length; batch += 4_000) {
    for (const events of turns) {
      for (const executionId of ids.slice(batch, batch + 4_000)) applyMessage(monitor, { executionId, events }, nowMs);
      nowMs += 100;
      sweepEnded(monitor, nowMs);
    }
  }
  const { user, system } = process.cpuUsage(began);
  const perSecond = 200_000 / ((user + system) / 1_000_000);
  t.diagnostic(`${Math.round(perSecond)} messages a second`);
  strictEqual(monitor.totals.messages, 200_000);
  deepStrictEqual([runningCount(monitor), monitor.totals.succeeded], [0, 40_000]);
  ok(monitor.rows.size <= defaultMonitorLimits.rowsMax && monitor.ids.size === 0);
  ok(perSecond >= 50_000, `${perSecond} messages a second`);
});
