// Goal: of two nodes that do the same Map Run, for one does not know yet that it leads no more, only the one that ends it has the last word.
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Effect } from "effect";
import { openEmbeddedHome } from "../../../src/homes/mod.ts";
import { untilAnswered } from "../../../src/integrations/engine_requests.ts";
import { KeptRecord } from "../../../src/integrations/map_run/kept_record.ts";
import { noCounts } from "../../../src/integrations/map_run/progress.ts";
import { type MapRunRecord, MapRuns } from "../../../src/runtime/mod.ts";
import { executionId, hash7, mapRunId, taskId, timestamp } from "../../../src/values/mod.ts";

const space = { tenant: "acme", namespace: "shop" };
const at = timestamp(1_900_000_000, 1);
const execution = executionId(space, "0123456", at);
const task = taskId(space, hash7("weft:mapRun"), at);
const id = mapRunId(execution, task);
const first: MapRunRecord = {
  executionId: execution,
  activityId: "a",
  taskId: task,
  workflow: "machine",
  label: "Each",
  executionType: "STANDARD",
  status: "RUNNING",
  startedAtEpochMs: 0,
  maxConcurrency: 0,
  toleratedFailureCount: 0,
  toleratedFailurePercentage: 0,
  itemCounts: noCounts,
  executionCounts: noCounts,
};

test("the record of a Map Run that has ended stays as it is, until it is redriven", async (t) => {
  const home = await openEmbeddedHome();
  t.after(() => home.close());
  const run = { registry: home.registry, commands: { untilDone: untilAnswered } };
  const open = () => Effect.runPromise(KeptRecord.open(run, space, id, first));
  const [leader, zombie] = [await open(), await open()];
  await Effect.runPromise(leader.write({ executionCounts: { ...noCounts, total: 2, succeeded: 2 } }));
  await Effect.runPromise(leader.write({ status: "SUCCEEDED", endedAtEpochMs: 7 }));
  await Effect.runPromise(zombie.write({ executionCounts: { ...noCounts, total: 1, running: 1 } }));
  await Effect.runPromise(zombie.write({ status: "FAILED", endedAtEpochMs: 8 }));
  const kept = () => Effect.runPromise(new MapRuns(home.registry).describe(space, id)).then(({ record }) => record);
  const { status, endedAtEpochMs, executionCounts } = await kept();
  deepStrictEqual([status, endedAtEpochMs, executionCounts.succeeded, executionCounts.running], ["SUCCEEDED", 7, 2, 0]);
  await Effect.runPromise(leader.reopen({ redriveCount: 1, endedAtEpochMs: undefined }));
  const again = await kept();
  deepStrictEqual([again.status, again.redriveCount, "endedAtEpochMs" in again], ["RUNNING", 1, false]);
});
