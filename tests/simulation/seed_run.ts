/** What one seed came to, small enough to be sent from one thread to another. */
import { simulate } from "./simulation.ts";
import type { Violation } from "./checks/violation.ts";

export interface SeedResult {
  readonly seed: number;
  readonly steps: number;
  readonly events: number;
  readonly executions: number;
  readonly virtualMs: number;
  readonly violation: Violation | undefined;
}

/** Runs a seed without its trace. */
export function runSeed(seed: number): SeedResult {
  const { trace: _trace, ...result } = simulate({ seed });
  return result;
}
