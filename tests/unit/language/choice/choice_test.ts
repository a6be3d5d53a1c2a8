// Goal: every comparison operator and its …Path variant, And, Or and Not decide as the specification says.
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import { choose, effectiveInput } from "../../../../src/language/mod.ts";
import { Result } from "effect";
import type { Json, JsonObject } from "../../../../src/values/mod.ts";
import { outcomeOf, scopeOf, stateOf } from "../fixtures.ts";

const input: Json = {
  text: "banana",
  other: "cherry",
  number: 10,
  larger: 20,
  yes: true,
  no: false,
  nothing: null,
  early: "2016-03-14T01:59:00Z",
  late: "2016-03-14T03:59:00.5+01:00",
  list: [1],
};

/** Where a rule leads: `A` when it holds, else the Default, `B`; or the failure. */
function decide(rule: JsonObject, value: Json = input, variables: JsonObject = {}): unknown {
  const state = stateOf("Choice", { Choices: [{ ...rule, Next: "A" }], Default: "B" });
  const outcome = choose(state, scopeOf(value, { variables }), value);
  return Result.isSuccess(outcome) ? outcome.success.next === "A" : outcome.failure;
}

const rules: readonly (readonly [operator: string, variable: string, operand: Json, holds: boolean])[] = [
  ["StringEquals", "$.text", "banana", true],
  ["StringEquals", "$.text", "Banana", false],
  ["StringEquals", "$.number", "10", false],
  ["StringEqualsPath", "$.text", "$.text", true],
  ["StringEqualsPath", "$.text", "$.number", false],
  ["StringLessThan", "$.text", "cherry", true],
  ["StringLessThan", "$.text", "banana", false],
  ["StringLessThanPath", "$.text", "$.other", true],
  ["StringGreaterThan", "$.text", "apple", true],
  ["StringGreaterThanPath", "$.other", "$.text", true],
  ["StringLessThanEquals", "$.text", "banana", true],
  ["StringLessThanEqualsPath", "$.other", "$.text", false],
  ["StringGreaterThanEquals", "$.text", "banana", true],
  ["StringGreaterThanEqualsPath", "$.text", "$.other", false],
  ["StringMatches", "$.text", "b*na", true],
  ["StringMatches", "$.text", "b*nb", false],
  ["StringMatches", "$.number", "*", false],
  ["NumericEquals", "$.number", 10, true],
  ["NumericEquals", "$.number", 10.5, false],
  ["NumericEquals", "$.text", 10, false],
  ["NumericEquals", "$.nothing", 0, false],
  ["NumericEqualsPath", "$.number", "$.larger", false],
  ["NumericLessThan", "$.number", 11, true],
  ["NumericLessThanPath", "$.number", "$.larger", true],
  ["NumericGreaterThan", "$.number", 10, false],
  ["NumericGreaterThanPath", "$.larger", "$.number", true],
  ["NumericLessThanEquals", "$.number", 10, true],
  ["NumericLessThanEqualsPath", "$.larger", "$.number", false],
  ["NumericGreaterThanEquals", "$.number", 10, true],
  ["NumericGreaterThanEqualsPath", "$.number", "$.number", true],
  ["BooleanEquals", "$.yes", true, true],
  ["BooleanEquals", "$.yes", false, false],
  ["BooleanEquals", "$.text", true, false],
  ["BooleanEqualsPath", "$.yes", "$.no", false],
  ["TimestampEquals", "$.early", "2016-03-14T02:59:00+01:00", true],
  ["TimestampEquals", "$.text", "2016-03-14T01:59:00Z", false],
  ["TimestampEqualsPath", "$.early", "$.late", false],
  ["TimestampLessThan", "$.early", "2016-03-14T01:59:00.001Z", true],
  ["TimestampLessThanPath", "$.early", "$.late", true],
  ["TimestampLessThanPath", "$.early", "$.text", false],
  ["TimestampGreaterThan", "$.late", "2016-03-14T02:59:00Z", true],
  ["TimestampGreaterThanPath", "$.early", "$.late", false],
  ["TimestampLessThanEquals", "$.early", "2016-03-14T01:59:00Z", true],
  ["TimestampLessThanEqualsPath", "$.late", "$.early", false],
  ["TimestampGreaterThanEquals", "$.early", "2016-03-14T01:59:00Z", true],
  ["TimestampGreaterThanEqualsPath", "$.late", "$.early", true],
  ["IsNull", "$.nothing", true, true],
  ["IsNull", "$.text", false, true],
  ["IsPresent", "$.nothing", true, true],
  ["IsPresent", "$.gone", true, false],
  ["IsPresent", "$.gone.deeper", false, true],
  ["IsPresent", "$.list[0]", true, true],
  ["IsPresent", "$.list[1]", true, false],
  ["IsNumeric", "$.number", true, true],
  ["IsNumeric", "$.text", true, false],
  ["IsString", "$.text", true, true],
  ["IsString", "$.nothing", false, true],
  ["IsBoolean", "$.no", true, true],
  ["IsBoolean", "$.number", true, false],
  ["IsTimestamp", "$.early", true, true],
  ["IsTimestamp", "$.text", true, false],
  ["IsTimestamp", "$.number", false, true],
];

for (const [operator, variable, operand, holds] of rules) {
  test(`${operator} ${variable} ${JSON.stringify(operand)} is ${holds} [ASL: Data-test expression]`, () => {
    deepStrictEqual(decide({ Variable: variable, [operator]: operand }), holds);
  });
}

const combined: readonly (readonly [when: string, rule: JsonObject, holds: boolean])[] = [
  ["all parts of And hold", {
    And: [{ Variable: "$.number", NumericGreaterThan: 1 }, { Variable: "$.yes", BooleanEquals: true }],
  }, true],
  ["one part of And does not", {
    And: [{ Variable: "$.number", NumericGreaterThan: 1 }, { Variable: "$.no", BooleanEquals: true }],
  }, false],
  ["one part of Or holds", {
    Or: [{ Variable: "$.no", BooleanEquals: true }, { Variable: "$.number", NumericEquals: 10 }],
  }, true],
  ["no part of Or holds", {
    Or: [{ Variable: "$.no", BooleanEquals: true }, { Variable: "$.number", NumericEquals: 11 }],
  }, false],
  ["Not turns", { Not: { Variable: "$.no", BooleanEquals: true } }, true],
  ["they are nested", { Not: { Or: [{ Not: { And: [{ Variable: "$.yes", BooleanEquals: true }] } }] } }, true],
  ["And stops at the first part that does not hold", {
    And: [{ Variable: "$.gone", IsPresent: true }, { Variable: "$.gone", NumericEquals: 1 }],
  }, false],
  ["Or stops at the first part that holds", {
    Or: [{ Variable: "$.yes", BooleanEquals: true }, { Variable: "$.gone", NumericEquals: 1 }],
  }, true],
];

for (const [when, rule, holds] of combined) {
  test(`a rule is ${holds} when ${when} [ASL: Boolean expression]`, () => {
    deepStrictEqual(decide(rule), holds);
  });
}

test("a rule reads variables and the context object [AWS: Workflow variables]", () => {
  deepStrictEqual(
    decide({ Variable: "$limit.max", NumericGreaterThanPath: "$.number" }, input, { limit: { max: 11 } }),
    true,
  );
  deepStrictEqual(decide({ Variable: "$$.Execution.Id", StringEquals: "execution-1" }), true);
});

for (
  const [variable, operator, operand] of [["$.gone", "StringEquals", "x"], ["$.text", "StringEqualsPath", "$.gone"], [
    "$.gone",
    "IsNull",
    true,
  ]] as const
) {
  test(`${operator} fails when ${variable === "$.gone" ? "its variable" : "its operand"} finds nothing [AWS: Choice state]`, () => {
    deepStrictEqual(decide({ Variable: variable, [operator]: operand }), {
      error: "States.Runtime",
      cause: "Invalid path '$.gone': The choice state's condition path references an invalid value.",
      raisedBy: "Runtime",
    });
  });
}

test("the first rule that holds is taken, in order [ASL: Choice State]", () => {
  const rules = [
    { Variable: "$.number", NumericEquals: 1, Next: "A" },
    { Variable: "$.number", NumericEquals: 10, Next: "B" },
    { Variable: "$.number", NumericEquals: 10, Next: "C" },
  ];
  const outcome = outcomeOf(choose(stateOf("Choice", { Choices: rules }), scopeOf(input), input));
  deepStrictEqual(outcome, { output: input, next: "B" });
});

test("a Choice without a rule that holds and without Default fails [Observed of AWS]", () => {
  const state = stateOf("Choice", { Choices: [{ Variable: "$.number", NumericEquals: 1, Next: "A" }] });
  deepStrictEqual(outcomeOf(choose(state, scopeOf(input), input)), {
    failed: {
      error: "States.Runtime",
      cause: "Failed to transition out of the state. The state does not point to a next state.",
    },
  });
});

test("a rule's own Assign counts for the rule, the state's for Default [AWS: Workflow variables]", () => {
  const state = stateOf("Choice", {
    InputPath: "$.in",
    OutputPath: "$.out",
    Choices: [{ Variable: "$.go", BooleanEquals: true, Next: "A", Assign: { "by.$": "$.out" } }],
    Default: "B",
    Assign: { by: "default" },
  });
  for (
    const [go, expected] of [[true, { output: 1, assigned: { by: 1 }, next: "A" }], [false, {
      output: 1,
      assigned: { by: "default" },
      next: "B",
    }]] as const
  ) {
    const scope = scopeOf({ in: { go, out: 1 } });
    const effective = effectiveInput(state, scope);
    deepStrictEqual(outcomeOf(choose(state, scope, Result.getOrThrow(effective))), expected);
  }
});
