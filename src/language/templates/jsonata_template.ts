/**
 * Templates of JSONata states: any JSON in which a text `{% … %}` is an expression. Parts without expressions are built
 * once and shared.
 */
import { isJsonObject, type Json, type JsonObject } from "../../values/mod.ts";
import { queryEvaluationFailure } from "../failures.ts";
import type { Compiled } from "../types.ts";
import {
  checkDelimiters,
  compileExpression,
  DELIMITERS_MISSING,
  isJsonataExpression,
  type JsonataPlace,
  type JsonataType,
} from "./jsonata_expression.ts";
import { arrayPart, compiledOf, objectPart, type Part } from "./part.ts";

const typeNames: Readonly<Record<JsonataType, string>> = {
  string: "[STRING]",
  number: "Integer",
  boolean: "[BOOLEAN]",
  array: "[ARRAY]",
  object: "[OBJECT]",
};

/** Compiles a template. Problems go to the place's findings. */
export function compileJsonataTemplate(source: Json, place: JsonataPlace): Compiled {
  return compiledOf(source, compilePart(source, place));
}

/** A field that is one expression of one type; anything else is a finding. */
export function compileJsonataField(source: Json, type: JsonataType, place: JsonataPlace): Compiled {
  if (isJsonataExpression(source)) return { source, evaluate: compileExpression(source, place, type) };
  const isText = typeof source === "string" && type !== "number";
  place.findings.schema(place.location, isText ? DELIMITERS_MISSING : `Expected value of type ${typeNames[type]}`);
  return { source, evaluate: () => queryEvaluationFailure("The field is not valid", place.field) };
}

function compilePart(source: Json, place: JsonataPlace): Part {
  if (isJsonataExpression(source)) return { evaluate: compileExpression(source, place) };
  if (typeof source === "string") checkDelimiters(source, place);
  if (Array.isArray(source)) return compileArray(source, place);
  return isJsonObject(source) ? compileObject(source, place) : { constant: source };
}

function compileArray(source: readonly Json[], place: JsonataPlace): Part {
  return arrayPart(source, source.map((item, index) => compilePart(item, within(place, `[${index}]`))));
}

function compileObject(source: JsonObject, place: JsonataPlace): Part {
  const members = Object.entries(source).map(([key, value]) => ({
    key,
    part: compilePart(value, within(place, `/${key}`)),
  }));
  return objectPart(source, members);
}

function within(place: JsonataPlace, step: string): JsonataPlace {
  return { ...place, field: place.field + step, location: place.location + step };
}
