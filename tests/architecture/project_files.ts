import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The project's folder, with `/` at its end. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** Folders that hold nothing written by hand: those of `.gitignore`, and git's own. */
const leftOut = [".git", "node_modules", ".cache", ".weft", "coverage", "dist"];

/** Paths from the root of all files of the project, in order. */
export function projectFiles(folder = ""): readonly string[] {
  const entries = readdirSync(root + folder, { withFileTypes: true });
  return entries.flatMap((entry) => {
    const path = folder + entry.name;
    if (entry.isDirectory()) return leftOut.includes(entry.name) ? [] : projectFiles(`${path}/`);
    return entry.isFile() ? [path] : [];
  }).toSorted();
}

/** The text of one of the project's files. */
export function textOf(path: string): string {
  return readFileSync(root + path, "utf8");
}

/** The path of a program that the project's own dependencies bring: `node`, `deno`, `tsc`. */
export function programPath(name: string): string {
  return `${root}node_modules/.bin/${name}`;
}
