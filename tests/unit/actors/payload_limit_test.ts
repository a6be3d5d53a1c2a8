import { deepStrictEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { defaultLimits, type Json, type JsonObject } from "../../../src/values/mod.ts";
import { type ExecutionRun, oneState, started } from "../../support/execution_run.ts";

const PAYLOAD_BYTES_MAX = 1_000;
const options = { limits: { payloadBytesMax: PAYLOAD_BYTES_MAX } };
/** Text whose JSON has so many bytes. */
const text = (bytes: number): string => "x".repeat(bytes - 2);
const task: JsonObject = { Type: "Task", Resource: "work", End: true };
const pass: JsonObject = { Type: "Pass", End: true };
const each = (processor: JsonObject): JsonObject => ({ StartAt: "I", States: { I: processor } });

/** Grows `$.a` (400 bytes) to three times its size. */
const tripled = { "1.$": "$.a", "2.$": "$.a", "3.$": "$.a" };

const grown: readonly { what: string; state: JsonObject; input?: Json; play?: (run: ExecutionRun) => unknown }[] = [
  { what: "Pass by Parameters", state: { ...pass, Parameters: tripled } },
  { what: "Pass by Result", state: { ...pass, Result: text(1_001) } },
  { what: "Pass by ResultPath", state: { ...pass, Result: text(700), ResultPath: "$.b" } },
  { what: "Pass by InputPath", state: { ...pass, InputPath: "$..*" }, input: { a: text(300), b: [[[text(300)]]] } },
  { what: "Succeed by InputPath", state: { Type: "Succeed", InputPath: "$..*" }, input: { a: [[[text(600)]]] } },
  { what: "the arguments of a Task", state: { ...task, Parameters: tripled } },
  { what: "the result of a Task", state: task, play: (run) => run.complete(run.task("S"), text(1_001)) },
  {
    what: "the result of a Task, though only a part of it is kept",
    state: { ...task, ResultSelector: { "a.$": "$.a" } },
    play: (run) => run.complete(run.task("S"), { a: 1, b: text(1_001) }),
  },
  {
    what: "the arguments of a Parallel",
    state: { Type: "Parallel", Parameters: tripled, Branches: [each(pass)], End: true },
  },
  {
    what: "the outputs of a Parallel",
    state: { Type: "Parallel", Branches: [each(pass), { StartAt: "J", States: { J: pass } }], End: true },
    input: { a: text(600) },
  },
  {
    what: "the items of a Map",
    state: { Type: "Map", QueryLanguage: "JSONata", Items: "{% [1..500] %}", ItemProcessor: each(pass), End: true },
  },
  {
    what: "an item of a Map",
    state: { Type: "Map", ItemsPath: "$.l", ItemSelector: tripled, ItemProcessor: each(pass), End: true },
    input: { a: text(400), l: [1] },
  },
  {
    what: "a later item of a Map",
    state: {
      Type: "Map",
      ItemsPath: "$.l",
      ItemSelector: { "x.$": "States.ArrayRange(1, $$.Map.Item.Value, 1)" },
      ItemProcessor: each(pass),
      End: true,
    },
    input: { l: [1, 2, 500] },
  },
  {
    what: "the outputs of a Map",
    state: {
      Type: "Map",
      ItemsPath: "$.l",
      ItemProcessor: each({ ...pass, Result: text(400) }),
      End: true,
    },
    input: { l: [1, 2, 3] },
  },
  {
    what: "the input that a Wait passes on",
    state: { Type: "Wait", Seconds: 0, InputPath: "$..*", End: true },
    input: { a: [[[text(600)]]] },
  },
  {
    what: "the input that a Choice passes on",
    state: { Type: "Choice", InputPath: "$..*", Choices: [{ Variable: "$", IsPresent: true, Next: "Done" }] },
    input: { a: [[[text(600)]]] },
  },
];
for (const { what, state, input = { a: text(400) }, play } of grown) {
  test(`${what} of more bytes than allowed fails with States.DataLimitExceeded, and is not written`, () => {
    const others = state["Type"] === "Choice" ? { Done: { Type: "Succeed" } } : {};
    const run = started(oneState(state, others), input, options);
    play?.(run);
    deepStrictEqual((run.end as Json[]).slice(0, 2), ["Failed", "States.DataLimitExceeded"]);
    run.checkEmpty();
    if (play !== undefined) return; // a worker's result stands in the command that brought it
    const payloads = run.lines.flatMap((line) => (JSON.parse(line) as { payloads: Json[] }).payloads);
    ok(payloads.every((payload) => JSON.stringify(payload).length <= PAYLOAD_BYTES_MAX));
  });
}

const exact: readonly { what: string; state: JsonObject; bytes: number; fits: boolean }[] = [
  { what: "an output of exactly the limit", state: pass, bytes: PAYLOAD_BYTES_MAX, fits: true },
  { what: "a result of exactly the limit", state: task, bytes: PAYLOAD_BYTES_MAX, fits: true },
  { what: "a result of one byte more", state: task, bytes: PAYLOAD_BYTES_MAX + 1, fits: false },
];
for (const { what, state, bytes, fits } of exact) {
  test(`${what} ${fits ? "passes" : "fails"}`, () => {
    const run = started(oneState(state), state === pass ? text(bytes) : {}, options);
    if (state === task) run.complete(run.task("S"), text(bytes));
    deepStrictEqual(run.end, fits ? ["Succeeded", text(bytes)] : (run.end as Json[]).slice(0));
    deepStrictEqual((run.end as Json[])[0], fits ? "Succeeded" : "Failed");
  });
}

test("variables and depth go by the limits of the engine, too", () => {
  const assigning = oneState({
    ...pass,
    Assign: { "v.$": "States.Format('{}{}{}', $.a, $.a, $.a)" },
    OutputPath: null,
  });
  const cause = (definition: Json, input: Json, limits: object) => started(definition, input, { limits }).end;
  deepStrictEqual(cause(assigning, { a: text(400) }, { payloadBytesMax: 1_300 }), ["Succeeded", {}]);
  deepStrictEqual((cause(assigning, { a: text(400) }, options.limits) as Json[])[1], "States.Runtime");
  const nesting = oneState({ ...pass, Parameters: { "a.$": "$" } });
  deepStrictEqual(cause(nesting, { b: 1 }, { jsonDepthMax: 2 }), ["Succeeded", { a: { b: 1 } }]);
  deepStrictEqual((cause(nesting, { b: { c: 1 } }, { jsonDepthMax: 2 }) as Json[])[1], "States.Runtime");
});

test("bytes are counted as UTF-8", () => {
  const run = started(oneState(task), {}, options);
  run.complete(run.task("S"), "€".repeat(333)); // 999 bytes and two quotes
  deepStrictEqual((run.end as Json[]).slice(0, 2), ["Failed", "States.DataLimitExceeded"]);
});

test("States.DataLimitExceeded can be caught by its name, and not by States.ALL", () => {
  for (const [name, status] of [["States.DataLimitExceeded", "Succeeded"], ["States.ALL", "Failed"]] as const) {
    const state = { ...task, Catch: [{ ErrorEquals: [name], Next: "Done" }] };
    const run = started(oneState(state, { Done: { Type: "Pass", End: true } }), {}, options);
    run.complete(run.task("S"), text(1_001));
    deepStrictEqual((run.end as Json[])[0], status);
  }
});

test("whatever the branches hold, a turn fits into a log entry", () => {
  const branches = Array.from({ length: 12 }, (_, index) => ({
    StartAt: `A${index}`,
    States: {
      [`A${index}`]: { Type: "Pass", Parameters: { "x.$": `States.Format('{} ${index}', $.a)` }, Next: `B${index}` },
      [`B${index}`]: { Type: "Pass", Parameters: { "y.$": `States.Format('{} again', $.x)` }, Next: `C${index}` },
      [`C${index}`]: { Type: "Pass", Result: index, End: true },
    },
  }));
  const run = started(oneState({ Type: "Parallel", Branches: branches, End: true }), { a: "x".repeat(150_000) }, {
    compare: false,
  });
  run.takeUp();
  deepStrictEqual(run.end, ["Succeeded", branches.map((_, index) => index)]);
  const largest = Math.max(...run.lines.map((line) => line.length));
  ok(largest < 1_000_000 && largest < defaultLimits.turnBytesMax * 4, `${largest} bytes`);
});
