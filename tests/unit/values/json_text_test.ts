// Goal: one reader of JSON text gives value, repeated keys, places and the first fault, whoever words it.
import { deepStrictEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { type JsonFault, placeOf, readJsonText } from "../../../src/values/mod.ts";

test("readJsonText() gives the value, the keys given twice, and the offset of every member and element", () => {
  const text = '{"a": [1, {"b": null}], "__proto__": {"x": 1, "x": 2}}';
  const offsets = new Map<string, number>();
  deepStrictEqual(readJsonText(text, 10, offsets), {
    value: JSON.parse(text),
    duplicates: [{ location: "/__proto__", key: "x" }],
  });
  const found = [...offsets].map(([location, offset]) => [location, text.slice(offset, offset + 4)]);
  deepStrictEqual(found, [
    ["", '{"a"'],
    ["/a", '"a":'],
    ["/a[0]", "1, {"],
    ["/a[1]", '{"b"'],
    ["/a[1]/b", '"b":'],
    ["/__proto__", '"__p'],
    ["/__proto__/x", '"x":'],
  ]);
});

test("readJsonText() keeps offsets to a depth: a location grows with each level", () => {
  const offsets = new Map<string, number>();
  readJsonText(`${"[".repeat(900)}${"]".repeat(900)}`, 1_000, offsets);
  deepStrictEqual(offsets.size, 201);
});

const object = { kind: "Object", offset: 0 } as const;
const array = { kind: "Array", offset: 0 } as const;
const faults: readonly (readonly [text: string, fault: JsonFault])[] = [
  ["", { kind: "value", offset: 0, isAfterComma: false }],
  ["[1,]", { kind: "value", offset: 3, isAfterComma: true }],
  ["[nul]", { kind: "word", offset: 1, word: "nul" }],
  ["{1", { kind: "name", offset: 1, open: object, isAfterComma: false }],
  ['{"a":1,}', { kind: "name", offset: 7, open: object, isAfterComma: true }],
  ['{"a" 1}', { kind: "colon", offset: 5, open: object }],
  ["[1 2]", { kind: "separator", offset: 3, open: array }],
  ["[1", { kind: "separator", offset: 2, open: array }],
  ["1 2", { kind: "end", offset: 2 }],
  ['["a', { kind: "quote", offset: 3, begin: 1, isName: false }],
  ['"a\n"', { kind: "control", offset: 2 }],
  ['"\\q"', { kind: "escape", offset: 1 }],
  ['"\\u0g"', { kind: "hex", offset: 1, digitAt: 4 }],
  ["-a", { kind: "number", offset: 0, digits: "", missingAt: 1 }],
  ["01", { kind: "number", offset: 1, digits: "0" }],
  ["1e+", { kind: "number", offset: 1, digits: "1", missingAt: 3 }],
  ["1e999", { kind: "range", offset: 0, digits: "1e999" }],
  ["[[[[]]]]", { kind: "depth", offset: 3, depthMax: 2 }],
];
for (const [text, fault] of faults) {
  test(`readJsonText() finds in ${JSON.stringify(text)} a fault of kind ${fault.kind}`, () => {
    const read = readJsonText(text, 2);
    ok("fault" in read);
    deepStrictEqual(read.fault, fault);
  });
}

test("placeOf() counts lines and columns from 1", () => {
  deepStrictEqual(placeOf("a\nbc\n", 0), { line: 1, column: 1 });
  deepStrictEqual(placeOf("a\nbc\n", 3), { line: 2, column: 2 });
  deepStrictEqual(placeOf("a\nbc\n", 5), { line: 3, column: 1 });
});
