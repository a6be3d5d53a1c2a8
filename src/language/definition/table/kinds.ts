/** Kinds of values that are read as they are written, and numbers, texts and times that may be evaluated. */
import type { Json, JsonObject } from "../../../values/mod.ts";
import { timestampEpochMs } from "../../choice/timestamps.ts";
import { isJsonataExpression } from "../../templates/jsonata_expression.ts";
import { looksDynamic } from "../../templates/payload_template.ts";
import type { Compiled } from "../../types.ts";
import type { FieldPlace, Kind } from "./field.ts";
import type { NumberRange } from "./ranges.ts";

/** JSON Schema of a text that is one expression of JSONata. */
export const expressionSchema: JsonObject = { type: "string", pattern: "^\\{%[\\s\\S]*%\\}$" };

/** Any text. */
export const text: Kind<string> = {
  read: ({ fields, name }) => fields.string(name),
  words: () => "text",
  schema: () => ({ type: "string" }),
};

/** A text that is kept with the definition and not read further. */
export const note: Kind<undefined> = {
  read: () => undefined,
  words: () => "text",
  schema: () => ({ type: "string" }),
};

/** One of some texts. */
export function oneOf<const V extends string>(...values: readonly V[]): Kind<V> {
  return {
    read: ({ fields, name }) => fields.oneOf(name, values),
    words: () => values.map((value) => `\`${value}\``).join(", "),
    schema: () => ({ enum: [...values] }),
  };
}

/** `true` or `false`, for a rule to look at. */
export const flag: Kind<undefined> = {
  read: ({ fields, name }) => {
    fields.boolean(name);
    return undefined;
  },
  words: () => "`true` or `false`",
  schema: () => ({ type: "boolean" }),
};

/** The name of the state to go to. */
export const target: Kind<string> = {
  read: ({ reading, fields, name }) => {
    const next = fields.string(name);
    if (next !== undefined) reading.target(next, fields.at(name));
    return next;
  },
  words: () => "name of a state",
  schema: () => ({ type: "string" }),
};

/** The name of the state that a rule or catcher leads to: what is no text is no state's name either, and is found missing as well. */
export const leadsTo: Kind<string> = {
  ...target,
  read: ({ reading, fields, name }) => {
    if (!fields.has(name)) return undefined;
    const next = fields.string(name) ?? "";
    reading.target(next, fields.at(name));
    return next;
  },
};

/** Errors by name. `States.ALL` stands alone, in the last object of a list. */
export const errorNames: Kind<readonly string[]> = {
  read: ({ fields, name, isLast }) => {
    const names = fields.array(name);
    if (names === undefined) return undefined;
    const at = fields.at(name);
    if (names.length === 0) fields.findings.schema(at, "Value cannot be empty");
    const texts = names.filter((one) => typeof one === "string");
    if (texts.length < names.length) fields.findings.schema(at, "Expected value of type [STRING]");
    if (texts.includes("States.ALL") && (texts.length > 1 || !isLast)) {
      fields.findings.schema(at, "States.ALL must appear alone and at end of list");
    }
    return texts;
  },
  words: () => "names of errors, at least one; `States.ALL` alone and last",
  schema: () => ({ type: "array", items: { type: "string" }, minItems: 1 }),
};

/** Texts. */
export const texts: Kind<undefined> = {
  read: ({ fields, name }) => {
    fields.array(name);
    return undefined;
  },
  words: () => "array of texts",
  schema: () => ({ type: "array", items: { type: "string" } }),
};

/** Any JSON, given on as it is. */
export const constant: Kind<Json> = {
  read: ({ fields, name }) => {
    const value = fields.value(name);
    if (value !== undefined && hasDynamicText(value)) {
      const message = "The Result of a Pass state is static: it is not evaluated as a path or intrinsic function.";
      fields.findings.warning("PASS_RESULT_IS_STATIC", fields.at(name), message);
    }
    return value;
  },
  words: () => "any JSON, not evaluated",
  schema: () => ({}),
};

function hasDynamicText(value: Json): boolean {
  if (typeof value === "string") return looksDynamic(value);
  return value !== null && typeof value === "object" && Object.values(value).some((part: Json) => hasDynamicText(part));
}

/** A number, written out. */
export function number(range: NumberRange): Kind<number> {
  return {
    read: ({ fields, name }) => fields[range.kind](name, range.min, range.max),
    words: () => rangeWords(range),
    schema: () => rangeSchema(range),
  };
}

/** A number, or in JSONata states an expression for one. */
export function numberOrExpression(range: NumberRange): Kind<number | Compiled> {
  return {
    read: (place) => {
      const { reading, fields, name, field } = place;
      const source = fields.value(name);
      return reading.language === "JSONata" && typeof source === "string"
        ? reading.expression(source, "number", field, fields.at(name))
        : fields[range.kind](name, range.min, range.max);
    },
    words: (language) => `${rangeWords(range)}${orExpression(language)}`,
    schema: ({ language }) => schemaOrExpression(rangeSchema(range), language),
  };
}

/** A number of an object that is itself a template: an expression is compiled with it. */
export function numberInTemplate(range: NumberRange): Kind<undefined> {
  const { words, schema } = numberOrExpression(range);
  return {
    read: ({ reading, fields, name }) => {
      if (reading.language === "JSONPath" || typeof fields.value(name) !== "string") {
        fields[range.kind](name, range.min, range.max);
      }
      return undefined;
    },
    words,
    schema,
  };
}

/** A text, or in JSONata states an expression for one. A path that is not evaluated is warned of; beside a path the text does not count. */
export const textOrExpression: Kind<string | Compiled> = {
  read: (place) => {
    const { reading, fields, name } = place;
    if (reading.language === "JSONata") return expressionIn(place) ?? fields.string(name);
    if (fields.has(`${name}Path`)) return undefined;
    const written = fields.string(name);
    if (written !== undefined && looksDynamic(written)) fields.findings.looksLikePath(name, fields.at(name));
    return written;
  },
  words: (language) => `text${orExpression(language)}`,
  schema: () => ({ type: "string" }),
};

/** A time as RFC 3339 has it, or in JSONata states an expression for one. */
export const timestamp: Kind<string | Compiled> = {
  read: (place) => {
    const { reading, fields, name } = place;
    const expression = reading.language === "JSONata" ? expressionIn(place) : undefined;
    if (expression !== undefined) return expression;
    const written = fields.string(name);
    if (written !== undefined && timestampEpochMs(written) === undefined) {
      fields.findings.schema(fields.at(name), "String does not match RFC3339 timestamp");
    }
    return written;
  },
  words: (language) => `time as RFC 3339 has it${orExpression(language)}`,
  schema: ({ language }) => schemaOrExpression({ type: "string", pattern: TIMESTAMP_PATTERN }, language),
};

/** The form of RFC 3339 that AWS takes; the ranges of its numbers are left to validation. */
const TIMESTAMP_PATTERN = "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?(Z|[+-]\\d\\d:\\d\\d)$";

function expressionIn({ reading, fields, name, field }: FieldPlace): Compiled | undefined {
  const source = fields.value(name);
  return source !== undefined && isJsonataExpression(source)
    ? reading.expression(source, "string", field, fields.at(name))
    : undefined;
}

function orExpression(language: string): string {
  return language === "JSONata" ? ", or an expression" : "";
}

/** Behind `{% … %}` anything may come. */
export function schemaOrExpression(schema: JsonObject, language: string): JsonObject {
  return language === "JSONata" ? { anyOf: [schema, expressionSchema] } : schema;
}

function rangeWords({ kind, min, max }: NumberRange): string {
  const shown = (bound: number) => bound.toLocaleString("en-US");
  return max === Infinity ? `${kind}, ${shown(min)} or more` : `${kind}, ${shown(min)} to ${shown(max)}`;
}

function rangeSchema({ kind, min, max }: NumberRange): JsonObject {
  return { type: kind, minimum: min, ...(max === Infinity ? {} : { maximum: max }) };
}
