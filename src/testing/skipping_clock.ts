/** Time that is skipped when there is nothing else to do: a Wait of a year takes milliseconds, and no timeout fires while a mock works. */
import type { WallClock } from "../runtime/mod.ts";

interface Alarm {
  readonly atEpochMs: number;
  readonly ring: () => void;
}

/** Looks in a row that must find nothing going on before time is skipped. */
const QUIET_LOOKS = 3;
const LOOK_MS = 1;

/** A clock that goes as time does, and jumps to the next alarm when all is quiet. Call {@link stop} when the engine is closed. */
export class SkippingClock implements WallClock {
  readonly #alarms = new Set<Alarm>();
  #skippedMs = 0;
  #busyCount = 0;
  /** Changes with everything that happens. */
  #activity = 0;
  #quietLooks = 0;
  #seenActivity = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStopped = false;

  nowEpochMs(): number {
    return Date.now() + this.#skippedMs;
  }

  alarm(atEpochMs: number, ring: () => void): () => void {
    const alarm = { atEpochMs, ring };
    this.#alarms.add(alarm);
    this.noteActivity();
    return () => void this.#alarms.delete(alarm);
  }

  after(ms: number, ring: () => void): () => void {
    const timeout = setTimeout(ring, ms);
    return () => clearTimeout(timeout);
  }

  /** Something happened: time is not skipped right now. */
  noteActivity(): void {
    this.#activity += 1;
    if (!this.#isStopped) this.#timer ??= setTimeout(() => this.#look(), LOOK_MS);
  }

  /** Time is not skipped while this work goes on. */
  async during<T>(work: () => T | Promise<T>): Promise<T> {
    this.#busyCount += 1;
    try {
      return await work();
    } finally {
      this.#busyCount -= 1;
      this.noteActivity();
    }
  }

  /** Rings no more. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#alarms.clear();
  }

  #look(): void {
    this.#timer = undefined;
    const isQuiet = this.#busyCount === 0 && this.#activity === this.#seenActivity;
    this.#seenActivity = this.#activity;
    this.#quietLooks = isQuiet ? this.#quietLooks + 1 : 0;
    if (this.#quietLooks >= QUIET_LOOKS) this.#skip();
    this.#ringDue();
    if (this.#alarms.size > 0 && !this.#isStopped) this.#timer ??= setTimeout(() => this.#look(), LOOK_MS);
  }

  #skip(): void {
    this.#quietLooks = 0;
    const next = Math.min(...[...this.#alarms].map(({ atEpochMs }) => atEpochMs));
    this.#skippedMs += Number.isFinite(next) ? Math.max(0, next - this.nowEpochMs()) : 0;
  }

  #ringDue(): void {
    const now = this.nowEpochMs();
    for (const alarm of [...this.#alarms].sort((a, b) => a.atEpochMs - b.atEpochMs)) {
      if (alarm.atEpochMs <= now && this.#alarms.delete(alarm)) alarm.ring();
    }
  }
}
