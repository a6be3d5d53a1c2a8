/** `*` (every field) and `**` (everything below). */
import type { Evaluate } from "../values/callable.ts";
import type { Run } from "../limits.ts";
import { copyOf, isArray, isObject, Sequence, type Value } from "../values/values.ts";

/**
 * The values of all fields, arrays among them dissolved to the last level.
 * Where there was an array the result is one too: a single member of it stays in an array.
 */
export const evaluateWildcard: Evaluate = (input, _frame, run) => {
  const results = new Sequence();
  let hasArray = false;
  const fields: Value = input;
  if (!isObject(fields) && !isArray(fields)) return results;
  // The members of an array are its fields.
  for (const key of Object.keys(fields)) {
    run.charge(1);
    const value = isArray(fields) ? fields[Number(key)] : fields[key];
    if (isArray(value)) {
      hasArray = true;
      dissolve(value, results, run, 0);
    } else {
      push(results, value, run);
    }
  }
  return hasArray ? copyOf(results) : results;
};

function dissolve(values: readonly Value[], results: Sequence, run: Run, depth: number): void {
  run.descend(depth);
  for (const value of values) {
    run.charge(1);
    if (isArray(value)) dissolve(value, results, run, depth + 1);
    else push(results, value, run);
  }
}

/** The value itself and all that is within it, arrays dissolved. */
export const evaluateDescendants: Evaluate = (input, _frame, run) => {
  if (input === undefined) return undefined;
  const results = new Sequence();
  descend(input, results, run, 0);
  return results.length === 1 ? results[0] : results;
};

function descend(value: Value, results: Sequence, run: Run, depth: number): void {
  run.descend(depth);
  run.charge(1);
  if (isArray(value)) {
    for (const member of value) descend(member, results, run, depth + 1);
    return;
  }
  push(results, value, run);
  if (isObject(value)) { for (const key of Object.keys(value)) descend(value[key], results, run, depth + 1); }
}

function push(results: Sequence, value: Value, run: Run): void {
  results.push(value);
  run.grow(results.length);
}
