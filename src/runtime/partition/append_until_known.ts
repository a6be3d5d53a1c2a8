import { Effect, Result } from "effect";
import { AppendConflict, type LogUnreadable } from "../../log/port.ts";
import { decodeBatch } from "../../protocol/mod.ts";
import { pauseFor } from "../clock.ts";
import { insist, RETRY_MS } from "./insist.ts";
import type { PartitionOptions } from "./partition_options.ts";

/** A batch as it is written. */
export interface EncodedBatch {
  readonly bytes: Uint8Array;
  readonly hash: string;
  /** That it will have. */
  readonly sequence: number;
}

/** Appends until the outcome is known. An unknown one is read back: the batch is there, or another's, or not at all. */
export function appendUntilKnown(
  options: PartitionOptions,
  { bytes, hash, sequence }: EncodedBatch,
): Effect.Effect<void, AppendConflict | LogUnreadable> {
  const { log, partition, clock, meter } = options;
  const expectedSequence = sequence - 1;
  return Effect.gen(function* () {
    for (;;) {
      const appended = yield* Effect.result(log.append(bytes, expectedSequence));
      if (Result.isSuccess(appended)) return;
      meter.appendFailed();
      const [entry] = yield* insist(options, log.read(sequence, 1));
      if (entry !== undefined) {
        const there = decodeBatch(entry.bytes);
        if (Result.isSuccess(there) && there.success.hash === hash) return;
        return yield* Effect.fail(new AppendConflict({ partition, expectedSequence }));
      }
      if (appended.failure._tag === "AppendConflict") return yield* Effect.fail(appended.failure);
      yield* Effect.logWarning("The log did not answer; appending again").pipe(Effect.annotateLogs({ partition }));
      yield* pauseFor(clock, RETRY_MS);
    }
  });
}
