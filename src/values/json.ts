/** A JSON value. Treated as immutable everywhere: share it, never write to it. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. Decoded input may carry any key, `__proto__` included: read own keys only (`Object.hasOwn`). */
export type JsonObject = { readonly [key: string]: Json };

/** True for a JSON object: not `null`, not an array. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
