/** `weft types`: TypeScript types of the handlers that a definition asks for, so that one that is missing does not compile. */
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import { validateDefinition } from "../../../language/mod.ts";
import { isJsonObject, type Json } from "../../../values/mod.ts";
import type { CommandScope } from "../command_scope.ts";
import { readTextFile } from "../input/read_input.ts";
import { withExamples } from "../options/connection_options.ts";
import { CliFailure } from "../output/failure.ts";

interface TypesFlags {
  readonly stdout?: boolean;
}

/** Adds the command. */
export function addTypesCommand(program: Command, scope: CommandScope): void {
  const command = program.command("types")
    .summary("write the types of the handlers that a definition asks for")
    .description(
      "Writes FILE.d.ts beside a definition FILE.json: a type Handlers with a function for each Resource of its Task states.\n" +
        "What AWS's services and other integrations do may be left out of it; everything else may not.",
    )
    .argument("<file>", "file with the state machine")
    .option("--stdout", "print the types instead");
  withExamples(command, ["weft types order.asl.json", "weft types order.asl.json --stdout"])
    .action((file: string, flags: TypesFlags) => writeTypes(scope, file, flags));
}

async function writeTypes({ io }: CommandScope, file: string, flags: TypesFlags): Promise<void> {
  const { text } = await readTextFile(io, file);
  const wrong = validateDefinition(text).find(({ severity }) => severity === "ERROR");
  if (wrong !== undefined) {
    throw new CliFailure(`"${file}" is no valid definition: ${wrong.message}`, {
      code: "InvalidDefinition",
      hint: `weft validate ${file} shows everything that is wrong with it.`,
    });
  }
  const types = handlerTypes(JSON.parse(text));
  if (flags.stdout === true || file === "-") return void io.stdout.write(types);
  const path = `${file.replace(/\.json$/, "")}.d.ts`;
  await writeFile(resolve(io.cwd, path), types);
  io.stderr.write(`Wrote ${path}\n`);
}

/** A module's text with the type `Handlers`, resources in the order of their names. */
export function handlerTypes(definition: Json): string {
  const statesByResource = new Map<string, string[]>();
  collect(definition, statesByResource);
  const lines = [...statesByResource].sort(([left], [right]) => left < right ? -1 : 1).map(([resource, states]) => {
    const isOptional = /^(arn:aws|nats:|http)/.test(resource);
    const key = JSON.stringify(resource);
    const what = states.map((name) => JSON.stringify(name).replaceAll("*/", "*\\/")).join(", ");
    return `  /** ${what} */\n  readonly ${key}${isOptional ? "?" : ""}: TaskHandler;\n`;
  });
  return 'import type { TaskHandler } from "@weft-dev/weft";\n\n' +
    "/** What the Task states ask for, by Resource. Made by `weft types`. */\n" +
    `export interface Handlers {\n${lines.join("")}}\n`;
}

function collect(machine: Json, found: Map<string, string[]>): void {
  const states = isJsonObject(machine) ? machine["States"] : undefined;
  if (!isJsonObject(states)) return;
  for (const [name, state] of Object.entries(states)) {
    if (!isJsonObject(state)) continue;
    const { Resource: resource, Branches: branches, ItemProcessor: processor, Iterator: iterator } = state;
    if (typeof resource === "string") {
      const known = found.get(resource);
      if (known === undefined) found.set(resource, [name]);
      else known.push(name);
    }
    for (const inner of [processor, iterator, ...(Array.isArray(branches) ? branches : [])]) {
      if (inner !== undefined) collect(inner, found);
    }
  }
}
