/** What the tests of JSONata share: values to evaluate against, and what is drawn. */
import { Result } from "effect";
import {
  compileJsonata,
  evaluateJsonata,
  type EvaluationFailure,
  type JsonataLimits,
} from "../../../../src/language/jsonata/mod.ts";
import type { Json } from "../../../../src/values/mod.ts";

/** Draws that are the same each time. */
export const fixedDraws = {
  random: () => 0.25,
  uuid: () => "0b9c1f9e-7d9b-4d0a-8a55-3a6f7d1c2e4b",
  nowEpochMs: Date.UTC(2024, 1, 29, 13, 5, 9, 45),
};

/** The outcome of an expression with `bindings`: its value, or its failure's code. */
export function outcomeOf(
  source: string,
  bindings: Readonly<Record<string, Json>> = {},
  limits?: JsonataLimits,
): Result.Result<Json | undefined, EvaluationFailure> {
  const compiled = compileJsonata(source);
  if (Result.isFailure(compiled)) {
    throw new Error(`Expected an expression, but got ${compiled.failure.message}: ${source}`);
  }
  return evaluateJsonata(compiled.success, {
    bindings,
    draws: fixedDraws,
    ...(limits === undefined ? {} : { limits }),
  });
}

/** The value of an expression. @throws {Error} when there is none */
export function valueOf(source: string, bindings: Readonly<Record<string, Json>> = {}): Json | undefined {
  const outcome = outcomeOf(source, bindings);
  if (Result.isFailure(outcome)) throw new Error(`Expected a value, but got ${outcome.failure.code} of ${source}`);
  return outcome.success;
}

/** The code of an expression's failure; `undefined` when it has a value. */
export function codeOf(source: string, bindings: Readonly<Record<string, Json>> = {}): string | undefined {
  const outcome = outcomeOf(source, bindings);
  return Result.isFailure(outcome) ? outcome.failure.code : undefined;
}
