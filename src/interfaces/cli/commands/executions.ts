/** `weft executions …`: what ran and runs on the server. */
import type { Command } from "commander";
import type { CommandScope } from "../command_scope.ts";
import { describeExecution } from "../executions/describe_execution.ts";
import { executionHistory, type HistoryFlags } from "../executions/execution_history.ts";
import { listExecutions, type ListFlags } from "../executions/list_executions.ts";
import { statusFilter, timeBound } from "../options/execution_filter.ts";
import { type ConnectionFlags, withExamples, withServer } from "../options/connection_options.ts";
import { fullExecutionId, isoTime, wholeNumber } from "../options/option_values.ts";
import { printJson } from "../output/print.ts";
import { withClient } from "../reach_server.ts";
import { present } from "../../../values/mod.ts";

const LIST_LIMIT = 100;

interface CancelFlags extends ConnectionFlags {
  readonly error?: string;
  readonly cause?: string;
}

/** Adds the group of commands. */
export function addExecutionCommands(program: Command, scope: CommandScope): void {
  const group = program.command("executions").summary(
    "list, describe, cancel, redrive and delete executions, read their history",
  );
  addList(group, scope);
  addHistory(group, scope);
  const describe = group.command("describe")
    .summary("show an execution: where it stands or failed, input and output")
    .argument("<id>", "execution's id");
  withExamples(withServer(describe), ["weft executions describe e1a2b3c4/0123456789abcdef"])
    .action((id: string, flags: ConnectionFlags) => describeExecution(scope, id, flags));

  const cancel = group.command("cancel").summary("end a running execution").argument("<id>", "execution's id")
    .option("--error <name>", "error to record")
    .option("--cause <text>", "cause to record");
  withExamples(withServer(cancel), [
    "weft executions cancel e1a2b3c4/0123456789abcdef --error Stopped --cause 'wrong customer'",
  ]).action((id: string, flags: CancelFlags) => cancelExecution(scope, id, flags));
  addRedrive(group, scope, "weft executions redrive");

  const remove = group.command("delete").summary("delete an execution that has ended").argument(
    "<id>",
    "execution's id",
  );
  withExamples(withServer(remove), ["weft executions delete e1a2b3c4/0123456789abcdef"])
    .action((id: string, flags: ConnectionFlags) => deleteExecution(scope, id, flags));
}

/** Adds `weft redrive`, the same as `weft executions redrive`. */
export function addRedriveCommand(program: Command, scope: CommandScope): void {
  addRedrive(program, scope, "weft redrive");
}

function addRedrive(group: Command, scope: CommandScope, example: string): void {
  const redrive = group.command("redrive").summary("let an execution that did not succeed go on from where it failed")
    .argument("<id>", "execution's id");
  withExamples(withServer(redrive), [`${example} e1a2b3c4/0123456789abcdef`])
    .action((id: string, flags: ConnectionFlags) => redriveExecution(scope, id, flags));
}

function addList(group: Command, scope: CommandScope): void {
  const command = group.command("list")
    .summary("list executions, newest first")
    .option("--workflow <name>", "only of this workflow")
    .option("--status <status>", "only of this status, in any case: running, failed, timedOut, aborted …", statusFilter)
    .option("--since <time>", "only started after it: ISO 8601 with zone, or a span before now such as 15m", timeBound)
    .option("--until <time>", "only started before it, as --since", timeBound)
    .option("--started-after <time>", "only started after it: ISO 8601 with zone", isoTime)
    .option("--key <key>", "only the one that was started under this key")
    .option("--error <text>", "only those whose error has this in it")
    .option("--text <text>", "only those with this in workflow, name, key, error or id")
    .option("--map-run <id>", "only the children of this Map Run, which no other list has")
    .option("--limit <n>", "at most so many", wholeNumber(1, 100_000), LIST_LIMIT)
    .option("--next <token>", "go on where a list ended");
  withExamples(withServer(command), [
    "weft executions list --status failed --since 1h",
    "weft executions list --workflow order --text 4711 --json",
  ]).action((flags: ListFlags) => listExecutions(scope, flags));
}

function addHistory(group: Command, scope: CommandScope): void {
  const command = group.command("history")
    .summary("show what happened in an execution, as a tree")
    .argument("<id>", "execution's id")
    .option("--io", "input and output of each state")
    .option("--all", "all children of a Map, also of a large one")
    .option("--steps", "a line for each step instead of a tree, oldest first")
    .option("--follow", "the steps so far, then those to come, until it has ended; exit status as the execution's")
    .option("--after <n>", "only events behind this number, as steps", wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .option("--limit <n>", "at most so many events (default: all)", wholeNumber(1, 1_000_000));
  withExamples(withServer(command), [
    "weft executions history e1a2b3c4/0123456789abcdef --io",
    "weft executions history e1a2b3c4/0123456789abcdef --follow",
    "weft executions history e1a2b3c4/0123456789abcdef --json --after 100",
  ]).action((id: string, flags: HistoryFlags) => executionHistory(scope, id, flags));
}

async function cancelExecution(scope: CommandScope, id: string, flags: CancelFlags): Promise<void> {
  const { error, cause } = flags;
  const answer = await withClient(scope, flags, (client, server) =>
    client.cancelExecution({
      executionId: fullExecutionId(server, id),
      ...present({ error, cause }),
    }), id);
  printStatus(scope, flags, answer);
}

async function redriveExecution(scope: CommandScope, id: string, flags: ConnectionFlags): Promise<void> {
  const redriven = await withClient(
    scope,
    flags,
    (client, server) => client.redriveExecution(fullExecutionId(server, id)),
    id,
  );
  printStatus(scope, flags, redriven);
}

async function deleteExecution(scope: CommandScope, id: string, flags: ConnectionFlags): Promise<void> {
  const deleted = await withClient(
    scope,
    flags,
    (client, server) => client.deleteExecution(fullExecutionId(server, id)),
    id,
  );
  printStatus(scope, flags, deleted);
}

function printStatus(
  scope: CommandScope,
  flags: ConnectionFlags,
  answer: { readonly executionId: string; readonly status: string },
): void {
  if (flags.json === true) return printJson(scope.io, answer);
  scope.io.stdout.write(`${answer.executionId} ${answer.status}\n`);
}
