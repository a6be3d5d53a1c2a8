/** How long to wait before something is tried again: twice as long after each failure, up to a bound. */
export interface Backoff {
  /** Milliseconds before the first retry. */
  readonly firstMs: number;
  /** The longest wait, milliseconds. */
  readonly mostMs: number;
}

/** Beyond so many doublings every bound is reached, and the product stays exact. */
const DOUBLINGS_MAX = 40;

/**
 * Milliseconds to wait before a retry: `firstMs × 2 ^ attempt`, never more than `mostMs`. Pure.
 *
 * @param attempt 0-based: 0 is the first retry
 *
 * @example
 * ```ts
 * import { deepStrictEqual } from "node:assert/strict";
 * const backoff = { firstMs: 20, mostMs: 100 };
 * deepStrictEqual([0, 1, 2, 3, 9_999].map((attempt) => backoffDelayMs(backoff, attempt)), [20, 40, 80, 100, 100]);
 * ```
 */
export function backoffDelayMs({ firstMs, mostMs }: Backoff, attempt: number): number {
  return Math.min(firstMs * 2 ** Math.min(attempt, DOUBLINGS_MAX), mostMs);
}
