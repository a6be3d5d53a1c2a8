/**
 * Completes a local store that was made from a snapshot: what ended before it is only in the log.
 *
 * Reads the log from its beginning into a memory of its own and writes every execution that has ended and was not deleted since.
 * Until it is through, nobody can say of an id or a key that it is unknown, and nothing is deleted.
 */
import { Effect, Result } from "effect";
import { type Batch, decodeBatch } from "../../protocol/mod.ts";
import { LogDamaged, type LogUnavailable } from "../../log/port.ts";
import type { StorageUnavailable } from "../../storage/port.ts";
import { HlcSource } from "../hlc_source.ts";
import { checkpointEntry } from "./checkpoint.ts";
import { PartitionMemory } from "./partition_memory.ts";
import type { PartitionOptions } from "./partition_options.ts";
import { nothing } from "./snapshot_keeper.ts";

const PAGE_ENTRIES = 64;

interface Entry {
  readonly sequence: number;
  readonly batch: Batch;
}

/** Writes what ended up to `through`; may be begun again at any time. */
export function rebuildIndex(
  options: PartitionOptions,
  through: number,
): Effect.Effect<void, LogUnavailable | LogDamaged | StorageUnavailable> {
  const { log, store, partition, clock } = options;
  return Effect.gen(function* () {
    const { first, last } = yield* log.bounds();
    const deleted = new Set<string>();
    yield* eachPage(options, first, last, (entries) => {
      for (const id of deletedIn(entries)) deleted.add(id);
      return Effect.void;
    });
    const memory = new PartitionMemory();
    const hlc = new HlcSource(() => clock.nowEpochMs());
    yield* eachPage(options, first, through, (entries): Effect.Effect<void, LogDamaged | StorageUnavailable> => {
      for (const { sequence, batch } of entries) {
        // A trimmed log begins in the middle of the chain.
        if (sequence === first) memory.lastHash = batch.previous;
        const replayed = memory.replay(batch, sequence, partition, hlc);
        if (Result.isFailure(replayed)) {
          return Effect.fail(new LogDamaged({ partition, sequence, reason: replayed.failure }));
        }
      }
      const ended = [...memory.hot.values()].filter(({ actors }) => actors.hasEnded);
      for (const hot of ended) memory.evict(hot);
      memory.dirty.clear();
      return store.commit({ ...nothing, executions: ended.filter(({ id }) => !deleted.has(id)).map(checkpointEntry) });
    });
    yield* store.commit({ ...nothing, rebuildThrough: 0 });
  });
}

function deletedIn(entries: readonly Entry[]): readonly string[] {
  return entries.flatMap(({ batch }) =>
    batch.turns.flatMap(({ records }) =>
      records.flatMap((record) => record.type === "ExecutionDeletingEvent" ? [record.executionId] : [])
    )
  );
}

/** Reads these entries page by page. */
function eachPage<E>(
  { log, partition }: PartitionOptions,
  first: number,
  through: number,
  take: (entries: readonly Entry[]) => Effect.Effect<void, E>,
): Effect.Effect<void, E | LogUnavailable | LogDamaged> {
  return Effect.gen(function* () {
    for (let from = first; from <= through;) {
      const page = yield* log.read(from, Math.min(PAGE_ENTRIES, through - from + 1));
      if (page.length === 0) return;
      const entries: Entry[] = [];
      for (const { sequence, bytes } of page) {
        const batch = decodeBatch(bytes);
        if (Result.isFailure(batch)) {
          return yield* Effect.fail(new LogDamaged({ partition, sequence, reason: batch.failure }));
        }
        entries.push({ sequence, batch: batch.success });
      }
      yield* take(entries);
      from = (page.at(-1)?.sequence ?? through) + 1;
    }
  });
}
