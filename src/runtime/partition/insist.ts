import { Effect, Result } from "effect";
import type { LogUnreadable } from "../../log/port.ts";
import { pauseFor } from "../clock.ts";
import type { PartitionOptions } from "./partition_options.ts";
import { isUnreadable } from "./entry_trust.ts";

/** Pause before asking a log or store again that did not answer, milliseconds; doubled each time where it goes on. */
export const RETRY_MS = 100;
const RETRY_MS_MAX = 2_000;

/** Repeats what the log or the store did not answer, less often the longer it lasts. A log that cannot be read is final. */
export function insist<A, E extends { readonly _tag: string; readonly message: string }>(
  { partition, clock }: Pick<PartitionOptions, "partition" | "clock">,
  effect: Effect.Effect<A, E | LogUnreadable>,
): Effect.Effect<A, LogUnreadable> {
  return Effect.gen(function* () {
    for (let pauseMs = RETRY_MS;; pauseMs = Math.min(2 * pauseMs, RETRY_MS_MAX)) {
      const outcome = yield* Effect.result(effect);
      if (Result.isSuccess(outcome)) return outcome.success;
      if (isUnreadable(outcome.failure)) return yield* Effect.fail(outcome.failure);
      yield* Effect.logWarning("No answer; asking again").pipe(
        Effect.annotateLogs({ partition, failure: outcome.failure.message, pauseMs }),
      );
      yield* pauseFor(clock, pauseMs);
    }
  });
}
