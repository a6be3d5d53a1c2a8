/** `weft triggers …`: messages of a stream that start executions. */
import { type Command, Option } from "commander";
import type { TriggerDescription, TriggerRequest } from "../../../sdk/mod.ts";
import type { CommandScope } from "../command_scope.ts";
import { type ConnectionFlags, withExamples, withServer } from "../options/connection_options.ts";
import { printJson } from "../output/print.ts";
import { wholeNumber } from "../options/option_values.ts";
import { withStanding } from "../reach_server.ts";
import { descriptionLines } from "../output/description.ts";
import { readInput } from "../input/read_input.ts";
import { tableLines } from "../output/table.ts";
import { printable } from "../output/text_width.ts";
import { present } from "../../../values/mod.ts";

const PAGE = 100;
const CONCURRENCY_MAX = 1_000;
const REFUSALS_MAX = 100;

interface PutFlags extends ConnectionFlags {
  readonly workflow: string;
  readonly input?: string;
  readonly concurrency?: number;
  readonly refusals?: number;
  readonly deadLetters?: string;
  readonly from?: "oldest" | "new";
  readonly disabled?: boolean;
  readonly description?: string;
}

interface ListFlags extends ConnectionFlags {
  readonly limit: number;
  readonly next?: string;
}

/** Adds the group of commands. */
export function addTriggerCommands(program: Command, scope: CommandScope): void {
  const group = program.command("triggers").summary(
    "put, list, describe and delete triggers: a message starts an execution",
  );
  const putCommand = group.command("put").summary("start an execution for each message of a subject, or change how")
    .argument("<name>", "name of the trigger")
    .argument("<subject>", "subject that a stream of yours keeps; may have wildcards")
    .requiredOption("--workflow <name>", "workflow to start, or a state machine's ARN")
    .option("--input <json>", "template: JSON, @FILE, or - for stdin; $ is the message (default: its data)")
    .option("--concurrency <n>", "messages in work at once (default 16)", wholeNumber(1, CONCURRENCY_MAX))
    .option("--refusals <n>", "refusals before a message is laid aside (default 5)", wholeNumber(1, REFUSALS_MAX))
    .option("--dead-letters <subject>", "where it is sent then; otherwise it is given up")
    .addOption(new Option("--from <which>", "messages that it begins with (default new)").choices(["oldest", "new"]))
    .option("--disabled", "take no messages")
    .option("--description <text>", "what it is for");
  withExamples(withServer(putCommand), [
    "weft triggers put orders 'shop.orders.*' --workflow order",
    "weft triggers put orders 'shop.orders.*' --workflow order --input '{\"id.$\": \"$.data.id\"}' --dead-letters shop.dead",
  ]).action((name: string, subject: string, flags: PutFlags) => put(scope, name, subject, flags));

  const listCommand = group.command("list").summary("list triggers by name")
    .option("--limit <n>", "at most so many", wholeNumber(1, 100_000), PAGE)
    .option("--next <token>", "go on where a list ended");
  withExamples(withServer(listCommand), ["weft triggers list", "weft triggers list --json"])
    .action((flags: ListFlags) => list(scope, flags));

  const named = (verb: string, summary: string, work: (name: string, flags: ConnectionFlags) => Promise<void>) => {
    const command = group.command(verb).summary(summary).argument("<name>", "name of the trigger");
    withExamples(withServer(command), [`weft triggers ${verb} orders`]).action(work);
  };
  named("describe", "show a trigger", (name, flags) => describe(scope, name, flags));
  named("delete", "delete a trigger; what it started goes on", (name, flags) => remove(scope, name, flags));
}

async function put(scope: CommandScope, name: string, subject: string, flags: PutFlags): Promise<void> {
  const { workflow, concurrency, refusals, deadLetters, from, disabled, description } = flags;
  const input = flags.input === undefined ? undefined : JSON.stringify(await readInput(scope.io, flags.input));
  const request: TriggerRequest = {
    ...{ name, subject, stateMachine: workflow, isEnabled: disabled !== true },
    ...present({ input, concurrency, from, description, refusalsMax: refusals, deadLetterSubject: deadLetters }),
  };
  const trigger = await withStanding(scope, flags, (client) => client.putTrigger(request));
  if (flags.json === true) return printJson(scope.io, trigger);
  scope.io.stdout.write(
    `${printable(trigger.name)} ${trigger.isEnabled ? "takes" : "does not take"} ${printable(trigger.subject)}\n`,
  );
}

async function list(scope: CommandScope, flags: ListFlags): Promise<void> {
  const { io, paint } = scope;
  const triggers: TriggerDescription[] = [];
  const next = await withStanding(scope, flags, async (client) => {
    let token = flags.next;
    do {
      const limit = Math.min(PAGE, flags.limit - triggers.length);
      const page = await client.listTriggers({ limit, ...present({ next: token }) });
      triggers.push(...page.triggers);
      token = page.next;
    } while (token !== undefined && triggers.length < flags.limit);
    return token;
  });
  if (flags.json === true) return printJson(io, { triggers, ...present({ next }) });
  if (triggers.length === 0) return io.stderr.write("No triggers found; weft triggers put NAME SUBJECT puts one\n");
  const columns = [
    { title: "TRIGGER", text: (row: TriggerDescription) => row.name },
    { title: "SUBJECT", text: (row: TriggerDescription) => row.subject },
    { title: "WORKFLOW", text: (row: TriggerDescription) => row.stateMachine },
    { title: "STATE", text: (row: TriggerDescription) => row.isEnabled ? "enabled" : "disabled" },
  ];
  for (const line of tableLines(columns, triggers, paint, io.stdout.isTTY ? io.stdout.columns : Infinity)) {
    io.stdout.write(`${line}\n`);
  }
  if (next !== undefined) io.stderr.write(`There are more: --next ${next}\n`);
}

async function describe(scope: CommandScope, name: string, flags: ConnectionFlags): Promise<void> {
  const trigger = await withStanding(scope, flags, (client) => client.describeTrigger(name));
  if (flags.json === true) return printJson(scope.io, trigger);
  const fields: (readonly [string, string])[] = [
    ["trigger", printable(trigger.name)],
    ["subject", printable(trigger.subject)],
    ["workflow", printable(trigger.stateMachine)],
    ["input", printable(trigger.input ?? "the message's data")],
    ["concurrency", String(trigger.concurrency)],
    ["refusals", `${trigger.refusalsMax}, then ${printable(trigger.deadLetterSubject ?? "given up")}`],
    ["state", trigger.isEnabled ? "enabled" : "disabled"],
  ];
  for (const line of descriptionLines(fields, [], scope.paint)) scope.io.stdout.write(`${line}\n`);
}

async function remove(scope: CommandScope, name: string, flags: ConnectionFlags): Promise<void> {
  const answer = await withStanding(scope, flags, (client) => client.deleteTrigger(name));
  if (flags.json === true) return printJson(scope.io, answer);
  scope.io.stdout.write(`${printable(answer.name)} deleted\n`);
}
