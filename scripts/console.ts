#!/usr/bin/env node
/**
 * `npm run console`: builds the console's page from `src/interfaces/console/app/` into `src/interfaces/console/built/`, which is committed, so that
 * Weft needs no build. A test of the architecture builds it again and compares.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { build } from "esbuild";
import { root } from "./test_run.ts";

const APP = `${root}src/interfaces/console/app/`;
const BUILT = `${root}src/interfaces/console/built/`;

/** The page's files by name, as the sources and the packages of the lockfile make them: the same every time. */
export async function builtConsole(): Promise<ReadonlyMap<string, string>> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: { console: "src/interfaces/console/app/main.tsx" },
    outdir: "built",
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: ["es2022"],
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    charset: "utf8",
    logLevel: "error",
    tsconfigRaw: "{}",
  });
  const files = new Map(outputFiles.map(({ path, text }) => [path.slice(path.lastIndexOf("/") + 1), text]));
  const styles = await build({
    absWorkingDir: root,
    entryPoints: ["src/interfaces/console/app/console.css"],
    minify: true,
    write: false,
    outdir: "built",
    logLevel: "error",
  });
  for (const { text } of styles.outputFiles) files.set("console.css", text);
  for (const name of ["index.html", "icon.svg"]) files.set(name, await readFile(APP + name, "utf8"));
  return files;
}

if (import.meta.main) {
  await mkdir(BUILT, { recursive: true });
  for (const [name, text] of await builtConsole()) {
    await writeFile(BUILT + name, text);
    process.stdout.write(`${name}: ${text.length} characters\n`);
  }
}
