/** `weft monitor`: what happens on the server, as it happens. */
import type { Command } from "commander";
import { present } from "../../../values/mod.ts";
import type { CommandScope } from "../command_scope.ts";
import { type ConnectionFlags, withExamples, withServer } from "../options/connection_options.ts";
import { fullExecutionId } from "../options/option_values.ts";
import { withClient } from "../reach_server.ts";
import { runLiveMonitor } from "../monitor/live.ts";
import { followOne } from "../monitor/follow_one.ts";
import { follow, lineWriter } from "../monitor/plain.ts";

interface MonitorFlags extends ConnectionFlags {
  readonly execution?: string;
  readonly workflow?: string;
}

/** Adds the command. */
export function addMonitorCommand(program: Command, scope: CommandScope): void {
  const command = program.command("monitor")
    .summary("watch executions live, or one as a timeline")
    .description(
      "Shows what runs: states, ages, progress of Map and Parallel, rates and failures. Where stdout is no terminal, one line an event.\n" +
        "Keys: arrows and Enter look into an execution, / filters, f failures, s order, c cancel, r redrive, Esc back, ? help, q quit.",
    )
    .option("--workflow <name>", "only executions of this workflow, on a terminal")
    .option(
      "--execution <id>",
      "follow one execution: its history first, then what happens, until it ends; exit status as the execution's",
    );
  withExamples(withServer(command), [
    "weft monitor",
    "weft monitor --execution e1a2b3c4/0123456789abcdef",
    "weft monitor --json | jq 'select(.status == \"Failed\")'",
  ]).action((flags: MonitorFlags) => monitor(scope, flags));
}

async function monitor(scope: CommandScope, flags: MonitorFlags): Promise<void> {
  const { io, paint } = scope;
  const json = flags.json === true;
  await withClient(scope, flags, async (client, connection) => {
    const title = `${connection.tenant}/${connection.namespace}  ${connection.where}`;
    if (flags.execution !== undefined) {
      scope.exitCode = await followOne(scope, client, fullExecutionId(connection, flags.execution), json);
    } else if (json || !io.stdout.isTTY) {
      const onFollowing = () => json || io.stderr.write(`Watching ${title}; stop with Ctrl-C\n`);
      scope.exitCode = await follow({ io, client, listener: lineWriter(io, json), onFollowing });
    } else {
      scope.exitCode = await runLiveMonitor({ io, client, paint, title, ...present({ workflow: flags.workflow }) });
    }
  }, flags.execution);
}
