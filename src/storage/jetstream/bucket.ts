import { JetStreamApiError, type JetStreamManager, type StreamConfig } from "@nats-io/jetstream";

/** A key-value bucket: a stream that keeps the last message of each subject, as every NATS client knows it. */
export interface Bucket {
  readonly stream: string;
  /** `$KV.{bucket}`. */
  readonly subjectPrefix: string;
}

/** JetStream's code where there is no such stream. */
export const STREAM_NOT_FOUND = 10059;
const STREAM_NAME_IN_USE = 10058;

/**
 * The bucket as it is, made if there is none. Two nodes that make it at the same time get the same one.
 *
 * @throws {Error} JetStream's failures, and one that says which setting of the bucket is not safe
 */
export async function openBucket(manager: JetStreamManager, bucket: string, replicas: number): Promise<Bucket> {
  const stream = `KV_${bucket}`;
  const subjectPrefix = `$KV.${bucket}`;
  const { config } = await manager.streams.info(stream).catch((failure) => {
    if (codeOf(failure) !== STREAM_NOT_FOUND) throw failure;
    return manager.streams.add(configOf(stream, subjectPrefix, replicas)).catch((failure) => {
      if (codeOf(failure) !== STREAM_NAME_IN_USE) throw failure;
      return manager.streams.info(stream); // another node was first
    });
  });
  const unsafe = unsafeSettingOf(config, replicas);
  if (unsafe !== undefined) throw new Error(`The bucket ${bucket} is not fit: ${unsafe}`);
  return { stream, subjectPrefix };
}

/**
 * The subject of a key. A `/` becomes a `.`, so that the server can look for keys by what they begin with; a `/` at the
 * beginning stays, since a subject cannot begin with a dot. No key has a dot of its own.
 */
export function subjectOf({ subjectPrefix }: Bucket, key: string): string {
  return `${subjectPrefix}.${key[0] === "/" ? `/${dotted(key.slice(1))}` : dotted(key)}`;
}

/** The key of a subject of the bucket. */
export function keyOf({ subjectPrefix }: Bucket, subject: string): string {
  return subject.slice(subjectPrefix.length + 1).replaceAll(".", "/");
}

/** A filter that matches every key that begins with the prefix, and maybe some others. */
export function filterOf(bucket: Bucket, prefix: string): string {
  const subject = subjectOf(bucket, prefix);
  return `${subject.slice(0, subject.lastIndexOf("."))}.>`;
}

function dotted(key: string): string {
  return key.replaceAll("/", ".");
}

/** JetStream's numeric code of a failure; 0 if it is none of JetStream's. */
export function codeOf(failure: unknown): number {
  return failure instanceof JetStreamApiError ? failure.code : 0;
}

function configOf(name: string, subjectPrefix: string, replicas: number): Partial<StreamConfig> & { name: string } {
  return {
    name,
    subjects: [`${subjectPrefix}.>`],
    description: "Weft: values by key",
    storage: "file",
    retention: "limits",
    discard: "new",
    num_replicas: replicas,
    max_msgs_per_subject: 1,
    max_msgs: -1,
    max_bytes: -1,
    max_age: 0,
    deny_delete: true,
    deny_purge: false,
    allow_direct: false,
    allow_rollup_hdrs: true,
    allow_msg_ttl: true,
  };
}

/** What of a bucket's configuration could lose or hide values; `undefined` if nothing. */
function unsafeSettingOf(config: StreamConfig, replicas: number): string | undefined {
  const rules: readonly (readonly [holds: boolean, demand: string])[] = [
    [config.storage === "file", "its storage must be file"],
    [config.max_msgs_per_subject === 1, "its history must be 1"],
    [config.allow_direct !== true, "allow_direct must not be set: a follower may answer with an old value"],
    [config.allow_msg_ttl === true, "allow_msg_ttl must be set"],
    [config.discard === "new", "it must refuse new values when it is full"],
    [config.max_msgs <= 0 && config.max_age === 0, "values must not be removed by number or age"],
    [config.num_replicas >= replicas, `it must have ${replicas} replicas, but it has ${config.num_replicas}`],
  ];
  return rules.find(([holds]) => !holds)?.[1];
}
