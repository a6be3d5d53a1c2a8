import type { WallClock } from "../../src/runtime/mod.ts";

interface Alarm {
  readonly at: number;
  readonly ring: () => void;
}

/** A clock that stands still until it is told to go on. */
export class ManualClock implements WallClock {
  #now: number;
  /** Time that has passed: unlike `now` it never jumps. */
  #passed = 0;
  readonly #alarms = new Set<Alarm>();
  readonly #timers = new Set<Alarm>();
  readonly #waiting: (() => void)[] = [];

  constructor(nowEpochMs: number) {
    this.#now = nowEpochMs;
  }

  nowEpochMs(): number {
    return this.#now;
  }

  alarm(at: number, ring: () => void): () => void {
    const callOff = set(this.#alarms, { at, ring });
    if (at <= this.#now) queueMicrotask(() => this.#ring());
    return callOff;
  }

  after(ms: number, ring: () => void): () => void {
    const callOff = set(this.#timers, { at: this.#passed + ms, ring });
    for (const wake of this.#waiting.splice(0)) wake();
    return callOff;
  }

  /** Resolves once so many pauses are waited for: who advances before nobody waits wakes nobody. */
  async paused(count: number): Promise<void> {
    while (this.#timers.size < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Alarms that are set: what a closed node leaves none of. */
  get pending(): number {
    return this.#alarms.size + this.#timers.size;
  }

  /** Lets time pass, and rings what is due. */
  advance(ms: number): void {
    this.#now += ms;
    this.#passed += ms;
    this.#ring();
  }

  /** Forgets whoever waits: they are dead. */
  forgetAll(): void {
    this.#alarms.clear();
    this.#timers.clear();
  }

  /** Turns the clock, also back: no time passes. */
  jump(ms: number): void {
    this.#now += ms;
    this.#ring();
  }

  #ring(): void {
    for (const [due, until] of [[this.#alarms, this.#now], [this.#timers, this.#passed]] as const) {
      for (const alarm of [...due].sort((a, b) => a.at - b.at)) {
        if (alarm.at <= until && due.delete(alarm)) alarm.ring();
      }
    }
  }
}

function set(alarms: Set<Alarm>, alarm: Alarm): () => void {
  alarms.add(alarm);
  return () => void alarms.delete(alarm);
}
