/** Number functions. */
import { fail } from "../failure.ts";
import type { Run } from "../limits.ts";
import { isArray, type Value } from "../values/values.ts";
import type { FunctionTable } from "./function_table.ts";

/** A function of a number: nothing gives nothing. */
function ofNumber(compute: (number: number, args: readonly Value[], run: Run) => Value) {
  return (args: readonly Value[], run: Run): Value => {
    const [number] = args;
    return typeof number === "number" ? compute(number, args, run) : undefined;
  };
}

/** A function of an array of numbers: nothing gives nothing. */
function ofNumbers(compute: (numbers: readonly number[]) => Value) {
  return ([values]: readonly Value[], run: Run): Value => {
    if (!isArray(values)) return undefined;
    run.charge(values.length);
    return compute(values as readonly number[]);
  };
}

function sum(numbers: readonly number[]): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}

function largest(numbers: readonly number[]): Value {
  let result = numbers[0];
  for (const number of numbers) result = Math.max(result ?? number, number);
  return result;
}

function smallest(numbers: readonly number[]): Value {
  let result = numbers[0];
  for (const number of numbers) result = Math.min(result ?? number, number);
  return result;
}

const decimalPattern = /^-?[0-9]+(\.[0-9]+)?([Ee][-+]?[0-9]+)?$/;
/** As the reference implementation writes it: only the first form is held to the start, only the last to the end. */
const otherBasePattern = /^(0[xX][0-9A-Fa-f]+)|(0[oO][0-7]+)|(0[bB][0-1]+)$/;

/** `$number`: strings in JSON's or a base's notation, and booleans. */
function castNumber([value]: readonly Value[], run: Run): Value {
  if (value === undefined || typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "string") {
    run.chargeText(value.length);
    const number = Number(value);
    if (decimalPattern.test(value) && Number.isFinite(number)) return number;
    if (otherBasePattern.test(value)) return number;
  }
  throw fail("D3030", { value, index: 1 });
}

/** Rounds half to even, at a number of decimals that may be negative. */
export function roundHalfEven(value: number, precision: number): number {
  const shifted = precision === 0 ? value : shift(value, precision);
  let rounded = Math.round(shifted);
  if (Math.abs(rounded - shifted) === 0.5 && Math.abs(rounded % 2) === 1) rounded--;
  if (precision !== 0) rounded = shift(rounded, -precision);
  return rounded === 0 ? 0 : rounded;
}

/** Moves the decimal point in the number's text: multiplying would bring in errors. */
function shift(value: number, places: number): number {
  const [digits, exponent] = String(value).split("e");
  return Number(`${digits}e${exponent === undefined ? places : Number(exponent) + places}`);
}

function round(value: number, [, precision]: readonly Value[]): number {
  return roundHalfEven(value, typeof precision === "number" ? precision : 0);
}

function squareRoot(value: number): number {
  if (value < 0) throw fail("D3060", { value, index: 1 });
  return Math.sqrt(value);
}

function power(value: number, [, exponent]: readonly Value[]): number {
  const exp = typeof exponent === "number" ? exponent : NaN;
  const result = Math.pow(value, exp);
  if (!Number.isFinite(result)) throw fail("D3061", { value, exp, index: 1 });
  return result;
}

function formatBase(value: number, [, radix]: readonly Value[]): string {
  const base = typeof radix === "number" ? roundHalfEven(radix, 0) : 10;
  if (!(base >= 2 && base <= 36)) throw fail("D3100", { value: base });
  return roundHalfEven(value, 0).toString(base);
}

/** The functions of numbers, with those that aggregate; formats with pictures are apart. */
export const numericFunctions: FunctionTable = {
  sum: [1, "<a<n>:n>", ofNumbers(sum)],
  max: [1, "<a<n>:n>", ofNumbers(largest)],
  min: [1, "<a<n>:n>", ofNumbers(smallest)],
  average: [1, "<a<n>:n>", ofNumbers((numbers) => numbers.length === 0 ? undefined : sum(numbers) / numbers.length)],
  number: [1, "<(nsb)-:n>", castNumber],
  floor: [1, "<n-:n>", ofNumber(Math.floor)],
  ceil: [1, "<n-:n>", ofNumber(Math.ceil)],
  round: [2, "<n-n?:n>", ofNumber(round)],
  abs: [1, "<n-:n>", ofNumber(Math.abs)],
  sqrt: [1, "<n-:n>", ofNumber(squareRoot)],
  power: [2, "<n-n:n>", ofNumber(power)],
  formatBase: [2, "<n-n?:s>", ofNumber(formatBase)],
};
