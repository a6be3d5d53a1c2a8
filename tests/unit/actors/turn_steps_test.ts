import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { Json, JsonObject } from "../../../src/values/mod.ts";
import { oneState, started } from "../../support/execution_run.ts";

const total = "{% $sum($map([1..500], function($n) { $n * 2 })) %}";
const items = (count: number): readonly Json[] => Array.from({ length: count }, (_, index) => index);
const map: JsonObject = {
  QueryLanguage: "JSONata",
  ...oneState({
    Type: "Map",
    ItemSelector: { Total: total },
    ItemProcessor: { StartAt: "A", States: { A: { Type: "Pass", Output: total, End: true } } },
    End: true,
  }),
};

test("a turn whose expressions cost much goes on in the next one", () => {
  const run = started(map, items(20), { limits: { turnStepsMax: 10_000 } });
  run.takeUp();
  deepStrictEqual(run.end, ["Succeeded", items(20).map(() => 250_500)]);
  ok(run.lines.length > 5, `${run.lines.length} turns`);
});

test("expressions of a usual cost do not end a turn", () => {
  const run = started(map, items(2), {});
  strictEqual(run.status, "Succeeded");
  strictEqual(run.lines.length, 1);
});
