import type { SimRandom } from "./sim_random.ts";

/** How often things go wrong: probabilities for each time that they could. */
export interface FaultRates {
  /** The node dies at a step of the loop. */
  readonly crash: number;
  /** The node dies when a transaction of a store has been done, before it learns so. */
  readonly crashAtStore: number;
  /** A step of the loop takes its time, so that others go on meanwhile. */
  readonly stall: number;
  /** The entry is in the log, but the answer does not come. */
  readonly acknowledgementLost: number;
  /** The entry is not in the log, and nobody knows. */
  readonly appendNotDone: number;
  /** The entry comes into the log long after its writer has given up waiting. */
  readonly appendLate: number;
  /** The log says that another was quicker, and it is not true. */
  readonly conflictWithoutReason: number;
  readonly logUnreadable: number;
  readonly storageUnavailable: number;
  /** At a crash: transactions that were not on the disk yet are lost. */
  readonly storageTailLost: number;
  /** At a crash: the local store is gone. */
  readonly storageWiped: number;
  /** Evaluating something throws. */
  readonly defect: number;
  readonly taskLost: number;
  readonly taskTwice: number;
  readonly workerSilent: number;
  readonly workerFails: number;
  readonly answerTwice: number;
  /** A client's request or its answer is lost on the way. */
  readonly requestLost: number;
}

/** How often calls to the cluster's store fail, and messages between nodes are lost. */
export interface ClusterFaultRates {
  readonly clusterUnavailable: number;
  readonly messageLost: number;
}

/** What goes wrong now and then, without a rate. */
export const plannedFaults = [
  "killed",
  "stopped",
  "clockJump",
  "queueWiped",
  "frozen",
  "cutOff",
  "clusterWiped",
  "leaderChanged",
] as const;

/** All that can go wrong. */
export type FaultKind = keyof FaultRates | keyof ClusterFaultRates | (typeof plannedFaults)[number];

/** Nothing goes wrong. */
export const calm: FaultRates = {
  crash: 0,
  crashAtStore: 0,
  stall: 0,
  acknowledgementLost: 0,
  appendNotDone: 0,
  appendLate: 0,
  conflictWithoutReason: 0,
  logUnreadable: 0,
  storageUnavailable: 0,
  storageTailLost: 0,
  storageWiped: 0,
  defect: 0,
  taskLost: 0,
  taskTwice: 0,
  workerSilent: 0,
  workerFails: 0.15,
  answerTwice: 0,
  requestLost: 0,
};

/** Nothing goes wrong between the nodes of a cluster. */
export const calmCluster: ClusterFaultRates = { clusterUnavailable: 0, messageLost: 0 };

/** The most that is drawn for each. */
const most: FaultRates = {
  crash: 0.02,
  crashAtStore: 0.05,
  stall: 0.2,
  acknowledgementLost: 0.1,
  appendNotDone: 0.1,
  appendLate: 0.06,
  conflictWithoutReason: 0.03,
  logUnreadable: 0.08,
  storageUnavailable: 0.15,
  storageTailLost: 0.6,
  storageWiped: 0.4,
  defect: 0.2,
  taskLost: 0.25,
  taskTwice: 0.3,
  workerSilent: 0.25,
  workerFails: 0.5,
  answerTwice: 0.4,
  requestLost: 0.15,
};

/** Rates for a while: each kind of fault is left out half of the time, so that the others are seen alone too. */
export function drawFaultRates(random: SimRandom): FaultRates {
  return Object.fromEntries(
    Object.entries(most).map(([name, rate]) => [name, random.chance(0.5) ? rate * random.next() : 0]),
  ) as { [Name in keyof FaultRates]: number };
}

/** Rates between the nodes of a cluster for a while. */
export function drawClusterFaults(random: SimRandom): ClusterFaultRates {
  const upTo = (most: number) => (random.chance(0.5) ? most * random.next() : 0);
  return { clusterUnavailable: upTo(0.2), messageLost: upTo(0.15) };
}

/** Whether this name is one of a fault. */
export function isFaultKind(name: string): name is FaultKind {
  return faultKinds.some((kind) => kind === name);
}

/** All of them, those that are planned first: when they are left out little else is moved. */
export const faultKinds: readonly FaultKind[] = [
  ...plannedFaults,
  ...(Object.keys(most) as (keyof FaultRates)[]),
  ...(Object.keys(calmCluster) as (keyof ClusterFaultRates)[]),
];
