import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { assertFileVersion } from "../../protocol/mod.ts";
import type { LogBounds, LogEntry } from "../port.ts";

/** How far an append has got when it is acknowledged. */
export type Synchronous = "FULL" | "NORMAL";

const SCHEMA_VERSION = 1;
const PAGE_BYTES = 8_192;
const CHECKPOINT_PAGES = 2_000;
const READ_BYTES_MAX = 4_194_304;
const DELETED_AT_ONCE = 1_000;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS entries (
    id INTEGER PRIMARY KEY, partition INTEGER NOT NULL, sequence INTEGER NOT NULL, bytes BLOB NOT NULL
  );
  CREATE UNIQUE INDEX IF NOT EXISTS entries_in_order ON entries (partition, sequence);
  CREATE TABLE IF NOT EXISTS trimmed (partition INTEGER PRIMARY KEY, through INTEGER NOT NULL);
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** One entry on its way into the file. */
export interface Append {
  readonly partition: number;
  readonly expectedSequence: number;
  readonly bytes: Uint8Array;
}

/**
 * The database file: all partitions' entries in one table, so that appends of several partitions share one commit. The
 * table is in the order of writing, with an index by partition: twice as fast as one that is kept in order itself, whose
 * partitions would all grow in its middle.
 *
 * It is locked for as long as it is open (SQLite's exclusive locking mode): the lock belongs to the process and goes with it,
 * also when it is killed. So the last sequences may be kept in memory: nobody else writes.
 *
 * `trimmed` says up to which sequence a partition was trimmed; the last sequence is never less than that, also when no entry
 * is left. Everything here blocks, and throws SQLite's errors (`code` is `ERR_SQLITE_ERROR`, `errcode` SQLite's number).
 */
export class LogFile {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #select: StatementSync;
  readonly #selectLast: StatementSync;
  readonly #selectTrimmed: StatementSync;
  readonly #setTrimmed: StatementSync;
  readonly #deleteTrimmed: StatementSync;
  readonly #known = new Map<number, LogBounds>();

  /** Opens the file, or makes it with the folder that it is in. */
  constructor(file: string, synchronous: Synchronous) {
    mkdirSync(dirname(file), { recursive: true });
    const database = new DatabaseSync(file, { timeout: 0 });
    try {
      prepareFile(database, synchronous);
      this.#insert = database.prepare("INSERT INTO entries (partition, sequence, bytes) VALUES (?, ?, ?)");
      this.#select = database.prepare(
        "SELECT sequence, bytes FROM entries WHERE partition = ? AND sequence >= ? ORDER BY sequence LIMIT ?",
      );
      this.#selectLast = database.prepare("SELECT max(sequence) AS sequence FROM entries WHERE partition = ?");
      this.#selectTrimmed = database.prepare("SELECT through AS sequence FROM trimmed WHERE partition = ?");
      this.#setTrimmed = database.prepare("INSERT OR REPLACE INTO trimmed (partition, through) VALUES (?, ?)");
      this.#deleteTrimmed = database.prepare(
        "DELETE FROM entries WHERE id IN (SELECT id FROM entries WHERE partition = ? AND sequence <= ?" +
          ` ORDER BY sequence LIMIT ${DELETED_AT_ONCE})`,
      );
    } catch (failure) {
      database.close();
      throw failure;
    }
    this.#database = database;
  }

  /** First and last sequence of a partition, as the port has them. */
  bounds(partition: number): LogBounds {
    const known = this.#known.get(partition);
    if (known !== undefined) return known;
    const through = sequenceOf(this.#selectTrimmed, partition);
    const bounds = { first: through + 1, last: Math.max(through, sequenceOf(this.#selectLast, partition)) };
    this.#known.set(partition, bounds);
    return bounds;
  }

  /**
   * Writes appends in one transaction, in order, leaving out those whose expected sequence does not hold.
   *
   * @returns for each append whether it was written: all that were are on the disk, as far as `synchronous` says
   * @throws {Error} SQLite's; nothing can be said of any of them then
   */
  append(appends: readonly Append[]): boolean[] {
    try {
      this.#database.exec("BEGIN IMMEDIATE");
      const written = appends.map(({ partition, expectedSequence, bytes }) => {
        const { first, last } = this.bounds(partition);
        if (last !== expectedSequence) return false;
        this.#insert.run(partition, expectedSequence + 1, bytes);
        this.#known.set(partition, { first, last: expectedSequence + 1 });
        return true;
      });
      this.#database.exec("COMMIT");
      return written;
    } catch (failure) {
      this.#known.clear(); // they speak of entries that are not there: read them again
      if (this.#database.isOpen && this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw failure;
    }
  }

  /** Entries from `from`, at most `limit` of them and about 4 MiB, at least one if there is one. Holes are not looked for. */
  read(partition: number, from: number, limit: number): LogEntry[] {
    const entries: LogEntry[] = [];
    let bytesRead = 0;
    for (const { sequence, bytes } of this.#select.iterate(partition, from, limit)) {
      if (typeof sequence !== "number" || !(bytes instanceof Uint8Array)) throw new TypeError("Expected a log entry");
      entries.push({ sequence, bytes });
      bytesRead += bytes.byteLength;
      if (bytesRead >= READ_BYTES_MAX) break;
    }
    return entries;
  }

  /** Notes that everything up to `through` is gone, and never again part of the partition. `sweep` then frees the space. */
  trim(partition: number, through: number): void {
    const { first, last } = this.bounds(partition);
    const trimmed = Math.min(through, last);
    if (trimmed < first) return;
    this.#setTrimmed.run(partition, trimmed);
    this.#known.set(partition, { first: trimmed + 1, last });
  }

  /** Deletes a thousand of the entries that were trimmed away. Answers whether there may be more. */
  sweep(partition: number): boolean {
    const { first } = this.bounds(partition);
    return Number(this.#deleteTrimmed.run(partition, first - 1).changes) === DELETED_AT_ONCE;
  }

  /** Closes the file and lets go of its lock. Repeats are harmless. */
  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }
}

function prepareFile(database: DatabaseSync, synchronous: Synchronous): void {
  database.exec(`PRAGMA page_size = ${PAGE_BYTES}`); // of a new file; an old one keeps its own
  database.exec("PRAGMA locking_mode = EXCLUSIVE");
  assertFileVersion(database.prepare("PRAGMA user_version").get()?.["user_version"], SCHEMA_VERSION);
  const mode = database.prepare("PRAGMA journal_mode = WAL").get();
  if (mode?.["journal_mode"] !== "wal") throw new Error("The file system does not allow a write-ahead log");
  database.exec(`PRAGMA synchronous = ${synchronous}`);
  database.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  database.exec(`BEGIN EXCLUSIVE; ${SCHEMA} COMMIT`); // takes the lock, also when there is nothing to make
}

function sequenceOf(statement: StatementSync, partition: number): number {
  const sequence = statement.get(partition)?.["sequence"];
  return typeof sequence === "number" ? sequence : 0;
}
