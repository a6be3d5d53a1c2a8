/** `weft executions history`. */
import type { HistoryEvent } from "../../../runtime/engine.ts";
import { RunModel } from "../../../story/mod.ts";
import { present } from "../../../values/mod.ts";
import type { CommandScope } from "../command_scope.ts";
import type { ClientPort } from "../homes.ts";
import { followOne } from "../monitor/follow_one.ts";
import type { ConnectionFlags } from "../options/connection_options.ts";
import { fullExecutionId } from "../options/option_values.ts";
import { formatDuration } from "../output/duration.ts";
import { printJson } from "../output/print.ts";
import { printable } from "../output/text_width.ts";
import { withClient } from "../reach_server.ts";
import { stepLine } from "../steps/step_line.ts";
import { StepTrace } from "../steps/step_trace.ts";
import { treeLines } from "../steps/history_tree.ts";

const HISTORY_PAGE = 1_000;

/** Which part of a history, and how it is shown. */
export interface HistoryFlags extends ConnectionFlags {
  readonly after?: number;
  readonly limit?: number;
  /** Input and output of each state. */
  readonly io?: boolean;
  readonly all?: boolean;
  /** One line an event, oldest first, instead of the tree. */
  readonly steps?: boolean;
  readonly follow?: boolean;
}

/** Prints a tree, lines or JSON; with `--follow`, lines until it has ended. */
export async function executionHistory(scope: CommandScope, id: string, flags: HistoryFlags): Promise<void> {
  await withClient(scope, flags, async (client, server) => {
    const executionId = fullExecutionId(server, id);
    if (flags.follow === true) {
      scope.exitCode = await followOne(scope, client, executionId, flags.json === true);
      return;
    }
    const page = await historyUpTo(client, executionId, flags);
    if (flags.json === true) return printJson(scope.io, page);
    // A part of a history is no tree: it may speak of states whose beginning is not in it.
    if (flags.steps === true || flags.after !== undefined) printSteps(scope, page.events);
    else printTree(scope, page.events, flags);
    if (page.next !== undefined) scope.io.stderr.write(`There are more: --after ${page.next}\n`);
  }, id);
}

function printSteps({ io, paint }: CommandScope, events: readonly HistoryEvent[]): void {
  const trace = new StepTrace({ showTasks: true });
  for (const event of events) {
    const step = trace.apply(event);
    if (step !== undefined) io.stdout.write(`${stepLine(step, paint)}\n`);
  }
}

function printTree({ io, paint }: CommandScope, events: readonly HistoryEvent[], flags: HistoryFlags): void {
  const model = new RunModel();
  model.add(events);
  const nowMs = io.nowEpochMs();
  const [first] = events;
  const workflow = typeof first?.["workflow"] === "string" ? `${printable(first["workflow"])}  ` : "";
  const took = formatDuration((model.endedAt ?? nowMs) - model.startedAt);
  const colour = model.status === "Succeeded" ? paint.green : model.status === "Failed" ? paint.red : paint.blue;
  io.stdout.write(`${paint.bold(workflow)}${colour(model.status)}  ${paint.dim(took)}\n`);
  const options = { nowMs, showsPayloads: flags.io === true, showsAll: flags.all === true, paint };
  for (const line of treeLines(model, options)) io.stdout.write(`${line}\n`);
}

async function historyUpTo(
  client: ClientPort,
  executionId: string,
  { after, limit = Infinity, io, json }: HistoryFlags,
): Promise<{ readonly events: readonly HistoryEvent[]; readonly next?: number }> {
  const events: HistoryEvent[] = [];
  const payloads = io === true || json === true;
  let next = after;
  do {
    const page = await client.executionHistory({
      executionId,
      limit: Math.min(HISTORY_PAGE, limit - events.length),
      payloads,
      ...present({ after: next }),
    });
    events.push(...page.events);
    next = page.next;
  } while (next !== undefined && events.length < limit);
  return { events, ...present({ next }) };
}
