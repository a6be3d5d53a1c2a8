/** Whose log a stream is: written into its metadata, so that it is known where the cluster's settings are lost. */
import { Effect } from "effect";
import type { JetStreamManager, StreamInfo } from "@nats-io/jetstream";

/** The cluster that a log belongs to. */
export interface LogIdentity {
  readonly clusterId: string;
  readonly partitionCount: number;
  /** SHA-256 of the secret that task tokens are signed with, hex digits. */
  readonly secretHash: string;
}

/** A log stream that is there. */
export interface FoundLog {
  readonly partition: number;
  readonly name: string;
  readonly replicas: number;
  /** Sequence of the newest entry; 0: there was none. */
  readonly last: number;
  /** Absent: the stream was made before streams had one. */
  readonly identity?: LogIdentity & { readonly format: string };
}

/** Version of what the metadata says. */
export const LOG_IDENTITY_FORMAT = "1";
const INFOS_AT_ONCE = 16;
const CLUSTER = "weft-cluster";
const PARTITIONS = "weft-partitions";
const FORMAT = "weft-format";
const SECRET_HASH = "weft-token-secret-sha256";

/** An identity as a stream's metadata has it. */
export function metadataOf({ clusterId, partitionCount, secretHash }: LogIdentity): Record<string, string> {
  return {
    [CLUSTER]: clusterId,
    [PARTITIONS]: String(partitionCount),
    [FORMAT]: LOG_IDENTITY_FORMAT,
    [SECRET_HASH]: secretHash,
  };
}

/** The log streams that are there, by partition. Fails with what JetStream says. */
export function findLogs(manager: JetStreamManager): Effect.Effect<readonly FoundLog[], unknown> {
  return Effect.gen(function* () {
    const names = yield* Effect.tryPromise({ try: () => logNames(manager), catch: (cause) => cause });
    const infos = yield* Effect.forEach(
      names,
      (name) => Effect.tryPromise({ try: () => manager.streams.info(name), catch: (cause) => cause }),
      { concurrency: INFOS_AT_ONCE },
    );
    return infos.map(foundLog).sort((left, right) => left.partition - right.partition);
  });
}

/** Writes the identity into the stream's metadata, and reads it back. @throws {Error} JetStream's, or it is not there */
export async function markLog(manager: JetStreamManager, name: string, identity: LogIdentity): Promise<StreamInfo> {
  const { config } = await manager.streams.info(name);
  const wanted = metadataOf(identity);
  await manager.streams.update(name, { metadata: { ...config.metadata, ...wanted } });
  const info = await manager.streams.info(name);
  if (isMarked(info, identity)) return info;
  throw new Error(`The stream ${name} did not keep its metadata`);
}

/** Whether the stream's metadata says just this. */
export function isMarked({ config }: StreamInfo, identity: LogIdentity): boolean {
  return Object.entries(metadataOf(identity)).every(([key, value]) => config.metadata?.[key] === value);
}

/** Whether the stream's metadata says whose it is. */
export function hasIdentity({ config }: StreamInfo): boolean {
  return config.metadata?.[CLUSTER] !== undefined;
}

async function logNames(manager: JetStreamManager): Promise<string[]> {
  const names: string[] = [];
  for await (const name of manager.streams.names()) if (/^WEFT_LOG_\d+$/.test(name)) names.push(name);
  return names;
}

function foundLog({ config, state }: StreamInfo): FoundLog {
  const { name, num_replicas: replicas, metadata = {} } = config;
  const log = { partition: Number(name.slice(name.lastIndexOf("_") + 1)), name, replicas, last: state.last_seq };
  const { [CLUSTER]: clusterId, [PARTITIONS]: partitions, [SECRET_HASH]: secretHash = "", [FORMAT]: format = "" } =
    metadata;
  if (clusterId === undefined) return log;
  return { ...log, identity: { clusterId, partitionCount: Number(partitions), secretHash, format } };
}
