import { deepStrictEqual, throws } from "node:assert/strict";
import { test } from "node:test";
import { parseJson } from "../../../src/values/mod.ts";

for (const text of ["1e400", '{"a":[-1e309]}', `[${"9".repeat(400)}]`, "1.0E+9999"]) {
  test(`parseJson() refuses a number out of range: ${text.slice(0, 20)}`, () => {
    throws(() => parseJson(text), SyntaxError);
  });
}

test("parseJson() reads what JSON holds", () => {
  const values = [1.7e308, -1.7e308, 5e-324, 0, "1e400", "9".repeat(400), { "1e999": [null, true] }];
  deepStrictEqual(parseJson(JSON.stringify(values)), values);
  deepStrictEqual(parseJson("[1e-400, 1e+100]"), [0, 1e100]);
  throws(() => parseJson("{"), SyntaxError);
});
