/** Functions at the end of a path, such as `$.items.length()`: Jayway's, without those that need more than the values read. */
import type { Json } from "../../values/mod.ts";
import { type Budget, ResultTooLarge } from "../budget.ts";

type PathFunction = (value: Json, parameters: readonly Json[]) => Json | undefined;

/** Characters that `concat()` makes at most. */
const CONCATENATED_CHARACTERS_MAX = 1_048_576;

/** `undefined` stands for "no result": the path finds nothing. */
const pathFunctions: ReadonlyMap<string, PathFunction> = new Map<string, PathFunction>([
  ["length", (value) => sizeOf(value)],
  ["size", (value) => sizeOf(value)],
  ["min", (value, parameters) => aggregate(value, parameters, (numbers) => numbers.reduce((a, b) => Math.min(a, b)))],
  ["max", (value, parameters) => aggregate(value, parameters, (numbers) => numbers.reduce((a, b) => Math.max(a, b)))],
  ["sum", (value, parameters) => aggregate(value, parameters, sum)],
  ["avg", (value, parameters) => aggregate(value, parameters, (numbers) => sum(numbers) / numbers.length)],
  ["stddev", (value, parameters) => aggregate(value, parameters, standardDeviation)],
  ["first", (value) => Array.isArray(value) ? value[0] : undefined],
  ["last", (value) => Array.isArray(value) ? value.at(-1) : undefined],
  ["index", (value, [index]) => Array.isArray(value) && typeof index === "number" ? value.at(index) : undefined],
  [
    "keys",
    (value) => value !== null && typeof value === "object" && !Array.isArray(value) ? Object.keys(value) : undefined,
  ],
  ["concat", concatenated],
  ["append", (value, parameters) => Array.isArray(value) ? [...value, ...parameters] : value],
]);

/** True when a path may end with `.name()`. */
export function isPathFunction(name: string): boolean {
  return pathFunctions.has(name);
}

/** The function's value; `undefined` when it has none for this input. */
export function callPathFunction(
  name: string,
  value: Json,
  parameters: readonly Json[],
  budget: Budget,
): Json | undefined {
  budget.charge(1 + parameters.length + (value !== null && typeof value === "object" ? Object.keys(value).length : 0));
  return pathFunctions.get(name)?.(value, parameters);
}

function sizeOf(value: Json): number | undefined {
  if (Array.isArray(value)) return value.length;
  return value !== null && typeof value === "object" ? Object.keys(value).length : undefined;
}

function aggregate(
  value: Json,
  parameters: readonly Json[],
  fold: (numbers: readonly number[]) => number,
): Json | undefined {
  const numbers = [...(Array.isArray(value) ? value : []), ...parameters.flat()].filter((item) =>
    typeof item === "number"
  );
  const folded = numbers.length === 0 ? undefined : fold(numbers);
  return Number.isFinite(folded) ? folded : undefined;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function standardDeviation(numbers: readonly number[]): number {
  const mean = sum(numbers) / numbers.length;
  return Math.sqrt(sum(numbers.map((number) => (number - mean) ** 2)) / numbers.length);
}

function concatenated(value: Json, parameters: readonly Json[]): Json {
  const texts = [...(Array.isArray(value) ? value : []), ...parameters].filter((item) => typeof item === "string");
  let characters = 0;
  for (const text of texts) characters += text.length;
  if (characters > CONCATENATED_CHARACTERS_MAX) throw new ResultTooLarge();
  return texts.join("");
}
