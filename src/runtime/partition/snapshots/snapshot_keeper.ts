/**
 * Keeps the cluster's bucket behind the local store, so that a node with an empty disk can lead and the log can be trimmed.
 *
 * What a checkpoint has written is noted as rows, and goes to the bucket as a run of them; then the manifest moves. What makes a crash between two
 * writes harmless:
 *
 * 1. a row is in the bucket as it was at the manifest's sequence or later: replay passes over known turns;
 * 2. what was written and is not named by the manifest is nothing, and is removed by whoever takes over;
 * 3. the manifest never goes back, and is no older leader's to write: see {@link SnapshotBucket};
 * 4. where the bucket's beginning is not known (it was made anew, or an earlier release wrote it), all of the local store is written first.
 */
import { Effect, Latch, Semaphore } from "effect";
import type { LogUnavailable, LogUnreadable, PartitionLog } from "../../../log/port.ts";
import type { Turn } from "../../../protocol/mod.ts";
import type { StorageUnavailable } from "../../../storage/port.ts";
import { type ExecutionId, parseExecutionId } from "../../../values/mod.ts";
import { type EntryTrust, isForeign } from "../entry_trust.ts";
import { type Checkpoint, sharedWrites } from "../store/checkpoint_writes.ts";
import type { PartitionStore } from "../store/partition_store.ts";
import { executionKey, resourceKey, revisionKey, workflowKey } from "../store/store_keys.ts";
import type { Applied } from "../store/stored_values.ts";
import { dueMerge } from "./due_merge.ts";
import type { SnapshotRow } from "./run_text.ts";
import { type HeldManifest, type Manifest, type Run, runName, type SnapshotBucket } from "./snapshot_bucket.ts";

/** Entries of the log looked through at a time. */
const PAGE_ENTRIES = 64;
/** Rows of a run written at a time. */
const PAGE_ROWS = 500;
/** So many UTF-16 units noted bring the next run forward. */
const RUN_UNITS = 1_048_576;
/** What is noted while the bucket does not take it. Beyond it all of the local store is written once it does. */
const NOTED_UNITS_MAX = 33_554_432;

/** What the replay at a term's beginning has brought into memory, and how far it went. */
export interface Replayed {
  readonly through: number;
  readonly ids: ReadonlySet<ExecutionId>;
}

/** What a keeper works with. */
export interface SnapshotKeeperParts {
  readonly bucket: SnapshotBucket;
  readonly local: PartitionStore;
  readonly trust: EntryTrust;
  readonly log: PartitionLog;
  /** Of the term. */
  readonly epoch: () => number;
}

/** Keeps one partition's snapshots, for one term. */
export class SnapshotKeeper {
  readonly #parts: SnapshotKeeperParts;
  readonly #oneAtATime = Semaphore.makeUnsafe(1);
  readonly #isWanted = Latch.makeUnsafe(false);
  /** Texts by key, newest only; `undefined`: removed. */
  #noted = new Map<string, string | undefined>();
  #notedUnits = 0;
  /** How far the local store is with what was noted. */
  #applied: Applied | undefined;
  #held: HeldManifest | undefined;
  #nextRun = 1;
  #needsAll = false;
  #hasLookedBack = false;
  /** A later leader has taken the snapshots over. */
  #isOver = false;
  /** Runs that were broken off. A manifest that names one may still be on its way, until another is there. */
  #broken: Run[] = [];
  /** Runs that no manifest can name any more. */
  #gone: Run[] = [];

  constructor(parts: SnapshotKeeperParts) {
    this.#parts = parts;
  }

  /** The bucket is as far as this; `undefined`: it is not known, or there is no snapshot yet. */
  get appliedSequence(): number | undefined {
    return this.#needsAll || this.#isOver || !this.#hasLookedBack ? undefined : this.#held?.manifest.applied?.sequence;
  }

  /** The bucket has all that was noted. */
  get hasAll(): boolean {
    return this.appliedSequence !== undefined && this.#noted.size === 0;
  }

  /** Much is to be written. */
  get wanted(): Effect.Effect<void> {
    return this.#isWanted.await;
  }

  /** Takes note of what a checkpoint has written to the local store. */
  note(checkpoint: Checkpoint): void {
    if (checkpoint.applied !== undefined) this.#applied = checkpoint.applied;
    if (this.#isOver) return;
    for (const { key, value } of sharedWrites(checkpoint).flat()) {
      this.#note(key, value === undefined ? undefined : JSON.stringify(value));
    }
    for (const { id, kept } of checkpoint.executions) this.#note(executionKey(id), JSON.stringify(kept));
    for (const { id } of checkpoint.deleted) this.#note(executionKey(id), undefined);
    if (this.#notedUnits >= RUN_UNITS) this.#isWanted.openUnsafe();
    if (this.#notedUnits < NOTED_UNITS_MAX) return;
    this.#needsAll = true;
    this.#forgetNoted();
  }

  #note(key: string, text: string | undefined): void {
    this.#noted.set(key, text);
    this.#notedUnits += key.length + (text?.length ?? 0);
  }

  /** What was noted since counts more. */
  #noteOlder(key: string, text: string | undefined): void {
    if (!this.#noted.has(key)) this.#note(key, text);
  }

  #forgetNoted(): ReadonlyMap<string, string | undefined> {
    const noted = this.#noted;
    this.#noted = new Map();
    this.#notedUnits = 0;
    return noted;
  }

  /**
   * Takes the snapshots over, and notes what earlier terms have written to the local store and may not have brought into the bucket: all that the
   * log speaks of since the manifest. To be done before the first {@link write}; may be begun again.
   */
  lookBack(replayed: Replayed): Effect.Effect<void, StorageUnavailable | LogUnavailable | LogUnreadable> {
    const { log, trust } = this.#parts;
    return Effect.gen({ self: this }, function* () {
      yield* this.#takeOver();
      const { first } = yield* log.bounds();
      let from = (this.#held?.manifest.applied?.sequence ?? 0) + 1;
      if (from < first) this.#needsAll = true;
      while (!this.#needsAll && !this.#isOver && from <= replayed.through) {
        const entries = yield* log.read(from, Math.min(PAGE_ENTRIES, replayed.through - from + 1));
        const last = entries.at(-1);
        if (last === undefined) break;
        const ids = new Set<ExecutionId>();
        const keys = new Set<string>();
        for (const entry of entries) {
          const batch = yield* Effect.fromResult(trust.judge(entry));
          if (isForeign(batch)) continue;
          for (const turn of batch.turns) {
            this.#noteRecords(turn, keys);
            if (parseExecutionId(turn.subject) !== undefined) ids.add(turn.subject as ExecutionId);
          }
        }
        yield* this.#noteAsStored([...ids], [...keys], replayed.ids);
        from = last.sequence + 1;
      }
      this.#hasLookedBack = true;
    });
  }

  /** Makes the manifest this leader's: from now on no earlier one can write it. */
  #takeOver(): Effect.Effect<void, StorageUnavailable> {
    const { bucket } = this.#parts;
    return Effect.gen({ self: this }, function* () {
      const epoch = this.#parts.epoch();
      while (this.#held === undefined && !this.#isOver) {
        const before = yield* bucket.load();
        if (before !== undefined && before.manifest.epoch > epoch) return this.#end();
        const { applied, runs = [] } = before?.manifest ?? {};
        const manifest = { epoch, runs, nextRun: this.#nextRun, ...(applied === undefined ? {} : { applied }) };
        this.#held = yield* bucket.replace(manifest, before);
        if (applied === undefined) this.#needsAll = true;
        if (before !== undefined && this.#held !== undefined && before.manifest.epoch < epoch) {
          yield* bucket.removeBegun(before.manifest);
        }
      }
    });
  }

  #end(): void {
    this.#isOver = true;
    this.#forgetNoted();
  }

  /** Definitions, workflows and resources that a turn speaks of, by their keys. */
  #noteRecords({ records }: Turn, keys: Set<string>): void {
    for (const record of records) {
      if (record.type === "DefinitionAddedEvent" || record.type === "DefinitionForgottenEvent") {
        keys.add(`def/${record.hash}`);
      } else if (record.type === "WorkflowPutEvent") {
        keys.add(workflowKey(record.workflowId));
        keys.add(revisionKey(record));
      } else if (record.type === "WorkflowDeletedEvent") {
        // Which revisions of it the bucket has is not known.
        this.#needsAll = true;
      } else if (record.type === "ResourcePutEvent" || record.type === "ResourceDeletedEvent") {
        keys.add(resourceKey(record.resourceId));
      }
    }
  }

  /** What is not stored has been deleted, or was replayed: then a checkpoint is going to tell of it. */
  #noteAsStored(
    ids: readonly ExecutionId[],
    keys: readonly string[],
    replayed: ReadonlySet<ExecutionId>,
  ): Effect.Effect<void, StorageUnavailable> {
    const { local } = this.#parts;
    return Effect.gen({ self: this }, function* () {
      const keptOnes = yield* local.loadExecutions(ids);
      ids.forEach((id, index) => {
        const kept = keptOnes[index];
        if (kept !== undefined) this.#noteOlder(executionKey(id), JSON.stringify(kept));
        else if (!replayed.has(id)) this.#noteOlder(executionKey(id), undefined);
      });
      const values = yield* local.loadRows(keys);
      keys.forEach((key, index) => {
        const value = values[index];
        if (value !== undefined) this.#noteOlder(key, JSON.stringify(value));
        // One that was replayed is going to be told of as well.
        else this.#noteOlder(key, undefined);
      });
    });
  }

  /** Brings all that was noted into the bucket. To be repeated when it fails: what did not come there is noted still. */
  write(): Effect.Effect<void, StorageUnavailable> {
    return this.#oneAtATime.withPermits(1)(this.#writeOnce());
  }

  #writeOnce(): Effect.Effect<void, StorageUnavailable> {
    return Effect.gen({ self: this }, function* () {
      this.#isWanted.closeUnsafe();
      if (!this.#hasLookedBack) return;
      yield* this.#takeOver();
      if (this.#isOver) return;
      yield* this.#needsAll ? this.#writeAll() : this.#writeNoted();
      yield* this.#merge();
      yield* this.#removeGone();
    });
  }

  #writeNoted(): Effect.Effect<void, StorageUnavailable> {
    const { bucket } = this.#parts;
    return Effect.gen({ self: this }, function* () {
      const { manifest } = this.#held ?? {};
      const applied = this.#applied;
      // A local store that lost its last transactions is behind the bucket: what it has is older than what the manifest speaks of.
      if (manifest === undefined || applied === undefined) return;
      if (applied.sequence < (manifest.applied?.sequence ?? 0)) return;
      if (this.#noted.size === 0 && applied.sequence === manifest.applied?.sequence) return;
      const noted = this.#forgetNoted();
      const rows = [...noted].map(([key, text]) => ({ key, text })).sort((a, b) => (a.key < b.key ? -1 : 1));
      const draft = bucket.draft(this.#runName());
      const written = Effect.gen({ self: this }, function* () {
        for (let from = 0; from < rows.length; from += PAGE_ROWS) yield* draft.add(rows.slice(from, from + PAGE_ROWS));
        const run = yield* draft.end();
        return yield* this.#publish({ applied, runs: run.rows === 0 ? manifest.runs : [...manifest.runs, run] });
      });
      const putBack = () => {
        this.#broken.push(draft.run);
        for (const [key, text] of noted) this.#noteOlder(key, text);
      };
      const isDone = yield* Effect.tapError(written, () => Effect.sync(putBack));
      if (!isDone) putBack();
    });
  }

  /** Writes all that the local store has. What is noted meanwhile comes behind it. */
  #writeAll(): Effect.Effect<void, StorageUnavailable> {
    const { bucket, local } = this.#parts;
    return Effect.gen({ self: this }, function* () {
      const applied = yield* local.loadApplied();
      // The manifest never goes back: a store that is behind it comes up to it with its next checkpoints.
      if (applied === undefined || applied.sequence < (this.#held?.manifest.applied?.sequence ?? 0)) return;
      this.#forgetNoted();
      const draft = bucket.draft(this.#runName());
      const before = this.#held?.manifest.runs ?? [];
      const written = Effect.gen({ self: this }, function* () {
        yield* local.eachRow((rows) => draft.add(rows));
        return yield* this.#publish({ applied, runs: [yield* draft.end()] });
      });
      const isDone = yield* Effect.tapError(written, () => Effect.sync(() => void this.#broken.push(draft.run)));
      if (!isDone) return;
      this.#needsAll = false;
      this.#gone.push(...before);
      yield* bucket.removeLegacy();
    });
  }

  /** Makes fewer runs of many, so that what was overwritten and removed takes no space for long. */
  #merge(): Effect.Effect<void, StorageUnavailable> {
    const { bucket } = this.#parts;
    return Effect.gen({ self: this }, function* () {
      const { applied, runs } = this.#held?.manifest ?? { runs: [] };
      const from = dueMerge(runs);
      if (from === undefined || applied === undefined) return;
      const isAll = from === 0;
      const kept = (rows: readonly SnapshotRow[]) => isAll ? rows.filter(({ text }) => text !== undefined) : rows;
      const draft = bucket.draft(this.#runName());
      const merged = Effect.gen({ self: this }, function* () {
        yield* bucket.read(runs.slice(from), (rows) => draft.add(kept(rows)));
        return yield* this.#publish({ applied, runs: [...runs.slice(0, from), yield* draft.end()] });
      });
      const isDone = yield* Effect.tapError(merged, () => Effect.sync(() => void this.#broken.push(draft.run)));
      if (isDone) this.#gone.push(...runs.slice(from));
      else this.#broken.push(draft.run);
    });
  }

  #runName(): string {
    return runName(this.#parts.epoch(), this.#nextRun++);
  }

  /** Moves the manifest. False: it is another's, or the bucket was made anew. */
  #publish(manifest: Pick<Manifest, "applied" | "runs">): Effect.Effect<boolean, StorageUnavailable> {
    const { bucket } = this.#parts;
    return Effect.gen({ self: this }, function* () {
      const epoch = this.#parts.epoch();
      const now = yield* bucket.replace({ ...manifest, epoch, nextRun: this.#nextRun }, this.#held);
      if (now !== undefined) {
        this.#held = now;
        const named = new Set(now.manifest.runs.map(({ name }) => name));
        this.#gone.push(...this.#broken.filter(({ name }) => !named.has(name)));
        this.#broken = [];
        return true;
      }
      this.#held = undefined;
      this.#needsAll = true;
      yield* this.#takeOver();
      return false;
    });
  }

  #removeGone(): Effect.Effect<void, StorageUnavailable> {
    return Effect.gen({ self: this }, function* () {
      for (let run = this.#gone[0]; run !== undefined; run = this.#gone[0]) {
        yield* this.#parts.bucket.remove(run);
        this.#gone.shift();
      }
    });
  }
}
