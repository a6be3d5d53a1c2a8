import { systemClock, type WallClock } from "../../../src/runtime/mod.ts";

/** A clock on which time passes many times as fast, and that is set wrong by some milliseconds. */
export function fastClock(speed: number, offsetMs: number): WallClock {
  // The same for every process of a test: what passes between two of them passes as fast.
  const beganEpochMs = Date.UTC(2026, 0, 1);
  return {
    nowEpochMs: () => beganEpochMs + offsetMs + Math.floor((systemClock.nowEpochMs() - beganEpochMs) * speed),
    alarm: (atEpochMs, ring) =>
      systemClock.alarm(Math.ceil(beganEpochMs + (atEpochMs - offsetMs - beganEpochMs) / speed), ring),
    after: (ms, ring) => systemClock.after(ms / speed, ring),
  };
}
