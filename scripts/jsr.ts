#!/usr/bin/env node
/**
 * `npm run jsr [-- FOLDER]`: makes the package of JSR out of `dist/`, in `.cache/jsr` unless another folder is named (ADR 0037). There
 * `deno publish --dry-run` shows whether JSR would take it.
 *
 * JSR serves modules from addresses, not files: what reads files beside itself (the command, the console) is npm's alone.
 */
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import process from "node:process";
import { entryPoints } from "./build/entry_points.ts";
import { root } from "./test_run.ts";

const ALWAYS_COPIED = ["README.md", "LICENSE", "CHANGELOG.md"];

/** Makes the package in a folder, which is emptied. */
export async function makeJsrPackage(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const built = (await readdir(join(root, "dist"))).filter((path) => /\.(js|d\.ts|txt)$/.test(path));
  for (const path of ALWAYS_COPIED) await cp(join(root, path), join(folder, path));
  for (const path of built) {
    if (path === "main.js") continue;
    const text = await readFile(join(root, "dist", path), "utf8");
    await writeFile(join(folder, path), path.endsWith(".d.ts") ? withoutDirectives(text) : withTypes(path, text));
  }
  // Types that several entry points share are imported from beside a module that has nothing else.
  for (const path of built.filter((name) => /\.d-[\w-]+\.d\.ts$/.test(name))) {
    const module = path.replace(/\.d\.ts$/, ".js");
    await writeFile(join(folder, module), `/* @ts-self-types="./${path}" */\nexport {};\n`);
  }
  await writeFile(join(folder, "jsr.json"), `${JSON.stringify(await manifest(), undefined, 2)}\n`);
}

/** The libraries by the names that they have on npm too. */
async function manifest() {
  const { name, version, license }: { readonly name: string; readonly version: string; readonly license: string } = JSON
    .parse(await readFile(join(root, "package.json"), "utf8"));
  const exports = libraries.map((entry) => [entry === "mod" ? "." : `./${entry}`, `./${entry}.js`]);
  // Nothing of the folder is left out, although the repository ignores it.
  return { name, version, license, exports: Object.fromEntries(exports), publish: { exclude: ["!**"] } };
}

const { main: _, ...others } = entryPoints;
const libraries = Object.keys(others);

/** JSR refuses directives that widen the reader's globals; Deno has them anyway. */
function withoutDirectives(types: string): string {
  return types.replace(/^\/\/\/ <reference .*\n/gm, "");
}

function withTypes(path: string, code: string): string {
  const entry = libraries.find((name) => path === `${name}.js`);
  return entry === undefined ? code : `/* @ts-self-types="./${entry}.d.ts" */\n${code}`;
}

if (import.meta.main) {
  const folder = resolve(process.argv[2] ?? join(root, ".cache", "jsr"));
  await makeJsrPackage(folder);
  process.stdout.write(`${folder}\n`);
}
