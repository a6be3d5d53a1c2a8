// Goal: documents that are made from the code say what the code says.
import { ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { madeDocuments } from "../../scripts/docs.ts";
import { differences } from "../../scripts/documents/differences.ts";
import { textOf } from "./project_files.ts";

for (const { path, make } of madeDocuments) {
  test(`${path} is what npm run docs makes`, () => {
    strictEqual(textOf(path), make(), "Run `npm run docs`, and read what it changed");
  });
}

for (const { what, shownBy } of differences) {
  if (shownBy === undefined) continue;
  test(`a test shows how Weft differs from AWS: ${what}`, () => {
    ok(textOf(shownBy.file).includes(shownBy.title), `Expected "${shownBy.title}" in ${shownBy.file}`);
  });
}
