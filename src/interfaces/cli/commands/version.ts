/** `weft version`: which Weft this is, and what it runs on. */
import process from "node:process";
import type { Command } from "commander";
import type { CommandScope } from "../command_scope.ts";
import { type JsonOption, withExamples, withJson } from "../options/connection_options.ts";
import { printJson } from "../output/print.ts";

/** Adds the command. */
export function addVersionCommand(program: Command, scope: CommandScope): void {
  const command = program.command("version")
    .summary("print the version, and that of the runtime")
    .description("Prints which Weft this is and what it runs on. The same first line as --version.");
  withExamples(withJson(command), ["weft version", "weft version --json"]).action((flags: JsonOption) => {
    const { homes: { version }, io } = scope;
    const runtime = runtimeOf(process.versions);
    if (flags.json === true) return printJson(io, { version, ...runtime });
    io.stdout.write(`${version}\n${runtime.runtime} ${runtime.runtimeVersion}, ${process.platform} ${process.arch}\n`);
  });
}

/** Deno says which Node it stands in for, and its own version beside it. */
function runtimeOf(versions: Readonly<Record<string, string | undefined>>) {
  return versions["deno"] === undefined
    ? { runtime: "Node", runtimeVersion: versions["node"] }
    : { runtime: "Deno", runtimeVersion: versions["deno"] };
}
