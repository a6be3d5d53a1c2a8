/** What is decided once, when a cluster (or an embedded store) is made, and the same on every node ever after. */
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { Effect, Schema } from "effect";
import { Format, olderVersion } from "../protocol/mod.ts";
import type { KeyValueStore, StorageUnavailable } from "../storage/port.ts";
import { type Json, present } from "../values/mod.ts";
import { readStored } from "./read_stored.ts";

/** What was fixed when the cluster was made. */
export interface ClusterSettings {
  /** Tells this cluster's local stores from another's, 32 hex digits. */
  readonly clusterId: string;
  /** Executions are spread over so many logs. */
  readonly partitionCount: number;
  /** What task tokens are signed with. */
  readonly tokenSecret: Uint8Array;
  /** By partition: up to which entry batches were sealed with a secret that is lost, and are believed by their chain alone. */
  readonly adoptedThrough?: readonly number[];
}

/** Where they stand. */
export const CLUSTER_SETTINGS_KEY = "cluster";
const KEY = CLUSTER_SETTINGS_KEY;
const PARTITIONS_MAX = 1_024;
const SECRET_BYTES = 32;
const ID_BYTES = 16;

/** Seals what only engines may read: the root key. */
export interface Sealing {
  seal(purpose: string, about: string, secret: Uint8Array): string;
  /** `undefined`: sealed under another key. */
  open(purpose: string, about: string, sealed: string): Uint8Array | undefined;
}

/** The cluster's secret is sealed, and cannot be opened here. Final: an operator must act. */
export class ClusterSealed extends Schema.TaggedError<ClusterSealed>()("ClusterSealed", {
  reason: Schema.Literals(["noKey", "otherKey"]),
}) {
  override get message(): string {
    const why = {
      noKey: "no key file was given: --key-file, or WEFT_KEY_FILE",
      otherKey: "the key file that was given is another cluster's",
    }[this.reason];
    return `ClusterSealed: the secrets of this cluster are sealed, and ${why}`;
  }
}

const kept = {
  clusterId: Schema.String,
  partitionCount: Schema.Number.check(Schema.isBetween({ minimum: 1, maximum: PARTITIONS_MAX })),
  tokenSecret: Schema.String,
};
const First = Schema.Struct({ version: Schema.Literal(1), ...kept });
const Kept = Schema.Struct({
  version: Schema.Literal(2),
  ...kept,
  isSealed: Schema.Boolean,
  adoptedThrough: Schema.optionalKey(Schema.Array(Schema.Number)),
});
const keptFormat = new Format({
  what: "the record of the cluster's settings",
  schema: Kept,
  older: [olderVersion(First, (first) => ({ ...first, version: 2, isSealed: false }))],
});
const PURPOSE = "token secret";

/**
 * The cluster's settings as they are; `undefined` if there are none. With `sealing`, a secret that stands there in clear is sealed from now on.
 *
 * @throws {StoreFromNewerVersion} as a defect: nothing can run on them here
 */
export function readClusterSettings(
  store: KeyValueStore,
  sealing?: Sealing,
): Effect.Effect<ClusterSettings | undefined, StorageUnavailable | ClusterSealed> {
  return Effect.gen(function* () {
    for (;;) {
      const entry = yield* store.get(KEY);
      if (entry === null) return undefined;
      const { tokenSecret, isSealed, version: _, ...fixed } = readStored(keptFormat, KEY, entry.value);
      if (!isSealed && sealing === undefined) return { ...fixed, tokenSecret: Buffer.from(tokenSecret, "base64") };
      if (sealing === undefined) return yield* Effect.fail(new ClusterSealed({ reason: "noKey" }));
      if (isSealed) {
        const opened = sealing.open(PURPOSE, fixed.clusterId, tokenSecret);
        if (opened === undefined) return yield* Effect.fail(new ClusterSealed({ reason: "otherKey" }));
        return { ...fixed, tokenSecret: opened };
      }
      const made = recordOf({ ...fixed, tokenSecret: Buffer.from(tokenSecret, "base64") }, sealing);
      yield* store.atomic().check(KEY, entry.versionstamp).set(KEY, made).commit();
    }
  });
}

function recordOf(
  { tokenSecret: secret, adoptedThrough, ...fixed }: ClusterSettings,
  sealing: Sealing | undefined,
): Json {
  const tokenSecret = sealing?.seal(PURPOSE, fixed.clusterId, secret) ?? Buffer.from(secret).toString("base64");
  const { version } = keptFormat;
  const adopted = adoptedThrough === undefined ? {} : { adoptedThrough: [...adoptedThrough] };
  return { version, ...fixed, ...adopted, tokenSecret, isSealed: sealing !== undefined };
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
  { clusterId = randomBytes(ID_BYTES).toString("hex"), sealing, adoptedThrough }: {
    readonly clusterId?: string;
    readonly sealing?: Sealing;
    /** Of a log whose settings were lost. */
    readonly adoptedThrough?: readonly number[];
  } = {},
): Effect.Effect<ClusterSettings, StorageUnavailable | ClusterSealed> {
  return Effect.gen(function* () {
    for (;;) {
      const known = yield* readClusterSettings(store, sealing);
      if (known !== undefined) return known;
      const tokenSecret = randomBytes(SECRET_BYTES);
      const made = recordOf({ clusterId, partitionCount, tokenSecret, ...present({ adoptedThrough }) }, sealing);
      yield* store.atomic().check(KEY, null).set(KEY, made).commit();
    }
  });
}
