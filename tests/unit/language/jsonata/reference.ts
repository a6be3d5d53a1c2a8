/** The jsonata package as the reference: what it makes of an expression, in the terms of ours. */
import { Result } from "effect";
import jsonata from "jsonata";
import { compileJsonata, evaluateJsonata, type JsonataLimits } from "../../../../src/language/jsonata/mod.ts";
import type { Json } from "../../../../src/values/mod.ts";
import { fixedDraws } from "./evaluation.ts";

/** A value, nothing (`value` undefined), or a failure; `code` is "" for failures without one. */
export type ReferenceOutcome = { readonly value: Json | undefined } | { readonly code: string };

/** What evaluates one expression with the package. */
export type Reference = (bindings: Readonly<Record<string, Json>>) => Promise<ReferenceOutcome>;

/** Compiles with the package. `bound` limits it, for expressions that were made by chance. */
export function referenceFor(source: string, bound: jsonata.JsonataOptions = {}): Reference {
  let expression: jsonata.Expression;
  try {
    expression = jsonata(source, bound);
  } catch (thrown) {
    return () => Promise.resolve({ code: codeOf(thrown) });
  }
  return async (bindings) => {
    try {
      const result: unknown = await expression.evaluate(undefined, structuredClone(bindings));
      return { value: jsonOf(result) };
    } catch (thrown) {
      return { code: codeOf(thrown) };
    }
  };
}

function codeOf(thrown: unknown): string {
  const code: unknown = typeof thrown === "object" && thrown !== null && "code" in thrown ? thrown.code : "";
  return typeof code === "string" ? code : "";
}

/** Plain JSON; functions are failures and numbers that are none are texts, as they are in ours. */
function jsonOf(value: unknown): Json | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
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

/** Our outcome; an expression that cannot be compiled has the code `S`. */
export function ourEvaluation(
  source: string,
  limits?: JsonataLimits,
): (bindings: Readonly<Record<string, Json>>) => ReferenceOutcome {
  const compiled = compileJsonata(source);
  if (Result.isFailure(compiled)) return () => ({ code: "S" });
  return (bindings) => {
    const input = { bindings, draws: fixedDraws, ...(limits === undefined ? {} : { limits }) };
    const outcome = evaluateJsonata(compiled.success, input);
    return Result.isSuccess(outcome) ? { value: outcome.success } : { code: outcome.failure.code };
  };
}

/** True when both are the same value, nothing, or failures of one code. */
export function isSameOutcome(ours: ReferenceOutcome, theirs: ReferenceOutcome): boolean {
  if (!("code" in theirs)) return JSON.stringify(ours) === JSON.stringify(theirs);
  // The package fails without a code where it did not expect to: any failure of ours will do.
  return "code" in ours &&
    (theirs.code === "" || ours.code === theirs.code || (ours.code === "S" && /^S/.test(theirs.code)));
}
