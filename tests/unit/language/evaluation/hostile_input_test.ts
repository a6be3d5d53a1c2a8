// Goal: whatever a definition or an input says, nothing throws, hangs, or reaches a prototype.
// Method: known attacks one by one, then random definitions, paths and calls from printed seeds.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Result } from "effect";
import { parsePath } from "../../../../src/language/paths/parse_path.ts";
import { parseIntrinsic } from "../../../../src/language/intrinsics/parse_intrinsic.ts";
import { parseJsonText } from "../../../../src/language/json_text.ts";
import {
  choose,
  effectiveInput,
  parseDefinition,
  stateArguments,
  stateOutcome,
  validateDefinition,
} from "../../../../src/language/mod.ts";
import type { State } from "../../../../src/language/mod.ts";
import type { Json, JsonObject } from "../../../../src/values/mod.ts";
import { machineOf, outcomeOf, scopeOf, stateOf } from "../fixtures.ts";

/** As decoded from JSON text: `__proto__` is an own key. */
const hostile: JsonObject = JSON.parse(
  '{"__proto__":{"polluted":1},"constructor":{"prototype":{"x":2}},"toString":3,"a":{"__proto__":4}}',
);

const plainKeys: readonly (readonly [path: string, value: unknown])[] = [
  ["$.__proto__.polluted", 1],
  ["$['__proto__']", { polluted: 1 }],
  ["$.constructor.prototype.x", 2],
  ["$.toString", 3],
  ["$.a.__proto__", 4],
];

for (const [path, value] of plainKeys) {
  test(`${path} reads an own key`, () => {
    deepStrictEqual(outcomeOf(effectiveInput(stateOf("Pass", { InputPath: path }), scopeOf(hostile))), value);
  });
}

for (
  const path of [
    "$.__proto__",
    "$.constructor",
    "$.hasOwnProperty",
    "$.list.length",
    "$.list.constructor",
    "$.text.length",
    "$['toString']",
  ]
) {
  test(`${path} finds nothing where there is no such own key`, () => {
    const outcome = effectiveInput(stateOf("Pass", { InputPath: path }), scopeOf({ list: [1], text: "x" }));
    ok(Result.isFailure(outcome));
  });
}

test("__proto__ is data in templates, ResultPath and merged objects, and no prototype changes", () => {
  const run = (fields: JsonObject) => {
    const state = stateOf("Pass", fields);
    const parameters = Result.getOrThrow(stateArguments(state, scopeOf(hostile), hostile));
    return Result.getOrThrow(stateOutcome(state, scopeOf(hostile), hostile, parameters)).output as JsonObject;
  };
  const template = run({ Parameters: JSON.parse('{"__proto__":{"v.$":"$.toString"},"__proto__x.$":"$.a"}') });
  deepStrictEqual(Object.keys(template), ["__proto__", "__proto__x"]);
  const dynamic = run({ Parameters: { "__proto__.$": "$.a" } });
  deepStrictEqual(Object.getOwnPropertyDescriptor(dynamic, "__proto__")?.value, hostile["a"]);
  const placed = run({ Result: { polluted: true }, ResultPath: "$.b.__proto__.deep" });
  strictEqual(Object.hasOwn(placed, "__proto__"), true);
  const merged = run({ Parameters: { "m.$": "States.JsonMerge($, $.a, false)" } });
  deepStrictEqual(Object.getOwnPropertyDescriptor(merged["m"], "__proto__")?.value, 4);
  strictEqual(Reflect.get({}, "polluted"), undefined);
  strictEqual(Object.getPrototypeOf(placed), Object.prototype);
});

test("a variable cannot be called __proto__, and none of that name is read", () => {
  const findings = validateDefinition({
    StartAt: "S",
    States: { S: { Type: "Pass", Assign: JSON.parse('{"__proto__":1}'), End: true } },
  });
  deepStrictEqual(findings.map(({ code }) => code), ["INVALID_VARIABLE_NAME"]);
  ok(Result.isFailure(effectiveInput(stateOf("Pass", { InputPath: "$constructor" }), scopeOf({}))));
});

test("states may be called as they like", () => {
  const definition = JSON.parse(
    '{"StartAt":"__proto__","States":{"__proto__":{"Type":"Pass","Next":"constructor"},"constructor":{"Type":"Succeed"}}}',
  );
  for (const machine of [machineOf(definition), machineOf(JSON.stringify(definition))]) {
    deepStrictEqual([...machine.States.keys()], ["__proto__", "constructor"]);
  }
});

test("a state cannot nest its input deeper and deeper", () => {
  const state = stateOf("Pass", { Parameters: { "a.$": "$" } });
  let value: Json = {};
  for (let round = 0; round < 1_000; round++) {
    const outcome = stateOutcome(
      state,
      scopeOf(value),
      value,
      Result.getOrThrow(stateArguments(state, scopeOf(value), value)),
    );
    if (Result.isFailure(outcome)) {
      deepStrictEqual(outcome.failure, {
        error: "States.Runtime",
        cause: "The state's output is nested deeper than 256 levels.",
        raisedBy: "Runtime",
      });
      strictEqual(round, 255);
      return;
    }
    value = outcome.success.output;
  }
  ok(false, "Expected a failure");
});

test("definitions nested without end are refused, as text and as value", () => {
  for (const text of [`{"a":${"[".repeat(200_000)}`, `${'{"States":'.repeat(5_000)}1${"}".repeat(5_000)}`]) {
    ok(validateDefinition(text).length > 0);
  }
  let deep: Json = {};
  for (let depth = 0; depth < 100_000; depth++) deep = { a: deep };
  ok(Result.isFailure(parseDefinition({ StartAt: "S", States: { S: { Type: "Pass", Result: deep, End: true } } })));
  const conditions = { Not: {} };
  let inner: Record<string, Json> = conditions;
  for (let depth = 0; depth < 400; depth++) inner = (inner["Not"] = { Not: {} }) as Record<string, Json>;
  ok(
    Result.isFailure(
      parseDefinition({ StartAt: "S", States: { S: { Type: "Choice", Choices: [{ ...conditions, Next: "S" }] } } }),
    ),
  );
});

test("data nested beyond the host's stack ends with States.Runtime, not with a throw", () => {
  const deep = () => {
    let value: Json = [];
    for (let depth = 0; depth < 200_000; depth++) value = [value];
    return value;
  };
  const rawInput = { list: [{ a: deep() }], b: deep() };
  const filter = stateOf("Pass", { InputPath: "$.list[?(@.a == $.b)]" });
  deepStrictEqual(outcomeOf(effectiveInput(filter, scopeOf(rawInput))), {
    failed: { error: "States.Runtime", cause: "The state's data is nested too deeply." },
  });
});

test("a long path is refused", () => {
  ok(Result.isFailure(parsePath(`$${".a".repeat(100_000)}`)));
  ok(Result.isFailure(parsePath(`$[?(${"(".repeat(10_000)}`)));
  ok(Result.isFailure(parsePath(`$[?(${"!".repeat(10_000)}@.a)]`)));
  ok(Result.isFailure(parseIntrinsic("States.Array(".repeat(10_000))));
});

test("a definition of 10,000 states is read in a second or two", () => {
  const states: Record<string, Json> = {};
  for (let index = 0; index < 9_999; index++) {
    states[`S${index}`] = { Type: "Pass", Parameters: { "x.$": "$.x" }, Next: `S${index + 1}` };
  }
  states["S9999"] = { Type: "Succeed" };
  const text = JSON.stringify({ StartAt: "S0", States: states });
  const before = performance.now();
  strictEqual(machineOf(text).allStates.size, 10_000);
  ok(performance.now() - before < 20_000);
});

/** A small generator of numbers in [0, 1): mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const pieces = [
  "$",
  "$$",
  "$.",
  "..",
  ".a",
  "['b']",
  "[0]",
  "[-1]",
  "[*]",
  "[1:]",
  "[?(",
  "@.a",
  "@",
  " == ",
  "'x'",
  "1",
  " && ",
  "||",
  "!",
  ")]",
  "(",
  ")",
  "*",
  ".length()",
  "States.Format(",
  "States.Array(",
  "{}",
  "\\",
  "'",
  ",",
  "]",
  "[",
  "__proto__",
  "null",
  "true",
  '"',
  "{% ",
  " %}",
  "$states.input",
  "in ",
  "size",
  "e9",
  "\u0000",
  "😀",
  "\ud800",
];
const fieldNames = [
  "Type",
  "Next",
  "End",
  "Default",
  "Choices",
  "Variable",
  "And",
  "Not",
  "StringEquals",
  "IsPresent",
  "NumericEqualsPath",
  "Parameters",
  "Arguments",
  "Output",
  "Assign",
  "InputPath",
  "OutputPath",
  "ResultPath",
  "ResultSelector",
  "Result",
  "Retry",
  "Catch",
  "ErrorEquals",
  "Branches",
  "ItemProcessor",
  "Iterator",
  "ItemsPath",
  "Items",
  "ItemSelector",
  "MaxConcurrency",
  "ToleratedFailureCountPath",
  "Seconds",
  "SecondsPath",
  "Timestamp",
  "Error",
  "CausePath",
  "QueryLanguage",
  "Condition",
  "StartAt",
  "States",
  "x.$",
  "__proto__",
  "constructor",
  "Resource",
  "TimeoutSeconds",
  "ProcessorConfig",
  "Mode",
];
const values: readonly Json[] = [
  "Pass",
  "Task",
  "Choice",
  "Wait",
  "Succeed",
  "Fail",
  "Parallel",
  "Map",
  "JSONata",
  "JSONPath",
  "S",
  "A",
  true,
  false,
  null,
  0,
  -1,
  1.5,
  1e9,
  "States.ALL",
  "DISTRIBUTED",
];

class Generator {
  readonly #random: () => number;
  constructor(seed: number) {
    this.#random = randomOf(seed);
  }

  below(bound: number): number {
    return Math.floor(this.#random() * bound);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  text(): string {
    return Array.from({ length: this.below(8) }, () => this.pick(pieces)).join("");
  }

  json(depth: number): Json {
    const kind = depth <= 0 ? this.below(2) : this.below(5);
    if (kind === 0) return this.pick(values);
    if (kind === 1) return this.text();
    if (kind === 2) return Array.from({ length: this.below(4) }, () => this.json(depth - 1));
    return Object.fromEntries(
      Array.from({ length: this.below(6) }, () => [this.pick(fieldNames), this.json(depth - 1)]),
    );
  }
}

const seeds = [1, 2, 3, 5, 8, 13, 21, 34];

for (const seed of seeds) {
  test(`random definitions, paths and calls never throw (seed ${seed})`, () => {
    const generate = new Generator(seed);
    for (let round = 0; round < 100; round++) {
      const definition: Json = {
        StartAt: "S",
        States: { S: generate.json(5), A: { Type: generate.pick(values), ...Object(generate.json(3)) } },
        QueryLanguage: generate.pick(["JSONata", "JSONPath"]),
      };
      const text = JSON.stringify(definition);
      deepStrictEqual(validateDefinition(text).length > 0, validateDefinition(JSON.parse(text)).length > 0);
      validateDefinition(text.slice(0, generate.below(text.length)));
      parseJsonText(generate.text(), 10);
      parsePath(generate.text());
      parseIntrinsic(`States.${generate.text()}`);
      runIfValid(generate, {
        Type: "Pass",
        End: true,
        InputPath: `$${generate.text()}`,
        Parameters: { "a.$": `$${generate.text()}`, "b.$": `States.Format(${generate.text()})` },
      });
      runIfValid(generate, {
        Type: "Pass",
        End: true,
        InputPath: `$${generate.text()}`,
        ResultPath: `$${generate.text()}`,
      });
      runIfValid(generate, {
        Type: "Choice",
        Choices: [{
          Variable: `$${generate.text()}`,
          [generate.pick(["StringMatches", "StringEqualsPath"])]: `$${generate.text()}`,
          Next: "A",
        }],
      });
      runIfValid(generate, { Type: "Pass", QueryLanguage: "JSONata", End: true, Output: `{% ${generate.text()} %}` });
    }
  });
}

function runIfValid(generate: Generator, state: JsonObject): void {
  const parsed = parseDefinition({ StartAt: "S", States: { S: state, A: { Type: "Succeed" } } });
  if (Result.isFailure(parsed)) {
    if (state["Type"] === "Choice" || !parsed.failure.every(({ code }) => code === "MISSING_TRANSITION_TARGET")) return;
  }
  const machine = Result.isSuccess(parsed) ? parsed.success : machineOf({ StartAt: "S", States: { S: state } });
  const compiled: State | undefined = machine.States.get("S");
  if (compiled === undefined) return;
  const input = generate.json(4);
  const scope = scopeOf(input);
  const effective = effectiveInput(compiled, scope);
  if (Result.isFailure(effective)) return;
  if (compiled.Type === "Choice") {
    choose(compiled, scope, effective.success);
    return;
  }
  const parameters = stateArguments(compiled, scope, effective.success);
  if (Result.isSuccess(parameters)) {
    JSON.stringify(outcomeOf(stateOutcome(compiled, scope, effective.success, parameters.success)));
  }
}
