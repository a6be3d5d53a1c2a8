import { deepStrictEqual } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { examples } from "../../../examples/manifest.ts";
import { validateDefinition } from "../../../src/language/mod.ts";

for (const { name, definition } of examples) {
  test(`validateDefinition() finds nothing in examples/${name}`, () => {
    deepStrictEqual(validateDefinition(readFileSync(definition, "utf8")), []);
  });
}
