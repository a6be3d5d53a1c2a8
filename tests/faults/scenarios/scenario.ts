/** One thing that happens to a cluster under a steady load, measured against a bar. */
import type { FaultRunOptions, Stage } from "../run_faults.ts";

/** A figure and what it must be. */
export interface Measured {
  readonly value: number;
  readonly bar: string;
  readonly isMet: boolean;
}

/** Figures by name. */
export type Figures = Readonly<Record<string, Measured>>;

/** What a scenario is. `act` gives its figures when the load may end. */
export interface Scenario {
  readonly what: string;
  readonly options?: Partial<FaultRunOptions>;
  act(stage: Stage, rounds: number): Promise<Figures>;
}

/** A figure that may be so much at most. */
export function atMost(value: number, most: number): Measured {
  return { value, bar: `≤ ${most}`, isMet: value <= most };
}

/** A figure that must be so much at least. */
export function atLeast(value: number, least: number): Measured {
  return { value, bar: `≥ ${least}`, isMet: value >= least };
}

/** A figure without a bar. */
export function told(value: number): Measured {
  return { value, bar: "", isMet: true };
}
