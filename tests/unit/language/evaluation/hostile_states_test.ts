// Goal: no state of a JSONPath machine hangs or kills the engine, however its paths, calls, rules and templates multiply. Method: each
// ends as the error named, or as a value, within a second of processor time; many of them leave the heap as it was.
import { deepStrictEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { Result } from "effect";
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
import { machineOf, scopeOf } from "../fixtures.ts";

/** Of processor time: the machine may have other things to do. */
const MS_MAX = 1_000;

function usedMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Containers 200 deep, each with a few more. */
const nested = deepened(200, (inner, depth) => ({ a: inner, b: depth, c: [depth] }), {});
const ones = Array.from({ length: 80_000 }, () => 1);
const big: JsonObject = {
  list: ones,
  again: ones.slice(),
  text: "a".repeat(130_000),
  periodic: `${"a".repeat(40_000)}b${"a".repeat(40_300)}`,
};
const records: JsonObject = { list: Array.from({ length: 20_000 }, (_, id) => ({ id, x: [id] })) };
/** A long text far down: whoever lists what is above it lists it each time. */
const buried = deepened(250, (inner) => ({ a: inner }), { text: "x".repeat(250_000) });

function deepened(depth: number, around: (inner: Json, depth: number) => Json, core: Json): Json {
  let value = core;
  for (let level = 0; level < depth; level++) value = around(value, level);
  return value;
}

const passing = (fields: JsonObject): JsonObject => ({ Type: "Pass", End: true, ...fields });
const path = (InputPath: string) => passing({ InputPath });
const template = (count: number, value: string) =>
  passing({ Parameters: Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}.$`, value])) });
const call = (value: string) => template(1, value);
const list = (count: number, item: string) => Array.from({ length: count }, () => item).join(", ");
const rules = (count: number, rule: JsonObject): JsonObject => ({
  Type: "Choice",
  Choices: Array.from({ length: count }, () => ({ ...rule, Next: "A" })),
  Default: "A",
});

const RUNTIME = "States.Runtime";
const TOO_LARGE = "States.DataLimitExceeded";
const REFUSED = "States.Runtime";

const cases: readonly (readonly [what: string, state: JsonObject, input: Json, ended: string])[] = [
  ["descents in descents", path("$..*..*..*..*..*"), nested, RUNTIME],
  ["descents to one name", path("$..a..a..a..a"), nested, RUNTIME],
  ["a filter that descends", path("$..[?(@..[?(@..*)])]..*"), nested, RUNTIME],
  ["a descent that lists a long text many times", path("$..*"), buried, TOO_LARGE],
  ["two descents that do", path("$..*..*"), buried, TOO_LARGE],
  ["a filter that compares long arrays", path("$.list[?($.list == $.again)]"), big, RUNTIME],
  ["a filter by all identifiers", path("$.list[?($..id subsetof $..id)]"), records, RUNTIME],
  ["a filter that searches a long text", path("$.list[?($.text contains $.periodic)]"), big, RUNTIME],
  ["a filter that misses what is in a long context", path("$.list[?($$[0] == 1)]"), records, "value"],
  ["a text put together again and again", path(`$.list.concat(${list(2_000, "$.text")})`), big, TOO_LARGE],
  [
    "a function of all below all",
    path("$..sum($..*)"),
    deepened(250, (inner) => [inner, ...ones.slice(0, 90)], []),
    TOO_LARGE,
  ],
  ["many descents", template(20_000, "$..*"), records, RUNTIME],
  ["many copies of the input", template(50_000, "$"), big, TOO_LARGE],
  ["many copies in one text", call(`States.JsonToString(States.Array(${list(50_000, "$")}))`), big, RUNTIME],
  ["a hash of many copies", call(`States.Hash(States.Array(${list(50_000, "$")}), 'MD5')`), big, RUNTIME],
  ["what is unique of many copies", call(`States.ArrayUnique(States.Array(${list(5_000, "$")}))`), records, RUNTIME],
  ["what is unique, many times", template(10_000, "States.ArrayLength(States.ArrayUnique($.list))"), records, RUNTIME],
  ["many searches in an array", template(10_000, "States.ArrayContains($.list, 2)"), big, RUNTIME],
  ["many splits", template(10_000, "States.ArrayLength(States.StringSplit($.text, 'a'))"), big, RUNTIME],
  ["many JSON texts", template(10_000, "States.StringToJson($.json)"), { json: JSON.stringify(ones) }, RUNTIME],
  ["a format with many holes", call(`States.Format('${"{}".repeat(5_000)}', ${list(5_000, "$.text")})`), big, REFUSED],
  [
    "formats in formats",
    call(`${"States.Format('{}{}', ".repeat(15)}$.text, $.text${")".repeat(15)}`.replace(/\)(?=\))/g, ", $.text)")),
    big,
    REFUSED,
  ],
  ["a range of a billion", call("States.ArrayRange(0, 1000000000, 1)"), {}, REFUSED],
  ["a range without step", call("States.ArrayRange(0, 1, 0)"), {}, REFUSED],
  ["many rules that search a long text", rules(8_000, { Variable: "$.text", StringMatches: "*b*c*" }), big, RUNTIME],
  [
    "many rules that search for a long one",
    rules(20, { Variable: "$.text", StringMatches: `*${big["periodic"]}*` }),
    big,
    "value",
  ],
  ["many rules that descend", rules(8_000, { Variable: "$..nothing", IsPresent: false }), records, RUNTIME],
  [
    "many rules that compare long texts",
    rules(8_000, { Variable: "$.left", StringEqualsPath: "$.right" }),
    { left: `${"a".repeat(100_000)}b`, right: `${"a".repeat(100_000)}c` },
    RUNTIME,
  ],
  [
    "a rule tree of thousands",
    rules(1, { Or: Array.from({ length: 12_000 }, () => ({ Not: { Variable: "$.text", IsString: true } })) }),
    { text: "t" },
    "value",
  ],
  [
    "many expressions of JSONata",
    {
      ...passing({ Output: Array.from({ length: 20_000 }, () => "{% $sum([1..1000]) %}") }),
      QueryLanguage: "JSONata",
    },
    {},
    "States.QueryEvaluationError",
  ],
  [
    "many long texts of JSONata",
    {
      ...passing({ Output: Array.from({ length: 20_000 }, () => '{% $pad("", 200000, "x") %}') }),
      QueryLanguage: "JSONata",
    },
    {},
    TOO_LARGE,
  ],
  [
    "many conditions of JSONata",
    { ...rules(8_000, { Condition: "{% $count([1..2000]) = 1 %}" }), QueryLanguage: "JSONata" },
    {},
    "States.QueryEvaluationError",
  ],
];

function stateOf(state: JsonObject): State {
  const states: JsonObject = state["Type"] === "Choice" ? { S: state, A: { Type: "Succeed" } } : { S: state };
  const found = machineOf({ StartAt: "S", States: states }).States.get("S");
  if (found === undefined) throw new Error("Expected a state");
  return found;
}

function endOf(state: State, input: Json): string {
  const scope = scopeOf(input);
  const outcome = Result.flatMap(
    effectiveInput(state, scope),
    (effective) =>
      state.Type === "Choice" ? choose(state, scope, effective) : Result.flatMap(
        stateArguments(state, scope, effective),
        (args) => stateOutcome(state, scope, effective, args),
      ),
  );
  return Result.isSuccess(outcome) ? "value" : outcome.failure.error ?? "no error";
}

for (const [what, definition, input, ended] of cases) {
  test(`a state ends with ${ended}, within a second: ${what}`, () => {
    const state = stateOf(definition);
    const begin = usedMs();
    deepStrictEqual(endOf(state, input), ended);
    const ms = Math.round(usedMs() - begin);
    ok(ms < MS_MAX, `It took ${ms} ms`);
  });
}

test("a definition of thousands of expressions is read within seconds, or refused", () => {
  const begin = usedMs();
  const output = Array.from({ length: 12_000 }, (_, index) => `{% ${index} %}`);
  const definition = { StartAt: "S", QueryLanguage: "JSONata", States: { S: passing({ Output: output }) } };
  deepStrictEqual(
    validateDefinition(definition)[0]?.message,
    "The definition has more than 10000 different JSONata expressions",
  );
  ok(usedMs() - begin < 6 * MS_MAX);
});

test("a definition whose branches multiply is refused or read within a second or two", () => {
  const begin = usedMs();
  const branch = (depth: number): JsonObject =>
    depth === 0 ? { Type: "Pass", End: true } : {
      Type: "Parallel",
      End: true,
      Branches: [0, 1].map((side) => ({
        StartAt: `N${depth}${side}`,
        States: { [`N${depth}${side}`]: branch(depth - 1) },
      })),
    };
  ok(Result.isFailure(parseDefinition({ StartAt: "S", States: { S: branch(12) } })));
  ok(usedMs() - begin < 2 * MS_MAX);
});

test("regular expressions of a definition cannot take more memory than a little", () => {
  const output = (count: number) =>
    Array.from({ length: count }, (_, index) => `{% $match("a", /(abcdefg${index}){180}/) %}`);
  const findingsOf = (Output: Json) =>
    validateDefinition({ StartAt: "S", QueryLanguage: "JSONata", States: { S: passing({ Output }) } });
  deepStrictEqual(findingsOf(output(40)), []);
  const begin = usedMs();
  const message = "The regular expressions are too large together";
  deepStrictEqual(findingsOf(output(2_000))[0]?.message, message);
  deepStrictEqual(findingsOf(`{% [${output(10).map((text) => text.slice(2, -2)).join(",")}] %}`)[0]?.message, message);
  ok(usedMs() - begin < 3 * MS_MAX);
});
