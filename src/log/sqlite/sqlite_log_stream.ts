import { Effect, Layer, Schema, type Scope } from "effect";
import { assertAppend, assertRead, assertSequence, ENTRY_BYTES_MAX_DEFAULT } from "../entry.ts";
import { FileFromNewerVersion } from "../../protocol/mod.ts";
import {
  AppendConflict,
  type LogBounds,
  LogDamaged,
  type LogEntry,
  LogStream,
  LogUnavailable,
  type PartitionLog,
} from "../port.ts";
import { type Append, LogFile, type Synchronous } from "./log_file.ts";

/** The log file cannot be used: another process has it, it is of another version, or it cannot be read. Final. */
export class LogFileUnusable extends Schema.TaggedError<LogFileUnusable>()("LogFileUnusable", {
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
    return `Cannot open "${this.file}" as a log${why}`;
  }
}

/** Settings of a log on SQLite. */
export interface SqliteLogOptions {
  /** Path of the database file; made with its folder when it is not there. */
  readonly file: string;
  /** `FULL`: on the disk before an append succeeds. `NORMAL`: the last appends may be lost in a power cut, never in a crash of the process. */
  readonly synchronous: Synchronous;
  /** Largest entry, bytes. Default: just under 1 MiB, as over NATS. */
  readonly entryBytesMax?: number;
}

/**
 * `LogStream` on one SQLite file for all partitions. The file is ours alone for as long as the layer lives: a second
 * process is refused, and one that was killed leaves no lock behind. Appends that come in the same turn of the
 * event loop share one commit.
 */
export function layerSqlite(options: SqliteLogOptions): Layer.Layer<LogStream, LogFileUnusable> {
  return Layer.effect(LogStream, makeSqliteLogStream(options));
}

/** What `layerSqlite` provides; open for as long as the scope. */
export function makeSqliteLogStream(
  options: SqliteLogOptions,
): Effect.Effect<LogStream["Service"], LogFileUnusable, Scope.Scope> {
  const { file, synchronous, entryBytesMax = ENTRY_BYTES_MAX_DEFAULT } = options;
  const open = Effect.try({
    try: () => new GroupCommit(new LogFile(file, synchronous)),
    catch: (cause) => new LogFileUnusable({ file, reason: reasonOf(cause), cause }),
  });
  return Effect.acquireRelease(open, (commits) => Effect.sync(() => commits.close())).pipe(
    Effect.map((commits) => ({
      open: (partition) =>
        Effect.suspend(() => {
          assertSequence("partition", partition, 0);
          const log = new SqlitePartitionLog(partition, entryBytesMax, commits);
          return Effect.as(log.bounds(), log);
        }),
    })),
  );
}

const SQLITE_BUSY = 5;

function reasonOf(failure: unknown): LogFileUnusable["reason"] {
  if (failure instanceof FileFromNewerVersion) return "newer";
  return failure instanceof Error && "errcode" in failure && failure.errcode === SQLITE_BUSY ? "inUse" : "unreadable";
}

type Outcome = Effect.Effect<number, AppendConflict | LogUnavailable>;

interface Waiting extends Append {
  readonly resume: (outcome: Outcome) => void;
}

/** Gathers the appends of one turn of the event loop into one commit: a commit is one fsync, however many it holds. */
class GroupCommit {
  readonly file: LogFile;
  #waiting: Waiting[] = [];

  constructor(file: LogFile) {
    this.file = file;
  }

  add(append: Waiting): void {
    if (this.#waiting.push(append) === 1) setImmediate(() => this.flush());
  }

  flush(): void {
    const appends = this.#waiting;
    if (appends.length === 0) return;
    this.#waiting = [];
    try {
      const written = this.file.append(appends);
      appends.forEach((append, index) => append.resume(outcomeOf(append, written[index] === true)));
    } catch (cause) {
      for (const { partition, resume } of appends) {
        resume(Effect.fail(new LogUnavailable({ partition, operation: "append to", cause })));
      }
    }
  }

  close(): void {
    this.flush();
    this.file.close();
  }
}

function outcomeOf({ partition, expectedSequence }: Append, written: boolean): Outcome {
  if (written) return Effect.succeed(expectedSequence + 1);
  return Effect.fail(new AppendConflict({ partition, expectedSequence }));
}

class SqlitePartitionLog implements PartitionLog {
  readonly partition: number;
  readonly entryBytesMax: number;
  readonly #commits: GroupCommit;

  constructor(partition: number, entryBytesMax: number, commits: GroupCommit) {
    this.partition = partition;
    this.entryBytesMax = entryBytesMax;
    this.#commits = commits;
  }

  append(bytes: Uint8Array, expectedSequence: number): Outcome {
    return Effect.callback((resume) => {
      assertAppend(bytes, expectedSequence, this.entryBytesMax);
      this.#commits.add({ partition: this.partition, expectedSequence, bytes, resume });
    });
  }

  read(from: number, limit: number): Effect.Effect<readonly LogEntry[], LogUnavailable | LogDamaged> {
    return Effect.suspend(() => {
      assertRead(from, limit);
      const { partition } = this;
      return Effect.flatMap(
        this.#attempt(
          "read",
          (file) => ({ bounds: file.bounds(partition), entries: file.read(partition, from, limit) }),
        ),
        ({ bounds, entries }) => {
          const damage = damageOf(from, bounds, entries);
          return damage === undefined ? Effect.succeed(entries) : Effect.fail(new LogDamaged({ partition, ...damage }));
        },
      );
    });
  }

  bounds(): Effect.Effect<LogBounds, LogUnavailable> {
    return this.#attempt("read the bounds of", (file) => file.bounds(this.partition));
  }

  trim(through: number): Effect.Effect<void, LogUnavailable> {
    return Effect.suspend(() => {
      assertSequence("through", through, 0);
      return this.#attempt("trim", (file) => file.trim(this.partition, through));
    }).pipe(Effect.andThen(this.#sweep()));
  }

  /** In small steps, with room for others between them: a long log is not deleted in one go. */
  #sweep(): Effect.Effect<void, LogUnavailable> {
    return Effect.flatMap(
      this.#attempt("trim", (file) => file.sweep(this.partition)),
      (more) => more ? Effect.andThen(Effect.yieldNow, this.#sweep()) : Effect.void,
    );
  }

  #attempt<A>(operation: string, work: (file: LogFile) => A): Effect.Effect<A, LogUnavailable> {
    return Effect.try({
      try: () => work(this.#commits.file),
      catch: (cause) => new LogUnavailable({ partition: this.partition, operation, cause }),
    });
  }
}

/** Where and why entries are not what a read from `from` must find; `undefined` when they are. */
function damageOf(
  from: number,
  { first, last }: LogBounds,
  entries: readonly LogEntry[],
): { readonly sequence: number; readonly reason: string } | undefined {
  if (from < first) return { sequence: from, reason: `it was trimmed away: the oldest entry is ${first}` };
  const hole = entries.findIndex(({ sequence }, index) => sequence !== from + index);
  if (hole !== -1) return { sequence: from + hole, reason: "the entry is missing" };
  if (entries.length === 0 && from <= last) return { sequence: from, reason: "the entry is missing" };
  return undefined;
}
