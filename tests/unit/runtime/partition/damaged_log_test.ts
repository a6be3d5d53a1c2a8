import { match, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Effect } from "effect";
import { makeMemoryLogStream } from "../../../../src/log/memory/mod.ts";
import { makeMemoryStorage } from "../../../../src/storage/memory/mod.ts";
import { encodeBatch, encodeTurn } from "../../../../src/protocol/mod.ts";
import type { TestDisk } from "../../../support/test_disk.ts";
import { machines, refusal, seal, space, TestNode } from "../../../support/test_node.ts";

/** Keys of which the one is in partition 0 of 2 and the other in 1. */
async function twoPartitions(): Promise<{ node: TestNode; ids: readonly string[] }> {
  const node = await TestNode.open(undefined, { partitions: 2 });
  await node.put("task", machines.task);
  const ids: string[] = [];
  for (let index = 0; index < 8; index++) ids.push(await node.start("task", index, `key-${index}`));
  return { node, ids };
}

function flipped(bytes: Uint8Array): Uint8Array {
  const damaged = Uint8Array.from(bytes);
  const middle = Math.floor(damaged.length / 2);
  damaged[middle] = (damaged[middle] ?? 0) ^ 4;
  return damaged;
}

/** Keeps only so many entries of a partition's log. */
async function cutLog(disk: TestDisk, partition: number, entries: number): Promise<void> {
  const { logs } = disk;
  const cut = makeMemoryLogStream();
  const log = await Effect.runPromise(Effect.scoped(cut.open(partition)));
  for (let sequence = 1; sequence <= entries; sequence++) {
    await Effect.runPromise(log.append(await disk.entry(partition, sequence), sequence - 1));
  }
  disk.logs = { open: (wanted) => wanted === partition ? cut.open(wanted) : logs.open(wanted) };
}

const damages: readonly { what: string; says: RegExp; damage: (node: TestNode) => Promise<void> }[] = [
  {
    what: "a flipped bit in the last entry",
    says: /checksum|not the batch/,
    damage: async ({ disk }) => {
      const last = await disk.lastSequence(0);
      disk.damaged.set(`0/${last}`, flipped(await disk.entry(0, last)));
    },
  },
  {
    what: "a log that ends before what was seen durable",
    says: /ends here/,
    damage: async (node) => {
      await node.checkpoint();
      await cutLog(node.disk, 0, (await node.disk.lastSequence(0)) - 1);
    },
  },
  {
    what: "a log that is empty",
    says: /ends here/,
    damage: async (node) => {
      await node.checkpoint();
      await cutLog(node.disk, 0, 0);
    },
  },
  {
    what: "a missing entry",
    says: /what stood before it is missing/,
    damage: async ({ disk }) => {
      const last = await disk.lastSequence(0);
      ok(last > 2);
      disk.damaged.set(`0/${last - 1}`, await disk.entry(0, last));
    },
  },
  {
    what: "a batch that does not follow the one before it",
    says: /not follow/,
    damage: async ({ disk }) => {
      const sequence = (await disk.lastSequence(0)) + 1;
      const turn = encodeTurn({ subject: "/partition", sequence: 0, atEpochMs: 0, timestamp: "", records: [] });
      await disk.append(
        0,
        encodeBatch({ partition: 0, previous: "f".repeat(64), epoch: 9, sequence }, [turn], seal).bytes,
      );
    },
  },
];
for (const { what, says, damage } of damages) {
  test(`${what} stops its partition with an incident that says so, and the rest goes on`, async () => {
    const { node, ids } = await twoPartitions();
    await damage(node);
    const next = await node.reopen({ partitions: 2 });
    const [zero, one] = next.node.partitions.map(({ status }) => status());
    strictEqual(zero?.kind, "stopped");
    match(zero?.kind === "stopped" ? zero.incident : "", says);
    strictEqual(one?.kind, "leading");
    const codes = await Promise.all(
      ids.map((executionId) => refusal(next.engine.describeExecution({ ...space, executionId }))),
    );
    ok(codes.includes("Unavailable") && codes.includes(undefined), codes.join());
    match(next.logged.join(), /stopped/);
    await next.close();
  });
}

test("a store that is wiped is built again from the log", async () => {
  const { node, ids } = await twoPartitions();
  for (let index = 0; index < 4; index++) await node.complete(await node.task(), index);
  await node.checkpoint();
  const before = await Promise.all(ids.map((id) => node.describe(id)));
  node.disk.storage = makeMemoryStorage();
  const next = await node.reopen({ partitions: 2 });
  for (const [index, id] of ids.entries()) {
    strictEqual(JSON.stringify(await next.describe(id)), JSON.stringify(before[index]));
    strictEqual(await next.start("task", index, `key-${index}`), id);
  }
  strictEqual(next.waitingTasks.length, 4);
  await next.close();
});
