import type { Effect } from "effect";
import { type ExecutionId, partitionKey, partitionOf, type ResourceId, type WorkflowId } from "../../values/mod.ts";
import type { RequestRefused } from "../engine.ts";
import { askPartition, type Partition } from "../partition/partition.ts";
import type { PartitionInput, Reply } from "../partition/partition_input.ts";

/** What lives in a partition. */
export type Inhabitant = ExecutionId | WorkflowId | ResourceId;

/** The partitions, by what lives in them. */
export class PartitionHomes {
  readonly all: readonly Partition[];

  /** @param all in the order of their numbers; at least one */
  constructor(all: readonly Partition[]) {
    this.all = all;
  }

  /** Where something lives, or would live. */
  of(id: Inhabitant): Partition {
    const home = this.all[partitionOf(partitionKey(id), this.all.length)];
    if (home === undefined) throw new RangeError("A node without partitions");
    return home;
  }

  /** Puts an input before the partition of `id`. */
  ask<T>(id: Inhabitant, input: (reply: Reply<T>) => PartitionInput): Effect.Effect<T, RequestRefused> {
    return askPartition(this.of(id), input);
  }
}
