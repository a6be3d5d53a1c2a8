/** What a node tells of its partitions and its cluster when it is asked for its metrics. */
import { Effect, Result, type Scope } from "effect";
import type { Cluster } from "../../cluster/mod.ts";
import type { PartitionLog } from "../../log/port.ts";
import { type Sample, sample, type Telemetry } from "../../telemetry/mod.ts";
import type { Partition, PartitionReport } from "../partition/partition.ts";
import type { EngineMeter } from "./engine_meter.ts";

/** What is told of. */
export interface Observed {
  readonly partitions: readonly Pick<Partition, "partition" | "report">[];
  readonly logs: readonly Pick<PartitionLog, "partition" | "bounds">[];
  readonly cluster: Pick<Cluster["Service"], "view">;
  readonly meter: EngineMeter;
}

/** Adds a node to what the process tells, for as long as the scope. */
export function observeNode(telemetry: Telemetry, observed: Observed): Effect.Effect<void, never, Scope.Scope> {
  const { partitions, logs, cluster, meter } = observed;
  /** Where the logs ended when they were asked last, by partition. */
  const ends = new Map<number, number>();
  const askLogs = Effect.forEach(
    logs,
    (log) =>
      Effect.map(Effect.result(log.bounds()), (bounds) => {
        if (Result.isSuccess(bounds)) ends.set(log.partition, bounds.success.last);
      }),
    { concurrency: "unbounded", discard: true },
  );
  const source = (): readonly Sample[] => {
    const { self, members, holders } = cluster.view();
    const held = [...holders.values()].filter((holder) => holder === self).length;
    return [
      sample("weft_cluster_members", members.length),
      sample("weft_leases_held", self === undefined ? 0 : held),
      ...partitions.flatMap(({ partition, report }) => partitionSamples(report(), ends.get(partition))),
    ];
  };
  return Effect.acquireRelease(
    Effect.sync(() => [telemetry.add(meter.samples), telemetry.add(source), telemetry.addRefresher(askLogs)]),
    (forget) => Effect.sync(() => forget.forEach((one) => one())),
  );
}

function partitionSamples(report: PartitionReport, logEnd: number | undefined): readonly Sample[] {
  const { status, waiting, through, executions, parkedCount } = report;
  const partition = String(report.partition);
  const lag = status.kind === "following" && logEnd !== undefined
    ? [sample("weft_follower_lag_entries", Math.max(0, logEnd - through), { partition })]
    : [];
  return [
    sample("weft_partition_role", 1, { partition, role: status.kind }),
    sample("weft_partition_epoch", status.kind === "leading" ? status.epoch : 0, { partition }),
    sample("weft_partition_sequence", through, { partition }),
    sample("weft_partition_inputs", waiting, { partition }),
    sample("weft_hot_executions", executions, { partition }),
    sample("weft_parked_executions", parkedCount, { partition }),
    ...lag,
  ];
}
