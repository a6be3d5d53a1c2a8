import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { Json, JsonObject } from "../../../src/values/mod.ts";
import { oneState, started } from "../../support/execution_run.ts";

const assign = (Assign: JsonObject, rest: JsonObject): JsonObject => ({ Type: "Pass", Assign, ...rest });

test("a variable is seen by the states after the one that set it, not by that one itself", () => {
  const run = started({
    StartAt: "A",
    States: {
      A: assign({ "x.$": "$.n" }, { Next: "B" }),
      B: assign({ "x.$": "States.MathAdd($x, 1)" }, { Parameters: { "seen.$": "$x" }, Next: "C" }),
      C: { Type: "Pass", Parameters: { "before.$": "$.seen", "now.$": "$x" }, End: true },
    },
  }, { n: 1 });
  deepStrictEqual(run.end, ["Succeeded", { before: 1, now: 2 }]);
});

test("all variables of one Assign are evaluated with the values before it", () => {
  const run = started({
    StartAt: "A",
    States: {
      A: assign({ x: 1, y: 2 }, { Next: "B" }),
      B: assign({ "x.$": "$y", "y.$": "$x" }, { Next: "C" }),
      C: { Type: "Pass", Parameters: { "x.$": "$x", "y.$": "$y" }, End: true },
    },
  });
  deepStrictEqual(run.end, ["Succeeded", { x: 2, y: 1 }]);
});

const seeing = { Type: "Pass", Parameters: { "outer.$": "$outer", "own.$": "$own" }, End: true };

test("a branch sees the variables around it, and its own stay within it", () => {
  const branch = (name: string): JsonObject => ({
    StartAt: `Set${name}`,
    States: { [`Set${name}`]: assign({ own: name }, { Next: `See${name}` }), [`See${name}`]: seeing },
  });
  const run = started({
    StartAt: "A",
    States: {
      A: assign({ outer: "o" }, { Next: "P" }),
      P: { Type: "Parallel", Branches: ["X", "Y"].map(branch), End: true },
    },
  });
  deepStrictEqual(run.end, ["Succeeded", [{ outer: "o", own: "X" }, { outer: "o", own: "Y" }]]);
  strictEqual(run.actors.execution.context.variables, undefined);
});

test("variables of an iteration are its own, also in a Map within it", () => {
  const inner = { StartAt: "See", States: { See: seeing } };
  const processor = {
    StartAt: "Set",
    States: {
      Set: assign({ "own.$": "$[0]" }, { Next: "M2" }),
      M2: { Type: "Map", ItemProcessor: inner, End: true },
    },
  };
  const run = started({
    StartAt: "A",
    States: {
      A: assign({ outer: 1 }, { Next: "M" }),
      M: { Type: "Map", ItemProcessor: processor, End: true },
    },
  }, [["a"], ["b", "c"]]);
  deepStrictEqual(run.end, ["Succeeded", [
    [{ outer: 1, own: "a" }],
    [{ outer: 1, own: "b" }, { outer: 1, own: "b" }],
  ]]);
});

test("variables live on across tasks, waits and retries", () => {
  const run = started({
    StartAt: "A",
    States: {
      A: assign({ x: { deep: [1] } }, { Next: "T" }),
      T: {
        Type: "Task",
        Resource: "work",
        Parameters: { "x.$": "$x.deep[0]" },
        Retry: [{ ErrorEquals: ["States.ALL"] }],
        Assign: { "y.$": "$.n" },
        Next: "W",
      },
      W: { Type: "Wait", Seconds: 1, Next: "E" },
      E: { Type: "Pass", Parameters: { "x.$": "$x", "y.$": "$y" }, End: true },
    },
  });
  run.fail(run.task("T"));
  run.pass(1);
  deepStrictEqual(run.task("T").context.input, { x: 1 });
  run.complete(run.task("T"), { n: 5 });
  run.pass(1);
  deepStrictEqual(run.end, ["Succeeded", { x: { deep: [1] }, y: 5 }]);
});

const setters: readonly {
  what: string;
  state: JsonObject;
  others?: JsonObject;
  play?: "complete" | "fail" | "wait";
}[] = [
  { what: "Pass", state: { Type: "Pass", Assign: { v: 1 }, Next: "See" } },
  { what: "Task", state: { Type: "Task", Resource: "work", Assign: { v: 1 }, Next: "See" }, play: "complete" },
  {
    what: "Catch",
    state: {
      Type: "Task",
      Resource: "work",
      Catch: [{ ErrorEquals: ["States.ALL"], Assign: { v: 1 }, Next: "See" }],
      Next: "See",
    },
    play: "fail",
  },
  { what: "Wait", state: { Type: "Wait", Seconds: 1, Assign: { v: 1 }, Next: "See" }, play: "wait" },
  {
    what: "a Choice rule",
    state: { Type: "Choice", Choices: [{ Variable: "$.n", IsPresent: true, Assign: { v: 1 }, Next: "See" }] },
  },
  {
    what: "Choice by default",
    state: {
      Type: "Choice",
      Choices: [{ Variable: "$.none", IsPresent: true, Next: "See" }],
      Assign: { v: 1 },
      Default: "See",
    },
  },
  {
    what: "Parallel",
    state: {
      Type: "Parallel",
      Branches: [{ StartAt: "B", States: { B: { Type: "Pass", End: true } } }],
      Assign: { v: 1 },
      Next: "See",
    },
  },
  {
    what: "Map",
    state: {
      Type: "Map",
      ItemsPath: "$.items",
      ItemProcessor: { StartAt: "B", States: { B: { Type: "Pass", End: true } } },
      Assign: { v: 1 },
      Next: "See",
    },
  },
];
for (const { what, state, play } of setters) {
  test(`${what} sets a variable`, () => {
    const See = { Type: "Pass", Parameters: { "v.$": "$v" }, End: true };
    const run = started(oneState(state, { See }), { n: 1, items: [1] });
    if (play === "complete") run.complete(run.task("S"));
    if (play === "fail") run.fail(run.task("S"));
    if (play === "wait") run.pass(1);
    deepStrictEqual(run.end as Json, ["Succeeded", { v: 1 }]);
  });
}

test("a name that every object inherits is no variable", () => {
  const run = started(oneState({ Type: "Pass", Parameters: { "v.$": "$toString" }, End: true }), {});
  strictEqual((run.end as Json[])[0], "Failed");
});

test("a variable may be called as what every object inherits", () => {
  const run = started({
    StartAt: "A",
    States: {
      A: assign({ constructor: 1 }, { Next: "B" }),
      B: { Type: "Pass", Parameters: { "v.$": "$constructor" }, End: true },
    },
  });
  deepStrictEqual(run.end, ["Succeeded", { v: 1 }]);
});
