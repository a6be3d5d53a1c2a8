/** The command line: arguments in, exit status out. */
import { Command, CommanderError } from "commander";
import type { CommandScope } from "./command_scope.ts";
import { type CommandEntry, commandGroups } from "./command_table.ts";
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
    await addCommands(program, scope, argv);
    await program.parseAsync([...argv], { from: "user" });
    return scope.exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0;
    const { reportThrown } = await import("./output/report_thrown.ts");
    return reportThrown(thrown, { stderr: io.stderr, paint: scope.errPaint, program, argv });
  }
}

const COMPLETION = "completion";

/** The command that is asked for with its options; of the others, their lines in the list. */
async function addCommands(program: Command, scope: CommandScope, argv: readonly string[]): Promise<void> {
  const asked = argv.filter((word) => !word.startsWith("-")).slice(0, 2);
  const isAsked = ({ name }: CommandEntry) =>
    asked[0] === name || (asked[0] === "help" && asked[1] === name) ||
    // The script of a shell asks `weft complete -- WORDS`.
    (asked[0] === "complete" && (asked[1] === name || name === COMPLETION));
  for (const { heading, commands } of commandGroups) {
    program.commandsGroup(heading);
    // Last in the table: it completes what is there.
    for (const entry of commands) {
      if (isAsked(entry)) await entry.add(program, scope);
      else program.command(entry.name).summary(entry.summary).usage(entry.usage);
    }
  }
  program.commandsGroup("");
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
  program.addHelpText("after", "\nweft COMMAND --help shows the options and examples of a command.");
  return program;
}
