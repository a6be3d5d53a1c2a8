/** Array functions that call no function, apart from `$sort`, which is with the higher-order ones. */
import type { Run } from "../limits.ts";
import { append, isArray, isDeepEqual, Sequence, type Value } from "../values/values.ts";
import type { FunctionTable } from "./function_table.ts";

function count([values]: readonly Value[]): Value {
  return isArray(values) ? values.length : 0;
}

function reverse([values]: readonly Value[], run: Run): Value {
  if (!isArray(values) || values.length <= 1) return values;
  run.reserveArray(values.length);
  const reversed: Value[] = [];
  for (let index = values.length - 1; index >= 0; index--) reversed.push(values[index]);
  return reversed;
}

/** Each member at a random place, all orders being equally likely. */
function shuffle([values]: readonly Value[], run: Run): Value {
  if (!isArray(values) || values.length <= 1) return values;
  run.reserveArray(values.length);
  const shuffled: Value[] = [];
  for (const [index, value] of values.entries()) {
    const place = Math.floor(run.draws.random() * (index + 1));
    shuffled.push(shuffled[place]);
    shuffled[place] = value;
  }
  return shuffled;
}

/** The first of each set of equal members. */
function distinct([values]: readonly Value[], run: Run): Value {
  if (!isArray(values) || values.length <= 1) return values;
  run.reserveArray(values.length);
  const results: Value[] = values instanceof Sequence ? new Sequence() : [];
  const simple = new Set<Value>();
  const compound: Value[] = [];
  for (const value of values) {
    if (typeof value === "object" && value !== null) {
      if (compound.some((known) => isDeepEqualCharged(value, known, run))) continue;
      compound.push(value);
    } else {
      if (simple.has(value)) continue;
      simple.add(value);
    }
    results.push(value);
  }
  return results;
}

function isDeepEqualCharged(left: Value, right: Value, run: Run): boolean {
  run.charge(1);
  return isDeepEqual(left, right, run);
}

/** The n-th members together, as far as the shortest array goes. */
function zip(arrays: readonly Value[], run: Run): Value {
  let length = Infinity;
  for (const values of arrays) length = Math.min(length, isArray(values) ? values.length : 0);
  if (length === Infinity) length = 0;
  run.reserveArray(length);
  const zipped: Value[] = [];
  for (let index = 0; index < length; index++) {
    run.reserveArray(arrays.length);
    zipped.push(arrays.map((values) => isArray(values) ? values[index] : undefined));
  }
  return zipped;
}

/** `$count`, `$append`, `$reverse`, `$shuffle`, `$distinct`, `$zip`. */
export const arrayFunctions: FunctionTable = {
  count: [1, "<a:n>", count],
  append: [2, "<xx:a>", ([left, right], run) => append(left, right, run)],
  reverse: [1, "<a:a>", reverse],
  shuffle: [1, "<a:a>", shuffle],
  distinct: [1, "<x:x>", distinct],
  zip: [0, "<a+>", zip],
};
