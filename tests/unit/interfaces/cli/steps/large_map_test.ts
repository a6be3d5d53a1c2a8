import { deepStrictEqual, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { plainPaint } from "../../../../../src/interfaces/cli/output/paint.ts";
import { Timeline } from "../../../../../src/interfaces/cli/steps/timeline.ts";
import { FakeIo } from "../../../../support/cli/fake_io.ts";
import { type EventDraft, eventsOf } from "../../../../support/feed_events.ts";

const executionId = "/t/n/e0000001/0000000000000001";
const map = `${executionId}/0000000000000002`;

/** One iteration of one task, from its start to its end. */
function iteration(index: number): readonly EventDraft[] {
  const parentIterationId = `${map}/i${index}`;
  const activityId = `s${index}`;
  const failure = index % 100 === 0 ? { status: "Failed", error: "Odd" } : { status: "Succeeded" };
  return [
    { type: "IterationStartedEvent", activityId: map, iterationId: parentIterationId, index },
    { type: "StateStartedEvent", activityId, stateName: "Work", stateType: "Task", parentIterationId },
    { type: "TaskCreatedEvent", activityId, resource: "work" },
    { type: "StateCompletedEvent", activityId, stateName: "Work", ...failure },
    { type: "IterationCompletedEvent", activityId: map, iterationId: parentIterationId, index, ...failure },
  ];
}

test("a Map of a thousand is a bar and a few lines, its first failures among them", () => {
  const io = new FakeIo();
  io.stdout.isTTY = true;
  const timeline = new Timeline({ io, sink: io.stdout, paint: plainPaint, showTasks: true });
  const show = (drafts: readonly EventDraft[]) =>
    timeline.show({ type: "events", executionId, events: eventsOf(drafts) });
  show([
    { type: "ExecutionStartedEvent", workflow: "order" },
    { type: "StateStartedEvent", activityId: map, stateName: "Each", stateType: "Map", max: 1_000 },
  ]);
  show(Array.from({ length: 500 }, (_, index) => iteration(index)).flat());
  io.advance(200);
  match(io.stdout.text, / Each {2}█+░+ 500\/1,000$/);
  show(Array.from({ length: 500 }, (_, index) => iteration(500 + index)).flat());
  show([{ type: "StateCompletedEvent", activityId: map, stateName: "Each", status: "Succeeded" }]);
  timeline.close();
  // deno-lint-ignore no-control-regex -- the line at the bottom, which is written over
  const lines = io.stdout.text.split(/\n|\r\x1b\[K/).filter((line) => line.includes("0.000s"));
  deepStrictEqual(lines.map((line) => line.trim().replace(/^0\.000s +/, "")), [
    "● execution started order",
    "→ Each Map ×1000",
    ...[0, 100, 200, 300, 400].map((index) => `[${index}] ✗ iteration failed Odd`),
    "✓ Each 1000/1000, 10 failed 0ms",
  ]);
  ok(io.stdout.text.length < 2_000);
});
