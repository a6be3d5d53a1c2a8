/** Counts per second of the last minute, in a ring: constant time and memory whatever the rate. */

const SECONDS = 64;

/** Counts of the last 64 seconds, one number each. */
export class RateMeter {
  readonly #counts = new Array<number>(SECONDS).fill(0);
  readonly #startedMs: number;
  #second: number;

  /** @param nowMs Unix milliseconds, here and below; going backwards counts as standing still */
  constructor(nowMs: number) {
    this.#startedMs = nowMs;
    this.#second = Math.floor(nowMs / 1_000);
  }

  add(count: number, nowMs: number): void {
    this.#advance(nowMs);
    const slot = this.#second % SECONDS;
    this.#counts[slot] = (this.#counts[slot] ?? 0) + count;
  }

  /** Mean per second over the last `seconds` whole seconds and the one that runs. */
  perSecond(nowMs: number, seconds = 3): number {
    this.#advance(nowMs);
    let sum = 0;
    for (let back = 0; back <= seconds; back += 1) sum += this.#at(this.#second - back);
    const spanMs = Math.min(nowMs - this.#startedMs, seconds * 1_000 + (nowMs - this.#second * 1_000));
    return sum / (Math.max(spanMs, 1_000) / 1_000);
  }

  /** Counts of the last `seconds` whole seconds, oldest first. */
  recent(nowMs: number, seconds: number): number[] {
    this.#advance(nowMs);
    return Array.from({ length: seconds }, (_, index) => this.#at(this.#second - seconds + index));
  }

  #at(second: number): number {
    return second < 0 ? 0 : this.#counts[second % SECONDS] ?? 0;
  }

  #advance(nowMs: number): void {
    const now = Math.floor(nowMs / 1_000);
    const steps = Math.min(now - this.#second, SECONDS);
    for (let step = 0; step < steps; step += 1) this.#counts[(now - step) % SECONDS] = 0;
    if (now > this.#second) this.#second = now;
  }
}
