/** Whether an item passes the condition in `[?( … )]`. Types never mix: a number is not equal to a text. */
import type { Json } from "../../values/mod.ts";
import { equalJson } from "../equal_json.ts";
import type { Filter, FilterOperator, Operand } from "./path.ts";
import { PathMissing, readFrom, type Reading, readPath } from "./read_path.ts";

/** True when `item` passes. Pure but for the reading's budget. */
export function passesFilter(filter: Filter, item: Json, reading: Reading): boolean {
  reading.visitsLeft--;
  switch (filter.kind) {
    case "or":
      return filter.operands.some((operand) => passesFilter(operand, item, reading));
    case "and":
      return filter.operands.every((operand) => passesFilter(operand, item, reading));
    case "not":
      return !passesFilter(filter.operand, item, reading);
    case "exists":
      return operandValue(filter.operand, item, reading) !== undefined;
    case "compare":
      return compared(
        filter.operator,
        operandValue(filter.left, item, reading),
        operandValue(filter.right, item, reading),
      );
  }
}

/** `undefined`: the path finds nothing, or is indefinite and its list is empty. */
function operandValue(operand: Operand, item: Json, reading: Reading): Json | undefined {
  if (operand.kind === "literal") return operand.value;
  if (reading.visitsLeft < 0) return undefined;
  const value = operand.kind === "item" ? readFrom(operand.path, item, reading) : readPath(operand.path, reading.view);
  if (value instanceof PathMissing) return undefined;
  return !operand.path.definite && Array.isArray(value) && value.length === 0 ? undefined : value;
}

function compared(operator: FilterOperator, left: Json | undefined, right: Json | undefined): boolean {
  switch (operator) {
    case "==":
      return left === undefined || right === undefined ? left === right : equalJson(left, right);
    case "!=":
      return !compared("==", left, right);
    case "<":
      return ordered(left, right, (order) => order < 0);
    case "<=":
      return ordered(left, right, (order) => order <= 0);
    case ">":
      return ordered(left, right, (order) => order > 0);
    case ">=":
      return ordered(left, right, (order) => order >= 0);
    default:
      return comparedAsSet(operator, left, right);
  }
}

function comparedAsSet(operator: FilterOperator, left: Json | undefined, right: Json | undefined): boolean {
  switch (operator) {
    case "in":
      return has(right, left);
    case "nin":
      return !has(right, left);
    case "contains":
      return typeof left === "string" && typeof right === "string" ? left.includes(right) : has(left, right);
    case "subsetof":
      return isList(left) && left.every((value) => has(right, value));
    case "anyof":
      return isList(left) && left.some((value) => has(right, value));
    case "noneof":
      return isList(left) && !left.some((value) => has(right, value));
    case "size":
      return (isList(left) || typeof left === "string") && left.length === right;
    default: // "empty"
      return (isList(left) || typeof left === "string") && (left.length === 0) === right;
  }
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function has(list: Json | undefined, value: Json | undefined): boolean {
  return isList(list) && value !== undefined && list.some((item) => equalJson(item, value));
}

function ordered(left: Json | undefined, right: Json | undefined, holds: (order: number) => boolean): boolean {
  if (typeof left === "number" && typeof right === "number") return holds(left - right);
  if (typeof left === "string" && typeof right === "string") return holds(left < right ? -1 : left > right ? 1 : 0);
  return false;
}
