/** The homes under test, with their processes: server, engine, worker; this process is the client. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Effect } from "effect";
import { openEmbeddedHome } from "../../src/homes/mod.ts";
import { WeftClient, WeftError } from "../../src/sdk/mod.ts";
import type { ExecutionDescription, ListExecutionsRequest } from "../../src/runtime/mod.ts";
import type { Json, Limits } from "../../src/values/mod.ts";
import { startNatsServer } from "../support/nats_server.ts";
import { diskMb } from "./process_meter.ts";

export type Role = "server" | "engine" | "client" | "worker";

export interface BenchHome {
  /** Process ids by role, of which engines may have several; one process may have several roles, and is then only under the first. */
  readonly pids: ReadonlyMap<Role, readonly number[]>;
  put(name: string, definition: Json): Promise<void>;
  run(workflow: string, input: Json): Promise<ExecutionDescription>;
  start(workflow: string, input: Json): Promise<string>;
  /** Reads a page of a list; resolves with how many are on it. */
  list(filter: ListFilter): Promise<number>;
  isThere(executionId: string): Promise<boolean>;
  /** Megabytes (10⁶ bytes) on the disk, of the server's and the engine's files. */
  diskMb(): Readonly<Record<string, number>>;
  /** Kills the engine, the first of several, and starts it again on the same store, or on an empty disk; resolves when it answers. */
  restartEngine(options?: RestartOptions): Promise<void>;
  close(): Promise<void>;
}

export type ListFilter = Pick<ListExecutionsRequest, "workflow" | "status" | "startedAfter">;

export interface RestartOptions {
  readonly isWiped?: boolean;
  readonly limits?: Partial<Limits>;
}

export interface BenchHomeOptions {
  readonly home: "embedded" | "nats";
  readonly sync: "always" | "default";
  readonly partitions: number | undefined;
  /** Engines, each a process with a store of its own. */
  readonly nodes: number;
  /** Of each partition, among several engines. Default: the engine's. */
  readonly standbys: number | undefined;
}

/** The resource that echoes its input. */
export const ECHO = "bench-echo";

/** Executions on a page. */
const PAGE = 50;

const space = { tenant: "default", namespace: "default" };
/** Another build than this source, such as that of `npm run build`. */
const main = process.env["WEFT_BENCH_MAIN"] ?? fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const workerFile = fileURLToPath(new URL("./worker_process.ts", import.meta.url));

export function openBenchHome(options: BenchHomeOptions): Promise<BenchHome> {
  return options.home === "embedded" ? openEmbedded(options) : openNats(options);
}

async function openEmbedded({ sync, partitions }: BenchHomeOptions): Promise<BenchHome> {
  const store = mkdtempSync(join(tmpdir(), "weft-bench-"));
  const open = (limits: Partial<Limits> = {}) =>
    openEmbeddedHome({
      store,
      limits,
      synchronous: sync === "always" ? "FULL" : "NORMAL",
      handlers: { [ECHO]: (input) => input },
      ...(partitions === undefined ? {} : { partitions }),
    });
  let home = await open();
  return {
    pids: new Map([["engine", [process.pid]]]),
    put: async (name, definition) => {
      await Effect.runPromise(home.engine.putWorkflow({ ...space, name, definition }));
    },
    run: (workflow, input) => Effect.runPromise(home.engine.runExecution({ ...space, workflow, input })),
    start: async (workflow, input) =>
      (await Effect.runPromise(home.engine.startExecution({ ...space, workflow, input }))).executionId,
    list: async (filter) => {
      const { executions } = await Effect.runPromise(home.engine.listExecutions({ ...space, ...filter, limit: PAGE }));
      return executions.length;
    },
    isThere: (executionId) =>
      Effect.runPromise(Effect.match(home.engine.describeExecution({ ...space, executionId }), {
        onSuccess: () => true,
        onFailure: ({ code }) => code !== "NotFound",
      })),
    diskMb: () => ({ engine: diskMb(store) }),
    restartEngine: async ({ limits } = {}) => {
      await home.close();
      home = await open(limits);
    },
    close: async () => {
      await home.close();
      rmSync(store, { recursive: true, force: true });
    },
  };
}

async function openNats({ sync, partitions, nodes, standbys }: BenchHomeOptions): Promise<BenchHome> {
  const server = await startNatsServer({ syncAlways: sync === "always" });
  const store = mkdtempSync(join(tmpdir(), "weft-bench-"));
  const storeOf = (index: number) => join(store, `engine-${index}`);
  const startEngine = (index: number, more: readonly string[] = []) =>
    startProcess([
      ...[main, "serve", "--processes", "1", "--nats", server.url],
      ...["--name", `engine-${index}`, "--store", storeOf(index)],
      ...(partitions === undefined ? [] : ["--partitions", String(partitions)]),
      ...(standbys === undefined ? [] : ["--standbys", String(standbys)]),
      ...more,
    ]);
  const engines: ChildProcess[] = [];
  for (let index = 0; index < nodes; index++) engines.push(await startEngine(index));
  const worker = await startProcess([workerFile, server.url, ECHO]);
  const pids = new Map<Role, readonly number[]>();
  const note = () => {
    pids.set("server", [server.pid]);
    pids.set("engine", engines.map(({ pid = 0 }) => pid));
    pids.set("client", [process.pid]);
    pids.set("worker", [worker.pid ?? 0]);
  };
  note();
  const client = await WeftClient.connect({ servers: server.url, timeoutMs: 60_000, patienceMs: 60_000 });
  return {
    pids,
    put: async (name, definition) => {
      await client.putWorkflow({ name, definition });
    },
    run: (workflow, input) => client.run({ workflow, input }),
    start: async (workflow, input) => (await client.start({ workflow, input })).executionId,
    list: async (filter) => (await client.listPage({ ...filter, limit: PAGE })).executions.length,
    isThere: async (executionId) => {
      try {
        await client.describe(executionId);
        return true;
      } catch (failure) {
        return !(failure instanceof WeftError && failure.code === "NotFound");
      }
    },
    diskMb: () => ({ engine: diskMb(store), server: diskMb(server.storeDir) }),
    restartEngine: async ({ isWiped = false, limits = {} } = {}) => {
      const [first] = engines;
      if (first !== undefined) await endProcess(first, "SIGKILL");
      if (isWiped) rmSync(storeOf(0), { recursive: true, force: true });
      const set = Object.entries(limits).flatMap(([name, value]) => ["--limit", `${name}=${value}`]);
      engines[0] = await startEngine(0, set);
      note();
    },
    close: async () => {
      await client.close();
      await endProcess(worker, "SIGKILL");
      for (const engine of engines) await endProcess(engine, "SIGTERM");
      await server.stop();
      rmSync(store, { recursive: true, force: true });
    },
  };
}

/** Starts a script with this runtime; resolves with its first output. */
function startProcess(args: readonly string[]): Promise<ChildProcess> {
  const { promise, resolve, reject } = Promise.withResolvers<ChildProcess>();
  const profile = process.env["WEFT_BENCH_PROFILE"];
  const flags = profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`];
  const child = spawn(process.execPath, [...flags, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  child.stdout.once("data", () => resolve(child));
  child.once("error", reject);
  child.once("exit", (code) => reject(new Error(`${args.join(" ")} ended with status ${code} before it was ready`)));
  return promise;
}

async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  child.once("exit", () => resolve());
  child.kill(signal);
  await promise;
}
