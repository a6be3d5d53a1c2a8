/**
 * One partition's snapshots in the cluster's bucket: runs of rows that are never changed, and a manifest that says which of them count.
 *
 * | key behind `p{partition}/` | what |
 * |---|---|
 * | `manifest` | {@link Manifest} |
 * | `s/{run}/{block, 6 digits}` | a block of a run, see `run_text.ts` |
 *
 * The manifest alone decides, and is replaced under the condition that it is still the one that was read; its epoch never falls. So a leader that was
 * replaced can change nothing any more once its successor has taken the manifest over, and what it writes besides is never looked at: snapshots are
 * fenced as the log is. Releases before this one kept one key for each execution and an `applied` beside them: {@link PartitionStore} reads that still.
 */
import { Effect, Schema } from "effect";
import { Format } from "../../../protocol/mod.ts";
import { type KeyValueStore, StorageUnavailable } from "../../../storage/port.ts";
import { canonicalJson, type Json } from "../../../values/mod.ts";
import { readStored } from "../../read_stored.ts";
import { PartitionStore } from "../store/partition_store.ts";
import { Applied } from "../store/stored_values.ts";
import { BlockCutter, RunLines, type SnapshotRow, takeMerged } from "./run_text.ts";

/** A run of rows. */
export const Run = Schema.Struct({
  /** `{epoch}-{number}`: never used twice. */
  name: Schema.String,
  blocks: Schema.Number,
  rows: Schema.Number,
  /** UTF-16 units of its text. */
  size: Schema.Number,
});
export type Run = typeof Run.Type;

/** What counts. */
export const Manifest = Schema.Struct({
  /** Of the leader who wrote it. */
  epoch: Schema.Number,
  /** The log is replayed from behind this. Absent: there is no snapshot yet. */
  applied: Schema.optionalKey(Applied),
  /** Oldest first: a row of a later one counts more. */
  runs: Schema.Array(Run),
  /** Number of the next run of this epoch: whoever takes over finds what was begun and does not count. */
  nextRun: Schema.Number,
});
export type Manifest = typeof Manifest.Type;

/** A manifest, and the stamp under which it may be replaced. */
export interface HeldManifest {
  readonly manifest: Manifest;
  readonly versionstamp: string;
}

const manifestFormat = new Format({ what: "the manifest of the snapshots", schema: Manifest, older: [] });
/** Blocks written or removed at once. */
const BLOCKS_AT_ONCE = 4;
/** Rows passed on at a time. */
const ROWS_AT_ONCE = 1_000;
/** Runs that a leader may have begun behind its last manifest. */
const BEGUN_MAX = 4;
/** What the layout of earlier releases has, `applied` first: without it the rest is nothing. */
const LEGACY = ["applied", "layout", "rebuild", "def/", "kept/", "r/", "v/", "w/", "x/"];

/** The snapshots of one partition. */
export class SnapshotBucket {
  readonly #storage: KeyValueStore;
  readonly #prefix: string;
  /** How an earlier release left it. */
  readonly legacy: PartitionStore;

  constructor(storage: KeyValueStore, partition: number) {
    this.#storage = storage;
    this.#prefix = `p${partition}/`;
    this.legacy = new PartitionStore(storage, partition, false);
  }

  load(): Effect.Effect<HeldManifest | undefined, StorageUnavailable> {
    const key = `${this.#prefix}manifest`;
    return Effect.map(
      this.#storage.get<Json>(key),
      (entry) =>
        entry === null
          ? undefined
          : { manifest: readStored(manifestFormat, key, entry.value), versionstamp: entry.versionstamp },
    );
  }

  /**
   * Puts a manifest in the place of the one that was read, `undefined` for none. What there is now, or `undefined` if it was another's: nothing is
   * changed then.
   */
  replace(
    manifest: Manifest,
    before: HeldManifest | undefined,
  ): Effect.Effect<HeldManifest | undefined, StorageUnavailable> {
    const key = `${this.#prefix}manifest`;
    const value: Json = JSON.parse(JSON.stringify(manifest));
    const written = this.#storage.atomic().check(key, before?.versionstamp ?? null).set(key, value);
    return Effect.gen({ self: this }, function* () {
      const outcome = yield* Effect.result(written.commit());
      // Also where it was not acknowledged: it may be there.
      const now = yield* this.load();
      if (now !== undefined && canonicalJson(JSON.parse(JSON.stringify(now.manifest))) === canonicalJson(value)) {
        return now;
      }
      return outcome._tag === "Failure" ? yield* Effect.fail(outcome.failure) : undefined;
    });
  }

  /** Begins a run. */
  draft(name: string): RunDraft {
    return new RunDraft(this.#storage, `${this.#prefix}s/${name}/`, name);
  }

  /**
   * All rows of these runs in the order of their keys, each as the newest has it; removals are passed on.
   *
   * @param runs oldest first
   */
  read<E>(
    runs: readonly Run[],
    take: (rows: readonly SnapshotRow[]) => Effect.Effect<void, E>,
  ): Effect.Effect<void, E | StorageUnavailable> {
    return Effect.gen({ self: this }, function* () {
      const readers = runs.toReversed().map((run) => ({ run, lines: new RunLines(), block: 0 }));
      for (;;) {
        for (const reader of readers) {
          while (reader.lines.row === undefined && reader.block < reader.run.blocks) {
            reader.lines.addBlock(yield* this.#block(reader.run.name, reader.block++));
          }
        }
        const open = readers.flatMap(({ lines }) => lines.row === undefined ? [] : [lines]);
        if (open.length === 0) return;
        const rows = takeMerged(open, ROWS_AT_ONCE);
        if (rows.length > 0) yield* take(rows);
      }
    });
  }

  #block(name: string, block: number): Effect.Effect<string, StorageUnavailable> {
    const key = blockKey(`${this.#prefix}s/${name}/`, block);
    return Effect.flatMap(this.#storage.get<string>(key), (entry) =>
      entry === null
        // A later manifest has it no more: whoever reads begins anew with that.
        ? Effect.fail(new StorageUnavailable({ operation: `read block ${block} of the snapshot run ${name}` }))
        : Effect.succeed(entry.value));
  }

  /** Removes a run that no manifest names. */
  remove({ name, blocks }: Pick<Run, "name" | "blocks">): Effect.Effect<void, StorageUnavailable> {
    return Effect.forEach(
      Array.from({ length: blocks }),
      (_, block) => this.#storage.delete(blockKey(`${this.#prefix}s/${name}/`, block)),
      { concurrency: BLOCKS_AT_ONCE, discard: true },
    );
  }

  /** Removes what the leader who wrote this manifest had begun behind it. */
  removeBegun({ epoch, nextRun }: Manifest): Effect.Effect<void, StorageUnavailable> {
    return Effect.gen({ self: this }, function* () {
      for (let number = nextRun; number < nextRun + BEGUN_MAX; number++) {
        const prefix = `${this.#prefix}s/${runName(epoch, number)}/`;
        for (let block = 0;; block++) {
          const key = blockKey(prefix, block);
          if ((yield* this.#storage.get<Json>(key)) === null) break;
          yield* this.#storage.delete(key);
        }
      }
    });
  }

  /** Removes what an earlier release has left: to be done when a manifest stands for it. */
  removeLegacy(): Effect.Effect<void, StorageUnavailable> {
    return Effect.gen({ self: this }, function* () {
      for (const what of LEGACY) {
        for (;;) {
          const page = yield* this.#storage.list<Json>({ prefix: `${this.#prefix}${what}`, limit: ROWS_AT_ONCE });
          yield* Effect.forEach(page, ({ key }) => this.#storage.delete(key), {
            concurrency: BLOCKS_AT_ONCE,
            discard: true,
          });
          if (page.length < ROWS_AT_ONCE) break;
        }
      }
    });
  }
}

/** A run that is being written. */
export class RunDraft {
  readonly #storage: KeyValueStore;
  readonly #prefix: string;
  readonly #name: string;
  readonly #cutter = new BlockCutter();
  #blocks = 0;
  #rows = 0;
  #size = 0;

  constructor(storage: KeyValueStore, prefix: string, name: string) {
    this.#storage = storage;
    this.#prefix = prefix;
    this.#name = name;
  }

  /** As far as it has got: for who has to remove it. */
  get run(): Run {
    return { name: this.#name, blocks: this.#blocks, rows: this.#rows, size: this.#size };
  }

  /** Adds rows, which come behind those before. */
  add(rows: Iterable<SnapshotRow>): Effect.Effect<void, StorageUnavailable> {
    return Effect.suspend(() => {
      const full: string[] = [];
      for (const row of rows) {
        this.#rows += 1;
        full.push(...this.#cutter.add(row));
      }
      return this.#write(full);
    });
  }

  /** Writes what is left. */
  end(): Effect.Effect<Run, StorageUnavailable> {
    return Effect.map(Effect.suspend(() => this.#write(this.#cutter.end())), () => this.run);
  }

  #write(texts: readonly string[]): Effect.Effect<void, StorageUnavailable> {
    if (texts.length === 0) return Effect.void;
    const blocks = texts.map((text) => {
      this.#size += text.length;
      return { key: blockKey(this.#prefix, this.#blocks++), text };
    });
    return Effect.forEach(blocks, ({ key, text }) => this.#storage.set(key, text), {
      concurrency: BLOCKS_AT_ONCE,
      discard: true,
    });
  }
}

/** The name of a leader's run. */
export function runName(epoch: number, number: number): string {
  return `${epoch}-${number}`;
}

function blockKey(prefix: string, block: number): string {
  return `${prefix}${String(block).padStart(6, "0")}`;
}
