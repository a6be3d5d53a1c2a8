import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { applyMessage, createMonitor, defaultMonitorLimits } from "../../../../../src/interfaces/cli/monitor/model.ts";
import { monitorFrame, sparkline, type ViewOptions } from "../../../../../src/interfaces/cli/monitor/view.ts";
import { progressBar } from "../../../../../src/interfaces/cli/output/progress_bar.ts";
import { colourPaint, plainPaint } from "../../../../../src/interfaces/cli/output/paint.ts";
import { widthOf } from "../../../../../src/interfaces/cli/output/text_width.ts";
import type { FeedMessage } from "../../../../../src/runtime/engine.ts";
import { type EventDraft, eventsOf, eventsStartMs as startMs } from "../../../../support/feed_events.ts";

const idOf = (number: number) => `/t/n/e0000001/${number.toString(16).padStart(16, "0")}` as FeedMessage["executionId"];
const options: ViewOptions = {
  columns: 120,
  rows: 24,
  nowMs: startMs + 5_000,
  paint: plainPaint,
  title: "default/default",
  sort: "oldest",
  failuresOnly: false,
  scroll: 0,
};

/** A monitor with `count` executions, started a millisecond apart, in state `S<number>` of workflow `w`. */
function monitorWith(count: number, limits = defaultMonitorLimits) {
  const monitor = createMonitor(startMs, limits);
  const apply = (number: number, drafts: readonly EventDraft[]) =>
    applyMessage(monitor, { executionId: idOf(number), events: eventsOf(drafts) }, startMs + 1_000);
  for (let number = 1; number <= count; number += 1) {
    apply(number, [
      { type: "ExecutionStartedEvent", workflow: "w", atMs: number },
      { type: "StateStartedEvent", activityId: `a${number}`, stateName: `S${number}`, stateType: "Task" },
    ]);
  }
  return { monitor, apply };
}

test("monitorFrame() shows executions with state, age and progress, and the rates", () => {
  const { monitor, apply } = monitorWith(1);
  const map = `${idOf(2)}/0000000000000001`;
  apply(2, [
    { type: "ExecutionStartedEvent", workflow: "order" },
    { type: "StateStartedEvent", activityId: map, stateName: "Reserve", stateType: "Map", max: 40 },
    ...Array.from(
      { length: 10 },
      (_, index) => ({ type: "IterationCompletedEvent", iterationId: `${map}/i${index}`, status: "Succeeded" }),
    ),
  ]);
  const { lines } = monitorFrame(monitor, { ...options, nowMs: startMs + 3_000, sort: "newest" });
  const screen = lines.join("\n");
  match(screen, /2 running {3}0 failed {3}starts 0\.7\/s/);
  match(screen, /e0000001\/0000000000000001 {2}w {21}S1 +3\.0s/);
  match(screen, /order +Reserve +3\.0s {2}████░+ 10\/40/);
  strictEqual(lines.length, 24);
});

for (const columns of [20, 60, 80, 109, 120, 200]) {
  for (const rows of [3, 10, 24]) {
    test(`monitorFrame() fits ${columns} columns and ${rows} rows, in colour and with wide names`, () => {
      const { monitor, apply } = monitorWith(50);
      apply(99, [
        { type: "ExecutionStartedEvent", workflow: "注文".repeat(30) },
        { type: "StateStartedEvent", activityId: "m", stateName: "🚚".repeat(60), stateType: "Map", max: 10_000 },
        { type: "ExecutionCompletedEvent", status: "Failed", error: `E\x1b[2J${"x".repeat(300)}` },
      ]);
      for (const failuresOnly of [false, true]) {
        const { lines } = monitorFrame(monitor, {
          ...options,
          columns,
          rows,
          paint: colourPaint,
          failuresOnly,
          notices: ["n".repeat(300)],
        });
        ok(lines.length <= rows);
        for (const line of lines) ok(widthOf(line) <= columns, `${widthOf(line)}: ${JSON.stringify(line)}`);
        strictEqual(lines.join("").includes("\x1b[2J"), false);
      }
    });
  }
}

test("monitorFrame() scrolls as far as there is something, and counts what has no row", () => {
  const { monitor } = monitorWith(50, { ...defaultMonitorLimits, rowsMax: 30 });
  const top = monitorFrame(monitor, options);
  match(top.lines.join("\n"), /S1 .*\n.*S2 /);
  match(top.lines.join("\n"), /and 20 more running/);
  const bottom = monitorFrame(monitor, { ...options, scroll: 1_000 });
  match(bottom.lines.join("\n"), /S30 /);
  deepStrictEqual(monitorFrame(monitor, { ...options, scroll: top.scrollMax }).lines, bottom.lines);
});

test("monitorFrame() sorts by age, state and workflow", () => {
  const { monitor, apply } = monitorWith(2);
  apply(3, [{ type: "ExecutionStartedEvent", workflow: "a", atMs: 3 }, {
    type: "StateStartedEvent",
    activityId: "x",
    stateName: "R",
  }]);
  const states = (sort: ViewOptions["sort"]) =>
    monitorFrame(monitor, { ...options, sort }).lines.map((line) => / ([SR]\d?) +\d/.exec(line)?.[1]).filter((state) =>
      state !== undefined
    );
  deepStrictEqual(states("oldest"), ["S1", "S2", "R"]);
  deepStrictEqual(states("newest"), ["R", "S2", "S1"]);
  deepStrictEqual(states("state"), ["R", "S1", "S2"]);
  deepStrictEqual(states("workflow"), ["R", "S1", "S2"]);
});

test("monitorFrame() shows retries, waits, failures and gaps in words", () => {
  const { monitor, apply } = monitorWith(1);
  apply(1, [{
    type: "StateRetryScheduledEvent",
    activityId: "a1",
    error: "Flaky",
    retryCount: 2,
    deadlineEpochMs: startMs + 8_000,
  }]);
  apply(2, [
    { type: "ExecutionStartedEvent", workflow: "w" },
    {
      type: "StateStartedEvent",
      activityId: "p",
      stateName: "Pause",
      stateType: "Wait",
      deadlineEpochMs: startMs + 65_000,
    },
  ]);
  apply(3, [{ type: "ExecutionStartedEvent", workflow: "w" }, {
    type: "ExecutionCompletedEvent",
    status: "Failed",
    error: "Declined",
  }]);
  monitor.totals.gaps = 2;
  const screen = monitorFrame(monitor, options).lines.join("\n");
  match(screen, /S1 ↻2 3\.0s: Flaky/);
  match(screen, /Pause ⏲ 1m00s/);
  match(screen, /✗ .*Declined/);
  match(screen, /FAILURES\n10:00:00 {2}e0000001\/0000000000000003 {2}w +Declined/);
  match(screen, /! 2 gaps in the feed, all filled from the history/);
  match(monitorFrame(monitor, { ...options, failuresOnly: true }).lines.join("\n"), /FAILURES, newest first\n10:00:00/);
});

test("monitorFrame() names the executions to ask about: of unknown workflow, or quiet for long", () => {
  const { monitor, apply } = monitorWith(1);
  apply(2, [{ type: "TimerFiredEvent" }]);
  deepStrictEqual(monitorFrame(monitor, options).doubtful, [idOf(2)]);
  deepStrictEqual(monitorFrame(monitor, { ...options, nowMs: startMs + 17_000 }).doubtful.length, 2);
});

test("progressBar() and sparkline() fill their width", () => {
  strictEqual(progressBar({ name: "", max: 4, done: 1, failed: 0 }, 12, plainPaint), "██░░░░░░ 1/4");
  strictEqual(progressBar({ name: "", max: 0, done: 0, failed: 0 }, 8, plainPaint), "████ 0/0");
  strictEqual(progressBar({ name: "", max: 10_000, done: 5, failed: 0 }, 8, plainPaint), "5/10,000");
  strictEqual(sparkline([0, 5, 10]), "▁▅█");
});
