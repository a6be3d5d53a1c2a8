import type { WallClock } from "../../../src/runtime/mod.ts";
import type { EventLoop } from "./event_loop.ts";

/** 2026-01-01T00:00:00Z. */
const START_EPOCH_MS = 1_767_225_600_000;
/** An alarm notices within this time that the clock has jumped, as the system's clock does. */
export const LOOK_AGAIN_MS = 5_000;

/** The wall clock of a simulated node, which may jump. */
export class SimWall {
  readonly #loop: EventLoop;
  #offsetMs = 0;
  /** The latest wall time that any clock has shown. */
  #latestMs = START_EPOCH_MS;
  #latestOffsetMs = 0;

  constructor(loop: EventLoop) {
    this.#loop = loop;
  }

  get nowEpochMs(): number {
    const now = START_EPOCH_MS + this.#loop.nowMs + this.#offsetMs;
    if (now > this.#latestMs) this.#latestMs = now;
    return now;
  }

  /** No record can have been made later than this. */
  get latestEpochMs(): number {
    return Math.max(this.#latestMs, this.nowEpochMs);
  }

  /** Sets the clock so far off the true time. */
  jumpTo(offsetMs: number): void {
    this.#latestMs = this.latestEpochMs;
    this.#offsetMs = offsetMs;
    this.#latestOffsetMs = Math.max(this.#latestOffsetMs, offsetMs);
  }

  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** The furthest ahead that it has been: from there no deadline is further away than it was meant to be. */
  get latestOffsetMs(): number {
    return this.#latestOffsetMs;
  }

  /**
   * A clock for one node. `gate` wraps what rings, so that nothing rings in a dead or frozen node.
   *
   * @param counts how many alarms and pauses are set, so that a leak shows
   */
  clockFor(gate: (run: () => void) => () => void, counts: { alarms: number; pauses: number }): WallClock {
    const plan = (kind: "alarms" | "pauses", delayMs: number, run: () => void): () => void => {
      counts[kind] += 1;
      let isOver = false;
      const end = (): boolean => {
        if (isOver) return false;
        isOver = true;
        counts[kind] -= 1;
        return true;
      };
      const callOff = this.#loop.after(
        delayMs,
        gate(() => {
          if (end()) run();
        }),
      );
      return () => {
        if (end()) callOff();
      };
    };
    return {
      nowEpochMs: () => this.nowEpochMs,
      after: (ms, ring) => plan("pauses", ms, ring),
      alarm: (atEpochMs, ring) => {
        let callOff = (): void => {};
        const arm = (): void => {
          const remaining = atEpochMs - this.nowEpochMs;
          callOff = remaining <= 0 ? plan("alarms", 0, ring) : plan("alarms", Math.min(remaining, LOOK_AGAIN_MS), arm);
        };
        arm();
        return () => callOff();
      },
    };
  }
}
