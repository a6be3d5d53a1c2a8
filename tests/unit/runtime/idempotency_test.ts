import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Effect } from "effect";
import { ask, machines, refusal, space, TestNode } from "../../support/test_node.ts";

async function nodeWithWorkflows(): Promise<TestNode> {
  const node = await TestNode.open();
  for (const [name, machine] of Object.entries(machines)) await node.put(name, machine);
  return node;
}

const keyed = (node: TestNode, workflow: string, input: number, key = "k") =>
  node.engine.startExecution({ ...space, workflow, input, key });

/** What may have become of the first start before it is repeated. */
const betweens: readonly { when: string; between: (node: TestNode, id: string) => Promise<TestNode> }[] = [
  { when: "it runs", between: (node) => Promise.resolve(node) },
  {
    when: "it has ended",
    between: async (node) => {
      await node.complete(await node.task(), 1);
      return node;
    },
  },
  {
    when: "it has ended and left memory",
    between: async (node, id) => {
      await node.complete(await node.task(), 1);
      await node.ended(id);
      await node.checkpoint();
      return node;
    },
  },
  { when: "the node was killed", between: (node) => node.reopen() },
  {
    when: "it has ended, was stored, and the node was killed",
    between: async (node) => {
      await node.complete(await node.task(), 1);
      await node.checkpoint();
      return await node.reopen();
    },
  },
  {
    when: "the node was closed in order",
    between: async (node) => {
      await node.close();
      return await TestNode.open(node.disk, { clock: node.clock });
    },
  },
];
for (const { when, between } of betweens) {
  test(`a start with the same key and input gives the same execution when ${when}`, async () => {
    const first = await nodeWithWorkflows();
    const executionId = await first.start("task", 1, "k");
    const node = await between(first, executionId);
    strictEqual((await ask(keyed(node, "task", 1))).executionId, executionId);
    strictEqual((await ask(node.engine.listExecutions(space))).executions.length, 1);
    await node.close();
  });

  test(`a start with the same key and another input or workflow is refused when ${when}`, async () => {
    const first = await nodeWithWorkflows();
    const node = await between(first, await first.start("task", 1, "k"));
    strictEqual(await refusal(keyed(node, "task", 2)), "AlreadyExists");
    strictEqual(await refusal(keyed(node, "pass", 1)), "AlreadyExists");
    strictEqual((await ask(node.engine.listExecutions(space))).executions.length, 1);
    await node.close();
  });
}

test("keys are of a space: another tenant's or namespace's same key is another execution", async () => {
  const node = await nodeWithWorkflows();
  const other = { tenant: "rival", namespace: "shop" };
  await ask(node.engine.putWorkflow({ ...other, name: "task", definition: machines.task }));
  const mine = await node.start("task", 1, "k");
  const { executionId } = await ask(node.engine.startExecution({ ...other, workflow: "task", input: 2, key: "k" }));
  ok(executionId !== mine && executionId.startsWith("/rival/shop/"));
  await node.close();
});

test("of starts with one key at the same moment one begins, and all are told of it", async () => {
  const node = await nodeWithWorkflows();
  const answers = await Promise.all(Array.from({ length: 50 }, () => ask(keyed(node, "task", 1))));
  strictEqual(new Set(answers.map(({ executionId }) => executionId)).size, 1);
  strictEqual(node.waitingTasks.length, 1);
  await node.close();
});

test("an input that differs in the order of its keys alone is the same input", async () => {
  const node = await nodeWithWorkflows();
  const first = await node.start("task", { a: 1, b: { c: 2, d: 3 } }, "k");
  strictEqual(await node.start("task", { b: { d: 3, c: 2 }, a: 1 }, "k"), first);
  await node.close();
});

test("a key stays with its younger execution when the log is replayed from before the older one's deletion", async () => {
  const first = await nodeWithWorkflows();
  await first.checkpoint();
  const applied = await Effect.runPromise(first.disk.storage.get("p0/applied"));
  const old = await first.start("pass", 1, "k");
  await ask(first.engine.deleteExecution({ ...space, executionId: old }));
  await first.checkpoint();
  const young = await first.start("task", 2, "k");
  await first.checkpoint();
  await Effect.runPromise(first.disk.storage.set("p0/applied", applied?.value ?? null));
  const node = await first.reopen();
  strictEqual(await node.start("task", 2, "k"), young);
  await node.checkpoint();
  strictEqual(await node.start("task", 2, "k"), young);
  const last = await node.reopen();
  strictEqual(await last.start("task", 2, "k"), young);
  deepStrictEqual((await ask(last.engine.listExecutions(space))).executions.map((it) => it.executionId), [young]);
  await last.close();
});
