/**
 * The values that expressions compute with: JSON, nothing (`undefined`), functions, and sequences.
 *
 * A sequence is JSONata's flattened list of results: empty it is nothing, with one member it is that member. It is an array of a
 * class of its own, so that arrays of the input carry no mark, and no mark reaches a result.
 */
import { fail } from "../failure.ts";
import type { Run } from "../limits.ts";

/** A function value: see `callable.ts`. */
export abstract class Callable {
  /** Number of parameters: decides how many arguments `$map` and the like hand over. */
  abstract readonly arity: number;
}

/** Whatever an expression may have as a value. Read-only: values are shared with the input. */
export type Value = undefined | null | boolean | number | string | Callable | readonly Value[] | ValueObject;
/** An object. Read own keys only. */
export type ValueObject = { readonly [key: string]: Value };
/** An object being built. */
export type MutableObject = { [key: string]: Value };

/** A sequence. {@link keepSingleton}: `[]` was asked for, so one member stays an array. */
export class Sequence extends Array<Value> {
  keepSingleton = false;

  /** A sequence of one. (`new Sequence(n)` would be an array of length `n`.) */
  static single(value: Value): Sequence {
    const sequence = new Sequence();
    sequence.push(value);
    return sequence;
  }
}

/**
 * A plain array of the members from `start` to before `end`. To be used for the array methods that make arrays: of a sequence
 * those would make a sequence.
 */
export function copyOf(values: readonly Value[], start = 0, end = values.length): Value[] {
  const copy: Value[] = [];
  for (let index = start; index < end; index++) copy.push(values[index]);
  return copy;
}

/** An array written as `[…]` as the first or last step of a path: it is not flattened into the path's result. */
export class ConstructedArray extends Array<Value> {}

/** Names bound along a path (`@$v`, `#$i`, and the ancestors that `%` asks for), by parallel arrays. */
export interface Bindings {
  readonly names: readonly string[];
  readonly values: readonly Value[];
}

/** The result of a path that binds names: a sequence, and for each member its bindings. */
export class TupleStream extends Sequence {
  readonly bindings: Bindings[] = [];

  add(value: Value, bindings: Bindings): void {
    this.push(value);
    this.bindings.push(bindings);
  }
}

/** True for arrays, sequences among them. */
export function isArray(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** True for a JSON object; false for null, arrays and functions. */
export function isObject(value: Value): value is ValueObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Callable);
}

/** The own property, or nothing: never one of a prototype. */
export function ownValue(object: ValueObject, key: string): Value {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Sets an own property, whatever its name: `__proto__` is a name like any other. */
export function setOwn(object: MutableObject, key: string, value: Value): void {
  if (key === "__proto__") {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    object[key] = value;
  }
}

/** A sequence as a value: nothing when empty, its member when it has one (and need not stay an array). */
export function unwrap(value: Value): Value {
  if (!(value instanceof Sequence) || value.length > 1 || value instanceof TupleStream) return value;
  if (value.length === 0) return undefined;
  return value.keepSingleton ? value : value[0];
}

/** True for a number that is one; an infinite number is a failure. */
export function isNumeric(value: Value): value is number {
  if (typeof value !== "number" || Number.isNaN(value)) return false;
  if (!Number.isFinite(value)) throw fail("D1001", { value });
  return true;
}

/** The value as a condition: nothing, null, 0, "", {}, functions and arrays of such are false. */
export function isTruthy(value: Value, run: Run, depth = 0): boolean {
  switch (typeof value) {
    case "boolean":
      return value;
    case "string":
      return value.length > 0;
    case "number":
      return isNumeric(value) && value !== 0;
    case "undefined":
      return false;
  }
  if (value === null || value instanceof Callable) return false;
  if (isArray(value)) {
    run.charge(value.length);
    run.descend(depth);
    if (value.length === 1) return isTruthy(value[0], run, depth + 1);
    let some = false;
    // Every member is looked at: an infinite number is a failure wherever it stands.
    for (const member of value) some = isTruthy(member, run, depth + 1) || some;
    return some;
  }
  for (const _ in value) return true;
  return false;
}

/** Deep equality; the order of keys does not matter. */
export function isDeepEqual(left: Value, right: Value, run: Run, depth = 0): boolean {
  if (typeof left === "string" && typeof right === "string") {
    run.charge((left.length + right.length) >> 6);
    return left === right;
  }
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (left instanceof Callable || right instanceof Callable) return false;
  run.descend(depth);
  if (isArray(left) || isArray(right)) {
    if (!isArray(left) || !isArray(right) || left.length !== right.length) return false;
    for (let index = 0; index < left.length; index++) {
      run.charge(1);
      if (!isDeepEqual(left[index], right[index], run, depth + 1)) return false;
    }
    return true;
  }
  const keys = Object.keys(left);
  const rightKeys = Object.keys(right);
  run.charge(1 + keys.length + rightKeys.length);
  if (keys.length !== rightKeys.length) return false;
  for (const key of keys) {
    if (!Object.hasOwn(right, key) || !isDeepEqual(left[key], right[key], run, depth + 1)) return false;
  }
  return true;
}

/**
 * `$append`, and how results gather: nothing is passed over, anything else is joined into a new array. With nothing on one side
 * the other is given back as it is.
 */
export function append(left: Value, right: Value, run: Run): Value {
  if (left === undefined) return right;
  if (right === undefined) return left;
  const length = (isArray(left) ? left.length : 1) + (isArray(right) ? right.length : 1);
  run.reserveArray(length);
  const joined: Value[] = isArray(left) ? copyOf(left) : [left];
  if (isArray(right)) {
    for (const value of right) joined.push(value);
  } else {
    joined.push(right);
  }
  return joined;
}
