import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { test } from "node:test";
import {
  defaultLimits,
  limitNames,
  type Limits,
  limitSettings,
  LimitsInvalid,
  limitsOf,
} from "../../../src/values/mod.ts";

test("limitsOf() gives the defaults where nothing is set", () => {
  deepStrictEqual(limitsOf(), defaultLimits);
  deepStrictEqual(limitsOf({}), defaultLimits);
});

for (const name of limitNames) {
  const { default: value, min, max } = limitSettings[name];

  test(`the default of ${name} is within its range`, () => {
    ok(min <= value && value <= max);
  });

  for (const wrong of [min - 1, max + 1, min + 0.5, Number.NaN]) {
    test(`limitsOf() refuses ${wrong} for ${name}, by name`, () => {
      throws(
        () => limitsOf({ [name]: wrong }),
        (thrown) =>
          thrown instanceof LimitsInvalid && thrown.message.includes(name) && thrown.message.includes(String(max)),
      );
    });
  }
}

const unfit: readonly { readonly set: Partial<Limits>; readonly names: readonly string[] }[] = [
  { set: { turnBytesMax: 8_192 }, names: ["payloadBytesMax", "turnBytesMax"] },
  {
    set: { payloadBytesMax: 8_192, turnBytesMax: 16_384, batchBytesMax: 8_192 },
    names: ["turnBytesMax", "batchBytesMax"],
  },
  { set: { redrivableDays: 14, retentionSeconds: 86_400 }, names: ["redrivableDays", "retentionSeconds"] },
];
for (const { set, names } of unfit) {
  test(`limitsOf() refuses ${names.join(" beyond ")}`, () => {
    throws(
      () => limitsOf(set),
      (thrown) => thrown instanceof LimitsInvalid && names.every((name) => thrown.message.includes(name)),
    );
  });
}

test("limitsOf() takes limits at the border of what fits together", () => {
  const set = { payloadBytesMax: 8_192, turnBytesMax: 8_192, batchBytesMax: 8_192 };
  deepStrictEqual(limitsOf(set), { ...defaultLimits, ...set });
});

test("redrivableDays follows a shorter retention that is set alone", () => {
  strictEqual(limitsOf({ retentionSeconds: 3 * 86_400 - 1 }).redrivableDays, 2);
  strictEqual(limitsOf({ retentionSeconds: 3_600 }).redrivableDays, 0);
  strictEqual(limitsOf({ retentionSeconds: 86_400_000 / 1_000 }).redrivableDays, 1);
});
