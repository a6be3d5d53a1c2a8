// Goal: a live execution never vanishes: one that cannot be read is parked, told of by name, and kept for a version that can read it.
import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Effect } from "effect";
import type { KeyValueStore } from "../../../src/storage/port.ts";
import { makeMemoryStorage } from "../../../src/storage/memory/mod.ts";
import { isJsonObject, type Json } from "../../../src/values/mod.ts";
import { changeSnapshotRow, snapshotRows } from "../../support/snapshots/snapshot_rows.ts";
import { machines, refusal, space, TestNode } from "../../support/test_node.ts";

async function rowOf(
  store: KeyValueStore,
  executionId: string,
): Promise<{ readonly key: string; readonly value: Json }> {
  const entries = await Effect.runPromise(store.list<Json>({ prefix: "p0/x/", limit: 100 }));
  const found = entries.find(({ key }) => key.includes(executionId.slice(-16)));
  if (found === undefined) throw new Error(`The store has no "${executionId}"`);
  return found;
}

/** Makes what is kept of an execution something that nobody can read. */
async function spoil(store: KeyValueStore, executionId: string): Promise<void> {
  const { key, value } = await rowOf(store, executionId);
  if (!isJsonObject(value) || !isJsonObject(value["actors"])) throw new Error("Not a kept execution");
  await Effect.runPromise(store.set(key, { ...value, actors: { ...value["actors"], activities: "no list" } }));
}

/** The same in a snapshot. */
async function spoilSnapshot(store: KeyValueStore, executionId: string): Promise<Json> {
  const { key, value } = await snapshotRowOf(store, executionId);
  if (!isJsonObject(value) || !isJsonObject(value["actors"])) throw new Error("Not a kept execution");
  const spoilt = { ...value, actors: { ...value["actors"], activities: "no list" } };
  await changeSnapshotRow(store, key, JSON.stringify(spoilt));
  return spoilt;
}

async function snapshotRowOf(
  store: KeyValueStore,
  executionId: string,
): Promise<{ readonly key: string; readonly value: Json }> {
  const found = [...await snapshotRows(store)].find(([key]) => key.includes(executionId.slice(-16)));
  if (found === undefined) throw new Error("The snapshot has no such execution");
  return { key: found[0], value: JSON.parse(found[1]) };
}

/** Two executions that live, in a store and in the snapshot bucket. */
async function snapshotted() {
  const snapshots = makeMemoryStorage();
  const node = await TestNode.open(undefined, { snapshots, snapshotMs: 5_000 });
  await node.put("task", machines.task);
  const spoilt = await node.start("task", 1, "spoilt");
  const sound = await node.start("task", 2, "sound");
  await node.checkpoint();
  await node.clock.paused(2);
  await node.written(snapshots, () => node.clock.advance(5_000));
  return { node, snapshots, spoilt, sound };
}

const isParked = async (node: TestNode, executionId: string) => {
  strictEqual(await refusal(node.engine.describeExecution({ ...space, executionId })), "Unavailable");
  strictEqual(await refusal(node.engine.cancelExecution({ ...space, executionId })), "Unavailable");
  const again = { ...space, workflow: "task", input: 1, key: "spoilt" };
  strictEqual(await refusal(node.engine.startExecution(again)), "Unavailable");
};

test("an execution that cannot be read in the snapshot is parked by whoever restores from it, and its key stays taken", async () => {
  const { node, snapshots, spoilt, sound } = await snapshotted();
  const asWritten = await spoilSnapshot(snapshots, spoilt);
  node.kill();
  node.disk.storage = makeMemoryStorage();
  const next = await TestNode.open(node.disk, { clock: node.clock, snapshots, snapshotMs: 5_000 });
  await isParked(next, spoilt);
  match(next.logged.join(), /An execution is parked/);
  strictEqual(await next.status(sound), "Running");
  // It is still where a version that can read it finds it.
  deepStrictEqual((await rowOf(next.disk.storage, spoilt)).value, asWritten);
  await next.close();
});

test("an execution that cannot be read in the local store comes into the snapshot as it is, and the manifest moves with it", async () => {
  const { node, snapshots, spoilt, sound } = await snapshotted();
  await node.complete(await node.task(), 1);
  await node.checkpoint();
  node.kill();
  await spoil(node.disk.storage, sound);
  const next = await TestNode.open(node.disk, { clock: node.clock, snapshots, snapshotMs: 5_000 });
  strictEqual(await refusal(next.engine.describeExecution({ ...space, executionId: sound })), "Unavailable");
  await next.start("task", 3);
  await next.checkpoint();
  await next.clock.paused(2);
  await next.written(snapshots, () => next.clock.advance(5_000));
  const { value } = await snapshotRowOf(snapshots, sound);
  strictEqual(isJsonObject(value) && isJsonObject(value["actors"]), true);
  strictEqual(await next.status(spoilt), "Succeeded");
  await next.close();
});

test("an execution whose beginning is in no store is parked by name instead of being unknown", async () => {
  const node = await TestNode.open();
  await node.put("task", machines.task);
  const lost = await node.start("task", 1);
  const task = await node.task();
  await node.checkpoint();
  await node.complete(task, 2);
  const deleted = await node.start("task", 2);
  node.kill();
  const { key } = await rowOf(node.disk.storage, lost);
  await Effect.runPromise(node.disk.storage.delete(key));
  const next = await TestNode.open(node.disk, { clock: node.clock });
  strictEqual(await refusal(next.engine.describeExecution({ ...space, executionId: lost })), "Unavailable");
  match(next.logged.join(), /An execution is parked/);
  strictEqual(await next.status(deleted), "Running");
  await next.close();
});

test("what was deleted is no loss: its later turns in the log are passed over", async () => {
  const node = await TestNode.open();
  await node.put("pass", machines.pass);
  const executionId = await node.start("pass", 1);
  await node.ended(executionId);
  await node.checkpoint();
  strictEqual(await refusal(node.engine.deleteExecution({ ...space, executionId })), undefined);
  await node.checkpoint();
  node.kill();
  // As a store that is ahead of the sequence from which it replays: the turns of before are read again.
  const applied = await Effect.runPromise(node.disk.storage.get<Json>("p0/applied"));
  if (applied === null || !isJsonObject(applied.value)) throw new Error("Nothing was applied");
  const next = await TestNode.open(node.disk, { clock: node.clock });
  strictEqual(await refusal(next.engine.describeExecution({ ...space, executionId })), "NotFound");
  strictEqual(next.logged.some((line) => /parked/.test(line)), false);
  await next.close();
});
