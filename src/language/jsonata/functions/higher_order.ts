/** Functions that call functions. */
import { callBack, callBackByArity } from "../values/callable.ts";
import { fail } from "../failure.ts";
import type { Run } from "../limits.ts";
import { sortedPositions } from "../compile/sorting.ts";
import {
  Callable,
  isArray,
  isNumeric,
  isObject,
  isTruthy,
  type MutableObject,
  Sequence,
  setOwn,
  type Value,
} from "../values/values.ts";
import type { FunctionTable } from "./function_table.ts";

function map([values, callee]: readonly Value[], run: Run): Value {
  if (!isArray(values)) return undefined;
  const results = new Sequence();
  for (let index = 0; index < values.length; index++) {
    const result = callBackByArity(callee, values[index], index, values, run);
    if (result === undefined) continue;
    results.push(result);
    run.grow(results.length);
  }
  return results;
}

function filter([values, callee]: readonly Value[], run: Run): Value {
  if (!isArray(values)) return undefined;
  const results = new Sequence();
  for (let index = 0; index < values.length; index++) {
    if (!isTruthy(callBackByArity(callee, values[index], index, values, run), run)) continue;
    results.push(values[index]);
    run.grow(results.length);
  }
  return results;
}

/** The one member that meets the condition. */
function single([values, callee]: readonly Value[], run: Run): Value {
  if (!isArray(values)) return undefined;
  let found: readonly Value[] = [];
  for (let index = 0; index < values.length; index++) {
    run.charge(1);
    const matches = callee === undefined || isTruthy(callBackByArity(callee, values[index], index, values, run), run);
    if (!matches) continue;
    if (found.length > 0) throw fail("D3138", { index });
    found = [values[index]];
  }
  if (found.length === 0) throw fail("D3139");
  return found[0];
}

function reduce([values, callee, initial]: readonly Value[], run: Run): Value {
  if (!isArray(values)) return undefined;
  const arity = callee instanceof Callable ? callee.arity : 0;
  if (arity < 2) throw fail("D3050", { index: 1 });
  const startsAtFirst = initial === undefined && values.length > 0;
  let result = startsAtFirst ? values[0] : initial;
  for (let index = startsAtFirst ? 1 : 0; index < values.length; index++) {
    const args: Value[] = [result, values[index]];
    if (arity >= 3) args.push(index);
    if (arity >= 4) args.push(values);
    result = callBack(callee, args, run);
  }
  return result;
}

function each([object, callee]: readonly Value[], run: Run): Sequence {
  const results = new Sequence();
  if (!isObject(object)) return results;
  for (const key of Object.keys(object)) {
    const result = callBackByArity(callee, object[key], key, object, run);
    if (result === undefined) continue;
    results.push(result);
    run.grow(results.length);
  }
  return results;
}

/** The fields that meet the condition; nothing when none does. */
function sift([object, callee]: readonly Value[], run: Run): Value {
  if (!isObject(object)) return undefined;
  const sifted: MutableObject = {};
  let isEmpty = true;
  for (const key of Object.keys(object)) {
    if (!isTruthy(callBackByArity(callee, object[key], key, object, run), run)) continue;
    run.allocate(32);
    setOwn(sifted, key, object[key]);
    isEmpty = false;
  }
  return isEmpty ? undefined : sifted;
}

/** Without a function: numbers or strings, rising. With one: it says whether its first argument belongs after its second. */
function sort([values, callee]: readonly Value[], run: Run): Value {
  if (!isArray(values) || values.length <= 1) return values;
  run.charge(values.length);
  let isAfter: (a: number, b: number) => boolean;
  if (callee === undefined) {
    if (!values.every(isNumeric) && !values.every((value) => typeof value === "string")) {
      throw fail("D3070", { index: 1 });
    }
    isAfter = (a, b) => (values[a] as string | number) > (values[b] as string | number);
  } else {
    isAfter = (a, b) => isHostTruthy(callBack(callee, [values[a], values[b]], run));
  }
  return sortedPositions(values.length, isAfter, run).map((position) => values[position]);
}

/** The comparator's answer is taken as the host language takes it: an empty array or object is true. */
function isHostTruthy(value: Value): boolean {
  return Boolean(value);
}

/** `$map`, `$filter`, `$single`, `$reduce`, `$each`, `$sift`, `$sort`. */
export const higherOrderFunctions: FunctionTable = {
  map: [2, "<af>", map],
  filter: [2, "<af>", filter],
  single: [2, "<af?>", single],
  reduce: [3, "<afj?:j>", reduce],
  each: [2, "<o-f:a>", each],
  sift: [2, "<o-f?:o>", sift],
  sort: [2, "<af?:a>", sort],
};
