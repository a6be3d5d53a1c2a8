#!/usr/bin/env node
/** The `weft` command. */
import { readFileSync } from "node:fs";
import module from "node:module";
import process from "node:process";

// What is loaded from here on comes out of a cache the next time: half the time to start, and no compiler in memory.
module.enableCompileCache?.();
const [{ cliHomes }, { processIo, runCli }] = await Promise.all([
  import("./homes/mod.ts"),
  import("./interfaces/cli/mod.ts"),
]);

const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  readonly version: string;
};
process.exitCode = await runCli(process.argv.slice(2), cliHomes(manifest.version), processIo());
