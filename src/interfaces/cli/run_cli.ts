/** The command line: arguments in, exit status out. */
import { Command, CommanderError } from "commander";
import type { CommandScope } from "./command_scope.ts";
import { addDoctorCommand } from "./commands/doctor.ts";
import { addExecutionCommands } from "./commands/executions.ts";
import { addInitCommand } from "./commands/init.ts";
import { addImportCommand } from "./commands/import.ts";
import { addMonitorCommand } from "./commands/monitor.ts";
import { addRunCommand } from "./commands/run.ts";
import { addSchemaCommand } from "./commands/schema.ts";
import { addServeCommands } from "./commands/serve.ts";
import { addStartCommand } from "./commands/start.ts";
import { addTypesCommand } from "./commands/types.ts";
import { addValidateCommand } from "./commands/validate.ts";
import { addVersionCommand } from "./commands/version.ts";
import { addWorkerCommand } from "./commands/worker.ts";
import { addWorkflowCommands } from "./commands/workflows.ts";
import { asCliFailure, CliFailure, reportFailure } from "./output/failure.ts";
import type { Homes } from "./homes.ts";
import type { CliIo } from "./io.ts";
import { paintFor } from "./output/paint.ts";

/**
 * Runs one command.
 *
 * Never rejects and never ends the process: failures are on stderr when it resolves.
 *
 * @param argv Arguments alone, without the runtime and the script
 * @returns The exit status: 0 as wished; 1 failed; 2 wrong use; 128 + the signal's number after a signal that broke the work off
 *
 * @example
 * ```ts ignore
 * process.exitCode = await runCli(process.argv.slice(2), homes, processIo());
 * ```
 */
export async function runCli(argv: readonly string[], homes: Homes, io: CliIo): Promise<number> {
  const scope: CommandScope = {
    io,
    homes,
    paint: paintFor(io.stdout, io.env),
    errPaint: paintFor(io.stderr, io.env),
    exitCode: 0,
  };
  const program = makeProgram(scope);
  try {
    await program.parseAsync([...argv], { from: "user" });
    return scope.exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0;
    const failure = thrown instanceof CommanderError ? usageOf(program, argv, thrown) : asCliFailure(thrown);
    reportFailure(failure, io.stderr, scope.errPaint, argv.includes("--json"));
    return failure.exitCode;
  }
}

function makeProgram(scope: CommandScope): Command {
  const { io, homes } = scope;
  const program = new Command("weft")
    .description("Weft: Step Functions that you can run yourself, embedded or on NATS.")
    .version(homes.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand("help [command]", "print help of a command")
    .configureHelp({
      subcommandTerm: (command) =>
        `${command.name()} ${command.usage()}`.replace("[options] [command]", "…").replace("[options] ", ""),
    })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      // Told by `runCli`, as text or as JSON.
      outputError: () => {},
      getOutHelpWidth: () => Math.min(io.stdout.columns, 120),
      getErrHelpWidth: () => Math.min(io.stderr.columns, 120),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride();
  program.commandsGroup("Run here:");
  addInitCommand(program, scope);
  addRunCommand(program, scope);
  addValidateCommand(program, scope);
  addSchemaCommand(program, scope);
  addTypesCommand(program, scope);
  program.commandsGroup("Servers and workers:");
  addServeCommands(program, scope);
  addWorkerCommand(program, scope);
  addDoctorCommand(program, scope);
  program.commandsGroup("Ask a server:");
  addStartCommand(program, scope);
  addExecutionCommands(program, scope);
  addWorkflowCommands(program, scope);
  addImportCommand(program, scope);
  addMonitorCommand(program, scope);
  program.commandsGroup("About:");
  addVersionCommand(program, scope);
  program.addHelpText("after", "\nweft COMMAND --help shows the options and examples of a command.");
  return program;
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
