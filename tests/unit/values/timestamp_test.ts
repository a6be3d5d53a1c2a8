import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { test } from "node:test";
import {
  asString,
  asUint64,
  compareTimestamps,
  parseTimestamp,
  timestamp,
  timestampOfString,
} from "../../../src/values/mod.ts";
import { SeededRandom } from "../../support/seeded_random.ts";

const MAX = 0xffff_ffff;
const corners = [0, 1, 0x7fff_ffff, 0x8000_0000, MAX - 1, MAX];
const cornerPairs = corners.flatMap((wallTime) => corners.map((logical) => timestamp(wallTime, logical)));

test("parseTimestamp() is the inverse of asUint64() at every corner", () => {
  for (const t of cornerPairs) deepStrictEqual(parseTimestamp(asUint64(t)), t);
});

test("timestampOfString() is the inverse of asString() at every corner", () => {
  for (const t of cornerPairs) {
    strictEqual(asString(t).length, 16);
    deepStrictEqual(timestampOfString(asString(t)), t);
  }
});

test("asUint64() puts the wall time in the high half", () => {
  strictEqual(asUint64(timestamp(1, 2)), 0x0000_0001_0000_0002n);
});

test("number, text and comparison put timestamps in one order (seed 1)", () => {
  const random = new SeededRandom(1);
  const draw = () => timestamp(random.below(3) + MAX - 3, random.below(4));
  for (let round = 0; round < 500; round++) {
    const [a, b] = [draw(), draw()];
    const order = Math.sign(compareTimestamps(a, b));
    strictEqual(order, asUint64(a) < asUint64(b) ? -1 : asUint64(a) > asUint64(b) ? 1 : 0);
    strictEqual(order, asString(a) < asString(b) ? -1 : asString(a) > asString(b) ? 1 : 0);
  }
});

for (const half of [-1, 0.5, MAX + 1, NaN, Infinity]) {
  test(`timestamp() throws for a half of ${half}`, () => {
    throws(() => timestamp(half, 0), RangeError);
    throws(() => timestamp(0, half), RangeError);
  });
}

for (const value of [-1n, 1n << 64n]) {
  test(`parseTimestamp() throws for ${value}`, () => throws(() => parseTimestamp(value), RangeError));
}

for (const text of ["", "0", "0".repeat(15), "0".repeat(17), "000000000000000G", "00000000000000AB", " ".repeat(16)]) {
  test(`timestampOfString() gives nothing for "${text}"`, () => strictEqual(timestampOfString(text), undefined));
}

test("timestampOfString() gives nothing for text with a line break behind it", () => {
  ok(timestampOfString("0".repeat(16)) !== undefined);
  strictEqual(timestampOfString(`${"0".repeat(16)}\n`), undefined);
});
