/** The jsonata package as the reference: what it makes of an expression, in the terms of ours. */
import jsonata from "jsonata";
import type { Json } from "../../../src/values/mod.ts";

/** A value, nothing (`value` undefined), or a failure; `code` is "" for failures without one. */
export type ReferenceOutcome = { readonly value: Json | undefined } | { readonly code: string };

/** Evaluates with the package. `bound` limits it, for expressions that were made by chance. */
export async function referenceOutcome(
  source: string,
  bindings: Readonly<Record<string, Json>>,
  bound: jsonata.JsonataOptions = {},
): Promise<ReferenceOutcome> {
  try {
    const expression = jsonata(source, bound);
    const result: unknown = await expression.evaluate(undefined, structuredClone(bindings));
    return { value: jsonOf(result) };
  } catch (thrown) {
    const code: unknown = typeof thrown === "object" && thrown !== null && "code" in thrown ? thrown.code : "";
    return { code: typeof code === "string" ? code : "" };
  }
}

/** Plain JSON; functions and numbers that are none are failures, as they are in ours. */
function jsonOf(value: unknown): Json | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "number" && !Number.isFinite(value)) throw { code: "D1001" };
  if (typeof value === "function" || isFunctionObject(value)) throw { code: "D3160" };
  if (typeof value !== "object" || value === null) return value as Json;
  if (Array.isArray(value)) {
    const members: Json[] = [];
    for (const member of value) members.push(jsonOf(member) ?? null);
    return members;
  }
  const object: Record<string, Json> = {};
  for (const key of Object.keys(value)) {
    const field = jsonOf((value as Record<string, unknown>)[key]);
    if (field !== undefined) {
      Object.defineProperty(object, key, { value: field, enumerable: true, writable: true, configurable: true });
    }
  }
  return object;
}

function isFunctionObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && ("_jsonata_lambda" in value || "_jsonata_function" in value);
}
