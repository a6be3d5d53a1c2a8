// Goal: our evaluation gives what the jsonata package gives. Method: several hundred expressions over several inputs by both.
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Result } from "effect";
import { compileJsonata, evaluateJsonata } from "../../../src/language/jsonata/mod.ts";
import type { Json } from "../../../src/values/mod.ts";
import { differentialExpressions, differentialInputs } from "./differential_cases.ts";
import { fixedDraws } from "./evaluation.ts";
import { departures } from "./departures.ts";
import { type ReferenceOutcome, referenceOutcome } from "./reference.ts";

/** Our outcome; an expression that cannot be compiled has the code `S`. */
function ourOutcome(source: string, bindings: Readonly<Record<string, Json>>): ReferenceOutcome {
  const compiled = compileJsonata(source);
  if (Result.isFailure(compiled)) return { code: "S" };
  const outcome = evaluateJsonata(compiled.success, { bindings, draws: fixedDraws });
  return Result.isSuccess(outcome) ? { value: outcome.success } : { code: outcome.failure.code };
}

function isSame(ours: ReferenceOutcome, theirs: ReferenceOutcome): boolean {
  if (!("code" in theirs)) return JSON.stringify(ours) === JSON.stringify(theirs);
  // The package fails without a code where it did not expect to: any failure of ours will do.
  return "code" in ours &&
    (theirs.code === "" || ours.code === theirs.code || (ours.code === "S" && /^S/.test(theirs.code)));
}

for (const [feature, expressions] of Object.entries(differentialExpressions)) {
  test(`evaluateJsonata() agrees with the jsonata package on ${feature}`, async () => {
    const differences: unknown[] = [];
    for (const source of expressions) {
      for (const [index, bindings] of differentialInputs.entries()) {
        if (departures.has(source)) continue;
        const theirs = await referenceOutcome(source, bindings);
        const ours = ourOutcome(source, bindings);
        if (!isSame(ours, theirs)) differences.push({ source, input: index, ours, theirs });
      }
    }
    deepStrictEqual(differences, []);
  });
}
