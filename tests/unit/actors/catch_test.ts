import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { Json, JsonObject } from "../../../src/values/mod.ts";
import { oneState, started } from "../../support/execution_run.ts";

const ends = { A: { Type: "Pass", Result: "A", ResultPath: "$.by", End: true } };
const others = { ...ends, B: { ...ends.A, Result: "B" } };

function catching(Catch: readonly JsonObject[], rest: JsonObject = {}): JsonObject {
  const targets = new Set(Catch.map(({ Next }) => Next));
  return oneState(
    { Type: "Task", Resource: "work", Catch, End: true, ...rest },
    Object.fromEntries(Object.entries(others).filter(([name]) => targets.has(name))),
  );
}

const cases: readonly { what: string; Catch: readonly JsonObject[]; end: Json }[] = [
  {
    what: "the first that matches, though a later one matches as well",
    Catch: [{ ErrorEquals: ["E"], Next: "A" }, { ErrorEquals: ["States.ALL"], Next: "B" }],
    end: ["Succeeded", { Error: "E", Cause: "why", by: "A" }],
  },
  {
    what: "the one whose names match",
    Catch: [{ ErrorEquals: ["F", "G"], Next: "A" }, { ErrorEquals: ["States.TaskFailed"], Next: "B" }],
    end: ["Succeeded", { Error: "E", Cause: "why", by: "B" }],
  },
  { what: "none when none matches", Catch: [{ ErrorEquals: ["F"], Next: "A" }], end: ["Failed", "E", "why"] },
  {
    what: "the error at its ResultPath",
    Catch: [{ ErrorEquals: ["E"], Next: "A", ResultPath: "$.error" }],
    end: ["Succeeded", { n: 1, error: { Error: "E", Cause: "why" }, by: "A" }],
  },
  {
    what: "nothing of the error when its ResultPath is null",
    Catch: [{ ErrorEquals: ["E"], Next: "A", ResultPath: null }],
    end: ["Succeeded", { n: 1, by: "A" }],
  },
];
for (const { what, Catch, end } of cases) {
  test(`a failure is caught by ${what}`, () => {
    const run = started(catching(Catch), { n: 1 });
    run.fail(run.task("S"), "E", "why");
    deepStrictEqual(run.end, end);
    run.checkEmpty();
  });
}

test("a catcher sets variables and, in JSONata, its own output", () => {
  const machine = {
    QueryLanguage: "JSONata",
    StartAt: "S",
    States: {
      S: {
        Type: "Task",
        Resource: "work",
        Catch: [{
          ErrorEquals: ["E"],
          Next: "A",
          Output: "{% $states.errorOutput.Cause %}",
          Assign: { error: "{% $states.errorOutput.Error %}" },
        }],
        End: true,
      },
      A: { Type: "Pass", Output: "{% [$states.input, $error] %}", End: true },
    },
  };
  const run = started(machine);
  run.fail(run.task("S"), "E", "why");
  deepStrictEqual(run.end, ["Succeeded", ["why", "E"]]);
});

test("a catcher whose own expression fails fails the state with that error", () => {
  const run = started(catching([{ ErrorEquals: ["E"], Next: "A", Assign: { "x.$": "$.missing" } }]), {});
  run.fail(run.task("S"), "E", "why");
  deepStrictEqual((run.end as Json[]).slice(0, 2), ["Failed", "States.Runtime"]);
});

function parallelOf(inner: JsonObject, Catch: readonly JsonObject[]): JsonObject {
  return oneState({
    Type: "Parallel",
    Branches: [inner as JsonObject, { StartAt: "W", States: { W: { Type: "Task", Resource: "work", End: true } } }],
    Catch,
    Next: "After",
  }, { After: { Type: "Pass", End: true } });
}

const inner = (Catch: readonly JsonObject[]): JsonObject => ({
  StartAt: "I",
  States: {
    I: { Type: "Task", Resource: "work", Catch, End: true },
    ...(Catch.length === 0 ? {} : { Caught: { Type: "Pass", Result: "inner", End: true } }),
  },
});

test("an inner catcher comes before an outer one, and the siblings go on", () => {
  const outer = [{ ErrorEquals: ["States.ALL"], Next: "After" }];
  const run = started(parallelOf(inner([{ ErrorEquals: ["States.ALL"], Next: "Caught" }]), outer));
  run.fail(run.task("I"));
  strictEqual(run.openTasks.length, 1);
  run.complete(run.task("W"), "W");
  deepStrictEqual(run.end, ["Succeeded", ["inner", "W"]]);
});

test("an error that no inner catcher takes is caught outside, once the siblings are reclaimed", () => {
  const run = started(parallelOf(inner([]), [{ ErrorEquals: ["E"], Next: "After" }]));
  run.fail(run.task("I"), "E", "why");
  deepStrictEqual(run.end, ["Succeeded", { Error: "E", Cause: "why" }]);
  run.checkEmpty();
  strictEqual(run.events.filter(({ type }) => type === "TaskCanceledEvent").length, 1);
});

test("an error that nobody catches climbs through every level", () => {
  const map = {
    StartAt: "M",
    States: {
      M: {
        Type: "Map",
        ItemsPath: "$.items",
        ItemProcessor: inner([]),
        End: true,
      },
    },
  };
  const run = started(oneState({ Type: "Parallel", Branches: [map], End: true }), { items: [1, 2] });
  run.fail(run.task("I", 2), "E", "why");
  deepStrictEqual(run.end, ["Failed", "E", "why"]);
  run.checkEmpty();
});
