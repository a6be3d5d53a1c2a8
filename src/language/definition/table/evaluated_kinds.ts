/** Kinds of values that are evaluated: paths, templates and expressions. */
import * as Result from "effect/Result";
import { type JsonObject, present } from "../../../values/mod.ts";
import { compilePathField, compileResultPath } from "../../paths/compile_path.ts";
import type { Path } from "../../paths/path.ts";
import { notFoundCause } from "../../templates/payload_template.ts";
import type { Compiled, CompiledReferencePath } from "../../types.ts";
import type { Kind } from "./field.ts";
import { expressionSchema } from "./kinds.ts";

const pathSchema: JsonObject = { type: "string", pattern: "^\\$" };

/** A path to the input of a state, or `null` for an empty object. */
export const dataPath: Kind<Compiled> = {
  read: ({ fields, name }) => {
    const source = fields.value(name);
    return source === undefined
      ? undefined
      : compilePathField(source, fields.at(name), fields.findings, { nullable: true });
  },
  words: () => "path, or `null` for `{}`",
  schema: () => ({ type: ["string", "null"], pattern: "^\\$" }),
};

/** A reference path: one node of the input or of the context object. */
export const referencePath: Kind<Compiled> = {
  read: ({ fields, name }) => {
    const source = fields.value(name);
    return source === undefined
      ? undefined
      : compilePathField(source, fields.at(name), fields.findings, { reference: "context" });
  },
  words: () => "reference path",
  schema: () => pathSchema,
};

/** The reference path of a field `…Path`. `noun` is what AWS calls the field when the path finds nothing; without one it tells of the path alone. */
export function inputPath(noun?: "parameter" | "field"): Kind<Compiled> {
  return {
    read: ({ fields, name }) => {
      const source = fields.value(name);
      if (source === undefined) return undefined;
      return compilePathField(source, fields.at(name), fields.findings, {
        reference: "input",
        ...present({
          missing: noun && ((path: Path) => `The ${name} ${noun} does not reference an input value: ${path.text}`),
        }),
      });
    },
    words: () => "reference path",
    schema: () => pathSchema,
  };
}

/** The reference path of a field `…Path` of an object that is itself a template: it is evaluated as a field `….$` of it. */
export const pathInTemplate: Kind<Compiled> = {
  read: ({ fields, name }) => {
    const source = fields.value(name);
    return source === undefined
      ? undefined
      : compilePathField(source, fields.at(name), fields.findings, { reference: "input" });
  },
  words: () => "reference path",
  schema: () => pathSchema,
};

/** A reference path, or an intrinsic function. */
export const pathOrIntrinsic: Kind<Compiled> = {
  read: ({ fields, name }) => {
    const source = fields.value(name);
    return source === undefined ? undefined : compilePathField(source, fields.at(name), fields.findings, {
      intrinsics: true,
      reference: "context",
      missing: (path, _reason, view) => notFoundCause(path, name, view),
    });
  },
  words: () => "reference path, or intrinsic function",
  schema: () => ({ type: "string", pattern: "^(\\$|States\\.)" }),
};

/** Where a value is put: a reference path from `$`, or `null`, which drops it. */
export const resultPath: Kind<CompiledReferencePath> = {
  read: ({ fields, name }) => {
    const source = fields.value(name);
    return source === undefined ? undefined : compileResultPath(source, fields.at(name), fields.findings);
  },
  words: () => "reference path from `$`, or `null` to drop the result",
  schema: () => ({ type: ["string", "null"], pattern: "^\\$" }),
};

function templateWords(language: string): string {
  return language === "JSONPath" ? "payload template" : "JSON with expressions";
}

/** JSON with paths and intrinsic functions, or with expressions. */
export const template: Kind<Compiled> = {
  read: ({ reading, fields, name, field }) => {
    const source = fields.value(name);
    return source === undefined ? undefined : reading.template(source, field, fields.at(name));
  },
  words: templateWords,
  schema: () => ({}),
};

/** A template that may read what its state or catcher ends with. */
export const outcome: Kind<Compiled> = {
  read: ({ reading, fields, name, field, readable }) => {
    const source = fields.value(name);
    return source === undefined ? undefined : reading.template(source, field, fields.at(name), readable);
  },
  words: templateWords,
  schema: () => ({}),
};

/** A template that is an object. */
export const objectTemplate: Kind<Compiled> = {
  read: ({ reading, fields, name, field }) => {
    const object = fields.objectAt(name);
    return object && reading.template(object.object, field, object.location);
  },
  words: (language) => `${templateWords(language)}, an object`,
  schema: () => ({ type: "object" }),
};

/** Variables by name. */
export const assignment: Kind<Compiled> = {
  read: ({ reading, fields, field, readable }) => reading.assign(fields, field, readable),
  words: (language) => `${templateWords(language)}, an object: variables by name`,
  schema: () => ({ type: "object" }),
};

/** JSONata's `Items`: an array or object as it stands, or an expression for an array. */
export const itemsExpression: Kind<Compiled> = {
  read: ({ reading, fields, name, field }) => {
    const source = fields.value(name);
    if (source === undefined) return undefined;
    if (typeof source === "string") return reading.expression(source, "array", field, fields.at(name));
    if (source !== null && typeof source === "object") return reading.template(source, field, fields.at(name));
    fields.findings.schema(fields.at(name), "Expected value of type [ARRAY]");
    return { source, evaluate: () => Result.succeed([]) };
  },
  words: () => "array or object with expressions, or an expression for an array",
  schema: () => ({ anyOf: [{ type: ["array", "object"] }, expressionSchema] }),
};
