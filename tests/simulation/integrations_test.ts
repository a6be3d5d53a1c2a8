/**
 * Goal: executions that have children keep what is promised of them, whatever crashes, is lost, late, doubled or comes at the wrong time:
 * no child twice, none lost, none left over, and the arithmetic of a Map Run.
 * Method: the real runner of integrations in simulated nodes, by their clocks and schedulers, all of it drawn from the seed.
 */
import { deepStrictEqual, notDeepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Effect } from "effect";
import { MapRunIntegration, NestedIntegration } from "../../src/integrations/mod.ts";
import { simulateFamilies } from "./integrations/family_simulation.ts";

const seeds = Array.from({ length: 30 }, (_, index) => index + 1);
/** What happened in all of them together. */
const seen = { mapRuns: 0, faults: new Set<string>() };
const faults = {
  "a death": /dies at /,
  "a stop": /client: cancel .*"status":"Cancel/,
  "a lost task stream": /tasks: the queue loses all/,
  "a frozen node": /is frozen/,
};

for (const seed of seeds) {
  test(`simulation: executions and their children keep what was promised under faults (seed ${seed})`, () => {
    const { violation, children, mapRuns, trace } = simulateFamilies({ seed, isTracing: true });
    deepStrictEqual(violation, undefined);
    ok(children > 0);
    seen.mapRuns += mapRuns;
    for (const [name, pattern] of Object.entries(faults)) {
      if (trace.some((line) => pattern.test(line))) seen.faults.add(name);
    }
  });
}

test("in these seeds Map Runs are done, and faults happen to them", () => {
  ok(seen.mapRuns > 0);
  deepStrictEqual([...seen.faults].toSorted(), Object.keys(faults).toSorted());
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
      let found: string | undefined;
      for (const seed of seeds) if ((found ??= simulateFamilies({ seed }).violation?.invariant) !== undefined) break;
      strictEqual(found, "nothingAfterEnd");
    } finally {
      prototype.reclaim = reclaim;
    }
  });
}
