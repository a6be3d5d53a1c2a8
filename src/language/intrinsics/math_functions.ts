/** `States.MathRandom`, `States.MathAdd`, `States.UUID`. */
import type { Json } from "../../values/mod.ts";
import { whole } from "./array_functions.ts";
import { type IntrinsicFunction, type IntrinsicInput, Refusal } from "./intrinsic_function.ts";

/** Numbers and identifiers. AWS ignores arguments of `States.UUID`. */
export const mathFunctions: readonly IntrinsicFunction[] = [
  { name: "States.MathRandom", argumentCountMin: 2, argumentCountMax: 3, call: random },
  { name: "States.MathAdd", argumentCountMin: 2, argumentCountMax: 2, call: add },
  { name: "States.UUID", argumentCountMin: 0, argumentCountMax: Infinity, call: ({ draws }) => draws.uuid() },
];

/** A number that AWS can hold here: 32 bits. */
function isInt32(value: number): boolean {
  return value >= -(2 ** 31) && value < 2 ** 31;
}

function rounded(value: Json | undefined): number | undefined {
  return typeof value === "number" && isInt32(Math.round(value)) ? Math.round(value) : undefined;
}

function add({ values: [left, right] }: IntrinsicInput): Json | Refusal {
  const [first, second] = [rounded(left), rounded(right)];
  if (first === undefined || second === undefined || !isInt32(first + second)) return new Refusal();
  return first + second;
}

/** An integer from `start` (inclusive) to `end` (exclusive); the same one for the same seed. */
function random({ values, draws }: IntrinsicInput): Json | Refusal {
  const [start, end, seed] = values.map(whole);
  if (start === undefined || end === undefined || end <= start) return new Refusal();
  if (!isInt32(start) || !isInt32(end)) return new Refusal();
  if (values.length < 3) return start + Math.floor(draws.random() * (end - start));
  if (seed === undefined) return new Refusal();
  return start + firstInteger(BigInt(seed), end - start);
}

const MASK = (1n << 48n) - 1n;
const MULTIPLIER = 0x5deece66dn;

/** The first `nextInt(bound)` of `java.util.Random` with this seed; bounds beyond its 31 bits are scaled. */
function firstInteger(seed: bigint, bound: number): number {
  let state = (seed ^ MULTIPLIER) & MASK;
  const next = (): number => {
    state = (state * MULTIPLIER + 0xbn) & MASK;
    return Number(state >> 17n);
  };
  const powerOfTwo = Number.isInteger(Math.log2(bound));
  if (powerOfTwo || bound >= 2 ** 31) return Math.floor(next() * (bound / 2 ** 31));
  for (;;) {
    const drawn = next();
    const remainder = drawn % bound;
    if (drawn - remainder + (bound - 1) < 2 ** 31) return remainder;
  }
}
