/** All built-in functions. */
import { arrayFunctions } from "./array.ts";
import { awsFunctions } from "./aws.ts";
import { dateTimeFunctions } from "./date_time.ts";
import { formatNumberFunctions } from "./format_number.ts";
import { functionsOf } from "./function_table.ts";
import { higherOrderFunctions } from "./higher_order.ts";
import { integerFunctions } from "./integer_format.ts";
import { matchingFunctions } from "./matching.ts";
import { numericFunctions } from "./numeric.ts";
import { objectFunctions } from "./object.ts";
import { stringFunctions } from "./string.ts";

/** By name, without `$`. */
export const builtinFunctions = functionsOf(
  stringFunctions,
  matchingFunctions,
  numericFunctions,
  formatNumberFunctions,
  integerFunctions,
  dateTimeFunctions,
  arrayFunctions,
  objectFunctions,
  higherOrderFunctions,
  awsFunctions,
);
