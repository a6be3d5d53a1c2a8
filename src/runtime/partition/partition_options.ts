import type { Effect } from "effect";
import type { Cluster } from "../../cluster/mod.ts";
import type { PartitionLog } from "../../log/port.ts";
import type { BatchSeal } from "../../protocol/mod.ts";
import type { TaskMessage } from "../../tasks/port.ts";
import type { Limits, TaskId } from "../../values/mod.ts";
import type { Randomness, WallClock } from "../clock.ts";
import type { DefinitionCache } from "../definition_cache.ts";
import type { FeedMessage } from "../engine.ts";
import type { EngineMeter } from "../meter/engine_meter.ts";
import type { HlcSource } from "../hlc_source.ts";
import type { ResourcePublisher } from "../led_resources.ts";
import type { WorkflowPublisher } from "../published_workflows.ts";
import type { TaskTokens } from "../task_token.ts";
import type { EntryTrust } from "./entry_trust.ts";
import type { ExecutionAsOf } from "./hot_execution.ts";
import type { PartitionMemory } from "./partition_memory.ts";
import type { SnapshotBucket } from "./snapshots/snapshot_bucket.ts";
import type { PartitionStore } from "./store/partition_store.ts";
import type { TurnEffects } from "./turn_effects.ts";

/** The steps of the loop between which a crash is thinkable; a simulation crashes there. */
export type Failpoint =
  | "beforeLoad"
  | "beforeDecide"
  | "afterDecide"
  | "beforeAppend"
  | "afterAppend"
  | "beforeRelease"
  | "afterRelease"
  | "beforeCheckpoint"
  | "afterCheckpoint";

/** A term's memory, for who compares it with the log. */
export interface TermInspection {
  readonly memory: PartitionMemory;
  readonly effects: TurnEffects;
}

/** All that one partition is run with. */
export interface PartitionOptions {
  readonly partition: number;
  /** This node's name, for `LeaderElectedEvent` and logs. */
  readonly node: string;
  readonly log: PartitionLog;
  readonly store: PartitionStore;
  /** The cluster's snapshot bucket; absent where the local store is as durable as the log. */
  readonly snapshots?: SnapshotBucket;
  /** How often changed live executions go there, milliseconds. */
  readonly snapshotMs: number;
  /** How often it is looked whether the log can be trimmed, milliseconds; `Infinity`: never. */
  readonly trimMs: number;
  readonly clock: WallClock;
  readonly hlc: HlcSource;
  readonly randomness: Randomness;
  readonly tokens: TaskTokens;
  /** Makes the authenticators of batches. */
  readonly seal: BatchSeal;
  /** Judges what the log holds by them. */
  readonly trust: EntryTrust;
  readonly limits: Limits;
  /** Factor on every wait, timeout and retry delay: 1 in production. */
  readonly timeScale: number;
  readonly definitions: DefinitionCache;
  /** Where this partition's workflows are made known once they are durable. */
  readonly workflows: WorkflowPublisher;
  /** Where this partition's resources are made known that its leader acts upon. */
  readonly led: ResourcePublisher;
  readonly dispatch: (tasks: readonly TaskMessage[]) => void;
  /** For tasks that an earlier leader may have handed out. */
  readonly redispatch: (tasks: readonly TaskMessage[]) => void;
  readonly retract: (tasks: readonly { readonly taskId: TaskId }[]) => void;
  /** This partition is led here no more: what this process does of its tasks by itself is given up. */
  readonly abandon: () => void;
  readonly feed: (message: FeedMessage) => void;
  /** Called with each execution that has ended, once that is durable. */
  readonly ended: (ended: ExecutionAsOf) => void;
  readonly meter: EngineMeter;
  /** Finds out whether this node's leases still stood at some moment after the call: at once where there is no other node. */
  readonly confirm: Cluster["Service"]["confirm"];
  /** How often a follower reads what the leader has written, milliseconds. */
  readonly followMs: number;
  /** Called with each term that begins, for simulations: what it holds is the loop's own. */
  readonly onTerm: (partition: number, term: TermInspection) => void;
  /** Called at each step of the loop; nothing in production. */
  readonly failpoint: (point: Failpoint) => Effect.Effect<void>;
  /** How often what was applied is written to the local store, milliseconds. */
  readonly checkpointMs: number;
  /** Changed executions that bring a checkpoint forward. */
  readonly checkpointExecutionsMax: number;
}
