import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { ask, machines, refusal, space, TestNode } from "../../support/test_node.ts";

/** Lets time pass until the promise is settled. */
async function meanwhile<A>(node: TestNode, promise: Promise<A>): Promise<A> {
  let settled = false;
  const watched = promise.finally(() => settled = true);
  for (let rounds = 0; !settled; rounds++) {
    ok(rounds < 10_000, "it ends within a bounded time");
    node.clock.advance(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return await watched;
}

test("a node that is closed in order writes everything, so that the next one replays nothing", async () => {
  const node = await TestNode.open();
  await node.put("task", machines.task);
  const executionId = await node.start("task", 1);
  await node.close();
  const applied = await node.applied();
  strictEqual(applied.sequence, await node.disk.lastSequence(0));
  const next = await TestNode.open(node.disk, { clock: node.clock });
  strictEqual(await next.status(executionId), "Running");
  await next.close();
});

test("a node closes in a bounded time when the log is away, and tells whoever waits", async () => {
  const node = await TestNode.open();
  await node.put("task", machines.task);
  node.disk.fate = () => "lost";
  const start = refusal(node.engine.startExecution({ ...space, workflow: "task", input: 1 }));
  await meanwhile(node, node.close());
  strictEqual(await start, "Unavailable");
  strictEqual(node.clock.pending, 0);
});

test("a node closes in a bounded time when the store is away", async () => {
  const node = await TestNode.open();
  await node.put("task", machines.task);
  node.disk.storeAnswers = () => false;
  await meanwhile(node, node.close());
  strictEqual(node.clock.pending, 0);
});

test("who asks a node that has closed is refused, and nobody waits for ever", async () => {
  const node = await TestNode.open();
  await node.put("task", machines.task);
  const executionId = await node.start("task", 1);
  const end = refusal(node.engine.awaitExecution({ ...space, executionId }));
  await node.status(executionId);
  await node.close();
  strictEqual(await end, "Unavailable");
  const { engine } = node;
  const asked = { ...space, executionId };
  deepStrictEqual(
    await Promise.all([
      refusal(engine.describeExecution(asked)),
      refusal(engine.startExecution({ ...space, workflow: "task", input: 1 })),
      refusal(engine.listExecutions(space)),
      refusal(engine.putWorkflow({ ...space, name: "pass", definition: machines.pass })),
      refusal(engine.listWorkflows(space)),
    ]),
    Array.from({ length: 5 }, () => "Unavailable"),
  );
});

test("a node that closes while a checkpoint is on its way leaves the store as new as the log", async () => {
  const node = await TestNode.open();
  await node.put("task", machines.task);
  const ids = [await node.start("task", 1)];
  let release = () => {};
  const held = new Promise<boolean>((resolve) => release = () => resolve(true));
  let commits = 0;
  node.disk.storeAnswers = (operation) => operation !== "commit" || commits++ > 0 || held;
  await node.clock.paused(1);
  await node.next("beforeCheckpoint", () => node.clock.advance(1_000));
  ids.push(await node.start("task", 2));
  const closed = node.close();
  await new Promise((resolve) => setImmediate(resolve));
  release();
  await closed;
  strictEqual((await node.applied()).sequence, await node.disk.lastSequence(0));
  const next = await TestNode.open(node.disk, { clock: node.clock });
  for (const id of ids) strictEqual(await next.status(id), "Running");
  strictEqual((await ask(next.engine.listExecutions(space))).executions.length, 2);
  await next.close();
});
