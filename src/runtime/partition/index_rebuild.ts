/**
 * Completes a local store that was made from a snapshot: what ended before it is only in the log.
 *
 * Reads the log from its beginning into a memory of its own and writes every execution that has ended. Until it is through, nobody
 * can say of an id or a key that it is unknown.
 */
import { Effect, Result } from "effect";
import { decodeBatch } from "../../protocol/mod.ts";
import { LogDamaged, type LogUnavailable } from "../../log/port.ts";
import type { StorageUnavailable } from "../../storage/port.ts";
import { HlcSource } from "../hlc_source.ts";
import { checkpointEntry } from "./checkpoint.ts";
import { PartitionMemory } from "./partition_memory.ts";
import type { PartitionOptions } from "./partition_options.ts";
import { nothing } from "./snapshot_keeper.ts";

const PAGE_ENTRIES = 64;

/** Writes what ended up to `through`; may be begun again at any time. */
export function rebuildIndex(
  { log, store, partition, clock }: PartitionOptions,
  through: number,
): Effect.Effect<void, LogUnavailable | LogDamaged | StorageUnavailable> {
  return Effect.gen(function* () {
    const { first } = yield* log.bounds();
    const memory = new PartitionMemory();
    const hlc = new HlcSource(() => clock.nowEpochMs());
    for (let from = first; from <= through;) {
      const entries = yield* log.read(from, PAGE_ENTRIES);
      if (entries.length === 0) break;
      for (const { sequence, bytes } of entries) {
        if (sequence > through) break;
        const batch = decodeBatch(bytes);
        const replayed = Result.flatMap(batch, (batch) => {
          // A trimmed log begins in the middle of the chain.
          if (sequence === first) memory.lastHash = batch.previous;
          return memory.replay(batch, sequence, partition, hlc);
        });
        if (Result.isFailure(replayed)) {
          return yield* Effect.fail(new LogDamaged({ partition, sequence, reason: replayed.failure }));
        }
      }
      from = (entries.at(-1)?.sequence ?? through) + 1;
      const ended = [...memory.hot.values()].filter(({ actors }) => actors.hasEnded);
      const kept = ended.filter(({ actors }) => actors.execution.value !== "Deleting");
      yield* store.commit({ ...nothing, executions: kept.map(checkpointEntry) });
      for (const hot of ended) memory.evict(hot);
      memory.dirty.clear();
    }
    yield* store.commit({ ...nothing, rebuildThrough: 0 });
  });
}
