/** `weft schedules …`: executions that start at their times. */
import { type Command, Option } from "commander";
import type { Overlap, ScheduleDescription, ScheduleRequest } from "../../../sdk/mod.ts";
import type { CommandScope } from "../command_scope.ts";
import { type ConnectionFlags, withExamples, withServer } from "../options/connection_options.ts";
import { printJson } from "../output/print.ts";
import { isoTime, wholeNumber } from "../options/option_values.ts";
import { withStanding } from "../reach_server.ts";
import { descriptionLines } from "../output/description.ts";
import { readInput } from "../input/read_input.ts";
import { tableLines } from "../output/table.ts";
import { printable } from "../output/text_width.ts";
import { present } from "../../../values/mod.ts";

const PAGE = 100;
const FLEXIBLE_MINUTES_MAX = 1_440;
const CATCH_UP_SECONDS_MAX = 366 * 86_400;
const overlaps: readonly Overlap[] = ["allow", "skip", "buffer-one", "buffer-all", "cancel-other"];

interface PutFlags extends ConnectionFlags {
  readonly workflow: string;
  readonly input?: string;
  readonly timezone?: string;
  readonly startAt?: string;
  readonly endAt?: string;
  readonly flexible?: number;
  readonly overlap?: Overlap;
  readonly catchUp?: number;
  readonly once?: boolean;
  readonly description?: string;
}

interface ListFlags extends ConnectionFlags {
  readonly limit: number;
  readonly next?: string;
}

/** Adds the group of commands. */
export function addScheduleCommands(program: Command, scope: CommandScope): void {
  const group = program.command("schedules").summary("put, list, describe, pause, resume and delete schedules");
  const putCommand = group.command("put").summary("start executions of a workflow at times, or change when")
    .argument("<name>", "name of the schedule")
    .argument("<expression>", "rate(5 minutes), cron(0 9 ? * MON-FRI *) or at(2030-01-31T08:00:00)")
    .requiredOption("--workflow <name>", "workflow to start, or a state machine's ARN")
    .option("--input <json>", "input: JSON, @FILE, or - for stdin (default {})")
    .option("--timezone <name>", "zone of cron and at, such as Europe/Zurich (default UTC)")
    .option("--start-at <time>", "nothing is due before", isoTime)
    .option("--end-at <time>", "nothing is due after", isoTime)
    .option("--flexible <minutes>", "start somewhere in so many minutes", wholeNumber(1, FLEXIBLE_MINUTES_MAX))
    .addOption(
      new Option("--overlap <policy>", "while the last execution still runs (default allow)").choices(overlaps),
    )
    .option("--catch-up <seconds>", "what is older is missed (default a day)", wholeNumber(1, CATCH_UP_SECONDS_MAX))
    .option("--once", "delete it when nothing is due any more")
    .option("--description <text>", "what it is for");
  withExamples(withServer(putCommand), [
    "weft schedules put nightly 'cron(0 3 * * ? *)' --workflow report --timezone Europe/Zurich",
    "weft schedules put poll 'rate(30 seconds)' --workflow poll --overlap skip --catch-up 60",
  ]).action((name: string, expression: string, flags: PutFlags) => put(scope, name, expression, flags));

  const listCommand = group.command("list").summary("list schedules by name")
    .option("--limit <n>", "at most so many", wholeNumber(1, 100_000), PAGE)
    .option("--next <token>", "go on where a list ended");
  withExamples(withServer(listCommand), ["weft schedules list", "weft schedules list --json"])
    .action((flags: ListFlags) => list(scope, flags));

  const named = (verb: string, summary: string, work: (name: string, flags: ConnectionFlags) => Promise<void>) => {
    const command = group.command(verb).summary(summary).argument("<name>", "name of the schedule");
    withExamples(withServer(command), [`weft schedules ${verb} nightly`]).action(work);
  };
  named("describe", "show a schedule and what it has done", (name, flags) => describe(scope, name, flags));
  named("pause", "start nothing until it is resumed", (name, flags) => enable(scope, name, false, flags));
  named("resume", "go on from now", (name, flags) => enable(scope, name, true, flags));
  named("delete", "delete a schedule; what it started goes on", (name, flags) => remove(scope, name, flags));
}

async function put(scope: CommandScope, name: string, expression: string, flags: PutFlags): Promise<void> {
  const { workflow, timezone, startAt, endAt, flexible, overlap, catchUp, once, description } = flags;
  const input = flags.input === undefined ? undefined : JSON.stringify(await readInput(scope.io, flags.input));
  const request: ScheduleRequest = {
    ...{ name, expression, stateMachine: workflow },
    ...present({ input, timezone, startAt, endAt, overlap, description }),
    ...present({ flexibleMinutes: flexible, catchUpSeconds: catchUp, deletesItself: once }),
  };
  told(scope, flags, await withStanding(scope, flags, (client) => client.putSchedule(request)));
}

function told({ io }: CommandScope, flags: ConnectionFlags, schedule: ScheduleDescription): void {
  if (flags.json === true) return printJson(io, schedule);
  io.stdout.write(`${printable(schedule.name)} ${state(schedule)}\n`);
}

function state({ isEnabled, next: [first] }: ScheduleDescription): string {
  return isEnabled ? first === undefined ? "is over" : `is due ${first}` : "is paused";
}

async function list(scope: CommandScope, flags: ListFlags): Promise<void> {
  const { io, paint } = scope;
  const schedules: ScheduleDescription[] = [];
  const next = await withStanding(scope, flags, async (client) => {
    let token = flags.next;
    do {
      const limit = Math.min(PAGE, flags.limit - schedules.length);
      const page = await client.listSchedules({ limit, ...present({ next: token }) });
      schedules.push(...page.schedules);
      token = page.next;
    } while (token !== undefined && schedules.length < flags.limit);
    return token;
  });
  if (flags.json === true) return printJson(io, { schedules, ...present({ next }) });
  if (schedules.length === 0) {
    return io.stderr.write("No schedules found; weft schedules put NAME EXPRESSION puts one\n");
  }
  const columns = [
    { title: "SCHEDULE", text: (row: ScheduleDescription) => row.name },
    { title: "EXPRESSION", text: (row: ScheduleDescription) => row.expression },
    { title: "WORKFLOW", text: (row: ScheduleDescription) => row.stateMachine },
    { title: "NEXT", text: (row: ScheduleDescription) => row.isEnabled ? row.next[0] ?? "" : "paused" },
    { title: "STARTED", align: "right" as const, text: (row: ScheduleDescription) => String(row.started) },
  ];
  for (const line of tableLines(columns, schedules, paint, io.stdout.isTTY ? io.stdout.columns : Infinity)) {
    io.stdout.write(`${line}\n`);
  }
  if (next !== undefined) io.stderr.write(`There are more: --next ${next}\n`);
}

async function describe(scope: CommandScope, name: string, flags: ConnectionFlags): Promise<void> {
  const schedule = await withStanding(scope, flags, (client) => client.describeSchedule(name));
  if (flags.json === true) return printJson(scope.io, schedule);
  const { expression, timezone, stateMachine, overlap, started, skipped, missed, failed, waiting, last, failure } =
    schedule;
  const fields: (readonly [string, string])[] = [
    ["schedule", printable(schedule.name)],
    ["expression", `${expression} in ${timezone}`],
    ["workflow", printable(stateMachine)],
    ["overlap", overlap],
    ["catch up", `${schedule.catchUpSeconds} s`],
    ["next", schedule.isEnabled ? schedule.next.join(" ") : "paused"],
    ["done", `${started} started, ${skipped} skipped, ${missed} missed, ${failed} failed, ${waiting} waiting`],
    ...(last === undefined ? [] : [["last", `${last.dueAt} ${last.executionArn}`] as const]),
    ...(failure === undefined
      ? []
      : [["failure", printable(`${failure.dueAt} ${failure.code}: ${failure.message}`)] as const]),
  ];
  for (const line of descriptionLines(fields, [], scope.paint)) scope.io.stdout.write(`${line}\n`);
}

/** A schedule as it was asked for, taken from what is told of it. */
function askedFor(schedule: ScheduleDescription): ScheduleRequest {
  const { name, expression, stateMachine, timezone, input, startAt, endAt, flexibleMinutes } = schedule;
  const { overlap, catchUpSeconds, deletesItself, description } = schedule;
  return {
    ...{ name, expression, stateMachine, timezone, overlap, catchUpSeconds },
    ...present({ input, startAt, endAt, flexibleMinutes, deletesItself, description }),
  };
}

async function enable(scope: CommandScope, name: string, isEnabled: boolean, flags: ConnectionFlags): Promise<void> {
  const schedule = await withStanding(
    scope,
    flags,
    async (client) => await client.putSchedule({ ...askedFor(await client.describeSchedule(name)), isEnabled }),
  );
  told(scope, flags, schedule);
}

async function remove(scope: CommandScope, name: string, flags: ConnectionFlags): Promise<void> {
  const answer = await withStanding(scope, flags, (client) => client.deleteSchedule(name));
  if (flags.json === true) return printJson(scope.io, answer);
  scope.io.stdout.write(`${printable(answer.name)} deleted\n`);
}
