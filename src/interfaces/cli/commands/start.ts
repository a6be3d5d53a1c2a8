/** `weft start`: an execution on the server. */
import type { Command } from "commander";
import type { CommandScope } from "../command_scope.ts";
import { type ConnectionFlags, withExamples, withServer } from "../options/connection_options.ts";
import { isoTime } from "../options/option_values.ts";
import { printJson, printOutcome } from "../output/print.ts";
import { type ReachedServer, withClient } from "../reach_server.ts";
import { usageFailure } from "../output/failure.ts";
import type { ClientPort, StartRequest } from "../homes.ts";
import { listenForInterruption, orInterrupted } from "../interruption.ts";
import { exitCodeOf } from "../io.ts";
import { readInput } from "../input/read_input.ts";
import { present } from "../../../values/mod.ts";

interface StartFlags extends ConnectionFlags {
  readonly input?: string;
  readonly name?: string;
  readonly startAt?: string;
  readonly wait?: boolean;
}

/** Adds the command. */
export function addStartCommand(program: Command, scope: CommandScope): void {
  const command = program.command("start")
    .summary("start an execution of a workflow on the server")
    .description(
      "Starts an execution and prints its id; with --wait, waits for its end and prints its output.\n" +
        "Exit status with --wait: 0 succeeded, 1 failed (error and cause on stderr).",
    )
    .argument("<workflow>", "name of a workflow that was put")
    .option("--input <json>", "input: JSON, @FILE, or - for stdin (default {})")
    .option("--name <key>", "idempotency key: starting again with the same key and input gives the same execution")
    .option("--start-at <time>", "start then, not now: ISO 8601 with zone", isoTime)
    .option("--wait", "wait for the end and print the output");
  withExamples(withServer(command), [
    "weft start order --input '{\"orderId\": 17}'",
    "weft start order --input @order.json --name order-17 --wait",
    "weft start report --start-at 2026-02-01T06:00:00Z --json",
  ]).action((workflow: string, flags: StartFlags) => start(scope, workflow, flags));
}

async function start(scope: CommandScope, workflow: string, flags: StartFlags): Promise<void> {
  const { name, startAt } = flags;
  if (name !== undefined && (name.length < 1 || name.length > 256)) {
    throw usageFailure("Expected --name to be 1 to 256 characters");
  }
  const request: StartRequest = {
    workflow,
    input: await readInput(scope.io, flags.input),
    ...present({ key: name, startAt }),
  };
  await withClient(scope, flags, async (client, server) => {
    if (flags.wait === true) return await startAndWait(scope, client, request, server);
    const started = await client.startExecution(request);
    if (flags.json === true) printJson(scope.io, started);
    else scope.io.stdout.write(`${started.executionId}\n`);
  });
}

async function startAndWait(
  scope: CommandScope,
  client: ClientPort,
  request: StartRequest,
  { options }: ReachedServer,
): Promise<void> {
  const interruption = listenForInterruption(scope.io);
  try {
    const { executionId } = await client.startExecution(request);
    const reachedBy = options === "" ? "" : ` ${options}`;
    const outcome = await orInterrupted(interruption, client.awaitExecution(executionId));
    if ("value" in outcome) return printOutcome(scope, outcome.value, reachedBy);
    scope.io.stderr.write(
      `Stopped waiting; the execution goes on: weft monitor --execution ${executionId}${reachedBy}\n`,
    );
    scope.exitCode = exitCodeOf(outcome.signal);
  } finally {
    interruption.stopListening();
  }
}
