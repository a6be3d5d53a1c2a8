/** Paths and templates as the specification has them, as far as generated workflows use them. Shares no code with the engine. */
import type { Json, JsonObject } from "../../../src/values/mod.ts";

/** What a path may begin from. */
export interface Sight {
  readonly input: Json;
  readonly context: JsonObject;
  readonly variables: JsonObject;
}

/** Stands for a text that only the engine knows: it was drawn. */
export const anyUuid = { "a UUID": true } as const;

const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The value at `$.a.b`, `$$.State.Name`, `$variable`, or of `States.UUID()`. */
export function at(path: string, sight: Sight): Json {
  if (path === "States.UUID()") return anyUuid;
  if (path.startsWith("$$")) return walk(sight.context, path.slice(2));
  if (path === "$" || path.startsWith("$.")) return walk(sight.input, path.slice(1));
  return walk(sight.variables, `.${path.slice(1)}`);
}

function walk(from: Json, path: string): Json {
  let value = from;
  for (const step of path.split(".").slice(1)) {
    const next = (value as { readonly [step: string]: Json | undefined })[step];
    if (next === undefined) throw new RangeError(`Expected "${path}" to be there: the generator promised it`);
    value = next;
  }
  return value;
}

/** A payload template with its paths replaced. */
export function fill(template: Json, sight: Sight): Json {
  if (Array.isArray(template)) return template.map((item) => fill(item, sight));
  if (typeof template !== "object" || template === null) return template;
  return Object.fromEntries(
    Object.entries(template as JsonObject).map(([key, value]) =>
      key.endsWith(".$") ? [key.slice(0, -2), at(String(value), sight)] : [key, fill(value, sight)]
    ),
  );
}

/** `ResultPath`: `undefined` and `$` replace the input, `null` keeps it, `$.field` puts the result there. */
export function place(input: Json, path: Json | undefined, result: Json): Json {
  if (path === undefined || path === "$") return result;
  if (path === null) return input;
  return { ...(input as JsonObject), [String(path).slice(2)]: result };
}

/** True when `actual` is what was expected; what was drawn may be any UUID. */
export function matches(expected: Json, actual: Json): boolean {
  if (expected === anyUuid) return typeof actual === "string" && uuidPattern.test(actual);
  if (Array.isArray(expected)) {
    return Array.isArray(actual) && actual.length === expected.length &&
      expected.every((item, index) => matches(item, actual[index] ?? null));
  }
  if (typeof expected !== "object" || expected === null) return expected === actual;
  if (typeof actual !== "object" || actual === null || Array.isArray(actual)) return false;
  const [wanted, had] = [expected as JsonObject, actual as JsonObject];
  const keys = Object.keys(wanted);
  return keys.length === Object.keys(had).length &&
    keys.every((key) => Object.hasOwn(had, key) && matches(wanted[key] ?? null, had[key] ?? null));
}
