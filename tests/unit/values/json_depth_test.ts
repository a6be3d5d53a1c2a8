import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import { jsonDepthExceeds } from "../../../src/values/mod.ts";

const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

const depths = [
  { when: "text is exactly as deep as allowed", text: nested(8), depthMax: 8, exceeds: false },
  { when: "text is one level too deep", text: nested(9), depthMax: 8, exceeds: true },
  { when: "objects and arrays mix", text: '{"a":[{"b":[[1]]}]}', depthMax: 4, exceeds: true },
  { when: "brackets stand in strings only", text: JSON.stringify("[".repeat(100)), depthMax: 1, exceeds: false },
  { when: "a string ends in escaped backslashes", text: '["\\\\\\\\",[[[1]]]]', depthMax: 3, exceeds: true },
  { when: "a string holds an escaped quote", text: '["\\"[[[[[[",1,2,3]', depthMax: 2, exceeds: false },
  { when: "many values stand side by side", text: `[${"[],".repeat(50)}[]]`, depthMax: 2, exceeds: false },
  { when: "a string never ends", text: '["[[[[[[[[[[[[', depthMax: 2, exceeds: false },
];
for (const { when, text, depthMax, exceeds } of depths) {
  test(`jsonDepthExceeds() returns ${exceeds} when ${when}`, () => {
    deepStrictEqual(jsonDepthExceeds(text, depthMax), exceeds);
  });
}
