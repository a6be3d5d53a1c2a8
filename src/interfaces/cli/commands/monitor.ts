/** `weft monitor`: what happens on the server, as it happens. */
import type { Command } from "commander";
import {
  type CommandScope,
  type ConnectionFlags,
  fullExecutionId,
  withClient,
  withConnection,
  withExamples,
  withoutPassword,
} from "../command_kit.ts";
import type { ClientPort } from "../homes.ts";
import { listenForInterruption, orInterrupted } from "../interruption.ts";
import { exitCodeOf } from "../io.ts";
import { Timeline } from "../monitor/follow.ts";
import { runLiveMonitor } from "../monitor/live.ts";
import { runPlainMonitor } from "../monitor/plain.ts";

interface MonitorFlags extends ConnectionFlags {
  readonly execution?: string;
}

/** Adds the command. */
export function addMonitorCommand(program: Command, scope: CommandScope): void {
  const command = program.command("monitor")
    .summary("watch executions live, or one as a timeline")
    .description(
      "Shows what runs: states, ages, progress of Map and Parallel, rates and failures. Where stdout is no terminal, one line an event.\n" +
        "Keys: q quit, arrows and PgUp/PgDn scroll, f failures only, s sort.",
    )
    .option("--execution <id>", "follow one execution: its history, then what happens, until it ends");
  withExamples(withConnection(command), [
    "weft monitor",
    "weft monitor --execution e1a2b3c4/0123456789abcdef",
    "weft monitor --json | jq 'select(.status == \"Failed\")'",
  ]).action((flags: MonitorFlags) => monitor(scope, flags));
}

async function monitor(scope: CommandScope, flags: MonitorFlags): Promise<void> {
  const { io, paint } = scope;
  const json = flags.json === true;
  await withClient(scope, flags, async (client, connection) => {
    if (flags.execution !== undefined) {
      return await followOne(scope, client, fullExecutionId(connection, flags.execution), json);
    }
    if (json || !io.stdout.isTTY) scope.exitCode = await runPlainMonitor({ io, client, json });
    else {
      const title = `${connection.tenant}/${connection.namespace}  ${withoutPassword(connection.url)}`;
      scope.exitCode = await runLiveMonitor({ io, client, paint, title });
    }
  });
}

async function followOne(scope: CommandScope, client: ClientPort, executionId: string, json: boolean): Promise<void> {
  const { io, paint } = scope;
  const timeline = new Timeline({
    io,
    sink: io.stdout,
    paint,
    history: (request) => client.executionHistory(request),
    showTasks: true,
    json,
  });
  const interruption = listenForInterruption(io);
  // A subscription alone does not keep a process alive.
  const stopWaiting = io.every(60_000, () => {});
  const gone = Promise.withResolvers<void>();
  const stopListening = io.stdout.onGone(gone.resolve);
  let unsubscribe: (() => void) | undefined;
  try {
    unsubscribe = await client.subscribe((message) => timeline.accept(message), executionId);
    await timeline.begin(executionId);
    const outcome = await orInterrupted(interruption, Promise.race([timeline.ended, gone.promise]));
    if ("signal" in outcome) scope.exitCode = outcome.signal === "SIGINT" ? 0 : exitCodeOf(outcome.signal);
  } finally {
    unsubscribe?.();
    stopListening();
    stopWaiting();
    interruption.stopListening();
    timeline.close();
  }
}
