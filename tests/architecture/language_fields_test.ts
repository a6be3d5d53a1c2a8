// Goal: a field that the language reads does something. Method: its name stands in code that evaluates or runs states.
import { deepStrictEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { isIn, queryLanguages } from "../../src/language/definition/table/field.ts";
import { stateTypes } from "../../src/language/definition/table/state_types.ts";
import { commonShape, stateShapes } from "../../src/language/definition/table/states.ts";
import { projectFiles, textOf } from "./project_files.ts";

/** Read while the definition is, and done with then. */
const doneWhenRead: ReadonlySet<string> = new Set(["Comment", "End", "Iterator"]);

const fields = [commonShape, ...Object.values(stateShapes)].flatMap(({ fields }) => Object.entries(fields));

test("every field of a state is evaluated or used by somebody", () => {
  const users = projectFiles().filter((path) =>
    /^(src|actors)\/.*\.ts$/.test(path) && !path.startsWith("src/language/definition/") &&
    path !== "src/language/types.ts"
  ).map(textOf);
  const unused = [...new Set(fields.map(([name]) => name))].filter((name) =>
    !doneWhenRead.has(name) &&
    !users.some((text) => new RegExp(`\\.${name}\\b|"${name}"|\\{.*\\b${name}\\b.*\\}`).test(text))
  );
  deepStrictEqual(
    unused,
    [],
    "Evaluate the field in src/language/evaluation/, and use it where its state runs, in actors/activity/states/",
  );
});

test("every field of a state can stand in some state, and says what it is for", () => {
  for (const [name, row] of fields) {
    ok(queryLanguages.some((language) => isIn(language, row)), `Expected ${name} to be in a query language`);
    ok((("types" in row ? row.types : undefined) ?? stateTypes).length > 0, `Expected ${name} to be in a state type`);
    ok(/^[A-Z`].*[.]$/.test(row.about), `Expected a sentence about ${name} in its row, but got "${row.about}"`);
  }
});
