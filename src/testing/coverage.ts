/** Which states and transitions of a definition were gone through, over all runs of a test. */
import type { OutlinedState } from "./machine_outline.ts";

/** A state's or a transition's count. */
export interface Covered {
  /** `AskQuote`, or `AskQuote → Order`. */
  readonly name: string;
  readonly count: number;
}

/** Counts runs; see {@link Coverage.text} and {@link Coverage.lcov}. */
export class Coverage {
  readonly #states: readonly OutlinedState[];
  readonly #entered = new Map<string, number>();
  readonly #taken = new Map<string, number>();

  constructor(states: readonly OutlinedState[]) {
    this.#states = states;
  }

  /** How often each state was entered, in the order of the definition. */
  get states(): readonly Covered[] {
    return this.#states.map(({ name }) => ({ name, count: this.#entered.get(name) ?? 0 }));
  }

  /** How often each transition was taken, by `Next`, a Choice, `Default` or `Catch`. */
  get transitions(): readonly Covered[] {
    return this.#states.flatMap(({ name, targets }) =>
      targets.map((target) => ({ name: `${name} → ${target}`, count: this.#countOf(name, target) }))
    );
  }

  /** Adds one state that was entered. */
  enter(state: string): void {
    this.#entered.set(state, (this.#entered.get(state) ?? 0) + 1);
  }

  /** Adds one transition that was taken. */
  take(state: string, target: string): void {
    const key = JSON.stringify([state, target]);
    this.#taken.set(key, (this.#taken.get(key) ?? 0) + 1);
  }

  /** For people: the shares, and the names of what was not gone through. */
  text(): string {
    return [["states", this.states], ["transitions", this.transitions]].map(([what, list]) => {
      const all = list as readonly Covered[];
      const missed = all.filter(({ count }) => count === 0).map(({ name }) => `  not covered: ${name}\n`);
      return `${what}: ${all.length - missed.length} of ${all.length}\n${missed.join("")}`;
    }).join("");
  }

  /**
   * For tools: a record of lcov's tracefile, a state being a function and a line, a transition a branch.
   *
   * @param file path of the definition, as the report shall name it
   */
  lcov(file: string): string {
    const lines = [`TN:`, `SF:${file}`];
    for (const { name, line } of this.#states) lines.push(`FN:${line},${name}`);
    for (const { name, count } of this.states) lines.push(`FNDA:${count},${name}`);
    lines.push(`FNF:${this.#states.length}`, `FNH:${hit(this.states)}`);
    for (const { name, line, targets } of this.#states) {
      const isEntered = this.#entered.has(name);
      targets.forEach((target, index) =>
        lines.push(`BRDA:${line},0,${index},${isEntered ? this.#countOf(name, target) : "-"}`)
      );
    }
    lines.push(`BRF:${this.transitions.length}`, `BRH:${hit(this.transitions)}`);
    for (const { name, line } of this.#states) lines.push(`DA:${line},${this.#entered.get(name) ?? 0}`);
    lines.push(`LF:${this.#states.length}`, `LH:${hit(this.states)}`, "end_of_record");
    return `${lines.join("\n")}\n`;
  }

  #countOf(state: string, target: string): number {
    return this.#taken.get(JSON.stringify([state, target])) ?? 0;
  }
}

function hit(list: readonly Covered[]): number {
  return list.filter(({ count }) => count > 0).length;
}
