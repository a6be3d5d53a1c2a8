// Goal: the 18 intrinsic functions as AWS documents them. Method: each call stands in the Parameters of a Pass state.
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import { stateArguments } from "../../src/language/mod.ts";
import type { Json } from "../../src/values/mod.ts";
import { findingsOf, outcomeOf, scopeOf, stateOf } from "./fixtures.ts";

const input: Json = {
  array: [1, 2, 3, 4, 5, 6, 7, 8, 9],
  doubled: [1, 2, 3, 3, 3, 3, 3, 3, 4],
  name: "Arnav",
  template: "Hello, my name is {}.",
  start: 1,
  end: 999,
  nothing: null,
  json1: { a: { a1: 1, a2: 2 }, b: 2 },
  json2: { a: { a3: 1, a4: 2 }, c: 3 },
  text: '{"foo": "bar"}',
  long: "x".repeat(10_001),
  negative: -3,
};

function call(text: string): unknown {
  const outcome = outcomeOf(
    stateArguments(stateOf("Pass", { Parameters: { "v.$": text } }), scopeOf(input), input),
  ) as { v?: Json };
  return "v" in outcome ? outcome.v : outcome;
}

const DOCS = "AWS: Intrinsic functions";
const cases: readonly (readonly [call: string, value: Json, source?: string])[] = [
  ["States.Array()", []],
  ["States.Array($.start, 'a', null, true, 1.5)", [1, "a", null, true, 1.5]],
  ["States.Array(States.Array(1), $.nothing)", [[1], null]],
  ["States.ArrayPartition($.array, 4)", [[1, 2, 3, 4], [5, 6, 7, 8], [9]]],
  ["States.ArrayPartition($.array, 3.5)", [[1, 2, 3, 4], [5, 6, 7, 8], [9]]],
  ["States.ArrayRange(0.5, 4.4, 1)", [1, 2, 3, 4]],
  ["States.ArrayContains($.array, 5)", true],
  ["States.ArrayContains($.array, '5')", false],
  ["States.ArrayContains(States.Array($.json1), $.json1)", true],
  ["States.ArrayRange(1, 9, 2)", [1, 3, 5, 7, 9]],
  ["States.ArrayRange(5, 1, -2)", [5, 3, 1]],
  ["States.ArrayRange(5, 1, 1)", []],
  ["States.ArrayGetItem($.array, 5)", 6],
  ["States.ArrayLength($.array)", 9],
  ["States.ArrayUnique($.doubled)", [1, 2, 3, 4]],
  ["States.ArrayUnique(States.Array($.json1, $.json1))", [{ a: { a1: 1, a2: 2 }, b: 2 }]],
  ["States.Base64Encode('Data to encode')", "RGF0YSB0byBlbmNvZGU="],
  ["States.Base64Decode('RGVjb2RlZCBkYXRh')", "Decoded data"],
  ["States.Base64Encode('ü€')", "w7zigqw="],
  ["States.Hash('input data', 'SHA-1')", "aaff4a450a104cd177d28d18d74485e8cae074b7"],
  ["States.Hash('a', 'MD5')", "0cc175b9c0f1b6a831c399e269772661", "RFC 1321, test suite"],
  [
    "States.Hash('abc', 'SHA-256')",
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "FIPS 180-4, examples",
  ],
  [
    "States.Hash('abc', 'SHA-384')",
    "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
    "FIPS 180-4, examples",
  ],
  [
    "States.Hash('abc', 'SHA-512')",
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    "FIPS 180-4, examples",
  ],
  ["States.JsonMerge($.json1, $.json2, false)", { a: { a3: 1, a4: 2 }, b: 2, c: 3 }],
  ["States.StringToJson($.text)", { foo: "bar" }],
  ["States.StringToJson('[1, null]')", [1, null]],
  ["States.JsonToString($.json2)", '{"a":{"a3":1,"a4":2},"c":3}'],
  ["States.MathAdd(111, -1)", 110],
  ["States.MathAdd($.start, $.negative)", -2],
  ["States.MathRandom(1, 999)", 500, "Drawn: 0.5"],
  ["States.StringSplit('1,2,3,4,5', ',')", ["1", "2", "3", "4", "5"]],
  ["States.StringSplit('This.is+a,test=string', '.+,=')", ["This", "is", "a", "test", "string"]],
  ["States.StringSplit(',a,,b,', ',')", ["a", "b"]],
  ["States.UUID()", "4c8a1b6e-0000-4000-8000-000000000000", "Drawn"],
  ["States.Format('Hello, my name is {}.', $.name)", "Hello, my name is Arnav."],
  ["States.Format($.template, $.name)", "Hello, my name is Arnav."],
  ["States.Format('{} {} {} {}', 1, true, null, 1.5)", "1 true null 1.5"],
  ["States.Format('{} {}', $.json2, States.Array('a', 1))", "{a={a3=1, a4=2}, c=3} [a, 1]", "Observed of AWS"],
  ["States.Format('It\\'s \\{\\} {} \\\\', 'x')", "It's {} x \\", "ASL: Intrinsic Functions, escapes"],
  ["States.Format('{}', States.Format('{}{}', 'a', States.Array(1)))", "a[1]", "AWS: nested intrinsics"],
  ["States.ArrayGetItem(States.StringSplit('a b', ' '), 1)", "b", "AWS: nested intrinsics"],
  [
    "States.Array($.array[0,1], $.array[?(@ > 8)], $$.Execution['Id'])",
    [[1, 2], [9], "execution-1"],
    "Paths with commas and brackets",
  ],
];

for (const [text, value, source = DOCS] of cases) {
  test(`${text} is ${JSON.stringify(value).slice(0, 60)} [${source}]`, () => {
    deepStrictEqual(call(text), value);
  });
}

test("States.MathRandom gives the same number for the same seed, within its range [AWS: Intrinsic functions]", () => {
  deepStrictEqual(call("States.MathRandom(0, 1000, 42)"), 727); // java.util.Random(42).nextDouble() is 0.7275636800328681
  deepStrictEqual(call("States.MathRandom(0, 1000, 42)"), call("States.MathRandom(0, 1000, 42)"));
});

const refused: readonly (readonly [call: string, message: string])[] = [
  ["States.ArrayPartition($.array, 0)", "Invalid argument 2: Expected a positive integer"],
  ["States.ArrayPartition($.name, 2)", "Invalid argument 1: Expected an array"],
  ["States.ArrayRange(0, 1000, 1)", "The array cannot have more than 1000 items"],
  ["States.ArrayRange(0, 10, 0)", "Invalid argument 3: Expected an integer other than zero"],
  ["States.ArrayGetItem($.array, 9)", "Index 9 is out of bounds for an array of length 9"],
  ["States.ArrayGetItem($.array, -1)", "Index -1 is out of bounds for an array of length 9"],
  ["States.ArrayLength($.name)", "Invalid argument 1: Expected an array"],
  ["States.Base64Encode($.long)", "The data cannot be longer than 10000 characters"],
  ["States.Base64Decode('not base64!')", "Invalid Base64 encoded string"],
  ["States.Hash('x', 'CRC')", "Algorithm must be one of MD5, SHA-1, SHA-256, SHA-384, SHA-512"],
  ["States.JsonMerge($.json1, $.json2, true)", "Only shallow merging is supported: the third argument must be false"],
  ["States.StringToJson('{')", "The argument is not valid JSON: {"],
  ["States.StringToJson('[1e400]')", "The argument is not valid JSON: [1e400]"],
  ["States.MathAdd(1e308, 1e308)", "The sum is out of range"],
  ["States.MathRandom(-1e308, 1e308)", "The range is too large"],
  ["States.MathAdd('1', 2)", "Invalid argument 1: Expected a number"],
  ["States.MathRandom(5, 5)", "The end of the range must be greater than its start"],
  [
    "States.Format('{} {}', 1)",
    "number of arguments to Format intrinsic function do not match the occurrences of {} in the format string",
  ],
];

for (const [text, message] of refused) {
  test(`${text} fails with States.IntrinsicFailure [AWS: Error handling]`, () => {
    const cause = `The function '${text}' had the following error: ${message}`;
    deepStrictEqual(call(text), { failed: { error: "States.IntrinsicFailure", cause } });
  });
}

test("an argument that finds nothing fails with States.Runtime, naming the whole expression [Observed of AWS]", () => {
  const other = { other: 1 };
  const state = stateOf("Pass", { Parameters: { "v.$": "States.Format('{}', States.Format('{}', $.nope))" } });
  deepStrictEqual(outcomeOf(stateArguments(state, scopeOf(other), other)), {
    failed: {
      error: "States.Runtime",
      cause: "The function 'States.Format('{}', States.Format('{}', $.nope))' had the following error: " +
        `The JsonPath argument for the field '$.nope' could not be found in the input '{"other":1}'`,
    },
  });
});

test("an argument that finds nothing in the Context Object is named as if it were the input's [Observed of AWS]", () => {
  const other = { other: 1 };
  const state = stateOf("Pass", { Parameters: { "v.$": "States.Format('{}', $$.Nope.Deep)" } });
  deepStrictEqual(outcomeOf(stateArguments(state, scopeOf(other), other)), {
    failed: {
      error: "States.Runtime",
      cause: "The function 'States.Format('{}', $$.Nope.Deep)' had the following error: " +
        `The JsonPath argument for the field '$.Nope.Deep' could not be found in the input '{"other":1}'`,
    },
  });
});

for (
  const text of [
    "States.Nope()",
    "States.Array(",
    "States.Array(1 2)",
    "States.ArrayLength()",
    "States.UUID(1)",
    "States.Format('x)",
    "States.Array(bare)",
    "States.Array() x",
    "States",
  ]
) {
  test(`${text} is refused at creation [AWS: Intrinsic functions]`, () => {
    deepStrictEqual(
      findingsOf({ StartAt: "S", States: { S: { Type: "Pass", Parameters: { "v.$": text }, End: true } } }),
      [
        "SCHEMA_VALIDATION_FAILED /States/S/Parameters: The value for the field 'v.$' must be a valid JSONPath or a valid intrinsic function call",
      ],
    );
  });
}

test("a text of a million braces stays within the bound of a result", () => {
  const big = { big: "y".repeat(200_000) };
  const state = stateOf("Pass", { Parameters: { "v.$": "States.Format('{}{}', $.big, $.big)" } });
  const outcome = outcomeOf(stateArguments(state, scopeOf(big), big)) as { failed: { error: string } };
  deepStrictEqual(outcome.failed.error, "States.IntrinsicFailure");
});
