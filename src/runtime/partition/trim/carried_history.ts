/**
 * Brings what other leaders have carried out of the log from the snapshots into this node's store.
 *
 * A leader carries history into its own store and into the bucket, and then the log goes. Who has followed it has all of the state and nothing of
 * that history: without it the history of what is retained could not be read here, and would be gone for good when all of this store is written to
 * the bucket in the place of what is there. A copy that was broken off is begun anew, for how far it came is written last.
 */
import { Effect } from "effect";
import type { LogUnavailable, LogUnreadable, PartitionLog } from "../../../log/port.ts";
import type { StorageUnavailable } from "../../../storage/port.ts";
import type { ExecutionId } from "../../../values/mod.ts";
import { pauseFor } from "../../clock.ts";
import { insist } from "../insist.ts";
import type { PartitionMemory } from "../partition_memory.ts";
import type { PartitionOptions } from "../partition_options.ts";
import type { SnapshotRow } from "../snapshots/run_text.ts";
import type { SnapshotKeeper } from "../snapshots/snapshot_keeper.ts";
import { nothing } from "../store/checkpoint_writes.ts";
import { idAt, type Write } from "../store/store_keys.ts";

const HISTORY = "h/";

/** What history is brought with. */
interface CarriedHistoryParts {
  readonly options: PartitionOptions;
  readonly memory: PartitionMemory;
  readonly snapshots: SnapshotKeeper | undefined;
}

/** True when the log has been trimmed beyond what this node has of its history. */
export function lacksCarried(log: PartitionLog, carriedThrough: number): Effect.Effect<boolean, LogUnavailable> {
  return Effect.map(log.bounds(), ({ first }) => first - 1 > carriedThrough);
}

/** Keeps the carried history of one partition complete in the local store, for one term. */
export class CarriedHistory {
  readonly #options: PartitionOptions;
  readonly #memory: PartitionMemory;
  readonly #snapshots: SnapshotKeeper | undefined;

  constructor({ options, memory, snapshots }: CarriedHistoryParts) {
    this.#options = options;
    this.#memory = memory;
    this.#snapshots = snapshots;
  }

  /** Brings what is missing. To be done by a leader before anything of its store comes into the bucket. */
  bring(): Effect.Effect<void, LogUnreadable> {
    return Effect.suspend(() => insist(this.#options, this.#bringOnce()));
  }

  /** Brings what is missing as often as the log may be trimmed, for a follower: so little is left to be brought when it leads. */
  serve(): Effect.Effect<never, LogUnreadable> {
    const { clock, trimMs, snapshots } = this.#options;
    if (trimMs === Infinity || snapshots === undefined) return Effect.never;
    return Effect.forever(Effect.andThen(this.bring(), pauseFor(clock, trimMs)));
  }

  #bringOnce(): Effect.Effect<void, LogUnavailable | StorageUnavailable> {
    const { log, store, snapshots } = this.#options;
    const memory = this.#memory;
    if (snapshots === undefined) return Effect.void;
    return Effect.gen({ self: this }, function* () {
      const { first } = yield* log.bounds();
      if (first - 1 <= memory.carriedThrough) return;
      const { runs = [] } = (yield* snapshots.load())?.manifest ?? {};
      yield* snapshots.read(runs, (rows) => this.#keep(rows));
      memory.carriedThrough = Math.max(memory.carriedThrough, first - 1);
      yield* store.commit({ ...nothing, rows: [{ key: "carried", value: memory.carriedThrough }] });
    });
  }

  #keep(rows: readonly SnapshotRow[]): Effect.Effect<void, StorageUnavailable> {
    const { store } = this.#options;
    const writes = new Map<ExecutionId, Write[]>();
    for (const { key, text } of rows) {
      if (text === undefined || !key.startsWith(HISTORY)) continue;
      const id = idAt(key.slice(HISTORY.length, key.lastIndexOf("/")));
      const write: Write = { key, value: JSON.parse(text) };
      const known = writes.get(id);
      if (known === undefined) writes.set(id, [write]);
      else known.push(write);
    }
    const ids = [...writes.keys()];
    const rowsOf = (some: readonly ExecutionId[]) => some.flatMap((id) => writes.get(id) ?? []);
    return Effect.gen({ self: this }, function* () {
      if (ids.length === 0) return;
      const there = yield* this.#areThere(ids);
      yield* store.commit({ ...nothing, rows: rowsOf([...there]) });
      // What has been deleted, before or meanwhile, has been removed without them.
      const left = yield* this.#areThere(ids);
      const removals = rowsOf(ids.filter((id) => !left.has(id))).map(({ key }): Write => ({ key, value: undefined }));
      if (removals.length === 0) return;
      yield* store.commit({ ...nothing, rows: removals });
      this.#snapshots?.note({ ...nothing, rows: removals });
    });
  }

  #areThere(ids: readonly ExecutionId[]): Effect.Effect<ReadonlySet<ExecutionId>, StorageUnavailable> {
    return Effect.map(
      this.#options.store.loadExecutions(ids),
      (found) => new Set(ids.filter((id, index) => found[index] !== undefined || this.#memory.hot.has(id))),
    );
  }
}
