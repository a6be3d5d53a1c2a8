import { Buffer } from "node:buffer";
import type { Json } from "./json.ts";

const known = new WeakMap<object, number>();

/**
 * Bytes of a value's JSON text as UTF-8: what payload limits are measured in.
 *
 * Remembered per object, since one payload passes many checks on its way; payloads are immutable.
 */
export function payloadBytes(value: Json): number {
  if (typeof value !== "object" || value === null) return Buffer.byteLength(JSON.stringify(value));
  const before = known.get(value);
  if (before !== undefined) return before;
  const bytes = Buffer.byteLength(JSON.stringify(value));
  known.set(value, bytes);
  return bytes;
}
