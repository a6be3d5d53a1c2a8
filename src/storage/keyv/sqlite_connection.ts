import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type { KeyvSqliteOptions } from "@keyv/sqlite";
import { assertFileVersion } from "../../protocol/mod.ts";

type SqliteDriver = Extract<KeyvSqliteOptions["driver"], object>;
type SqliteDb = Awaited<ReturnType<SqliteDriver["connect"]>>;

/** `NORMAL`: a power cut may take the last writes, all of a transaction or nothing. `FULL`: on the disk before a write succeeds. */
export type Synchronous = "FULL" | "NORMAL";

/** A row of a query: its columns by name. */
export type Row = Record<string, unknown>;

/** Of the tables, not of the values in them. 0 stands in files of the first version. */
const FILE_VERSION = 1;
const STATEMENTS_KEPT = 64;
/** The operating system keeps the file's pages as well: a larger cache is memory twice. */
const CACHE_KIBIBYTES = 16_384;
/** 32 MiB. A checkpoint of many scattered pages holds everything up, so it must be rare; a larger one holds up longer. */
const CHECKPOINT_PAGES = 8_000;

/**
 * One connection to a SQLite file, for keyv and for what keyv's interface has no words for (ranges, transactions).
 *
 * It keeps its prepared statements, which keyv's own driver makes anew for each query, and it is synchronous: a transaction
 * is done before anybody else has a turn. The file is locked until the connection is closed or the process gone.
 */
export class SqliteConnection {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** Opens the file, or makes it with the folder that it is in. Throws SQLite's errors: `errcode` 5 is "in use". */
  constructor(file: string, synchronous: Synchronous) {
    mkdirSync(dirname(file), { recursive: true });
    this.#database = new DatabaseSync(file, { timeout: 0 });
    try {
      this.#database.exec("PRAGMA locking_mode = EXCLUSIVE");
      assertFileVersion(this.all("PRAGMA user_version")[0]?.["user_version"], FILE_VERSION);
      const [mode] = this.all("PRAGMA journal_mode = WAL");
      if (mode?.["journal_mode"] !== "wal") throw new Error("The file system does not allow a write-ahead log");
      this.#database.exec(`PRAGMA synchronous = ${synchronous}`);
      this.#database.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
      this.#database.exec(`PRAGMA cache_size = -${CACHE_KIBIBYTES}`);
      this.#database.exec("BEGIN EXCLUSIVE; COMMIT"); // takes the lock
    } catch (failure) {
      this.#database.close();
      throw failure;
    }
  }

  /** Runs one statement and returns its rows; none for a statement that has none. */
  all(sql: string, ...parameters: SQLInputValue[]): Row[] {
    return this.#prepare(sql).all(...parameters);
  }

  /** Does the work in one transaction: committed if it answers true, rolled back if it answers false or throws. */
  transaction(work: () => boolean): boolean {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const done = work();
      this.#database.exec(done ? "COMMIT" : "ROLLBACK");
      return done;
    } catch (failure) {
      if (this.#database.isOpen && this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw failure;
    }
  }

  /** This connection, as keyv's SQLite adapter wants it. Closing the adapter closes it. */
  driver(): SqliteDriver {
    const query: SqliteDb["query"] = (sql, ...parameters) =>
      new Promise((resolve) => resolve(this.all(sql, ...parameters.map(inputValue))));
    return {
      name: "custom",
      connect: () => Promise.resolve({ query, close: () => Promise.resolve(this.close()) }),
    };
  }

  /** Repeats are harmless. */
  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const made = this.#database.prepare(sql);
    const [oldest] = this.#statements.keys();
    if (this.#statements.size >= STATEMENTS_KEPT && oldest !== undefined) this.#statements.delete(oldest);
    this.#statements.set(sql, made);
    return made;
  }
}

function inputValue(parameter: unknown): SQLInputValue {
  if (typeof parameter === "string" || typeof parameter === "number" || parameter === null) return parameter;
  throw new TypeError(`Expected text, a number or null, but it is a ${typeof parameter}`);
}
