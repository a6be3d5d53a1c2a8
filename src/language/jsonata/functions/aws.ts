/** What Step Functions adds to JSONata, and the functions that draw: `$eval` is not there, as it is not in Step Functions. */
import { createHash } from "node:crypto";
import { readJsonText } from "../../../values/mod.ts";
import { fail } from "../failure.ts";
import type { Run } from "../limits.ts";
import { copyOf, isArray, isNumeric, type Value } from "../values/values.ts";
import type { FunctionTable } from "./function_table.ts";

/**
 * Numbers that need not be integers are rounded towards zero, and what gives no element gives nothing, as observed of AWS.
 * `undefined`: there is no such number.
 */
function integerOf(value: Value): number | undefined {
  return isNumeric(value) ? Math.trunc(value) : undefined;
}

/** An array in pieces of `size`, the last one as short as it comes; without a size, in one piece. */
function partition([values, size]: readonly Value[], run: Run): Value {
  if (!isArray(values)) return undefined;
  const length = size === undefined ? values.length : integerOf(size);
  if (length === undefined || length < 0) throw fail("D3137", { message: "Second argument must be zero or greater" });
  if (length === 0) return undefined;
  run.reserveArray(values.length);
  const parts: Value[] = [];
  for (let start = 0; start < values.length; start += length) {
    parts.push(copyOf(values, start, Math.min(start + length, values.length)));
    run.allocate(64);
  }
  return parts.length === 0 ? undefined : parts;
}

/** From the first number by steps of the third, up (or down) to the second; one number alone is no array. */
function range([from, to, by]: readonly Value[], run: Run): Value {
  const [first, last, step] = [integerOf(from), integerOf(to), integerOf(by)];
  if (first === undefined || last === undefined || step === undefined || step === 0) return undefined;
  const length = Math.floor((last - first) / step) + 1;
  if (length < 1) return undefined;
  run.reserveArray(length);
  const numbers: Value[] = [];
  for (let index = 0; index < length; index++) numbers.push(first + index * step);
  return length === 1 ? first : numbers;
}

const hashAlgorithms: Readonly<Record<string, string>> = {
  MD5: "md5",
  "SHA-1": "sha1",
  "SHA-256": "sha256",
  "SHA-384": "sha384",
  "SHA-512": "sha512",
};

/** Hex digits of the hash of a string, as UTF-8. */
function hash([data, algorithm]: readonly Value[], run: Run): Value {
  if (typeof data !== "string" || algorithm === undefined) return undefined;
  const name = typeof algorithm === "string" && Object.hasOwn(hashAlgorithms, algorithm)
    ? hashAlgorithms[algorithm]
    : undefined;
  if (name === undefined) {
    throw fail("D3137", { message: "Second argument must be MD5, SHA-1, SHA-256, SHA-384 or SHA-512" });
  }
  run.chargeText(data.length * 4);
  return createHash(name).update(data).digest("hex");
}

const MULTIPLIER = 0x5deece66dn;
const INCREMENT = 0xbn;
const MASK_48 = (1n << 48n) - 1n;

/** The first `nextDouble()` of java.util.Random with this seed. */
export function seededRandom(seed: number): number {
  let state = (BigInt(seed) ^ MULTIPLIER) & MASK_48;
  const next = (bits: bigint): bigint => {
    state = (state * MULTIPLIER + INCREMENT) & MASK_48;
    return state >> (48n - bits);
  };
  const high = next(26n);
  return Number((high << 27n) + next(27n)) / 2 ** 53;
}

function random([seed]: readonly Value[], run: Run): Value {
  const integer = integerOf(seed);
  return integer === undefined ? run.draws.random() : seededRandom(integer);
}

/** JSON text to a value; keys given twice and numbers out of range are no JSON. */
function parse([text]: readonly Value[], run: Run): Value {
  if (typeof text !== "string") return undefined;
  run.chargeText(text.length * 32);
  run.allocate(text.length * 4);
  const read = readJsonText(text, run.limits.dataDepthMax);
  if (!("fault" in read) && read.duplicates.length === 0) return read.value;
  if ("fault" in read && read.fault.kind === "depth") run.descend(Infinity);
  throw fail("D3137", { message: "Invalid JSON" });
}

/** `$partition`, `$range`, `$hash`, `$random`, `$uuid`, `$parse`. */
export const awsFunctions: FunctionTable = {
  partition: [2, "<an?:a>", partition],
  range: [3, "<nnn?:a<n>>", range],
  hash: [2, "<ss?:s>", hash],
  random: [1, "<n?:n>", random],
  uuid: [0, "<:s>", (_, run) => run.draws.uuid()],
  parse: [1, "<s-:x>", parse],
};
