/** The value of an expression as plain JSON. */
import type { Json } from "../../../values/mod.ts";
import { fail } from "../failure.ts";
import type { Run } from "../limits.ts";
import { Callable, isArray, type MutableObject, setOwn, type Value, type ValueObject } from "./values.ts";

/**
 * JSON of a value, or nothing. Arrays and objects that are JSON already are given back as they are, not copied.
 * @throws {JsonataFailure} functions, and what is nested too deep
 */
export function toJson(value: Value, run: Run): Json | undefined {
  return value === undefined ? undefined : plain(value, run, 0);
}

function plain(value: Value, run: Run, depth: number): Json {
  switch (typeof value) {
    case "string":
      // A long string may be in the result many times, and be written out each time.
      run.keep(value.length + 2);
      return value;
    case "boolean":
      return value;
    case "number":
      // Numbers that JSON cannot have become the text that JavaScript has for them, as in Step Functions; and -0 is 0, since
      // written out and read back it would be.
      return Number.isFinite(value) ? value + 0 : String(value);
    case "undefined":
      return null;
  }
  if (value === null) return null;
  if (value instanceof Callable) throw fail("D3160");
  run.descend(depth);
  return isArray(value) ? plainArray(value, run, depth) : plainObject(value, run, depth);
}

function plainArray(values: readonly Value[], run: Run, depth: number): Json {
  run.charge(1 + values.length);
  run.keep(2 + 2 * values.length);
  let isSame = Object.getPrototypeOf(values) === Array.prototype;
  const members: Json[] = [];
  for (const value of values) {
    const member = plain(value, run, depth + 1);
    if (!Object.is(member, value)) isSame = false;
    members.push(member);
  }
  return isSame ? values as readonly Json[] : members;
}

function plainObject(object: ValueObject, run: Run, depth: number): Json {
  const keys = Object.keys(object);
  run.charge(1 + keys.length);
  let changed: MutableObject | undefined;
  for (const key of keys) {
    run.keep(key.length + 4);
    const value = object[key];
    const field = value === undefined ? undefined : plain(value, run, depth + 1);
    if (Object.is(field, value) && value !== undefined) continue;
    changed ??= { ...object };
    if (field === undefined) delete changed[key];
    else setOwn(changed, key, field);
  }
  return (changed ?? object) as Json;
}
