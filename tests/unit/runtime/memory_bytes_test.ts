// Goal: a partition's memory is bounded in bytes: executions that wait leave it, however few they are, and come back when something happens.
import { deepStrictEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { defaultLimits } from "../../../src/values/mod.ts";
import { machines, TestNode } from "../../support/test_node.ts";

const PAYLOAD_BYTES = 10_000;
const input = (n: number) => ({ n, text: "x".repeat(PAYLOAD_BYTES - 20) });

function hotOf({ terms }: TestNode): readonly string[] {
  return [...terms.values()].flatMap(({ memory }) => [...memory.hot.keys()]);
}

test("executions leave memory when their payloads have more bytes than it may", async () => {
  const node = await TestNode.open(undefined, { partitions: 1, limits: { hotBytesMax: 3 * PAYLOAD_BYTES } });
  await node.put("task", machines.task);
  const started: string[] = [];
  for (let n = 0; n < 6; n++) started.push(await node.start("task", input(n)));
  ok(defaultLimits.hotExecutionsMax > started.length);
  await node.checkpoint();
  deepStrictEqual((await node.describe(started[5] ?? "")).input, input(5));
  deepStrictEqual(hotOf(node), started.slice(-3));
  const first = await node.describe(started[0] ?? "");
  deepStrictEqual([first.status, first.input], ["Running", input(0)]);
  await node.close();
});
