import { Effect, Layer, type Scope } from "effect";
import type { JetStreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import {
  getStoredMessage,
  type JetStreamUnfit,
  openJetStream,
  PipelinedPublisher,
  PublishFailed,
  type PublishOptions,
} from "../../nats/mod.ts";
import type { Json } from "../../values/mod.ts";
import { type AtomicBatch, AtomicDraft } from "../atomic_draft.ts";
import { assertKey, type KeyRange, rangeOf } from "../key.ts";
import {
  type AtomicOperation,
  type KeyValueStore,
  type ListSelector,
  SharedStorage,
  type StorageEntry,
  StorageUnavailable,
} from "../port.ts";
import { versionstampOf } from "../versionstamp.ts";
import { type Bucket, codeOf, filterOf, keyOf, openBucket, STREAM_NOT_FOUND, subjectOf } from "./bucket.ts";

/** Settings of a store in a JetStream key-value bucket. */
export interface JetStreamStorageOptions {
  /** Closed by its owner, after this layer. */
  readonly connection: NatsConnection;
  /** `[A-Za-z0-9_-]+`. */
  readonly bucket: string;
  /** Servers that keep each value: 1 on a single server, 3 in a cluster. Only counts when the bucket is made. */
  readonly replicas: number;
  /** Milliseconds to wait for the server. Default: 5,000. */
  readonly timeoutMs?: number;
  /**
   * Keys that the bucket cannot be without: their values, as they were last seen here, are written again where the bucket is deleted while it is open,
   * and has to be made anew. Default: none, and a bucket that is deleted stays so.
   */
  readonly essentialKeys?: readonly string[];
}

/**
 * `SharedStorage` in a JetStream key-value bucket: what the whole cluster sees. A value is one message, so it is at most as
 * large as the server takes (1 MiB by default); a larger one fails with `StorageUnavailable`.
 */
export function layerJetStream(
  options: JetStreamStorageOptions,
): Layer.Layer<SharedStorage, JetStreamUnfit | StorageUnavailable> {
  return Layer.effect(SharedStorage, makeJetStreamStorage(options));
}

/** What `layerJetStream` provides; works for as long as the scope and the connection. */
export function makeJetStreamStorage(
  options: JetStreamStorageOptions,
): Effect.Effect<KeyValueStore, JetStreamUnfit | StorageUnavailable, Scope.Scope> {
  const { connection, bucket: name, replicas, timeoutMs = 5_000, essentialKeys = [] } = options;
  return Effect.gen(function* () {
    const manager = yield* openJetStream(connection, timeoutMs);
    const bucket = yield* attempt("open the bucket", () => openBucket(manager, name, replicas));
    const publisher = yield* Effect.acquireRelease(
      Effect.sync(() => new PipelinedPublisher(connection, { timeoutMs })),
      (publisher) => Effect.sync(() => publisher.close()),
    );
    const open = () => openBucket(manager, name, replicas);
    return new JetStreamStorage({ connection, manager, publisher, bucket, timeoutMs, open, essentialKeys });
  });
}

interface Parts {
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
  readonly publisher: PipelinedPublisher;
  readonly bucket: Bucket;
  readonly timeoutMs: number;
  /** Opens the bucket, or makes it. */
  readonly open: () => Promise<Bucket>;
  readonly essentialKeys: readonly string[];
}

/** What a key holds: its value's text, or `null` where it was deleted; `sequence` 0 where it never was. */
interface Held {
  readonly sequence: number;
  readonly text: string | null;
}

const nothing: Held = { sequence: 0, text: null };
const GETS_AT_ONCE = 256;
/** Some of the keys of a page may be marks of deleted ones: a page of one key must not ask for each of them in turn. */
const GETS_AT_LEAST = 8;
const CONFLICT_RETRIES_MAX = 10;
const conflictCodes: readonly number[] = [10071, 10164];
/** A deleted key leaves a message that says so, for whoever watches the bucket; it goes by itself. */
const DELETED_MARK_SECONDS = 3_600;
const deletedMark: PublishOptions = { ttlSeconds: DELETED_MARK_SECONDS, headers: [["KV-Operation", "DEL"]] };
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * A value is the last message of its key's subject, its versionstamp that message's sequence. Everything is read through the
 * stream's leader. An atomic operation is one publish that expects one sequence: so it can write one key, and
 * check one, which may be another.
 */
class JetStreamStorage implements KeyValueStore {
  readonly atomicKeysMax = 1;
  readonly #parts: Parts;
  /** Texts of the keys that the bucket cannot be without. */
  readonly #essential = new Map<string, string>();
  #isRemaking = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get<T extends Json>(key: string): Effect.Effect<StorageEntry<T> | null, StorageUnavailable> {
    return Effect.map(this.getMany<T>([key]), ([entry]) => entry ?? null);
  }

  getMany<T extends Json>(
    keys: readonly string[],
  ): Effect.Effect<readonly (StorageEntry<T> | null)[], StorageUnavailable> {
    return Effect.suspend(() => {
      keys.forEach(assertKey);
      return this.#attempt("get keys", () => this.#readMany<T>(keys));
    });
  }

  set(key: string, value: Json): Effect.Effect<void, StorageUnavailable> {
    return Effect.suspend(() => {
      assertKey(key);
      const text = JSON.stringify(value);
      return this.#attempt("set a key", () => this.#write(key, text, {}));
    });
  }

  delete(key: string): Effect.Effect<void, StorageUnavailable> {
    return Effect.suspend(() => {
      assertKey(key);
      return this.#attempt("delete a key", () => this.#write(key, null, {}));
    });
  }

  list<T extends Json>(selector: ListSelector): Effect.Effect<readonly StorageEntry<T>[], StorageUnavailable> {
    return Effect.suspend(() => {
      const range = rangeOf(selector);
      return this.#attempt("list keys", () => this.#readPage<T>(selector, range));
    });
  }

  atomic(): AtomicOperation {
    return new AtomicDraft(this.atomicKeysMax, (batch) =>
      Effect.suspend(() => {
        if (batch.writes.size > 0 && batch.checks.size > 1) {
          throw new RangeError(`Cannot check ${batch.checks.size} keys with one write: JetStream checks one`);
        }
        return this.#attempt("commit", () => this.#commit(batch));
      }));
  }

  /** A bucket that turns out to be gone is made again, for who tries again. */
  #attempt<A>(operation: string, work: () => Promise<A>): Effect.Effect<A, StorageUnavailable> {
    return Effect.tapError(
      attempt(operation, work),
      () =>
        Effect.flatMap(
          Effect.promise(() => this.#remakeIfGone().catch(() => false)),
          (isRemade) =>
            isRemade
              ? Effect.annotateLogs(
                Effect.logWarning("The bucket was deleted, and has been made again: what was in it is written anew"),
                { bucket: this.#parts.bucket.stream },
              )
              : Effect.void,
        ),
    );
  }

  async #remakeIfGone(): Promise<boolean> {
    const { manager, bucket, open, essentialKeys } = this.#parts;
    if (essentialKeys.length === 0 || this.#isRemaking || essentialKeys.some((key) => !this.#essential.has(key))) {
      return false;
    }
    this.#isRemaking = true;
    try {
      const isThere = await manager.streams.info(bucket.stream).then(() => true, (failure) => {
        if (codeOf(failure) === STREAM_NOT_FOUND) return false;
        throw failure;
      });
      if (isThere) return false;
      await open();
      for (const [key, text] of this.#essential) await this.#writeIf(key, text, key, 0);
      return true;
    } finally {
      this.#isRemaking = false;
    }
  }

  /** What the server acknowledged is as safe as it makes it. */
  sync(): Effect.Effect<void> {
    return Effect.void;
  }

  async #readMany<T extends Json>(keys: readonly string[]): Promise<(StorageEntry<T> | null)[]> {
    const entries: (StorageEntry<T> | null)[] = [];
    for (let start = 0; start < keys.length; start += GETS_AT_ONCE) {
      const some = keys.slice(start, start + GETS_AT_ONCE);
      const held = await Promise.all(some.map((key) => this.#read(key)));
      held.forEach(({ sequence, text }, index) => {
        const key = some[index] ?? "";
        entries.push(text === null ? null : { key, value: JSON.parse(text), versionstamp: versionstampOf(sequence) });
      });
    }
    return entries;
  }

  async #readPage<T extends Json>(
    { prefix, reverse, limit }: ListSelector,
    { lower, upper }: KeyRange,
  ): Promise<StorageEntry<T>[]> {
    const { bucket, manager } = this.#parts;
    const info = await manager.streams.info(bucket.stream, { subjects_filter: filterOf(bucket, prefix) });
    const keys = Object.keys(info.state.subjects ?? {}).map((subject) => keyOf(bucket, subject))
      .filter((key) => key >= lower && key < upper).sort();
    if (reverse === true) keys.reverse();
    const entries: StorageEntry<T>[] = [];
    for (let next = 0; next < keys.length && entries.length < limit;) {
      const wanted = Math.min(GETS_AT_ONCE, Math.max(limit - entries.length, GETS_AT_LEAST));
      const some = await this.#readMany<T>(keys.slice(next, next + wanted));
      next += wanted;
      for (const entry of some) if (entry !== null && entries.length < limit) entries.push(entry);
    }
    return entries;
  }

  async #read(key: string): Promise<Held> {
    const { connection, bucket, timeoutMs } = this.#parts;
    const query = { last_by_subj: subjectOf(bucket, key) };
    const message = await getStoredMessage(connection, bucket.stream, query, timeoutMs);
    if (message === undefined) return nothing;
    const isMark = /^(KV-Operation|Nats-Marker-Reason):/m.test(message.headers);
    const text = isMark ? null : decoder.decode(message.bytes);
    if (text !== null && this.#parts.essentialKeys.includes(key)) this.#essential.set(key, text);
    return { sequence: message.sequence, text };
  }

  async #write(key: string, text: string | null, expected: PublishOptions): Promise<void> {
    const { publisher, bucket } = this.#parts;
    const headers = [...(text === null ? deletedMark.headers ?? [] : []), ...(expected.headers ?? [])];
    const options = { ...(text === null ? deletedMark : {}), ...expected, headers };
    await publisher.publish(subjectOf(bucket, key), encoder.encode(text ?? ""), options);
    if (text !== null && this.#parts.essentialKeys.includes(key)) this.#essential.set(key, text);
  }

  async #commit({ checks, writes }: AtomicBatch): Promise<boolean> {
    const [write] = writes;
    if (write === undefined) return await this.#holdAll(checks);
    const [check] = checks;
    if (check === undefined) {
      await this.#write(write[0], write[1], {});
      return true;
    }
    const [key, text] = write;
    for (let tries = 0; tries < CONFLICT_RETRIES_MAX; tries++) {
      const held = await this.#read(check[0]);
      if (stampOf(held) !== check[1]) return false;
      if (await this.#writeIf(key, text, check[0], held.sequence)) return true;
    }
    throw new Error(`Others wrote "${check[0]}" each time`);
  }

  async #holdAll(checks: AtomicBatch["checks"]): Promise<boolean> {
    for (const [key, versionstamp] of checks) if (stampOf(await this.#read(key)) !== versionstamp) return false;
    return true;
  }

  /** Writes if the checked key's last message is still the one with this sequence. */
  async #writeIf(key: string, text: string | null, checked: string, sequence: number): Promise<boolean> {
    const other = ["Nats-Expected-Last-Subject-Sequence-Subject", subjectOf(this.#parts.bucket, checked)] as const;
    try {
      const headers = key === checked ? [] : [other];
      await this.#write(key, text, { expectedLastSubjectSequence: sequence, headers });
      return true;
    } catch (failure) {
      if (failure instanceof PublishFailed && isConflict(failure)) return false;
      throw failure;
    }
  }
}

function isConflict({ failure }: PublishFailed): boolean {
  return failure._tag === "PublishRefused" && conflictCodes.includes(failure.code);
}

function stampOf({ sequence, text }: Held): string | null {
  return text === null ? null : versionstampOf(sequence);
}

function attempt<A>(operation: string, work: () => Promise<A>): Effect.Effect<A, StorageUnavailable> {
  return Effect.tryPromise({ try: work, catch: (cause) => new StorageUnavailable({ operation, cause }) });
}
