/**
 * A Deno-KV-like store: the local state of a replica, its indexes, and (over JetStream KV) snapshots and cluster settings.
 *
 * Keys are text of `[A-Za-z0-9/_=-]`, 1 to 512 characters, no `//` and no `/` at the end; order is by character code. Values are JSON.
 * Everything in it can be rebuilt from the log, unless its writer says otherwise.
 */
import { Context, type Effect, Schema } from "effect";
import type { Json } from "../values/mod.ts";

/** The store did not answer, or not in time, or cannot write. After a write the outcome is unknown. Worth another try. */
export class StorageUnavailable extends Schema.TaggedError<StorageUnavailable>()("StorageUnavailable", {
  operation: Schema.String,
  cause: Schema.optional(Schema.Defect()),
}) {
  override get message(): string {
    return `Cannot ${this.operation}: the store is not available`;
  }
}

/** A newer Weft wrote what stands in this store: it is whole, and this one cannot read it. Final for this one: nothing is dropped or overwritten. */
export class StoreFromNewerVersion extends Schema.TaggedError<StoreFromNewerVersion>()("StoreFromNewerVersion", {
  /** What was to be read, such as a key. */
  place: Schema.String,
  /** What stands there, and up to which version it is read. */
  reason: Schema.String,
}) {
  override get message(): string {
    return `Cannot read ${this.place}: ${this.reason}: a newer Weft wrote it`;
  }
}

/** A key with what was last written to it. */
export interface StorageEntry<T> {
  readonly key: string;
  readonly value: T;
  /** Changes with every write of this key; sorts by time of write within one key. Opaque. */
  readonly versionstamp: string;
}

/** Which keys to list, and how many of them. All conditions hold at once. */
export interface ListSelector {
  /** Every key that begins with it. */
  readonly prefix: string;
  /** First key wanted, inclusive. */
  readonly start?: string;
  /** First key no longer wanted, exclusive. */
  readonly end?: string;
  readonly reverse?: boolean;
  /** 1 to 10,000. To page on: `start` = last key + "-" is wrong, use `after`. */
  readonly limit: number;
  /** Continue behind this key (before it, when reversed), exclusive. */
  readonly after?: string;
}

/**
 * Collects checks and writes, then does all or nothing.
 *
 * - `check(key, versionstamp)`: commit only while the key has this versionstamp; `null`: only while it is absent.
 * - `commit` succeeds with `true`, or `false` when a check did not hold and nothing was written. `StorageUnavailable`: unknown.
 * - More than `atomicKeysMax` keys written is a defect of the caller.
 */
export interface AtomicOperation {
  check(key: string, versionstamp: string | null): AtomicOperation;
  set(key: string, value: Json): AtomicOperation;
  delete(key: string): AtomicOperation;
  commit(): Effect.Effect<boolean, StorageUnavailable>;
}

/**
 * One store of JSON values by key. What a call acknowledged, every later call sees. A key that is none, or a limit out of range, is a
 * defect of the caller. What is absent is `null`, here and in a check, as in Deno KV: this port's one word that is not `undefined`.
 */
export interface KeyValueStore {
  /** Keys that one atomic operation may write: 10,000 or more in local stores, 1 over JetStream KV (it has no transactions). */
  readonly atomicKeysMax: number;
  get<T extends Json>(key: string): Effect.Effect<StorageEntry<T> | null, StorageUnavailable>;
  /** In the order asked; any number of keys. */
  getMany<T extends Json>(
    keys: readonly string[],
  ): Effect.Effect<readonly (StorageEntry<T> | null)[], StorageUnavailable>;
  set(key: string, value: Json): Effect.Effect<void, StorageUnavailable>;
  /** Absent keys are no error. */
  delete(key: string): Effect.Effect<void, StorageUnavailable>;
  /** A page in key order. */
  list<T extends Json>(selector: ListSelector): Effect.Effect<readonly StorageEntry<T>[], StorageUnavailable>;
  atomic(): AtomicOperation;
  /** Succeeds when all that was acknowledged before is on the disk, and survives a power cut. */
  sync(): Effect.Effect<void, StorageUnavailable>;
}

/** The replica's own store. */
export class Storage extends Context.Service<Storage, KeyValueStore>()("weft/Storage") {}

/** What the whole cluster shares: cluster settings, and (in a cluster) snapshots. The same port, another place. */
export class SharedStorage extends Context.Service<SharedStorage, KeyValueStore>()("weft/SharedStorage") {}
