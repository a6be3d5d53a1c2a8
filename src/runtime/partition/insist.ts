import { Effect, Result } from "effect";
import type { LogUnreadable } from "../../log/port.ts";
import { pauseFor } from "../clock.ts";
import type { PartitionOptions } from "./partition_options.ts";
import { isUnreadable } from "./read_entry.ts";

/** Pause before asking a log or store again that did not answer, milliseconds. */
export const RETRY_MS = 100;

/** Repeats what the log or the store did not answer. A log that cannot be read is final. */
export function insist<A, E extends { readonly _tag: string }>(
  { partition, clock }: Pick<PartitionOptions, "partition" | "clock">,
  effect: Effect.Effect<A, E | LogUnreadable>,
): Effect.Effect<A, LogUnreadable> {
  return Effect.gen(function* () {
    for (;;) {
      const outcome = yield* Effect.result(effect);
      if (Result.isSuccess(outcome)) return outcome.success;
      if (isUnreadable(outcome.failure)) return yield* Effect.fail(outcome.failure);
      yield* Effect.logWarning("No answer; asking again").pipe(
        Effect.annotateLogs({ partition, failure: outcome.failure._tag }),
      );
      yield* pauseFor(clock, RETRY_MS);
    }
  });
}
