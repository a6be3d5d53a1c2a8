import { deepStrictEqual, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { Result } from "effect";
import { keptActors, restoredActors } from "../../../actors/mod.ts";
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

const broken: readonly { what: string; value: Json }[] = [
  { what: "nothing", value: null },
  { what: "another version", value: { ...kept, version: 2 } },
  { what: "a part missing", value: Object.fromEntries(Object.entries(kept).filter(([name]) => name !== "tasks")) },
  { what: "a status that there is not", value: { ...kept, execution: { ...list("execution"), value: "Sleeping" } } },
  {
    what: "a task that has ended",
    value: { ...kept, tasks: list("tasks").map((task) => ({ ...task, value: "Ended" })) },
  },
  { what: "an activity without its name", value: { ...kept, activities: [{ value: "Running", context: {} }] } },
  { what: "a command that is none", value: { ...kept, unprocessed: [[1, { type: "EatCommand", version: 1 }]] } },
];
for (const { what, value } of broken) {
  test(`restoredActors() says what does not fit in ${what}`, () => {
    const restored = restoredActors(value);
    ok(Result.isFailure(restored));
    match(restored.failure, /./);
  });
}

test("restoredActors() brings back what keptActors() took, with what is derived from it", () => {
  const restored = restoredActors(kept);
  ok(Result.isSuccess(restored));
  const actors = restored.success;
  deepStrictEqual(JSON.parse(JSON.stringify(keptActors(actors))), kept);
  deepStrictEqual([...actors.timers], [...run.actors.timers]);
  const { executionId } = actors;
  deepStrictEqual(actors.openChildOf(executionId), run.actors.openChildOf(executionId));
});
