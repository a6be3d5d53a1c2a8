// Goal: our evaluation gives what the jsonata package gives. Method: several hundred expressions over several inputs by both.
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import { departures } from "./departures.ts";
import { differentialExpressions, differentialInputs } from "./differential_cases.ts";
import { isSameOutcome, ourEvaluation, referenceFor } from "./reference.ts";

for (const [feature, expressions] of Object.entries(differentialExpressions)) {
  test(`evaluateJsonata() agrees with the jsonata package on ${feature}`, async () => {
    const differences: unknown[] = [];
    for (const source of expressions) {
      if (departures.has(source)) continue;
      const evaluateTheirs = referenceFor(source);
      const evaluateOurs = ourEvaluation(source);
      for (const [input, bindings] of differentialInputs.entries()) {
        const theirs = await evaluateTheirs(bindings);
        const ours = evaluateOurs(bindings);
        if (!isSameOutcome(ours, theirs)) differences.push({ source, input, ours, theirs });
      }
    }
    deepStrictEqual(differences, []);
  });
}
