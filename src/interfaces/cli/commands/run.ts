/** `weft run`: one execution in this process. */
import type { Command } from "commander";
import { Effect } from "effect";
import { basename, extname } from "node:path";
import type { ExecutionDescription, RequestRefused } from "../../../runtime/engine.ts";
import { defaultLimits, isExecutionIdOf, present } from "../../../values/mod.ts";
import type { CommandScope } from "../command_scope.ts";
import { embeddedNats, localSpace, withExamples, withJson } from "../options/connection_options.ts";
import { fullExecutionId, positiveNumber } from "../options/option_values.ts";
import { printOutcome } from "../output/print.ts";
import { CliFailure, usageFailure } from "../output/failure.ts";
import { loadHandlers } from "../input/handler_module.ts";
import type { EmbeddedHome } from "../homes.ts";
import { integrationSettings, type MapOption, withMap } from "../options/integration_settings.ts";
import { type LimitFlags, limitSettings, withLimits } from "../options/limit_options.ts";
import { listenForInterruption, orInterrupted } from "../interruption.ts";
import { exitCodeOf } from "../io.ts";
import { EmbeddedFollower } from "../steps/embedded_follower.ts";
import { Timeline } from "../steps/timeline.ts";
import { timeScaleOf } from "./serve.ts";
import { jsonOf, readDefinition, readInput } from "../input/read_input.ts";

interface RunFlags extends LimitFlags, MapOption {
  readonly input?: string;
  readonly handlers?: string;
  readonly store?: string;
  readonly resume?: string;
  readonly steps?: boolean;
  readonly timeScale?: number;
  readonly json?: boolean;
}

/** Adds the command. */
export function addRunCommand(program: Command, scope: CommandScope): void {
  const command = program.command("run")
    .summary("run a definition here and now, and print its output")
    .description(
      "Runs one execution in this process, with nothing else installed. The output alone goes to stdout.\n" +
        "Exit status: 0 succeeded, 1 failed (error and cause on stderr), 2 wrong use.",
    )
    .argument("[definition]", "file with the state machine, or - for stdin; not needed with --resume")
    .option("--input <json>", "input: JSON, @FILE, or - for stdin (default {})")
    .option("--handlers <module>", "JavaScript or TypeScript module whose exports do the tasks, by resource")
    .option("--store <dir>", "folder that keeps the execution, so that it can be resumed")
    .option("--resume <id>", "go on with an execution of the store")
    .option("--steps", "show each step on stderr as it happens")
    .option(
      "--time-scale <factor>",
      "factor on every wait, timeout and retry delay (env WAIT_TIME_SCALE)",
      positiveNumber,
    );
  withExamples(withJson(withLimits(withMap(command))), [
    'weft run hello.asl.json --input \'{"name": "Ada"}\'',
    "weft run order.asl.json --input @order.json --handlers handlers.ts --steps",
    "cat order.json | weft run order.asl.json --input - --handlers handlers.ts",
    "weft run order.asl.json --input @order.json --store ./state     # prints the execution's id on stderr",
    "weft run order.asl.json --store ./state --resume /local/default/e1a2b3c4/0123456789abcdef",
  ]).action((definition: string | undefined, flags: RunFlags) => run(scope, definition, flags));
}

async function run(scope: CommandScope, definition: string | undefined, flags: RunFlags): Promise<void> {
  const work = await preparedWork(scope, definition, flags);
  const handlers = flags.handlers === undefined ? {} : await loadHandlers(scope.io.cwd, flags.handlers);
  const timeScale = timeScaleOf(scope, flags.timeScale);
  const limits = limitSettings(scope.io, flags);
  const home = await scope.homes.openEmbedded({
    handlers,
    ...limits,
    ...await integrationSettings(scope.io, flags),
    ...embeddedNats(scope.io),
    ...present({ store: flags.store, timeScale }),
  });
  const interruption = listenForInterruption(scope.io);
  try {
    const outcome = await orInterrupted(interruption, execute(scope, home, work, flags));
    if ("value" in outcome) return printOutcome(scope, outcome.value);
    scope.exitCode = exitCodeOf(outcome.signal);
    const hint = flags.store === undefined ? "with --store it could be resumed" : "go on with --resume";
    scope.io.stderr.write(`Stopped by ${outcome.signal}; ${hint}\n`);
  } finally {
    await Promise.race([home.close(), interruption.insisted]);
    interruption.stopListening();
  }
}

type Work =
  | { readonly resume: string }
  | { readonly name: string; readonly definition: string; readonly input: Awaited<ReturnType<typeof readInput>> };

/** Reads and checks everything before anything is opened. */
async function preparedWork(scope: CommandScope, definition: string | undefined, flags: RunFlags): Promise<Work> {
  if (flags.resume !== undefined) {
    if (flags.store === undefined) {
      throw usageFailure("Expected --store with --resume: an execution is resumed from the folder that keeps it");
    }
    const executionId = fullExecutionId(localSpace, flags.resume);
    if (isExecutionIdOf(localSpace, executionId)) return { resume: executionId };
    throw usageFailure(`Expected --resume to be an id that weft run printed, but it is "${flags.resume}"`);
  }
  if (definition === undefined) throw usageFailure("Expected the file of a definition: weft run DEFINITION");
  if (definition === "-" && flags.input === "-") {
    throw usageFailure("Expected one of definition and --input from stdin, but both are -");
  }
  const source = await readDefinition(scope.io, definition);
  jsonOf(source);
  return { name: workflowNameOf(definition), definition: source.text, input: await readInput(scope.io, flags.input) };
}

/** A workflow's name from the name of its file: `order.asl.json` is `order`. */
function workflowNameOf(path: string): string {
  const file = basename(path, extname(path)).replace(/\.asl$/, "");
  const name = file.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, defaultLimits.nameCharactersMax);
  return /[A-Za-z0-9]/.test(name) ? name : "workflow";
}

async function execute(
  scope: CommandScope,
  home: EmbeddedHome,
  work: Work,
  flags: RunFlags,
): Promise<ExecutionDescription> {
  const steps = flags.steps === true ? showSteps(scope, home) : undefined;
  try {
    const executionId = "resume" in work ? work.resume : await start(home, work);
    if (flags.store !== undefined) tellId(scope, executionId, flags.json === true);
    const following = steps?.follower.begin(executionId);
    const execution = await answerOf(home.engine.awaitExecution({ ...localSpace, executionId }));
    await following;
    await steps?.follower.catchUp();
    return execution;
  } catch (thrown) {
    throw flags.resume === undefined ? thrown : notInStore(thrown, flags.resume, flags.store);
  } finally {
    steps?.close();
  }
}

function showSteps({ io, errPaint }: CommandScope, home: EmbeddedHome) {
  const timeline = new Timeline({ io, sink: io.stderr, paint: errPaint, showTasks: false });
  const follower = new EmbeddedFollower(
    (request) => answerOf(home.engine.executionHistory({ ...localSpace, ...request })),
    (item) => timeline.show(item),
  );
  const stop = home.onEvents((message) => follower.accept(message));
  return {
    follower,
    close() {
      stop();
      timeline.close();
    },
  };
}

async function start(home: EmbeddedHome, work: Exclude<Work, { readonly resume: string }>): Promise<string> {
  const { name, definition, input } = work;
  await answerOf(home.engine.putWorkflow({ ...localSpace, name, definition }));
  const { executionId } = await answerOf(home.engine.startExecution({ ...localSpace, workflow: name, input }));
  return executionId;
}

function tellId(scope: CommandScope, executionId: string, json: boolean): void {
  scope.io.stderr.write(json ? `${JSON.stringify({ executionId })}\n` : `Execution ${executionId}\n`);
}

function notInStore(thrown: unknown, executionId: string, store: string | undefined): unknown {
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown) || thrown.code !== "NotFound") return thrown;
  return new CliFailure(`There is no execution "${executionId}" in the store "${store}"`, {
    code: "NotFound",
    hint: "The id and the folder belong together: both are those of the run that was ended.",
  });
}

/** An engine's answer as a promise; rejects with the refusal itself. */
function answerOf<T>(answer: Effect.Effect<T, RequestRefused>): Promise<T> {
  return Effect.runPromise(answer);
}
