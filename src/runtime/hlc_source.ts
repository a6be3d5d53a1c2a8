import { Result } from "effect";
import { compareTimestamps, type Timestamp, timestamp, timestampOfString } from "../values/mod.ts";

/** How far ahead of this node's clock another node's timestamp may be, seconds. */
export const DRIFT_SECONDS_MAX = 60;

const LOGICAL_MAX = 0xffff_ffff;

/**
 * A node's hybrid logical clock. Three properties: every `tick` is later than all before it, later than everything observed,
 * and what is observed may be at most {@link DRIFT_SECONDS_MAX} ahead of the wall clock.
 *
 * Each partition draws in a lane of its own: no two lanes draw the same timestamp, on whatever nodes they are, so an id made of
 * one is not made twice in a cluster.
 */
export class HlcSource {
  readonly #nowEpochMs: () => number;
  readonly #lane: number;
  readonly #lanes: number;
  readonly #newest: { at: Timestamp };

  constructor(nowEpochMs: () => number, lane = 0, lanes = 1, newest = { at: timestamp(0, 0) }) {
    this.#nowEpochMs = nowEpochMs;
    this.#lane = lane;
    this.#lanes = lanes;
    this.#newest = newest;
  }

  /** The same clock, drawing only timestamps whose logical part is `lane` modulo `lanes`. */
  lane(lane: number, lanes: number): HlcSource {
    return new HlcSource(this.#nowEpochMs, lane, lanes, this.#newest);
  }

  /** The newest timestamp drawn or seen, in any lane. */
  get last(): Timestamp {
    return this.#newest.at;
  }

  tick(): Timestamp {
    const wallTime = Math.floor(this.#nowEpochMs() / 1000);
    const { wallTime: lastWall, logical: lastLogical } = this.#newest.at;
    // The first of this lane behind the last one, in its round of lanes or in the next.
    const round = lastLogical - lastLogical % this.#lanes;
    const logical = round + this.#lane > lastLogical ? round + this.#lane : round + this.#lanes + this.#lane;
    this.#newest.at = wallTime > lastWall
      ? { wallTime, logical: this.#lane }
      : logical <= LOGICAL_MAX
      ? { wallTime: lastWall, logical }
      : { wallTime: lastWall + 1, logical: this.#lane };
    return this.#newest.at;
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
    if (compareTimestamps(seen, this.#newest.at) > 0) this.#newest.at = seen;
  }

  /** {@link restore} from its 16 hex digits; what is no timestamp is passed over. */
  restoreText(text: string): void {
    const seen = timestampOfString(text);
    if (seen !== undefined) this.restore(seen);
  }
}
