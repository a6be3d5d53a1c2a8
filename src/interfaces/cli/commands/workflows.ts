/** `weft workflows …`: definitions on the server. */
import type { Command } from "commander";
import type { WorkflowDescription } from "../../../runtime/engine.ts";
import type { CommandScope } from "../command_scope.ts";
import { type ConnectionFlags, withExamples, withServer } from "../options/connection_options.ts";
import { diagnosticLine } from "../output/failure.ts";
import { printJson } from "../output/print.ts";
import { wholeNumber } from "../options/option_values.ts";
import { withClient } from "../reach_server.ts";
import { descriptionLines } from "../output/description.ts";
import { jsonOf, readDefinition } from "../input/read_input.ts";
import { tableLines } from "../output/table.ts";
import { printable } from "../output/text_width.ts";
import { present } from "../../../values/mod.ts";

const PAGE = 100;

interface ListFlags extends ConnectionFlags {
  readonly limit: number;
  readonly next?: string;
}

/** Adds the group of commands. */
export function addWorkflowCommands(program: Command, scope: CommandScope): void {
  const group = program.command("workflows").summary("put, list, describe and delete workflows");
  const putCommand = group.command("put").summary("put a definition under a name; a changed one is a new revision")
    .argument("<name>", "name of the workflow")
    .argument("<file>", "file with the state machine, or - for stdin");
  withExamples(withServer(putCommand), ["weft workflows put order order.asl.json"])
    .action((name: string, file: string, flags: ConnectionFlags) => put(scope, name, file, flags));

  const listCommand = group.command("list").summary("list workflows by name")
    .option("--limit <n>", "at most so many", wholeNumber(1, 100_000), PAGE)
    .option("--next <token>", "go on where a list ended");
  withExamples(withServer(listCommand), ["weft workflows list", "weft workflows list --json"])
    .action((flags: ListFlags) => list(scope, flags));

  const describeCommand = group.command("describe").summary("show a workflow with its definition").argument(
    "<name>",
    "name of the workflow",
  );
  withExamples(withServer(describeCommand), ["weft workflows describe order"])
    .action((name: string, flags: ConnectionFlags) => describe(scope, name, flags));

  const deleteCommand = group.command("delete").summary("delete a workflow; its executions go on").argument(
    "<name>",
    "name of the workflow",
  );
  withExamples(withServer(deleteCommand), ["weft workflows delete order"])
    .action((name: string, flags: ConnectionFlags) => remove(scope, name, flags));
}

async function put(scope: CommandScope, name: string, file: string, flags: ConnectionFlags): Promise<void> {
  const source = await readDefinition(scope.io, file);
  jsonOf(source);
  const workflow = await withClient(scope, flags, (client) => client.putWorkflow({ name, definition: source.text }));
  if (flags.json === true) return printJson(scope.io, workflow);
  scope.io.stdout.write(`${printable(workflow.name)} revision ${workflow.revision} ${workflow.hash.slice(0, 12)}\n`);
  for (const diagnostic of workflow.diagnostics ?? []) {
    scope.io.stderr.write(`${diagnosticLine(scope.errPaint.yellow(diagnostic.severity), diagnostic)}\n`);
  }
}

async function list(scope: CommandScope, flags: ListFlags): Promise<void> {
  const { io, paint } = scope;
  const workflows: WorkflowDescription[] = [];
  const next = await withClient(scope, flags, async (client) => {
    let token = flags.next;
    do {
      const limit = Math.min(PAGE, flags.limit - workflows.length);
      const page = await client.listWorkflows({ limit, ...present({ next: token }) });
      workflows.push(...page.workflows);
      token = page.next;
    } while (token !== undefined && workflows.length < flags.limit);
    return token;
  });
  if (flags.json === true) return printJson(io, { workflows, ...present({ next }) });
  if (workflows.length === 0) return io.stderr.write("No workflows found; weft workflows put NAME FILE puts one\n");
  const columns = [
    { title: "WORKFLOW", text: (row: WorkflowDescription) => row.name },
    { title: "REVISION", align: "right" as const, text: (row: WorkflowDescription) => String(row.revision) },
    { title: "HASH", text: (row: WorkflowDescription) => row.hash.slice(0, 12) },
    { title: "UPDATED", text: (row: WorkflowDescription) => row.updatedAt },
  ];
  for (const line of tableLines(columns, workflows, paint, io.stdout.isTTY ? io.stdout.columns : Infinity)) {
    io.stdout.write(`${line}\n`);
  }
  if (next !== undefined) io.stderr.write(`There are more: --next ${next}\n`);
}

async function describe(scope: CommandScope, name: string, flags: ConnectionFlags): Promise<void> {
  const workflow = await withClient(scope, flags, (client) => client.describeWorkflow(name));
  if (flags.json === true) return printJson(scope.io, workflow);
  const fields: (readonly [string, string])[] = [
    ["workflow", printable(workflow.name)],
    ["revision", String(workflow.revision)],
    ["hash", workflow.hash],
    ["created", workflow.createdAt],
    ["updated", workflow.updatedAt],
  ];
  for (const line of descriptionLines(fields, [["definition", workflow.definition]], scope.paint)) {
    scope.io.stdout.write(`${line}\n`);
  }
}

async function remove(scope: CommandScope, name: string, flags: ConnectionFlags): Promise<void> {
  const answer = await withClient(scope, flags, (client) => client.deleteWorkflow(name));
  if (flags.json === true) return printJson(scope.io, answer);
  scope.io.stdout.write(`${printable(answer.name)} deleted\n`);
}
