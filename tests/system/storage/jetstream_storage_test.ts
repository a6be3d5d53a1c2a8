import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { after, before, test, type TestContext } from "node:test";
import { jetstreamManager } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { Effect, Layer } from "effect";
import { type JetStreamStorageOptions, makeJetStreamStorage } from "../../../src/storage/jetstream/mod.ts";
import { Storage, StorageUnavailable } from "../../../src/storage/mod.ts";
import { type NatsServer, startNatsServer } from "../../support/nats_server.ts";
import { testStorageContract, withStorage } from "../../support/contracts/storage.ts";

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

async function newPlace(t: TestContext): Promise<JetStreamStorageOptions> {
  return { connection: await connectTo(t, server.url), bucket: `B${++placeCount}`, replicas: 1, timeoutMs: 5_000 };
}

const layerOf = (options: JetStreamStorageOptions) => Layer.effect(Storage, makeJetStreamStorage(options));

testStorageContract({ name: "JetStream storage", durable: true, place: async (t) => layerOf(await newPlace(t)) });

test("JetStream storage: what one connection wrote, another reads at once, and one of two writers wins", async (t) => {
  const place = await newPlace(t);
  const other = { ...place, connection: await connectTo(t, server.url) };
  await withStorage(
    layerOf(place),
    (mine) =>
      Effect.promise(() =>
        withStorage(layerOf(other), (theirs) =>
          Effect.gen(function* () {
            for (let round = 0; round < 50; round++) {
              yield* mine.set("a", round);
              const found = yield* theirs.get<number>("a");
              strictEqual(found?.value, round);
              const won = yield* Effect.all(
                [mine, theirs].map((store) => store.atomic().check("a", found.versionstamp).set("a", -1).commit()),
                { concurrency: "unbounded" },
              );
              deepStrictEqual(won.toSorted(), [false, true]);
            }
          }))
      ),
  );
});

test("JetStream storage: atomic() may check another key than the one that it writes", async (t) => {
  await withStorage(layerOf(await newPlace(t)), (store) =>
    Effect.gen(function* () {
      yield* store.set("/guard/x", 1);
      const version = (yield* store.get("/guard/x"))?.versionstamp ?? null;
      strictEqual(yield* store.atomic().check("/guard/x", version).set("a", 1).commit(), true);
      yield* store.set("/guard/x", 2);
      strictEqual(yield* store.atomic().check("/guard/x", version).set("a", 2).commit(), false);
      strictEqual((yield* store.get<number>("a"))?.value, 1);
      strictEqual(yield* store.atomic().check("none", null).delete("a").commit(), true);
      strictEqual(yield* store.get("a"), null);
    }));
});

test("JetStream storage: the bucket is one that other NATS clients can read and write", async (t) => {
  const place = await newPlace(t);
  await withStorage(layerOf(place), (store) =>
    Effect.gen(function* () {
      yield* store.set("3/execution/x", { a: 1 });
      const bucket = yield* Effect.promise(() => new Kvm(place.connection).open(place.bucket));
      deepStrictEqual((yield* Effect.promise(() => bucket.get("3.execution.x")))?.json(), { a: 1 });
      yield* Effect.promise(() => bucket.put("3.execution.y", "[2]"));
      yield* Effect.promise(() => bucket.delete("3.execution.x"));
      const found = yield* store.list({ prefix: "3/", limit: 10 });
      deepStrictEqual(found.map(({ key, value }) => [key, value]), [["3/execution/y", [2]]]);
    }));
});

test("JetStream storage: a bucket whose settings could hide or lose values is refused", async (t) => {
  const place = await newPlace(t);
  await (await jetstreamManager(place.connection)).streams.add({
    name: `KV_${place.bucket}`,
    subjects: [`$KV.${place.bucket}.>`],
    max_msgs_per_subject: 1,
    allow_direct: true,
  });
  const refused = await Effect.runPromise(Effect.flip(Effect.scoped(makeJetStreamStorage(place))));
  ok(refused instanceof StorageUnavailable && refused.cause instanceof Error);
  ok(refused.cause.message.includes("allow_direct"));
});

test("JetStream storage: a value larger than the server takes fails with StorageUnavailable", async (t) => {
  await withStorage(layerOf(await newPlace(t)), (store) =>
    Effect.gen(function* () {
      ok((yield* Effect.flip(store.set("a", "x".repeat(1_100_000)))) instanceof StorageUnavailable);
      strictEqual(yield* store.get("a"), null);
    }));
});

test("JetStream storage: operations fail with StorageUnavailable while the server is away, and work again when it is back", async (t) => {
  const own = await startNatsServer();
  t.after(() => own.stop());
  const connection = await connectTo(t, own.url);
  await withStorage(
    layerOf({ connection, bucket: "B", replicas: 1, timeoutMs: 300 }),
    (store) =>
      Effect.gen(function* () {
        yield* store.set("a", 1);
        yield* Effect.promise(() => own.kill("SIGKILL"));
        const operations = [
          store.get("a"),
          store.getMany(["a", "b"]),
          store.set("a", 2),
          store.delete("a"),
          store.list({ prefix: "", limit: 1 }),
          store.atomic().check("a", null).set("a", 1).commit(),
        ];
        for (const operation of operations) {
          ok((yield* Effect.flip(Effect.asVoid<unknown, unknown, never>(operation))) instanceof StorageUnavailable);
        }
        yield* Effect.promise(async () => {
          const status = connection.status();
          await own.restart();
          for await (const { type } of status) if (type === "reconnect") return;
        });
        strictEqual((yield* store.get<number>("a"))?.value, 1);
        yield* store.set("a", 3);
        strictEqual((yield* store.get<number>("a"))?.value, 3);
      }),
  );
});
