/** `States.MathRandom`, `States.MathAdd`, `States.UUID`. */
import type { Json } from "../../values/mod.ts";
import { type IntrinsicFunction, type IntrinsicInput, Refusal, wrongType } from "./intrinsic_function.ts";

/** Numbers and identifiers. */
export const mathFunctions: readonly IntrinsicFunction[] = [
  { name: "States.MathRandom", argumentCountMin: 2, argumentCountMax: 3, call: random },
  { name: "States.MathAdd", argumentCountMin: 2, argumentCountMax: 2, call: add },
  { name: "States.UUID", argumentCountMin: 0, argumentCountMax: 0, call: ({ draws }) => draws.uuid() },
];

function rounded(value: Json | undefined): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? Math.round(value) : undefined;
}

function add({ values: [left, right] }: IntrinsicInput): Json | Refusal {
  const [first, second] = [rounded(left), rounded(right)];
  if (first === undefined) return wrongType(1, "a number");
  if (second === undefined) return wrongType(2, "a number");
  const total = first + second;
  return Number.isFinite(total) ? total : new Refusal("The sum is out of range");
}

/** An integer from `start` (inclusive) to `end` (exclusive); the same one for the same seed. */
function random({ values, draws }: IntrinsicInput): Json | Refusal {
  const [start, end] = values.map(rounded);
  if (start === undefined) return wrongType(1, "a number");
  if (end === undefined) return wrongType(2, "a number");
  if (end <= start) return new Refusal("The end of the range must be greater than its start");
  if (!Number.isFinite(end - start)) return new Refusal("The range is too large");
  if (values.length < 3) return start + Math.floor(draws.random() * (end - start));
  const seed = rounded(values[2]);
  if (seed === undefined) return wrongType(3, "a number");
  return start + Math.floor(firstDouble(BigInt(seed)) * (end - start));
}

const MASK = (1n << 48n) - 1n;
const MULTIPLIER = 0x5deece66dn;

/** The first `nextDouble()` of `java.util.Random` with this seed, uniform in [0, 1). */
function firstDouble(seed: bigint): number {
  let state = (seed ^ MULTIPLIER) & MASK;
  const next = (bits: bigint): number => {
    state = (state * MULTIPLIER + 0xbn) & MASK;
    return Number(state >> (48n - bits));
  };
  const high = next(26n);
  return (high * 2 ** 27 + next(27n)) / 2 ** 53;
}
