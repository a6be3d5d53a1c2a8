/**
 * The bucket in which a cluster's nodes meet: a stream in memory that keeps the last message of each key, as NATS clients know
 * key-value buckets. All in it can be made again; so when it is lost, it is made again, empty.
 *
 * - Each bucket begins with higher sequences than the one before, so that a sequence is never that of another bucket's message.
 * - Everything is read from the stream's leader.
 */
import { Effect } from "effect";
import { JetStreamApiError, type JetStreamManager, type StreamConfig } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import {
  ApiRefused,
  getStoredMessage,
  JetStreamUnfit,
  type PipelinedPublisher,
  type PublishFailure,
  type PublishOptions,
} from "../../nats/mod.ts";
import { ClusterUnavailable } from "../mod.ts";

/** What a key holds: `bytes` absent where it was deleted (`sequence` is then that of the mark) or never was (0). */
export interface Held {
  readonly sequence: number;
  readonly bytes: Uint8Array | undefined;
}

/** What has become of a write: its sequence, or somebody else's write was there, or it is not known (and may be stored later). */
export type WriteOutcome = number | "conflict" | "unknown";

/** Where a cluster's records are. */
export interface ClusterBucketOptions {
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
  readonly publisher: PipelinedPublisher;
  readonly bucket: string;
  readonly clusterId: string;
  readonly replicas: number;
  /** Milliseconds that a read may take. */
  readonly timeoutMs: number;
}

const STREAM_NAME_IN_USE = 10058;
const STREAM_NOT_FOUND = 10059;
const conflictCodes: readonly number[] = [10071, 10164];
/** A deleted key leaves a mark, by which the others see that it was there; it goes by itself. */
const DELETED_MARK_SECONDS = 3_600;
const deletedMark = [["KV-Operation", "DEL"]] as const;
const deletedHeader = /^(KV-Operation|Nats-Marker-Reason):/m;
/** First sequence of a bucket, per millisecond of the wall clock: no bucket has had so many writes on average. */
const SEQUENCES_A_MILLISECOND = 1_000;
const nothing = new Uint8Array(0);

/** One cluster's keys in the bucket. */
export class ClusterBucket {
  readonly #options: ClusterBucketOptions;
  readonly #stream: string;
  readonly #prefix: string;

  constructor(options: ClusterBucketOptions) {
    this.#options = options;
    this.#stream = `KV_${options.bucket}`;
    this.#prefix = `$KV.${options.bucket}.${options.clusterId}.`;
  }

  /** Makes the bucket if there is none. Fails if one is there that would lose what is in it. */
  open(): Effect.Effect<void, ClusterUnavailable | JetStreamUnfit> {
    const opening = this.#attempt("open the bucket", () => this.#openStream());
    return Effect.flatMap(opening, (config) => {
      const unsafe = unsafeSettingOf(config);
      if (unsafe === undefined) return Effect.void;
      return Effect.fail(new JetStreamUnfit({ reason: `the bucket ${this.#options.bucket} is not fit: ${unsafe}` }));
    });
  }

  /** What a key holds now. */
  read(key: string): Effect.Effect<Held, ClusterUnavailable> {
    const { connection, timeoutMs } = this.#options;
    return this.#attempt("read the cluster's state", async () => {
      const query = { last_by_subj: this.#prefix + key };
      const message = await getStoredMessage(connection, this.#stream, query, timeoutMs);
      if (message === undefined) return { sequence: 0, bytes: undefined };
      const isMark = deletedHeader.test(message.headers);
      return { sequence: message.sequence, bytes: isMark ? undefined : message.bytes };
    });
  }

  /** Every key that has a value, or a mark that it was deleted. */
  keys(): Effect.Effect<readonly string[], ClusterUnavailable> {
    return this.#attempt("list the cluster's state", async () => {
      const { state } = await this.#options.manager.streams.info(this.#stream, { subjects_filter: `${this.#prefix}>` });
      return Object.keys(state.subjects ?? {}).map((subject) => subject.slice(this.#prefix.length));
    });
  }

  /** Writes if the key's last sequence is still this one; 0: it has none. `undefined` deletes it. */
  write(key: string, bytes: Uint8Array | undefined, expectedSequence: number): Effect.Effect<WriteOutcome> {
    return Effect.callback((resume) => {
      const options: PublishOptions = {
        expectedLastSubjectSequence: expectedSequence,
        ...(bytes === undefined ? { ttlSeconds: DELETED_MARK_SECONDS, headers: deletedMark } : {}),
      };
      const { publisher } = this.#options;
      const taken = publisher.send(this.#prefix + key, bytes ?? nothing, options, (failure, sequence) => {
        resume(Effect.succeed(failure === undefined ? sequence : outcomeOf(failure)));
      });
      if (!taken) resume(Effect.succeed("unknown"));
    });
  }

  async #openStream(): Promise<StreamConfig> {
    const { streams } = this.#options.manager;
    try {
      return (await streams.info(this.#stream)).config;
    } catch (failure) {
      if (codeOf(failure) !== STREAM_NOT_FOUND) throw failure;
    }
    try {
      return (await streams.add(this.#newConfig())).config;
    } catch (failure) {
      if (codeOf(failure) !== STREAM_NAME_IN_USE) throw failure;
      return (await streams.info(this.#stream)).config; // another node was first
    }
  }

  #newConfig(): Partial<StreamConfig> & { name: string } {
    return {
      name: this.#stream,
      subjects: [`$KV.${this.#options.bucket}.>`],
      description: "Weft: the nodes that are alive, and the partitions that they lead",
      storage: "memory",
      retention: "limits",
      discard: "new",
      num_replicas: this.#options.replicas,
      max_msgs_per_subject: 1,
      max_msgs: -1,
      max_bytes: -1,
      max_age: 0,
      first_seq: Date.now() * SEQUENCES_A_MILLISECOND,
      deny_delete: true,
      deny_purge: false,
      allow_direct: false,
      allow_rollup_hdrs: true,
      allow_msg_ttl: true,
    };
  }

  #attempt<A>(operation: string, work: () => Promise<A>): Effect.Effect<A, ClusterUnavailable> {
    return Effect.tryPromise({ try: work, catch: (cause) => new ClusterUnavailable({ operation, cause }) });
  }
}

/** Whether the store said that there is no such bucket. */
export function isBucketGone({ cause }: ClusterUnavailable): boolean {
  return codeOf(cause) === STREAM_NOT_FOUND;
}

function outcomeOf(failure: PublishFailure): WriteOutcome {
  return failure._tag === "PublishRefused" && conflictCodes.includes(failure.code) ? "conflict" : "unknown";
}

function codeOf(failure: unknown): number {
  return failure instanceof JetStreamApiError || failure instanceof ApiRefused ? failure.code : 0;
}

/** What of a bucket's configuration would end sessions that stand; `undefined` if nothing. */
function unsafeSettingOf(config: StreamConfig): string | undefined {
  const rules: readonly (readonly [holds: boolean, demand: string])[] = [
    [config.max_msgs_per_subject === 1, "its history must be 1"],
    [config.allow_msg_ttl === true, "allow_msg_ttl must be set"],
    [config.discard === "new", "it must refuse new values when it is full"],
    [config.max_msgs <= 0 && config.max_age === 0, "values must not be removed by number or age"],
  ];
  return rules.find(([holds]) => !holds)?.[1];
}
