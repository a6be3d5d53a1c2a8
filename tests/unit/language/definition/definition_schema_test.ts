// Goal: the schema that editors use says what validation says, as far as a schema can. Method: every field in every state of either
// language, once where it may stand and once where it may not; objects within states; and, in `fixtures.ts`, every valid machine of
// the language's other tests.
import { deepStrictEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { isFieldOf } from "../../../../src/language/definition/state_field_names.ts";
import { stateTypes } from "../../../../src/language/definition/table/state_types.ts";
import { commonShape, stateShapes } from "../../../../src/language/definition/table/states.ts";
import { definitionSchema, type State, validateDefinition } from "../../../../src/language/mod.ts";
import type { Json, JsonObject } from "../../../../src/values/mod.ts";
import { schemaFindings } from "../../../support/language/definition_schema.ts";

const pass = { Type: "Pass", End: true };
const inner = { StartAt: "I", States: { I: pass } };

/** A valid state of each type, but for what depends on the language. */
const bare: Readonly<Record<State["Type"], JsonObject>> = {
  Task: { Resource: "work", End: true },
  Wait: { Seconds: 1, End: true },
  Pass: { End: true },
  Succeed: {},
  Fail: {},
  Choice: {},
  Parallel: { Branches: [inner], End: true },
  Map: { ItemProcessor: inner, End: true },
};

function bareState(type: State["Type"], language: "JSONPath" | "JSONata"): JsonObject {
  const test = language === "JSONPath" ? { Variable: "$.n", IsNull: true } : { Condition: "{% true %}" };
  return { Type: type, ...bare[type], ...(type === "Choice" ? { Choices: [{ ...test, Next: "E" }] } : {}) };
}

/** The ways in which a state can come to its language. */
const machines = [
  { language: "JSONPath", machine: {}, state: {} },
  { language: "JSONPath", machine: { QueryLanguage: "JSONPath" }, state: { QueryLanguage: "JSONPath" } },
  { language: "JSONata", machine: {}, state: { QueryLanguage: "JSONata" } },
  { language: "JSONata", machine: { QueryLanguage: "JSONata" }, state: {} },
] as const;

function machineOf(machine: JsonObject, state: JsonObject): JsonObject {
  return { ...machine, StartAt: "S", States: { S: state, E: { Type: "Succeed" } } };
}

const shapes = [commonShape, ...Object.values(stateShapes)];
const names = new Set(
  shapes.flatMap(({ fields }) =>
    Object.entries(fields).flatMap(([name, row]) => "path" in row ? [name, `${name}Path`] : [name])
  ),
);

test("the names are those of all fields", () =>
  ok(names.size >= 48 && names.has("TimeoutSecondsPath"), String(names.size)));

for (const { language, machine, state } of machines) {
  for (const type of stateTypes) {
    const how = `${language} ${type} of a machine ${JSON.stringify(machine)}`;
    const without = machineOf(machine, { ...bareState(type, language), ...state });

    test(`the schema takes a ${how} as it is, and refuses every field that it does not have`, () => {
      deepStrictEqual(schemaFindings(without), []);
      const misplaced = [...names, "Foo", "resource"].filter((name) => !isFieldOf(type, language, name));
      ok(misplaced.length > 10);
      for (const name of misplaced) {
        const definition = machineOf(machine, { ...bareState(type, language), ...state, [name]: 1 });
        const isRefused = schemaFindings(definition).some((finding) =>
          finding.startsWith("/States/S: must NOT have additional properties") && finding.includes(`"${name}"`)
        );
        ok(isRefused, `Expected the schema to refuse ${name} in a ${how}`);
      }
    });

    test(`the schema knows every field of a ${how}`, () => {
      for (const name of [...names].filter((one) => isFieldOf(type, language, one))) {
        const definition = machineOf(machine, { ...bareState(type, language), ...state, [name]: { is: "anything" } });
        const unknown = schemaFindings(definition).filter((finding) =>
          finding.startsWith("/States/S: must NOT have additional") && finding.includes(`"${name}"`)
        );
        deepStrictEqual(unknown, [], `Expected the schema to know ${name} in a ${how}`);
      }
    });
  }
}

const task = (fields: JsonObject) => machineOf({}, { Type: "Task", Resource: "r", Next: "E", ...fields });
const refused: readonly (readonly [what: string, definition: Json])[] = [
  ["no object", []],
  ["no states", { StartAt: "S" }],
  ["states that are none", { StartAt: "S", States: {} }],
  ["an unknown field of a machine", { ...machineOf({}, pass), Timeout: 1 }],
  ["another version", { ...machineOf({}, pass), Version: "2.0" }],
  ["a state of no type", machineOf({}, { End: true })],
  ["a state of an unknown type", machineOf({}, { Type: "Sleep", End: true })],
  ["JSONPath in a machine of JSONata", machineOf({ QueryLanguage: "JSONata" }, { ...pass, QueryLanguage: "JSONPath" })],
  ["neither Next nor End", machineOf({}, { Type: "Pass" })],
  ["Next and End", machineOf({}, { ...pass, Next: "E" })],
  ["a Task without Resource", machineOf({}, { Type: "Task", End: true })],
  ["a timeout that is too short", task({ TimeoutSeconds: 0 })],
  ["a timeout and its path", task({ TimeoutSeconds: 1, TimeoutSecondsPath: "$.t" })],
  ["a path that is none", task({ InputPath: "a.b" })],
  [
    "seconds and a timestamp",
    machineOf({}, { Type: "Wait", Seconds: 1, Timestamp: "2026-01-01T00:00:00Z", Next: "E" }),
  ],
  ["a timestamp without a zone", machineOf({}, { Type: "Wait", Timestamp: "2026-01-01T00:00:00", Next: "E" })],
  ["text that is no expression", machineOf({ QueryLanguage: "JSONata" }, { Type: "Wait", Seconds: "ten", Next: "E" })],
  ["an unknown field of a retrier", task({ Retry: [{ ErrorEquals: ["States.ALL"], MaxTries: 1 }] })],
  ["a retrier that waits backwards", task({ Retry: [{ ErrorEquals: ["States.ALL"], BackoffRate: 0.5 }] })],
  ["a catcher without Next", task({ Catch: [{ ErrorEquals: ["States.ALL"] }] })],
  ["Output of a catcher in JSONPath", task({ Catch: [{ ErrorEquals: ["States.ALL"], Next: "E", Output: {} }] })],
  ["an unknown operator", machineOf({}, { Type: "Choice", Choices: [{ Variable: "$.n", IsNil: true, Next: "E" }] })],
  [
    "Next in an inner rule",
    machineOf({}, {
      Type: "Choice",
      Choices: [{ Not: { Variable: "$.n", IsNull: true, Next: "E" }, Next: "E" }],
    }),
  ],
  [
    "a rule with two conditions",
    machineOf({}, {
      Type: "Choice",
      Choices: [{ Not: { Variable: "$.n", IsNull: true }, Variable: "$.n", IsNull: true, Next: "E" }],
    }),
  ],
  ["an unknown field of a branch", machineOf({}, { Type: "Parallel", Branches: [{ ...inner, Name: "b" }], End: true })],
  [
    "an unknown field deep within",
    machineOf({}, {
      Type: "Parallel",
      Branches: [{ StartAt: "M", States: { M: { Type: "Map", Iterator: inner, Foo: 1, End: true } } }],
      End: true,
    }),
  ],
  ["both names of the processor", machineOf({}, { Type: "Map", Iterator: inner, ItemProcessor: inner, End: true })],
  [
    "a distributed Map without ExecutionType",
    machineOf({}, {
      Type: "Map",
      ItemProcessor: { ...inner, ProcessorConfig: { Mode: "DISTRIBUTED" } },
      End: true,
    }),
  ],
  ["an ItemReader without Resource", machineOf({}, { Type: "Map", ItemProcessor: inner, ItemReader: {}, End: true })],
  [
    "an input type that is unknown",
    machineOf({}, {
      Type: "Map",
      ItemProcessor: inner,
      ItemReader: { Resource: "r", ReaderConfig: { InputType: "XML" } },
      End: true,
    }),
  ],
];
for (const [what, definition] of refused) {
  test(`the schema refuses ${what}, as validation does`, () => {
    ok(schemaFindings(definition).length > 0);
    ok(validateDefinition(definition).some(({ severity }) => severity === "ERROR"));
  });
}

test("the schema describes every field, and links to AWS's pages", () => {
  const undescribed: string[] = [];
  const visit = (value: Json, place: string) => {
    if (value === null || typeof value !== "object") return;
    for (const [key, part] of Object.entries(value)) {
      const isProperty = /properties$/.test(place) && !/\/(if|then|else|oneOf|allOf\/\d+)(\/|$)/.test(place);
      if (isProperty && !("description" in Object(part))) undescribed.push(`${place}/${key}`);
      visit(part as Json, `${place}/${key}`);
    }
  };
  const schema = definitionSchema();
  visit(schema, "");
  deepStrictEqual(undescribed, []);
  ok(JSON.stringify(schema).includes("https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html"));
});
