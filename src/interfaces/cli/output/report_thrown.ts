/** What a command threw, told on stderr. Loaded when there is something to tell. */
import { type Command, CommanderError } from "commander";
import type { TextSink } from "../io.ts";
import { asCliFailure, CliFailure, reportFailure } from "./failure.ts";
import type { Paint } from "./paint.ts";

/** Where it is told, and what was asked for. */
export interface ThrownReport {
  readonly stderr: TextSink;
  readonly paint: Paint;
  readonly program: Command;
  readonly argv: readonly string[];
}

/** Tells of it, as text or with `--json` as JSON; the exit status. */
export function reportThrown(thrown: unknown, { stderr, paint, program, argv }: ThrownReport): number {
  const failure = thrown instanceof CommanderError ? usageOf(program, argv, thrown) : asCliFailure(thrown);
  reportFailure(failure, stderr, paint, argv.includes("--json"));
  return failure.exitCode;
}

/** Commander's complaint in our form, with the command whose help to read. */
function usageOf(program: Command, argv: readonly string[], thrown: CommanderError): CliFailure {
  const path = commandPath(program, argv);
  const message = thrown.code === "commander.help"
    ? "Expected a command"
    : thrown.message.replace(/^error: /, "").trim();
  const [first = "", ...rest] = message.split("\n").filter((line) => line.trim() !== "");
  const suggestion = rest.map((line) => line.trim().replace(/^\((.*)\)$/, "$1")).join(" ");
  return new CliFailure(`${first.charAt(0).toUpperCase()}${first.slice(1)}`, {
    code: "Usage",
    exitCode: 2,
    hint: `${suggestion === "" ? "" : `${suggestion} `}${path} --help shows what there is.`,
    cause: thrown,
  });
}

function commandPath(program: Command, argv: readonly string[]): string {
  let command = program;
  const names = [program.name()];
  for (const word of argv) {
    const next = command.commands.find((one) => one.name() === word);
    if (next === undefined) break;
    command = next;
    names.push(word);
  }
  return names.join(" ");
}
