import { Effect, Latch } from "effect";
import type { PartitionInput } from "./partition_input.ts";

/**
 * The line of a partition's inputs.
 *
 * Waiting and taking are two steps: what has been taken is in the taker's hands at once. A queue whose taker is interrupted between
 * the two would lose inputs, and their callers would wait for ever.
 */
export class Inbox {
  #inputs: PartitionInput[] = [];
  #sinceMs = 0;
  readonly #isFilled = Latch.makeUnsafe(false);

  get size(): number {
    return this.#inputs.length;
  }

  /** Done when there is something to take. */
  get filled(): Effect.Effect<void> {
    return this.#isFilled.await;
  }

  /** Since when the oldest one waits that is in line, as `performance.now()` has it; after a chunk was taken of more, since when that did. */
  get sinceMs(): number {
    return this.#sinceMs;
  }

  put(input: PartitionInput): void {
    if (this.#inputs.length === 0) this.#sinceMs = performance.now();
    this.#inputs.push(input);
    this.#isFilled.openUnsafe();
  }

  /** Takes up to `max` inputs, oldest first. */
  take(max: number): readonly PartitionInput[] {
    const taken = this.#inputs.length <= max ? this.#inputs : this.#inputs.slice(0, max);
    this.#inputs = this.#inputs.length <= max ? [] : this.#inputs.slice(max);
    if (this.#inputs.length === 0) this.#isFilled.closeUnsafe();
    return taken;
  }
}
