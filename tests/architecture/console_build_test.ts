// Goal: the console's page that is served is the one that its sources make.
// Method: it is built again, by the packages of the lockfile, and compared.
import { deepStrictEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { builtConsole } from "../../scripts/console.ts";
import { projectFiles, textOf } from "./project_files.ts";

const BUILT = "src/interfaces/console/built/";
/** What a browser loads at most, bytes compressed. */
const TRANSFER_BYTES_MAX = 512_000;

test("the console's built files are what npm run console makes", async () => {
  const made = await builtConsole();
  const there = projectFiles().filter((path) => path.startsWith(BUILT));
  deepStrictEqual(there, [...made.keys()].map((name) => BUILT + name).toSorted(), "Run `npm run console`");
  const stale = [...made].filter(([name, text]) => textOf(BUILT + name) !== text).map(([name]) => name);
  deepStrictEqual(stale, [], "Run `npm run console`, and commit what it made");
});

test("the console is small", () => {
  const bytes = projectFiles().filter((path) => path.startsWith(BUILT)).map((path) => gzipSync(textOf(path)).length);
  const sum = bytes.reduce((before, it) => before + it, 0);
  ok(sum <= TRANSFER_BYTES_MAX, `Expected at most ${TRANSFER_BYTES_MAX} bytes compressed, but got ${sum}`);
});
