import { Result } from "effect";
import { compareTimestamps, type Timestamp, timestamp } from "../values/mod.ts";

/** How far ahead of this node's clock another node's timestamp may be, seconds. */
export const DRIFT_SECONDS_MAX = 60;

const LOGICAL_MAX = 0xffff_ffff;

/**
 * A node's hybrid logical clock. Three properties: every `tick` is later than all before it, later than everything observed,
 * and what is observed may be at most {@link DRIFT_SECONDS_MAX} ahead of the wall clock.
 */
export class HlcSource {
  readonly #nowEpochMs: () => number;
  #last: Timestamp = timestamp(0, 0);

  constructor(nowEpochMs: () => number) {
    this.#nowEpochMs = nowEpochMs;
  }

  /** The newest timestamp drawn or seen. */
  get last(): Timestamp {
    return this.#last;
  }

  tick(): Timestamp {
    const wallTime = Math.floor(this.#nowEpochMs() / 1000);
    const { wallTime: lastWall, logical } = this.#last;
    this.#last = wallTime > lastWall
      ? { wallTime, logical: 0 }
      : logical < LOGICAL_MAX
      ? { wallTime: lastWall, logical: logical + 1 }
      : { wallTime: lastWall + 1, logical: 0 };
    return this.#last;
  }

  /** Takes over a later timestamp of another node; fails, taking nothing over, when it is too far ahead. */
  observe(seen: Timestamp): Result.Result<void, string> {
    const ahead = seen.wallTime - Math.floor(this.#nowEpochMs() / 1000);
    if (ahead > DRIFT_SECONDS_MAX) {
      return Result.fail(
        `Expected a timestamp at most ${DRIFT_SECONDS_MAX} s ahead of this clock, but it is ${ahead} s ahead`,
      );
    }
    this.restore(seen);
    return Result.succeed(undefined);
  }

  /** Takes over what this cluster's own log holds, however far ahead: ids must never come twice, even after a clock went back. */
  restore(seen: Timestamp): void {
    if (compareTimestamps(seen, this.#last) > 0) this.#last = seen;
  }
}
