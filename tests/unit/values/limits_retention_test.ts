import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { parseRetention, retentionOf } from "../../../src/values/mod.ts";

const rules: readonly (readonly [string, ReturnType<typeof parseRetention>])[] = [
  ["Failed=180d", { status: "Failed", seconds: 15_552_000 }],
  ["orders:*=7d", { workflow: "orders", seconds: 604_800 }],
  ["orders:Canceled=30m", { workflow: "orders", status: "Canceled", seconds: 1_800 }],
  ["a:b:Succeeded=2h", { workflow: "a:b", status: "Succeeded", seconds: 7_200 }],
  ["*=60", { seconds: 60 }],
  ["Running=7d", undefined],
  ["orders=7d", undefined],
  ["*=0", undefined],
  ["*=-1", undefined],
  ["*=9999999999d", undefined],
  ["*=7w", undefined],
  ["", undefined],
];
for (const [text, rule] of rules) {
  test(`parseRetention() reads "${text}" as ${JSON.stringify(rule)}`, () =>
    deepStrictEqual(parseRetention(text), rule));
}

test("retentionOf() takes the rule that says most, of several alike the last", () => {
  const all = ["orders:Failed=4", "orders:*=3", "Failed=2", "*=1", "Failed=5"].flatMap((text) =>
    parseRetention(text) ?? []
  );
  const of = (workflow: string, status: string) => retentionOf(all, { workflow, status }, 9);
  deepStrictEqual(
    [of("orders", "Failed"), of("orders", "Succeeded"), of("bills", "Failed"), of("bills", "Canceled")],
    [4, 3, 5, 1],
  );
  strictEqual(retentionOf([], { workflow: "orders", status: "Failed" }, 9), 9);
});
