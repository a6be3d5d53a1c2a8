// Goal: values hash as Java's do. Source: the contracts of hashCode() in the documentation of java.lang.String, Boolean, Long, Double,
// java.util.List and java.util.Map; the numbers are what their formulas give.
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { inJavaHashOrder, javaHash } from "../../../../src/language/intrinsics/java_hash_order.ts";
import type { Json } from "../../../../src/values/mod.ts";

const hashes: readonly (readonly [value: Json, hash: number])[] = [
  [null, 0],
  [true, 1231],
  [false, 1237],
  [7, 7],
  [-1, -1],
  [2 ** 32, 1],
  [1.1, -1503133693],
  ["", 0],
  ["hello", 99162322],
  ["BB", 2112],
  [[], 1],
  [[1, 2], 994],
  [{}, 0],
  [{ a: 1, b: 2 }, (97 ^ 1) + (98 ^ 2)],
];

for (const [value, hash] of hashes) {
  test(`hash of ${JSON.stringify(value)}`, () => strictEqual(javaHash(value), hash));
}

test("a set made of up to eleven elements has sixteen buckets, one made of more has more", () => {
  deepStrictEqual(inJavaHashOrder([17, 16, 2], 3), [16, 17, 2]);
  deepStrictEqual(inJavaHashOrder([17, 16, 2], 12), [2, 16, 17]);
  deepStrictEqual(inJavaHashOrder([17, 16, 2], 11), [16, 17, 2]);
});

test("what shares a bucket keeps its order", () => {
  deepStrictEqual(inJavaHashOrder(["BB", "Aa", "01", 1, "1"], 5), ["BB", "Aa", "01", 1, "1"]);
});
