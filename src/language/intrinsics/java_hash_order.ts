/** The order in which Java's `HashSet` gives its elements back: AWS answers `States.ArrayUnique` in it. */
import type { Json } from "../../values/mod.ts";

const BUCKETS_MIN = 16;
const LOAD_FACTOR = 0.75;
const INT_MIN = -(2 ** 31);
const INT_MAX = 2 ** 31 - 1;

/** `items`, all different, as a `HashSet` made of a list of `listLength` elements gives them back. */
export function inJavaHashOrder(items: readonly Json[], listLength: number): readonly Json[] {
  const wanted = Math.max(Math.trunc(listLength / LOAD_FACTOR) + 1, BUCKETS_MIN);
  const mask = 2 ** Math.ceil(Math.log2(wanted)) - 1;
  const placed = items.map((item) => {
    const hash = javaHash(item);
    return { item, bucket: (hash ^ (hash >>> 16)) & mask };
  });
  return placed.sort((a, b) => a.bucket - b.bucket).map(({ item }) => item);
}

/** `hashCode()` of the value as Java holds JSON: `null`, `Boolean`, `Integer`, `Long`, `Double`, `String`, `List`, `Map`. */
export function javaHash(value: Json): number {
  if (value === null) return 0;
  if (typeof value === "boolean") return value ? 1231 : 1237;
  if (typeof value === "number") return numberHash(value);
  if (typeof value === "string") return textHash(value);
  if (Array.isArray(value)) {
    return value.reduce((hash: number, item: Json) => (Math.imul(31, hash) + javaHash(item)) | 0, 1);
  }
  return Object.entries(value).reduce((hash, [key, field]) => (hash + (textHash(key) ^ javaHash(field))) | 0, 0);
}

function textHash(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++) hash = (Math.imul(31, hash) + text.charCodeAt(index)) | 0;
  return hash;
}

function numberHash(value: number): number {
  if (Number.isInteger(value) && value >= INT_MIN && value <= INT_MAX) return value | 0;
  const bits = new DataView(new ArrayBuffer(8));
  if (Number.isSafeInteger(value)) bits.setBigInt64(0, BigInt(value));
  else bits.setFloat64(0, value);
  return bits.getInt32(0) ^ bits.getInt32(4);
}
