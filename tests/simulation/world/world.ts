import type { Invariant, Violation } from "../checks/violation.ts";
import { EventLoop } from "./event_loop.ts";
import { calm, type ClusterFaultRates, type FaultKind, type FaultRates } from "./fault_rates.ts";
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
  /** How often each kind of fault has happened. */
  readonly faultCounts = new Map<FaultKind, number>();
  /** Steps of the partition loop so far. */
  steps = 0;
  violation: Violation | undefined;
  /** Something is broken on purpose: whether this holds is all that is looked at, for the rest cannot. */
  onlyLookedAt: Invariant | undefined;
  /** Until now, or a while longer, something outside the engine was in its way: what it should do in time may be late. */
  disturbedUntilMs = 0;
  /** As before, but for what the nodes of a cluster do by themselves: leaving, joining, handing over. */
  faultedUntilMs = 0;
  /** Reasons so far to hand out again what was handed out before, and how many of them are surely done with. */
  redispatchCauses = 0;
  settledCauses = 0;
  readonly trace: string[] = [];
  readonly #isTracing: boolean;
  readonly #without: ReadonlySet<FaultKind>;

  /** @param without what does not go wrong, whatever is drawn */
  constructor(seed: number, isTracing: boolean, without: readonly FaultKind[] = []) {
    this.#without = new Set(without);
    this.seed = seed;
    this.random = new SimRandom(seed);
    this.#isTracing = isTracing;
  }

  /** Writes a line of the trace, when one is wanted. */
  note(line: () => string): void {
    if (this.#isTracing) this.trace.push(`${String(this.loop.nowMs).padStart(7)} ${line()}`);
  }

  /** Draws whether something goes wrong that could now, at its present rate. */
  strikes(kind: keyof FaultRates, random: SimRandom): boolean {
    return this.happens(kind, this.faults, random);
  }

  /** The same, of what has other rates than the rest. */
  happens<Kind extends keyof FaultRates | keyof ClusterFaultRates>(
    kind: Kind,
    rates: { readonly [Name in Kind]: number },
    random: SimRandom,
  ): boolean {
    return random.chance(rates[kind]) && this.goesWrong(kind);
  }

  /** Notes that something goes wrong now; false: it is left out. */
  goesWrong(kind: FaultKind): boolean {
    if (this.#without.has(kind)) return false;
    this.faultCounts.set(kind, (this.faultCounts.get(kind) ?? 0) + 1);
    return true;
  }

  /** Something is in the engine's way now, and for so long after. */
  disturb(afterwardsMs = 0): void {
    this.faultedUntilMs = Math.max(this.faultedUntilMs, this.loop.nowMs + afterwardsMs);
    this.unsettle(afterwardsMs);
  }

  /** Who leads changes now, and for so long after. */
  unsettle(afterwardsMs = 0): void {
    this.disturbedUntilMs = Math.max(this.disturbedUntilMs, this.loop.nowMs + afterwardsMs);
  }

  /** The first violation ends the simulation. */
  violate(invariant: Invariant, message: string): void {
    if (this.violation !== undefined || (this.onlyLookedAt ?? invariant) !== invariant) return;
    this.violation = { invariant, message, atMs: this.loop.nowMs };
    this.note(() => `VIOLATION of ${invariant}: ${message}`);
  }
}
