/**
 * Goal: what the engine promises holds whatever crashes, is lost, late, doubled or comes at the wrong time.
 * Method: the real partition loops and actors on simulated surroundings; everything is drawn from the seed, and every step is
 * compared with the log. `npm run simulate -- --seed N --trace` shows what happens in one seed.
 */
import { deepStrictEqual, notDeepStrictEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { caseCount } from "../support/case_count.ts";
import { simulate } from "./simulation.ts";

/** Seeds that once showed a bug, before any others. */
const found = [18, 72, 96, 120, 124, 170, 182, 220, 279, 318, 396, 763, 959];
const seeds = [...new Set([...found, ...Array.from({ length: caseCount(80) }, (_, index) => index + 1)])];

for (const seed of seeds) {
  test(`simulation: everything that was promised holds under faults (seed ${seed})`, () => {
    const { violation, steps, executions } = simulate({ seed });
    deepStrictEqual(violation, undefined);
    ok(steps > 0 && executions > 0);
  });
}

/** Seeds of a cluster: those that once showed a bug, before any others. */
const foundInClusters = [6, 16, 33, 5_031, 5_050, 5_055, 10_019, 10_031, 10_104];
const clusterSeeds = [
  ...new Set([...foundInClusters, ...Array.from({ length: caseCount(80) }, (_, index) => index + 1)]),
];

for (const seed of clusterSeeds) {
  test(`simulation: the same holds of three nodes, whoever of them is asked (seed ${seed})`, () => {
    const { violation, executions, staleReads } = simulate({ seed, isCluster: true });
    deepStrictEqual(violation, undefined);
    ok(executions > 0);
    deepStrictEqual(staleReads, 0);
  });
}

/** Seeds in which something is redriven. */
const redrivenSeeds = [1, 2, 6, 8, 22, 25, 41];

for (const seed of redrivenSeeds) {
  test(`simulation: the same holds when clients redrive what has failed (seed ${seed})`, () => {
    const { violation, redriven } = simulate({ seed, hasRedrives: true });
    deepStrictEqual(violation, undefined);
    ok(redriven > 0);
  });
}

for (const isCluster of [false, true]) {
  test(`one seed gives one trace, and another seed another (${isCluster ? "three nodes" : "one node"})`, () => {
    const [first, again, other] = [7, 7, 8].map((seed) => simulate({ seed, isCluster, isTracing: true }).trace);
    ok(first !== undefined && first.length > 100);
    deepStrictEqual(again, first);
    notDeepStrictEqual(other, first);
  });
}

test("a seed comes to the same with its trace and without", () => {
  const { trace: _trace, ...traced } = simulate({ seed: 9, isTracing: true });
  const { trace: _none, ...silent } = simulate({ seed: 9 });
  deepStrictEqual(traced, silent);
});
