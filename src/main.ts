#!/usr/bin/env node
/** The `weft` command. */
import { readFileSync } from "node:fs";
import module from "node:module";
import process from "node:process";

/** `DatabaseSync`'s, Effect's and keyv's floor; \`engines\` of package.json says the same. */
const NODE_MIN = "22.19.0";

// Nothing is imported before this is known: an older Node would fail with a stack at something that it does not have.
if (NODE_MIN.localeCompare(process.versions.node, "en", { numeric: true }) > 0) {
  process.stderr.write(
    `weft needs Node ${NODE_MIN} or later (or Deno 2), but this is Node ${process.versions.node}\n` +
      `  npx --yes node@24 ${process.argv[1] ?? "weft"} …   runs it on a Node of its own\n`,
  );
  process.exit(1);
}

// What is loaded from here on comes out of a cache the next time: half the time to start, and no compiler in memory.
module.enableCompileCache?.();
const { lazyHomes, processIo, runCli } = await import("./interfaces/cli/mod.ts");

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  readonly version: string;
};
const homes = lazyHomes(version, async () => (await import("./homes/mod.ts")).cliHomes(version));
process.exitCode = await runCli(process.argv.slice(2), homes, processIo());
