/** What each node says of itself, for `weft doctor`, the console and alarms: over NATS on request, so that it is seen from anywhere. */
import { Result, Schema } from "effect";
import { type ExecutionId, present } from "../values/mod.ts";
import type { PartitionReport } from "./partition/partition.ts";

/** Where every node of a cluster answers with its report, each for itself. */
export const NODE_REPORTS_SUBJECT = "weft.nodes.report";

/** A node, as it saw itself when it was asked. Times in milliseconds of its own clock. */
export interface NodeReport {
  /** As people call it: the name that it was started with. */
  readonly node: string;
  readonly version: string;
  readonly nowEpochMs: number;
  /** Since it was started. */
  readonly uptimeMs: number;
  /** Bytes of memory that the process has. */
  readonly residentBytes: number;
  readonly partitions: readonly PartitionReport[];
}

const Count = Schema.Number.check(Schema.isInt());
const Status = Schema.Union([
  Schema.Struct({ kind: Schema.Literals(["resting", "starting"]) }),
  Schema.Struct({ kind: Schema.Literal("following"), through: Count }),
  Schema.Struct({ kind: Schema.Literal("leading"), epoch: Count }),
  Schema.Struct({ kind: Schema.Literal("stopped"), incident: Schema.String }),
]);
const Report = Schema.Struct({
  node: Schema.String,
  version: Schema.String,
  nowEpochMs: Schema.Number,
  uptimeMs: Schema.Number,
  residentBytes: Schema.Number,
  partitions: Schema.Array(Schema.Struct({
    partition: Count,
    status: Status,
    through: Count,
    executions: Count,
    waiting: Count,
    parked: Schema.Array(Schema.Struct({ executionId: Schema.String, why: Schema.String })),
    parkedCount: Count,
    snapshotAtEpochMs: Schema.optional(Schema.Number),
  })),
});
const decode = Schema.decodeUnknownResult(Schema.fromJsonString(Report));

/** A report out of what a node answered; `undefined`: it is none. A newer node's further fields are passed over. */
export function decodeNodeReport(text: string): NodeReport | undefined {
  const decoded = decode(text);
  if (Result.isFailure(decoded)) return undefined;
  const { partitions, ...node } = decoded.success;
  return {
    ...node,
    partitions: partitions.map(({ parked, snapshotAtEpochMs, ...partition }) => ({
      ...partition,
      parked: parked.map(({ executionId, why }) => ({ executionId: executionId as ExecutionId, why })),
      ...present({ snapshotAtEpochMs }),
    })),
  };
}
