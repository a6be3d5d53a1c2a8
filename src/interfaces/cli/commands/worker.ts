/** `weft worker`: does the tasks of one resource, by a command or by a module's function. */
import type { Command } from "commander";
import { defaultLimits, type Json } from "../../../values/mod.ts";
import type { CommandScope } from "../command_scope.ts";
import { type ConnectionFlags, connectionOf, withConnection, withExamples } from "../options/connection_options.ts";
import { reaching, withoutPassword } from "../reach_server.ts";
import { wholeNumber } from "../options/option_values.ts";
import { formatCount, formatDuration } from "../output/duration.ts";
import { execHandler } from "../input/exec_handler.ts";
import { usageFailure } from "../output/failure.ts";
import { loadHandler } from "../input/handler_module.ts";
import type { RunningTask, TaskHandler } from "../../../sdk/mod.ts";
import { listenForInterruption } from "../interruption.ts";
import { exitCodeOf } from "../io.ts";
import { printable } from "../output/text_width.ts";

interface WorkerFlags extends ConnectionFlags {
  readonly resource: string;
  readonly exec?: string;
  readonly module?: string;
  readonly concurrency: number;
  readonly verbose?: boolean;
}

/** Adds the command. */
export function addWorkerCommand(program: Command, scope: CommandScope): void {
  const command = program.command("worker")
    .summary("do the tasks of a resource, by a command or a module")
    .description(
      "Takes tasks of one resource and does them, until it is told to stop.\n\n" +
        "--exec runs a command line once for each task: the input's JSON on stdin, the output's JSON from stdout.\n" +
        'Another exit status than 0 fails the task, with the end of stderr as cause; {"error", "cause"} on stdout says it better.\n' +
        "--module loads a JavaScript or TypeScript module: its default export, or the one named as the resource, is called.",
    )
    .requiredOption("--resource <name>", "resource, as the Task states name it")
    .option("--exec <command>", "command line to run for each task")
    .option("--module <file>", "module whose function is called for each task")
    .option("--concurrency <n>", "tasks at once", wholeNumber(1, 10_000), 8)
    .option("--verbose", "tell of each task, not only of those that failed");
  withExamples(withConnection(command), [
    "weft worker --resource charge --exec 'python3 charge.py'",
    'weft worker --resource greet --exec \'jq "{greeting: (\\"Hello, \\" + .name)}"\'',
    "weft worker --resource charge --module ./charge.ts --concurrency 32",
  ]).action((flags: WorkerFlags) => work(scope, flags));
}

async function work(scope: CommandScope, flags: WorkerFlags): Promise<void> {
  const { io, homes } = scope;
  const connection = connectionOf(io, flags);
  const counts = { succeeded: 0, failed: 0 };
  const handler = told(scope, flags, counts, await handlerOf(scope, flags));
  const { resource, concurrency } = flags;
  const autoHeartbeat = flags.exec !== undefined;
  const onTrouble = (problem: string, cause?: unknown) => tellTrouble(scope, flags, problem, cause);
  const worker = await reaching(
    connection.url,
    homes.connectWorker({ ...connection, resource, concurrency, handler, autoHeartbeat, onTrouble }),
  );
  const interruption = listenForInterruption(io);
  const say = (text: string) => flags.json === true || io.stderr.write(`${text}\n`);
  try {
    say(
      `Working on "${printable(resource)}", ${concurrency} at once, at ${
        withoutPassword(connection.url)
      }; stop with Ctrl-C`,
    );
    await Promise.race([interruption.asked, worker.failed]);
    say("Stopping: the tasks in hand are finished first; again to give them up");
    const insisted = await Promise.race([worker.close().then(() => undefined), interruption.insisted]);
    if (insisted !== undefined) {
      await worker.close({ abort: true });
      scope.exitCode = exitCodeOf(insisted);
    }
    say(`Stopped: ${formatCount(counts.succeeded)} tasks done, ${formatCount(counts.failed)} failed`);
  } catch (thrown) {
    await worker.close({ abort: true }).catch(() => {}); // the first failure is the one to tell of
    throw thrown;
  } finally {
    interruption.stopListening();
  }
}

async function handlerOf({ io }: CommandScope, flags: WorkerFlags): Promise<TaskHandler> {
  const { exec, module, resource } = flags;
  if ((exec === undefined) === (module === undefined)) {
    throw usageFailure("Expected exactly one of --exec and --module");
  }
  if (module !== undefined) return await loadHandler(io.cwd, module, resource);
  return execHandler(exec ?? "", { cwd: io.cwd, env: io.env, outputBytesMax: 4 * defaultLimits.payloadBytesMax });
}

/** The handler, with each outcome counted and told. */
function told(
  scope: CommandScope,
  flags: WorkerFlags,
  counts: { succeeded: number; failed: number },
  handler: TaskHandler,
): TaskHandler {
  return async (input, task) => {
    const startedMs = scope.io.nowEpochMs();
    const took = () => scope.io.nowEpochMs() - startedMs;
    try {
      const output = await handler(input, task);
      counts.succeeded += 1;
      if (flags.verbose === true) tell(scope, flags, task, { status: "Succeeded", tookMs: took() });
      return output;
    } catch (thrown) {
      counts.failed += 1;
      tell(scope, flags, task, { status: "Failed", tookMs: took(), ...faultOf(thrown) });
      throw thrown;
    }
  };
}

interface Told {
  readonly status: "Succeeded" | "Failed";
  readonly tookMs: number;
  readonly error?: string;
  readonly cause?: string;
}

function tell({ io, errPaint }: CommandScope, flags: WorkerFlags, task: RunningTask, outcome: Told): void {
  const { taskId, executionId, stateName, attempt } = task;
  if (flags.json === true) {
    const fields: { readonly [name: string]: Json | undefined } = {
      taskId,
      executionId,
      stateName,
      attempt,
      ...outcome,
    };
    return io.stdout.write(`${JSON.stringify(fields)}\n`);
  }
  const { status, tookMs, error, cause } = outcome;
  const mark = status === "Succeeded" ? errPaint.green("✓") : errPaint.red("✗");
  const why = error === undefined ? "" : ` ${errPaint.red(printable(`${error}: ${cause ?? ""}`))}`;
  io.stderr.write(`${mark} ${printable(stateName)}${why} ${errPaint.dim(`${formatDuration(tookMs)} ${taskId}`)}\n`);
}

function tellTrouble({ io, errPaint }: CommandScope, flags: WorkerFlags, problem: string, cause: unknown): void {
  const reason = cause instanceof Error ? `: ${cause.message}` : "";
  if (flags.json === true) io.stdout.write(`${JSON.stringify({ trouble: `${problem}${reason}` })}\n`);
  else io.stderr.write(`${errPaint.yellow("!")} ${printable(`${problem}${reason}`)}\n`);
}

/** Error and cause as the engine will see them: a thrown value's own `error` and `cause`, else its name and message. */
function faultOf(thrown: unknown): { readonly error: string; readonly cause: string } {
  if (!(thrown instanceof Error)) return { error: "Error", cause: String(thrown) };
  const error = "error" in thrown && typeof thrown.error === "string" ? thrown.error : thrown.name;
  return { error, cause: typeof thrown.cause === "string" ? thrown.cause : thrown.message };
}
