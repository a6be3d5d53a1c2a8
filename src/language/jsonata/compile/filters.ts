/** Conditions in brackets: `[0]`, `[-1]`, `[[0..2]]`, `[price > 10]`. */
import type { Evaluate } from "../values/callable.ts";
import { Frame } from "../values/frame.ts";
import type { Run } from "../limits.ts";
import { isArray, isNumeric, isTruthy, Sequence, TupleStream, type Value } from "../values/values.ts";

/** A compiled condition. */
export interface Filter {
  /** Set when the condition is a number as written: a position, from the end when negative. */
  readonly index: number | undefined;
  readonly condition: Evaluate;
}

/** What of `input` the filter lets through: of an array its members, else the value itself. */
export function applyFilter(filter: Filter, input: Value, frame: Frame, run: Run): readonly Value[] {
  const items = isArray(input) ? input : [input];
  return filter.index === undefined
    ? filterByCondition(filter.condition, items, frame, run)
    : itemAt(items, Math.floor(filter.index));
}

function itemAt(items: readonly Value[], position: number): readonly Value[] {
  const place = position < 0 ? items.length + position : position;
  const item = items[place];
  if (items instanceof TupleStream) {
    const stream = new TupleStream();
    if (place >= 0 && place < items.length) stream.add(item, items.bindings[place] ?? { names: [], values: [] });
    return stream;
  }
  if (isArray(item)) return item;
  return item === undefined ? new Sequence() : Sequence.single(item);
}

function filterByCondition(condition: Evaluate, items: readonly Value[], frame: Frame, run: Run): readonly Value[] {
  const stream = items instanceof TupleStream ? new TupleStream() : undefined;
  const result = stream ?? new Sequence();
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    const bindings = items instanceof TupleStream ? items.bindings[index] : undefined;
    const scope = bindings === undefined ? frame : new Frame(frame, bindings.names, bindings.values);
    const matches = countMatches(condition(item, scope, run), index, items.length, run);
    for (let match = 0; match < matches; match++) {
      run.grow(result.length + 1);
      if (stream !== undefined && bindings !== undefined) stream.add(item, bindings);
      else result.push(item);
    }
  }
  return result;
}

/** How often the item is in the result: a condition may be positions, and name one more than once. */
function countMatches(condition: Value, index: number, length: number, run: Run): number {
  run.charge(1);
  if (typeof condition === "boolean") return condition ? 1 : 0;
  if (isNumeric(condition)) return isAt(condition, index, length) ? 1 : 0;
  if (isArray(condition)) {
    run.charge(condition.length);
    if (condition.every(isNumeric)) {
      let matches = 0;
      for (const position of condition) if (isNumeric(position) && isAt(position, index, length)) matches++;
      return matches;
    }
  }
  return isTruthy(condition, run) ? 1 : 0;
}

function isAt(position: number, index: number, length: number): boolean {
  const place = Math.floor(position);
  return (place < 0 ? length + place : place) === index;
}
