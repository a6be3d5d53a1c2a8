import { type Clock, Duration, Effect } from "effect";

/** Wall time and alarms, as the engine sees them: the system's, or a simulation's. */
export interface WallClock {
  /** Unix milliseconds. May jump, also backwards. */
  nowEpochMs(): number;
  /** Calls `ring` once, not before `atEpochMs` as far as the clock does not jump. Returns what calls it off. */
  alarm(atEpochMs: number, ring: () => void): () => void;
  /** Calls `ring` once, when `ms` have passed, however wall time jumps meanwhile. Returns what calls it off. */
  after(ms: number, ring: () => void): () => void;
}

/** Longest single `setTimeout`, milliseconds: alarms further away wake up in between, and so notice that the clock has jumped. */
const TIMEOUT_MS_MAX = 5_000;

/** The machine's clock. */
export const systemClock: WallClock = {
  nowEpochMs: () => Date.now(),
  alarm(atEpochMs, ring) {
    let timeout: ReturnType<typeof setTimeout> | undefined;
    const arm = (): void => {
      const remaining = atEpochMs - Date.now();
      timeout = remaining <= 0 ? setTimeout(ring, 0) : setTimeout(arm, Math.min(remaining, TIMEOUT_MS_MAX));
    };
    arm();
    return () => clearTimeout(timeout);
  },
  after(ms, ring) {
    const timeout = setTimeout(ring, ms);
    return () => clearTimeout(timeout);
  },
};

/** Waits so long, by time that passes and not by what the wall clock says. */
export function pauseFor(clock: WallClock, ms: number): Effect.Effect<void> {
  return Effect.callback<void>((resume) => {
    const callOff = clock.after(ms, () => resume(Effect.void));
    return Effect.sync(callOff);
  });
}

const NANOS_PER_MS = 1_000_000n;

/**
 * The clock of Effect's own sleeps, time-outs and schedules that goes by a wall clock: what they wait for is time that passes, however
 * wall time jumps. To be provided as `Clock.Clock`.
 */
export function effectClock(clock: WallClock): Clock.Clock {
  const nowMs = () => clock.nowEpochMs();
  const nowNanos = () => BigInt(Math.floor(nowMs())) * NANOS_PER_MS;
  return {
    currentTimeMillisUnsafe: nowMs,
    currentTimeMillis: Effect.sync(nowMs),
    currentTimeNanosUnsafe: nowNanos,
    currentTimeNanos: Effect.sync(nowNanos),
    monotonicTimeNanosUnsafe: nowNanos,
    monotonicTimeNanos: Effect.sync(nowNanos),
    sleep: (duration) => {
      const ms = Duration.toMillis(duration);
      return ms <= 0 ? Effect.yieldNow : pauseFor(clock, ms);
    },
  };
}

/** Where chance comes from: the system's, or a seed. */
export interface Randomness {
  /** Uniform in [0, 1). */
  random(): number;
  /** A version 4 UUID. */
  uuid(): string;
}

/** The process's own random source. */
export const systemRandomness: Randomness = { random: () => Math.random(), uuid: () => crypto.randomUUID() };
