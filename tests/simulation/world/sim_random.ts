import { SeededRandom } from "../../support/seeded_random.ts";

/** Chance of one part of a simulation. Each part has a stream of its own, so that a draw more in one does not shift another. */
export class SimRandom extends SeededRandom {
  /** A whole number from `least` to `most`, both inclusive. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** One of these; there must be one. */
  oneOf<T>(choices: readonly T[]): T {
    const chosen = choices[this.below(choices.length)];
    if (chosen === undefined) throw new RangeError("Expected something to choose from");
    return chosen;
  }

  /** A stream of its own, drawn from this one. */
  fork(): SimRandom {
    return new SimRandom(this.below(0x1_0000_0000));
  }

  /** 32 hex digits as a version 4 UUID has them. */
  uuid(): string {
    const hex = Array.from({ length: 4 }, () => this.below(0x1_0000_0000).toString(16).padStart(8, "0")).join("");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
  }
}
