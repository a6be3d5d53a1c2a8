// Goal: a partition keeps the definitions that somebody needs, and no others. Needed are those that an execution is pinned to, live or ended, and those
// that a workflow has or had; of what is forgotten nothing is left in memory, store and bucket, and its next use adds it again.
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Effect } from "effect";
import { decodeBatch } from "../../../src/protocol/mod.ts";
import type { KeyValueStore } from "../../../src/storage/port.ts";
import { snapshotRows } from "../../support/snapshots/snapshot_rows.ts";
import { makeMemoryStorage } from "../../../src/storage/memory/mod.ts";
import { isJsonObject, type Json, sha256Hex } from "../../../src/values/mod.ts";
import { ask, machines, refusal, space, TestNode } from "../../support/test_node.ts";

const hashOf = (definition: Json) => sha256Hex(JSON.stringify(definition));
const pass = hashOf(machines.pass);
const revised = { StartAt: "Q", States: { Q: { Type: "Pass", Result: 2, End: true } } };
const SWEEP_MS = 60_000;

async function keysOf(store: KeyValueStore, prefix: string): Promise<readonly string[]> {
  const entries = await Effect.runPromise(store.list({ prefix, limit: 1_000 }));
  return entries.map(({ key }) => key.slice(prefix.length));
}

async function snapshotKeys(store: KeyValueStore, prefix: string): Promise<readonly string[]> {
  const rows = await snapshotRows(store);
  return [...rows.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
}

const definitionsIn = (store: KeyValueStore) => keysOf(store, "p0/def/");

/** Lets what becomes of it be written to the store. */
async function forgotten(node: TestNode): Promise<number> {
  const count = await node.forgetDefinitions();
  if (count > 0) await node.checkpoint();
  return count;
}

/** As a test of a state does: puts a workflow, runs it, deletes both. */
async function triedOut(node: TestNode, definition: Json = machines.pass): Promise<void> {
  await node.put("tried", definition);
  const executionId = await node.start("tried", 1);
  await node.ended(executionId);
  await ask(node.engine.deleteExecution({ ...space, executionId }));
  await ask(node.engine.deleteWorkflow({ ...space, name: "tried" }));
  await node.checkpoint();
}

/** `DefinitionAddedEvent` and `DefinitionForgottenEvent` of a definition, in the order of the log. */
async function told(node: TestNode, hash: string): Promise<readonly string[]> {
  const types: string[] = [];
  for (let sequence = 1; sequence <= await node.disk.lastSequence(0); sequence++) {
    const batch = Effect.runSync(Effect.fromResult(decodeBatch(await node.disk.entry(0, sequence))));
    for (const record of batch.turns.flatMap(({ records }) => records)) {
      if (record.type.startsWith("Definition") && "hash" in record && record.hash === hash) types.push(record.type);
    }
  }
  return types;
}

const textOf = (node: TestNode, hash: string, name = "w") =>
  ask(node.node.registry.definitionText({ ...space, name, hash }));

test("what was tried out and deleted leaves no definition in memory, store and bucket once it is swept", async () => {
  const snapshots = makeMemoryStorage();
  const options = { snapshots, snapshotMs: 5_000, sweepMs: SWEEP_MS, forgetMs: SWEEP_MS };
  const node = await TestNode.open(undefined, options);
  await node.put("task", machines.task);
  await triedOut(node);
  await node.clock.paused(3);
  await node.written(snapshots, () => node.clock.advance(5_000));
  deepStrictEqual((await snapshotKeys(snapshots, "def/")).length, 2);
  await node.clock.paused(3);
  await node.next("afterAppend", () => node.clock.advance(SWEEP_MS));
  await node.checkpoint();
  const kept = [hashOf(machines.task)];
  deepStrictEqual(await definitionsIn(node.disk.storage), kept);
  deepStrictEqual([pass, ...kept].map((hash) => node.terms.get(0)?.memory.definitions.has(hash)), [false, true]);
  await node.clock.paused(3);
  await node.written(snapshots, () => node.clock.advance(5_000));
  while ((await snapshotKeys(snapshots, "def/")).length > 1) await new Promise((resolve) => setImmediate(resolve));
  deepStrictEqual(await snapshotKeys(snapshots, "def/"), kept);
  strictEqual(await node.forgetDefinitions(), 0);
  await node.close();
});

test("the definition of an execution that lives, that has ended and is retained, or that left memory is kept", async () => {
  const node = await TestNode.open(undefined, { limits: { hotExecutionsMax: 1 } });
  const names = ["pass", "task", "wait"] as const;
  for (const name of names) await node.put(name, machines[name]);
  const ended = await node.start("pass", 1);
  await node.ended(ended);
  const evicted = await node.start("task", 1);
  const hot = await node.start("wait", { seconds: 60 });
  await node.checkpoint();
  const { memory } = node.terms.get(0) ?? {};
  deepStrictEqual([...memory?.hot.keys() ?? []], [hot]);
  for (const name of names) await ask(node.engine.deleteWorkflow({ ...space, name }));
  strictEqual(await node.forgetDefinitions(), 0);
  for (const [index, executionId] of [ended, evicted, hot].entries()) {
    const text = await ask(node.node.registry.definitionOfExecution({ ...space, executionId }));
    strictEqual(sha256Hex(text), hashOf(machines[names[index] ?? "pass"]));
  }
  // And when the last one goes, it goes with it.
  await ask(node.engine.deleteExecution({ ...space, executionId: ended }));
  await node.checkpoint();
  strictEqual(await forgotten(node), 1);
  deepStrictEqual((await definitionsIn(node.disk.storage)).includes(pass), false);
  await node.close();
});

test("a large execution that left memory keeps its definition too", async () => {
  const node = await TestNode.open(undefined, { limits: { hotExecutionsMax: 0 } });
  await node.put("task", machines.task);
  await node.start("task", "x".repeat(10_000));
  await node.checkpoint();
  await ask(node.engine.deleteWorkflow({ ...space, name: "task" }));
  deepStrictEqual((await keysOf(node.disk.storage, "p0/y/")).length, 1);
  strictEqual(await node.forgetDefinitions(), 0);
  await node.close();
});

test("an earlier revision is kept and told while its workflow is there, also after a restart, and goes with it", async () => {
  const snapshots = makeMemoryStorage();
  const node = await TestNode.open(undefined, { snapshots, snapshotMs: 5_000 });
  await node.put("w", machines.pass);
  await node.put("w", revised);
  await node.checkpoint();
  strictEqual(await node.forgetDefinitions(), 0);
  await node.clock.paused(2);
  await node.written(snapshots, () => node.clock.advance(5_000));
  while ((await snapshotKeys(snapshots, "v/")).length < 2) await new Promise((resolve) => setImmediate(resolve));
  const next = await node.reopen({ snapshots, snapshotMs: 5_000 });
  strictEqual(await next.forgetDefinitions(), 0);
  deepStrictEqual(JSON.parse(await textOf(next, pass)), machines.pass);
  next.kill();
  next.disk.storage = makeMemoryStorage();
  const last = await TestNode.open(next.disk, { clock: node.clock, snapshots, snapshotMs: 5_000 });
  while (
    await refusal(Effect.tryPromise({ try: () => last.forgetDefinitions(), catch: (failure) => failure as never }))
  ) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  deepStrictEqual(JSON.parse(await textOf(last, pass)), machines.pass);
  await ask(last.engine.deleteWorkflow({ ...space, name: "w" }));
  strictEqual(await forgotten(last), 2);
  for (const prefix of ["p0/def/", "p0/v/"]) deepStrictEqual(await keysOf(last.disk.storage, prefix), []);
  await last.clock.paused(2);
  await last.written(snapshots, () => last.clock.advance(5_000));
  while ((await snapshotKeys(snapshots, "v/")).length > 0) await new Promise((resolve) => setImmediate(resolve));
  deepStrictEqual(await snapshotKeys(snapshots, "def/"), []);
  await last.close();
});

test("two workflows with one definition keep it until both are gone", async () => {
  const node = await TestNode.open();
  for (const name of ["a", "b"]) await node.put(name, machines.pass);
  await ask(node.engine.deleteWorkflow({ ...space, name: "a" }));
  strictEqual(await node.forgetDefinitions(), 0);
  await ask(node.engine.deleteWorkflow({ ...space, name: "b" }));
  strictEqual(await node.forgetDefinitions(), 1);
  strictEqual(
    await refusal(node.node.registry.definitionText({ ...space, name: "a", hash: hashOf(revised) })),
    "NotFound",
  );
  await node.close();
});

test("what is forgotten and used again is added again, and is there after a restart", async () => {
  const node = await TestNode.open();
  await triedOut(node);
  strictEqual(await node.forgetDefinitions(), 1);
  // The deletion and the new text meet in one checkpoint.
  await node.put("again", machines.pass);
  await node.checkpoint();
  deepStrictEqual(await definitionsIn(node.disk.storage), [pass]);
  const next = await node.reopen();
  const { output } = await next.ended(await next.start("again", 7));
  strictEqual(output, 7);
  deepStrictEqual(await told(next, pass), [
    "DefinitionAddedEvent",
    "DefinitionForgottenEvent",
    "DefinitionAddedEvent",
  ]);
  await next.close();
});

test("a crash between the turn that forgets and the checkpoint is harmless, and so is one from the log alone", async () => {
  const node = await TestNode.open();
  await triedOut(node);
  strictEqual(await node.forgetDefinitions(), 1);
  deepStrictEqual(await definitionsIn(node.disk.storage), [pass]);
  const next = await node.reopen();
  strictEqual(await next.forgetDefinitions(), 0);
  await next.checkpoint();
  deepStrictEqual(await definitionsIn(next.disk.storage), []);
  await next.put("again", machines.pass);
  next.kill();
  next.disk.storage = makeMemoryStorage();
  const last = await TestNode.open(next.disk, { clock: node.clock });
  strictEqual(await last.forgetDefinitions(), 0);
  strictEqual((await last.ended(await last.start("again", 7))).output, 7);
  await last.close();
});

test("a checkpoint between a definition's end and its return keeps what the log says", async () => {
  const node = await TestNode.open();
  await triedOut(node);
  strictEqual(await node.forgetDefinitions(), 1);
  const durable = Promise.withResolvers<"lost">();
  node.disk.fate = () => durable.promise;
  const put = Effect.runPromise(
    Effect.result(node.engine.putWorkflow({ ...space, name: "w", definition: machines.pass })),
  );
  await node.checkpoint();
  // It is forgotten in the log; that it is put again is lost with the node.
  node.kill();
  node.disk.fate = () => "written";
  durable.resolve("lost");
  const next = await TestNode.open(node.disk, { clock: node.clock });
  strictEqual(next.terms.get(0)?.memory.definitions.has(pass), false);
  await next.put("w", machines.pass);
  deepStrictEqual((await told(next, pass)).at(-1), "DefinitionAddedEvent");
  await next.close();
  void put;
});

/** Holds up whoever goes through the store, until it is let go on. */
function heldUp(node: TestNode): { readonly begun: Promise<void>; readonly goOn: () => void } {
  const [begun, held] = [Promise.withResolvers<void>(), Promise.withResolvers<boolean>()];
  node.disk.storeAnswers = (operation) => {
    if (operation !== "list") return true;
    begun.resolve();
    return held.promise;
  };
  return { begun: begun.promise, goOn: () => held.resolve(true) };
}

test("a start that comes while the store is gone through keeps its definition, though it is over by then", async () => {
  const node = await TestNode.open();
  await triedOut(node);
  const search = heldUp(node);
  const count = node.forgetDefinitions();
  await search.begun;
  strictEqual(
    await refusal(Effect.tryPromise({
      try: () => node.forgetDefinitions(),
      catch: (failure) => failure as never,
    })),
    "Unavailable",
  );
  const child = await ask(node.node.registry.startChild({
    ...space,
    workflow: "child",
    definition: { hash: pass, text: JSON.stringify(machines.pass) },
    input: 1,
    key: "child",
    shownAs: {},
    mapRun: "run",
  }));
  await node.checkpoint();
  strictEqual(node.terms.get(0)?.memory.hot.size, 0);
  search.goOn();
  strictEqual(await count, 0);
  deepStrictEqual(await told(node, pass), ["DefinitionAddedEvent"]);
  const next = await node.reopen();
  const { executionId } = child;
  strictEqual(sha256Hex(await ask(next.node.registry.definitionOfExecution({ ...space, executionId }))), pass);
  await next.close();
});

test("a workflow that is put while the store is gone through keeps its definition", async () => {
  const node = await TestNode.open();
  await triedOut(node);
  const search = heldUp(node);
  const count = node.forgetDefinitions();
  await search.begun;
  await node.put("w", machines.pass);
  search.goOn();
  strictEqual(await count, 0);
  await node.close();
});

test("a store that does not answer ends a search, and the next one finds what there is", async () => {
  const node = await TestNode.open();
  await triedOut(node);
  node.disk.storeAnswers = (operation) => operation !== "list";
  strictEqual(
    await refusal(Effect.tryPromise({
      try: () => node.forgetDefinitions(),
      catch: (failure) => failure as never,
    })),
    "Unavailable",
  );
  node.disk.storeAnswers = () => true;
  strictEqual(await node.forgetDefinitions(), 1);
  await node.close();
});

test("nothing is forgotten as long as an execution does not say what it is pinned to", async () => {
  const node = await TestNode.open(undefined, { limits: { hotExecutionsMax: 0 } });
  await node.put("task", machines.task);
  await node.start("task", 1);
  await triedOut(node);
  const [row] = await Effect.runPromise(node.disk.storage.list<Json>({ prefix: "p0/x/", limit: 10 }));
  ok(row !== undefined && isJsonObject(row.value));
  await Effect.runPromise(
    node.disk.storage.set(row.key, { ...row.value, actors: { version: 1, execution: "sealed" } }),
  );
  strictEqual(await node.forgetDefinitions(), 0);
  await Effect.runPromise(node.disk.storage.set(row.key, row.value));
  strictEqual(await node.forgetDefinitions(), 1);
  await node.close();
});

test("a store and a bucket of before revisions were written down lose none of their definitions", async () => {
  const node = await TestNode.open();
  await node.put("w", machines.pass);
  await node.put("w", revised);
  await node.checkpoint();
  await node.close();
  const store = node.disk.storage;
  for (const key of await keysOf(store, "p0/v/")) await Effect.runPromise(store.delete(`p0/v/${key}`));
  await Effect.runPromise(store.delete("p0/layout"));
  // A bucket of that time had the same rows, each under its key.
  const snapshots = makeMemoryStorage();
  for (const prefix of ["p0/applied", "p0/def/", "p0/w/", "p0/x/"]) {
    for (const { key, value } of await Effect.runPromise(store.list<Json>({ prefix, limit: 1_000 }))) {
      await Effect.runPromise(snapshots.set(key, value));
    }
  }
  const next = await node.reopen({ snapshots });
  await ask(next.engine.deleteWorkflow({ ...space, name: "w" }));
  strictEqual(await next.forgetDefinitions(), 0);
  deepStrictEqual(JSON.parse(await textOf(next, pass)), machines.pass);
  next.kill();
  next.disk.storage = makeMemoryStorage();
  const last = await TestNode.open(next.disk, { clock: node.clock, snapshots });
  await triedOut(last, { StartAt: "N", States: { N: { Type: "Succeed" } } });
  while (
    await refusal(Effect.tryPromise({ try: () => last.forgetDefinitions(), catch: (failure) => failure as never }))
  ) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  match((await definitionsIn(last.disk.storage)).join(), new RegExp(pass));
  await last.close();
});

test("a checkpoint behind a workflow's first change, and before its last, leaves both to the replay", async () => {
  const node = await TestNode.open();
  await node.put("other", machines.task);
  await node.checkpoint();
  await node.put("w", machines.pass);
  const durable = Promise.withResolvers<"lost">();
  node.disk.fate = () => durable.promise;
  const deleted = Effect.runPromise(Effect.result(node.engine.deleteWorkflow({ ...space, name: "w" })));
  await node.checkpoint();
  node.kill();
  node.disk.fate = () => "written";
  durable.resolve("lost");
  const next = await TestNode.open(node.disk, { clock: node.clock });
  strictEqual((await ask(next.engine.describeWorkflow({ ...space, name: "w" }))).revision, 1);
  strictEqual(await next.forgetDefinitions(), 0);
  await next.close();
  void deleted;
});
