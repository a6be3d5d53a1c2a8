// Goal: documents that are made from the code say what the code says.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { madeDocuments } from "../../scripts/docs.ts";
import { differences } from "../../scripts/documents/differences.ts";
import { same } from "../../scripts/documents/from_aws.ts";
import { errorDocuments } from "../../scripts/documents/errors.ts";
import { projectFiles, textOf } from "./project_files.ts";

const productFiles = projectFiles().filter((path) => /^(src|actors)\/.*\.ts$/.test(path));
const product = productFiles.map(textOf);

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

test("each name of an error that the product gives has a page, and no page is of another", () => {
  // Functions have names of the same form.
  const others = productFiles.filter((path) => !path.startsWith("src/language/intrinsics/")).map(textOf);
  const given = others.flatMap((text) =>
    [...text.matchAll(/["`]((?:States|Weft|Nats)\.[A-Z][A-Za-z]*(?:\.[A-Z][A-Za-z]+)?)\b/g)].map(([, name = ""]) =>
      name
    )
  );
  const paged = errorDocuments().map(({ path }) => path.slice("docs/errors/".length, -".md".length));
  deepStrictEqual(
    [...new Set(given)].filter((name) => !paged.includes(name)),
    [],
    "Write pages in scripts/documents/errors/",
  );
  const texts = product.join("\n");
  deepStrictEqual(
    paged.slice(1).filter((name) => !texts.includes(name.replace(/^Execution(Failed|Canceled)$/, "Execution${"))),
    [],
    "Nothing in the product has these names",
  );
  const files = projectFiles().filter((path) => path.startsWith("docs/errors/"));
  deepStrictEqual(
    files.map((path) => path.slice("docs/errors/".length, -".md".length)).toSorted(),
    paged.slice(1).toSorted(),
  );
});

test("docs/configuration.md has every variable that the product reads, and no other", () => {
  const read = product.flatMap((text) =>
    [
      /\benv(?:\["|\.)([A-Z][A-Z_]+)/g,
      /"((?:WEFT_(?:AWS|HTTP|NATS|MAP|OBJECTS|T|N)|AWS_|S3_|SFN_|LAMBDA_|WAIT_)[A-Z_]*)"/g,
    ].flatMap((pattern) => [...text.matchAll(pattern)].map(([, name = ""]) => name))
  ).filter((name) => !/^AWS_OWNED|^WEFT_TASKS$|^S3_INVENTORY$/.test(name));
  const table = textOf("docs/configuration.md").split("\n").filter((line) => line.startsWith("| "));
  const told = table.flatMap((line) =>
    [...(line.split(" | ")[1] ?? "").matchAll(/`([A-Z_0-9]+)/g)].map(([, name = ""]) => name)
  );
  deepStrictEqual(
    [...new Set(read)].filter((name) => !told.includes(name)),
    [],
    "Name these in scripts/documents/configuration.ts",
  );
  const texts = product.join("\n");
  const unknown = told.filter((name) => !texts.includes(name) && !name.startsWith("WEFT_LIMIT_"));
  deepStrictEqual(unknown, [], "The product does not read these");
});

for (const { what, shownBy: { file, title } } of same) {
  test(`a test shows what is the same as at AWS: ${what}`, () => {
    ok(textOf(file).includes(title), `Expected "${title}" in ${file}`);
  });
}
