import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { placed } from "../../../../src/interfaces/cli/commands/validate.ts";
import { weft } from "../../../support/cli/weft.ts";

const valid = '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}';
const invalid = `{
  "StartAt": "Sort",
  "States": {
    "Sort": {
      "Type": "Choice",
      "Choices": [
        { "Variable": "$.n", "NumericEquals": 1, "Next": "Done" },
        { "Variable": "$.n", "NumericEquals": 2, "Next": "Nowhere" }
      ]
    },
    "Done": { "Type": "Succeed" }
  }
}`;

test("weft validate exits 0 for a valid definition, from a file or stdin", async () => {
  const file = await weft(["validate", "a.json"], ({ io }) => io.files.set("a.json", valid));
  deepStrictEqual([file.code, file.out, file.err], [0, "", "a.json: 0 errors, 0 warnings\n"]);
  const stdin = await weft(["validate", "-", "--json"], ({ io }) => io.stdin.text = valid);
  deepStrictEqual(JSON.parse(stdin.out), { file: "stdin", valid: true, diagnostics: [] });
});

test("weft validate takes YAML; what it finds is placed in the JSON that the file makes, and is no YAML is said so", async () => {
  const yaml = "StartAt: A\nStates:\n  A: &end {Type: Succeed}\n  B: *end\n";
  const good = await weft(["validate", "a.yaml"], ({ io }) => io.files.set("a.yaml", yaml.replace("  B: *end\n", "")));
  deepStrictEqual([good.code, good.err], [0, "a.yaml (as JSON): 0 errors, 0 warnings\n"]);
  const unreachable = await weft(["validate", "a.yml", "--json"], ({ io }) => io.files.set("a.yml", yaml));
  strictEqual(JSON.parse(unreachable.out).diagnostics[0].location, "/States/B");
  const bomb = ["a: &a [1,1,1,1,1,1,1,1,1,1]"];
  for (const [one, next] of ["ab", "bc", "cd", "de", "ef"]) bomb.push(`${next}: &${next} [${`*${one},`.repeat(10)}]`);
  for (const text of ["a: [", bomb.join("\n")]) {
    strictEqual((await weft(["validate", "a.yaml"], ({ io }) => io.files.set("a.yaml", text))).code, 2);
  }
});

test("weft validate exits 1 and places each finding by line and column", async () => {
  const { code, out, err } = await weft(["validate", "a.json"], ({ io }) => io.files.set("a.json", invalid));
  strictEqual(code, 1);
  match(out, /^a\.json:8:\d+ ERROR MISSING_TRANSITION_TARGET .*Nowhere.* \(\/States\/Sort\/Choices\[1\]\/Next\)$/m);
  match(err, /a\.json: 1 error, \d warnings?/);
});

test("weft validate --json gives severity, code, message, location, line and column", async () => {
  const { code, out } = await weft(["validate", "a.json", "--json"], ({ io }) => io.files.set("a.json", invalid));
  strictEqual(code, 1);
  const { diagnostics } = JSON.parse(out) as { readonly diagnostics: readonly Record<string, unknown>[] };
  const finding = diagnostics.find((one) => one["code"] === "MISSING_TRANSITION_TARGET");
  deepStrictEqual([finding?.["severity"], finding?.["location"], finding?.["line"]], [
    "ERROR",
    "/States/Sort/Choices[1]/Next",
    8,
  ]);
  strictEqual(invalid.split("\n")[7]?.slice(Number(finding?.["column"]) - 1).startsWith('"Next"'), true);
});

test("weft validate shows where a text stops being JSON", async () => {
  const { code, out } = await weft(["validate", "a.json"], ({ io }) => {
    io.files.set("a.json", '{\n  "StartAt": "A"\n  "States": {}\n}');
    io.stdout.isTTY = true;
  });
  strictEqual(code, 1);
  match(
    stripVTControlCharacters(out),
    /^a\.json:3:3 ERROR \S+ No JSON: expected "," or "}" after a member, but found a string\n {4}"States": \{\}\n {4}\^/,
  );
});

test("weft validate places what reads as JSON and is none, and keys that are there twice", async () => {
  const lines = async (text: string) => {
    const { code, out } = await weft(["validate", "a.json"], ({ io }) => io.files.set("a.json", text));
    strictEqual(code, 1);
    return out.trimEnd().split("\n");
  };
  const start = '{\n "StartAt": "A",\n "States": {\n';
  deepStrictEqual(await lines(`${start}  "A": { "Type": "Wait", "Seconds": 1e999, "End": true }\n }\n}`), [
    "a.json:4:37 ERROR INVALID_JSON_DESCRIPTION No JSON: Numeric value (1e999) out of range",
  ]);
  const twice = `${start}  "A": { "Type": "Succeed" },\n  "A": { "Type": "Succeed" }\n }\n}`;
  deepStrictEqual(await lines(twice), [
    "a.json:5:3 ERROR DUPLICATE_STATE_NAME Duplicate State name: A (/States/A)",
  ]);
});

test("weft validate exits 2 when there is no such file", async () => {
  const { code, err } = await weft(["validate", "none.json"]);
  strictEqual(code, 2);
  match(err, /Cannot read "none\.json"/);
});

test("placed() sorts findings by place, and puts those of no place at the beginning", () => {
  const found = placed(invalid, [
    { severity: "ERROR", code: "B", message: "", location: "/States/Done/Type" },
    { severity: "WARNING", code: "A", message: "" },
    { severity: "ERROR", code: "C", message: "", location: "/States/Sort/Missing" },
  ]);
  deepStrictEqual(found.map(({ code, line }) => [code, line]), [["A", 1], ["C", 4], ["B", 11]]);
  ok(found.every(({ column }) => column >= 1));
});
