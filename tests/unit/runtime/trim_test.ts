// Goal: the log is trimmed behind the stores and behind what it is to keep, and nobody who asks for a live or retained execution notices.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Effect } from "effect";
import { makeMemoryStorage } from "../../../src/storage/memory/mod.ts";
import type { KeyValueStore } from "../../../src/storage/port.ts";
import { snapshotRows } from "../../support/snapshots/snapshot_rows.ts";
import { ask, machines, refusal, space, TestNode, type TestNodeOptions } from "../../support/test_node.ts";

const TRIM_MS = 60_000;
const limits = { logSeconds: 100 };

async function bounds(node: TestNode) {
  const log = await Effect.runPromise(Effect.scoped(node.disk.logs.open(0)));
  return await Effect.runPromise(log.bounds());
}

const historyOf = async (node: TestNode, executionId: string) =>
  (await ask(node.engine.executionHistory({ ...space, executionId, limit: 100 }))).events;

async function carried(store: KeyValueStore): Promise<number> {
  return (await Effect.runPromise(store.list({ prefix: "p0/h/", limit: 1_000 }))).length;
}

async function inBucket(snapshots: KeyValueStore): Promise<number> {
  return [...(await snapshotRows(snapshots)).keys()].filter((key) => key.startsWith("h/")).length;
}

/** Lets the log grow old, and waits until it has been trimmed. */
async function trimmed(node: TestNode, pauses: number): Promise<void> {
  const before = (await bounds(node)).first;
  for (let n = 0; n < 40; n++) await node.start("pass", n);
  await node.checkpoint();
  while ((await bounds(node)).first === before) {
    await node.clock.paused(pauses);
    node.clock.advance(TRIM_MS);
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A node with one execution that lives and one that has ended, whose histories stand in a log that is then trimmed. */
async function trimmedNode(options: TestNodeOptions, pauses: number) {
  const node = await TestNode.open(undefined, { limits, trimMs: TRIM_MS, ...options });
  for (const name of ["pass", "task", "wait"] as const) await node.put(name, machines[name]);
  const open = await node.start("task", 1, "open");
  const ended = await node.start("task", 2, "ended");
  await node.complete(await node.task(), "a");
  const [first, second] = [await historyOf(node, open), await historyOf(node, ended)];
  await trimmed(node, pauses);
  const has = await node.status(open) === "Running" ? { open, ended } : { open: ended, ended: open };
  return { node, ...has, histories: new Map([[open, first], [ended, second]]) };
}

test("the log is trimmed behind the store; histories of what lives and what is retained are as before", async () => {
  const { node, open, ended, histories } = await trimmedNode({}, 2);
  const { first, last } = await bounds(node);
  ok(first > 40, `${first}`);
  const { sequence } = await node.applied();
  // The entry that the store is of stays.
  ok(first <= sequence && sequence <= last);
  for (const [id, events] of histories) deepStrictEqual(await historyOf(node, id), events);
  const next = await node.reopen({ limits });
  for (const [id, events] of histories) deepStrictEqual(await historyOf(next, id), events);
  await next.complete(await next.task(), "b");
  strictEqual((await next.ended(open)).output, "b");
  deepStrictEqual((await historyOf(next, open)).slice(0, 3), histories.get(open)?.slice(0, 3));
  strictEqual(await next.status(ended), "Succeeded");
  await next.close();
});

test("what was carried out of the log goes with its execution", async () => {
  const { node, ended } = await trimmedNode({}, 2);
  const before = await carried(node.disk.storage);
  ok(before >= 2);
  await ask(node.engine.deleteExecution({ ...space, executionId: ended }));
  await node.checkpoint();
  strictEqual(await carried(node.disk.storage), before - 1);
  await node.close();
});

test("a node with an empty disk leads from the bucket and what is left of the log", async () => {
  const snapshots = makeMemoryStorage();
  const { node, open, ended, histories } = await trimmedNode({ snapshots, snapshotMs: 5_000 }, 3);
  ok((await bounds(node)).first > 40);
  node.kill();
  node.disk.storage = makeMemoryStorage();
  const next = await TestNode.open(node.disk, { clock: node.clock, snapshots, limits });
  for (const [id, events] of histories) deepStrictEqual(await historyOf(next, id), events);
  strictEqual(await next.start("task", 1, "open"), [...histories.keys()][0]);
  strictEqual(await next.status(ended), "Succeeded");
  await next.complete(await next.task(), "b");
  strictEqual((await next.ended(open)).output, "b");
  await next.close();
});

test("a node that has followed brings from the bucket what another one carried out of the log", async () => {
  const snapshots = makeMemoryStorage();
  const { node, open, histories } = await trimmedNode({ snapshots, snapshotMs: 5_000 }, 3);
  node.kill();
  // All of the state, and nothing of what only a leader writes.
  const { storage } = node.disk;
  for (const { key } of await Effect.runPromise(storage.list({ prefix: "p0/h/", limit: 1_000 }))) {
    await Effect.runPromise(storage.delete(key));
  }
  await Effect.runPromise(storage.delete("p0/carried"));
  const next = await TestNode.open(node.disk, { clock: node.clock, snapshots, limits });
  // Until it is here whoever asks for it is told to ask again, and the partition goes on.
  while (await carried(storage) < await inBucket(snapshots)) await new Promise((resolve) => setImmediate(resolve));
  while ((await Effect.runPromise(next.disk.storage.get("p0/carried"))) === null) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (const [id, events] of histories) deepStrictEqual(await historyOf(next, id), events);
  deepStrictEqual(next.node.partitions.map(({ status }) => status().kind), ["leading"]);
  strictEqual(await next.status(open), "Running");
  await next.close();
});

test("a node whose store is from before the log was trimmed takes the snapshot instead", async () => {
  const snapshots = makeMemoryStorage();
  const node = await TestNode.open(undefined, { limits, trimMs: TRIM_MS, snapshots, snapshotMs: 5_000 });
  for (const name of ["pass", "task"] as const) await node.put(name, machines[name]);
  const open = await node.start("task", 1, "open");
  await node.checkpoint();
  const old = makeMemoryStorage();
  for (const { key, value } of await Effect.runPromise(node.disk.storage.list({ prefix: "p0/", limit: 1_000 }))) {
    await Effect.runPromise(old.set(key, value as never));
  }
  await trimmed(node, 3);
  node.kill();
  node.disk.storage = old;
  const next = await TestNode.open(node.disk, { clock: node.clock, snapshots, limits });
  deepStrictEqual(next.node.partitions.map(({ status }) => status().kind), ["leading"]);
  strictEqual(await next.status(open), "Running");
  await next.close();
});

test("a node without store and bucket does not believe a log that begins in its middle", async () => {
  const { node, open } = await trimmedNode({}, 2);
  node.kill();
  node.disk.storage = makeMemoryStorage();
  const next = await TestNode.open(node.disk, { clock: node.clock, limits });
  deepStrictEqual(next.node.partitions.map(({ status }) => status().kind), ["stopped"]);
  strictEqual(await refusal(next.engine.describeExecution({ ...space, executionId: open })), "Unavailable");
  await next.close();
});
