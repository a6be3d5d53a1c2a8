/**
 * Bounds of the host that a user's expression or data may reach although ours are narrower: a caller deep in the stack leaves less of it.
 *
 * The host says both with a `RangeError`, as our own code does when an invariant is broken; only its words tell them apart.
 */

/** Which bound of the host a thrown thing tells of. */
export type HostBound = "stack" | "text";

const bounds: ReadonlyMap<string, HostBound> = new Map([
  ["Maximum call stack size exceeded", "stack"],
  ["Invalid string length", "text"],
]);

/** The bound, or `undefined` for everything else that is thrown: a defect, never a user's error. */
export function hostBoundOf(thrown: unknown): HostBound | undefined {
  return thrown instanceof RangeError ? bounds.get(thrown.message) : undefined;
}
