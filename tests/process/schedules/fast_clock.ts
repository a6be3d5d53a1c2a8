import type { WallClock } from "../../../src/runtime/mod.ts";

/** A clock on which time passes many times as fast, and that is set wrong by some milliseconds. */
export function fastClock(speed: number, offsetMs: number): WallClock {
  // The same for every process of a test: what passes between two of them passes as fast.
  const beganEpochMs = Date.UTC(2026, 0, 1);
  const nowEpochMs = () => beganEpochMs + offsetMs + Math.floor((Date.now() - beganEpochMs) * speed);
  return {
    nowEpochMs,
    alarm(atEpochMs, ring) {
      let timeout: ReturnType<typeof setTimeout> | undefined;
      const arm = () => {
        const remainingMs = (atEpochMs - nowEpochMs()) / speed;
        timeout = remainingMs <= 0 ? setTimeout(ring, 0) : setTimeout(arm, Math.min(remainingMs, 1_000));
      };
      arm();
      return () => clearTimeout(timeout);
    },
    after(ms, ring) {
      const timeout = setTimeout(ring, ms / speed);
      return () => clearTimeout(timeout);
    },
  };
}
