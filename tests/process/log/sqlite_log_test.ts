import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { Effect } from "effect";
import { LogDamaged, LogUnavailable } from "../../../src/log/mod.ts";
import { layerSqlite, LogFileUnusable, makeSqliteLogStream } from "../../../src/log/sqlite/mod.ts";
import { appendAll, entryOf, readAll, testLogContract, withLogs } from "../../support/contracts/log.ts";

async function newFile(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "weft-log-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return join(folder, "data", "log.db");
}

testLogContract({
  name: "SQLite log",
  durable: true,
  place: async (t) => layerSqlite({ file: await newFile(t), synchronous: "FULL" }),
});

test("layerSqlite() refuses a file that is open already", async (t) => {
  const file = await newFile(t);
  await withLogs(layerSqlite({ file, synchronous: "FULL" }), () =>
    Effect.gen(function* () {
      const refused = yield* Effect.flip(Effect.scoped(makeSqliteLogStream({ file, synchronous: "NORMAL" })));
      ok(refused instanceof LogFileUnusable);
      strictEqual(refused.reason, "inUse");
    }));
  await withLogs(layerSqlite({ file, synchronous: "NORMAL" }), (stream) => stream.open(0));
});

test("layerSqlite() refuses a file of a later version", async (t) => {
  const file = await newFile(t);
  await withLogs(layerSqlite({ file, synchronous: "FULL" }), (stream) => stream.open(0));
  const database = new DatabaseSync(file);
  database.exec("PRAGMA user_version = 99");
  database.close();
  const refused = await Effect.runPromise(
    Effect.flip(Effect.scoped(makeSqliteLogStream({ file, synchronous: "FULL" }))),
  );
  ok(refused instanceof LogFileUnusable);
  strictEqual(refused.reason, "newer");
  match(refused.message, /a newer Weft wrote it/);
});

test("SQLite log: read() fails with LogDamaged where an entry is missing, and returns what is before it", async (t) => {
  const file = await newFile(t);
  const layer = layerSqlite({ file, synchronous: "FULL" });
  await withLogs(layer, (stream) => Effect.flatMap(stream.open(0), (log) => appendAll(log, 1, 9)));
  const database = new DatabaseSync(file);
  database.exec("DELETE FROM entries WHERE sequence = 4");
  database.close();
  await withLogs(layer, (stream) =>
    Effect.gen(function* () {
      const log = yield* stream.open(0);
      strictEqual((yield* log.read(1, 3)).length, 3);
      for (const from of [1, 4]) {
        const damaged = yield* Effect.flip(log.read(from, 10));
        ok(damaged instanceof LogDamaged);
        strictEqual(damaged.sequence, 4);
      }
    }));
});

// Goal: appends that share a commit stand or fall together, and a failed one leaves nothing behind.
// Method: a trigger refuses one partition's third entry, as a full disk would.
test("SQLite log: appends of the same moment share one commit, and none is written when it fails", async (t) => {
  const file = await newFile(t);
  const layer = layerSqlite({ file, synchronous: "FULL" });
  await withLogs(layer, (stream) => stream.open(0));
  const database = new DatabaseSync(file);
  database.exec(`CREATE TRIGGER full BEFORE INSERT ON entries WHEN NEW.partition = 2 AND NEW.sequence = 3
    BEGIN SELECT RAISE(ABORT, 'no space'); END`);
  database.close();
  await withLogs(layer, (stream) =>
    Effect.gen(function* () {
      const logs = yield* Effect.forEach([0, 1, 2, 3], (partition) => stream.open(partition));
      const appendToAll = (expected: number) =>
        Effect.all(logs.map((log) => Effect.result(log.append(entryOf(expected + 1), expected))), {
          concurrency: "unbounded",
        });
      for (const expected of [0, 1]) ok((yield* appendToAll(expected)).every(({ _tag }) => _tag === "Success"));
      for (const outcome of yield* appendToAll(2)) {
        ok(outcome._tag === "Failure" && outcome.failure instanceof LogUnavailable);
      }
      for (const log of logs) deepStrictEqual(yield* log.bounds(), { first: 1, last: 2 });
      const [first] = logs;
      strictEqual(yield* first?.append(entryOf(3), 2) ?? Effect.succeed(0), 3);
    }));
});

test("SQLite log: operations fail with LogUnavailable when the file was closed", async (t) => {
  const layer = layerSqlite({ file: await newFile(t), synchronous: "FULL" });
  const log = await withLogs(layer, (stream) => stream.open(0));
  for (const operation of [log.append(entryOf(1), 0), log.read(1, 1), log.trim(1), log.bounds()]) {
    const failure = await Effect.runPromise(Effect.flip(Effect.asVoid<unknown, unknown, never>(operation)));
    ok(failure instanceof LogUnavailable);
  }
});

// Goal: whatever was acknowledged is there after kill -9, and the lock of the killed process is not.
// Method: a process appends without a pause and prints each acknowledged sequence; it is killed while it does.
test("SQLite log: every acknowledged entry is there when its process was killed in mid-append", async (t) => {
  const file = await newFile(t);
  const writer = spawn(process.execPath, [
    ...("deno" in process.versions ? ["run", "-A", "--no-check"] : []),
    fileURLToPath(new URL("./appending_process.ts", import.meta.url)),
    file,
  ], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => writer.kill("SIGKILL"));
  const ended = once(writer, "exit");
  let printed = "";
  for await (const text of writer.stdout) {
    printed += text;
    if (printed.split("\n").length > 200) writer.kill("SIGKILL");
  }
  await ended;
  const acknowledged = Number(printed.slice(0, printed.lastIndexOf("\n")).split("\n").at(-1));
  ok(acknowledged >= 200);
  await withLogs(layerSqlite({ file, synchronous: "FULL" }), (stream) =>
    Effect.gen(function* () {
      const log = yield* stream.open(0);
      const found = yield* readAll(log, 1, 1_000);
      ok(found.length >= acknowledged && found.length <= acknowledged + 64);
      deepStrictEqual(found, found.map((_, i) => ({ sequence: i + 1, bytes: entryOf(i + 1, 2_000) })));
      yield* appendAll(log, found.length + 1, found.length + 1);
    }));
});
