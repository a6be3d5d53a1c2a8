/** `weft test-state`: one state, tried out as AWS's TestState does, by a server or by one of this process's own. */
import type { Command } from "commander";
import { isJsonObject, type Json, type JsonObject, parseJson, present } from "../../../values/mod.ts";
import type { CommandScope } from "../command_scope.ts";
import { jsonOf, readDefinition, readInput } from "../input/read_input.ts";
import { awsApiOf } from "../options/aws_api_options.ts";
import { type JsonOption, withExamples, withJson } from "../options/connection_options.ts";
import { wholeNumber } from "../options/option_values.ts";
import { CliFailure, usageFailure } from "../output/failure.ts";
import { printJson } from "../output/print.ts";
import { printable } from "../output/text_width.ts";
import { AwsApiClient } from "../templates/aws_api_client.ts";

interface TestStateFlags extends JsonOption {
  readonly state?: string;
  readonly input?: string;
  readonly variables?: string;
  readonly context?: string;
  readonly result?: string;
  readonly error?: string;
  readonly cause?: string;
  readonly retries?: number;
  readonly trace?: boolean;
  readonly endpoint?: string;
}

/** Nobody looks at it here: AWS wants one where a task is done. */
const ROLE = "arn:aws:iam::123456789012:role/weft";

/** Adds the command. */
export function addTestStateCommand(program: Command, scope: CommandScope): void {
  const command = program.command("test-state")
    .summary("try one state with an input, its work mocked or done")
    .description(
      "Tries one state of a definition as AWS's TestState does, and prints its output; what it came to and which state follows goes to stderr.\n" +
        "Exit status: 0 succeeded or caught, 1 failed or to be retried, 2 wrong use.",
    )
    .argument("<definition>", "file with a state machine or a single state, or - for stdin")
    .option("--state <name>", "which state; not needed for a single one")
    .option("--input <json>", "input: JSON, @FILE, or - for stdin (default {})")
    .option("--result <json>", "what its work comes to: the task, Map or Parallel is not done")
    .option("--error <name>", "its work fails with this error")
    .option("--cause <text>", "cause of --error")
    .option("--variables <json>", "variables that are set before it")
    .option("--context <json>", "context object, with --result or --error")
    .option("--retries <n>", "retries that were made before, with --result or --error", wholeNumber(0, 1_000))
    .option("--trace", "show each step from input to output, as JSON")
    .option("--endpoint <url>", "a server's AWS API that does it, with its integrations (default: this process)");
  withExamples(withJson(command), [
    "weft test-state order.asl.json --state Sort --input '{\"total\": 12}' --trace",
    "weft test-state order.asl.json --state Charge --error CardDeclined",
  ]).action((definition: string, flags: TestStateFlags) => testState(scope, definition, flags));
}

async function testState(scope: CommandScope, file: string, flags: TestStateFlags): Promise<void> {
  const request = await requestOf(scope, file, flags);
  const answer = await asked(scope, flags, request);
  const status = String(answer["status"] ?? "");
  scope.exitCode = status === "SUCCEEDED" || status === "CAUGHT_ERROR" ? 0 : 1;
  if (flags.json === true || flags.trace === true) return printJson(scope.io, shown(answer));
  const { io, errPaint } = scope;
  const output = answer["output"];
  if (typeof output === "string") printJson(io, parseJson(output));
  const what = [answer["error"], answer["cause"]].filter((part) => typeof part === "string").join(": ");
  const next = typeof answer["nextState"] === "string" ? `, goes on at ${answer["nextState"]}` : "";
  const line = printable(`${status}${what === "" ? "" : ` ${what}`}${next}`);
  io.stderr.write(`${scope.exitCode === 0 ? errPaint.green(line) : errPaint.red(line)}\n`);
}

async function requestOf({ io }: CommandScope, file: string, flags: TestStateFlags): Promise<JsonObject> {
  const { state, result, error, cause, context, variables, retries, trace } = flags;
  if (result !== undefined && error !== undefined) throw usageFailure("Expected one of --result and --error");
  const definition = await readDefinition(io, file);
  jsonOf(definition);
  const text = async (argument: string | undefined): Promise<string | undefined> =>
    argument === undefined ? undefined : JSON.stringify(await readInput(io, argument));
  const mock = error !== undefined
    ? { errorOutput: present({ error, cause }) }
    : result !== undefined
    ? { result: await text(result) ?? "null", fieldValidationMode: "NONE" }
    : undefined;
  return {
    definition: definition.text,
    roleArn: ROLE,
    input: await text(flags.input) ?? "{}",
    inspectionLevel: trace === true ? "TRACE" : "INFO",
    ...present({
      stateName: state,
      mock: mock as JsonObject | undefined,
      variables: await text(variables),
      context: await text(context),
      stateConfiguration: retries === undefined ? undefined : { retrierRetryCount: retries },
    }),
  };
}

async function asked(scope: CommandScope, flags: TestStateFlags, request: JsonObject): Promise<JsonObject> {
  const { account, region } = awsApiOf(scope.io, {});
  const ask = async (endpoint: string) =>
    await new AwsApiClient(endpoint, account, region).call("TestState", request) ?? notThere(endpoint);
  if (flags.endpoint !== undefined) return await ask(flags.endpoint);
  const home = await scope.homes.serveDev({ port: 0, account, region });
  try {
    return await ask(home.listening[0]?.address ?? "");
  } finally {
    await home.close();
  }
}

function notThere(endpoint: string): never {
  throw new CliFailure(`The server at ${endpoint} knows no TestState`, { code: "NotFound" });
}

/** Payloads as JSON and not as text in it. */
function shown(answer: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, unpacked(value)]));
}

function unpacked(value: Json): Json {
  if (isJsonObject(value)) return shown(value);
  if (typeof value !== "string" || !/^[[{"]/.test(value)) return value;
  try {
    return parseJson(value);
  } catch {
    return value;
  }
}
