/**
 * Values as tasks have them, and as AWS's SDK takes and gives them. Tasks name all members with a capital first letter, whatever the
 * service does; have text where the SDK has bytes or dates; and may give an object where the service wants a text.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
 */
import { Buffer } from "node:buffer";
import { isJsonObject, type Json, type JsonObject } from "../../values/mod.ts";

/** What the SDK says of a shape: the part of its `NormalizedSchema` that is asked here. */
export interface ShapeSchema {
  isStructSchema(): boolean;
  isUnionSchema(): boolean;
  isListSchema(): boolean;
  isMapSchema(): boolean;
  isBlobSchema(): boolean;
  isTimestampSchema(): boolean;
  isStringSchema(): boolean;
  isIdempotencyToken(): boolean;
  getValueSchema(): ShapeSchema;
  structIterator(): Iterable<readonly [string, ShapeSchema]>;
}

/** A value that a task may not have: its message says why. */
export class ValueRefused extends Error {
  override readonly name = "ValueRefused";
}

const DEPTH_MAX = 256;

/** Member names as tasks write them. */
export function capitalized(name: string): string {
  return `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
}

/**
 * A task's parameters as the SDK's input.
 *
 * @param token what a member takes that tells repeats apart, where the parameters have none
 * @throws {ValueRefused} a member that the call does not have
 */
export function sdkInput(schema: ShapeSchema, parameters: JsonObject, token: string): object {
  const input = structOf(schema, parameters, 0);
  for (const [name, member] of schema.structIterator()) {
    if (member.isIdempotencyToken() && input[name] === undefined) input[name] = token;
  }
  return input;
}

function structOf(schema: ShapeSchema, value: JsonObject, depth: number): Record<string, unknown> {
  const members = new Map<string, readonly [string, ShapeSchema]>();
  for (const [name, member] of schema.structIterator()) members.set(capitalized(name), [name, member]);
  const input: Record<string, unknown> = {};
  for (const [given, item] of Object.entries(value)) {
    const known = members.get(capitalized(given));
    if (known === undefined) throw new ValueRefused(`The field "${given}" is not supported by this call`);
    if (item !== null) input[known[0]] = valueOf(known[1], item, depth + 1);
  }
  return input;
}

function valueOf(schema: ShapeSchema, value: Json, depth: number): unknown {
  if (depth > DEPTH_MAX) throw new ValueRefused(`The parameters are nested deeper than ${DEPTH_MAX}`);
  if (schema.isStructSchema() || schema.isUnionSchema()) {
    return isJsonObject(value) ? structOf(schema, value, depth) : value;
  }
  if (schema.isListSchema()) {
    return Array.isArray(value) ? value.map((item) => valueOf(schema.getValueSchema(), item, depth + 1)) : value;
  }
  if (schema.isMapSchema() && isJsonObject(value)) {
    const of = schema.getValueSchema();
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, valueOf(of, item, depth + 1)]));
  }
  if (schema.isBlobSchema()) return Buffer.from(textOf(value), "utf8");
  if (schema.isTimestampSchema()) return dateOf(value);
  return schema.isStringSchema() ? textOf(value) : value;
}

/** AWS writes an object as JSON where the service takes a text: the body of a message, the detail of an event. */
function textOf(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function dateOf(value: Json): Date {
  const date = typeof value === "number" ? new Date(value * 1_000) : new Date(textOf(value));
  if (Number.isNaN(date.getTime())) throw new ValueRefused(`Expected a timestamp, but it is ${JSON.stringify(value)}`);
  return date;
}

/** How results write dates: optimized integrations as milliseconds, calls by the SDK as ISO 8601. */
export type DateForm = "milliseconds" | "text";

/**
 * The SDK's output as a result. Members that are not there are left out, as is what the SDK tells of the call itself.
 *
 * @param bodies bytes of members that were streams, by the SDK's name
 * @throws {ValueRefused} nested too deep
 */
export function taskResult(
  schema: ShapeSchema,
  output: object,
  dates: DateForm,
  bodies: ReadonlyMap<string, string> = new Map(),
): JsonObject {
  return resultStruct(schema, output, { dates, bodies }, 0);
}

interface ResultForm {
  readonly dates: DateForm;
  readonly bodies: ReadonlyMap<string, string>;
}

function resultStruct(schema: ShapeSchema, output: object, form: ResultForm, depth: number): JsonObject {
  const values = new Map<string, unknown>(Object.entries(output));
  const result: Record<string, Json> = {};
  for (const [name, member] of schema.structIterator()) {
    const body = depth === 0 ? form.bodies.get(name) : undefined;
    const value = body ?? values.get(name);
    if (value !== undefined && value !== null) result[capitalized(name)] = resultValue(member, value, form, depth + 1);
  }
  return result;
}

function resultValue(schema: ShapeSchema, value: unknown, form: ResultForm, depth: number): Json {
  if (depth > DEPTH_MAX) throw new ValueRefused(`The result is nested deeper than ${DEPTH_MAX}`);
  if (value instanceof Date) return form.dates === "text" ? value.toISOString() : value.getTime();
  if (value instanceof Uint8Array) return bytesText(value);
  if (Array.isArray(value)) {
    const of = schema.isListSchema() ? schema.getValueSchema() : schema;
    return value.map((item) => item === undefined ? null : resultValue(of, item, form, depth + 1));
  }
  if (typeof value !== "object" || value === null) return scalarOf(value);
  if (schema.isStructSchema() || schema.isUnionSchema()) return resultStruct(schema, value, form, depth);
  const of = schema.isMapSchema() ? schema.getValueSchema() : schema;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resultValue(of, item, form, depth + 1)]));
}

function scalarOf(value: unknown): Json {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "bigint":
      return Number(value);
    default:
      return null;
  }
}

/** Bytes as text, in Base64 where they are none. */
export function bytesText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return Buffer.from(bytes).toString("base64");
  }
}
