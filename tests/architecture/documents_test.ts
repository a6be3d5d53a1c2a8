// Goal: documents that are made from the code say what the code says.
import { strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { madeDocuments } from "../../scripts/docs.ts";
import { textOf } from "./project_files.ts";

for (const { path, make } of madeDocuments) {
  test(`${path} is what npm run docs makes`, () => {
    strictEqual(textOf(path), make(), "Run `npm run docs`, and read what it changed");
  });
}
