import { Result } from "effect";
import { defaultLimits, type JsonObject } from "../../values/mod.ts";
import { runtimeFailure } from "../failures.ts";
import type { Evaluated } from "../types.ts";

/**
 * Variables of one `Assign` may have 256 KiB together, counted as UTF-8 of their JSON.
 *
 * @returns The failure, or `undefined` when they are within it
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html#variable-limits
 */
export function withinVariableLimit(variables: JsonObject): Evaluated<never> | undefined {
  const text = JSON.stringify(variables);
  if (text.length * 3 <= defaultLimits.payloadBytesMax) return undefined;
  if (new TextEncoder().encode(text).length <= defaultLimits.payloadBytesMax) return undefined;
  return Result.isFailure(tooLarge) ? Result.fail(tooLarge.failure) : undefined;
}

const tooLarge = runtimeFailure(
  `The size of the variables assigned exceeds the maximum of ${defaultLimits.payloadBytesMax} bytes.`,
);
