import { deepStrictEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { plainPaint } from "../../../../src/interfaces/cli/output/paint.ts";
import { treeLines } from "../../../../src/interfaces/cli/steps/history_tree.ts";
import { type RunEvent, RunModel } from "../../../../src/story/mod.ts";
import { type EventDraft, eventsOf, eventsStartMs } from "../../../support/feed_events.ts";

const options = { nowMs: eventsStartMs + 5_000, showsPayloads: false, showsAll: false, paint: plainPaint };

function tree(drafts: readonly EventDraft[], more: object = {}): string[] {
  const model = new RunModel();
  ok(model.add(eventsOf(drafts) as readonly RunEvent[]));
  return treeLines(model, { ...options, ...more });
}

const retried: readonly EventDraft[] = [
  { type: "ExecutionStartedEvent", workflow: "order" },
  { type: "StateStartedEvent", activityId: "a", stateName: "Charge", stateType: "Task", input: "seven" },
  { type: "StateRetryScheduledEvent", atMs: 10, activityId: "a", error: "Busy", cause: "try later" },
  { type: "StateRetriedEvent", atMs: 20, activityId: "a", attempt: 2 },
  { type: "StateCompletedEvent", atMs: 30, activityId: "a", stateName: "Charge", status: "Succeeded", output: "ok" },
  { type: "StateStartedEvent", atMs: 30, activityId: "b", stateName: "Slow", stateType: "Wait" },
];

test("treeLines() has a line for each run of a state, with what it took and why it was tried again", () => {
  deepStrictEqual(tree(retried), [
    "✓ Charge  Task  30ms  attempt 2",
    "    ↻ attempt 1: Busy: try later",
    "⏲ Slow  Wait  5.0s",
  ]);
});

test("treeLines() shows input and output where it is asked to", () => {
  deepStrictEqual(tree(retried, { showsPayloads: true }).slice(2, 4), ['    input  "seven"', '    output "ok"']);
});

test("treeLines() shows a large Map as a bar, with children that failed", () => {
  const map = "/t/n/e0000001/0000000000000001/0000000000000002";
  const children = Array.from({ length: 1_000 }, (_, index): EventDraft[] => {
    const status = index === 700 ? "Failed" : "Succeeded";
    const parentIterationId = `${map}/i${index}`;
    const activityId = `s${index}`;
    return [
      { type: "IterationStartedEvent", activityId: map, iterationId: parentIterationId, index },
      { type: "StateStartedEvent", activityId, stateName: "Work", stateType: "Pass", parentIterationId },
      {
        type: "StateCompletedEvent",
        activityId,
        stateName: "Work",
        status,
        ...(status === "Failed" ? { error: "Odd" } : {}),
      },
      { type: "IterationCompletedEvent", activityId: map, iterationId: parentIterationId, index, status },
    ];
  }).flat();
  const drafts: readonly EventDraft[] = [
    { type: "ExecutionStartedEvent", workflow: "order" },
    { type: "StateStartedEvent", activityId: map, stateName: "Each", stateType: "Map", max: 1_000 },
    ...children,
  ];
  const lines = tree(drafts);
  deepStrictEqual([lines[0]?.includes("1,000/1,000"), ...lines.slice(1)], [
    true,
    "    [700]",
    "      ✗ Work  Pass  0ms  Odd",
    "    … 999 more children; --all shows them",
  ]);
  deepStrictEqual(tree(drafts, { showsAll: true }).length, 2_001);
});
