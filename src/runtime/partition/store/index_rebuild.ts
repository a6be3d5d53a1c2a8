/**
 * Completes a local store that was made from a snapshot: what ended before it is only in the log.
 *
 * Reads the log from its beginning into a memory of its own and writes every execution that has ended and was not deleted since.
 * Until it is through, nobody can say of an id or a key that it is unknown, and nothing is deleted.
 */
import { Effect, Result } from "effect";
import type { Batch } from "../../../protocol/mod.ts";
import { LogDamaged, type LogUnavailable, type LogUnreadable } from "../../../log/port.ts";
import type { StorageUnavailable } from "../../../storage/port.ts";
import { HlcSource } from "../../hlc_source.ts";
import { isForeign } from "../entry_trust.ts";
import { checkpointEntry } from "./checkpoint.ts";
import type { HotExecution } from "../hot_execution.ts";
import { PartitionMemory } from "../partition_memory.ts";
import type { PartitionOptions } from "../partition_options.ts";
import { nothing } from "./checkpoint_writes.ts";
import type { PartitionStore } from "./partition_store.ts";

const PAGE_ENTRIES = 64;

interface Entry {
  readonly sequence: number;
  readonly batch: Batch;
}

/** Writes what ended up to `through`; may be begun again at any time. */
export function rebuildIndex(
  options: PartitionOptions,
  through: number,
): Effect.Effect<void, LogUnavailable | LogUnreadable | StorageUnavailable> {
  const { log, store, partition, clock } = options;
  return Effect.gen(function* () {
    const { first, last } = yield* log.bounds();
    const deleted = new Set<string>();
    /** What lived again, with the sequence of its last redrive. */
    const redriven = new Map<string, number>();
    yield* eachPage(options, first, last, (entries) => {
      for (const { sequence, batch } of entries) {
        for (const record of batch.turns.flatMap(({ records }) => records)) {
          if (record.type === "ExecutionDeletingEvent") deleted.add(record.executionId);
          else if (record.type === "ExecutionRedrivenEvent") redriven.set(record.executionId, sequence);
        }
      }
      return Effect.void;
    });
    const memory = new PartitionMemory();
    const hlc = new HlcSource(() => clock.nowEpochMs());
    yield* eachPage(options, first, through, (entries): Effect.Effect<void, LogUnreadable | StorageUnavailable> => {
      for (const { sequence, batch } of entries) {
        // A trimmed log begins in the middle of the chain.
        if (memory.lastBatchSequence === 0) memory.lastHash = batch.previous;
        const replayed = memory.replay(batch, sequence, partition, hlc);
        if (Result.isFailure(replayed)) {
          return Effect.fail(new LogDamaged({ partition, sequence, reason: replayed.failure }));
        }
      }
      // One that is redriven later has not ended for good: nobody may take it as the store would have it then.
      const isPast = (entries.at(-1)?.sequence ?? 0) >= through;
      const ended = [...memory.hot.values()].filter(({ id, actors }) =>
        actors.hasEnded && (isPast || !redriven.has(id))
      );
      for (const hot of ended) memory.evict(hot);
      memory.dirty.clear();
      return addEnded(store, ended.filter(({ id }) => !deleted.has(id) && (redriven.get(id) ?? 0) <= through));
    });
    yield* store.commit({ ...nothing, rebuildThrough: 0 });
  });
}

/** What the store has already it has from a snapshot, from a checkpoint or from here, and then it may have been redriven since. */
function addEnded(store: PartitionStore, ended: readonly HotExecution[]): Effect.Effect<void, StorageUnavailable> {
  return Effect.flatMap(
    store.loadExecutions(ended.map(({ id }) => id)),
    (keptOnes) =>
      store.commit({
        ...nothing,
        executions: ended.filter((_, index) => keptOnes[index] === undefined).map(checkpointEntry),
      }),
  );
}

/** Reads these entries page by page. */
function eachPage<E>(
  { log, trust }: PartitionOptions,
  first: number,
  through: number,
  take: (entries: readonly Entry[]) => Effect.Effect<void, E>,
): Effect.Effect<void, E | LogUnavailable | LogUnreadable> {
  return Effect.gen(function* () {
    for (let from = first; from <= through;) {
      const page = yield* log.read(from, Math.min(PAGE_ENTRIES, through - from + 1));
      if (page.length === 0) return;
      const entries: Entry[] = [];
      for (const entry of page) {
        const batch = yield* Effect.fromResult(trust.judge(entry));
        if (!isForeign(batch)) entries.push({ sequence: entry.sequence, batch });
      }
      yield* take(entries);
      from = (page.at(-1)?.sequence ?? through) + 1;
    }
  });
}
