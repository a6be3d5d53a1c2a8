import { cp, rename, rm } from "node:fs/promises";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { after, before, test, type TestContext } from "node:test";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { Effect } from "effect";
import { AppendConflict, LogDamaged, LogUnavailable } from "../../../src/log/mod.ts";
import { type JetStreamLogOptions, layerJetStream } from "../../../src/log/jetstream/mod.ts";
import { type NatsServer, startNatsServer } from "../../support/nats_server.ts";
import { appendAll, entryOf, readAll, testLogContract, withLogs } from "../../support/contracts/log.ts";

let server: NatsServer;
let placeCount = 0;

before(async () => {
  server = await startNatsServer();
});

after(async () => {
  await server?.stop();
});

async function connectTo(t: TestContext, url: string): Promise<NatsConnection> {
  const connection = await connect({
    servers: url,
    noAsyncTraces: true,
    reconnectTimeWait: 50,
    maxReconnectAttempts: -1,
  });
  t.after(() => connection.close());
  return connection;
}

async function restartAndReconnect(stopped: NatsServer, connection: NatsConnection): Promise<void> {
  const status = connection.status();
  await stopped.restart();
  for await (const { type } of status) if (type === "reconnect") return;
}

async function newPlace(t: TestContext, options: Partial<JetStreamLogOptions> = {}): Promise<JetStreamLogOptions> {
  const place = `${++placeCount}`;
  const connection = await connectTo(t, server.url);
  return { connection, replicas: 1, streamPrefix: `LOG_${place}`, subjectPrefix: `log.${place}`, ...options };
}

testLogContract({ name: "JetStream log", durable: true, place: async (t) => layerJetStream(await newPlace(t)) });

test("JetStream log: two connections that append with the same expected sequence see one winner", async (t) => {
  const place = await newPlace(t);
  const other = { ...place, connection: await connectTo(t, server.url) };
  await withLogs(
    layerJetStream(place),
    (mine) =>
      Effect.promise(() =>
        withLogs(layerJetStream(other), (theirs) =>
          Effect.gen(function* () {
            const logs = yield* Effect.all([mine.open(0), theirs.open(0)], { concurrency: "unbounded" });
            for (let expected = 0; expected < 100; expected++) {
              const outcomes = yield* Effect.all(
                logs.map((log, index) => Effect.result(log.append(entryOf(index), expected))),
                { concurrency: "unbounded" },
              );
              deepStrictEqual(outcomes.map(({ _tag }) => _tag).sort(), ["Failure", "Success"]);
              for (const outcome of outcomes) {
                ok(outcome._tag === "Success" || outcome.failure instanceof AppendConflict);
              }
            }
            const [first, second] = [yield* readAll(logs[0], 1, 1_000), yield* readAll(logs[1], 1, 7)];
            deepStrictEqual(first, second);
          }))
      ),
  );
});

test("JetStream log: open() refuses a stream whose settings could hide or lose entries", async (t) => {
  const place = await newPlace(t);
  const { streams } = await jetstreamManager(place.connection);
  await streams.add({
    name: `${place.streamPrefix}_0`,
    subjects: ["some.where"],
    deny_delete: true,
    allow_direct: true,
  });
  const refused = await withLogs(layerJetStream(place), (stream) => Effect.flip(stream.open(0)));
  ok(refused instanceof LogUnavailable && refused.cause instanceof Error);
  ok(refused.cause.message.includes("allow_direct"));
});

test("JetStream log: open() refuses a stream with fewer replicas than asked", async (t) => {
  const place = await newPlace(t);
  await withLogs(layerJetStream(place), (stream) => stream.open(0));
  const refused = await withLogs(layerJetStream({ ...place, replicas: 3 }), (stream) => Effect.flip(stream.open(0)));
  ok(refused instanceof LogUnavailable);
});

test("JetStream log: entryBytesMax follows the setting, and a stream that has a smaller one", async (t) => {
  const place = await newPlace(t);
  const sizeOf = (entryBytesMax?: number) =>
    withLogs(
      layerJetStream(entryBytesMax === undefined ? place : { ...place, entryBytesMax }),
      (stream) => Effect.map(stream.open(0), (log) => log.entryBytesMax),
    );
  strictEqual(await sizeOf(100_000), 100_000);
  strictEqual(await sizeOf(), 100_000);
  strictEqual(await sizeOf(50_000), 50_000);
});

// Goal: a log that was replaced under a running leader is never taken for its own.
// Method: the stream is deleted and made again by another node, and filled to the very same last sequence.
test("JetStream log: a stream that was deleted and made again takes no append of the old one, and reads fail", async (t) => {
  const place = await newPlace(t);
  const { streams } = await jetstreamManager(place.connection);
  await withLogs(layerJetStream({ ...place, timeoutMs: 2_000 }), (stream) =>
    Effect.gen(function* () {
      const log = yield* stream.open(0);
      yield* appendAll(log, 1, 3);
      yield* Effect.promise(() => streams.delete(`${place.streamPrefix}_0`));
      ok((yield* Effect.flip(log.append(entryOf(4), 3))) instanceof LogUnavailable);
      yield* Effect.promise(() =>
        withLogs(layerJetStream(place), (other) => Effect.flatMap(other.open(0), (log) => appendAll(log, 1, 3)))
      );
      ok((yield* Effect.flip(log.append(entryOf(4), 3))) instanceof LogUnavailable);
      ok((yield* Effect.flip(log.read(4, 10))) instanceof LogDamaged);
    }));
});

test("JetStream log: read() fails with LogDamaged when others trimmed what it knew", async (t) => {
  const place = await newPlace(t);
  const { streams } = await jetstreamManager(place.connection);
  await withLogs(layerJetStream(place), (stream) =>
    Effect.gen(function* () {
      const log = yield* stream.open(0);
      yield* appendAll(log, 1, 30);
      yield* Effect.promise(() => streams.purge(`${place.streamPrefix}_0`, { seq: 11 }));
      for (const limit of [3, 20]) {
        const damaged = yield* Effect.flip(log.read(1, limit));
        ok(damaged instanceof LogDamaged);
        ok(damaged.reason.includes("trimmed"));
      }
      strictEqual((yield* log.read(11, 100)).length, 20);
    }));
});

// Goal: a server that came back without what it had acknowledged (a power cut, an old backup) is not believed.
// Method: its store is put back to how it was ten entries earlier.
test("JetStream log: a log that lost its end takes no append, and reads fail with LogDamaged", async (t) => {
  const own = await startNatsServer();
  t.after(() => own.stop());
  const connection = await connectTo(t, own.url);
  await withLogs(layerJetStream({ connection, replicas: 1 }), (stream) =>
    Effect.gen(function* () {
      const log = yield* stream.open(0);
      yield* appendAll(log, 1, 10);
      yield* Effect.promise(async () => {
        await own.kill("SIGTERM");
        await cp(own.storeDir, `${own.storeDir}-before`, { recursive: true });
        await restartAndReconnect(own, connection);
      });
      yield* appendAll(log, 11, 20);
      yield* Effect.promise(async () => {
        await own.kill("SIGTERM");
        await rm(own.storeDir, { recursive: true });
        await rename(`${own.storeDir}-before`, own.storeDir);
        await restartAndReconnect(own, connection);
      });
      ok((yield* Effect.flip(log.append(entryOf(21), 20))) instanceof AppendConflict);
      for (const [from, limit] of [[21, 10], [15, 3], [15, 100]] as const) {
        const damaged = yield* Effect.flip(log.read(from, limit));
        ok(damaged instanceof LogDamaged);
        strictEqual(damaged.sequence, 11);
      }
      strictEqual((yield* log.read(1, 10)).length, 10);
    }));
});

test("JetStream log: open() of one partition by many at once makes one stream", async (t) => {
  const place = await newPlace(t);
  await withLogs(layerJetStream(place), (stream) =>
    Effect.gen(function* () {
      const logs = yield* Effect.all(Array.from({ length: 8 }, () => stream.open(0)), { concurrency: "unbounded" });
      yield* Effect.forEach(logs, (log, index) => log.append(entryOf(index), index));
      deepStrictEqual(yield* logs[0]?.bounds() ?? Effect.succeed(null), { first: 1, last: 8 });
    }));
});

test("JetStream log: reading leaves no consumer behind", async (t) => {
  const place = await newPlace(t);
  const { consumers } = await jetstreamManager(place.connection);
  const open = new Set<string>();
  const allGone = Promise.withResolvers<void>();
  let isClosed = false;
  const advisories = place.connection.subscribe(`$JS.EVENT.ADVISORY.CONSUMER.*.${place.streamPrefix}_0.*`, {
    callback: (_failure, { subject }) => {
      const [, , , , action, , name = ""] = subject.split(".");
      if (action === "CREATED") open.add(name);
      else open.delete(name);
      if (isClosed && open.size === 0) allGone.resolve();
    },
  });
  await withLogs(layerJetStream(place), (stream) =>
    Effect.gen(function* () {
      const log = yield* stream.open(0);
      yield* appendAll(log, 1, 60);
      yield* readAll(log, 1, 20);
      yield* log.read(1, 20); // stays open in the middle
      yield* log.read(1, 60);
    }));
  isClosed = true; // the last one is removed without waiting for it
  if (open.size > 0) await allGone.promise;
  advisories.unsubscribe();
  deepStrictEqual(await consumers.list(`${place.streamPrefix}_0`).next(), []);
});

test("JetStream log: operations fail with LogUnavailable while the server is away, and work again when it is back", async (t) => {
  const own = await startNatsServer();
  t.after(() => own.stop());
  const connection = await connectTo(t, own.url);
  await withLogs(layerJetStream({ connection, replicas: 1, timeoutMs: 1_000 }), (stream) =>
    Effect.gen(function* () {
      const log = yield* stream.open(0);
      yield* appendAll(log, 1, 20);
      yield* Effect.promise(() => own.kill("SIGKILL"));
      for (
        const operation of [log.append(entryOf(1), 20), log.read(1, 1), log.read(1, 20), log.trim(1), log.bounds()]
      ) {
        ok((yield* Effect.flip(Effect.asVoid<unknown, unknown, never>(operation))) instanceof LogUnavailable);
      }
      yield* Effect.promise(() => restartAndReconnect(own, connection));
      deepStrictEqual(yield* log.bounds(), { first: 1, last: 20 });
      strictEqual(yield* log.append(entryOf(21), 20), 21);
      strictEqual((yield* readAll(log, 1, 100)).length, 21);
    }));
});

test("JetStream log: an append that timed out is found by reading back, and a repeat of it conflicts", async (t) => {
  const own = await startNatsServer();
  t.after(() => own.stop());
  const connection = await connectTo(t, own.url);
  await withLogs(layerJetStream({ connection, replicas: 1, timeoutMs: 1_000 }), (stream) =>
    Effect.gen(function* () {
      const log = yield* stream.open(0);
      yield* Effect.promise(() => own.kill("SIGSTOP"));
      ok((yield* Effect.flip(log.append(entryOf(1), 0))) instanceof LogUnavailable);
      yield* Effect.promise(() => own.kill("SIGCONT"));
      // What was not acknowledged may still be on its way when the first answers come.
      const found = yield* Effect.repeat(log.read(1, 1), { until: (entries) => entries.length > 0 });
      deepStrictEqual(found, [{ sequence: 1, bytes: entryOf(1) }]);
      ok((yield* Effect.flip(log.append(entryOf(1), 0))) instanceof AppendConflict);
    }));
});
