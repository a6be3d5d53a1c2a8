/** What Step Functions adds to JSONata, and the functions that draw: `$eval` is not there, as it is not in Step Functions. */
import { createHash } from "node:crypto";
import { fail } from "../failure.ts";
import type { Run } from "../limits.ts";
import { stringOf } from "../text.ts";
import { copyOf, isArray, type Value } from "../values.ts";
import type { FunctionTable } from "./function_table.ts";

/** An array in pieces of `size`, the last one as short as it comes. */
function partition([values, size]: readonly Value[], run: Run): Value {
  if (!isArray(values) || size === undefined) return undefined;
  if (typeof size !== "number" || !Number.isInteger(size) || size < 1) throw fail("D3152", { value: size });
  run.reserveArray(values.length);
  const parts: Value[] = [];
  for (let start = 0; start < values.length; start += size) {
    parts.push(copyOf(values, start, Math.min(start + size, values.length)));
    run.allocate(64);
  }
  return parts;
}

/** From the first number by steps of the third, up (or down) to the second. */
function range([first, last, step]: readonly Value[], run: Run): Value {
  for (const argument of [first, last, step]) {
    if (argument === undefined) return undefined;
    if (!Number.isSafeInteger(argument)) throw fail("D3153", { value: argument });
  }
  if (typeof first !== "number" || typeof last !== "number" || typeof step !== "number") return undefined;
  if (step === 0) throw fail("D3153", { value: step });
  const length = Math.max(0, Math.floor((last - first) / step) + 1);
  run.reserveArray(length);
  const numbers: Value[] = [];
  for (let index = 0; index < length; index++) numbers.push(first + index * step);
  return numbers;
}

const hashAlgorithms: Readonly<Record<string, string>> = {
  MD5: "md5",
  "SHA-1": "sha1",
  "SHA-256": "sha256",
  "SHA-384": "sha384",
  "SHA-512": "sha512",
};

/** Hex digits of the hash of a value's string, as UTF-8. */
function hash([data, algorithm]: readonly Value[], run: Run): Value {
  if (data === undefined) return undefined;
  const name = typeof algorithm === "string" && Object.hasOwn(hashAlgorithms, algorithm)
    ? hashAlgorithms[algorithm]
    : undefined;
  if (name === undefined) throw fail("D3151", { value: algorithm });
  const text = stringOf(data, run);
  run.chargeText(text.length * 4);
  return createHash(name).update(text).digest("hex");
}

const multiplier = 0x5deece66dn;
const increment = 0xbn;
const mask48 = (1n << 48n) - 1n;

/** The first `nextDouble()` of java.util.Random with this seed. */
export function seededRandom(seed: number): number {
  let state = (BigInt(seed) ^ multiplier) & mask48;
  const next = (bits: bigint): bigint => {
    state = (state * multiplier + increment) & mask48;
    return state >> (48n - bits);
  };
  const high = next(26n);
  return Number((high << 27n) + next(27n)) / 2 ** 53;
}

function random([seed]: readonly Value[], run: Run): Value {
  if (seed === undefined) return run.draws.random();
  if (typeof seed !== "number" || !Number.isInteger(seed)) throw fail("D3154", { value: seed });
  return seededRandom(seed);
}

/** JSON text to a value. */
function parse([text]: readonly Value[], run: Run): Value {
  if (typeof text !== "string") return undefined;
  run.chargeText(text.length * 16);
  run.allocate(text.length * 4);
  let value: Value;
  try {
    value = JSON.parse(text) as Value;
  } catch {
    throw fail("D3150");
  }
  return value;
}

/** `$partition`, `$range`, `$hash`, `$random`, `$uuid`, `$parse`. */
export const awsFunctions: FunctionTable = {
  partition: [2, "<an:a>", partition],
  range: [3, "<nnn:a<n>>", range],
  hash: [2, "<xs:s>", hash],
  random: [1, "<n?:n>", random],
  uuid: [0, "<:s>", (_, run) => run.draws.uuid()],
  parse: [1, "<s-:x>", parse],
};
