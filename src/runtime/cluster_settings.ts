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

const KEY = "cluster";
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
 * Reads the cluster's settings; makes them if there are none yet, with `partitionCount` and a fresh secret. Of several nodes
 * that come first at once, one makes them and all read the same.
 *
 * @throws {StoreFromNewerVersion} as a defect: nothing can run on them here
 */
export function loadClusterSettings(
  store: KeyValueStore,
  partitionCount: number,
): Effect.Effect<ClusterSettings, StorageUnavailable> {
  return Effect.gen(function* () {
    for (;;) {
      const entry = yield* store.get(KEY);
      if (entry !== null) {
        const kept = readStored(keptFormat, KEY, entry.value);
        const { clusterId } = kept;
        return { clusterId, partitionCount: kept.partitionCount, tokenSecret: Buffer.from(kept.tokenSecret, "base64") };
      }
      const tokenSecret = randomBytes(SECRET_BYTES).toString("base64");
      const { version } = keptFormat;
      const made = { version, clusterId: randomBytes(ID_BYTES).toString("hex"), partitionCount, tokenSecret };
      yield* store.atomic().check(KEY, null).set(KEY, made).commit();
    }
  });
}
