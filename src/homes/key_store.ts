/** Access keys without an engine: for the command line, which makes and revokes them. */
import { join } from "node:path";
import { Effect, Schema, type Scope } from "effect";
import { AccessKeys } from "../access/mod.ts";
import type { KeyPort, KeyStoreOptions } from "../interfaces/cli/mod.ts";
import { connect, type JetStreamUnfit, type NatsUnavailable, openJetStream } from "../nats/mod.ts";
import { readClusterSettings } from "../runtime/mod.ts";
import { makeJetStreamStorage } from "../storage/jetstream/mod.ts";
import { makeKeyvStorage, type StorageFileUnusable } from "../storage/keyv/mod.ts";
import type { KeyValueStore, StorageUnavailable } from "../storage/mod.ts";
import { present } from "../values/mod.ts";
import { opened } from "./home.ts";
import { SHARED_BUCKET } from "./nats.ts";
import { defaultKeyFile, makeKeyFile, readKeyFile, rootKeyOf } from "./root_key_file.ts";

/** No engine has run on this NATS server yet: the cluster's store is made by the first. */
export class ClusterMissing extends Schema.TaggedError<ClusterMissing>()("ClusterMissing", {
  url: Schema.String,
  cause: Schema.optional(Schema.Defect()),
}) {
  override get message(): string {
    return `There is no cluster of Weft at ${this.url} yet: \`weft serve\` makes it, and then keys can be made`;
  }
}

const TIMEOUT_MS = 5_000;

/** Opens the store of keys. @throws {Error} it cannot be reached, or another process has it */
export async function openKeyStore(options: KeyStoreOptions): Promise<KeyPort> {
  const { value: keys, close } = await opened(Effect.gen(function* () {
    const key = yield* keyOf(options);
    const store = yield* storeOf(options);
    // Another cluster's key file would make keys that no engine can open.
    yield* readClusterSettings(store, key);
    return new AccessKeys(store, key);
  }));
  return {
    create: (request) => Effect.runPromise(keys.create(request, new Date())),
    list: () => Effect.runPromise(keys.list()),
    revoke: (id) => Effect.runPromise(keys.revoke(id, new Date())),
    close,
  };
}

/** An embedded store gets a key file of its own where it has none yet; a cluster's nodes must all have the same. */
function keyOf({ keyFile, store }: KeyStoreOptions) {
  return Effect.gen(function* () {
    const known = yield* rootKeyOf(keyFile, store);
    if (known !== undefined) return known;
    const file = defaultKeyFile(store ?? ".");
    yield* makeKeyFile(file);
    return yield* readKeyFile(file);
  });
}

type Failure = StorageFileUnusable | StorageUnavailable | NatsUnavailable | JetStreamUnfit | ClusterMissing;

function storeOf(
  { store, url = "", credentialsFile }: KeyStoreOptions,
): Effect.Effect<KeyValueStore, Failure, Scope.Scope> {
  if (store !== undefined) return makeKeyvStorage({ file: join(store, "cluster.db"), synchronous: "FULL" });
  return Effect.gen(function* () {
    const connection = yield* connect({ servers: [url], name: "weft keys", ...present({ credentialsFile }) });
    const manager = yield* openJetStream(connection, TIMEOUT_MS);
    yield* Effect.tryPromise({
      try: () => manager.streams.info(`KV_${SHARED_BUCKET}`),
      catch: (cause) => new ClusterMissing({ url, cause }),
    });
    return yield* makeJetStreamStorage({ connection, bucket: SHARED_BUCKET, replicas: 1 });
  });
}
