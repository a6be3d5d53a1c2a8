// Goal: the parser of definitions reads what JSON.parse reads, and says where a text is no JSON.
import { deepStrictEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { Result } from "effect";
import { parseJsonText } from "../../../src/language/json_text.ts";

const texts = [
  "{}",
  "[]",
  " null ",
  "true",
  "-0.5e+3",
  '"a\\u00e9\\n\\"\\\\\\/ü😀"',
  '{"a":[1,{"b":[[]]}],"c":{"":null},"d":"","__proto__":{"x":1},"constructor":2}',
  '\n{\t"a" :\r\n [ 1 , 2 ] }',
];

for (const text of texts) {
  test(`parseJsonText() reads ${JSON.stringify(text)} as JSON.parse() does`, () => {
    const parsed = Result.getOrThrow(parseJsonText(text, 100));
    deepStrictEqual(parsed, { value: JSON.parse(text), duplicates: [] });
  });
}

const TOKENS = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
const failures: readonly (readonly [text: string, line: number, column: number, message: string])[] = [
  ["not a definition", 1, 4, `Unrecognized token 'not': was expecting ${TOKENS}`],
  ["", 1, 1, "Unexpected end-of-input"],
  ['{\n  "a": tru\n}', 2, 11, `Unrecognized token 'tru': was expecting ${TOKENS}`],
  ['{"a" 1}', 1, 7, "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value"],
  ['{"a":1 "b":2}', 1, 9, `Unexpected character ('"' (code 34)): was expecting comma to separate Object entries`],
  ['{"a":1,}', 1, 9, "Unexpected character ('}' (code 125)): was expecting double-quote to start field name"],
  ["[1 2]", 1, 5, "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries"],
  ["[1,]", 1, 5, `Unexpected character (']' (code 93)): expected a valid value ${TOKENS}`],
  ['{"a":', 1, 6, "Unexpected end-of-input"],
  [
    '{"a":1',
    1,
    7,
    'Unexpected end-of-input: expected close marker for Object (start marker at [Source: (String)"{"a":1"; line: 1, column: 1])',
  ],
  ['["abc', 1, 6, "Unexpected end-of-input: was expecting closing quote for a string value"],
  ['{"abc', 1, 6, "Unexpected end-of-input in field name"],
  ['"a\\x"', 1, 5, "Unrecognized character escape 'x' (code 120)"],
  ['"a\\u1g"', 1, 7, "Unexpected character ('g' (code 103)): expected a hex-digit for character escape sequence"],
  [
    '"a\t"',
    1,
    3,
    "Illegal unquoted character ((CTRL-CHAR, code 9)): has to be escaped using backslash to be included in string value",
  ],
  ["1 2", 1, 4, "Unexpected character ('2' (code 50)): expected the end of the definition"],
  ["01", 1, 3, "Invalid numeric value: Leading zeroes not allowed"],
  ["[1.]", 1, 5, "Unexpected character (']' (code 93)) in numeric value: Decimal point not followed by a digit"],
  ["[1e+]", 1, 6, "Unexpected character (']' (code 93)) in numeric value: Exponent indicator not followed by a digit"],
  [
    "[-a]",
    1,
    4,
    "Unexpected character ('a' (code 97)) in numeric value: expected digit (0-9) to follow minus sign, for valid numeric value",
  ],
  ["1e999", 1, 1, "Numeric value (1e999) out of range"],
  ["NaN", 1, 4, `Unrecognized token 'NaN': was expecting ${TOKENS}`],
];

for (const [text, line, column, message] of failures) {
  test(`parseJsonText() finds fault with ${JSON.stringify(text)} at ${line}:${column}`, () => {
    const parsed = parseJsonText(text, 100);
    ok(Result.isFailure(parsed));
    deepStrictEqual({ message: parsed.failure.message, ...parsed.failure.place }, { message, line, column });
  });
}

test("parseJsonText() names keys that are repeated; the last one counts", () => {
  const { value, duplicates } = Result.getOrThrow(parseJsonText('{"a":1,"b":{"x":1,"x":2},"a":[{"y":1,"y":2}]}', 100));
  deepStrictEqual(value, { a: [{ y: 2 }], b: { x: 2 } });
  deepStrictEqual(duplicates, [
    { location: "/b", key: "x" },
    { location: "", key: "a" },
    { location: "/a[0]", key: "y" },
  ]);
});

test("parseJsonText() stops at its depth", () => {
  ok(Result.isSuccess(parseJsonText(`${"[".repeat(100)}${"]".repeat(100)}`, 100)));
  for (const depth of [101, 1_000_000]) {
    const parsed = parseJsonText("[".repeat(depth), 99);
    ok(Result.isFailure(parsed));
    deepStrictEqual(parsed.failure.message, "Document nesting depth exceeds the maximum allowed (99)");
  }
});
