/** What one seed came to, small enough to be sent from one thread to another. */
import type { BugName } from "./bugs/mod.ts";
import { simulate } from "./simulation.ts";
import type { FaultKind } from "./world/fault_rates.ts";
import type { Violation } from "./checks/violation.ts";

export interface SeedResult {
  readonly seed: number;
  readonly steps: number;
  readonly events: number;
  readonly executions: number;
  readonly staleReads: number;
  readonly virtualMs: number;
  readonly faults: ReadonlyMap<FaultKind, number>;
  readonly violation: Violation | undefined;
}

/** A seed to run, and with what. */
export interface SeedWish {
  readonly seed: number;
  readonly bug: BugName | undefined;
  readonly hasRedrives: boolean;
  readonly isCluster: boolean;
}

/** Runs a seed without its trace. */
export function runSeed(wish: SeedWish): SeedResult {
  const { trace: _trace, ...result } = simulate(wish);
  return result;
}
