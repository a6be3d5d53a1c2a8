import { ok, strictEqual } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { Effect } from "effect";
import { layerKeyv, makeKeyvStorage, StorageFileUnusable } from "../../../src/storage/keyv/mod.ts";
import { StorageUnavailable } from "../../../src/storage/mod.ts";
import { testStorageContract, withStorage } from "../../support/contracts/storage.ts";

async function newFile(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "weft-storage-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return join(folder, "data", "state.db");
}

testStorageContract({ name: "keyv storage", durable: true, place: async (t) => layerKeyv({ file: await newFile(t) }) });

test("layerKeyv() refuses a file that is open already", async (t) => {
  const file = await newFile(t);
  await withStorage(layerKeyv({ file }), () =>
    Effect.gen(function* () {
      const refused = yield* Effect.flip(Effect.scoped(makeKeyvStorage({ file })));
      ok(refused instanceof StorageFileUnusable);
      strictEqual(refused.reason, "inUse");
    }));
  await withStorage(layerKeyv({ file, synchronous: "FULL" }), (store) => store.set("a", 1));
});

test("layerKeyv() refuses a file that is no database", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "weft-storage-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const refused = await Effect.runPromise(Effect.flip(Effect.scoped(makeKeyvStorage({ file: folder }))));
  ok(refused instanceof StorageFileUnusable);
  strictEqual(refused.reason, "unreadable");
});

test("layerKeyv() refuses a file of a later version, and leaves it as it is", async (t) => {
  const file = await newFile(t);
  await withStorage(layerKeyv({ file, synchronous: "FULL" }), (store) => store.set("a", 1));
  const setVersion = (version: number) => {
    const database = new DatabaseSync(file);
    database.exec(`PRAGMA user_version = ${version}`);
    database.close();
  };
  setVersion(2);
  const refused = await Effect.runPromise(Effect.flip(Effect.scoped(makeKeyvStorage({ file }))));
  ok(refused instanceof StorageFileUnusable);
  strictEqual(refused.reason, "newer");
  setVersion(0);
  await withStorage(
    layerKeyv({ file }),
    (store) => Effect.map(store.get("a"), (entry) => strictEqual(entry?.value, 1)),
  );
});

test("keyv storage: rows are keyv's, with readable JSON", async (t) => {
  const file = await newFile(t);
  await withStorage(
    layerKeyv({ file }),
    (store) => Effect.andThen(store.set("a", { b: 1 }), store.atomic().set("c", [2]).commit()),
  );
  const database = new DatabaseSync(file);
  const rows = database.prepare("SELECT key, json_extract(value, '$.value') AS value FROM keyv ORDER BY key").all();
  database.close();
  strictEqual(JSON.stringify(rows), JSON.stringify([{ key: "a", value: '{"b":1}' }, { key: "c", value: "[2]" }]));
});

test("keyv storage: operations fail with StorageUnavailable when the file was closed", async (t) => {
  const store = await withStorage(layerKeyv({ file: await newFile(t) }), (store) => Effect.succeed(store));
  const operations = [
    store.get("a"),
    store.getMany(["a"]),
    store.set("a", 1),
    store.delete("a"),
    store.list({ prefix: "", limit: 1 }),
    store.atomic().set("a", 1).commit(),
  ];
  for (const operation of operations) {
    const failure = await Effect.runPromise(Effect.flip(Effect.asVoid<unknown, unknown, never>(operation)));
    ok(failure instanceof StorageUnavailable);
  }
});

// Goal: after kill -9 the store is what some atomic operation left, and none that was acknowledged is missing.
// Method: a process writes rounds of 40 keys with the round's number, and prints each acknowledged round; it is killed meanwhile.
test("keyv storage: whole atomic operations are there when its process was killed in mid-write", async (t) => {
  const file = await newFile(t);
  const writer = spawn(process.execPath, [
    ...("deno" in process.versions ? ["run", "-A", "--no-check"] : []),
    fileURLToPath(new URL("./writing_process.ts", import.meta.url)),
    file,
  ], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => writer.kill("SIGKILL"));
  const ended = once(writer, "exit");
  let printed = "";
  for await (const text of writer.stdout) {
    printed += text;
    if (printed.split("\n").length > 50) writer.kill("SIGKILL");
  }
  await ended;
  const acknowledged = Number(printed.slice(0, printed.lastIndexOf("\n")).split("\n").at(-1));
  await withStorage(layerKeyv({ file }), (store) =>
    Effect.gen(function* () {
      const found = yield* store.list<number>({ prefix: "", limit: 1_000 });
      strictEqual(found.length, 40);
      strictEqual(new Set(found.map(({ value }) => value)).size, 1);
      ok((found[0]?.value ?? 0) >= acknowledged && acknowledged >= 50);
    }));
});
