/**
 * The rows of `table/` as a JSON Schema, so that editors complete and check definitions.
 *
 * Draft 7, which editors know best. Which fields a state has depends on its type and language, and its language on the machine: so there
 * is a schema for each type in each language, and states are sent to theirs by `if`. What a schema cannot say (targets that exist, states
 * that are reached, paths and expressions that parse) is left to validation.
 */
import { defaultLimits, type JsonObject } from "../../values/mod.ts";
import type { DefinitionLimits, QueryLanguage } from "../types.ts";
import { fieldsOfState } from "./state_field_names.ts";
import {
  type Field,
  type FieldTable,
  isIn,
  queryLanguages,
  type Rule,
  type SchemaScope,
  type Shape,
} from "./table/field.ts";
import { machineShape } from "./table/machines.ts";
import { type StateType, stateTypes } from "./table/state_types.ts";
import { commonShape, stateShapes } from "./table/states.ts";

/** The schema of a whole definition, in either query language. */
export function definitionSchema({ nameCharactersMax }: DefinitionLimits = defaultLimits): JsonObject {
  return new SchemaWriter(nameCharactersMax).definition();
}

class SchemaWriter {
  readonly #definitions = new Map<string, JsonObject>();
  readonly #nameCharactersMax: number;

  constructor(nameCharactersMax: number) {
    this.#nameCharactersMax = nameCharactersMax;
  }

  definition(): JsonObject {
    const statesIn = (machine: QueryLanguage) => ({ properties: { States: this.#states(machine) } });
    return {
      $schema: "http://json-schema.org/draft-07/schema#",
      title: "Amazon States Language",
      ...this.#object(machineShape, machineShape.fields, {
        ...this.#scope("JSONPath", "JSONPath"),
        states: () => ({}),
      }),
      if: hasLanguage("JSONata"),
      then: statesIn("JSONata"),
      else: statesIn("JSONPath"),
      definitions: Object.fromEntries([...this.#definitions].sort(([left], [right]) => left < right ? -1 : 1)),
    };
  }

  #scope(machine: QueryLanguage, language: QueryLanguage): SchemaScope {
    const scope: SchemaScope = {
      language,
      states: () => this.#states(machine),
      shape: (shape) =>
        this.#once(
          Object.hasOwn(shape.fields, "States")
            ? `${shape.name} of a ${machine} machine`
            : `${shape.name}, ${language}`,
          () => shape.schema?.(scope) ?? this.#object(shape, shape.fields, scope),
        ),
    };
    return scope;
  }

  #states(machine: QueryLanguage): JsonObject {
    return this.#once(`States of a ${machine} machine`, () => ({
      type: "object",
      minProperties: 1,
      propertyNames: { minLength: 1, maxLength: this.#nameCharactersMax },
      additionalProperties: this.#state(machine),
    }));
  }

  #state(machine: QueryLanguage): JsonObject {
    return this.#once(`State of a ${machine} machine`, () => ({
      type: "object",
      required: ["Type"],
      properties: {
        Type: described(commonShape.fields.Type, { enum: [...stateTypes] }),
        QueryLanguage: described(commonShape.fields.QueryLanguage, {
          enum: machine === "JSONata" ? ["JSONata"] : [...queryLanguages],
        }),
      },
      ...(machine === "JSONata" ? { allOf: this.#byType(machine, "JSONata") } : {
        if: hasLanguage("JSONata"),
        then: { allOf: this.#byType(machine, "JSONata") },
        else: { allOf: this.#byType(machine, "JSONPath") },
      }),
    }));
  }

  #byType(machine: QueryLanguage, language: QueryLanguage): readonly JsonObject[] {
    return stateTypes.map((type) => ({
      if: { properties: { Type: { const: type } }, required: ["Type"] },
      then: this.#stateOf(type, machine, language),
    }));
  }

  #stateOf(type: StateType, machine: QueryLanguage, language: QueryLanguage): JsonObject {
    const shape: Shape = stateShapes[type];
    const rules = [...commonShape.rules, ...(shape.rules ?? [])].filter(({ types }) => types?.includes(type) !== false);
    const holdsStates = type === "Parallel" || type === "Map";
    const name = `${type}, ${language}${holdsStates ? `, of a ${machine} machine` : ""}`;
    return this.#once(
      name,
      () => this.#object({ ...shape, rules }, fieldsOfState(type), this.#scope(machine, language)),
    );
  }

  #object(shape: Shape, table: FieldTable, scope: SchemaScope): JsonObject {
    const rows = Object.entries(table).filter(([, row]) => isIn(scope.language, row));
    const required = rows.filter(([, { presence }]) => presence === "required").map(([name]) => name);
    return {
      description: shape.about,
      type: "object",
      properties: Object.fromEntries(rows.flatMap(([name, row]) => propertiesOf(name, row, scope))),
      ...(required.length > 0 ? { required } : {}),
      ...rulesIn(shape.rules ?? [], scope.language),
      ...(shape.isOpen === true ? {} : { additionalProperties: false }),
    };
  }

  /** A reference to the schema of this name, which is made the first time: it may refer to itself. */
  #once(name: string, make: () => JsonObject): JsonObject {
    const key = name.replace(/[^A-Za-z0-9]+/g, "-");
    if (!this.#definitions.has(key)) {
      this.#definitions.set(key, {});
      this.#definitions.set(key, make());
    }
    return { $ref: `#/definitions/${key}` };
  }
}

function hasLanguage(language: QueryLanguage): JsonObject {
  return { properties: { QueryLanguage: { const: language } }, required: ["QueryLanguage"] };
}

function propertiesOf(
  name: string,
  row: Field<unknown>,
  scope: SchemaScope,
): readonly (readonly [string, JsonObject])[] {
  const own = [name, described(row, row.kind.schema(scope))] as const;
  if (row.path === undefined || !isIn(scope.language, row, true)) return [own];
  return [own, [`${name}Path`, { description: `A path to \`${name}\`.`, ...row.path.schema(scope) }]];
}

function described({ about, otherwise, page }: Field<unknown>, schema: JsonObject): JsonObject {
  return {
    description: about,
    ...(page === undefined ? {} : { markdownDescription: `${about}\n\n[AWS](${page})` }),
    ...(typeof otherwise === "number" || typeof otherwise === "string" ? { default: otherwise } : {}),
    ...schema,
  };
}

function rulesIn(rules: readonly Rule[], language: QueryLanguage): JsonObject {
  const allOf = rules.flatMap(({ schema }) => schema?.(language) ?? []);
  return allOf.length > 0 ? { allOf } : {};
}
