import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { codeOf, valueOf } from "./evaluation.ts";

const states = { input: { a: { b: 5 }, items: [{ p: 2, c: 3, n: "x" }, { p: 5, c: 1, n: "y" }] } };

test("evaluateJsonata() reads, computes and builds", () => {
  strictEqual(valueOf("$states.input.a.b", { states }), 5);
  strictEqual(valueOf("$sum($states.input.items.(p * c))", { states }), 11);
  deepStrictEqual(valueOf("$states.input.items^(>p){n: p}", { states }), { x: 2, y: 5 });
  strictEqual(codeOf("1 + 'a'"), "T2002");
});
