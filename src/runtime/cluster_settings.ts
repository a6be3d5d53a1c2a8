/** What is decided once, when a cluster (or an embedded store) is made, and the same on every node ever after. */
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { Effect, Schema } from "effect";
import { Format } from "../protocol/mod.ts";
import type { KeyValueStore, StorageUnavailable } from "../storage/port.ts";
import { readStored } from "./read_stored.ts";

/** What was fixed when the cluster was made. */
export interface ClusterSettings {
  /** Tells this cluster's local stores from another's, 32 hex digits. */
  readonly clusterId: string;
  /** Executions are spread over so many logs. */
  readonly partitionCount: number;
  /** What task tokens are signed with. */
  readonly tokenSecret: Uint8Array;
}

/** Where they stand. */
export const CLUSTER_SETTINGS_KEY = "cluster";
const KEY = CLUSTER_SETTINGS_KEY;
const PARTITIONS_MAX = 1_024;
const SECRET_BYTES = 32;
const ID_BYTES = 16;

const Kept = Schema.Struct({
  version: Schema.Literal(1),
  clusterId: Schema.String,
  partitionCount: Schema.Number.check(Schema.isBetween({ minimum: 1, maximum: PARTITIONS_MAX })),
  tokenSecret: Schema.String,
});
const keptFormat = new Format({ what: "the record of the cluster's settings", schema: Kept, older: [] });

/**
 * The cluster's settings as they are; `undefined` if there are none.
 *
 * @throws {StoreFromNewerVersion} as a defect: nothing can run on them here
 */
export function readClusterSettings(
  store: KeyValueStore,
): Effect.Effect<ClusterSettings | undefined, StorageUnavailable> {
  return Effect.map(store.get(KEY), (entry) => {
    if (entry === null) return undefined;
    const { clusterId, partitionCount, tokenSecret } = readStored(keptFormat, KEY, entry.value);
    return { clusterId, partitionCount, tokenSecret: Buffer.from(tokenSecret, "base64") };
  });
}

/**
 * Reads the cluster's settings; makes them if there are none yet, with `partitionCount`, a fresh secret and, unless it
 * is given, a fresh id. Of several nodes that come first at once, one makes them and all read the same.
 *
 * @throws {StoreFromNewerVersion} as a defect: nothing can run on them here
 */
export function loadClusterSettings(
  store: KeyValueStore,
  partitionCount: number,
  clusterId: string = randomBytes(ID_BYTES).toString("hex"),
): Effect.Effect<ClusterSettings, StorageUnavailable> {
  return Effect.gen(function* () {
    for (;;) {
      const kept = yield* readClusterSettings(store);
      if (kept !== undefined) return kept;
      const tokenSecret = randomBytes(SECRET_BYTES).toString("base64");
      const { version } = keptFormat;
      const made = { version, clusterId, partitionCount, tokenSecret };
      yield* store.atomic().check(KEY, null).set(KEY, made).commit();
    }
  });
}
