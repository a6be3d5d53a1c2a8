/** `weft dev --nodes N`: a whole cluster on this machine, nats-servers included, for development. */
import { execFile } from "node:child_process";
import { access, constants, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { unfitVersion } from "../../../nats/mod.ts";
import type { CommandScope } from "../command_scope.ts";
import { CliFailure } from "../output/failure.ts";
import type { ProcessPlan } from "./supervision.ts";
import { freePort, keepUp, type Listening, listeningOf, ownArguments, weftPlan } from "./serve_processes.ts";
import type { Supervisor } from "./supervisor.ts";

/** What a cluster for development is made of. */
export interface DevClusterOptions {
  /** Engines, and nats-servers: each engine has one beside it. */
  readonly nodes: number;
  /** Path of a nats-server. Default: the one that is found on `PATH`. */
  readonly natsServer?: string;
  /** Folder that keeps everything. Absent: a temporary one. */
  readonly store?: string;
  /** Of the AWS API; 0 takes a free one. */
  readonly port: number;
  /** Arguments for each engine besides. */
  readonly args: readonly string[];
  readonly json: boolean;
}

interface NatsNode {
  readonly plan: ProcessPlan;
  readonly url: string;
  /** Answers 200 once it is ready. */
  readonly healthUrl: string;
}

const FIRST_PORT = 4_222;
const READY_MS_MAX = 60_000;
const LOOK_MS = 100;
const HEALTH_MS_MAX = 1_000;
const run = promisify(execFile);
/**
 * Becomes the process of its arguments, and ends that when its stdin does: whoever started it is gone, without a chance to end it. What waits for that is a
 * shell of its own, which holds none of the process's outputs.
 */
const ENDED_WITH_STDIN =
  'exec 3<&0; { while read -r _; do :; done <&3; kill -TERM $$; } >/dev/null 2>&1 & exec "$@" </dev/null 3<&-';

/** Starts servers and engines, and keeps them up until a signal comes. @throws {CliFailure} there is no nats-server that is fit */
export async function serveDevCluster(scope: CommandScope, options: DevClusterOptions): Promise<void> {
  const { nodes, json, args } = options;
  const { cwd, env } = scope.io;
  const path = await findNatsServer(options.natsServer, env["PATH"] ?? "");
  const folder = options.store === undefined ? await mkdtemp(join(tmpdir(), "weft-dev-")) : resolve(cwd, options.store);
  const port = options.port === 0 ? await freePort() : options.port;
  try {
    const servers = await natsNodes(path, join(folder, "nats"), nodes);
    const engines = servers.map(({ url }, index) => {
      const name = `engine-${index + 1}`;
      const own = ownArguments(name, index, join(folder, "engines"), port);
      return weftPlan(name, "serve", ["--nats", url, ...own, ...args]);
    });
    await keepUp(scope, { json }, async (supervisor) => ({
      listening: [...await startAll(supervisor, servers, engines), { name: "folder", address: folder }],
      processes: [...servers.map(({ plan }) => plan), ...engines].map(({ name }) => name),
    }));
  } finally {
    if (options.store === undefined) await rm(folder, { recursive: true, force: true });
  }
}

async function startAll(
  supervisor: Supervisor,
  servers: readonly NatsNode[],
  engines: readonly ProcessPlan[],
): Promise<Listening> {
  for (const { plan } of servers) await supervisor.run(plan);
  await Promise.all(servers.map(({ healthUrl }) => untilHealthy(healthUrl)));
  // The first makes the cluster; the others find it.
  const [first, ...others] = engines;
  const frames = first === undefined ? [] : [await supervisor.run(first)];
  frames.push(...await Promise.all(others.map((plan) => supervisor.run(plan))));
  return listeningOf(frames);
}

/**
 * The path of a nats-server that is fit.
 *
 * @throws {CliFailure} none was found, or it is too old; the message says how to get one
 */
async function findNatsServer(given: string | undefined, path: string): Promise<string> {
  const found = given ?? await onPath(path);
  if (found === undefined) throw noServer("There is no nats-server on the PATH");
  let version: string;
  try {
    version = /v(\d+\.\d+\.\d+\S*)/.exec((await run(found, ["--version"])).stdout)?.[1] ?? "";
  } catch (failure) {
    throw noServer(`Cannot run ${found}: ${failure instanceof Error ? failure.message : String(failure)}`);
  }
  const unfit = unfitVersion(version);
  if (unfit !== undefined) throw noServer(`Cannot use ${found}: ${unfit}`);
  return found;
}

function noServer(message: string): CliFailure {
  return new CliFailure(message, {
    code: "Failed",
    hint:
      "Get one from https://github.com/nats-io/nats-server/releases (or `brew install nats-server`) and put it on the PATH, or say " +
      "where it is: --nats-server PATH. `weft dev` without --nodes needs none.",
  });
}

async function onPath(path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter).filter((folder) => folder !== "")) {
    const file = join(folder, "nats-server");
    const isThere = await access(file, constants.X_OK).then(() => true, () => false);
    if (isThere) return file;
  }
  return undefined;
}

/** Servers that know each other, with their configurations written. */
async function natsNodes(path: string, folder: string, count: number): Promise<NatsNode[]> {
  const ports: number[] = [];
  for (let index = 0; index < count; index++) ports.push(await portNear(FIRST_PORT + index));
  const routePorts = await distinctFreePorts(count);
  const healthPorts = await distinctFreePorts(count, routePorts);
  const routes = routePorts.map((port) => `"nats://127.0.0.1:${port}"`).join(", ");
  return await Promise.all(ports.map(async (port, index) => {
    const name = `nats-${index + 1}`;
    const store = join(folder, name);
    const file = join(store, "nats.conf");
    await mkdir(store, { recursive: true });
    await writeFile(
      file,
      [
        `server_name: ${name}`,
        `listen: "127.0.0.1:${port}"`,
        `http: "127.0.0.1:${healthPorts[index]}"`,
        `log_file: ${JSON.stringify(join(store, "nats.log"))}`,
        `jetstream { store_dir: ${JSON.stringify(store)} }`,
        ...(count > 1
          ? [`cluster { name: weft-dev, listen: "127.0.0.1:${routePorts[index]}", routes: [${routes}] }`]
          : []),
        "",
      ].join("\n"),
    );
    const plan = { name, ...endedWithUs(path, ["-c", file]), isWeft: false };
    return { plan, url: `nats://127.0.0.1:${port}`, healthUrl: `http://127.0.0.1:${healthPorts[index]}/healthz` };
  }));
}

/** A process that knows nothing of us, which does not outlive us. Windows has no shell for it. */
function endedWithUs(command: string, args: readonly string[]): Pick<ProcessPlan, "command" | "args"> {
  if (process.platform === "win32") return { command, args };
  return { command: "/bin/sh", args: ["-c", ENDED_WITH_STDIN, "sh", command, ...args] };
}

/** This port if it is free, else another. */
async function portNear(port: number): Promise<number> {
  return await freePort("127.0.0.1", port).catch(() => freePort());
}

async function distinctFreePorts(count: number, taken: readonly number[] = []): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = await freePort();
    if (!taken.includes(port)) ports.add(port);
  }
  return [...ports];
}

async function untilHealthy(url: string): Promise<void> {
  const deadline = performance.now() + READY_MS_MAX;
  for (;;) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(HEALTH_MS_MAX) }).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok === true) return;
    if (performance.now() > deadline) {
      throw new CliFailure(`No nats-server is ready at ${url}`, { code: "Unreachable" });
    }
    await delay(LOOK_MS);
  }
}
