/** Goal: the simulator finds what it is there to find. Method: a bug is put in, and must be found by an invariant that it breaks. */
import { ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { Bug } from "./bugs/bug.ts";
import { bugNames, bugs } from "./bugs/mod.ts";
import { simulate } from "./simulation.ts";

/** Within so many seeds, from one on that once found it, each bug is found: mostly in the first, but any change of the engine moves the draws. */
const SEEDS_MAX = 60;

for (const name of bugNames) {
  const { what, breaks, seed: first, isOfCluster = false }: Bug = bugs[name];
  test(`the simulator finds that ${what}`, () => {
    for (let seed = first; seed < first + SEEDS_MAX; seed++) {
      const { violation } = simulate({ seed, bug: name, isCluster: isOfCluster });
      if (violation === undefined) continue;
      ok(breaks.includes(violation.invariant), `${violation.invariant} is not what it breaks: ${violation.message}`);
      return;
    }
    ok(false, `${name} is not found in ${SEEDS_MAX} seeds from ${first} on`);
  });
}

test("a bug is out again when its simulation is over", () => {
  for (const name of bugNames) simulate({ seed: bugs[name].seed, bug: name });
  strictEqual(simulate({ seed: 1 }).violation, undefined);
});
