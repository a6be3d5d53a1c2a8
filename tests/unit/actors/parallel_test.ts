import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../../../src/values/mod.ts";
import { oneState, started } from "../../support/execution_run.ts";

const work = (name: string): JsonObject => ({
  StartAt: name,
  States: { [name]: { Type: "Task", Resource: "work", End: true } },
});

/** Parallel within Map within Parallel …, `depth` levels, each with a task beside it. */
function deep(depth: number): JsonObject {
  if (depth === 0) return work(`T${depth}`);
  const name = `${depth % 2 === 0 ? "M" : "P"}${depth}`;
  const inner = deep(depth - 1);
  return {
    StartAt: name,
    States: {
      [name]: depth % 2 === 0
        ? { Type: "Map", ItemsPath: "$.items", ItemSelector: { "items.$": "$.items" }, ItemProcessor: inner, End: true }
        : { Type: "Parallel", Branches: [work(`T${depth}`), inner], End: true },
    },
  };
}

test("outputs stand in the order of the branches, however they end", () => {
  for (const order of [["A", "B", "C"], ["C", "B", "A"], ["B", "C", "A"]]) {
    const run = started(oneState({ Type: "Parallel", Branches: ["A", "B", "C"].map(work), End: true }));
    for (const name of order) run.complete(run.task(name), name);
    deepStrictEqual(run.end, ["Succeeded", ["A", "B", "C"]]);
    run.checkEmpty();
  }
});

test("every branch gets the arguments, and none sees another's output", () => {
  const run = started(
    oneState({ Type: "Parallel", Parameters: { "x.$": "$.a" }, Branches: ["A", "B"].map(work), End: true }),
    { a: 1 },
  );
  deepStrictEqual(run.openTasks.map(({ context }) => context.input), [{ x: 1 }, { x: 1 }]);
});

for (const failing of ["T5", "T3", "T1", "T0"]) {
  test(`a failure of ${failing} reclaims everything beside and below, before the execution ends`, () => {
    const run = started(deep(5), { items: [1, 2] });
    strictEqual(run.openTasks.length, 1 + 2 * (1 + 2 * (1 + 1)));
    run.fail(run.task(failing), "E");
    deepStrictEqual(run.end, ["Failed", "E"]);
    run.checkEmpty();
    const started_ = run.events.filter(({ type }) => type === "StateStartedEvent").length;
    strictEqual(run.events.filter(({ type }) => type === "StateCompletedEvent").length, started_);
    strictEqual(run.events.at(-1)?.type, "ExecutionCompletedEvent");
  });
}

test("a failure in a branch is caught only once everything below is reclaimed", () => {
  const { StartAt, States } = deep(4) as { StartAt: string; States: JsonObject };
  const run = started(
    oneState({
      Type: "Parallel",
      Branches: [{ StartAt, States }, work("Bad")],
      Catch: [{ ErrorEquals: ["States.ALL"], Next: "After" }],
      End: true,
    }, { After: { Type: "Task", Resource: "work", End: true } }),
    { items: [1, 2, 3] },
  );
  run.fail(run.task("Bad"), "E");
  deepStrictEqual(run.openTasks.map(({ context }) => context.input), [{ Error: "E", Cause: null }]);
  strictEqual(run.actors.activities.size, 1);
  run.complete(run.task("After"), "caught");
  deepStrictEqual(run.end, ["Succeeded", "caught"]);
});

test("branches that wait are reclaimed with their timers", () => {
  const wait = { StartAt: "W", States: { W: { Type: "Wait", Seconds: 100, End: true } } };
  const run = started(oneState({ Type: "Parallel", Branches: [wait, work("A")], End: true }));
  strictEqual(run.actors.timers.size, 1);
  run.fail(run.task("A"), "E");
  strictEqual(run.status, "Failed");
  run.checkEmpty();
});

test("a retry that is waited for within a branch is called off with it", () => {
  const retrying = {
    StartAt: "R",
    States: { R: { Type: "Task", Resource: "work", Retry: [{ ErrorEquals: ["States.ALL"] }], End: true } },
  };
  const run = started(oneState({ Type: "Parallel", Branches: [retrying, work("A")], End: true }));
  run.fail(run.task("R"), "again");
  run.fail(run.task("A"), "E");
  deepStrictEqual(run.end, ["Failed", "E"]);
  run.checkEmpty();
});

test("branches that end side by side give one end with all outputs", () => {
  const chain = (name: string, length: number): JsonObject => ({
    StartAt: `${name}1`,
    States: Object.fromEntries(
      Array.from({ length }, (_, index) => [
        `${name}${index + 1}`,
        {
          Type: "Pass",
          Result: name,
          ...(index + 1 === length ? { End: true } : { Next: `${name}${index + 2}` }),
        },
      ]),
    ),
  });
  for (let lengths = 0; lengths < 27; lengths++) {
    const of = (place: number) => Math.floor(lengths / 3 ** place) % 3 + 1;
    const Branches = ["A", "B", "C"].map((name, index) => chain(name, of(index)));
    const run = started(oneState({ Type: "Parallel", Branches, End: true }));
    deepStrictEqual(run.end, ["Succeeded", ["A", "B", "C"]]);
    strictEqual(run.rejections.length, 0);
  }
});
