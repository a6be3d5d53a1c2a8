/** Expressions over `$d` and `$e`, for which we must agree with the jsonata package: value, nothing, or failure with the same code. */
import type { Json } from "../../../../src/values/mod.ts";
import { dateCases } from "./cases/dates.ts";
import { functionCases } from "./cases/functions.ts";
import { numberCases } from "./cases/numbers.ts";
import { operatorCases } from "./cases/operators.ts";
import { pathCases } from "./cases/paths.ts";
import { stringCases } from "./cases/strings.ts";
import { structureCases } from "./cases/structure.ts";

/** Values for `$d` and `$e`. */
export const differentialInputs: readonly Readonly<Record<string, Json>>[] = [
  {
    d: {
      name: "order",
      n: 3,
      f: 2.5,
      t: true,
      nil: null,
      empty: [],
      one: ["only"],
      nums: [3, 1, 2, 2],
      words: ["pear", "apple", "fig"],
      mixed: [1, "a", null, true, [2], { x: 1 }],
      nested: [[1, 2], [3, [4]], 5],
      items: [
        { id: "a", price: 10, qty: 2, tags: ["x", "y"], owner: { name: "ann", age: 30 } },
        { id: "b", price: 5.5, qty: 1, tags: ["y"], owner: { name: "bob", age: 25 } },
        { id: "c", price: 10, qty: 7, tags: [], owner: { name: "ann", age: 30 } },
        { id: "d", price: 1, tags: ["z", "x"] },
      ],
      deep: { a: { b: { c: [{ d: 1 }, { d: 2, e: { d: 3 } }] } } },
      "odd key": { "a.b": 1 },
      text: "The quick brown fox, the lazy dog",
      when: "2024-02-29T13:05:09.045Z",
    },
    e: { b: [10, 20], k: "id", limit: 5 },
  },
  { d: { items: { id: "solo", price: 4, qty: 1, tags: ["x"] }, nums: 7, words: "w", n: "3", name: "", f: -0.5 }, e: 2 },
  { d: [{ items: [{ id: "p", price: 1, qty: 1 }], n: 1 }, { items: [{ id: "q", price: 2 }], n: 2 }], e: [] },
  { d: "plain", e: null },
  { e: {} },
];

/** One expression a line; a line that ends inside parentheses goes on. */
function expressionsOf(text: string): string[] {
  const expressions: string[] = [];
  let open = "";
  for (const line of text.split("\n")) {
    if (open === "" && line !== "(") {
      if (line !== "") expressions.push(line);
      continue;
    }
    open += `${line}\n`;
    if (line === ")") {
      expressions.push(open);
      open = "";
    }
  }
  return expressions;
}

/** All expressions, by feature. */
export const differentialExpressions: Readonly<Record<string, readonly string[]>> = {
  paths: expressionsOf(pathCases),
  operators: expressionsOf(operatorCases),
  "functions and lambdas": expressionsOf(functionCases),
  strings: expressionsOf(stringCases),
  numbers: expressionsOf(numberCases),
  dates: expressionsOf(dateCases),
  "structure and syntax": expressionsOf(structureCases),
};
