/**
 * Tells the feed of the newest batch once more, before a new leader writes.
 *
 * Its leader may have died between the append and the release. Every batch before it was released, for there is one in flight at a
 * time. Subscribers know a repeat by its number; a last turn that nobody told of they could not miss.
 */
import { Effect } from "effect";
import { isEvent } from "../../../protocol/mod.ts";
import { LogDamaged, type LogUnavailable, type LogUnreadable } from "../../../log/port.ts";
import type { StorageUnavailable } from "../../../storage/port.ts";
import { type ExecutionId, parseExecutionId } from "../../../values/mod.ts";
import { TurnFeed } from "./feed_events.ts";
import type { Loader } from "../loader.ts";
import type { PartitionMemory } from "../partition_memory.ts";
import type { PartitionOptions } from "../partition_options.ts";

/** To be called when memory has been replayed to the end of the log. */
export function retellNewest(
  { log, partition, feed, trust }: PartitionOptions,
  memory: PartitionMemory,
  loader: Loader,
): Effect.Effect<void, LogUnavailable | LogUnreadable | StorageUnavailable> {
  return Effect.gen(function* () {
    const sequence = memory.lastBatchSequence;
    if (sequence === 0) return;
    const [entry] = yield* log.read(sequence, 1);
    if (entry === undefined) return yield* Effect.fail(new LogDamaged({ partition, sequence, reason: "it is gone" }));
    const batch = yield* trust.read(entry);
    const turns = batch.turns.filter(({ subject }) => parseExecutionId(subject) !== undefined);
    const missing = turns.map(({ subject }) => subject as ExecutionId).filter((id) => !memory.hot.has(id));
    yield* loader.loadExecutions(missing);
    for (const { subject, sequence: number, records, atEpochMs } of turns) {
      const hot = memory.hot.get(subject as ExecutionId);
      // Deleted and forgotten: it was written to the store, so it had been released. A follower's store is never so far.
      if (hot === undefined || hot.parked !== undefined) continue;
      const before = hot.turns[number - 2]?.[1] ?? 0;
      feed(new TurnFeed(hot.id, { sequence: number, atEpochMs }, records.filter(isEvent), before + 1));
    }
  });
}
