// Goal: a snapshot is what its manifest names, and the manifest is the newest leader's alone.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Effect } from "effect";
import { dueMerge } from "../../../src/runtime/partition/snapshots/due_merge.ts";
import type { SnapshotRow } from "../../../src/runtime/partition/snapshots/run_text.ts";
import { type Run, SnapshotBucket } from "../../../src/runtime/partition/snapshots/snapshot_bucket.ts";
import { makeMemoryStorage } from "../../../src/storage/memory/mod.ts";
import type { Json } from "../../../src/values/mod.ts";
import { machines, TestNode } from "../../support/test_node.ts";
import { snapshotRows } from "../../support/snapshots/snapshot_rows.ts";

const run = <A, E>(effect: Effect.Effect<A, E>) => Effect.runPromise(effect);

async function written(bucket: SnapshotBucket, name: string, rows: readonly SnapshotRow[]): Promise<Run> {
  const draft = bucket.draft(name);
  await run(draft.add(rows));
  return await run(draft.end());
}

async function read(bucket: SnapshotBucket, runs: readonly Run[]): Promise<readonly SnapshotRow[]> {
  const all: SnapshotRow[] = [];
  await run(bucket.read(runs, (rows) => Effect.sync(() => void all.push(...rows))));
  return all;
}

test("runs are read as one, in the order of keys, each row as the newest run has it", async () => {
  const bucket = new SnapshotBucket(makeMemoryStorage(), 0);
  const older = await written(bucket, "1-1", [{ key: "a", text: "1" }, { key: "b", text: "1" }, {
    key: "d",
    text: "1",
  }]);
  const newer = await written(bucket, "1-2", [{ key: "b", text: "2" }, { key: "c", text: "2" }, {
    key: "d",
    text: undefined,
  }]);
  deepStrictEqual(await read(bucket, [older, newer]), [
    { key: "a", text: "1" },
    { key: "b", text: "2" },
    { key: "c", text: "2" },
    { key: "d", text: undefined },
  ]);
});

test("rows longer than a block, and of any characters, come back as they were; each block fits into a message", async () => {
  const store = makeMemoryStorage();
  const bucket = new SnapshotBucket(store, 0);
  const rows = ['\\"', "é", "語", "😀"].map((what, index) => ({
    key: `x/${index}`,
    text: JSON.stringify(what.repeat(300_001)),
  }));
  const whole = await written(bucket, "1-1", [...rows, { key: "x/z", text: "1" }]);
  deepStrictEqual(await read(bucket, [whole]), [...rows, { key: "x/z", text: "1" }]);
  for (const { value } of await run(store.list<Json>({ prefix: "p0/s/", limit: 1_000 }))) {
    ok(Buffer.byteLength(JSON.stringify(value)) < 1_000_000);
  }
});

test("a manifest is replaced by who read the newest, and by nobody else", async () => {
  const bucket = new SnapshotBucket(makeMemoryStorage(), 0);
  const first = await run(bucket.replace({ epoch: 1, runs: [], nextRun: 1 }, undefined));
  strictEqual(await run(bucket.replace({ epoch: 9, runs: [], nextRun: 1 }, undefined)), undefined);
  const second = await run(bucket.replace({ epoch: 2, runs: [], nextRun: 1 }, first));
  strictEqual(second?.manifest.epoch, 2);
  strictEqual(await run(bucket.replace({ epoch: 1, runs: [], nextRun: 5 }, first)), undefined);
  strictEqual((await run(bucket.load()))?.manifest.epoch, 2);
});

const merges = [
  { when: "there are few", sizes: [1, 1, 1], from: undefined },
  { when: "the later ones are as large as the oldest", sizes: [10, 5, 3, 2], from: 0 },
  { when: "the oldest is much larger", sizes: [100, 5, 3, 2], from: undefined },
  { when: "there are too many", sizes: [1_000, 64, 32, ...Array.from({ length: 15 }, () => 1)], from: 3 },
];
for (const { when, sizes, from } of merges) {
  test(`dueMerge() returns ${from} when ${when}`, () => {
    strictEqual(dueMerge(sizes.map((size) => ({ size }))), from);
  });
}

test("a bucket that was emptied while the node runs has all again with the next snapshot", async () => {
  const snapshots = makeMemoryStorage();
  const node = await TestNode.open(undefined, { snapshots, snapshotMs: 5_000 });
  await node.put("pass", machines.pass);
  await node.put("task", machines.task);
  await node.start("pass", 1);
  await node.start("task", 2);
  await node.checkpoint();
  await node.clock.paused(2);
  await node.written(snapshots, () => node.clock.advance(5_000));
  const before = [...(await snapshotRows(snapshots)).keys()];
  ok(before.length >= 6);
  for (const { key } of await run(snapshots.list({ prefix: "p0/", limit: 1_000 }))) await run(snapshots.delete(key));
  await node.start("task", 3);
  await node.checkpoint();
  while ((await snapshotRows(snapshots)).size < before.length + 1) {
    await node.clock.paused(2);
    node.clock.advance(5_000);
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
  deepStrictEqual(
    before.filter((key) => !key.startsWith("x/")),
    [...(await snapshotRows(snapshots)).keys()].filter((key) => !key.startsWith("x/")),
  );
  await node.close();
});
