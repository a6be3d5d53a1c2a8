/** All built-in functions. */
import { arrayFunctions } from "./array.ts";
import { awsFunctions } from "./aws.ts";
import { functionsOf } from "./function_table.ts";
import { higherOrderFunctions } from "./higher_order.ts";
import { matchingFunctions } from "./matching.ts";
import { numericFunctions } from "./numeric.ts";
import { objectFunctions } from "./object.ts";
import { stringFunctions } from "./string.ts";

/** By name, without `$`. */
export const builtinFunctions = functionsOf(
  stringFunctions,
  matchingFunctions,
  numericFunctions,
  arrayFunctions,
  objectFunctions,
  higherOrderFunctions,
  awsFunctions,
);
