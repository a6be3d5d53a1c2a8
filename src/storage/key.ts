/** Keys and ranges of keys, the same for every adapter. What is refused here is a defect of the caller. */
import type { ListSelector } from "./port.ts";

const keyPattern = /^[A-Za-z0-9/_=-]*$/;
const KEY_CHARACTERS_MAX = 512;
/** Sorts behind every character that a key may have. */
const BEHIND_ALL = "~";
/** Sorts before every character that a key may have. */
const BEFORE_ALL = "!";

/** @throws {RangeError} `key` is not a key as the port describes it */
export function assertKey(key: string): void {
  if (
    key.length === 0 || key.length > KEY_CHARACTERS_MAX || !keyPattern.test(key) || key.endsWith("/") ||
    key.includes("//")
  ) throw new RangeError(`Expected a key of 1 to ${KEY_CHARACTERS_MAX} characters [A-Za-z0-9/_=-], but it is "${key}"`);
}

/** Keys from `lower` (inclusive) to `upper` (exclusive), by character code. */
export interface KeyRange {
  readonly lower: string;
  readonly upper: string;
}

/**
 * The one range that a selector means: prefix, start, end and after together.
 *
 * @throws {RangeError} `limit` is not a whole number from 1 to 10,000, or the prefix cannot begin a key
 */
export function rangeOf(selector: ListSelector): KeyRange {
  const { prefix, start, end, after, reverse, limit } = selector;
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000) {
    throw new RangeError(`Expected "limit" to be a whole number from 1 to 10000, but it is ${limit}`);
  }
  if (prefix.length > KEY_CHARACTERS_MAX || !keyPattern.test(prefix)) {
    throw new RangeError(`Expected a prefix of [A-Za-z0-9/_=-], but it is "${prefix}"`);
  }
  let lower = prefix;
  let upper = prefix + BEHIND_ALL;
  if (start !== undefined && start > lower) lower = start;
  if (end !== undefined && end < upper) upper = end;
  if (after !== undefined && reverse !== true && after + BEFORE_ALL > lower) lower = after + BEFORE_ALL;
  if (after !== undefined && reverse === true && after < upper) upper = after;
  return { lower, upper };
}
