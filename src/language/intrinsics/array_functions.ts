/** `States.Array…`: building, taking apart and searching arrays. */
import type { Json } from "../../values/mod.ts";
import type { Budget } from "../budget.ts";
import { type IntrinsicFunction, type IntrinsicInput, Refusal } from "./intrinsic_function.ts";
import { inJavaHashOrder } from "./java_hash_order.ts";

/** Writing a value out takes longer than looking at it. */
const PASSES_OF_WRITING = 10;
/** Items that `States.ArrayRange` makes at most, as AWS has it. */
const RANGE_ITEMS_MAX = 1_000;

/** The functions that take or give arrays. */
export const arrayFunctions: readonly IntrinsicFunction[] = [
  { name: "States.Array", argumentCountMin: 0, argumentCountMax: Infinity, call: ({ values }) => values },
  { name: "States.ArrayPartition", argumentCountMin: 2, argumentCountMax: 2, call: partition },
  { name: "States.ArrayContains", argumentCountMin: 2, argumentCountMax: 2, call: contains },
  { name: "States.ArrayRange", argumentCountMin: 3, argumentCountMax: 3, call: range },
  { name: "States.ArrayGetItem", argumentCountMin: 2, argumentCountMax: 2, call: getItem },
  { name: "States.ArrayLength", argumentCountMin: 1, argumentCountMax: 1, call: length },
  { name: "States.ArrayUnique", argumentCountMin: 1, argumentCountMax: 1, call: unique },
];

function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The documentation speaks of rounding, but AWS cuts off what stands behind the point. */
export function whole(value: Json | undefined): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? Math.trunc(value) : undefined;
}

function partition({ values: [array, size], budget }: IntrinsicInput): Json | Refusal {
  const count = whole(size);
  if (!isArray(array) || count === undefined || count < 1) return new Refusal();
  budget.charge(array.length);
  const parts: Json[] = [];
  for (let start = 0; start < array.length; start += count) parts.push(array.slice(start, start + count));
  return parts;
}

/** Values are compared as they are written, as AWS does: the number 1 and the text "1" are the same. */
function contains({ values: [array, wanted = null], budget }: IntrinsicInput): Json | Refusal {
  if (!isArray(array)) return new Refusal();
  const text = written(wanted, budget);
  const mayBeContainer = text.startsWith("[") || text.startsWith("{");
  budget.charge(2 * array.length);
  return array.some((item) => {
    if (item !== null && typeof item === "object") return mayBeContainer && written(item, budget) === text;
    if (typeof item === "string" && item.length === text.length) budget.chargeText(item);
    return item === wanted || (typeof item !== typeof wanted && String(item) === text);
  });
}

function written(value: Json, budget: Budget): string {
  if (typeof value === "string") return value;
  for (let pass = 0; pass < PASSES_OF_WRITING; pass++) budget.chargeValue(value);
  return JSON.stringify(value);
}

function range({ values }: IntrinsicInput): Json | Refusal {
  const [start, end, step] = values.map(whole);
  if (start === undefined || end === undefined || step === undefined || step === 0) return new Refusal();
  const count = Math.max(0, Math.floor((end - start) / step) + 1);
  if (count > RANGE_ITEMS_MAX) return new Refusal();
  return Array.from({ length: count }, (_, index) => start + index * step);
}

/** An array without items has `null` at every index. */
function getItem({ values: [array, position] }: IntrinsicInput): Json | Refusal {
  const index = whole(position);
  if (!isArray(array) || index === undefined) return new Refusal();
  if (array.length === 0) return null;
  return index >= 0 && index < array.length ? array[index] ?? null : new Refusal();
}

function length({ values: [array] }: IntrinsicInput): Json | Refusal {
  return isArray(array) ? array.length : new Refusal();
}

function unique({ values: [array], budget }: IntrinsicInput): Json | Refusal {
  if (!isArray(array)) return new Refusal();
  for (let pass = 0; pass < PASSES_OF_WRITING; pass++) budget.chargeValue(array);
  const seen = new Set<string>();
  const found = array.filter((item) => {
    const text = canonicalText(item);
    if (seen.has(text)) return false;
    seen.add(text);
    return true;
  });
  return inJavaHashOrder(found, array.length);
}

/** One text for all spellings of a value: keys in order. */
function canonicalText(value: Json): string {
  return JSON.stringify(
    value,
    (_key, part: Json) =>
      part !== null && typeof part === "object" && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => a < b ? -1 : 1))
        : part,
  );
}
