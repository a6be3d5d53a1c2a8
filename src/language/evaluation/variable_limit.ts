import { type Json, type JsonObject, payloadBytes } from "../../values/mod.ts";
import { runtimeFailure } from "../failures.ts";
import type { Evaluated, EvaluationScope } from "../types.ts";

/** All variables that one place of an execution sees, bytes of JSON. */
const VARIABLES_BYTES_MAX = 10_485_760;
/** No character of a text takes more bytes of JSON: a control character as `\u0000`. */
const BYTES_PER_CHARACTER_MAX = 6;

/**
 * Variables of one `Assign` may have as many bytes together as a payload, all that there are then 10 MiB, counted as UTF-8 of their JSON.
 *
 * @param scope With the variables before
 * @returns The failure, or `undefined` when they are within it
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html#variable-limits
 */
export function withinVariableLimits(
  assigned: JsonObject,
  { variables, limits: { payloadBytesMax } }: EvaluationScope,
): Evaluated<never> | undefined {
  if (payloadBytes(assigned) > payloadBytesMax) {
    return runtimeFailure(`The size of the variables assigned exceeds the maximum of ${payloadBytesMax} bytes.`);
  }
  const kept = Object.entries(variables).filter(([name]) => !Object.hasOwn(assigned, name));
  const left = VARIABLES_BYTES_MAX - payloadBytes(assigned);
  if (bytesOf(kept, mostBytes) <= left || bytesOf(kept, payloadBytes) <= left) return undefined;
  return runtimeFailure(`The size of all variables exceeds the maximum of ${VARIABLES_BYTES_MAX} bytes.`);
}

/** Bytes of members of an object: each has a name in quotes, a colon and a comma. */
function bytesOf(variables: readonly (readonly [string, Json])[], bytesOfValue: (value: Json) => number): number {
  return variables.reduce((bytes, [name, value]) => bytes + name.length + 4 + bytesOfValue(value), 0);
}

/** Found without a pass over a text; a container's own size is remembered. */
function mostBytes(value: Json): number {
  return typeof value === "string" ? value.length * BYTES_PER_CHARACTER_MAX + 2 : payloadBytes(value);
}
