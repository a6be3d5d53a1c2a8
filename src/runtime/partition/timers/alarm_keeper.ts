import type { WallClock } from "../../clock.ts";
import type { TimerQueue } from "./timer_queue.ts";

/** Executions whose timers are announced at a time: a herd due at once is taken in portions. */
const DUE_MAX = 1_000;

/** Keeps one alarm set for the earliest timer of a partition, and announces what is due. */
export class AlarmKeeper {
  readonly #clock: WallClock;
  readonly #timers: TimerQueue;
  readonly #onDue: (executionId: string) => void;
  #armedFor: number | undefined;
  #callOff: (() => void) | undefined;
  #stopped = false;

  constructor(clock: WallClock, timers: TimerQueue, onDue: (executionId: string) => void) {
    this.#clock = clock;
    this.#timers = timers;
    this.#onDue = onDue;
  }

  /** To be called when timers have changed. */
  arm(): void {
    const earliest = this.#stopped ? undefined : this.#timers.earliest();
    if (earliest === this.#armedFor) return;
    this.#callOff?.();
    this.#armedFor = earliest;
    this.#callOff = earliest === undefined ? undefined : this.#clock.alarm(earliest, () => this.#ring());
  }

  stop(): void {
    this.#stopped = true;
    this.arm();
  }

  #ring(): void {
    this.#armedFor = undefined;
    this.#callOff = undefined;
    for (const id of this.#timers.takeDue(this.#clock.nowEpochMs(), DUE_MAX)) this.#onDue(id);
    this.arm();
  }
}
