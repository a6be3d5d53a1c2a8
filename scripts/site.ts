#!/usr/bin/env node
/** `npm run site`: makes the documents' site in `.cache/site` by VitePress, which is installed in `site/` for that alone (ADR 0037). A dead link fails it. */
import { existsSync } from "node:fs";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { spawnSync } from "node:child_process";
import { root } from "./test_run.ts";

const folder = join(root, "site");
await rm(join(folder, "docs"), { recursive: true, force: true });
await cp(join(root, "docs"), join(folder, "docs"), { recursive: true });
const options = { cwd: folder, stdio: "inherit" } as const;
const isInstalled = existsSync(join(folder, "node_modules", "vitepress"));
const installed = isInstalled ? 0 : spawnSync("npm", ["ci", "--no-audit", "--no-fund"], options).status;
const program = join(folder, "node_modules", "vitepress", "bin", "vitepress.js");
const built = installed === 0 ? spawnSync(process.execPath, [program, "build", "."], options).status : installed;
await rm(join(folder, "docs"), { recursive: true, force: true });
process.exitCode = built ?? 1;
