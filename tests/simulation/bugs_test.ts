/** Goal: the simulator finds what it is there to find. Method: a bug is put in, and must be found by an invariant that it breaks. */
import { ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { type Bug, type BugName, bugs } from "./bugs.ts";
import { simulate } from "./simulation.ts";

/** Within so many seeds each bug is found. */
const SEEDS_MAX = 10;

for (const [name, { what, breaks }] of Object.entries<Bug>(bugs)) {
  test(`the simulator finds that ${what}`, () => {
    for (let seed = 1; seed <= SEEDS_MAX; seed++) {
      const { violation } = simulate({ seed, bug: name as BugName });
      if (violation === undefined) continue;
      ok(breaks.includes(violation.invariant), `${violation.invariant} is not what it breaks: ${violation.message}`);
      return;
    }
    ok(false, `${name} is not found in ${SEEDS_MAX} seeds`);
  });
}

test("a bug is out again when its simulation is over", () => {
  for (const name of Object.keys(bugs)) simulate({ seed: 1, bug: name as BugName });
  strictEqual(simulate({ seed: 1 }).violation, undefined);
});
