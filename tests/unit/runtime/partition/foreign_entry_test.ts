// Whoever may write to the log can put anything there: it is passed over and said so. Only engines of the cluster can make it be believed.
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Result } from "effect";
import { type Batch, BatchSeal, decodeBatch, encodeBatch, encodeTurn } from "../../../../src/protocol/mod.ts";
import { sha256Hex } from "../../../../src/values/mod.ts";
import { makeMemoryStorage } from "../../../../src/storage/memory/mod.ts";
import { machines, space, TestNode } from "../../../support/test_node.ts";

const other = new BatchSeal(new TextEncoder().encode("another secret"));

interface Log {
  readonly bytes: Uint8Array;
  readonly last: Batch;
  readonly sequence: number;
}

/** A record that ends the execution that runs, as its worker would have ended it. */
function forgedTurn({ last }: Log): string {
  const turn = last.turns.find(({ subject }) => subject.startsWith("/default/") || subject.startsWith("/acme/"));
  const subject = turn?.subject ?? "/partition";
  return encodeTurn({ subject, sequence: 9, atEpochMs: 0, timestamp: "0000000000000001", records: [] });
}

const forgeries: readonly { readonly what: string; readonly forge: (log: Log) => Uint8Array }[] = [
  { what: "garbage", forge: () => new TextEncoder().encode("hello") },
  { what: "nothing at all", forge: () => new Uint8Array() },
  { what: "the last batch once more", forge: ({ bytes }) => bytes },
  {
    what: "a batch of an older format, its chain and checksum right",
    forge: (log) => {
      const head = { partition: 0, previous: log.last.hash, epoch: log.last.epoch, weft: "0.2.0" };
      const body = `${JSON.stringify(head)}\n${forgedTurn(log)}`;
      return new TextEncoder().encode(`weft-batch 2 ${sha256Hex(body)}\n${body}`);
    },
  },
  {
    what: "a batch of this format under another secret, its chain and checksum right",
    forge: (log) => {
      const { last: { hash: previous, epoch }, sequence } = log;
      return encodeBatch({ partition: 0, previous, epoch, sequence }, [forgedTurn(log)], other).bytes;
    },
  },
  {
    what: "a batch that says that a newer Weft wrote it",
    forge: ({ last, sequence }) => {
      const body = `${JSON.stringify({ partition: 0, previous: last.hash, epoch: 99, sequence, weft: "9.9.9" })}\nx`;
      return new TextEncoder().encode(`weft-batch 9 ${sha256Hex(body)}\n${body}`);
    },
  },
];

async function logOf({ disk }: TestNode): Promise<Log> {
  const before = await disk.lastSequence(0);
  const bytes = await disk.entry(0, before);
  return { bytes, last: Result.getOrThrow(decodeBatch(bytes)), sequence: before + 1 };
}

for (const { what, forge } of forgeries) {
  test(`${what} in the log is passed over by name at the next start, and nothing of it is believed`, async () => {
    const node = await TestNode.open();
    await node.put("task", machines.task);
    const id = await node.start("task", 1, "key");
    const before = JSON.stringify(await node.describe(id));
    await node.disk.append(0, forge(await logOf(node)));
    for (const isWiped of [false, true]) {
      if (isWiped) node.disk.storage = makeMemoryStorage();
      const next = await node.reopen({});
      strictEqual(next.node.partitions[0]?.status().kind, "leading");
      match(next.logged.join(), /ForeignEntry/);
      strictEqual(JSON.stringify(await next.describe(id)), before);
      strictEqual(await next.start("task", 1, "key"), id);
      ok(await next.start("task", 2, `after ${isWiped}`));
      await next.checkpoint();
      await next.close();
    }
    const last = await node.reopen({});
    strictEqual(last.node.partitions[0]?.status().kind, "leading");
    strictEqual(JSON.stringify(await last.describe(id)), before);
    await last.complete(await last.task(), "done");
    await last.close();
  });
}

test("garbage under a leader that works costs it a term, and no caller an acknowledged start", async () => {
  const node = await TestNode.open();
  await node.put("task", machines.task);
  const id = await node.start("task", 1, "key");
  await node.disk.append(0, new TextEncoder().encode("hello"));
  const started = node.start("task", 2, "second");
  const leads = () => node.node.partitions[0]?.status().kind === "leading";
  while (leads()) await new Promise((resolve) => setImmediate(resolve));
  while (!leads()) {
    node.clock.advance(200);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const second = await started;
  deepStrictEqual([(await node.describe(id)).status, (await node.describe(second)).status], ["Running", "Running"]);
  match(node.logged.join(), /ForeignEntry/);
  await node.close();
});

test("a batch of ours with its place damaged is not taken for a foreign one: what follows does not follow", async () => {
  const node = await TestNode.open();
  await node.put("task", machines.task);
  await node.start("task", 1, "key");
  const sequence = await node.disk.lastSequence(0);
  const bytes = Uint8Array.from(await node.disk.entry(0, sequence));
  await node.start("task", 2, "other");
  const at = new TextDecoder().decode(bytes).indexOf('"place":"') + 10;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  node.disk.damaged.set(`0/${sequence}`, bytes);
  node.disk.storage = makeMemoryStorage();
  const next = await node.reopen({});
  const status = next.node.partitions[0]?.status();
  match(status?.kind === "stopped" ? status.incident : "", /does not follow/);
  await next.close();
});

test("a log that was sealed with another secret stops its partition, and nothing is written to it", async () => {
  const node = await TestNode.open();
  await node.put("task", machines.task);
  const last = await node.disk.lastSequence(0);
  await node.close();
  node.disk.storage = makeMemoryStorage();
  const next = await TestNode.open(node.disk, { secret: "the secret of another cluster" });
  const status = next.node.partitions[0]?.status();
  match(status?.kind === "stopped" ? status.incident : "", /sealed with another secret/);
  strictEqual(await next.disk.lastSequence(0), last);
  ok(space.tenant);
  await next.close();
});
