import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Result } from "effect";
import { keptActors, keptByNewer, restoredActors } from "../../../actors/mod.ts";
import type { Json, JsonObject } from "../../../src/values/mod.ts";
import { oneState, started } from "../../support/execution_run.ts";

const run = started(
  oneState({
    Type: "Map",
    ItemProcessor: { StartAt: "T", States: { T: { Type: "Task", Resource: "work", TimeoutSeconds: 9, End: true } } },
    End: true,
  }),
  [1, 2],
);
const kept = JSON.parse(JSON.stringify(keptActors(run.actors))) as JsonObject;
const list = (name: string) => kept[name] as readonly JsonObject[];

const runEvent = { type: "ExecutionDeletingEvent", version: 1, executionId: "/acme/shop/e0123456/0" };
const broken: readonly { what: string; value: Json }[] = [
  { what: "nothing", value: null },
  { what: "no version", value: { ...kept, version: null } },
  { what: "a part missing", value: Object.fromEntries(Object.entries(kept).filter(([name]) => name !== "tasks")) },
  { what: "a status that there is not", value: { ...kept, execution: { ...list("execution"), value: "Sleeping" } } },
  {
    what: "a task that has ended",
    value: { ...kept, tasks: list("tasks").map((task) => ({ ...task, value: "Ended" })) },
  },
  { what: "an activity without its name", value: { ...kept, activities: [{ value: "Running", context: {} }] } },
  { what: "a command that is none", value: { ...kept, unprocessed: [[1, { type: "eat", version: 1 }]] } },
  { what: "an event in a command's place", value: { ...kept, unprocessed: [[1, runEvent]] } },
];
for (const { what, value } of broken) {
  test(`restoredActors() says what does not fit in ${what}`, () => {
    const restored = restoredActors(value);
    ok(Result.isFailure(restored));
    match(restored.failure.reason, /./);
    strictEqual(restored.failure.isNewer, false);
    strictEqual(keptByNewer(value), undefined);
  });
}

const newer = [
  { what: "itself", value: { ...kept, version: 2 } },
  { what: "a command that waits", value: { ...kept, unprocessed: [[1, { type: "CancelStateCommand", version: 99 }]] } },
  { what: "a kind of command that waits", value: { ...kept, unprocessed: [[1, { type: "EatCommand", version: 1 }]] } },
];
for (const { what, value } of newer) {
  test(`restoredActors() knows what a newer Weft kept by the version of ${what}`, () => {
    const restored = restoredActors(value);
    ok(Result.isFailure(restored));
    ok(restored.failure.isNewer, restored.failure.reason);
  });
}

test("keptByNewer() looks at the version alone", () => {
  match(keptByNewer({ version: 2 })?.reason ?? "", /^a kept execution has version 2, and is read up to version 1/);
  strictEqual(keptByNewer({ version: 1 }), undefined);
});

test("restoredActors() brings back what keptActors() took, with what is derived from it", () => {
  const restored = restoredActors(kept);
  ok(Result.isSuccess(restored));
  const actors = restored.success;
  deepStrictEqual(JSON.parse(JSON.stringify(keptActors(actors))), kept);
  deepStrictEqual([...actors.timers], [...run.actors.timers]);
  const { executionId } = actors;
  deepStrictEqual(actors.openChildOf(executionId), run.actors.openChildOf(executionId));
});
