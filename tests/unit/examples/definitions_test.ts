import { deepStrictEqual } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { examples } from "../../../examples/manifest.ts";
import { validateDefinition } from "../../../src/language/mod.ts";
import { schemaFindings } from "../../support/language/definition_schema.ts";

for (const { name, definition } of examples) {
  test(`validateDefinition() finds nothing in examples/${name}, nor does the schema of editors`, () => {
    const text = readFileSync(definition, "utf8");
    deepStrictEqual(validateDefinition(text), []);
    deepStrictEqual(schemaFindings(JSON.parse(text)), []);
  });
}
