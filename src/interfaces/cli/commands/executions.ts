/** `weft executions …`: what ran and runs on the server. */
import { type Command, Option } from "commander";
import type { ExecutionDescription, ExecutionStatus, ExecutionSummary, HistoryEvent } from "../../../runtime/engine.ts";
import type { CommandScope } from "../command_scope.ts";
import { type ConnectionFlags, withExamples, withServer } from "../options/connection_options.ts";
import { fullExecutionId, isoTime, wholeNumber } from "../options/option_values.ts";
import { printJson } from "../output/print.ts";
import { withClient } from "../reach_server.ts";
import { executionStatuses } from "../../../protocol/mod.ts";
import { formatDuration } from "../output/duration.ts";
import { isBadStatus } from "../output/feed_fields.ts";
import type { ClientPort, ExecutionPage } from "../homes.ts";
import { descriptionLines } from "../output/description.ts";
import { stepLine } from "../steps/step_line.ts";
import { StepTrace } from "../steps/step_trace.ts";
import { tableLines } from "../output/table.ts";
import { present } from "../../../values/mod.ts";

/** Asked for at once; more are asked for page by page. */
const PAGE = 100;
const HISTORY_PAGE = 1_000;

interface ListFlags extends ConnectionFlags {
  readonly workflow?: string;
  readonly status?: ExecutionStatus;
  readonly startedAfter?: string;
  readonly mapRun?: string;
  readonly limit: number;
  readonly next?: string;
}
interface HistoryFlags extends ConnectionFlags {
  readonly after?: number;
  readonly limit?: number;
}
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
  withExamples(
    withServer(
      group.command("describe").summary("show an execution with input and output").argument("<id>", "execution's id"),
    ),
    [
      "weft executions describe e1a2b3c4/0123456789abcdef",
    ],
  ).action((id: string, flags: ConnectionFlags) => describe(scope, id, flags));

  const cancel = group.command("cancel").summary("end a running execution").argument("<id>", "execution's id")
    .option("--error <name>", "error to record")
    .option("--cause <text>", "cause to record");
  withExamples(withServer(cancel), [
    "weft executions cancel e1a2b3c4/0123456789abcdef --error Stopped --cause 'wrong customer'",
  ]).action((id: string, flags: CancelFlags) => cancelExecution(scope, id, flags));

  const redrive = group.command("redrive").summary("let an execution that did not succeed go on from where it failed")
    .argument("<id>", "execution's id");
  withExamples(withServer(redrive), ["weft executions redrive e1a2b3c4/0123456789abcdef"])
    .action((id: string, flags: ConnectionFlags) => redriveExecution(scope, id, flags));

  const remove = group.command("delete").summary("delete an execution that has ended").argument(
    "<id>",
    "execution's id",
  );
  withExamples(withServer(remove), ["weft executions delete e1a2b3c4/0123456789abcdef"])
    .action((id: string, flags: ConnectionFlags) => deleteExecution(scope, id, flags));
}

function addList(group: Command, scope: CommandScope): void {
  const command = group.command("list")
    .summary("list executions, newest first")
    .option("--workflow <name>", "only of this workflow")
    .addOption(new Option("--status <status>", "only of this status").choices(executionStatuses))
    .option("--started-after <time>", "only started after it: ISO 8601 with zone", isoTime)
    .option("--map-run <id>", "only the children of this Map Run, which no other list has")
    .option("--limit <n>", "at most so many", wholeNumber(1, 100_000), PAGE)
    .option("--next <token>", "go on where a list ended");
  withExamples(withServer(command), [
    "weft executions list --status Failed --limit 20",
    "weft executions list --workflow order --json",
  ]).action((flags: ListFlags) => list(scope, flags));
}

function addHistory(group: Command, scope: CommandScope): void {
  const command = group.command("history")
    .summary("show what happened in an execution, oldest first")
    .argument("<id>", "execution's id")
    .option("--after <n>", "only events behind this number", wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .option("--limit <n>", "at most so many events (default: all)", wholeNumber(1, 1_000_000));
  withExamples(withServer(command), [
    "weft executions history e1a2b3c4/0123456789abcdef",
    "weft executions history e1a2b3c4/0123456789abcdef --json --after 100",
  ]).action((id: string, flags: HistoryFlags) => history(scope, id, flags));
}

async function list(scope: CommandScope, flags: ListFlags): Promise<void> {
  const page = await withClient(scope, flags, (client) => listUpTo(client, flags));
  const { io, paint } = scope;
  if (flags.json === true) return printJson(io, page);
  if (page.executions.length === 0) return io.stderr.write("No executions found\n");
  const columns = [
    { title: "EXECUTION", text: (row: ExecutionSummary) => shortId(row.executionId) },
    { title: "WORKFLOW", text: (row: ExecutionSummary) => row.workflow },
    {
      title: "STATUS",
      text: (row: ExecutionSummary) => row.status as string,
      paint: (cell: string, row: ExecutionSummary) => paintStatus(scope, row.status, cell),
    },
    { title: "STARTED", text: (row: ExecutionSummary) => row.startedAt },
    { title: "TOOK", align: "right" as const, text: (row: ExecutionSummary) => tookText(row, io.nowEpochMs()) },
    { title: "ERROR", text: (row: ExecutionSummary) => row.error ?? "" },
  ];
  const width = io.stdout.isTTY ? io.stdout.columns : Infinity;
  for (const line of tableLines(columns, page.executions, paint, width)) io.stdout.write(`${line.trimEnd()}\n`);
  if (page.next !== undefined) io.stderr.write(`There are more: --next ${page.next}\n`);
}

async function listUpTo(client: ClientPort, flags: ListFlags): Promise<ExecutionPage> {
  const { workflow, status, startedAfter, mapRun, limit } = flags;
  const filter = {
    ...present({ workflow, status, startedAfter, mapRun }),
  };
  const executions: ExecutionSummary[] = [];
  let next = flags.next;
  do {
    const page = await client.listExecutions({
      ...filter,
      limit: Math.min(PAGE, limit - executions.length),
      ...present({ next }),
    });
    executions.push(...page.executions);
    next = page.next;
  } while (next !== undefined && executions.length < limit);
  return { executions, ...present({ next }) };
}

async function history(scope: CommandScope, id: string, flags: HistoryFlags): Promise<void> {
  const { io, paint } = scope;
  const { events, next } = await withClient(
    scope,
    flags,
    (client, connection) => historyUpTo(client, fullExecutionId(connection, id), flags),
  );
  if (flags.json === true) return printJson(io, { events, ...present({ next }) });
  const trace = new StepTrace({ showTasks: true });
  for (const event of events) {
    const step = trace.apply(event);
    if (step !== undefined) io.stdout.write(`${stepLine(step, paint)}\n`);
  }
  if (next !== undefined) io.stderr.write(`There are more: --after ${next}\n`);
}

async function historyUpTo(
  client: ClientPort,
  executionId: string,
  { after, limit = Infinity }: HistoryFlags,
): Promise<{ readonly events: readonly HistoryEvent[]; readonly next?: number }> {
  const events: HistoryEvent[] = [];
  let next = after;
  do {
    const page = await client.executionHistory({
      executionId,
      limit: Math.min(HISTORY_PAGE, limit - events.length),
      ...present({ after: next }),
    });
    events.push(...page.events);
    next = page.next;
  } while (next !== undefined && events.length < limit);
  return { events, ...present({ next }) };
}

async function describe(scope: CommandScope, id: string, flags: ConnectionFlags): Promise<void> {
  const execution = await withClient(
    scope,
    flags,
    (client, connection) => client.describeExecution(fullExecutionId(connection, id)),
  );
  if (flags.json === true) return printJson(scope.io, execution);
  const { io, paint } = scope;
  const fields: (readonly [string, string | undefined])[] = [
    ["execution", execution.executionId],
    ["workflow", `${execution.workflow} (revision ${execution.revision})`],
    ["key", execution.key],
    ["status", paintStatus(scope, execution.status, execution.status)],
    ["started", execution.startedAt],
    ["ended", execution.endedAt],
    ["took", tookText(execution, io.nowEpochMs())],
    ["error", execution.error],
    ["cause", execution.cause],
  ];
  const payloads: (readonly [string, ExecutionDescription["input"] | undefined])[] = [["input", execution.input], [
    "output",
    execution.output,
  ]];
  for (const line of descriptionLines(fields, payloads, paint)) io.stdout.write(`${line}\n`);
}

async function cancelExecution(scope: CommandScope, id: string, flags: CancelFlags): Promise<void> {
  const { error, cause } = flags;
  const answer = await withClient(scope, flags, (client, connection) =>
    client.cancelExecution({
      executionId: fullExecutionId(connection, id),
      ...present({ error, cause }),
    }));
  printStatus(scope, flags, answer);
}

async function redriveExecution(scope: CommandScope, id: string, flags: ConnectionFlags): Promise<void> {
  printStatus(
    scope,
    flags,
    await withClient(scope, flags, (client, connection) => client.redriveExecution(fullExecutionId(connection, id))),
  );
}

async function deleteExecution(scope: CommandScope, id: string, flags: ConnectionFlags): Promise<void> {
  printStatus(
    scope,
    flags,
    await withClient(scope, flags, (client, connection) => client.deleteExecution(fullExecutionId(connection, id))),
  );
}

function printStatus(
  scope: CommandScope,
  flags: ConnectionFlags,
  answer: { readonly executionId: string; readonly status: string },
): void {
  if (flags.json === true) return printJson(scope.io, answer);
  scope.io.stdout.write(`${answer.executionId} ${answer.status}\n`);
}

/** As tables show it; every command takes it back. */
function shortId(executionId: string): string {
  return executionId.split("/").slice(3).join("/");
}

function tookText(row: Pick<ExecutionSummary, "startedAt" | "endedAt">, nowMs: number): string {
  const started = Date.parse(row.startedAt);
  const ended = row.endedAt === undefined ? nowMs : Date.parse(row.endedAt);
  return Number.isNaN(ended - started) ? "" : formatDuration(ended - started);
}

function paintStatus({ paint }: CommandScope, status: ExecutionStatus, text: string): string {
  if (status === "Succeeded") return paint.green(text);
  if (status === "Canceled" || status === "Canceling") return paint.yellow(text);
  return isBadStatus(status) ? paint.red(text) : paint.blue(text);
}
