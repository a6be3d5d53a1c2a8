import { deepStrictEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { recordedSums, releases, sumsOf } from "./golden/golden_files.ts";

test("golden files are added, never edited", async () => {
  const found = (await Promise.all((await releases()).map(sumsOf))).flat();
  const recorded = await recordedSums();
  const changed = recorded.filter((line) => !found.includes(line));
  deepStrictEqual(
    changed,
    [],
    "These are what a released Weft wrote: bring them back (git checkout), and teach the code to read them by an older version",
  );
  const unknown = found.filter((line) => !recorded.includes(line));
  deepStrictEqual(unknown, [], "Make golden files with: npm run golden RELEASE");
  ok(found.length >= 10);
});
