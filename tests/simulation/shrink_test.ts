/** Goal: a violation is shown in the least that shows it. Method: deliberate bugs are shrunk, and what is left is run again. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { BugName } from "./bugs/mod.ts";
import { shrink } from "./shrink.ts";
import { simulate } from "./simulation.ts";

const found: readonly { readonly bug: BugName; readonly seed: number; readonly isCluster: boolean }[] = [
  { bug: "completedTwice", seed: 2, isCluster: false },
  { bug: "reversedEffects", seed: 3, isCluster: false },
];

for (const options of found) {
  test(`a seed with ${options.bug} is shrunk to what still shows it, byte for byte each time`, () => {
    const whole = simulate(options);
    const { reduction, report } = shrink(options, whole);
    ok(whole.violation !== undefined && report.events < whole.events);
    ok(reduction.without.length > 0);
    const [once, again] = [1, 2].map(() => simulate({ ...options, ...reduction, isTracing: true }));
    strictEqual(once?.violation?.invariant, whole.violation.invariant);
    deepStrictEqual(once?.events, report.events);
    strictEqual(again?.trace.join("\n"), once?.trace.join("\n"));
    for (const kind of reduction.without) ok(once?.faults.has(kind) === false, `${kind} happens`);
  });
}
