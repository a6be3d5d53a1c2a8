// Goal: searching finds what the host's search finds, in linear time. Method: random texts of two letters, and the worst case.
import { deepStrictEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { placeOf, placesOf, splitText } from "../../../src/language/text_search.ts";

/** Texts that repeat themselves, from a small generator of numbers. */
function textsOf(seed: number) {
  let state = seed;
  const below = (bound: number) => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) % bound;
  const text = (length: number) => Array.from({ length }, () => below(7) === 0 ? "b" : "a").join("");
  return { below, text };
}

test("placeOf(), placesOf() and splitText() agree with the host, short or long", () => {
  const { below, text } = textsOf(7);
  for (let round = 0; round < 60; round++) {
    const part = text(1 + below(round % 3 === 0 ? 600 : 60));
    const whole = (text(below(9)) + part).repeat(1 + below(30)) + text(9_000);
    deepStrictEqual(placeOf(whole, part), whole.indexOf(part));
    deepStrictEqual(placeOf(whole, part, 50), whole.indexOf(part, 50));
    deepStrictEqual(splitText(whole, part, Infinity), whole.split(part));
    deepStrictEqual(splitText(whole, part, 2), whole.split(part, 2));
    deepStrictEqual([...placesOf(whole, part)].length, whole.split(part).length - 1);
  }
});

test("a long text that is not there is looked for in linear time", () => {
  const text = "a".repeat(1_000_000);
  const part = `${"a".repeat(250_000)}b${"a".repeat(250_300)}`;
  const before = performance.now();
  deepStrictEqual([placeOf(text, part), [...placesOf(text, part)], splitText(text, part, 9).length], [-1, [], 1]);
  ok(performance.now() - before < 5_000);
});
