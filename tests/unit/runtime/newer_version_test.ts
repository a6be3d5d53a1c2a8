// What a newer Weft left behind stops its partition by name: it is not taken for damage, and nothing of it is overwritten.
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Effect, Result } from "effect";
import { decodeBatch, encodeTurn } from "../../../src/protocol/mod.ts";
import { loadClusterSettings } from "../../../src/runtime/mod.ts";
import { changeSnapshotRow, snapshotRows } from "../../support/snapshots/snapshot_rows.ts";
import { makeMemoryStorage } from "../../../src/storage/memory/mod.ts";
import { type Json, type JsonObject, sha256Hex } from "../../../src/values/mod.ts";
import { machines, refusal, seal, space, TestNode } from "../../support/test_node.ts";

/** A batch behind the last one of partition 0, as a newer Weft might have written it. */
async function newerBatch({ disk }: TestNode, line: string, version = 3): Promise<Uint8Array> {
  const before = await disk.lastSequence(0);
  const last = decodeBatch(await disk.entry(0, before));
  if (Result.isFailure(last)) throw new Error(last.failure.reason);
  const { epoch, hash } = last.success;
  const sequence = before + 1;
  const place = seal.place(0, sequence);
  const head = JSON.stringify({ partition: 0, previous: hash, epoch: epoch + 1, sequence, place, weft: "9.8.7" });
  const content = `${head}\n${line}\n`;
  const body = `${content}mac ${seal.content(sha256Hex(content))}`;
  return new TextEncoder().encode(`weft-batch ${version} ${sha256Hex(body)}\n${body}`);
}

const elected = encodeTurn({
  subject: "/partition",
  sequence: 0,
  atEpochMs: 0,
  timestamp: "0000000000000000",
  records: [{ type: "LeaderElectedEvent", version: 1, epoch: 99, node: "newer" }],
});

const cases = [
  {
    what: "a record of a newer version",
    line: elected.replace('"version":1', '"version":2'),
    says:
      /sequence \d+: record "LeaderElectedEvent" has version 2, and is read up to version 1 \(this is Weft .* in turn 0/,
  },
  {
    what: "a record of a type that is not known yet",
    line: elected.replace("LeaderElectedEvent", "LeaderBlessedEvent"),
    says: /record type "LeaderBlessedEvent" is unknown \(this is Weft /,
  },
  { what: "a batch of a newer format", line: "?", version: 4, says: /head has version 4, and is read up to version 3/ },
];
for (const { what, line, version, says } of cases) {
  test(`${what} stops its partition by name, untouched; the rest goes on`, async () => {
    const node = await TestNode.open(undefined, { partitions: 2 });
    await node.put("task", machines.task);
    const ids: string[] = [];
    for (let index = 0; index < 8; index++) ids.push(await node.start("task", index, `key-${index}`));
    const { disk } = node;
    const bytes = await newerBatch(node, line, version);
    await disk.append(0, bytes);
    const last = await disk.lastSequence(0);
    const next = await node.reopen({ partitions: 2 });
    const [zero, one] = next.node.partitions.map(({ status }) => status());
    strictEqual(zero?.kind, "stopped");
    const incident = zero?.kind === "stopped" ? zero.incident : "";
    match(incident, /^LogFromNewerVersion: /);
    match(incident, says);
    match(incident, /: Weft 9\.8\.7 wrote it, and can read it$/);
    strictEqual(one?.kind, "leading");
    const codes = await Promise.all(
      ids.map((executionId) => refusal(next.engine.describeExecution({ ...space, executionId }))),
    );
    ok(codes.includes("Unavailable") && codes.includes(undefined), codes.join());
    await next.close();
    strictEqual(await disk.lastSequence(0), last);
    deepStrictEqual(await disk.entry(0, last), bytes);
    ok(!next.logged.some((text) => text.includes("damaged")));
  });
}

test("cluster settings of a newer version are refused, and stay as they are", async () => {
  const store = makeMemoryStorage();
  await Effect.runPromise(loadClusterSettings(store, 4));
  const [kept] = await Effect.runPromise(store.list<JsonObject>({ prefix: "cluster", limit: 1 }));
  await Effect.runPromise(store.set("cluster", { ...kept?.value, version: 3 }));
  await rejects(
    Effect.runPromise(loadClusterSettings(store, 4)),
    /Cannot read "cluster" of the store: the record of the cluster's settings has version 3, and is read up to version 2 .*a newer Weft wrote it/,
  );
  deepStrictEqual((await Effect.runPromise(store.get("cluster")))?.value, { ...kept?.value, version: 3 });
});

const inStore = [
  { what: "a kept execution", key: /\/x\//, change: (value: JsonObject) => ({ ...value, version: 2 }) },
  {
    what: "a kept execution",
    key: /\/x\//,
    change: (value: JsonObject) => ({ ...value, actors: { ...value["actors"] as JsonObject, version: 2 } }),
  },
  { what: "the mark of what was applied", key: /applied$/, change: (value: JsonObject) => ({ ...value, version: 2 }) },
  { what: 'record "WorkflowPutEvent"', key: /\/w\//, change: (value: JsonObject) => ({ ...value, version: 2 }) },
  { what: "the layout", key: /layout$/, change: () => 99 },
];
for (const { what, key, change } of inStore) {
  test(`${what} (${key}) of a newer version in the store stops its partition by name, untouched`, async () => {
    const node = await TestNode.open();
    await node.put("task", machines.task);
    await node.start("task", 1, "key");
    await node.checkpoint();
    node.kill();
    const { storage } = node.disk;
    const entries = await Effect.runPromise(storage.list<JsonObject>({ prefix: "p0/", limit: 100 }));
    const entry = entries.find((one) => key.test(one.key));
    ok(entry !== undefined, entries.map((one) => one.key).join());
    const changed: Json = change(entry.value);
    await Effect.runPromise(storage.set(entry.key, changed));
    const next = await node.reopen();
    const status = next.node.partitions[0]?.status();
    const incident = status?.kind === "stopped" ? status.incident : "";
    match(incident, /^StoreFromNewerVersion: Cannot read ".*" of the store: /);
    match(incident, new RegExp(`: ${what} has version \\d+, and is read up to version \\d .*: a newer Weft wrote it$`));
    await next.close();
    deepStrictEqual((await Effect.runPromise(storage.get(entry.key)))?.value, changed);
  });
}

test("a snapshot of a newer version stops a node with an empty disk", async () => {
  const snapshots = makeMemoryStorage();
  const node = await TestNode.open(undefined, { snapshots, snapshotMs: 5_000 });
  await node.put("task", machines.task);
  await node.start("task");
  await node.checkpoint();
  await node.clock.paused(2);
  await node.written(snapshots, () => node.clock.advance(5_000));
  node.kill();
  const [key = "", text = ""] = [...await snapshotRows(snapshots)].find(([key]) => key.startsWith("x/")) ?? [];
  await changeSnapshotRow(snapshots, key, JSON.stringify({ ...JSON.parse(text), version: 2 }));
  node.disk.storage = makeMemoryStorage();
  const next = await TestNode.open(node.disk, { clock: node.clock, snapshots });
  const status = next.node.partitions[0]?.status();
  match(status?.kind === "stopped" ? status.incident : "", /^StoreFromNewerVersion: .* a kept execution has version 2/);
  await next.close();
});
