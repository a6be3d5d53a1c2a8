/** The comparison operators of Choice rules in JSONPath. A value of another type than the operator's makes the test false. */
import type { Json } from "../../values/mod.ts";
import { compileStringMatches } from "./string_matches.ts";
import { timestampEpochMs } from "./timestamps.ts";

/** What an operator compares with. */
export type OperandType = "string" | "number" | "boolean" | "timestamp";

/** One comparison operator; each has a variant `…Path` that takes its operand from the input. */
export interface Comparison {
  readonly operand: OperandType;
  readonly holds: (value: Json, operand: Json) => boolean;
}

const orders: readonly (readonly [string, (order: number) => boolean])[] = [
  ["Equals", (order) => order === 0],
  ["LessThan", (order) => order < 0],
  ["GreaterThan", (order) => order > 0],
  ["LessThanEquals", (order) => order <= 0],
  ["GreaterThanEquals", (order) => order >= 0],
];

/** By name: `StringEquals`, `NumericLessThan`, `BooleanEquals`, `TimestampGreaterThanEquals` .. */
export const comparisons: ReadonlyMap<string, Comparison> = new Map<string, Comparison>([
  ...orders.map(([order, holds]) => [`String${order}`, { operand: "string", holds: orderedTexts(holds) }] as const),
  ...orders.map(([order, holds]) => [`Numeric${order}`, { operand: "number", holds: orderedNumbers(holds) }] as const),
  ...orders.map(([order, holds]) =>
    [`Timestamp${order}`, { operand: "timestamp", holds: orderedTimes(holds) }] as const
  ),
  ["BooleanEquals", { operand: "boolean", holds: (value, operand) => typeof value === "boolean" && value === operand }],
]);

/** By name: the tests of presence and type, whose operand is `true` or `false`. */
export const typeTests: ReadonlyMap<string, (value: Json) => boolean> = new Map<string, (value: Json) => boolean>([
  ["IsNull", (value) => value === null],
  ["IsString", (value) => typeof value === "string"],
  ["IsNumeric", (value) => typeof value === "number"],
  ["IsBoolean", (value) => typeof value === "boolean"],
  ["IsTimestamp", (value) => typeof value === "string" && timestampEpochMs(value) !== undefined],
]);

/** `StringMatches` with its pattern compiled; `undefined` for a pattern that is none. */
export function stringMatches(pattern: string): ((value: Json) => boolean) | undefined {
  const matches = compileStringMatches(pattern);
  return matches && ((value) => typeof value === "string" && matches(value));
}

/** True when `value` can be the operand of such an operator. */
export function isOperand(type: OperandType, value: Json): boolean {
  switch (type) {
    case "string":
      return typeof value === "string";
    case "number":
      return typeof value === "number";
    case "boolean":
      return typeof value === "boolean";
    case "timestamp":
      return typeof value === "string" && timestampEpochMs(value) !== undefined;
  }
}

function orderedTexts(holds: (order: number) => boolean): Comparison["holds"] {
  return (value, operand) =>
    typeof value === "string" && typeof operand === "string" && holds(value < operand ? -1 : value > operand ? 1 : 0);
}

function orderedNumbers(holds: (order: number) => boolean): Comparison["holds"] {
  return (value, operand) =>
    typeof value === "number" && typeof operand === "number" && holds(value < operand ? -1 : value > operand ? 1 : 0);
}

function orderedTimes(holds: (order: number) => boolean): Comparison["holds"] {
  return (value, operand) => {
    if (typeof value !== "string" || typeof operand !== "string") return false;
    const [left, right] = [timestampEpochMs(value), timestampEpochMs(operand)];
    return left !== undefined && right !== undefined && holds(left - right);
  };
}
