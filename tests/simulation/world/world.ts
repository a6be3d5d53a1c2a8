import type { Invariant, Violation } from "../checks/violation.ts";
import { EventLoop } from "./event_loop.ts";
import { calm, type FaultRates } from "./fault_rates.ts";
import { SimRandom } from "./sim_random.ts";
import { SimWall } from "./sim_wall.ts";

/** What all parts of one simulation share: time, chance, what goes wrong at the moment, the trace, and the first violation. */
export class World {
  readonly seed: number;
  readonly loop = new EventLoop();
  readonly wall = new SimWall(this.loop);
  /** Draws what the course of the simulation is. */
  readonly random: SimRandom;
  faults: FaultRates = calm;
  /** Steps of the partition loop so far. */
  steps = 0;
  violation: Violation | undefined;
  readonly trace: string[] = [];
  readonly #isTracing: boolean;

  constructor(seed: number, isTracing: boolean) {
    this.seed = seed;
    this.random = new SimRandom(seed);
    this.#isTracing = isTracing;
  }

  /** Writes a line of the trace, when one is wanted. */
  note(line: () => string): void {
    if (this.#isTracing) this.trace.push(`${String(this.loop.nowMs).padStart(7)} ${line()}`);
  }

  /** The first violation ends the simulation. */
  violate(invariant: Invariant, message: string): void {
    if (this.violation !== undefined) return;
    this.violation = { invariant, message, atMs: this.loop.nowMs };
    this.note(() => `VIOLATION of ${invariant}: ${message}`);
  }
}
