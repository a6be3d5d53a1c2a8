/** What commands share: options, connections, and how results are printed. */
import { type Command, InvalidArgumentError } from "commander";
import type { ExecutionDescription, ExecutionStatus } from "../../runtime/engine.ts";
import { isSegment, type Json, type JsonObject, present, type Space } from "../../values/mod.ts";
import { asCliFailure, CliFailure, usageFailure } from "./failure.ts";
import type { AwsApiOptions, ClientPort, ConnectionOptions, Homes, NatsSettings } from "./homes.ts";
import type { CliIo } from "./io.ts";
import type { Paint } from "./paint.ts";

/** What a command works with, and where it leaves its exit status. */
export interface CommandScope {
  readonly io: CliIo;
  readonly homes: Homes;
  /** For stdout. */
  readonly paint: Paint;
  /** For stderr. */
  readonly errPaint: Paint;
  /** 0 unless a command says otherwise. */
  exitCode: number;
}

/** The flag that every command has. */
export interface JsonOption {
  readonly json?: boolean;
}

/** As given; the environment and the defaults come in by {@link connectionOf}. */
export interface ConnectionFlags extends JsonOption {
  readonly nats?: string;
  readonly credentials?: string;
  readonly tenant?: string;
  readonly namespace?: string;
}

/** Where NATS is looked for when nobody says. */
export const DEFAULT_NATS_URL = "nats://127.0.0.1:4222";

/** Adds `--json`. */
export function withJson(command: Command, what = "print JSON on stdout, and errors as JSON on stderr"): Command {
  return command.option("--json", what);
}

/** Adds `--nats` and `--credentials`. */
export function withNats(command: Command): Command {
  return command
    .option("--nats <url>", `NATS server (env WEFT_NATS_URL, default ${DEFAULT_NATS_URL})`)
    .option("--credentials <file>", "file with a NATS user's credentials (env WEFT_NATS_CREDENTIALS)");
}

/** Adds `--nats`, `--credentials`, `--tenant`, `--namespace` and `--json`. */
export function withConnection(command: Command): Command {
  withNats(command)
    .option("--tenant <name>", "tenant (env WEFT_TENANT, default default)")
    .option("--namespace <name>", "namespace (env WEFT_NAMESPACE, default default)");
  return withJson(command);
}

/** Lines of examples below a command's help. */
export function withExamples(command: Command, examples: readonly string[]): Command {
  return command.addHelpText("after", `\nExamples:\n${examples.map((example) => `  ${example}`).join("\n")}`);
}

/** The address of NATS: the flag, else the environment, else this machine. */
export function natsUrlOf(io: CliIo, flags: { readonly nats?: string }): string {
  return nonEmpty(flags.nats) ?? nonEmpty(io.env["WEFT_NATS_URL"]) ?? DEFAULT_NATS_URL;
}

/** The file of credentials, from the flag or the environment. */
export function credentialsOf(
  io: CliIo,
  flags: { readonly credentials?: string },
): { readonly credentialsFile?: string } {
  const file = nonEmpty(flags.credentials) ?? nonEmpty(io.env["WEFT_NATS_CREDENTIALS"]);
  return present({ credentialsFile: file });
}

/** Where tasks of an embedded engine find NATS services: only if the environment says so. */
export function embeddedNats(io: CliIo): { readonly nats?: NatsSettings } {
  const url = nonEmpty(io.env["WEFT_NATS_URL"]);
  return url === undefined ? {} : { nats: { url, ...credentialsOf(io, {}) } };
}

/** Address and space, from flags, environment and defaults. */
export function connectionOf(io: CliIo, flags: ConnectionFlags): ConnectionOptions {
  return {
    url: natsUrlOf(io, flags),
    ...credentialsOf(io, flags),
    tenant: segment("--tenant", nonEmpty(flags.tenant) ?? nonEmpty(io.env["WEFT_TENANT"]) ?? "default"),
    namespace: segment("--namespace", nonEmpty(flags.namespace) ?? nonEmpty(io.env["WEFT_NAMESPACE"]) ?? "default"),
  };
}

/** The default port of the AWS API: Step Functions Local's. */
export const AWS_API_PORT = 8_083;

/** Flags of commands that serve the AWS API. */
export interface AwsApiFlags {
  readonly host?: string;
  readonly account?: string;
  readonly region?: string;
}

/** Adds what says where the AWS API listens and whose unsigned calls are. */
export function withAwsApi(command: Command): Command {
  return command
    .option("--host <address>", "interface that the AWS API listens on (env WEFT_HTTP_HOST; default 127.0.0.1)")
    .option("--account <id>", "account of calls whose access key is none (env WEFT_AWS_ACCOUNT; default 123456789012)")
    .option("--region <name>", "region of unsigned calls (env WEFT_AWS_REGION; default us-east-1)");
}

/** Interface, account and region of the AWS API, from flags, environment and defaults. */
export function awsApiOf({ env }: CliIo, flags: AwsApiFlags): AwsApiOptions {
  const host = nonEmpty(flags.host) ?? nonEmpty(env["WEFT_HTTP_HOST"]);
  return {
    account: segment("--account", nonEmpty(flags.account) ?? nonEmpty(env["WEFT_AWS_ACCOUNT"]) ?? "123456789012"),
    region: segment("--region", nonEmpty(flags.region) ?? nonEmpty(env["WEFT_AWS_REGION"]) ?? "us-east-1"),
    ...present({ host }),
  };
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}

function segment(option: string, text: string): string {
  if (isSegment(text)) return text;
  throw usageFailure(`Expected ${option} to be 1 to 64 of A-Z a-z 0-9 _ -, but it is "${text}"`);
}

/** Connects, does `work`, and closes the connection whatever comes. */
export async function withClient<T>(
  scope: CommandScope,
  flags: ConnectionFlags,
  work: (client: ClientPort, connection: ConnectionOptions) => Promise<T>,
): Promise<T> {
  const connection = connectionOf(scope.io, flags);
  const client = await reaching(connection.url, scope.homes.connectClient(connection));
  try {
    return await work(client, connection);
  } finally {
    await client.close();
  }
}

/** What a home promises, or the failure that says NATS could not be reached and what to do. */
export async function reaching<T>(url: string, promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (thrown) {
    const failure = asCliFailure(thrown);
    if (failure.code !== "Failed") throw failure;
    // A tagged failure of another kind: the server is there, and is not fit.
    if (hasOtherTag(thrown)) {
      throw new CliFailure(failure.message, { code: "Failed", hint: "`weft doctor` looks closer.", cause: thrown });
    }
    throw new CliFailure(`Cannot reach NATS at ${withoutPassword(url)}: ${rootMessage(thrown)}`, {
      code: "Unreachable",
      hint: "Start one with `nats-server --jetstream`, or say where it is: --nats URL or WEFT_NATS_URL.",
      details: { url: withoutPassword(url) },
      cause: thrown,
    });
  }
}

function hasOtherTag(thrown: unknown): boolean {
  return thrown instanceof Error && "_tag" in thrown && thrown._tag !== "NatsUnavailable";
}

/** The message of the innermost cause: outer ones only say what was tried. */
function rootMessage(thrown: unknown): string {
  let inner = thrown;
  for (let depth = 0; depth < 8; depth += 1) {
    if (!(inner instanceof Error) || !(inner.cause instanceof Error)) break;
    inner = inner.cause;
  }
  if (!(inner instanceof Error)) return String(inner);
  return inner.message !== "" ? inner.message : inner.name;
}

/** A NATS address fit for a screen: `nats://user:***@host`. */
export function withoutPassword(url: string): string {
  return url.replace(/(\/\/[^:/@\s]*):[^@\s]*@/, "$1:***@").replace(/\/\/[^:/@\s]+@/, "//***@");
}

/** The whole id from `e…/…` as tables show it, or as it is. */
export function fullExecutionId(space: Space, id: string): string {
  return /^e[0-9a-f]{7}\/[0-9a-f]{16}$/.test(id) ? `/${space.tenant}/${space.namespace}/${id}` : id;
}

/** JSON for people on a terminal, in one line for everything else. */
export function printJson(io: CliIo, value: unknown): void {
  io.stdout.write(`${io.stdout.isTTY ? JSON.stringify(value, undefined, 2) : JSON.stringify(value)}\n`);
}

/** An option's value as a whole number of a range. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
  };
}

/** An option's value as a number above 0. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError("Expected a number above 0.");
}

/** An option's value as a moment: ISO 8601 with zone. */
export function isoTime(text: string): string {
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text))) {
    return text;
  }
  throw new InvalidArgumentError("Expected a time with its zone, such as 2026-01-31T10:00:00Z.");
}

/** The statuses of an execution, for help and checks. */
export const executionStatuses: readonly ExecutionStatus[] = [
  "Pending",
  "Running",
  "Completing",
  "Succeeded",
  "Failed",
  "Canceling",
  "Canceled",
  "Deleting",
];

/** Prints the output of one that succeeded; fails with error and cause of one that did not. */
export function printOutcome(scope: CommandScope, execution: ExecutionDescription): void {
  if (execution.status === "Succeeded") return printJson(scope.io, execution.output ?? null);
  const { executionId, status, error, cause } = execution;
  const what = [error, cause].filter((part): part is string => part !== undefined && part !== "").join(": ");
  const details: { [name: string]: Json } = { executionId, status };
  if (error !== undefined) details["error"] = error;
  if (cause !== undefined) details["cause"] = cause;
  throw new CliFailure(what === "" ? `The execution ended as ${status}` : what, {
    code: `Execution${status}`,
    details: details satisfies JsonObject,
  });
}
