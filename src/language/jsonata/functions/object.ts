/** Functions of objects, and of values of any kind. */
import { fail } from "../failure.ts";
import type { Run } from "../limits.ts";
import { lookup } from "../compile/paths.ts";
import { deepClone } from "../compile/transform.ts";
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

function lookupKey([value, key]: readonly Value[], run: Run): Value {
  const name = String(key);
  run.chargeText(name.length);
  return lookup(value, name, run, 0);
}

/** The keys of an object, or of all objects in an array, each once. */
function keys([value]: readonly Value[], run: Run): Sequence {
  const found = new Map<string, true>();
  collectKeys(value, found, run, 0);
  // Through an object, so that keys that are integers come first, as in every object.
  const ordered: MutableObject = {};
  if (isArray(value)) { for (const key of found.keys()) setOwn(ordered, key, true); }
  const result = new Sequence();
  for (const key of isArray(value) ? Object.keys(ordered) : found.keys()) {
    result.push(key);
    run.grow(result.length);
  }
  return result;
}

function collectKeys(value: Value, found: Map<string, true>, run: Run, depth: number): void {
  run.descend(depth);
  run.charge(1);
  if (isArray(value)) {
    for (const member of value) collectKeys(member, found, run, depth + 1);
  } else if (isObject(value)) {
    for (const key of Object.keys(value)) {
      run.charge(1);
      found.set(key, true);
    }
  }
}

/** An object as objects of one field each. Anything else is given back as it is. */
function spread(value: Value, run: Run, depth: number): Value {
  run.descend(depth);
  if (isArray(value)) {
    const gathered: Value[] = [];
    let isNothing = true;
    for (const member of value) {
      run.charge(1);
      const part = spread(member, run, depth + 1);
      if (part === undefined) continue;
      isNothing = false;
      for (const item of isArray(part) ? part : [part]) {
        gathered.push(item);
        run.grow(gathered.length);
      }
    }
    return isNothing ? undefined : gathered;
  }
  if (!isObject(value)) return value;
  const parts = new Sequence();
  for (const key of Object.keys(value)) {
    const part: MutableObject = {};
    setOwn(part, key, value[key]);
    parts.push(part);
    run.grow(parts.length);
    run.allocate(64);
  }
  return parts;
}

/** One object of all fields; later ones win. */
function merge([objects]: readonly Value[], run: Run): Value {
  if (!isArray(objects)) return undefined;
  const merged: MutableObject = {};
  run.allocate(64);
  for (const object of objects) {
    run.charge(1);
    if (!isObject(object)) continue;
    for (const key of Object.keys(object)) {
      run.charge(1);
      run.allocate(32);
      setOwn(merged, key, object[key]);
    }
  }
  return merged;
}

function typeName([value]: readonly Value[]): Value {
  if (value === undefined) return undefined;
  if (value === null) return "null";
  if (isNumeric(value)) return "number";
  if (typeof value === "string" || typeof value === "boolean") return typeof value;
  if (isArray(value)) return "array";
  return value instanceof Callable ? "function" : "object";
}

function boolean([value]: readonly Value[], run: Run): Value {
  return value === undefined ? undefined : isTruthy(value, run);
}

function not([value]: readonly Value[], run: Run): Value {
  return value === undefined ? undefined : !isTruthy(value, run);
}

function error([message]: readonly Value[]): Value {
  throw fail("D3137", {
    message: typeof message === "string" && message !== "" ? message : "$error() function evaluated",
  });
}

function assert([condition, message]: readonly Value[]): Value {
  if (condition === true) return undefined;
  throw fail("D3141", {
    message: typeof message === "string" && message !== "" ? message : "$assert() statement failed",
  });
}

/** `$keys`, `$lookup`, `$spread`, `$merge`, `$clone`, and `$type`, `$exists`, `$boolean`, `$not`, `$error`, `$assert`. */
export const objectFunctions: FunctionTable = {
  keys: [1, "<x-:a<s>>", keys],
  lookup: [2, "<x-s:x>", lookupKey],
  spread: [1, "<x-:a<o>>", ([value], run) => spread(value, run, 0)],
  merge: [1, "<a<o>:o>", merge],
  clone: [1, "<(oa)-:o>", ([value], run) => deepClone(value, run)],
  type: [1, "<x:s>", typeName],
  exists: [1, "<x:b>", ([value]) => value !== undefined],
  boolean: [1, "<x-:b>", boolean],
  not: [1, "<x-:b>", not],
  error: [1, "<s?:x>", error],
  assert: [2, "<bs?:x>", assert],
};
