// Goal: input and output of a state pass through the stages in the order of the specification.
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Result } from "effect";
import { effectiveInput, stateArguments, stateOutcome } from "../../../../src/language/mod.ts";
import type { State } from "../../../../src/language/mod.ts";
import type { Json, JsonObject } from "../../../../src/values/mod.ts";
import { outcomeOf, scopeOf, stateOf } from "../fixtures.ts";

/** All stages of a state whose work is `work`: by default the identity. */
function run(
  state: State,
  rawInput: Json,
  work: (value: Json) => Json = (value) => value,
  variables: JsonObject = {},
): unknown {
  const scope = scopeOf(rawInput, { variables });
  const input = effectiveInput(state, scope);
  if (Result.isFailure(input)) return outcomeOf(input);
  const parameters = stateArguments(state, scope, input.success);
  if (Result.isFailure(parameters)) return outcomeOf(parameters);
  return outcomeOf(stateOutcome(state, scope, input.success, work(parameters.success)));
}

const input = { vals: [0, 10, 20], flagged: 7, delta: { total: 1 } };
const IO = "ASL: Input and Output Processing";
const VARIABLES = "AWS: Workflow variables";

const passCases: readonly { when: string; fields: JsonObject; output: Json; assigned?: JsonObject; source: string }[] =
  [
    { when: "nothing is given", fields: {}, output: input, source: IO },
    { when: "InputPath selects", fields: { InputPath: "$.delta" }, output: { total: 1 }, source: IO },
    { when: "InputPath is null", fields: { InputPath: null }, output: {}, source: IO },
    { when: "OutputPath selects", fields: { OutputPath: "$.flagged" }, output: 7, source: IO },
    { when: "OutputPath is null", fields: { OutputPath: null }, output: {}, source: IO },
    { when: "Result stands for the input", fields: { Result: { a: 1 } }, output: { a: 1 }, source: "ASL: Pass State" },
    {
      when: "Result is data even where it looks like a template",
      fields: { Result: { "a.$": "$.b" } },
      output: { "a.$": "$.b" },
      source: "ASL: Pass State",
    },
    {
      when: "ResultPath places the result",
      fields: { Result: 5, ResultPath: "$.delta.sum" },
      output: { ...input, delta: { total: 1, sum: 5 } },
      source: "ASL: Using ResultPath",
    },
    {
      when: "ResultPath makes objects on its way",
      fields: { Result: 5, ResultPath: "$.x.y['z z']" },
      output: { ...input, x: { y: { "z z": 5 } } },
      source: "ASL: Using ResultPath",
    },
    {
      when: "ResultPath names an item",
      fields: { Result: 5, ResultPath: "$.vals[1]" },
      output: { ...input, vals: [0, 5, 20] },
      source: "ASL: Using ResultPath",
    },
    {
      when: "ResultPath is null",
      fields: { Result: 5, ResultPath: null },
      output: input,
      source: "ASL: Using ResultPath",
    },
    {
      when: "ResultPath places onto the raw input, not what InputPath selects",
      fields: { InputPath: "$.delta", ResultPath: "$.r" },
      output: { ...input, r: { total: 1 } },
      source: "ASL: Using ResultPath",
    },
    {
      when: "Parameters are a template",
      fields: { Parameters: { flagged: true, parts: { "first.$": "$.vals[0]", "rest.$": "$.vals[1:]" } } },
      output: { flagged: true, parts: { first: 0, rest: [10, 20] } },
      source: "ASL: Using Parameters",
    },
    {
      when: "a template has arrays",
      fields: { Parameters: { list: [{ "a.$": "$.flagged" }, "$.flagged", 1] } },
      output: { list: [{ a: 7 }, "$.flagged", 1] },
      source: "AWS: Parameters",
    },
    {
      when: "a template reads the context object",
      fields: { Parameters: { "id.$": "$$.Execution.Id" } },
      output: { id: "execution-1" },
      source: "AWS: Context object",
    },
    {
      when: "a template reads a variable",
      fields: { Parameters: { "v.$": "$v.a", "w.$": "States.Format('{}', $v.a)" } },
      output: { v: 1, w: "1" },
      source: VARIABLES,
    },
    {
      when: "a template reads an index beyond the end",
      fields: { Parameters: { "v.$": "$.vals[5]" } },
      output: { v: null },
      source: "Observed of AWS",
    },
    {
      when: "Assign sets variables",
      fields: { Assign: { one: 1, "two.$": "$.flagged", deep: { "three.$": "$.vals" } } },
      output: input,
      assigned: { one: 1, two: 7, deep: { three: [0, 10, 20] } },
      source: VARIABLES,
    },
    {
      when: "Assign sees the variables as they were on entry",
      fields: { Assign: { v: 2, "w.$": "$v" } },
      output: input,
      assigned: { v: 2, w: { a: 1 } },
      source: "AWS: Workflow variables, evaluation order",
    },
  ];

for (const { when, fields, output, assigned, source } of passCases) {
  test(`a Pass state gives its output when ${when} [${source}]`, () => {
    deepStrictEqual(
      run(stateOf("Pass", fields), input, undefined, { v: { a: 1 } }),
      assigned === undefined ? { output } : { output, assigned },
    );
  });
}

test("a Task's result goes through ResultSelector, ResultPath and OutputPath, in this order [ASL: Input and Output Processing]", () => {
  const state = stateOf("Task", {
    Resource: "work",
    Parameters: { "n.$": "$.flagged" },
    ResultSelector: { "picked.$": "$.a.b" },
    ResultPath: "$.result",
    OutputPath: "$.result.picked",
    Assign: { "seen.$": "$.picked" },
  });
  deepStrictEqual(run(state, input, (parameters) => ({ a: { b: parameters } })), {
    output: { n: 7 },
    assigned: { seen: { n: 7 } },
  });
});

const failures: readonly { when: string; fields: JsonObject; cause: string }[] = [
  {
    when: "a template's path finds nothing",
    fields: { Parameters: { "x.$": "$.nope.deep" } },
    cause: `The JSONPath '$.nope.deep' specified for the field 'x.$' could not be found in the input '${
      JSON.stringify(input)
    }'`,
  },
  {
    when: "a template's path finds nothing in the Context Object",
    fields: { Parameters: { "x.$": "$$.Nope.Deep" } },
    cause: `The JSONPath '$$.Nope.Deep' specified for the field 'x.$' could not be found in the input '${
      JSON.stringify(scopeOf(input).contextObject)
    }'`,
  },
  {
    when: "InputPath finds nothing",
    fields: { InputPath: "$.nope" },
    cause: "Invalid path '$.nope' : No results for path: $['nope']",
  },
  {
    when: "ResultPath leads through a number",
    fields: { Result: 1, ResultPath: "$.flagged.x" },
    cause: `Unable to apply ReferencePath $.flagged.x to input ${JSON.stringify(input)}`,
  },
  {
    when: "ResultPath names an item that is not there",
    fields: { Result: 1, ResultPath: "$.vals[3]" },
    cause: `Unable to apply ReferencePath $.vals[3] to input ${JSON.stringify(input)}`,
  },
];

for (const { when, fields, cause } of failures) {
  test(`a state fails with States.Runtime when ${when} [AWS: Error handling, States.Runtime]`, () => {
    deepStrictEqual(run(stateOf("Pass", fields), input), { failed: { error: "States.Runtime", cause } });
  });
}

test("a path cannot be applied to null [Observed of AWS]", () => {
  deepStrictEqual(run(stateOf("Pass", { InputPath: "$.a" }), null), {
    failed: { error: "States.Runtime", cause: "Unable to apply Path transformation to null or empty input." },
  });
});

test("values are shared, not copied: what a template leaves alone is the very object", () => {
  const big = { keep: [1, 2, 3] };
  const placed = run(stateOf("Pass", { Result: 1, ResultPath: "$.r" }), { big }) as { output: { big: unknown } };
  strictEqual(placed.output.big, big);
  const state = stateOf("Pass", { Parameters: { constant: { a: 1 } } });
  const [first, second] = [run(state, {}), run(state, {})] as { output: unknown }[];
  strictEqual(first?.output, second?.output);
});

test("Assign may set at most 256 KiB at once [AWS: Workflow variables, limits]", () => {
  const state = stateOf("Pass", { Assign: { "v.$": "$" } });
  const fits = "x".repeat(262_144 - '{"v":""}'.length);
  deepStrictEqual(run(state, fits), { output: fits, assigned: { v: fits } });
  const failed = run(state, `${fits}x`) as { failed: { error: string } };
  strictEqual(failed.failed.error, "States.Runtime");
});

test("all variables may have 10 MiB together, one that is set again counts once [AWS: Workflow variables, limits]", () => {
  const text = "x".repeat(10_485_760 / 40 - 20);
  const held = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`v${index}`, text]));
  const assigning = (name: string) => run(stateOf("Pass", { Assign: { [`${name}.$`]: "$" } }), text, undefined, held);
  deepStrictEqual(assigning("v39"), { output: text, assigned: { v39: text } });
  deepStrictEqual(
    (assigning("other") as { failed: { cause: string } }).failed.cause,
    "The size of all variables exceeds the maximum of 10485760 bytes.",
  );
});
