// What Step Functions adds to JSONata, and what is drawn. Source: AWS, "Transforming data with JSONata in Step Functions".
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Result } from "effect";
import { compileJsonata, evaluateJsonata } from "../../../../src/language/jsonata/mod.ts";
import type { Json } from "../../../../src/values/mod.ts";
import { codeOf, fixedDraws, outcomeOf, valueOf } from "./evaluation.ts";

const values: readonly (readonly [source: string, value: Json | undefined])[] = [
  ["$partition([1, 2, 3, 4, 5, 6, 7], 3)", [[1, 2, 3], [4, 5, 6], [7]]],
  ["$partition([], 3)", undefined],
  ["$partition([1, 2, 3])", [[1, 2, 3]]],
  ["$partition([1, 2, 3], 0)", undefined],
  ["$partition([1, 2, 3], -0.5)", undefined],
  ["$partition([1, 2, 3, 4, 5], 2.9)", [[1, 2], [3, 4], [5]]],
  ["$partition([1..4], 10)", [[1, 2, 3, 4]]],
  ["$partition($nothing, 3)", undefined],
  ["$range(0, 10, 2)", [0, 2, 4, 6, 8, 10]],
  ["$range(1, 9, 3)", [1, 4, 7]],
  ["$range(5, 1, -2)", [5, 3, 1]],
  ["$range(5, 1, 1)", undefined],
  ["$range(1, 5)", undefined],
  ["$range(1, 5, 0)", undefined],
  ["$range(3, 3, 1)", 3],
  ["$range(-1.7, 2, 1)", [-1, 0, 1, 2]],
  ["$range(5, 1, -1.5)", [5, 4, 3, 2, 1]],
  ['$hash("a")', undefined],
  ["$random(0.9)", 0.730967787376657],
  ["1 / 0", "Infinity"],
  ["-1 / 0", "-Infinity"],
  ["0 / 0", "NaN"],
  ['{"a": [1 / 0]}', { a: ["Infinity"] }],
  ['[$parseInteger("abc", "0")]', ["NaN"]],
  ["[0 * -1, 1]", [0, 1]],
  ['$hash("input", "MD5")', "a43c1b0aa53a0c908810c06ab1ff3967"],
  ['$hash("input", "SHA-1")', "140f86aae51ab9e1cda9b4254fe98a74eb54c1a1"],
  ['$hash("input", "SHA-256")', "c96c6d5be8d08a12e7b5cdc1b207fa6b2430974c86803d8891675e76fd992c20"],
  ['$length($hash("input", "SHA-384"))', 96],
  ['$length($hash("é", "SHA-512"))', 128],
  ["$random(42)", 0.7275636800328681],
  ["$random(0)", 0.730967787376657],
  ["$random()", fixedDraws.random()],
  ["$uuid()", fixedDraws.uuid()],
  ['$parse(\'{"a": [1, {"b": null}]}\').a[1]', { b: null }],
  ['$parse("5")', 5],
  ["$parse($nothing)", undefined],
  ["$now()", "2024-02-29T13:05:09.045Z"],
  ['$now("[Y]/[M]", "-1400")', "2024/2"],
  ["$millis()", fixedDraws.nowEpochMs],
  ["$now() = $now()", true],
  ["$shuffle([1, 2, 3])", [3, 1, 2]],
  ['$toMillis("2024-02-29T13:05:09")', 1709211909000],
  ['$toMillis("10:30", "[H]:[m]")', Date.UTC(2024, 1, 29, 10, 30)],
];

for (const [source, value] of values) {
  test(`${source} is ${JSON.stringify(value)}`, () => {
    deepStrictEqual(valueOf(source), value);
  });
}

const failures: readonly (readonly [source: string, code: string])[] = [
  ["$partition([1], -1)", "D3137"],
  ["$partition([1], 2, 3)", "T0410"],
  ["$range(1)", "T0410"],
  ["$range(1, 2, 1, 1)", "T0410"],
  ['$hash("a", "SHA-3")', "D3137"],
  ['$hash("a", "md5")', "D3137"],
  ['$hash("a", "toString")', "D3137"],
  ['$hash("a", 5)', "T0410"],
  ['$hash(42, "MD5")', "T0410"],
  ['$uuid("a")', "T0410"],
  ["$random(1, 2)", "T0410"],
  ['$random("a")', "T0410"],
  ["$parse(null)", "T0410"],
  ['$parse("{")', "D3137"],
  ['$parse("")', "D3137"],
  ['$parse("[1] [2]")', "D3137"],
  ['$parse("{\\"a\\":1,\\"a\\":2}")', "D3137"],
  ['$eval("1")', "T1006"],
  ["$sum", "D3160"],
  ["[1, $sum]", "D3160"],
  ["function($x){ $x }", "D3160"],
  ["1 / 0 + 1", "D1001"],
  ["$string(1 / 0)", "D3001"],
  ['$parse("1e999")', "D3137"],
  ['$toMillis("2024-13-01")', "D3110"],
  ['"a" ~> |$|{"b": 1}|', "T0410"],
];

for (const [source, code] of failures) {
  test(`${source} fails with ${code}`, () => {
    strictEqual(codeOf(source), code);
  });
}

const messages: readonly (readonly [source: string, message: string])[] = [
  ["1 + 'a'", 'The right side of the "+" operator must evaluate to a number'],
  ["$sum(['a'])", 'Argument 1 of function "sum" must be an array of "numbers"'],
  ["$uppercase(1)", 'Argument 1 of function "uppercase" does not match function signature'],
  ["{1: 2}", "Key in object structure must evaluate to a string; got: 1"],
  ["'a' < 1", 'The values "a" and 1 either side of operator "<" must be of the same data type'],
  ["$number('x')", 'Unable to cast value to a number: "x"'],
  ["sum([1])", "Attempted to invoke a non-function. Did you mean $sum?"],
  ["$error('my own')", "my own"],
  ["$assert(false)", "$assert() statement failed"],
  ["$encodeUrl('\\ud800')", 'Malformed URL passed to $encodeUrl(): "\\ud800"'],
];

for (const [source, message] of messages) {
  test(`evaluateJsonata() says of ${source}: ${message}`, () => {
    const outcome = outcomeOf(source);
    ok(Result.isFailure(outcome));
    strictEqual(outcome.failure.message, message);
    strictEqual(outcome.failure.isLimit, false);
  });
}

test("evaluateJsonata() draws once for each call", () => {
  let drawn = 0;
  const compiled = Result.getOrThrow(compileJsonata("$map([1..3], function(){ $random() }) ~> $append($uuid())"));
  const draws = { random: () => ++drawn / 10, uuid: () => "one", nowEpochMs: 0 };
  deepStrictEqual(Result.getOrThrow(evaluateJsonata(compiled, { bindings: {}, draws })), [0.1, 0.2, 0.3, "one"]);
  strictEqual(drawn, 3);
});

test("evaluateJsonata() gives back a value of the input as it is, not a copy", () => {
  const input = { big: [1, { a: 2 }] };
  strictEqual(valueOf("$input", { input }), input);
  strictEqual(valueOf("$input.big", { input }), input.big);
});

test("evaluateJsonata() marks failures of a bound", () => {
  const outcome = outcomeOf('$pad("x", 2000000)');
  ok(Result.isFailure(outcome) && outcome.failure.isLimit);
});

test("evaluateJsonata() prefers a variable to a built-in function of its name", () => {
  strictEqual(valueOf("$sum", { sum: 5 }), 5);
});
