import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Effect } from "effect";
import { makeMemoryStorage } from "../../src/storage/memory/mod.ts";
import { ask, machines, refusal, space, TestNode } from "../support/test_node.ts";

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

test("only live executions are in the snapshot", async () => {
  const { node, snapshots, open, waiting } = await busyNode();
  const entries = await Effect.runPromise(snapshots.list({ prefix: "p0/x/", limit: 100 }));
  const places = [open, waiting].map((id) => `p0/x/acme/shop/${id.slice(-16)}-${id.slice(12, 19)}`);
  deepStrictEqual(entries.map(({ key }) => key), places.sort());
  await node.close();
});

test("a node with an empty disk leads from snapshot and log, and completes its index behind", async () => {
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
  while (await refusal(next.engine.describeExecution({ ...space, executionId: endedBefore })) === "Unavailable") {
    await new Promise((resolve) => setImmediate(resolve));
  }
  strictEqual(await next.status(endedBefore), "Succeeded");
  for (const [key, id] of [["before", endedBefore], ["after", endedAfter]] as const) {
    strictEqual(await next.start("pass", key === "before" ? 1 : 3, key), id);
  }
  const { executions } = await ask(next.engine.listExecutions(space));
  ok(executions.length === 4);
  await next.close();
});
