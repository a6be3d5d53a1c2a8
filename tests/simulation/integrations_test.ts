/**
 * Goal: executions that have children keep what is promised of them, whatever crashes, is lost, late, doubled or comes at the wrong time:
 * no child twice, none lost, none left over, and the arithmetic of a Map Run.
 * Method: the real runner of integrations in simulated nodes, by their clocks and schedulers, all of it drawn from the seed.
 */
import { deepStrictEqual, notDeepStrictEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { Effect } from "effect";
import { MapRunIntegration, NestedIntegration } from "../../src/integrations/mod.ts";
import { caseCount } from "../support/case_count.ts";
import { simulateFamilies } from "./integrations/family_simulation.ts";

/** Seeds that once showed a bug, before any others. */
const found = [64, 128];
const seeds = [...found, ...Array.from({ length: 30 }, (_, index) => index + 1)];

for (const seed of seeds.slice(0, found.length + caseCount(seeds.length - found.length))) {
  test(`simulation: executions and their children keep what was promised under faults (seed ${seed})`, () => {
    const { violation, children } = simulateFamilies({ seed });
    deepStrictEqual(violation, undefined);
    ok(children > 0);
  });
}

test("Map Runs are done, and faults happen to them", () => {
  const unseen = new Map(Object.entries({
    "a death": /dies at /,
    "a stop": /client: cancel .*"status":"Cancel/,
    "a lost task stream": /tasks: the queue loses all/,
    "a frozen node": /is frozen/,
  }));
  let mapRuns = 0;
  for (const seed of seeds) {
    if (unseen.size === 0 && mapRuns > 0) break;
    const report = simulateFamilies({ seed, isTracing: true });
    mapRuns += report.mapRuns;
    for (const line of report.trace) for (const [name, seen] of unseen) if (seen.test(line)) unseen.delete(name);
  }
  deepStrictEqual([...unseen.keys()], []);
  ok(mapRuns > 0);
});

test("one seed of families gives one trace, and another seed another", () => {
  const [first, again, other] = [2, 2, 3].map((seed) => simulateFamilies({ seed, isTracing: true }).trace);
  ok(first !== undefined && first.length > 100);
  deepStrictEqual(again, first);
  notDeepStrictEqual(other, first);
});

for (const { prototype, name } of [MapRunIntegration, NestedIntegration]) {
  test(`the simulator finds that ${name} leaves children over`, () => {
    const { reclaim } = prototype;
    prototype.reclaim = () => Effect.void;
    try {
      // What is left over shows in what is counted too, and there first in some seeds.
      ok(seeds.some((seed) => simulateFamilies({ seed }).violation?.invariant === "nothingAfterEnd"));
    } finally {
      prototype.reclaim = reclaim;
    }
  });
}
