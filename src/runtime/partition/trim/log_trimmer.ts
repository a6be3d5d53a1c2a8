/**
 * Trims a partition's log: what is older than the log is to keep goes, as far as stores stand for it.
 *
 * What is retained and still needs something of it is carried into the store first, and with the next snapshot into the bucket: the turns of executions
 * that live long, or that are retained longer. What makes a crash between two steps harmless:
 *
 * 1. before anything is carried it is written down up to where: whoever removes an execution removes what was carried of it;
 * 2. turns are carried before the log goes; carried again they are the same rows;
 * 3. the log goes last. The entry at the manifest's sequence stays, by which a node knows that this log is the one that its store is of.
 */
import { Effect } from "effect";
import type { LogUnavailable, LogUnreadable } from "../../../log/port.ts";
import type { Batch, Turn } from "../../../protocol/mod.ts";
import type { StorageUnavailable } from "../../../storage/port.ts";
import type { ExecutionId } from "../../../values/mod.ts";
import { pauseFor } from "../../clock.ts";
import { insist } from "../insist.ts";
import type { PartitionMemory } from "../partition_memory.ts";
import type { PartitionOptions } from "../partition_options.ts";
import { type ForeignEntry, isForeign } from "../entry_trust.ts";
import type { SnapshotKeeper } from "../snapshots/snapshot_keeper.ts";
import { nothing } from "../store/checkpoint_writes.ts";
import type { PlacedExecution } from "../store/execution_rows.ts";
import type { Write } from "../store/store_keys.ts";
import { historyWrites, type PlacedTurn } from "./history_rows.ts";

/** Fewer entries are not worth going through the executions. */
const ENTRIES_MIN = 16;
/** Nor is a smaller part of the log: so each execution is looked at so often at most while the log is renewed once. */
const PARTS_OF_LOG = 8;
/** Executions looked at at a time. */
const PAGE = 500;
/** Entries whose turns are carried at a time. */
const PAGE_ENTRIES = 32;

/** What is trimmed with. */
interface LogTrimmerParts {
  readonly options: PartitionOptions;
  readonly memory: PartitionMemory;
  readonly snapshots: SnapshotKeeper | undefined;
}

type Failure = LogUnavailable | LogUnreadable | StorageUnavailable;

/** Trims the log of one partition, for one term. */
export class LogTrimmer {
  readonly #options: PartitionOptions;
  readonly #memory: PartitionMemory;
  readonly #snapshots: SnapshotKeeper | undefined;

  constructor({ options, memory, snapshots }: LogTrimmerParts) {
    this.#options = options;
    this.#memory = memory;
    this.#snapshots = snapshots;
  }

  /** Trims now and then, until it is interrupted. */
  serve(): Effect.Effect<never, LogUnreadable> {
    const { clock, trimMs } = this.#options;
    if (trimMs === Infinity) return Effect.never;
    return Effect.forever(
      Effect.andThen(pauseFor(clock, trimMs), Effect.suspend(() => insist(this.#options, this.trim()))),
    );
  }

  /** Trims as far as it is worth it. */
  trim(): Effect.Effect<void, Failure> {
    const { log, store, partition } = this.#options;
    return Effect.gen({ self: this }, function* () {
      const { first, last } = yield* log.bounds();
      const upTo = (yield* this.#storedThrough()) - 1;
      const worthwhile = Math.max(ENTRIES_MIN, Math.ceil((last - first + 1) / PARTS_OF_LOG));
      if (upTo - first + 1 < worthwhile) return;
      const through = yield* this.#oldThrough(first, upTo);
      if (through - first + 1 < worthwhile) return;
      this.#memory.carriedThrough = Math.max(this.#memory.carriedThrough, through);
      yield* this.#keep([{ key: "carried", value: this.#memory.carriedThrough }]);
      yield* this.#carryAll(first, through);
      yield* store.sync();
      if (this.#snapshots !== undefined) {
        yield* this.#snapshots.write();
        if (!this.#snapshots.hasAll) return;
      }
      yield* log.trim(through);
      yield* Effect.annotateLogs(Effect.logInfo("The log was trimmed"), { partition, through });
    });
  }

  /** How far the stores are that stand for the log. */
  #storedThrough(): Effect.Effect<number, StorageUnavailable> {
    return Effect.map(this.#options.store.loadApplied(), (applied) => {
      const stored = Math.min(applied?.sequence ?? 0, applied?.durableSequence ?? 0);
      return this.#snapshots === undefined ? stored : Math.min(stored, this.#snapshots.appliedSequence ?? 0);
    });
  }

  /** The newest entry that the log need not keep, by its time; `first - 1`: none. */
  #oldThrough(first: number, upTo: number): Effect.Effect<number, Failure> {
    const { clock, limits: { logSeconds, retentionSeconds } } = this.#options;
    const beforeEpochMs = clock.nowEpochMs() - Math.min(logSeconds, retentionSeconds) * 1_000;
    return Effect.gen({ self: this }, function* () {
      let [old, young] = [first - 1, upTo + 1];
      while (young - old > 1) {
        const middle = Math.floor((old + young) / 2);
        const batch = yield* this.#readBefore(middle, old);
        if ((batch?.turns.at(-1)?.atEpochMs ?? 0) < beforeEpochMs) old = middle;
        else young = middle;
      }
      return old;
    });
  }

  #read(sequence: number): Effect.Effect<Batch | ForeignEntry, Failure> {
    const { log, partition, trust } = this.#options;
    return Effect.flatMap(log.read(sequence, 1), ([entry]) => {
      if (entry === undefined) throw new RangeError(`Expected entry ${sequence} of partition ${partition}`);
      return Effect.fromResult(trust.judge(entry));
    });
  }

  /** The last batch at or before `sequence` and behind `bound`: what is none of ours is passed over. */
  #readBefore(sequence: number, bound: number): Effect.Effect<Batch | undefined, Failure> {
    return Effect.gen({ self: this }, function* () {
      for (let at = sequence; at > bound; at--) {
        const batch = yield* this.#read(at);
        if (!isForeign(batch)) return batch;
      }
      return undefined;
    });
  }

  #carryAll(first: number, through: number): Effect.Effect<void, Failure> {
    const { store } = this.#options;
    return Effect.gen({ self: this }, function* () {
      const { turns = [] } = (yield* this.#readBefore(through, first - 1)) ?? {};
      // Ids are drawn before the turn is written that they are in.
      const startedUpTo = turns.at(-1)?.timestamp ?? "";
      let after: string | undefined;
      do {
        const page = yield* store.startedUpTo(startedUpTo, after, PAGE);
        yield* this.#carry(page.executions, first, through);
        after = page.next;
      } while (after !== undefined);
    });
  }

  /** Carries the turns that these executions have from one sequence to another. */
  #carry(executions: readonly PlacedExecution[], first: number, through: number): Effect.Effect<void, Failure> {
    const { store } = this.#options;
    const ids = new Set<string>();
    const sequences = new Set<number>();
    for (const { id, turns } of executions) {
      for (const [sequence] of turns) {
        if (sequence < first || sequence > through) continue;
        ids.add(id);
        sequences.add(sequence);
      }
    }
    const wanted = [...sequences].sort((a, b) => a - b);
    return Effect.gen({ self: this }, function* () {
      for (let from = 0; from < wanted.length; from += PAGE_ENTRIES) {
        const found = new Map<ExecutionId, PlacedTurn[]>();
        for (const sequence of wanted.slice(from, from + PAGE_ENTRIES)) {
          const batch = yield* this.#read(sequence);
          for (const turn of isForeign(batch) ? [] : batch.turns) {
            if (ids.has(turn.subject)) noteTurn(found, { sequence, turn });
          }
        }
        yield* this.#keep([...found].flatMap(([id, turns]) => historyWrites(id, turns)));
        // One that was deleted meanwhile has been removed without them.
        const carried = [...found.keys()];
        const rows = yield* store.loadExecutions(carried);
        const deleted = carried.filter((_, index) => rows[index] === undefined);
        for (const id of deleted) yield* this.#keep(yield* store.history.removals(id));
      }
    });
  }

  #keep(rows: readonly Write[]): Effect.Effect<void, StorageUnavailable> {
    const checkpoint = { ...nothing, rows };
    return Effect.map(this.#options.store.commit(checkpoint), () => this.#snapshots?.note(checkpoint));
  }
}

function noteTurn(
  found: Map<ExecutionId, PlacedTurn[]>,
  placed: { readonly sequence: number; readonly turn: Turn },
): void {
  const id = placed.turn.subject as ExecutionId;
  const turns = found.get(id);
  if (turns === undefined) found.set(id, [placed]);
  else turns.push(placed);
}
