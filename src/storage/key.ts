/** Keys and ranges of keys, the same for every adapter. What is refused here is a defect of the caller. */
import type { ListSelector } from "./port.ts";

const keyPattern = /^[A-Za-z0-9/_=-]*$/;
const keyCharactersMax = 512;
/** Sorts behind every character that a key may have. */
const behindAll = "~";
/** Sorts before every character that a key may have. */
const beforeAll = "!";

/** @throws {RangeError} `key` is not a key as the port describes it */
export function assertKey(key: string): void {
  if (
    key.length === 0 || key.length > keyCharactersMax || !keyPattern.test(key) || key.endsWith("/") ||
    key.includes("//")
  ) throw new RangeError(`Expected a key of 1 to ${keyCharactersMax} characters [A-Za-z0-9/_=-], but it is "${key}"`);
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
  if (prefix.length > keyCharactersMax || !keyPattern.test(prefix)) {
    throw new RangeError(`Expected a prefix of [A-Za-z0-9/_=-], but it is "${prefix}"`);
  }
  let lower = prefix;
  let upper = prefix + behindAll;
  if (start !== undefined && start > lower) lower = start;
  if (end !== undefined && end < upper) upper = end;
  if (after !== undefined && reverse !== true && after + beforeAll > lower) lower = after + beforeAll;
  if (after !== undefined && reverse === true && after < upper) upper = after;
  return { lower, upper };
}
