/**
 * A rising counter as a versionstamp: 16 lower-case hex digits, so that text order is order in time.
 *
 * @param counter whole number from 0 to 2^53 - 1
 */
export function versionstampOf(counter: number): string {
  return counter.toString(16).padStart(16, "0");
}
