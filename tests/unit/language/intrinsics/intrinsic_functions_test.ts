// Goal: the 18 intrinsic functions as AWS documents them, and where it does otherwise, as it does. Method: each call stands in the
// Parameters of a Pass state. What AWS does: answers of us-east-1 recorded in https://github.com/gabrielmoreira/tiny-asl-machine
// (tests/conformance/cases/.snapshots/aws).
import { deepStrictEqual, match } from "node:assert/strict";
import { test } from "node:test";
import { stateArguments } from "../../../../src/language/mod.ts";
import type { Json } from "../../../../src/values/mod.ts";
import { findingsOf, outcomeOf, scopeOf, stateOf } from "../fixtures.ts";

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
const OBSERVED = "Observed of AWS";
const cases: readonly (readonly [call: string, value: Json, source?: string])[] = [
  ["States.Array()", []],
  ["States.Array($.start, 'a', null, true, 1.5)", [1, "a", null, true, 1.5]],
  ["States.Array(States.Array(1), $.nothing)", [[1], null]],
  ["States.ArrayPartition($.array, 4)", [[1, 2, 3, 4], [5, 6, 7, 8], [9]]],
  ["States.ArrayPartition($.array, 4.9)", [[1, 2, 3, 4], [5, 6, 7, 8], [9]], OBSERVED],
  ["States.ArrayPartition(States.Array(), 4)", [], OBSERVED],
  ["States.ArrayRange(5.4, -0.6, -2.4)", [5, 3, 1], OBSERVED],
  ["States.ArrayRange(1.6, 1.4, 1)", [1], OBSERVED],
  ["States.ArrayContains($.array, 5)", true],
  ["States.ArrayContains(States.Array('5', 'true'), 5)", true, OBSERVED],
  ["States.ArrayContains(States.Array('5', 'true'), true)", true, OBSERVED],
  ["States.ArrayContains(States.Array(0, 1), false)", false, OBSERVED],
  ["States.ArrayContains(States.Array(1, null), null)", true, OBSERVED],
  ["States.ArrayContains(States.Array($.json1), $.json1)", true],
  ["States.ArrayRange(1, 9, 2)", [1, 3, 5, 7, 9]],
  ["States.ArrayRange(5, 1, -2)", [5, 3, 1]],
  ["States.ArrayRange(5, 1, 1)", []],
  ["States.ArrayGetItem($.array, 5)", 6],
  ["States.ArrayGetItem($.array, 1.9)", 2, OBSERVED],
  ["States.ArrayGetItem(States.Array(), 999)", null, OBSERVED],
  ["States.ArrayLength($.array)", 9],
  ["States.ArrayUnique($.doubled)", [1, 2, 3, 4]],
  ["States.ArrayUnique(States.Array($.json1, $.json1))", [{ a: { a1: 1, a2: 2 }, b: 2 }]],
  ["States.ArrayUnique(States.Array(true, false, true, false))", [false, true], OBSERVED],
  ["States.ArrayUnique(States.Array($.nothing, null, 1, null))", [null, 1], OBSERVED],
  [
    "States.ArrayUnique(States.Array(States.Array(1, 2), States.Array(1, 2), States.Array(2, 1)))",
    [[2, 1], [1, 2]],
    OBSERVED,
  ],
  ["States.ArrayUnique(States.Array(1, '1', 1, '01'))", [1, "1", "01"], OBSERVED],
  ["States.Base64Encode('Data to encode')", "RGF0YSB0byBlbmNvZGU="],
  ["States.Base64Decode('RGVjb2RlZCBkYXRh')", "Decoded data"],
  ["States.Base64Encode('ü€')", "w7zigqw="],
  ["States.Base64Decode(' YWJjZA== ')", "abcd", OBSERVED],
  ["States.Base64Decode('YW!Jj')", "abc", OBSERVED],
  ["States.Base64Decode('YWI')", "ab", OBSERVED],
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
  ["States.StringToJson('')", null, OBSERVED],
  ["States.JsonMerge($.json1, $.json2, 'false')", { a: { a3: 1, a4: 2 }, b: 2, c: 3 }, OBSERVED],
  ["States.JsonToString($.json2)", '{"a":{"a3":1,"a4":2},"c":3}'],
  ["States.MathAdd(111, -1)", 110],
  ["States.MathAdd($.start, $.negative)", -2],
  ["States.MathAdd(1.5, -2.5)", 0, OBSERVED],
  ["States.MathAdd(2147483646, 1)", 2147483647, OBSERVED],
  ["States.MathRandom(1, 100, 42)", 63, OBSERVED],
  ["States.MathRandom(1, 1000, 1)", 106, OBSERVED],
  ["States.MathRandom(1, 1000, 2)", 806, OBSERVED],
  ["States.MathRandom(-5, 5, 42)", -5, OBSERVED],
  ["States.MathRandom(1, 10, -10)", 1, OBSERVED],
  ["States.MathRandom(2147483640, 2147483647, 1)", 2147483644, OBSERVED],
  ["States.MathRandom(1, 999)", 500, "Drawn: 0.5"],
  ["States.StringSplit('1,2,3,4,5', ',')", ["1", "2", "3", "4", "5"]],
  ["States.StringSplit('This.is+a,test=string', '.+,=')", ["This", "is", "a", "test", "string"]],
  ["States.StringSplit(',a,,b,', ',')", ["a", "b"]],
  ["States.UUID()", "4c8a1b6e-0000-4000-8000-000000000000", "Drawn"],
  ["States.UUID('ignored', 1)", "4c8a1b6e-0000-4000-8000-000000000000", OBSERVED],
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

const refused: readonly string[] = [
  "States.ArrayPartition($.array, 0)",
  "States.ArrayPartition($.array, 0.6)",
  "States.ArrayPartition($.array, '2')",
  "States.ArrayPartition($.name, 2)",
  "States.ArrayRange(1, 1001, 1)",
  "States.ArrayRange(0, 10, 0.49)",
  "States.ArrayRange('a', 5, 1)",
  "States.ArrayGetItem($.array, 9)",
  "States.ArrayGetItem($.array, -1)",
  "States.ArrayGetItem($.array, '1')",
  "States.ArrayContains('no array', 'x')",
  "States.ArrayContains($.array)",
  "States.ArrayContains($.array, 2, 999)",
  "States.ArrayLength($.name)",
  "States.ArrayLength(States.JsonToString($.array))",
  "States.ArrayUnique('no array')",
  "States.Base64Encode($.long)",
  "States.Base64Encode(123)",
  "States.Base64Decode($.long)",
  "States.Hash('x', 'sha-256')",
  "States.Hash($.long, 'SHA-256')",
  "States.Hash('hello')",
  "States.JsonMerge($.json1, $.json2, true)",
  "States.JsonMerge($.nothing, $.json2, false)",
  "States.MathAdd('1', 2)",
  "States.MathAdd(true, 1)",
  "States.MathAdd(2147483647, 1)",
  "States.MathAdd(3000000000, 1)",
  "States.MathRandom(5, 5)",
  "States.MathRandom(1.4, 1.6)",
  "States.MathRandom(1, 10, null)",
  "States.MathRandom(1, 10, 5, 99)",
  "States.StringSplit($.negative, ',')",
  "States.StringSplit($.name, $.nothing)",
  "States.StringToJson($.negative)",
  "States.StringToJson()",
];

const refusedOtherwise: readonly (readonly [call: string, message: string])[] = [
  ["States.JsonToString()", "Invalid arguments in States.JsonToString: only a single argument is allowed."],
  [
    "States.JsonToString($.array, $.name)",
    "Invalid arguments in States.JsonToString: only a single argument is allowed.",
  ],
  ["States.Format('Hello {', $.name)", "Invalid template in States.Format: matching '}' not found for '{'."],
  ["States.Format('Hello {{}}', $.name)", "Invalid template in States.Format: matching '}' not found for '{'."],
  ["States.Format('}')", "Invalid template in States.Format: matching '{' not found for '}'."],
  [
    "States.Format('{} {}', 1)",
    "Invalid arguments in States.Format: number of arguments do not match the occurrences of {}.",
  ],
  [
    "States.StringToJson('{bad json}')",
    "Cannot convert String to Json in States.StringToJson, caused by: Unexpected character ('b' (code 98)): was expecting " +
    "double-quote to start field name\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 2]",
  ],
  [
    `States.StringToJson('{"a":1')`,
    "Cannot convert String to Json in States.StringToJson, caused by: Unexpected end-of-input: expected close marker for Object " +
    "(start marker at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 1])\n" +
    " at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 7]",
  ],
  [
    "States.StringToJson('undefined')",
    "Cannot convert String to Json in States.StringToJson, caused by: Unrecognized token 'undefined': was expecting (JSON String, " +
    "Number, Array, Object or token 'null', 'true' or 'false')\n" +
    " at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 10]",
  ],
];

for (
  const [text, message] of [
    ...refused.map((text) => [text, `Invalid arguments in ${text.slice(0, text.indexOf("("))}`] as const),
    ...refusedOtherwise,
  ]
) {
  test(`${text} fails with States.Runtime [${OBSERVED}]`, () => {
    const cause = `There was an error while evaluating the intrinsic function: ${text}. ${message}`;
    deepStrictEqual(call(text), { failed: { error: "States.Runtime", cause } });
  });
}

test("a number beyond the range of doubles is no JSON", () => {
  const { failed } = call("States.StringToJson('[1e400]')") as { failed: { cause: string } };
  match(
    failed.cause,
    /Cannot convert String to Json in States.StringToJson, caused by: Numeric value \(1e400\) out of range/,
  );
});

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

for (
  const text of [
    "States.Nope()",
    "States.Array(",
    "States.Array(1 2)",
    "States.UUID(,)",
    "States.ArrayLength($.array,)",
    "States.Format('x)",
    "States.Array(bare)",
    "States.Array() x",
    String.raw`States.Format('\"x')`,
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
  deepStrictEqual(outcome.failed.error, "States.Runtime");
});
