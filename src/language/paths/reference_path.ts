/** Putting a value at a reference path: `ResultPath`. */
import * as Result from "effect/Result";
import { isJsonObject, type Json, ownValue, withOwn } from "../../values/mod.ts";
import { runtimeFailure, shown } from "../failures.ts";
import type { Evaluated } from "../types.ts";

/**
 * A copy of `target` with `value` at `steps`. Missing objects on the way are made; all off the path is shared.
 *
 * `States.Runtime` when the way leads through something that is neither an object nor missing, or to an index that the
 * array does not have.
 */
export function putAt(target: Json, steps: readonly (string | number)[], value: Json, text: string): Evaluated<Json> {
  const put = (current: Json | undefined, at: number): Json | undefined => {
    const step = steps[at];
    if (step === undefined) return value;
    if (typeof step === "number") {
      if (!Array.isArray(current) || step >= current.length || step < 0) return undefined;
      const below = put(current[step], at + 1);
      return below === undefined ? undefined : current.with(step, below);
    }
    if (current !== undefined && !isJsonObject(current)) return undefined;
    const below = put(current === undefined ? undefined : ownValue(current, step), at + 1);
    return below === undefined ? undefined : withOwn(current ?? {}, step, below);
  };
  const result = put(target, 0);
  return result === undefined
    ? runtimeFailure(`Unable to apply ReferencePath ${text} to input ${shown(target)}`)
    : Result.succeed(result);
}
