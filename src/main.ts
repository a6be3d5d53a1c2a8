#!/usr/bin/env node
/** The `weft` command. */
import { readFileSync } from "node:fs";
import process from "node:process";
import { cliHomes } from "./homes/mod.ts";
import { processIo, runCli } from "./interfaces/cli/mod.ts";

const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  readonly version: string;
};
process.exitCode = await runCli(process.argv.slice(2), cliHomes(manifest.version), processIo());
