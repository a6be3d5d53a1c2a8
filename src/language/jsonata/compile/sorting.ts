/** Order: `^(a, >b)` in a path, and what `$sort` uses. */
import type { Evaluate } from "../values/callable.ts";
import { fail } from "../failure.ts";
import { Frame } from "../values/frame.ts";
import type { Run } from "../limits.ts";
import { TupleStream, type Value } from "../values/values.ts";

/** Orders the items that a path has so far. */
export type Sort = (items: readonly Value[], frame: Frame, run: Run) => readonly Value[];

/** One term of `^(a, >b)`. */
export interface CompiledTerm {
  readonly descending: boolean;
  readonly evaluate: Evaluate;
}

/**
 * A stable merge sort of the positions 0 to `count` - 1. `isAfter(a, b)` says that the item at `a` belongs after the one at `b`;
 * it may be a user's function, and need not make sense.
 */
export function sortedPositions(count: number, isAfter: (a: number, b: number) => boolean, run: Run): number[] {
  run.reserveArray(count);
  const sort = (start: number, end: number): number[] => {
    if (end - start <= 1) return end > start ? [start] : [];
    const middle = start + Math.floor((end - start) / 2);
    return merge(sort(start, middle), sort(middle, end));
  };
  const merge = (left: readonly number[], right: readonly number[]): number[] => {
    const merged: number[] = [];
    let [leftNext, rightNext] = [0, 0];
    while (leftNext < left.length && rightNext < right.length) {
      run.charge(1);
      const [a, b] = [left[leftNext] as number, right[rightNext] as number];
      if (isAfter(a, b)) {
        merged.push(b);
        rightNext++;
      } else {
        merged.push(a);
        leftNext++;
      }
    }
    while (leftNext < left.length) merged.push(left[leftNext++] as number);
    while (rightNext < right.length) merged.push(right[rightNext++] as number);
    return merged;
  };
  return sort(0, count);
}

/** The `^(…)` step with its terms. Each term is evaluated at most once an item. */
export function sortBy(terms: readonly CompiledTerm[]): Sort {
  return (items, frame, run) => {
    if (items.length <= 1) return items;
    const stream = items instanceof TupleStream ? items : undefined;
    const keys = terms.map(() => new Map<number, Value>());
    const keyOf = (term: number, position: number): Value => {
      const known = keys[term] as Map<number, Value>;
      if (known.has(position)) return known.get(position);
      const bindings = stream?.bindings[position];
      const scope = bindings === undefined ? frame : new Frame(frame, bindings.names, bindings.values);
      const key = (terms[term] as CompiledTerm).evaluate(items[position], scope, run);
      run.allocate(48);
      known.set(position, key);
      return key;
    };
    const positions = sortedPositions(items.length, (a, b) => isAfterBy(terms, keyOf, a, b), run);
    return stream === undefined ? positions.map((position) => items[position]) : reordered(stream, positions);
  };
}

function isAfterBy(
  terms: readonly CompiledTerm[],
  keyOf: (term: number, position: number) => Value,
  a: number,
  b: number,
): boolean {
  for (const [index, term] of terms.entries()) {
    const order = compareKeys(keyOf(index, a), keyOf(index, b), term.descending);
    if (order !== 0) return order > 0;
  }
  return false;
}

/** Nothing is last, in either direction. */
function compareKeys(left: Value, right: Value, descending: boolean): number {
  if (left === undefined) return right === undefined ? 0 : 1;
  if (right === undefined) return -1;
  for (const key of [left, right]) {
    if (typeof key !== "string" && typeof key !== "number") throw fail("T2008", { value: key });
  }
  if (typeof left !== typeof right) throw fail("T2007", { value: left, value2: right });
  if (left === right) return 0;
  const order = (left as string | number) < (right as string | number) ? -1 : 1;
  return descending ? -order : order;
}

function reordered(stream: TupleStream, positions: readonly number[]): TupleStream {
  const result = new TupleStream();
  for (const position of positions) {
    result.add(stream[position], stream.bindings[position] ?? { names: [], values: [] });
  }
  return result;
}
