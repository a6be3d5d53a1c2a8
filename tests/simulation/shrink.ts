/** Makes of a seed that violates something the least that still does: faults and load are left out as long as it is seen. */
import type { FaultKind } from "./world/fault_rates.ts";
import type { Load } from "./world/sim_config.ts";
import { simulate, type SimulationOptions, type SimulationReport } from "./simulation.ts";

/** What is left out of a seed: faults of these kinds, and all load beyond this. */
export interface Reduction {
  readonly without: readonly FaultKind[];
  readonly load: Partial<Load>;
}

/** The least that was found. */
export interface Shrunk {
  readonly reduction: Reduction;
  readonly report: SimulationReport;
  /** Simulations that were run for it. */
  readonly tries: number;
}

/** Simulations that are run for one violation, at most. */
const TRIES_MAX = 80;

/** Shrinks a seed whose whole run gave this report. What is kept violates the same invariant, and never later. */
export function shrink(options: SimulationOptions, whole: SimulationReport): Shrunk {
  return new Shrinking(options, whole).run();
}

class Shrinking {
  readonly #options: SimulationOptions;
  #reduction: Reduction = { without: [], load: {} };
  #report: SimulationReport;
  #tries = 0;

  constructor(options: SimulationOptions, whole: SimulationReport) {
    this.#options = options;
    this.#report = whole;
  }

  run(): Shrunk {
    this.#shrinkLoad();
    this.#leaveOut([...this.#report.faults.keys()]);
    this.#shrinkLoad();
    return { reduction: this.#reduction, report: this.#report, tries: this.#tries };
  }

  #shrinkLoad(): void {
    for (const name of ["reads", "keeps", "starts"] as const) {
      let most = this.#reduction.load[name] ?? this.#report.load[name];
      for (let step = most; step > 0;) {
        const isLess = most - step >= 0 &&
          this.#try({ ...this.#reduction, load: { ...this.#reduction.load, [name]: most - step } });
        if (isLess) most -= step;
        else step = Math.floor(step / 2);
        if (most === 0) break;
        step = Math.min(step, most);
      }
    }
  }

  /** All of these kinds of faults, or each half of them by itself. */
  #leaveOut(kinds: readonly FaultKind[]): void {
    if (kinds.length === 0) return;
    const { without, load } = this.#reduction;
    if (this.#try({ without: [...without, ...kinds], load }) || kinds.length === 1) return;
    const middle = Math.ceil(kinds.length / 2);
    this.#leaveOut(kinds.slice(0, middle));
    this.#leaveOut(kinds.slice(middle));
  }

  #try(reduction: Reduction): boolean {
    if (this.#tries >= TRIES_MAX) return false;
    this.#tries += 1;
    const report = simulate({ ...this.#options, ...reduction });
    const isSame = report.violation?.invariant === this.#report.violation?.invariant;
    if (!isSame || report.events > this.#report.events) return false;
    this.#reduction = reduction;
    this.#report = report;
    return true;
  }
}
