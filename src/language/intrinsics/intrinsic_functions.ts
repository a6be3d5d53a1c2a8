/**
 * The intrinsic functions of JSONPath states. To add one, write it beside its kin and name it in the list that its file exports.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
 */
import { arrayFunctions } from "./array_functions.ts";
import type { IntrinsicFunction } from "./intrinsic_function.ts";
import { mathFunctions } from "./math_functions.ts";
import { textFunctions } from "./text_functions.ts";

/** All of them by full name. */
export const intrinsicFunctions: ReadonlyMap<string, IntrinsicFunction> = new Map(
  [...arrayFunctions, ...mathFunctions, ...textFunctions].map((intrinsic) => [intrinsic.name, intrinsic]),
);
