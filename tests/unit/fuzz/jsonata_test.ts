// Goal: whatever the expression, the engine goes on; and where the jsonata package gives a value, so do we. Method: expressions made
// and mangled at random. `WEFT_FUZZ_SEED=… ` repeats a run; a seed that found something joins the fixed ones with its fix.
import { deepStrictEqual, ok } from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { differentialInputs } from "../language/jsonata/differential_cases.ts";
import { ExpressionMaker, mangled, randomSource } from "../language/jsonata/random_expression.ts";
import { caseCount } from "../../support/case_count.ts";
import { isSameOutcome, ourEvaluation, referenceFor } from "../language/jsonata/reference.ts";

/** Processor time for one expression, milliseconds. */
const MS_MAX = 1_000;
/** Processor time for the whole run, milliseconds. */
const RUN_MS_MAX = caseCount(1_500);

function usedMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

const seed = Number(process.env["WEFT_FUZZ_SEED"] ?? Date.now() % 1_000_000);

test(`evaluateJsonata() never throws and never takes a second, whatever the expression (seed ${seed})`, () => {
  const random = randomSource(seed);
  const maker = new ExpressionMaker(random);
  const begin = usedMs();
  let slowest = { ms: 0, source: "" };
  for (let count = 0; count < 5_000 && usedMs() - begin < RUN_MS_MAX; count++) {
    const made = maker.make(2 + Math.floor(random() * 12));
    const source = random() < 0.4 ? mangled(made, random) : made;
    for (const bindings of differentialInputs.slice(0, 3)) {
      const start = usedMs();
      try {
        ourEvaluation(source)(bindings);
      } catch (thrown) {
        throw new Error(`Expected an outcome, but it threw for ${source}`, { cause: thrown });
      }
      const ms = usedMs() - start;
      if (ms > slowest.ms) slowest = { ms, source };
    }
  }
  ok(slowest.ms < MS_MAX, `${slowest.source} took ${Math.round(slowest.ms)} ms`);
});

/** Failures for which an outcome tells nothing: the package's bounds, and where it failed without meaning to. */
const untold = new Set(["", "D1011", "D1012", "D2015"]);

for (const fixed of [2, 5, 6, 8]) {
  test(`evaluateJsonata() gives the value that the jsonata package gives (seed ${fixed})`, async () => {
    const random = randomSource(fixed);
    const maker = new ExpressionMaker(random);
    const differences: unknown[] = [];
    for (let count = 0; count < caseCount(300); count++) {
      const made = maker.make(2 + Math.floor(random() * 8));
      const source = random() < 0.1 ? mangled(made, random) : made;
      const evaluateTheirs = referenceFor(source, { stack: 150, timeout: 2_000, sequence: 50_000 });
      const evaluateOurs = ourEvaluation(source);
      for (const bindings of differentialInputs.slice(0, 2)) {
        const theirs = await evaluateTheirs(bindings);
        if ("code" in theirs && untold.has(theirs.code)) continue;
        const ours = evaluateOurs(bindings);
        // Which of several failures comes first is not said.
        const bothFail = "code" in ours && "code" in theirs;
        if (!bothFail && !isSameOutcome(ours, theirs)) differences.push({ source, ours, theirs });
      }
    }
    deepStrictEqual(differences, []);
  });
}
