import { Effect } from "effect";
import type { StorageUnavailable } from "../../../storage/port.ts";
import type { HotExecution } from "../hot_execution.ts";
import type { PartitionMemory } from "../partition_memory.ts";
import type { PartitionOptions } from "../partition_options.ts";
import type { TurnEffects } from "../turn_effects.ts";

/** Timers due within this time are kept in memory, milliseconds; the store has the rest. */
const HORIZON_MS = 60_000;
const PAGE = 10_000;

/** Brings timers of the near future from the store into memory, ahead of time. */
export class DueTimers {
  readonly #options: PartitionOptions;
  readonly #memory: PartitionMemory;
  readonly #effects: TurnEffects;
  readonly #arm: () => void;
  #loadedUntil = 0;

  /** @param arm to be called when timers have changed */
  constructor(options: PartitionOptions, memory: PartitionMemory, effects: TurnEffects, arm: () => void) {
    this.#options = options;
    this.#memory = memory;
    this.#effects = effects;
    this.#arm = arm;
  }

  /** The near future is not all in memory any more. */
  get isShort(): boolean {
    return this.#options.clock.nowEpochMs() + HORIZON_MS / 2 > this.#loadedUntil;
  }

  load(): Effect.Effect<void, StorageUnavailable> {
    const until = this.#options.clock.nowEpochMs() + HORIZON_MS;
    return Effect.map(this.#options.store.dueBefore(until, PAGE), (due) => {
      for (const { id, dueAt } of due) {
        // One in memory may only have been looked at: then nothing has armed its timer.
        const hot = this.#memory.hot.get(id);
        if (hot === undefined) this.#effects.timers.set(id, dueAt);
        else this.#effects.armTimer(hot);
      }
      // A full page: the rest is asked for once these have been taken up.
      this.#loadedUntil = due.length < PAGE ? until : 0;
      this.#arm();
    });
  }

  /** The store has the timers of executions that left memory; memory keeps only those of the near future. */
  forget(left: readonly HotExecution[]): void {
    for (const { id, stored: { dueAt = 0 } } of left) {
      if (dueAt > this.#loadedUntil) this.#effects.timers.set(id, undefined);
    }
    if (left.length > 0) this.#arm();
  }
}
