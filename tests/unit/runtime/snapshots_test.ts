import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { KeyValueStore } from "../../../src/storage/port.ts";
import { makeMemoryStorage } from "../../../src/storage/memory/mod.ts";
import { ask, machines, refusal, space, TestNode } from "../../support/test_node.ts";
import { snapshotRows } from "../../support/snapshots/snapshot_rows.ts";

const rowKey = (id: string) => `x/acme/shop/${id.slice(-16)}-${id.slice(12, 19)}`;

/** Executions of every kind, some of them ended before the snapshot and some after. */
async function busyNode() {
  const snapshots = makeMemoryStorage();
  const node = await TestNode.open(undefined, { snapshots, snapshotMs: 5_000 });
  for (const [name, machine] of Object.entries(machines)) await node.put(name, machine);
  const endedBefore = await node.start("pass", 1, "before");
  const open = await node.start("task", 2, "open");
  const waiting = await node.start("wait", { seconds: 100 }, "waiting");
  await node.checkpoint();
  await node.clock.paused(2);
  await node.written(snapshots, () => node.clock.advance(5_000));
  const endedAfter = await node.start("pass", 3, "after");
  return { node, snapshots, endedBefore, open, waiting, endedAfter };
}

test("a snapshot has what lives and what is retained", async () => {
  const { node, snapshots, endedBefore, open, waiting } = await busyNode();
  const rows = await snapshotRows(snapshots);
  deepStrictEqual(
    [...rows.keys()].filter((key) => key.startsWith("x/")),
    [endedBefore, open, waiting].map(rowKey).sort(),
  );
  await node.close();
});

test("a node with an empty disk leads from snapshot and log, and knows what had ended", async () => {
  const { node, snapshots, endedBefore, open, waiting, endedAfter } = await busyNode();
  node.kill();
  node.disk.storage = makeMemoryStorage();
  const next = await TestNode.open(node.disk, { clock: node.clock, snapshots });
  const task = await next.task();
  strictEqual(task.executionId, open);
  await next.complete(task, "done");
  strictEqual((await next.ended(open)).output, "done");
  strictEqual(await next.status(endedAfter), "Succeeded");
  const end = next.ended(waiting);
  next.clock.advance(100_000);
  strictEqual((await end).status, "Succeeded");
  strictEqual(await next.status(endedBefore), "Succeeded");
  for (const [key, id] of [["before", endedBefore], ["after", endedAfter]] as const) {
    strictEqual(await next.start("pass", key === "before" ? 1 : 3, key), id);
  }
  const { executions } = await ask(next.engine.listExecutions(space));
  ok(executions.length === 4);
  await next.close();
});

/** The row says that the execution has not ended. */
function isLive(text: string): boolean {
  const { actors } = JSON.parse(text) as { readonly actors: { readonly execution: { readonly value: string } } };
  return actors.execution.value === "Running";
}

/** Waits until these executions are live in the bucket, and no others. */
async function inBucket(snapshots: KeyValueStore, ids: readonly string[]): Promise<void> {
  const wanted = ids.map(rowKey).sort().join();
  for (let turn = 0;; turn++) {
    const rows = [...await snapshotRows(snapshots)].filter(([key, text]) => key.startsWith("x/") && isLive(text));
    const found = rows.map(([key]) => key).sort().join();
    if (found === wanted) return;
    if (turn === 2_000) strictEqual(found, wanted);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Lets time pass until a snapshot has been written; something must have changed. */
async function snapshot(node: TestNode, snapshots: KeyValueStore): Promise<void> {
  await node.checkpoint();
  await node.clock.paused(2);
  await node.written(snapshots, () => node.clock.advance(5_000));
}

/** Asks until the node can say whether it exists. */
async function known(node: TestNode, executionId: string): Promise<string> {
  for (;;) {
    const code = await refusal(node.engine.describeExecution({ ...space, executionId }));
    if (code !== "Unavailable") return code ?? await node.status(executionId);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("what a node wrote to its store and not to the bucket before it died, the next one brings there", async () => {
  const snapshots = makeMemoryStorage();
  const node = await TestNode.open(undefined, { snapshots, snapshotMs: 5_000 });
  await node.put("task", machines.task);
  const open = await node.start("task", 1, "open");
  await node.checkpoint();
  const next = await node.reopen({ snapshots, snapshotMs: 5_000 });
  const later = await next.start("task", 2, "later");
  await snapshot(next, snapshots);
  await next.close();
  await inBucket(snapshots, [open, later]);
  next.disk.storage = makeMemoryStorage();
  const last = await TestNode.open(next.disk, { clock: node.clock, snapshots });
  deepStrictEqual([await last.status(open), await last.status(later)], ["Running", "Running"]);
  await last.close();
});

test("an execution that has ended is so in the bucket, also when its end was told after a restart", async () => {
  const snapshots = makeMemoryStorage();
  const node = await TestNode.open(undefined, { snapshots, snapshotMs: 5_000 });
  await node.put("task", machines.task);
  const [first, second, third] = [
    await node.start("task", 1),
    await node.start("task", 2),
    await node.start("task", 3),
  ];
  await snapshot(node, snapshots);
  await inBucket(snapshots, [first, second, third]);
  const tasks = [await node.task(), await node.task(), await node.task()];
  const complete = async (on: TestNode, id: string) => {
    const task = tasks.find(({ executionId }) => executionId === id);
    ok(task !== undefined);
    await on.complete(task, 1);
  };
  await complete(node, first);
  await node.checkpoint();
  const next = await node.reopen({ snapshots, snapshotMs: 5_000 });
  await complete(next, second);
  await snapshot(next, snapshots);
  await inBucket(snapshots, [third]);
  await next.close();
});

test("what was deleted after the snapshot does not come back with it", async () => {
  const { node, snapshots, endedBefore, open } = await busyNode();
  strictEqual((await ask(node.engine.deleteExecution({ ...space, executionId: endedBefore }))).status, "Deleting");
  const again = await node.start("task", 9, "before");
  node.kill();
  node.disk.storage = makeMemoryStorage();
  const next = await TestNode.open(node.disk, { clock: node.clock, snapshots });
  // What the log says of it is in memory until it is written.
  await next.checkpoint();
  strictEqual(await known(next, endedBefore), "NotFound");
  strictEqual(await known(next, open), "Running");
  strictEqual(await next.start("task", 9, "before"), again);
  const { executions } = await ask(next.engine.listExecutions(space));
  ok(!executions.some(({ executionId }) => executionId === endedBefore));
  await next.close();
});
