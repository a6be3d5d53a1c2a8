// Goal: lists say the same whether an execution is in memory, in a small row or in a large one, and whatever wrote the store.
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Effect } from "effect";
import type { Json } from "../../../src/values/mod.ts";
import type { ExecutionStatus } from "../../../src/runtime/mod.ts";
import { ask, machines, refusal, space, TestNode } from "../../support/test_node.ts";

const failing = { StartAt: "F", States: { F: { Type: "Fail", Error: "Oh", Cause: "no" } } };
const large = { text: "x".repeat(10_000) };

async function filled(): Promise<TestNode> {
  const node = await TestNode.open();
  await node.put("pass", machines.pass);
  await node.put("task", machines.task);
  await node.put("fail", failing);
  for (const input of [1, large]) {
    await node.ended(await node.start("pass", input));
    await node.ended(await node.start("fail", input));
    await node.start("task", input);
  }
  return node;
}

async function listed(node: TestNode, status?: ExecutionStatus) {
  const found: string[] = [];
  let next: string | undefined;
  do {
    const page = await ask(node.engine.listExecutions({
      ...space,
      limit: 1,
      ...(next === undefined ? {} : { next }),
      ...(status === undefined ? {} : { status }),
    }));
    found.push(...page.executions.map((it) => `${it.workflow} ${it.status} ${it.error ?? ""}`.trim()));
    next = page.next;
  } while (next !== undefined);
  return found;
}

const all = ["task Running", "fail Failed Oh", "pass Succeeded"];
const expected: readonly (readonly [ExecutionStatus | undefined, readonly string[]])[] = [
  [undefined, [...all, ...all]],
  ["Succeeded", ["pass Succeeded", "pass Succeeded"]],
  ["Failed", ["fail Failed Oh", "fail Failed Oh"]],
  ["Running", ["task Running", "task Running"]],
  ["Canceled", []],
];

async function isAsExpected(node: TestNode): Promise<void> {
  for (const [status, lines] of expected) deepStrictEqual(await listed(node, status), lines);
}

test("lists by status are the same from memory and from the store, small executions and large ones", async () => {
  const node = await filled();
  await isAsExpected(node);
  await node.checkpoint();
  await isAsExpected(node);
  const next = await node.reopen();
  await isAsExpected(next);
  await next.close();
});

test("an execution moves in the index as its status changes, and leaves it when it is deleted", async () => {
  const node = await filled();
  await node.checkpoint();
  const waiting = (await ask(node.engine.listExecutions({ ...space, status: "Running" }))).executions;
  for (const { executionId } of waiting) await ask(node.engine.cancelExecution({ ...space, executionId }));
  await node.checkpoint();
  const next = await node.reopen();
  deepStrictEqual(await listed(next, "Running"), []);
  deepStrictEqual(await listed(next, "Canceled"), ["task Canceled", "task Canceled"]);
  for (const { executionId } of waiting) await ask(next.engine.deleteExecution({ ...space, executionId }));
  await next.checkpoint();
  const last = await next.reopen();
  deepStrictEqual(await listed(last, "Canceled"), []);
  strictEqual((await listed(last)).length, 4);
  const keys = await Effect.runPromise(last.disk.storage.list<Json>({ prefix: "p0/", limit: 1_000 }));
  const ofDeleted = keys.filter(({ key }) => waiting.some(({ executionId }) => key.includes(executionId.slice(-16))));
  deepStrictEqual(ofDeleted.map(({ key }) => key), []);
  await last.close();
});

test("a large execution comes back from the store with all that it has", async () => {
  const node = await filled();
  await node.checkpoint();
  const next = await node.reopen();
  const [running] = (await ask(next.engine.listExecutions({ ...space, status: "Running" }))).executions;
  const executionId = running?.executionId ?? "";
  deepStrictEqual((await next.describe(executionId)).input, large);
  for (;;) {
    const task = await next.task();
    if (task.executionId === executionId) {
      await next.complete(task, 1);
      break;
    }
  }
  await next.checkpoint();
  const last = await next.reopen();
  strictEqual((await last.describe(executionId)).output, 1);
  strictEqual(await refusal(last.engine.describeExecution({ ...space, executionId })), undefined);
  await last.close();
});

test("a store of before the index is brought up when it is opened", async () => {
  const node = await filled();
  await node.checkpoint();
  node.kill();
  const { storage } = node.disk;
  // What version 0.1.0 wrote: whole rows alone.
  for (const { key, value } of await Effect.runPromise(storage.list<Json>({ prefix: "p0/y/", limit: 100 }))) {
    await Effect.runPromise(storage.set(key.replace("p0/y/", "p0/x/"), value));
    await Effect.runPromise(storage.delete(key));
  }
  for (const { key } of await Effect.runPromise(storage.list<Json>({ prefix: "p0/f/", limit: 100 }))) {
    await Effect.runPromise(storage.delete(key));
  }
  await Effect.runPromise(storage.delete("p0/layout"));
  const next = await TestNode.open(node.disk, { clock: node.clock });
  await isAsExpected(next);
  await next.close();
});
