// Goal: nothing stays for ever. What ended before retention is deleted, what lives longer than it may is timed out, and nothing else.
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { Space } from "../../../src/values/mod.ts";
import { ask, machines, refusal, space, TestNode } from "../../support/test_node.ts";

const SWEEP_MS = 60_000;
const limits = { retentionSeconds: 600, executionSecondsMax: 3_600 };

async function swept(node: TestNode, isDone: () => Promise<boolean>): Promise<void> {
  await node.clock.paused(2);
  node.clock.advance(SWEEP_MS);
  while (!await isDone()) await new Promise((resolve) => setImmediate(resolve));
}

/** It is forgotten, or about to be. */
async function isDeleted(node: TestNode, request: Space & { readonly executionId: string }): Promise<boolean> {
  const described = node.engine.describeExecution(request);
  return await refusal(described) === "NotFound" || (await ask(described)).status === "Deleting";
}

test("what ended before retention is deleted, what ended since and what lives is not", async () => {
  const node = await TestNode.open(undefined, { limits, sweepMs: SWEEP_MS });
  await node.put("pass", machines.pass);
  await node.put("task", machines.task);
  const old = await node.start("pass", 1, "old");
  const living = await node.start("task", 1);
  await node.ended(old);
  await node.checkpoint();
  node.clock.advance(580_000);
  const recent = await node.start("pass", 2);
  await node.ended(recent);
  await node.checkpoint();
  const isGone = () => isDeleted(node, { ...space, executionId: old });
  strictEqual(await isGone(), false);
  await swept(node, isGone);
  deepStrictEqual([await node.status(recent), await node.status(living)], ["Succeeded", "Running"]);
  // Its key is free again.
  strictEqual(await node.start("pass", 7, "old") === old, false);
  await node.close();
});

test("retention goes by workflow and status: the rule that says most counts", async () => {
  const retention = [
    { status: "Failed", seconds: 5_000 },
    { workflow: "short", seconds: 100 },
    { workflow: "short", status: "Failed", seconds: 200 },
  ] as const;
  const node = await TestNode.open(undefined, { limits, retention, sweepMs: SWEEP_MS });
  const failing = { StartAt: "F", States: { F: { Type: "Fail", Error: "No" } } };
  const branching = {
    StartAt: "C",
    States: {
      C: { Type: "Choice", Choices: [{ Variable: "$", NumericEquals: 0, Next: "F" }], Default: "P" },
      F: failing.States.F,
      P: { Type: "Pass", End: true },
    },
  };
  await node.put("short", branching);
  await node.put("long", branching);
  const [shortSucceeded, shortFailed, longSucceeded, longFailed] = [
    await node.start("short", 1),
    await node.start("short", 0),
    await node.start("long", 1),
    await node.start("long", 0),
  ];
  for (const id of [shortSucceeded, shortFailed, longSucceeded, longFailed]) await node.ended(id);
  await node.checkpoint();
  const isGone = (executionId: string) => isDeleted(node, { ...space, executionId });
  node.clock.advance(120_000);
  await swept(node, () => isGone(shortSucceeded));
  deepStrictEqual(
    await Promise.all([shortFailed, longSucceeded, longFailed].map(isGone)),
    [false, false, false],
  );
  node.clock.advance(50_000);
  await swept(node, () => isGone(shortFailed));
  deepStrictEqual(await Promise.all([longSucceeded, longFailed].map(isGone)), [false, false]);
  node.clock.advance(500_000);
  await swept(node, () => isGone(longSucceeded));
  strictEqual(await isGone(longFailed), false);
  await node.close();
});

test("an execution that lives longer than it may is timed out, as AWS does after a year", async () => {
  const node = await TestNode.open(undefined, { limits, sweepMs: SWEEP_MS });
  await node.put("task", machines.task);
  const old = await node.start("task", 1);
  await node.checkpoint();
  node.clock.advance(3_500_000);
  const young = await node.start("task", 2);
  await node.checkpoint();
  strictEqual(await node.status(old), "Running");
  node.clock.advance(100_000);
  await swept(node, async () => await node.status(old) !== "Running");
  const { status, error } = await node.describe(old);
  deepStrictEqual([status, error], ["Failed", "States.Timeout"]);
  strictEqual((await ask(node.node.registry.executionById({ ...space, executionId: old }))).timedOut, true);
  strictEqual(await node.status(young), "Running");
  await node.close();
});

test("a sweep goes through every space and every page", async () => {
  const node = await TestNode.open(undefined, { limits, sweepMs: SWEEP_MS });
  const spaces = ["a", "b", "c"].map((namespace) => ({ tenant: "acme", namespace }));
  const ended: { readonly tenant: string; readonly namespace: string; readonly executionId: string }[] = [];
  for (const here of spaces) {
    await ask(node.engine.putWorkflow({ ...here, name: "pass", definition: machines.pass }));
    for (let n = 0; n < 4; n++) {
      const { executionId } = await ask(node.engine.runExecution({ ...here, workflow: "pass", input: n }));
      ended.push({ ...here, executionId });
    }
  }
  await node.checkpoint();
  node.clock.advance(700_000);
  const young = await ask(node.engine.runExecution({ tenant: "acme", namespace: "b", workflow: "pass", input: 9 }));
  await node.checkpoint();
  const isGone = async () => {
    const gone = await Promise.all(ended.map((request) => isDeleted(node, request)));
    return gone.every((isOne) => isOne);
  };
  await swept(node, isGone);
  const left = await ask(node.engine.listExecutions({ tenant: "acme", namespace: "b" }));
  const there = left.executions.filter(({ status }) => status !== "Deleting");
  deepStrictEqual(there.map(({ executionId }) => executionId), [young.executionId]);
  await node.close();
});
