/** `weft schema`: the JSON Schema of definitions, for editors. */
import type { Command } from "commander";
import { definitionSchema } from "../../../language/mod.ts";
import type { CommandScope } from "../command_scope.ts";
import { type JsonOption, withExamples, withJson } from "../options/connection_options.ts";

/** Adds the command. */
export function addSchemaCommand(program: Command, scope: CommandScope): void {
  const command = program.command("schema")
    .summary("print a JSON Schema of definitions, for editors")
    .description(
      "Prints a JSON Schema (draft 7) of state machines in JSONPath and JSONata: with it an editor completes and checks *.asl.json.",
    );
  withExamples(withJson(command, "print it in one line, and errors as JSON on stderr"), [
    "weft schema > asl.schema.json",
  ]).action(({ json }: JsonOption) => {
    scope.io.stdout.write(`${JSON.stringify(definitionSchema(), undefined, json === true ? undefined : 2)}\n`);
  });
}
