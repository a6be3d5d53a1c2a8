import { deepStrictEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { variableReferences } from "../../../../src/language/mod.ts";
import type { Json, JsonObject } from "../../../../src/values/mod.ts";

const pass = (fields: JsonObject): JsonObject => ({ Type: "Pass", ...fields });
const machine = (StartAt: string, States: JsonObject): JsonObject => ({ QueryLanguage: "JSONata", StartAt, States });
const first = pass({ Assign: { a: 1, b: 2 }, Next: "A" });

test("variables are told by the state that reads them, states in Map and Parallel too", () => {
  const processor = { StartAt: "I", States: { I: pass({ Output: "{% $b %}", End: true }) } };
  const branch = { StartAt: "P", States: { P: pass({ Output: "{% [$a, $b, $a] %}", End: true }) } };
  deepStrictEqual(
    variableReferences(machine("First", {
      First: first,
      A: { Type: "Map", Items: "{% [$a] %}", ItemProcessor: processor, Next: "B" },
      B: { Type: "Parallel", Branches: [branch], Next: "C" },
      C: pass({ Output: "{% $states.input %}", End: true }),
    })),
    { A: ["a"], I: ["b"], P: ["a", "b"] },
  );
});

test("names of states may hold slashes, and be those of prototypes", () => {
  deepStrictEqual(
    variableReferences(machine("First", {
      First: first,
      "A": pass({ Output: "{% $a %}", Next: "A/B" }),
      "A/B": pass({ Output: { "Output/x": "{% $b %}" }, Next: "constructor" }),
      "constructor": pass({ Output: "{% $a %}", End: true }),
    })),
    { "A": ["a"], "A/B": ["b"], "constructor": ["a"] },
  );
});

test("what is no definition has none", () => {
  for (const none of ["{", "null", 1, [], { States: 1 }]) deepStrictEqual(variableReferences(none as Json), {});
});

test("thousands of states are gone through in the time of their number", () => {
  const states: Record<string, Json> = {};
  for (let index = 0; index < 9_000; index++) {
    states[`S${index}`] = { Type: "Pass", InputPath: "$a", Next: `S${index + 1}` };
  }
  const definition = {
    StartAt: "First",
    States: { First: { ...first, Next: "S0" }, ...states, S9000: { Type: "Succeed" } },
  };
  const { user: before } = process.cpuUsage();
  deepStrictEqual(Object.keys(variableReferences(definition)).length, 9_000);
  ok(process.cpuUsage().user - before < 3_000_000);
});
