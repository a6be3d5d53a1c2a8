import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { excerptAt, offsetOfPath, parseJsonText, scanJson } from "../../../../src/interfaces/cli/input/json_text.ts";
import { placeOf } from "../../../../src/values/mod.ts";

const faults = [
  { text: "", message: /text is empty/, line: 1, column: 1 },
  { text: '{"a": 1 "b": 2}', message: /expected "," or "}" after a member, but found a string/, line: 1, column: 9 },
  { text: "{a: 1}", message: /name in double quotes, but found "a"/, line: 1, column: 2 },
  { text: "[1,\n 2,]", message: /another element after ",", but found "\]"/, line: 2, column: 4 },
  { text: '{"a": 1,}', message: /another member after ","/, line: 1, column: 9 },
  { text: "[1,\n 2", message: /the end of the text \(what is open began at line 1, column 1\)/, line: 2, column: 3 },
  { text: '{"a": "x\ny"}', message: /found a line break/, line: 1, column: 9 },
  { text: String.raw`{"a": "\q"}`, message: /expected an escape/, line: 1, column: 8 },
  { text: '"abc', message: /end of the string that begins here/, line: 1, column: 1 },
  { text: "01", message: /expected a number/, line: 1, column: 2 },
  { text: "tru", message: /but found "tru"/, line: 1, column: 1 },
  { text: "{} x", message: /expected the end, but found "x"/, line: 1, column: 4 },
  { text: '{"a"}', message: /expected ":" after a member's name/, line: 1, column: 5 },
  { text: "[".repeat(100_000), message: /nested deeper than 1000/, line: 1, column: 1_002 },
];
for (const { text, message, line, column } of faults) {
  test(`parseJsonText() places the fault of ${JSON.stringify(text.slice(0, 20))} at ${line}:${column}`, () => {
    const parsed = parseJsonText(text);
    ok("fault" in parsed);
    ok(message.test(parsed.fault.message), parsed.fault.message);
    deepStrictEqual(placeOf(text, parsed.fault.offset), { line, column });
  });
}

test("parseJsonText() reads what JSON.parse reads", () => {
  for (const text of ["null", " [1, -2.5e3, true] ", '{"a": {"b": "\\u00e9"}}']) {
    deepStrictEqual(parseJsonText(text), { value: JSON.parse(text) });
    strictEqual(scanJson(text).fault, undefined);
  }
});

test("scanJson() finds a fault exactly where JSON.parse finds one, for every cut and change of a text", () => {
  const text = '{"a": [1, {"b": null}, "x\\n"], "c": -1.5e+2, "": false}';
  const variants = Array.from(text, (_, at) => [text.slice(0, at), text.slice(0, at) + text.slice(at + 1)]).flat();
  for (const variant of variants) {
    strictEqual(scanJson(variant).fault === undefined, isJson(variant), variant);
  }
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test("offsetOfPath() finds members and elements, and the nearest ancestor of what is missing", () => {
  const text = '{"States": {"Sort": {"Choices": [{"Next": "A"}, {"Next": "B"}]}, "a/b": 1}}';
  const scan = scanJson(text);
  const at = (path: string) => text.slice(offsetOfPath(scan, path)).slice(0, 8);
  strictEqual(at("/States/Sort/Choices[1]/Next"), '"Next": ');
  strictEqual(offsetOfPath(scan, "/States/Sort/Choices[1]/Next"), text.lastIndexOf('"Next"'));
  strictEqual(at("/States/a/b"), '"a/b": 1');
  strictEqual(at("/States/Sort/Missing"), '"Sort": ');
  strictEqual(at("/States/Sort/Choices[7]/Next"), '"Choices');
  strictEqual(offsetOfPath(scan, "/"), 0);
  strictEqual(offsetOfPath(scan, ""), 0);
});

test("excerptAt() shows the line with a caret, cut around it when it is long", () => {
  strictEqual(excerptAt("{\n  oops\n}", 4), "    oops\n    ^");
  const [line = "", caret = ""] = excerptAt(`${"x".repeat(200)}!${"y".repeat(200)}`, 200).split("\n");
  strictEqual(line[caret.indexOf("^")], "!");
  ok(line.length < 80);
});
