/** The cluster's settings on NATS, held against what its log streams say. They are never made anew beside a log. */
import { createHash } from "node:crypto";
import { Effect, Schedule, Schema, type Scope } from "effect";
import { JetStreamApiError, type JetStreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { findLogs, type FoundLog, LOG_IDENTITY_FORMAT, type LogIdentity, markLog } from "../log/jetstream/mod.ts";
import { LogUnavailable } from "../log/mod.ts";
import { type JetStreamUnfit, openJetStream } from "../nats/mod.ts";
import {
  CLUSTER_SETTINGS_KEY,
  type ClusterSealed,
  type ClusterSettings,
  loadClusterSettings,
  readClusterSettings,
  type Sealing,
} from "../runtime/mod.ts";
import { makeJetStreamStorage } from "../storage/jetstream/mod.ts";
import { type KeyValueStore, StorageUnavailable } from "../storage/mod.ts";
import { present } from "../values/mod.ts";

/** There are log streams, but no settings: they would have to be invented. Final: an operator must act. */
export class ClusterSettingsLost extends Schema.TaggedError<ClusterSettingsLost>()("ClusterSettingsLost", {
  bucket: Schema.String,
  /** What the streams say. */
  found: Schema.String,
}) {
  override get message(): string {
    return `ClusterSettingsLost: the bucket ${this.bucket} has no settings of the cluster, but its log is there: ${this.found}. ` +
      `Restore the bucket from a backup; without one, \`weft serve --adopt-streams\` makes settings again with a new ` +
      "token secret: tokens given out before are invalid then";
  }
}

/** The settings are not those that the log was written with. Final: an operator must act. */
export class ClusterSettingsDisagree extends Schema.TaggedError<ClusterSettingsDisagree>()("ClusterSettingsDisagree", {
  bucket: Schema.String,
  stream: Schema.String,
  reason: Schema.String,
}) {
  override get message(): string {
    return `ClusterSettingsDisagree: the settings in the bucket ${this.bucket} are not those of the stream ${this.stream}: ` +
      `${this.reason}. Restore the bucket, or the streams, that belong together`;
  }
}

/** What is asked for where a cluster is made now. */
export interface ClusterPlan {
  readonly connection: NatsConnection;
  readonly bucket: string;
  /** Default: as many as the cluster's size allows, up to 3. */
  readonly replicas?: number;
  readonly partitions: number;
  /** Seals the cluster's secret. Absent: it stands in the bucket for whoever may read that. */
  readonly sealing?: Sealing;
  /** Settings that are lost are made again from what the streams say, with a new token secret. */
  readonly adoptStreams: boolean;
}

/** A cluster whose settings and log belong together. */
export interface OpenedCluster {
  readonly settings: ClusterSettings;
  readonly snapshots: KeyValueStore;
  /** For what the log's streams are marked with. */
  readonly identity: LogIdentity;
  /** Of the streams that are there, or to be made. */
  readonly replicas: number;
}

/** Why a cluster could not be opened. */
export type ClusterFailure =
  | ClusterSettingsLost
  | ClusterSettingsDisagree
  | ClusterSealed
  | JetStreamUnfit
  | LogUnavailable
  | StorageUnavailable;

const TIMEOUT_MS = 5_000;
/** Servers of a cluster that make streams for several nodes at once answer late, or have no leader for them yet. */
const OPENING = { schedule: Schedule.spaced("500 millis"), times: 30 };
const REPLICAS_OF_CLUSTER = 3;
const STREAM_NOT_FOUND = 10059;
const NO_SUITABLE_PEERS = 10005;

/**
 * The cluster's settings, made if there is neither a log nor settings. Streams are looked at first: whoever makes them has
 * made the settings before, so streams that were there and settings that are not afterwards mean that these were lost.
 */
export function openCluster(plan: ClusterPlan): Effect.Effect<OpenedCluster, ClusterFailure, Scope.Scope> {
  if (!isCluster(plan.connection)) return openOnce(plan);
  return Effect.retry(openOnce(plan), {
    while: ({ _tag }) => _tag === "LogUnavailable" || _tag === "StorageUnavailable",
    ...OPENING,
  });
}

function openOnce(plan: ClusterPlan): Effect.Effect<OpenedCluster, ClusterFailure, Scope.Scope> {
  const { connection, bucket, adoptStreams } = plan;
  return Effect.gen(function* () {
    const manager = yield* openJetStream(connection, TIMEOUT_MS);
    const logs = yield* lookingAt(findLogs(manager));
    const kept = yield* replicasOf(manager, bucket);
    // A bucket that is not there is not made here: a backup is restored into its place.
    if (kept === undefined && logs.length > 0 && !adoptStreams) return yield* lost(bucket, logs);
    const snapshots = yield* openBucket(plan, logs, kept);
    const replicas = logs.length > 0 ? Math.min(...logs.map((log) => log.replicas)) : snapshots.replicas;
    yield* warnOfReplicas(plan, replicas, kept !== undefined || logs.length > 0);
    let settings = yield* readClusterSettings(snapshots.store, plan.sealing);
    if (settings === undefined) {
      if (logs.length > 0 && !adoptStreams) return yield* lost(bucket, logs);
      settings = yield* makeSettings(plan, snapshots.store, logs);
    }
    const identity = identityOf(settings);
    yield* agree(plan, identity, logs);
    if (adoptStreams) yield* adopt(manager, identity, logs);
    return { settings, snapshots: snapshots.store, identity, replicas };
  });
}

function makeSettings(
  { bucket, partitions, sealing }: ClusterPlan,
  store: KeyValueStore,
  logs: readonly FoundLog[],
): Effect.Effect<ClusterSettings, ClusterSettingsDisagree | ClusterSealed | StorageUnavailable> {
  const adoptedThrough = logs.map(({ last }) => last);
  const sealed = { adoptedThrough, ...present({ sealing }) };
  return Effect.gen(function* () {
    const [first] = logs;
    if (first === undefined) return yield* loadClusterSettings(store, partitions, present({ sealing }));
    const { identity } = logs.find((log) => log.identity !== undefined) ?? {};
    if (identity !== undefined) {
      const { partitionCount, clusterId } = identity;
      return yield* loadClusterSettings(store, partitionCount, { ...sealed, clusterId });
    }
    const hole = logs.findIndex(({ partition }, index) => partition !== index);
    if (hole === -1) return yield* loadClusterSettings(store, logs.length, sealed);
    const reason = `the log of partition ${hole} is missing, so their number is not known`;
    return yield* new ClusterSettingsDisagree({ bucket, stream: first.name, reason });
  });
}

/** Holds the settings against every stream; with `adoptStreams`, another secret is taken. */
function agree(
  { bucket, adoptStreams }: ClusterPlan,
  identity: LogIdentity,
  logs: readonly FoundLog[],
): Effect.Effect<void, ClusterSettingsDisagree> {
  return Effect.forEach(logs, (log) => {
    const reason = differenceOf(identity, log, adoptStreams);
    if (reason === undefined) return Effect.void;
    return Effect.fail(new ClusterSettingsDisagree({ bucket, stream: log.name, reason }));
  }, { discard: true });
}

function differenceOf(settings: LogIdentity, log: FoundLog, anySecret: boolean): string | undefined {
  const { clusterId, partitionCount } = settings;
  if (log.partition >= partitionCount) return `they have ${partitionCount} partitions, and this is another`;
  const stream = log.identity;
  if (stream === undefined) return undefined;
  if (stream.format !== LOG_IDENTITY_FORMAT) {
    return `its metadata has format ${stream.format}, and ${LOG_IDENTITY_FORMAT} is read here: another Weft wrote it`;
  }
  if (stream.clusterId !== clusterId) return `they are of cluster ${clusterId}, the stream of ${stream.clusterId}`;
  if (stream.partitionCount !== partitionCount) {
    return `they have ${partitionCount} partitions, the stream says ${stream.partitionCount}`;
  }
  return anySecret || stream.secretHash === settings.secretHash ? undefined : "their token secret is another one";
}

function adopt(
  manager: JetStreamManager,
  identity: LogIdentity,
  logs: readonly FoundLog[],
): Effect.Effect<void, LogUnavailable> {
  return Effect.gen(function* () {
    const others = logs.filter((log) => log.identity?.secretHash !== identity.secretHash);
    for (const { name } of others) {
      yield* lookingAt(Effect.tryPromise({ try: () => markLog(manager, name, identity), catch: (cause) => cause }));
    }
    if (others.length === 0) return;
    yield* Effect.annotateLogs(
      Effect.logWarning("The log's streams were adopted: task tokens that were given out before are invalid"),
      { cluster: identity.clusterId, partitions: identity.partitionCount },
    );
  });
}

/** Fails with what the streams say. */
function lost(bucket: string, logs: readonly FoundLog[]): Effect.Effect<never, ClusterSettingsLost> {
  const identity = logs.find((log) => log.identity !== undefined)?.identity;
  const found = identity === undefined
    ? `${logs.length} streams, which do not say of which cluster`
    : `${logs.length} streams of cluster ${identity.clusterId} with ${identity.partitionCount} partitions`;
  return Effect.fail(new ClusterSettingsLost({ bucket, found }));
}

function identityOf({ clusterId, partitionCount, tokenSecret }: ClusterSettings): LogIdentity {
  return { clusterId, partitionCount, secretHash: createHash("sha256").update(tokenSecret).digest("hex") };
}

interface OpenedBucket {
  readonly store: KeyValueStore;
  readonly replicas: number;
}

/** Opens the bucket with the replicas that it has; one that is made now gets what was asked, or what the cluster can. */
function openBucket(
  { connection, bucket, replicas: asked }: ClusterPlan,
  logs: readonly FoundLog[],
  kept: number | undefined,
): Effect.Effect<OpenedBucket, JetStreamUnfit | StorageUnavailable, Scope.Scope> {
  const open = (replicas: number) =>
    Effect.map(
      makeJetStreamStorage({ connection, bucket, replicas, essentialKeys: [CLUSTER_SETTINGS_KEY] }),
      (store) => ({ store, replicas }),
    );
  const known = kept ?? logs[0]?.replicas ?? asked;
  if (known !== undefined) return open(known);
  if (!isCluster(connection)) return open(1);
  return Effect.catchIf(
    open(REPLICAS_OF_CLUSTER),
    (failure) => failure._tag === "StorageUnavailable" && codeOf(failure.cause) === NO_SUITABLE_PEERS,
    () => open(1),
  );
}

function warnOfReplicas({ connection, replicas: asked }: ClusterPlan, have: number, wasThere: boolean) {
  const isIgnored = wasThere && asked !== undefined && asked !== have;
  if (!isIgnored && (have >= REPLICAS_OF_CLUSTER || !isCluster(connection))) return Effect.void;
  const message = isIgnored
    ? `--replicas ${asked} is ignored: what is there has ${have}`
    : `What is kept has ${have} of 3 replicas in a cluster of NATS servers: it can be lost with one of them`;
  return Effect.logWarning(`${message}. Another number: \`nats stream edit NAME --replicas 3\` for each stream`);
}

function replicasOf(
  manager: JetStreamManager,
  bucket: string,
): Effect.Effect<number | undefined, StorageUnavailable> {
  return Effect.tryPromise({
    try: async () => {
      try {
        return (await manager.streams.info(`KV_${bucket}`)).config.num_replicas;
      } catch (failure) {
        if (codeOf(failure) === STREAM_NOT_FOUND) return undefined;
        throw failure;
      }
    },
    catch: (cause) => new StorageUnavailable({ operation: "look at the bucket", cause }),
  });
}

function lookingAt<A>(work: Effect.Effect<A, unknown>): Effect.Effect<A, LogUnavailable> {
  return Effect.mapError(work, (cause) => new LogUnavailable({ partition: 0, operation: "look at", cause }));
}

function isCluster(connection: NatsConnection): boolean {
  return connection.info?.cluster !== undefined && connection.info.cluster !== "";
}

function codeOf(failure: unknown): number {
  return failure instanceof JetStreamApiError ? failure.code : 0;
}
