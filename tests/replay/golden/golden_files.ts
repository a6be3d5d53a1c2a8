/** The golden files that there are: one folder a release, and the sums of all of them. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Json } from "../../../src/values/mod.ts";

/** Where they are. */
export const folder = fileURLToPath(new URL("../", import.meta.url));
/** `{SHA-256} {release}/{file}`, a line each. */
export const SUMS = "sums.txt";
const MAKERS = "golden";

/** Names of the releases, oldest first. */
export async function releases(): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory() && entry.name !== MAKERS).map(({ name }) => name);
  return names.sort(new Intl.Collator("en", { numeric: true }).compare);
}

/** The values of a file of JSON lines. */
export async function goldenLines<T extends Json>(release: string, name: string): Promise<readonly T[]> {
  const text = await readFile(join(folder, release, name), "utf8");
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as T);
}

/** The lines of {@link SUMS} for a release, as its files are now. */
export async function sumsOf(release: string): Promise<readonly string[]> {
  const names = (await readdir(join(folder, release))).sort();
  return await Promise.all(names.map(async (name) => {
    const bytes = await readFile(join(folder, release, name));
    return `${createHash("sha256").update(bytes).digest("hex")} ${release}/${name}`;
  }));
}

/** The lines of {@link SUMS}. */
export async function recordedSums(): Promise<readonly string[]> {
  const text = await readFile(join(folder, SUMS), "utf8");
  return text.split("\n").filter((line) => line !== "");
}
