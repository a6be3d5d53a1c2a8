/** What a deliberate bug can be made of. */
import type { Failpoint, WallClock } from "../../../src/runtime/mod.ts";
import type { Invariant } from "../checks/violation.ts";
import type { SimMember } from "../world/sim_cluster.ts";
import type { NodeLog } from "../world/sim_log.ts";
import type { SimNode } from "../world/sim_node.ts";
import type { SimRandom } from "../world/sim_random.ts";
import type { NodeStore } from "../world/sim_store.ts";

/** A bug, and what it is found by. */
export interface Bug {
  readonly what: string;
  /** Invariants that such a bug breaks: it is found when one of them is violated. */
  readonly breaks: readonly Invariant[];
  /** The first seed that finds it, as far as is known: a change of anything moves the draws. */
  readonly seed: number;
  /** In place of the sound ways from a node to its surroundings. */
  readonly log?: typeof NodeLog;
  readonly store?: typeof NodeStore;
  readonly member?: typeof SimMember;
  /** It shows only where there are several nodes that know of each other. */
  readonly isOfCluster?: boolean;
  readonly clock?: (clock: WallClock, random: SimRandom) => WallClock;
  /** Done to a node that has just begun. */
  readonly started?: (node: SimNode) => void;
  /** Done at a step of a node's loops. */
  readonly reached?: (node: SimNode, point: Failpoint) => void;
  /** Puts it into the engine's own code; returns what takes it out again. */
  readonly install?: () => () => void;
}

/** Puts another method in the place of one; returns what puts the first one back. */
export function replace<T extends object, Name extends keyof T>(
  target: T,
  name: Name,
  make: (sound: T[Name]) => T[Name],
): () => void {
  const sound = target[name];
  target[name] = make(sound);
  return () => {
    target[name] = sound;
  };
}

/** Does one after the other; returns what undoes them all. */
export function both(...installed: readonly (() => void)[]): () => void {
  return () => {
    for (const takeOut of installed) takeOut();
  };
}
