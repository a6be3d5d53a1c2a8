/**
 * Reading and building objects whose keys come from users: `__proto__`, `constructor` and the like are plain data.
 */
import type { Json, JsonObject } from "./json.ts";

/** The value of an own property, `undefined` when there is none. */
export function ownValue(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Sets a property on an object being built; `__proto__` becomes an own property like any other. */
export function setOwn(object: Record<string, Json>, key: string, value: Json): void {
  if (key === "__proto__") {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    object[key] = value;
  }
}

/** A copy of `object` with one property set. */
export function withOwn(object: JsonObject, key: string, value: Json): JsonObject {
  const copy: Record<string, Json> = { ...object };
  setOwn(copy, key, value);
  return copy;
}
