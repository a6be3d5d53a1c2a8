/** Whether an item passes the condition in `[?( … )]`. Types never mix: a number is not equal to a text. */
import type { Json } from "../../values/mod.ts";
import type { Budget } from "../budget.ts";
import { equalJson } from "../equal_json.ts";
import { placeOf, searchSteps } from "../text_search.ts";
import type { Filter, FilterOperator, Operand } from "./path.ts";

/** The value of an operand: `undefined` when its path finds nothing, or is indefinite and its list is empty. */
export type OperandValue = (operand: Operand) => Json | undefined;

/** True when the condition holds of the values that `valueOf` gives. */
export function holdsFilter(filter: Filter, valueOf: OperandValue, budget: Budget): boolean {
  budget.charge(1);
  switch (filter.kind) {
    case "or":
      return filter.operands.some((operand) => holdsFilter(operand, valueOf, budget));
    case "and":
      return filter.operands.every((operand) => holdsFilter(operand, valueOf, budget));
    case "not":
      return !holdsFilter(filter.operand, valueOf, budget);
    case "exists":
      return valueOf(filter.operand) !== undefined;
    case "compare":
      return compared(filter.operator, valueOf(filter.left), valueOf(filter.right), budget);
  }
}

function compared(
  operator: FilterOperator,
  left: Json | undefined,
  right: Json | undefined,
  budget: Budget,
): boolean {
  switch (operator) {
    case "==":
      return left === undefined || right === undefined ? left === right : equalJson(left, right, budget);
    case "!=":
      return !compared("==", left, right, budget);
    case "<":
      return ordered(left, right, budget, (order) => order < 0);
    case "<=":
      return ordered(left, right, budget, (order) => order <= 0);
    case ">":
      return ordered(left, right, budget, (order) => order > 0);
    case ">=":
      return ordered(left, right, budget, (order) => order >= 0);
    default:
      return comparedAsSet(operator, left, right, budget);
  }
}

function comparedAsSet(
  operator: FilterOperator,
  left: Json | undefined,
  right: Json | undefined,
  budget: Budget,
): boolean {
  switch (operator) {
    case "in":
      return has(right, left, budget);
    case "nin":
      return !has(right, left, budget);
    case "contains":
      return typeof left === "string" && typeof right === "string"
        ? includes(left, right, budget)
        : has(left, right, budget);
    case "subsetof":
      return isList(left) && left.every((value) => has(right, value, budget));
    case "anyof":
      return isList(left) && left.some((value) => has(right, value, budget));
    case "noneof":
      return isList(left) && !left.some((value) => has(right, value, budget));
    case "size":
      return (isList(left) || typeof left === "string") && left.length === right;
    default: // "empty"
      return (isList(left) || typeof left === "string") && (left.length === 0) === right;
  }
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function has(list: Json | undefined, value: Json | undefined, budget: Budget): boolean {
  return isList(list) && value !== undefined && list.some((item) => equalJson(item, value, budget));
}

function includes(text: string, part: string, budget: Budget): boolean {
  budget.charge(searchSteps(text, part));
  return placeOf(text, part) >= 0;
}

function ordered(
  left: Json | undefined,
  right: Json | undefined,
  budget: Budget,
  holds: (order: number) => boolean,
): boolean {
  if (typeof left === "number" && typeof right === "number") return holds(left - right);
  if (typeof left !== "string" || typeof right !== "string") return false;
  budget.chargeText(left);
  return holds(left < right ? -1 : left > right ? 1 : 0);
}
