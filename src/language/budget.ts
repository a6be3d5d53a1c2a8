/**
 * What the evaluations of one state may cost together. Expressions come from users and run where a turn is decided: each has
 * bounds of its own (`jsonata/limits.ts`), and a definition may have a hundred thousand of them.
 *
 * All is counted, nothing is timed: a state fails or succeeds in the same way on every machine.
 */
import type { Json } from "../values/mod.ts";

/** Steps of the evaluations of one state: some tenths of a second. */
const STEPS_MAX = 2_000_000;
/** Characters that the JSON of one result may have, well above any payload. */
export const RESULT_CHARACTERS_MAX = 4_194_304;

/** Counts work, for who wants to do something else in between. */
export interface WorkMeter {
  steps: number;
}

/** Thrown where the steps are spent; caught at the doors of the language. */
export class BudgetSpent {
  readonly message = "The evaluation of the state takes too many steps.";
}

/** Thrown where a result would be larger than any payload by far; caught at the doors of the language. */
export class ResultTooLarge {}

/** Counts the steps of one state's evaluations. */
export class Budget {
  readonly #meter: WorkMeter | undefined;
  readonly #stepsMax: number;
  #steps = 0;

  constructor(meter?: WorkMeter, stepsMax = STEPS_MAX) {
    this.#meter = meter;
    this.#stepsMax = stepsMax;
  }

  get stepsLeft(): number {
    return Math.max(0, this.#stepsMax - this.#steps);
  }

  /** Counts work that has been done within {@link stepsLeft}. */
  spend(steps: number): void {
    this.#steps += steps;
    if (this.#meter !== undefined) this.#meter.steps += steps;
  }

  /** Counts work about to be done. @throws {BudgetSpent} */
  charge(steps: number): void {
    this.spend(steps);
    if (this.#steps > this.#stepsMax) throw new BudgetSpent();
  }

  /** Counts a pass over a text by a function of the host. @throws {BudgetSpent} */
  chargeText(text: string): void {
    this.charge(1 + (text.length >> 6));
  }

  /** Counts a pass over all that a value holds. @throws {BudgetSpent} */
  chargeValue(value: Json): void {
    const waiting: Json[] = [value];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (typeof next === "string") this.chargeText(next);
      else if (Array.isArray(next)) {
        this.charge(1 + next.length);
        for (const item of next as readonly Json[]) waiting.push(item);
      } else if (next !== null && typeof next === "object") {
        for (const [key, member] of Object.entries(next)) {
          this.chargeText(key);
          waiting.push(member as Json);
        }
      }
    }
  }
}

/**
 * Stops at a value whose JSON would have more than some million characters: parts that are shared count each time.
 * @throws {ResultTooLarge}
 */
export function refuseTooLarge(value: Json): void {
  let left = RESULT_CHARACTERS_MAX;
  const waiting: Json[] = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    left -= typeof next === "string" ? next.length + 2 : 2;
    if (left < 0) throw new ResultTooLarge();
    if (Array.isArray(next)) {
      for (const item of next as readonly Json[]) waiting.push(item);
    } else if (next !== null && typeof next === "object") {
      for (const [key, member] of Object.entries(next)) {
        left -= key.length + 3;
        waiting.push(member as Json);
      }
    }
    if (waiting.length > left) throw new ResultTooLarge();
  }
}
