// Goal: evaluation goes by the limits that are set, not by the defaults. Method: the same state within two sets of limits.
import { deepStrictEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { Result } from "effect";
import { definitionSchema, stateArguments, stateOutcome, variableReferences } from "../../../../src/language/mod.ts";
import { defaultLimits, type Json } from "../../../../src/values/mod.ts";
import { outcomeOf, scopeOf, stateOf } from "../fixtures.ts";

function nested(depth: number): Json {
  return depth === 0 ? 1 : [nested(depth - 1)];
}

const small = { payloadBytesMax: 100, jsonDepthMax: 5 };
const large = { payloadBytesMax: 1_000_000, jsonDepthMax: 1_000 };

const jsonPath = stateOf("Pass", { ResultPath: "$.r" });
const jsonata = stateOf("Pass", { Output: { o: "{% $states.input %}" } }, { QueryLanguage: "JSONata" });
for (const [language, state] of [["JSONPath", jsonPath], ["JSONata", jsonata]] as const) {
  test(`a ${language} state's output may nest as deep as is set, and no deeper`, () => {
    const outcome = (depth: number, limits: typeof small) =>
      stateOutcome(state, scopeOf(language === "JSONata" ? nested(depth) : {}, { limits }), {}, nested(depth));
    ok(Result.isSuccess(outcome(4, small)));
    deepStrictEqual(outcomeOf(outcome(5, small)), {
      failed: { error: "States.Runtime", cause: "The state's output is nested deeper than 5 levels." },
    });
    ok(Result.isSuccess(outcome(300, large)));
    ok(Result.isFailure(outcome(300, defaultLimits)));
  });
}

test("variables may have as many bytes, and nest as deep, as is set", () => {
  const state = stateOf("Pass", { Assign: { "v.$": "$.v" } });
  const assigned = (v: Json, limits: typeof small) => stateOutcome(state, scopeOf({ v }, { limits }), { v }, { v });
  ok(Result.isSuccess(assigned("x".repeat(90), small)));
  deepStrictEqual(outcomeOf(assigned("x".repeat(100), small)), {
    failed: { error: "States.Runtime", cause: "The size of the variables assigned exceeds the maximum of 100 bytes." },
  });
  ok(Result.isFailure(assigned(nested(5), small)));
  ok(Result.isSuccess(assigned("x".repeat(500_000), large)));
  ok(Result.isFailure(assigned("x".repeat(500_000), defaultLimits)));
});

test("intrinsic functions give texts as long, and values as deep, as is set", () => {
  const state = stateOf("Pass", {
    Parameters: { "v.$": "States.Format('{}', $.v)", "j.$": "States.StringToJson($.j)" },
  });
  const called = (v: string, depth: number, limits: typeof small) =>
    stateArguments(state, scopeOf({}, { limits }), { v, j: JSON.stringify(nested(depth)) });
  ok(Result.isSuccess(called("x".repeat(100), 5, small)));
  ok(Result.isFailure(called("x".repeat(101), 5, small)));
  ok(Result.isFailure(called("x", 6, small)));
  ok(Result.isSuccess(called("x".repeat(500_000), 300, large)));
  ok(Result.isFailure(called("x".repeat(500_000), 5, defaultLimits)));
  ok(Result.isFailure(called("x", 300, defaultLimits)));
});

test("variableReferences() and the schema of editors go by the length of names that is set", () => {
  const name = "n".repeat(100);
  const definition = { StartAt: name, States: { [name]: { Type: "Pass", InputPath: "$v", End: true } } };
  deepStrictEqual(variableReferences(definition), {});
  deepStrictEqual(variableReferences(definition, { ...defaultLimits, nameCharactersMax: 100 }), { [name]: ["v"] });
  ok(JSON.stringify(definitionSchema({ ...defaultLimits, nameCharactersMax: 100 })).includes('"maxLength":100'));
});
