/** Several processes of `weft serve` on this machine, as nodes of one cluster. */
import { createServer } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Command } from "commander";
import type { CommandScope } from "../command_scope.ts";
import { serveUntilStopped } from "../interruption.ts";
import { usageFailure } from "../output/failure.ts";
import { withoutPassword } from "../reach_server.ts";
import { present } from "../../../values/mod.ts";
import { startProcess } from "./start_process.ts";
import type { Frame, ProcessPlan } from "./supervision.ts";
import { Supervisor } from "./supervisor.ts";

/** What is asked for, beside what every process is given as it is. */
export interface ProcessesOptions {
  readonly count: number;
  /** What the processes' names begin with. Default: the machine's name. */
  readonly name?: string;
  readonly store?: string;
  /** Of the AWS API; 0 takes a free one. */
  readonly http?: number;
  readonly host?: string;
  /** Of a node's session, as each process is given it. */
  readonly leaseMs?: number;
  /** Of the first process's health and metrics; each other has the port behind the one before. With port 0 each takes a free one. */
  readonly metrics?: { readonly host: string; readonly port: number };
  readonly json: boolean;
}

/** Where something listens. */
export type Listening = NonNullable<Frame["listening"]>;

/** Whether several processes can listen on one port, so that the system spreads connections over them. */
export const canSharePorts = process.platform === "linux";
const NAME_CHARACTERS_MAX = 60;
/** A process that is silent for so many leases has lost what it led long ago. */
const SILENT_LEASES = 3;
/** Options that each process gets of its own. */
const ownOptions: readonly string[] = [
  "processes",
  "name",
  "store",
  "http",
  "json",
  "supervised",
  "sharedPort",
  "metrics",
];

/** Starts the processes, and keeps them up until a signal comes. */
export async function serveProcesses(
  scope: CommandScope,
  command: Command,
  { count, name: base = hostname(), store, http, host, leaseMs, metrics, json }: ProcessesOptions,
): Promise<void> {
  const port = http === 0 ? await freePort(host) : http;
  const common = argumentsOf(command, ownOptions);
  const plans = Array.from({ length: count }, (_, index) => {
    const name = `${base.slice(0, NAME_CHARACTERS_MAX)}-${index + 1}`; // the same after a restart
    const more = [...common, ...ownArguments(name, index, store, port), ...metricsArguments(index, metrics)];
    return weftPlan(name, "serve", more);
  });
  const silentMsMax = leaseMs === undefined ? undefined : SILENT_LEASES * leaseMs;
  await keepUp(scope, { json, ...present({ silentMsMax }) }, async (supervisor) => {
    // The first makes the cluster, if there is none.
    const [first, ...others] = plans;
    const frames = first === undefined ? [] : [await supervisor.run(first)];
    frames.push(...await Promise.all(others.map((plan) => supervisor.run(plan))));
    return { listening: listeningOf(frames), processes: plans.map(({ name }) => name) };
  });
}

/** Runs processes under a supervisor until a signal ends them all: a second one at once. */
export async function keepUp(
  scope: CommandScope,
  { json, silentMsMax }: { readonly json: boolean; readonly silentMsMax?: number },
  start: (supervisor: Supervisor) => Promise<{ readonly listening: Listening; readonly processes: readonly string[] }>,
): Promise<void> {
  const { io, homes, paint } = scope;
  const supervisor = new Supervisor({
    start: startProcess,
    every: (ms, tick) => io.every(ms, tick),
    nowMs: () => performance.now(),
    ...present({ silentMsMax }),
    onLine: (name, line, stream) => (json || stream === "err" ? io.stderr : io.stdout).write(`[${name}] ${line}\n`),
  });
  const failed = Promise.withResolvers<never>();
  const tellWhenUp = async () => {
    const { listening, processes } = await start(supervisor);
    if (json) return io.stdout.write(`${JSON.stringify({ version: homes.version, listening, processes })}\n`);
    io.stdout.write(
      `${paint.bold(`weft ${homes.version}`)} is up in ${processes.length} processes; stop it with Ctrl-C\n`,
    );
    for (const { name, address } of listening) io.stdout.write(`  ${name}: ${paint.cyan(address)}\n`);
  };
  const closing = async () => {
    await supervisor.close();
    await starting;
  };
  const starting = tellWhenUp().catch((failure) => failed.reject(failure));
  const stopping = () => json || io.stderr.write("Stopping: the work in hand is finished first\n");
  try {
    scope.exitCode = await serveUntilStopped(io, failed.promise, closing, stopping);
  } finally {
    supervisor.kill(); // nothing is there any more, unless somebody insisted
  }
  if (!json && scope.exitCode === 0) io.stderr.write("Stopped\n");
}

/** A `weft` as this one is run, with these arguments, that is looked after. */
export function weftPlan(name: string, command: string, args: readonly string[]): ProcessPlan {
  const [runtime = "", ...before] = selfCommand();
  return { name, command: runtime, args: [...before, command, ...args, "--supervised"], isWeft: true };
}

/** What of these processes' addresses are told: each once, without passwords. */
export function listeningOf(frames: readonly Frame[]): Listening {
  const all = frames.flatMap(({ listening = [] }) => listening)
    .map(({ name, address }) => ({ name, address: withoutPassword(address) }));
  return [...new Map(all.map((one) => [`${one.name} ${one.address}`, one])).values()];
}

/** A process's own arguments. Where ports cannot be shared, only the first has the AWS API. */
export function ownArguments(
  name: string,
  index: number,
  store: string | undefined,
  port: number | undefined,
): string[] {
  const hasHttp = port !== undefined && (canSharePorts || index === 0);
  return [
    ...["--name", name],
    ...(store === undefined ? [] : ["--store", join(store, name)]),
    ...(hasHttp ? ["--http", String(port), ...(canSharePorts ? ["--shared-port"] : [])] : []),
  ];
}

/** One process's place for health and metrics: several cannot share one, for each has numbers of its own. */
function metricsArguments(index: number, metrics: ProcessesOptions["metrics"]): string[] {
  if (metrics === undefined) return [];
  const { host, port } = metrics;
  return ["--metrics", `${host.includes(":") ? `[${host}]` : host}:${port === 0 ? 0 : port + index}`];
}

/** A port that was free just now: any, or this one. @throws {Error} it is taken */
export function freePort(host = "127.0.0.1", port = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(port, host, () => {
      const address = server.address();
      const bound = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(bound));
    });
  });
}

/** The options of a command as they were given, but for some. */
export function argumentsOf(command: Command, without: readonly string[]): string[] {
  return command.options.flatMap((option) => {
    const name = option.attributeName();
    if (without.includes(name) || command.getOptionValueSource(name) !== "cli" || option.long == null) return [];
    const value: unknown = command.getOptionValue(name);
    if (typeof value === "boolean") return value ? [option.long] : [];
    if (Array.isArray(value)) return value.flatMap((one) => [option.long ?? "", String(one)]);
    return [`${option.long}=${String(value)}`];
  });
}

/** How this process was started: the runtime, its arguments, the script. */
function selfCommand(): string[] {
  const [, script] = process.argv;
  if (script === undefined) throw usageFailure("Cannot start more processes: it is not known how this one was started");
  const watching = /^--(watch|inspect)/;
  const runtime = "Deno" in globalThis
    ? ["run", "-A", "--no-check"]
    : process.execArgv.filter((it) => !watching.test(it));
  return [process.execPath, ...runtime, script];
}
