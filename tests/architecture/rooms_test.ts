// Goal: rooms that can be lived in: no folder with too many files, no file that nobody reads to its end.
// Method: a limit for both, and those that are over it today by name; who mends one takes it from the list.
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import { projectFiles, textOf } from "./project_files.ts";

const FILES_IN_FOLDER_MAX = 20;
const PRODUCT_LINES_MAX = 400;
const OTHER_LINES_MAX = 600;

/** Over the limit, and known. Nothing enters these lists. */
const fullFolders: readonly string[] = [];
const longFiles: readonly string[] = [];

const typescriptFiles = projectFiles().filter((path) => path.endsWith(".ts"));

test(`a folder has at most ${FILES_IN_FOLDER_MAX} files of code`, () => {
  const folders = Map.groupBy(typescriptFiles, (path) => path.slice(0, path.lastIndexOf("/")));
  const full = [...folders].filter(([, files]) => files.length > FILES_IN_FOLDER_MAX).map(([folder]) => folder);
  deepStrictEqual(
    full.toSorted(),
    fullFolders,
    "Put what belongs together into a folder of its own, named after it; take what is mended from fullFolders",
  );
});

test(`a file has at most ${PRODUCT_LINES_MAX} lines in the product, ${OTHER_LINES_MAX} elsewhere`, () => {
  const long = typescriptFiles.filter((path) => {
    const isProduct = /^(src|actors)\//.test(path);
    return textOf(path).trimEnd().split("\n").length > (isProduct ? PRODUCT_LINES_MAX : OTHER_LINES_MAX);
  });
  deepStrictEqual(
    long,
    longFiles,
    "Split these by command, state type or adapter; take what is mended from longFiles",
  );
});
