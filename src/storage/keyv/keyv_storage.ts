import { Effect, Layer, Schema, type Scope } from "effect";
import Keyv from "keyv";
import KeyvSqlite from "@keyv/sqlite";
import type { Json } from "../../values/mod.ts";
import { type AtomicBatch, AtomicDraft } from "../atomic_draft.ts";
import { assertKey, rangeOf } from "../key.ts";
import { FileFromNewerVersion } from "../../protocol/mod.ts";
import {
  type AtomicOperation,
  type KeyValueStore,
  type ListSelector,
  SharedStorage,
  Storage,
  type StorageEntry,
  StorageUnavailable,
} from "../port.ts";
import { versionstampOf } from "../versionstamp.ts";
import { type Row, SqliteConnection, type Synchronous } from "./sqlite_connection.ts";

/** The store's file cannot be used: another process has it, or it cannot be read. Final. */
export class StorageFileUnusable extends Schema.TaggedError<StorageFileUnusable>()("StorageFileUnusable", {
  file: Schema.String,
  reason: Schema.Literals(["inUse", "newer", "unreadable"]),
  cause: Schema.optional(Schema.Defect()),
}) {
  override get message(): string {
    const why = {
      inUse: ": another process has it open",
      newer: ": a newer Weft wrote it; run that one",
      unreadable: "",
    }[this.reason];
    return `Cannot open "${this.file}" as a store${why}`;
  }
}

/** Settings of a store on keyv and SQLite. */
export interface KeyvStorageOptions {
  /** Path of the database file; made with its folder when it is not there. */
  readonly file: string;
  /** Default: `NORMAL`: a power cut may take the last writes, newest first and in whole transactions. `FULL`: none. */
  readonly synchronous?: Synchronous;
}

/** `Storage` on keyv with SQLite, in a file that is ours alone for as long as the layer lives. */
export function layerKeyv(options: KeyvStorageOptions): Layer.Layer<Storage, StorageFileUnusable> {
  return Layer.effect(Storage, makeKeyvStorage(options));
}

/** `SharedStorage` on keyv with SQLite, for a cluster of one process. Another file than the `Storage`'s. */
export function layerKeyvShared(options: KeyvStorageOptions): Layer.Layer<SharedStorage, StorageFileUnusable> {
  return Layer.effect(SharedStorage, makeKeyvStorage(options));
}

/** What the layers provide; open for as long as the scope. */
export function makeKeyvStorage(
  options: KeyvStorageOptions,
): Effect.Effect<KeyValueStore, StorageFileUnusable, Scope.Scope> {
  const { file, synchronous = "NORMAL" } = options;
  const open = Effect.tryPromise({
    try: async () => {
      const connection = new SqliteConnection(file, synchronous);
      const store = new KeyvSqlite({ driver: connection.driver(), table: TABLE, keySize: 512 });
      await store.ready;
      return new KeyvStorage(store, connection);
    },
    catch: (cause) => new StorageFileUnusable({ file, reason: reasonOf(cause), cause }),
  });
  return Effect.acquireRelease(open, (storage) => Effect.promise(() => storage.close()));
}

const SQLITE_BUSY = 5;

function reasonOf(failure: unknown): StorageFileUnusable["reason"] {
  if (failure instanceof FileFromNewerVersion) return "newer";
  return failure instanceof Error && "errcode" in failure && failure.errcode === SQLITE_BUSY ? "inUse" : "unreadable";
}

const TABLE = "keyv";
const UPSERT_ROW = `INSERT INTO ${TABLE} (key, value, namespace) VALUES (?, ?, '')` +
  " ON CONFLICT (key, namespace) DO UPDATE SET value = excluded.value";
const DELETE_ROW = `DELETE FROM ${TABLE} WHERE key = ? AND namespace = ''`;
const SELECT_ROW = `SELECT key, value FROM ${TABLE} WHERE key = ? AND namespace = ''`;
const SELECT_RANGE = `SELECT key, value FROM ${TABLE} WHERE key >= ? AND key < ? AND namespace = ''`;

/** Rows hold the text that we give keyv, as it is: keyv's own envelope would be JSON within JSON. */
const rowsAsTheyAre = {
  stringify: (envelope: unknown) => (envelope as { readonly value: string }).value,
  parse: <T>(text: string) => ({ value: text }) as T,
};

/**
 * Single keys go through keyv's interface, so that another store of keyv's could take the place of SQLite. Ranges and
 * transactions are not in that interface and go to SQLite. A row's value is the JSON text `{"versionstamp":…,"value":…}`.
 *
 * Keyv reports failures as events and answers as if the key were absent, unless nobody listens: then it throws.
 * So nobody may listen to this one's errors.
 */
class KeyvStorage implements KeyValueStore {
  readonly atomicKeysMax = 100_000;
  readonly #keyv: Keyv<string>;
  readonly #connection: SqliteConnection;
  readonly #versions: VersionCounter;

  constructor(store: KeyvSqlite, connection: SqliteConnection) {
    this.#connection = connection;
    this.#keyv = new Keyv<string>({ store, serialization: rowsAsTheyAre, checkExpired: false });
    this.#versions = new VersionCounter(connection);
  }

  get<T extends Json>(key: string): Effect.Effect<StorageEntry<T> | null, StorageUnavailable> {
    return Effect.suspend(() => {
      assertKey(key);
      return attemptAsync("get a key", async () => entryOf<T>(key, await this.#keyv.get(key)));
    });
  }

  getMany<T extends Json>(
    keys: readonly string[],
  ): Effect.Effect<readonly (StorageEntry<T> | null)[], StorageUnavailable> {
    return Effect.suspend(() => {
      keys.forEach(assertKey);
      return attemptAsync("get keys", async () => {
        const texts = await this.#keyv.getMany([...keys]);
        return keys.map((key, index) => entryOf<T>(key, texts[index]));
      });
    });
  }

  set(key: string, value: Json): Effect.Effect<void, StorageUnavailable> {
    return Effect.suspend(() => {
      assertKey(key);
      const valueText = JSON.stringify(value);
      return attemptAsync("set a key", async () => {
        const done = await this.#keyv.set(key, rowText(this.#versions.next(), valueText));
        if (!done) throw new Error("keyv did not set the key");
      });
    });
  }

  delete(key: string): Effect.Effect<void, StorageUnavailable> {
    return Effect.suspend(() => {
      assertKey(key);
      return attemptAsync("delete a key", async () => {
        await this.#keyv.delete(key);
      });
    });
  }

  list<T extends Json>(selector: ListSelector): Effect.Effect<readonly StorageEntry<T>[], StorageUnavailable> {
    return Effect.suspend(() => {
      const { lower, upper } = rangeOf(selector);
      const order = selector.reverse === true ? " ORDER BY key DESC LIMIT ?" : " ORDER BY key LIMIT ?";
      return attempt("list keys", () => {
        const rows = this.#connection.all(SELECT_RANGE + order, lower, upper, selector.limit);
        return rows.map((row) => entryOfRow<T>(row));
      });
    });
  }

  atomic(): AtomicOperation {
    return new AtomicDraft(this.atomicKeysMax, (batch) => attempt("commit", () => this.#commit(batch)));
  }

  sync(): Effect.Effect<void, StorageUnavailable> {
    return attempt("sync", () => void this.#connection.all("PRAGMA wal_checkpoint(FULL)"));
  }

  async close(): Promise<void> {
    await this.#keyv.disconnect();
  }

  #commit({ checks, writes }: AtomicBatch): boolean {
    const connection = this.#connection;
    const versionstamp = this.#versions.next();
    return connection.transaction(() => {
      for (const [key, expected] of checks) {
        const [row] = connection.all(SELECT_ROW, key);
        if ((row === undefined ? null : entryOfRow(row).versionstamp) !== expected) return false;
      }
      for (const [key, text] of writes) {
        if (text === null) connection.all(DELETE_ROW, key);
        else connection.all(UPSERT_ROW, key, rowText(versionstamp, text));
      }
      return true;
    });
  }
}

function attempt<A>(operation: string, work: () => A): Effect.Effect<A, StorageUnavailable> {
  return Effect.try({ try: work, catch: (cause) => new StorageUnavailable({ operation, cause }) });
}

function attemptAsync<A>(operation: string, work: () => Promise<A>): Effect.Effect<A, StorageUnavailable> {
  return Effect.tryPromise({ try: work, catch: (cause) => new StorageUnavailable({ operation, cause }) });
}

function rowText(versionstamp: string, valueText: string): string {
  return `{"versionstamp":"${versionstamp}","value":${valueText}}`;
}

function entryOf<T extends Json>(key: string, text: string | undefined): StorageEntry<T> | null {
  if (text === undefined) return null;
  const { versionstamp, value }: { readonly versionstamp: string; readonly value: T } = JSON.parse(text);
  return { key, value, versionstamp };
}

function entryOfRow<T extends Json>({ key, value }: Row): StorageEntry<T> {
  const entry = typeof key === "string" && typeof value === "string" ? entryOf<T>(key, value) : null;
  if (entry === null) throw new TypeError("Expected a row of text");
  return entry;
}

const VERSIONS_AT_ONCE = 1_000_000;

/**
 * Versionstamps that rise over restarts, without a write for each: a million are taken at a time, and what is left of them
 * when the process ends is never used.
 */
class VersionCounter {
  readonly #connection: SqliteConnection;
  #last: number;
  #ceiling: number;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
    connection.all("CREATE TABLE IF NOT EXISTS versions (id INTEGER PRIMARY KEY, ceiling INTEGER NOT NULL)");
    const ceiling = connection.all("SELECT ceiling FROM versions WHERE id = 1")[0]?.["ceiling"];
    this.#last = typeof ceiling === "number" ? ceiling : 0;
    this.#ceiling = this.#last;
  }

  next(): string {
    if (this.#last === this.#ceiling) {
      this.#connection.all(
        "INSERT OR REPLACE INTO versions (id, ceiling) VALUES (1, ?)",
        this.#ceiling + VERSIONS_AT_ONCE,
      );
      this.#ceiling += VERSIONS_AT_ONCE;
    }
    this.#last++;
    return versionstampOf(this.#last);
  }
}
