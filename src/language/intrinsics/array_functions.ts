/** `States.Array…`: building, taking apart and searching arrays. */
import type { Json } from "../../values/mod.ts";
import { equalJson } from "../equal_json.ts";
import { type IntrinsicFunction, type IntrinsicInput, Refusal, wrongType } from "./intrinsic_function.ts";

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

/** "Step Functions will round it off to the nearest integer", as Java rounds: halves up. */
function whole(value: Json | undefined): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? Math.round(value) : undefined;
}

function partition({ values: [array, size], budget }: IntrinsicInput): Json | Refusal {
  const count = whole(size);
  if (!isArray(array)) return wrongType(1, "an array");
  if (count === undefined || count < 1) return wrongType(2, "a positive integer");
  budget.charge(array.length);
  const parts: Json[] = [];
  for (let start = 0; start < array.length; start += count) parts.push(array.slice(start, start + count));
  return parts;
}

function contains({ values: [array, wanted], budget }: IntrinsicInput): Json | Refusal {
  if (!isArray(array)) return wrongType(1, "an array");
  return array.some((item) => equalJson(item, wanted ?? null, budget));
}

function range({ values }: IntrinsicInput): Json | Refusal {
  const [start, end, step] = values.map(whole);
  if (start === undefined) return wrongType(1, "an integer");
  if (end === undefined) return wrongType(2, "an integer");
  if (step === undefined || step === 0) return wrongType(3, "an integer other than zero");
  const count = Math.max(0, Math.floor((end - start) / step) + 1);
  if (count > RANGE_ITEMS_MAX) return new Refusal(`The array cannot have more than ${RANGE_ITEMS_MAX} items`);
  return Array.from({ length: count }, (_, index) => start + index * step);
}

function getItem({ values: [array, position] }: IntrinsicInput): Json | Refusal {
  const index = whole(position);
  if (!isArray(array)) return wrongType(1, "an array");
  if (index === undefined) return wrongType(2, "an integer");
  return array[index] ??
    (index >= 0 && index < array.length
      ? null
      : new Refusal(`Index ${index} is out of bounds for an array of length ${array.length}`));
}

function length({ values: [array] }: IntrinsicInput): Json | Refusal {
  return isArray(array) ? array.length : wrongType(1, "an array");
}

function unique({ values: [array], budget }: IntrinsicInput): Json | Refusal {
  if (!isArray(array)) return wrongType(1, "an array");
  for (let pass = 0; pass < 10; pass++) budget.chargeValue(array); // writing it out takes longer than looking at it
  const seen = new Set<string>();
  return array.filter((item) => {
    const text = canonicalText(item);
    if (seen.has(text)) return false;
    seen.add(text);
    return true;
  });
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
