/** What every adapter asks of its caller before it touches a log; each of these failing is a defect of the caller. */

/** Default for the largest entry, bytes: NATS' default message of 1 MiB, less room for the headers of an append. */
export const ENTRY_BYTES_MAX_DEFAULT = 1_048_576 - 1_024;

/** @throws {RangeError} the entry is larger than the log takes, or the sequence is not a whole number from 0 */
export function assertAppend(bytes: Uint8Array, expectedSequence: number, entryBytesMax: number): void {
  if (bytes.byteLength > entryBytesMax) {
    throw new RangeError(`Cannot append an entry of ${bytes.byteLength} bytes: the log takes ${entryBytesMax}`);
  }
  assertSequence("expectedSequence", expectedSequence, 0);
}

/** @throws {RangeError} `from` is not a sequence (1-based), or `limit` is not a whole number from 1 */
export function assertRead(from: number, limit: number): void {
  assertSequence("from", from, 1);
  assertSequence("limit", limit, 1);
}

/** @throws {RangeError} `value` is not a whole number from `least` */
export function assertSequence(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new RangeError(`Expected "${name}" to be a whole number from ${least}, but it is ${value}`);
  }
}
