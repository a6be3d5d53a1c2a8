import type { Limits } from "../../../src/values/mod.ts";
import type { SimRandom } from "./sim_random.ts";

/** What is drawn once for a seed: how the node is set up, and how much is asked of it. */
export interface SimConfig {
  readonly partitionCount: number;
  readonly limits: Partial<Limits>;
  readonly checkpointMs: number;
  readonly checkpointExecutionsMax: number;
  /** Keys of one transaction of the local store: small ones make checkpoints of several transactions. */
  readonly atomicKeysMax: number;
  /** Whether there is a bucket of snapshots, from which a wiped node restores. */
  readonly hasSnapshots: boolean;
  readonly snapshotMs: number;
  /** How often a log is trimmed behind the snapshots; `Infinity`: never. */
  readonly trimMs: number;
  /** How often a follower looks at the log: with long pauses it lags behind its leader. */
  readonly followMs: number;
  /** Whether a second node takes over at times, and the first comes back as a zombie. */
  readonly hasSecondNode: boolean;
  /** Whether there are several nodes that know of each other. Instead of a second one that does not. */
  readonly isCluster: boolean;
  /** Whether it is drawn which of several fibers goes on. */
  readonly isShuffled: boolean;
  /** Operations after which a fiber lets others go on. */
  readonly operationsMax: number;
  /** How long things go wrong, virtual milliseconds. */
  readonly chaosMs: number;
  readonly workflowCount: number;
  readonly startCount: number;
  /** In how many spaces all this happens. */
  readonly spaceCount: number;
  /** How often somebody reads, and how often somebody puts or deletes a workflow or resource. */
  readonly readCount: number;
  readonly keepCount: number;
}

/** Pauses of an idle leader, for each partition: until the next checkpoint, the next snapshot, the next look whether to trim. */
export function idlePauses({ hasSnapshots, trimMs }: SimConfig): number {
  return 1 + (hasSnapshots ? 1 : 0) + (trimMs === Infinity ? 0 : 1);
}

/** How much is asked of the engine. */
export interface Load {
  readonly starts: number;
  readonly reads: number;
  readonly keeps: number;
}

/** How much a configuration asks. */
export function loadOf({ startCount, readCount, keepCount }: SimConfig): Load {
  return { starts: startCount, reads: readCount, keeps: keepCount };
}

/** The same with no more than this asked: the rest is as it was drawn. */
export function withLoad(config: SimConfig, { starts = Infinity, reads = Infinity, keeps = Infinity }: Partial<Load>) {
  const { startCount, readCount, keepCount } = config;
  return {
    ...config,
    startCount: Math.min(startCount, starts),
    readCount: Math.min(readCount, reads),
    keepCount: Math.min(keepCount, keeps),
  };
}

/** Settings small enough that carried commands, eviction, checkpoints and full queues happen all the time. */
export function drawConfig(random: SimRandom, isCluster = false): SimConfig {
  const hasSecondNode = random.chance(0.25) && !isCluster;
  const hasSnapshots = random.chance(0.4);
  // What is trimmed is nowhere else than in the snapshots, once a node has lost its disk.
  const isTrimmed = hasSnapshots && random.chance(0.6);
  return {
    partitionCount: random.between(2, 3),
    limits: {
      turnRecordsMax: random.between(8, 40),
      batchBytesMax: random.oneOf([1_500, 6_000, 100_000]),
      hotExecutionsMax: random.between(1, 4),
      partitionInboxMax: random.oneOf([8, 10_000]),
      historyEventsMax: random.chance(0.1) ? random.between(60, 120) : 25_000,
      ...(isTrimmed ? { logSeconds: random.between(1, 6) } : {}),
    },
    checkpointMs: random.oneOf([300, 1_000, 5_000]),
    checkpointExecutionsMax: random.between(2, 20),
    atomicKeysMax: random.oneOf([12, 10_000]),
    hasSnapshots,
    snapshotMs: random.between(1_000, 10_000),
    trimMs: isTrimmed ? random.between(500, 5_000) : Infinity,
    followMs: random.oneOf([300, 1_000, 3_000]),
    hasSecondNode,
    isCluster,
    isShuffled: random.chance(0.5),
    operationsMax: random.oneOf([3, 20, 2_048]),
    chaosMs: random.between(12_000, 50_000),
    workflowCount: random.between(2, 5),
    startCount: random.between(4, 12),
    spaceCount: random.oneOf([1, 1, 2, 3]),
    readCount: random.between(5, 20),
    keepCount: random.between(0, 8),
  };
}
