/** `weft executions list`. */
import type { ExecutionSummary } from "../../../runtime/engine.ts";
import { present } from "../../../values/mod.ts";
import type { CommandScope } from "../command_scope.ts";
import type { ClientPort, ExecutionPage, ListRequest } from "../homes.ts";
import type { ConnectionFlags } from "../options/connection_options.ts";
import { momentOf, type StatusFilter, type TimeBound } from "../options/execution_filter.ts";
import { shortExecutionId } from "../output/feed_fields.ts";
import { printJson } from "../output/print.ts";
import { paintStatus, relativeTime, statusWord, tookText } from "../output/status_text.ts";
import { tableLines } from "../output/table.ts";
import { withClient } from "../reach_server.ts";

/** Asked for at once; more are asked for page by page. */
const PAGE = 100;

/** What a list is narrowed by. */
export interface ListFlags extends ConnectionFlags {
  readonly workflow?: string;
  readonly status?: StatusFilter;
  readonly since?: TimeBound;
  readonly until?: TimeBound;
  readonly startedAfter?: string;
  readonly key?: string;
  readonly error?: string;
  readonly text?: string;
  readonly mapRun?: string;
  readonly limit: number;
  readonly next?: string;
}

/** Prints a table, or the page as JSON. Times are relative on a terminal, ISO 8601 elsewhere. */
export async function listExecutions(scope: CommandScope, flags: ListFlags): Promise<void> {
  const { io, paint } = scope;
  const nowMs = io.nowEpochMs();
  const page = await withClient(scope, flags, (client) => listUpTo(client, requestOf(flags, nowMs), flags));
  if (flags.json === true) return printJson(io, page);
  if (page.executions.length === 0) return io.stderr.write("No executions found\n");
  const columns = [
    { title: "EXECUTION", text: (row: ExecutionSummary) => shortExecutionId(row.executionId) },
    { title: "WORKFLOW", text: (row: ExecutionSummary) => row.workflow },
    {
      title: "STATUS",
      text: (row: ExecutionSummary) => statusWord(row),
      paint: (cell: string, row: ExecutionSummary) => paintStatus(row, cell, paint),
    },
    {
      title: "STARTED",
      text: (row: ExecutionSummary) => io.stdout.isTTY ? relativeTime(row.startedAt, nowMs) : row.startedAt,
    },
    { title: "TOOK", align: "right" as const, text: (row: ExecutionSummary) => tookText(row, nowMs) },
    { title: "ERROR", text: (row: ExecutionSummary) => row.error ?? "" },
  ];
  const width = io.stdout.isTTY ? io.stdout.columns : Infinity;
  for (const line of tableLines(columns, page.executions, paint, width)) io.stdout.write(`${line.trimEnd()}\n`);
  if (page.next !== undefined) io.stderr.write(`There are more: --next ${page.next}\n`);
}

function requestOf(flags: ListFlags, nowMs: number): ListRequest {
  const { workflow, key, error, text, mapRun, since, until } = flags;
  return {
    ...flags.status,
    ...present({
      workflow,
      key,
      error,
      text,
      mapRun,
      startedAfter: since === undefined ? flags.startedAfter : momentOf(since, nowMs),
      startedBefore: until === undefined ? undefined : momentOf(until, nowMs),
    }),
  };
}

async function listUpTo(
  client: ClientPort,
  request: ListRequest,
  { limit, next: first }: Pick<ListFlags, "limit" | "next">,
): Promise<ExecutionPage> {
  const executions: ExecutionSummary[] = [];
  let next = first;
  do {
    const page = await client.listExecutions({
      ...request,
      limit: Math.min(PAGE, limit - executions.length),
      ...present({ next }),
    });
    executions.push(...page.executions);
    next = page.next;
  } while (next !== undefined && executions.length < limit);
  return { executions, ...present({ next }) };
}
