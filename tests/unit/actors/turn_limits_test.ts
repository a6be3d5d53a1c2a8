import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { Turn } from "../../../src/protocol/mod.ts";
import type { Json, JsonObject } from "../../../src/values/mod.ts";
import { type ExecutionRun, oneState, started } from "../../support/execution_run.ts";

const chain: JsonObject = {
  StartAt: "A",
  States: { A: { Type: "Pass", Next: "B" }, B: { Type: "Pass", Next: "C" }, C: { Type: "Pass", End: true } },
};
const map = (processor: JsonObject): JsonObject => oneState({ Type: "Map", ItemProcessor: processor, End: true });
const items = (count: number): readonly Json[] => Array.from({ length: count }, (_, index) => index);
const turns = (run: ExecutionRun): readonly Turn[] => run.lines.map((line) => JSON.parse(line) as Turn);

for (const turnRecordsMax of [1, 2, 3, 10, 100]) {
  test(`a Map that outgrows turns of ${turnRecordsMax} records ends as it would in one`, () => {
    const run = started(map(chain), items(30), { limits: { turnRecordsMax }, compare: turnRecordsMax > 2 });
    run.takeUp();
    run.compare();
    deepStrictEqual(run.end, ["Succeeded", items(30)]);
    run.checkEmpty();
    const all = turns(run);
    deepStrictEqual(all.map(({ sequence }) => sequence), items(all.length).map((index) => Number(index) + 1));
    // One decision may go beyond, and so may the commands that it leaves.
    ok(all.every(({ records }) => records.length <= turnRecordsMax * 2 + 4));
    ok(all.length > 100 / turnRecordsMax);
  });
}

test("a turn that grows too long by its bytes stops as well", () => {
  const run = started(map(chain), items(20).map((index) => `${index}`.padEnd(1_000)), {
    limits: { turnBytesMax: 5_000 },
  });
  run.takeUp();
  strictEqual(run.status, "Succeeded");
  ok(run.lines.length > 5);
});

test("what a turn leaves is the first that the next one takes up, in order", () => {
  const run = started(map(chain), items(5), { limits: { turnRecordsMax: 4 } });
  const left = [...run.actors.unprocessed.keys()];
  ok(left.length > 0);
  run.command(undefined);
  const { carried } = turns(run).at(-1) ?? {};
  deepStrictEqual([...new Set((carried ?? []).map(([, ordinal]) => ordinal))], left.slice(0, 1));
});

test("each command in the log has exactly one outcome", () => {
  const run = started(map(chain), items(20), { limits: { turnRecordsMax: 7 } });
  run.takeUp();
  let commands = 0;
  const outcomes = new Map<number, number>();
  for (const { records, carried } of turns(run)) {
    const ordinals = new Map(carried);
    let last = 0;
    records.forEach((record, index) => {
      if (typeof record === "string" || record.type.endsWith("Command")) return void (commands += 1);
      const ordinal = ordinals.get(index) ?? commands;
      if (ordinal !== last) outcomes.set(ordinal, (outcomes.get(ordinal) ?? 0) + 1);
      last = ordinal;
    });
  }
  strictEqual(outcomes.size, commands);
  ok([...outcomes.values()].every((count) => count === 1));
});

test("commands that are left survive being kept and restored", () => {
  const run = started(map(chain), items(5), { limits: { turnRecordsMax: 4 } });
  ok(run.actors.unprocessed.size > 0);
  run.compare();
});
