/** The binary operators on values. */
import { fail } from "../failure.ts";
import type { Run } from "../limits.ts";
import type { BinaryOperator } from "../syntax/node.ts";
import { concatenate, stringOf } from "../values/text.ts";
import { isArray, isDeepEqual, isNumeric, Sequence, type Value } from "../values/values.ts";

/** What an operator does with the values of its sides. */
export type BinaryFunction = (left: Value, right: Value, run: Run) => Value;

/** `+ - * / %`: nothing on one side gives nothing. */
function arithmetic(token: string, compute: (left: number, right: number) => number): BinaryFunction {
  return (left, right) => {
    if (left !== undefined && !isNumeric(left)) throw fail("T2001", { token, value: left });
    if (right !== undefined && !isNumeric(right)) throw fail("T2002", { token, value: right });
    return left === undefined || right === undefined ? undefined : compute(left, right);
  };
}

/** `< <= > >=`: two strings or two numbers. */
function comparison(
  token: string,
  numbers: (left: number, right: number) => boolean,
  strings: (left: string, right: string) => boolean,
): BinaryFunction {
  return (left, right, run) => {
    if (typeof left === "number" && typeof right === "number") return numbers(left, right);
    if (typeof left === "string" && typeof right === "string") {
      run.charge((left.length + right.length) >> 6);
      return strings(left, right);
    }
    for (const side of [left, right]) {
      if (side !== undefined && typeof side !== "string" && typeof side !== "number") {
        throw fail("T2010", { token, value: side });
      }
    }
    if (left === undefined || right === undefined) return undefined;
    throw fail("T2009", { token, value: left, value2: right });
  };
}

function isEqual(left: Value, right: Value, run: Run): boolean {
  return left !== undefined && right !== undefined && isDeepEqual(left, right, run);
}

function isUnequal(left: Value, right: Value, run: Run): boolean {
  return left !== undefined && right !== undefined && !isDeepEqual(left, right, run);
}

function isMember(left: Value, right: Value, run: Run): boolean {
  if (left === undefined || right === undefined) return false;
  if (!isArray(right)) return left === right;
  run.charge(right.length * (1 + (typeof left === "string" ? left.length >> 6 : 0)));
  return right.includes(left);
}

function joinStrings(left: Value, right: Value, run: Run): string {
  return concatenate(stringOf(left, run), stringOf(right, run), run);
}

/** The most that JSONata itself allows in one range. */
const RANGE_LENGTH_MAX = 1e7;

/** `[first..last]`: integers, both ends included; nothing when there are none. */
export function rangeOf(first: Value, last: Value, run: Run): Value {
  if (first !== undefined && !Number.isInteger(first)) throw fail("T2003", { value: first });
  if (last !== undefined && !Number.isInteger(last)) throw fail("T2004", { value: last });
  if (typeof first !== "number" || typeof last !== "number" || first > last) return undefined;
  const length = last - first + 1;
  if (length > RANGE_LENGTH_MAX) throw fail("D2014", { value: length });
  run.reserveArray(length);
  const range = new Sequence();
  for (let index = 0; index < length; index++) range.push(first + index);
  return range;
}

/** By operator; `and` and `or` are not here, since they may leave their right side alone. */
export const binaryFunctions: Readonly<Record<Exclude<BinaryOperator, "and" | "or">, BinaryFunction>> = {
  "+": arithmetic("+", (left, right) => left + right),
  "-": arithmetic("-", (left, right) => left - right),
  "*": arithmetic("*", (left, right) => left * right),
  "/": arithmetic("/", (left, right) => left / right),
  "%": arithmetic("%", (left, right) => left % right),
  "=": isEqual,
  "!=": isUnequal,
  "<": comparison("<", (left, right) => left < right, (left, right) => left < right),
  "<=": comparison("<=", (left, right) => left <= right, (left, right) => left <= right),
  ">": comparison(">", (left, right) => left > right, (left, right) => left > right),
  ">=": comparison(">=", (left, right) => left >= right, (left, right) => left >= right),
  "&": joinStrings,
  "..": rangeOf,
  in: isMember,
};
