/** `weft serve` and `weft dev`: servers, until a signal comes. */
import { availableParallelism } from "node:os";
import { type Command, Option } from "commander";
import { AWS_API_PORT, type AwsApiFlags, awsApiOf, keyFileOf, withAwsApi } from "../options/aws_api_options.ts";
import type { CommandScope } from "../command_scope.ts";
import {
  credentialsOf,
  embeddedNats,
  type JsonOption,
  natsUrlOf,
  withExamples,
  withJson,
  withNats,
} from "../options/connection_options.ts";
import { positiveNumber, wholeNumber } from "../options/option_values.ts";
import { hindrances } from "../doctor/findings.ts";
import { CliFailure, usageFailure } from "../output/failure.ts";
import { reaching, withoutPassword } from "../reach_server.ts";
import { loadHandlers } from "../input/handler_module.ts";
import type { ServedHome, ServeOptions } from "../homes.ts";
import { serveDevCluster } from "../processes/dev_cluster.ts";
import { frameLine, lookedAfter } from "../processes/supervision.ts";
import { processesForCores } from "../processes/process_count.ts";
import { argumentsOf, serveProcesses } from "../processes/serve_processes.ts";
import { integrationSettings, type MapOption, withMap } from "../options/integration_settings.ts";
import { type LimitFlags, limitSettings, withLimits } from "../options/limit_options.ts";
import { type MonitoringFlags, monitoringOf, withLogFormat, withMetricsPort } from "../options/monitoring_options.ts";
import { serveUntilStopped } from "../interruption.ts";
import { present } from "../../../values/mod.ts";

interface ServeFlags extends JsonOption, AwsApiFlags, LimitFlags, MapOption, MonitoringFlags {
  readonly name?: string;
  readonly processes?: number | "auto";
  readonly supervised?: boolean;
  readonly sharedPort?: boolean;
  readonly http?: number;
  readonly nats?: string;
  readonly credentials?: string;
  readonly store?: string;
  readonly partitions?: number;
  readonly replicas?: number;
  readonly adoptStreams?: boolean;
  readonly makeConsumers?: boolean;
  readonly leaseMs?: number;
  readonly standbys?: number;
  readonly production?: boolean;
  readonly monitoring?: string;
  readonly timeScale?: number;
}

interface DevFlags extends JsonOption, AwsApiFlags, LimitFlags, MapOption, MonitoringFlags {
  readonly nodes?: number;
  readonly natsServer?: string;
  readonly store?: string;
  readonly port?: number;
  readonly handlers?: string;
  readonly timeScale?: number;
}

const PROCESSES_MAX = 256;
/** Of a cluster that nobody chose a number for. */
const PARTITIONS = 16;
const NODES_MAX = 9;
/** Options of `weft dev` that are none of a cluster's engines. */
const devOptions: readonly string[] = ["store", "port", "handlers", "nodes", "natsServer", "json"];

/** Adds `weft serve`. */
export function addServeCommand(program: Command, scope: CommandScope): void {
  const serve = program.command("serve")
    .summary("run the server on NATS JetStream")
    .description(
      "Runs Weft's server on a NATS server with JetStream (2.12 or later), until it is told to stop.\n" +
        "SIGTERM or SIGINT stops it in order; a second one at once.",
    )
    .option("--name <name>", "what this node is called, the same after a restart; default: the machine's name")
    .option(
      "--processes <n>",
      "processes that share the work on this machine (env WEFT_PROCESSES); auto, the default: as many as its cores allow",
      processNumber,
    )
    .addOption(new Option("--supervised").hideHelp())
    .addOption(new Option("--shared-port").hideHelp())
    .option("--store <dir>", "folder of this node's local store; without it every start reads the log again")
    .option("--partitions <n>", "partitions of a cluster that is made now", wholeNumber(1, 1_024))
    .option(
      "--replicas <n>",
      "replicas of each stream that is made now; default: 3 on a cluster, else 1",
      wholeNumber(1, 5),
    )
    .option(
      "--lease-ms <n>",
      "milliseconds without a sign of life after which another node takes over",
      wholeNumber(200, 600_000),
    )
    .option("--standbys <n>", "nodes that follow each partition, ready to take it over", wholeNumber(0, 16))
    .option("--production", "do not start where `weft doctor` finds that what is acknowledged could be lost")
    .option("--monitoring <url>", "monitoring port of the NATS server, for --production (env WEFT_NATS_MONITORING)")
    .option("--make-consumers", "make the consumers of workers that may not make them (weft nats-config)")
    .option("--adopt-streams", "make lost settings again from the log's streams; tokens given out before are invalid")
    .option(
      "--http <port>",
      "serve the AWS Step Functions API too, on this port; 0 takes a free one",
      wholeNumber(0, 65_535),
    )
    .option(
      "--time-scale <factor>",
      "factor on every wait, timeout and retry delay (env WAIT_TIME_SCALE)",
      positiveNumber,
    );
  withExamples(
    withJson(
      withMetricsPort(withLogFormat(withLimits(withNats(withMap(withAwsApi(serve)))))),
      "print what it listens on as JSON, and errors as JSON on stderr",
    ),
    [
      "weft serve --nats nats://127.0.0.1:4222 --http 8083",
      "WEFT_NATS_URL=nats://n1:4222 weft serve --store /var/lib/weft --replicas 3",
    ],
  ).action((flags: ServeFlags) => runServe(scope, serve, flags));
}

/** Adds `weft dev`. */
export function addDevCommand(program: Command, scope: CommandScope): void {
  const dev = program.command("dev")
    .summary("run a server on this machine, with nothing else installed")
    .description(
      "Runs Weft's server embedded in this process, with the AWS Step Functions API, for development, until it is told to stop.",
    )
    .option("--store <dir>", "folder that keeps everything; without it nothing outlives the process")
    .option(
      "--port <n>",
      "port of the AWS Step Functions API; 0 takes a free one",
      wholeNumber(0, 65_535),
      AWS_API_PORT,
    )
    .option("--handlers <module>", "module whose exports do the tasks, by resource")
    .option(
      "--nodes <n>",
      "a cluster instead: so many nats-servers and engines, each a process; workers are started apart",
      wholeNumber(1, NODES_MAX),
    )
    .option("--nats-server <path>", "nats-server for --nodes; default: the one on the PATH")
    .option(
      "--time-scale <factor>",
      "factor on every wait, timeout and retry delay (env WAIT_TIME_SCALE)",
      positiveNumber,
    );
  withExamples(
    withJson(
      withLogFormat(withLimits(withMap(withAwsApi(dev)))),
      "print what it listens on as JSON, and errors as JSON on stderr",
    ),
    [
      "weft dev",
      "weft dev --store ./state --handlers handlers.ts",
      "weft dev --nodes 3",
    ],
  ).action((flags: DevFlags) => flags.nodes === undefined ? runDev(scope, flags) : runDevCluster(scope, dev, flags));
}

async function runServe(scope: CommandScope, command: Command, flags: ServeFlags): Promise<void> {
  if (flags.production === true && flags.supervised !== true) await checkProduction(scope, flags);
  const { name, store, partitions, replicas, adoptStreams, makeConsumers, leaseMs, standbys } = flags;
  const processes = flags.supervised === true ? 1 : processCount(scope, flags);
  if (processes > 1) {
    const { http, host, json = false } = flags;
    const { metrics } = monitoringOf(scope.io, flags);
    const more = present({ name, store, http, host, leaseMs, metrics });
    return await serveProcesses(scope, command, { count: processes, json, ...more });
  }
  const url = natsUrlOf(scope.io, flags);
  const timeScale = timeScaleOf(scope, flags.timeScale);
  const limits = limitSettings(scope.io, flags);
  const integrations = await integrationSettings(scope.io, flags);
  const home = await reaching(
    url,
    scope.homes.serveNats({
      url,
      ...integrations,
      ...limits,
      ...monitoringOf(scope.io, flags),
      ...credentialsOf(scope.io, flags),
      ...keyFileOf(scope.io, flags),
      ...present({ name, store, partitions, replicas, adoptStreams, makeConsumers, leaseMs, standbys }),
      ...(flags.http === undefined ? {} : { http: httpOf(scope, flags, flags.http) }),
      ...present({ timeScale }),
    }),
  );
  if (flags.supervised === true) await untilTold(scope, home);
  else await untilStopped(scope, home, flags.json === true);
}

/** @throws {CliFailure} what is acknowledged could be lost on this server, or it cannot be seen whether it could */
async function checkProduction({ io, homes }: CommandScope, flags: ServeFlags): Promise<void> {
  const url = natsUrlOf(io, flags);
  const monitoringUrl = flags.monitoring ?? io.env["WEFT_NATS_MONITORING"];
  const facts = await reaching(
    url,
    homes.inspectNats({ url, ...credentialsOf(io, flags), ...present({ monitoringUrl }) }),
  );
  const found = hindrances(facts);
  if (found.length === 0) return;
  const reasons = found.map(({ name, message, advice }) => `${name}: ${message}\n    ${advice ?? ""}`);
  throw new CliFailure("Not started: this NATS server is not fit for production", {
    code: "UnfitForProduction",
    excerpt: reasons.join("\n"),
    details: { findings: found.map(({ name, message }) => ({ name, message })) },
    hint: "weft doctor looks at it again; without --production the server is started all the same.",
  });
}

function httpOf({ io }: CommandScope, flags: ServeFlags, port: number): NonNullable<ServeOptions["http"]> {
  return { port, isPortShared: flags.sharedPort === true, ...awsApiOf(io, flags) };
}

function processNumber(text: string): number | "auto" {
  return text === "auto" ? text : wholeNumber(1, PROCESSES_MAX)(text);
}

/** The flag, else the environment, else what the cores allow. A process without a partition would have nothing to do. */
function processCount({ io }: CommandScope, { processes, partitions = PARTITIONS }: ServeFlags): number {
  const wanted = processes ?? (io.env["WEFT_PROCESSES"] || "auto");
  if (wanted === "auto") return Math.min(partitions, processesForCores(availableParallelism()));
  const count = Number(wanted);
  if (Number.isInteger(count) && count >= 1 && count <= PROCESSES_MAX) return count;
  throw usageFailure(
    `Expected WEFT_PROCESSES to be auto or a whole number from 1 to ${PROCESSES_MAX}, but got "${wanted}"`,
  );
}

/** As a process that another one looks after. */
async function untilTold(scope: CommandScope, home: ServedHome): Promise<void> {
  const { io } = scope;
  io.stdout.write(frameLine({ listening: home.listening }));
  scope.exitCode = await serveUntilStopped(lookedAfter(io), home.failed, () => home.close(), () => {});
}

async function runDev(scope: CommandScope, flags: DevFlags): Promise<void> {
  const { store, port } = flags;
  const timeScale = timeScaleOf(scope, flags.timeScale);
  const handlers = flags.handlers === undefined ? undefined : await loadHandlers(scope.io.cwd, flags.handlers);
  const limits = limitSettings(scope.io, flags);
  const home = await scope.homes.serveDev({
    ...limits,
    ...monitoringOf(scope.io, flags),
    ...await integrationSettings(scope.io, flags),
    ...embeddedNats(scope.io),
    ...keyFileOf(scope.io, flags),
    ...present({ store }),
    port: port ?? AWS_API_PORT,
    ...awsApiOf(scope.io, flags),
    ...present({ handlers, timeScale }),
  });
  await untilStopped(scope, home, flags.json === true);
}

async function runDevCluster(scope: CommandScope, command: Command, flags: DevFlags): Promise<void> {
  const { nodes = 1, natsServer, store, port = AWS_API_PORT, json = false } = flags;
  if (flags.handlers !== undefined) {
    throw usageFailure("--handlers does not go with --nodes: tasks of a cluster are done by workers (`weft worker`)");
  }
  const args = argumentsOf(command, devOptions);
  await serveDevCluster(scope, { nodes, port, json, args, ...present({ natsServer, store }) });
}

/** The factor that was asked for: the flag, else `WAIT_TIME_SCALE` if it is a number above 0. */
export function timeScaleOf({ io }: CommandScope, flag: number | undefined): number | undefined {
  const scale = flag ?? Number(io.env["WAIT_TIME_SCALE"] ?? "");
  return scale > 0 && Number.isFinite(scale) ? scale : undefined;
}

async function untilStopped(scope: CommandScope, home: ServedHome, json: boolean): Promise<void> {
  const { io, paint, homes } = scope;
  const listening = home.listening.map((one) => ({ ...one, address: withoutPassword(one.address) }));
  if (json) io.stdout.write(`${JSON.stringify({ version: homes.version, listening })}\n`);
  else {
    io.stdout.write(`${paint.bold(`weft ${homes.version}`)} is up; stop it with Ctrl-C\n`);
    for (const { name, address, note } of listening) {
      io.stdout.write(`  ${name}: ${paint.cyan(address)}${note === undefined ? "" : paint.yellow(` (${note})`)}\n`);
    }
  }
  const stopping = () => json || io.stderr.write("Stopping: the work in hand is finished first\n");
  scope.exitCode = await serveUntilStopped(io, home.failed, () => home.close(), stopping);
  if (!json && scope.exitCode === 0) io.stderr.write("Stopped\n");
}
