/**
 * Hybrid logical clock values: what orders ids and facts.
 *
 * `wallTime` is unix time in whole seconds, `logical` counts within one second. Both are uint32, so a
 * timestamp is one 64-bit number whose high half is the wall time: ids made of it sort by time.
 */
export interface Timestamp {
  /** Unix seconds, uint32. */
  readonly wallTime: number;
  /** Sequence within the second, uint32. */
  readonly logical: number;
}

const UINT32_MAX = 0xffff_ffff;

/** A timestamp from its two halves. @throws {RangeError} a half is not a uint32: a defect of the caller */
export function timestamp(wallTime: number, logical: number): Timestamp {
  for (const half of [wallTime, logical]) {
    if (!Number.isInteger(half) || half < 0 || half > UINT32_MAX) {
      throw new RangeError(`Expected a uint32 in a timestamp, but got ${half}`);
    }
  }
  return { wallTime, logical };
}

/** The 64-bit value: wall time in the high half. `parseTimestamp(asUint64(t))` equals `t`. */
export function asUint64(t: Timestamp): bigint {
  return (BigInt(t.wallTime) << 32n) | BigInt(t.logical);
}

/** The inverse of {@link asUint64}. @throws {RangeError} outside 64 bits */
export function parseTimestamp(value: bigint): Timestamp {
  if (value < 0n || value > 0xffff_ffff_ffff_ffffn) throw new RangeError(`Expected a uint64, but got ${value}`);
  return { wallTime: Number(value >> 32n), logical: Number(value & 0xffff_ffffn) };
}

/** 16 lower-case hex digits; sorts as text the way the timestamps sort. */
export function asString(t: Timestamp): string {
  return t.wallTime.toString(16).padStart(8, "0") + t.logical.toString(16).padStart(8, "0");
}

/** The inverse of {@link asString}; `undefined` when `text` is not 16 lower-case hex digits. */
export function timestampOfString(text: string): Timestamp | undefined {
  if (!/^[0-9a-f]{16}$/.test(text)) return undefined;
  return { wallTime: Number.parseInt(text.slice(0, 8), 16), logical: Number.parseInt(text.slice(8), 16) };
}

/** Negative, zero or positive as `a` is before, equal to or after `b`. */
export function compareTimestamps(a: Timestamp, b: Timestamp): number {
  return a.wallTime - b.wallTime || a.logical - b.logical;
}
