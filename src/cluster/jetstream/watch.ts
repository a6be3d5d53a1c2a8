/**
 * What this node learns of the others. Members tell each other of what they have written, over core NATS; that is a hint, which may be lost. So
 * everything is read again in rounds, too.
 */
import { Effect, Result, type Scope } from "effect";
import type { Msg, NatsConnection } from "@nats-io/transport-node";
import type { ClusterUnavailable, MemberId } from "../mod.ts";
import type { ClusterBucket, Held } from "./cluster_bucket.ts";
import type { KnownCluster } from "./known_cluster.ts";
import { leaseKey, memberOf, partitionOf, readLease, readSession, type RecordFailure, sessionKey } from "./records.ts";

/** What a watch is made of. */
export interface WatchParts {
  readonly connection: NatsConnection;
  readonly bucket: ClusterBucket;
  readonly known: KnownCluster;
  /** Members tell each other here. */
  readonly subject: string;
  /** Milliseconds between two rounds. */
  readonly roundMs: number;
}

const READS_AT_ONCE = 32;
/** Leases that are read again in a round: of more partitions, some in each. */
const LEASES_A_ROUND = 64;
/** Keys that have changed and were not read yet; beyond it, the next round finds them. */
const NEWS_MAX = 4_096;
const COMPLAINTS_MAX = 1_024;
const news = /^(\d{1,16}) ([A-Za-z0-9_.-]{1,80})( !)?$/;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Keeps what is known of a cluster, for as long as its fiber runs. */
export class Watch {
  readonly #parts: WatchParts;
  readonly #news = new Set<string>();
  readonly #complaints = new Set<string>();
  #wake: (() => void) | undefined;
  #nextLease = 0;
  /** Who is there before the first round has not joined now. */
  #hasLooked = false;

  constructor(parts: WatchParts) {
    this.#parts = parts;
  }

  /** Tells the others that a key was written. `isNews`: they should read it. */
  tell(key: string, sequence: number, isNews: boolean): void {
    const { connection, subject } = this.#parts;
    if (connection.isClosed()) return;
    connection.publish(subject, encoder.encode(`${sequence} ${key}${isNews ? " !" : ""}`));
  }

  /** Listens and reads for as long as the scope. */
  start(): Effect.Effect<void, never, Scope.Scope> {
    const { connection, subject, roundMs } = this.#parts;
    const listen = Effect.sync(() => {
      const callback = (failure: Error | null, message: Msg) => {
        if (failure === null) this.#hear(message.data);
      };
      return connection.subscribe(subject, { callback });
    });
    return Effect.gen({ self: this }, function* () {
      yield* Effect.acquireRelease(listen, (subscription) =>
        Effect.sync(() => {
          if (!connection.isClosed()) subscription.unsubscribe();
        }));
      const reading = Effect.andThen(this.#untilNews(), Effect.ignore(this.#readNews()));
      yield* Effect.forkScoped(Effect.forever(reading));
      yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(roundMs), Effect.ignore(this.round()))));
    });
  }

  /** Reads what is there: all of whom nothing was heard, and leases in turn. */
  round(): Effect.Effect<void, ClusterUnavailable> {
    const { bucket, known, roundMs } = this.#parts;
    return Effect.gen({ self: this }, function* () {
      const keys = new Set(yield* bucket.keys());
      const members = new Set(known.memberIds);
      for (const key of keys) {
        const id = memberOf(key);
        if (id !== undefined && !known.isGone(id)) members.add(id);
      }
      const unheard = [...members].filter((id) =>
        id !== known.view.self && !known.isFresh(id, roundMs / 2, performance.now())
      );
      const partitions = new Set(known.leasedPartitions);
      for (const key of keys) {
        const partition = partitionOf(key);
        if (partition !== undefined) partitions.add(partition);
      }
      const wanted = [...unheard.map(sessionKey), ...this.#someOf([...partitions]).map(leaseKey)];
      yield* Effect.forEach(wanted, (key) => this.read(key), { concurrency: READS_AT_ONCE, discard: true });
      this.#hasLooked = true;
    });
  }

  /** Reads a key, and keeps what it says. */
  read(key: string): Effect.Effect<void, ClusterUnavailable> {
    return Effect.flatMap(this.#parts.bucket.read(key), (held) => this.#keep(key, held));
  }

  #someOf(partitions: readonly number[]): readonly number[] {
    if (partitions.length <= LEASES_A_ROUND) return partitions;
    const sorted = partitions.toSorted((a, b) => a - b);
    const from = this.#nextLease % sorted.length;
    this.#nextLease = from + LEASES_A_ROUND;
    return [...sorted.slice(from), ...sorted.slice(0, from)].slice(0, LEASES_A_ROUND);
  }

  #hear(data: Uint8Array): void {
    const [, digits, key, bang] = news.exec(decoder.decode(data)) ?? [];
    if (key === undefined) return;
    const id = memberOf(key);
    const isKnown = id !== undefined && bang === undefined &&
      this.#parts.known.hear(id, Number(digits), performance.now());
    if (isKnown || this.#news.size >= NEWS_MAX) return;
    this.#news.add(key);
    this.#wake?.();
  }

  #untilNews(): Effect.Effect<void> {
    return Effect.callback((resume) => {
      const wake = () => {
        this.#wake = undefined;
        resume(Effect.void);
      };
      if (this.#news.size > 0) return wake();
      this.#wake = wake;
    });
  }

  #readNews(): Effect.Effect<void, ClusterUnavailable> {
    return Effect.suspend(() => {
      const keys = [...this.#news].filter((key) => this.#isOurs(key));
      this.#news.clear();
      return Effect.forEach(keys, (key) => this.read(key), { concurrency: READS_AT_ONCE, discard: true });
    });
  }

  /** Of this node's own session the session itself knows best. */
  #isOurs(key: string): boolean {
    const id = memberOf(key);
    return id === undefined ? partitionOf(key) !== undefined : id !== this.#parts.known.view.self;
  }

  #keep(key: string, { sequence, bytes }: Held): Effect.Effect<void> {
    return Effect.suspend(() => {
      const { known } = this.#parts;
      const partition = partitionOf(key);
      const id = memberOf(key);
      if (partition !== undefined) {
        if (bytes === undefined) {
          known.removeLease(partition);
          return Effect.void;
        }
        const holder = readLease(key, bytes);
        known.putLease(partition, Result.isSuccess(holder) ? holder.success : undefined, sequence);
        return Result.isSuccess(holder) ? Effect.void : this.#complain(key, holder.failure);
      }
      if (id === undefined) return Effect.void;
      return bytes === undefined ? this.#forget(id) : this.#keepMember(id, bytes, sequence);
    });
  }

  #keepMember(id: MemberId, bytes: Uint8Array, sequence: number): Effect.Effect<void> {
    const key = sessionKey(id);
    const session = readSession(key, bytes);
    const readable = Result.isSuccess(session) ? session.success : undefined;
    const isNew = this.#parts.known.putMember(id, readable, sequence, performance.now());
    if (Result.isFailure(session)) return this.#complain(key, session.failure);
    if (!isNew || !this.#hasLooked) return Effect.void;
    return Effect.annotateLogs(Effect.logInfo("A node has joined the cluster"), {
      name: session.success.name,
      member: id,
    });
  }

  #forget(id: MemberId): Effect.Effect<void> {
    const { known } = this.#parts;
    const name = known.view.members.find((member) => member.id === id)?.name;
    if (!known.removeMember(id) || name === undefined) return Effect.void;
    return Effect.annotateLogs(Effect.logInfo("A node has left the cluster"), { name, member: id });
  }

  /** Once for each key. */
  #complain(key: string, failure: RecordFailure): Effect.Effect<void> {
    if (this.#complaints.has(key) || this.#complaints.size >= COMPLAINTS_MAX) return Effect.void;
    this.#complaints.add(key);
    return Effect.logError(failure.message);
  }
}
