/** The rules of Choice states. */
import * as Result from "effect/Result";
import type { Json, JsonObject } from "../../../values/mod.ts";
import { compileRule, isJsonPathRuleField, selectorOf } from "../../choice/compile_choice_rule.ts";
import type { Compiled } from "../../types.ts";
import type { Fields } from "../fields.ts";
import { wrongLanguage } from "../languages.ts";
import { operatorShape, partOfCondition, testedPath } from "./choice_operators.ts";
import { assignment, outcome } from "./evaluated_kinds.ts";
import {
  always,
  field,
  type FieldPlace,
  type FieldsOf,
  type FieldTable,
  isIn,
  type Kind,
  required,
  type SchemaScope,
  type Shape,
} from "./field.ts";
import { expressionSchema, leadsTo, note } from "./kinds.ts";
import { pages } from "./pages.ts";
import { readEach, readFields } from "./read_fields.ts";

const innerRules = partOfCondition("array of rules, at least one", ({ shape }) => ({
  type: "array",
  minItems: 1,
  items: shape(innerRuleShape),
}));
const innerRule = partOfCondition("rule", ({ shape }) => shape(innerRuleShape));

const condition: Kind<Compiled> = {
  read: (place) => place.reading.language === "JSONata" ? jsonataCondition(place) : jsonPathCondition(place),
  words: () => "expression for `true` or `false`, or one of them",
  schema: () => ({ anyOf: [{ type: "boolean" }, expressionSchema] }),
};

function jsonataCondition({ reading, fields, field: name }: FieldPlace): Compiled {
  for (const given of Object.keys(fields.object)) {
    if (isJsonPathRuleField(given)) fields.findings.schema(fields.location, wrongLanguage("JSONata", given));
  }
  fields.only((given) => isRuleField("JSONata", given) || isJsonPathRuleField(given));
  const isCondition = selectorOf(fields.object, fields.location, fields.findings) === "Condition";
  const source: Json = isCondition ? fields.value("Condition") ?? null : false;
  if (typeof source === "boolean") return { source, evaluate: () => Result.succeed(source) };
  return reading.expression(source, "boolean", name, fields.at("Condition"));
}

function jsonPathCondition({ fields }: FieldPlace): Compiled {
  const isOuterField = (name: string) => isRuleField("JSONPath", name);
  const evaluate = compileRule(fields.object, fields.location, fields.findings, isOuterField);
  return { source: fields.object, evaluate };
}

const jsonPath = { only: "JSONPath" } as const;
const combinations = {
  And: field(innerRules, "Holds when all of its rules hold.", jsonPath),
  Or: field(innerRules, "Holds when one of its rules holds.", jsonPath),
  Not: field(innerRule, "Holds when its rule does not.", jsonPath),
  Variable: field(testedPath, "What is tested by the operator beside it.", jsonPath),
};

const ruleFields = {
  Next: required(leadsTo, "The state that follows when the rule holds."),
  ...combinations,
  Condition: always(condition, "Holds when it is `true`.", { only: "JSONata", isReadMisplaced: "language" }),
  Assign: field(assignment, "Variables that are set when the rule is taken.", { page: pages.variables }),
  Output: field(outcome, "What is handed on when the rule is taken.", {
    only: "JSONata",
    absent: "the state's `Output`",
  }),
  Comment: field(note, "For readers."),
};

function isRuleField(language: "JSONPath" | "JSONata", name: string): boolean {
  const row = Object.entries(ruleFields).find(([known]) => known === name)?.[1];
  return row !== undefined && isIn(language, row);
}

const oneSelector: JsonObject = { oneOf: Object.keys(combinations).map((name) => ({ required: [name] })) };

/** One entry of `Choices`. */
export const ruleShape = {
  name: "Choice rule",
  about:
    "An entry of `Choices`. In JSONPath it is a test of a `Variable` by one [operator](#choice-operator), or a combination of rules.",
  page: pages.choice,
  fields: ruleFields,
  rules: [{
    words: "exactly one of `And`, `Or`, `Not`, `Variable` (JSONPath), `Condition` (JSONata)",
    check: () => {}, // the condition says it, in AWS's words
  }],
  schema: (scope: SchemaScope) =>
    scope.language === "JSONPath"
      ? ruleSchema(scope, ["Next", "Assign", "Comment"], ["Next"])
      : objectSchema(scope, ["Next", "Condition", "Assign", "Output", "Comment"], {}, ["Next", "Condition"]),
} satisfies Shape;

const innerRuleShape: Shape = {
  name: "Inner choice rule",
  about: "A rule within `And`, `Or` or `Not`.",
  page: pages.choice,
  fields: { ...combinations, Comment: ruleFields.Comment },
  schema: (scope) => ruleSchema(scope, ["Comment"], []),
};

function ruleSchema(scope: SchemaScope, names: readonly string[], needed: readonly string[]): JsonObject {
  const operatorProperties = propertiesOf(scope, operatorShape.fields, Object.keys(operatorShape.fields));
  return {
    ...objectSchema(scope, [...names, ...Object.keys(combinations)], operatorProperties, needed),
    ...oneSelector,
  };
}

function objectSchema(
  scope: SchemaScope,
  names: readonly string[],
  more: JsonObject,
  needed: readonly string[],
): JsonObject {
  return {
    type: "object",
    properties: { ...propertiesOf(scope, ruleFields, names), ...more },
    ...(needed.length > 0 ? { required: [...needed] } : {}),
    additionalProperties: false,
  };
}

function propertiesOf(scope: SchemaScope, table: FieldTable, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.flatMap((name) => {
    const row = table[name];
    return row === undefined ? [] : [[name, { description: row.about, ...row.kind.schema(scope) }]];
  }));
}

/** A finding where a list that must have an entry has none. */
export function refuseEmpty(fields: Fields, name: string): void {
  const list = fields.value(name);
  if (list === undefined || (Array.isArray(list) && list.length > 0)) return;
  fields.findings.schema(fields.at(name), "Value cannot be empty");
}

/** The entries of `Choices` in order. */
export const choiceRules: Kind<readonly FieldsOf<typeof ruleFields>[]> = {
  read: (place) => {
    const rules = readEach(
      place,
      (fields, { index, reading }) => readFields(ruleShape, reading, fields, { prefix: `Choices[${index}]/` }),
    );
    refuseEmpty(place.fields, place.name);
    return rules;
  },
  words: () => "array of [rules](#choice-rule), at least one",
  schema: ({ shape }) => ({ type: "array", minItems: 1, items: shape(ruleShape) }),
};
