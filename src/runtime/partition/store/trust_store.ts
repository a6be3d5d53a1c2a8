/** Whether a local store and the log belong together. */
import { Effect } from "effect";
import { LogDamaged, type LogUnavailable, type LogUnreadable, type PartitionLog } from "../../../log/port.ts";
import type { PartitionOptions } from "../partition_options.ts";
import type { Applied } from "./stored_values.ts";

/** The log has been trimmed beyond what the store knows of it: a snapshot knows more. */
export function isTrimmed(
  log: PartitionLog,
  { sequence, durableSequence }: Applied,
): Effect.Effect<boolean, LogUnavailable> {
  return Effect.map(
    log.bounds(),
    ({ first }) => durableSequence > 0 && first > Math.min(sequence + 1, durableSequence),
  );
}

/** Succeeds when the store is from this log: what it saw durable is still there. */
export function trustStore(
  { log, partition, hlc, trust }: Pick<PartitionOptions, "log" | "partition" | "hlc" | "trust">,
  applied: Applied,
): Effect.Effect<void, LogUnreadable | LogUnavailable> {
  const damaged = (sequence: number, reason: string) => Effect.fail(new LogDamaged({ partition, sequence, reason }));
  return Effect.gen(function* () {
    const { last } = yield* log.bounds();
    if (last < applied.durableSequence) {
      return yield* damaged(last, `it ends here, but this replica saw it durable up to ${applied.durableSequence}`);
    }
    if (applied.durableSequence === 0) return;
    const [entry] = yield* log.read(applied.durableSequence, 1);
    const isOther = (failure: LogUnreadable) =>
      failure._tag === "LogDamaged" ? Effect.succeed(undefined) : Effect.fail(failure);
    const batch = entry === undefined ? undefined : yield* Effect.catch(trust.read(entry), isOther);
    if (batch === undefined || batch.hash !== applied.durableHash) {
      return yield* damaged(applied.durableSequence, "it is not the batch that this replica saw durable there");
    }
    // What stands there may never be replayed, and no id may be drawn twice.
    for (const turn of batch.turns) hlc.restoreText(turn.timestamp);
  });
}
