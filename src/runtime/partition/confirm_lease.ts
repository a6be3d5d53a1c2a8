import { Effect, Schema } from "effect";
import type { PartitionOptions } from "./partition_options.ts";

/** It is not sure that this node may lead: another may have taken the lease since. Worth another try for whoever still holds it. */
export class LeaseUnconfirmed extends Schema.TaggedError<LeaseUnconfirmed>()("LeaseUnconfirmed", {
  partition: Schema.Number,
}) {}

/**
 * Succeeds when nobody else had taken the lease by some moment after the call.
 *
 * Between the last look at the log and the append of `LeaderElectedEvent` behind it: whoever takes the lease later reads this election
 * or makes it fail. Without it a node that is cut off from the cluster, and not from the log, would lead over the one who holds the lease,
 * whose answers are confirmed by that lease.
 */
export function confirmLease(
  { partition, confirm }: Pick<PartitionOptions, "partition" | "confirm">,
): Effect.Effect<void, LeaseUnconfirmed> {
  return Effect.callback<void, LeaseUnconfirmed>((resume) =>
    confirm((outcome) =>
      resume(outcome === "confirmed" ? Effect.void : Effect.fail(new LeaseUnconfirmed({ partition })))
    )
  );
}
