/**
 * Adds golden files: what this code writes, keeps and answers, under the name of a release. Never changes those that are there.
 *
 * ```text
 * npm run golden 0.2.0
 * ```
 *
 * A release is cut with its golden files, and whoever changes a format adds some under the version to come, with a word behind it:
 * `0.2.0-paused-tasks`.
 */
import { existsSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { folder, sumsOf } from "../tests/replay/golden/golden_files.ts";
import { SUMS } from "../tests/replay/golden/golden_files.ts";
import { makeGoldenFiles, writeGoldenFiles } from "../tests/replay/golden/make.ts";

const [release = ""] = process.argv.slice(2);
if (!/^\d+\.\d+\.\d+(-[a-z0-9-]+)?$/.test(release)) {
  console.error("Usage: npm run golden RELEASE, such as 0.2.0 or 0.2.0-paused-tasks");
  process.exit(2);
}
if (existsSync(join(folder, release))) {
  console.error(`tests/replay/${release} is there already: golden files are added, never edited; take another name`);
  process.exit(1);
}
await writeGoldenFiles(join(folder, release), await makeGoldenFiles());
await appendFile(join(folder, SUMS), (await sumsOf(release)).map((line) => `${line}\n`).join(""));
console.log(`Added tests/replay/${release}: commit it with tests/replay/${SUMS}`);
process.exit(0);
