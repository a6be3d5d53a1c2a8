import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { definitionSchema } from "../../../../src/language/mod.ts";
import { weft } from "../../../support/cli/weft.ts";

test("weft schema prints the schema of definitions, indented, or in one line with --json", async () => {
  const { code, out, err } = await weft(["schema"]);
  deepStrictEqual([code, err], [0, ""]);
  deepStrictEqual(JSON.parse(out), definitionSchema());
  strictEqual(out.split("\n")[1], '  "$schema": "http://json-schema.org/draft-07/schema#",');
  const oneLine = await weft(["schema", "--json"]);
  deepStrictEqual(JSON.parse(oneLine.out), definitionSchema());
  strictEqual(oneLine.out.trim().split("\n").length, 1);
});
