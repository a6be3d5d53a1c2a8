import { type ChildProcess, spawn } from "node:child_process";
import { watch } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { natsServerPath } from "../../scripts/nats_server.ts";

/** Settings of a server for tests and benches. */
export interface NatsServerOptions {
  /** Every write is on the disk before it is acknowledged (`sync_interval: always`). Default: the server's own 2 minutes. */
  readonly syncAlways?: boolean;
  /** Default: a free one, kept over restarts. */
  readonly port?: number;
  /** Default: a temporary folder, removed by `stop`. A given one is kept. */
  readonly storeDir?: string;
  /** More lines for the server's configuration file. */
  readonly configuration?: string;
}

/** A real nats-server with JetStream on a loopback address. Whoever starts one stops it. */
export interface NatsServer {
  readonly url: string;
  readonly port: number;
  readonly storeDir: string;
  /** Changes with `restart`. */
  readonly pid: number;
  /** Ends the server and removes its folder. Repeats are harmless. */
  stop(): Promise<void>;
  /** Sends a signal; resolves once the process has ended or stopped, or at once for `SIGCONT`, `SIGHUP` and `SIGUSR…`. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Ends the server if it runs, then starts it on the same port and the same store. */
  restart(): Promise<void>;
}

const START_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 10_000;
const STDERR_CHARACTERS_KEPT = 4_000;
const lasting: readonly NodeJS.Signals[] = ["SIGSTOP", "SIGCONT", "SIGHUP", "SIGUSR1", "SIGUSR2"];

/**
 * Starts a nats-server and waits until it takes connections.
 *
 * @throws {Error} the server ended or was not ready within 20 s; the message has the end of its log
 */
export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const path = await natsServerPath();
  const folder = await mkdtemp(join(tmpdir(), "weft-nats-"));
  const storeDir = options.storeDir ?? join(folder, "store");
  try {
    let port = options.port ?? -1;
    let running = await launch(path, folder, configurationOf(options, storeDir, folder, port));
    port = running.port;
    return {
      url: `nats://127.0.0.1:${port}`,
      port,
      storeDir,
      get pid() {
        return running.process.pid;
      },
      async stop() {
        await running.process.end("SIGTERM");
        await rm(folder, { recursive: true, force: true });
      },
      async kill(signal) {
        if (!lasting.includes(signal)) return await running.process.end(signal);
        running.process.signal(signal);
        if (signal === "SIGSTOP") await running.process.stopped();
      },
      async restart() {
        await running.process.end("SIGTERM");
        running = await launch(path, folder, configurationOf(options, storeDir, folder, port));
      },
    };
  } catch (failure) {
    await rm(folder, { recursive: true, force: true });
    throw failure;
  }
}

/**
 * Starts a nats-server as somebody types it, in `cwd`; only the port is a free one, whatever the configuration says.
 *
 * @throws {Error} the server ended or was not ready within 20 s; the message has the end of its log
 */
export async function startNatsServerAsTyped(
  args: readonly string[],
  cwd: string,
): Promise<Pick<NatsServer, "url" | "stop">> {
  const portsFolder = await mkdtemp(join(tmpdir(), "weft-ports-"));
  const freePort = ["--addr", "127.0.0.1", "--port", "-1", "--ports_file_dir", portsFolder];
  try {
    const server = new ServerProcess(await natsServerPath(), [...args, ...freePort], cwd);
    const { port } = await listening(server, portsFolder);
    return { url: `nats://127.0.0.1:${port}`, stop: () => server.end("SIGTERM") };
  } finally {
    await rm(portsFolder, { recursive: true, force: true });
  }
}

function configurationOf(options: NatsServerOptions, storeDir: string, folder: string, port: number): string {
  return [
    `host: "127.0.0.1"`,
    `port: ${port}`,
    `ports_file_dir: ${JSON.stringify(join(folder, "ports"))}`,
    `jetstream { store_dir: ${JSON.stringify(storeDir)}${
      options.syncAlways === true ? ", sync_interval: always" : ""
    } }`,
    options.configuration ?? "",
  ].join("\n");
}

interface Running {
  readonly process: ServerProcess;
  readonly port: number;
}

/** A child process and its end, which is noted here: not every runtime's `exitCode` can be trusted after a signal. */
class ServerProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  #running = true;

  constructor(path: string, args: readonly string[], cwd: string) {
    this.child = spawn(path, args, { stdio: ["ignore", "ignore", "pipe"], cwd });
    const killAtExit = () => this.signal("SIGKILL");
    process.once("exit", killAtExit);
    this.ended = new Promise((resolve) => {
      const onEnd = () => {
        this.#running = false;
        process.removeListener("exit", killAtExit);
        resolve();
      };
      this.child.once("exit", onEnd);
      this.child.once("error", onEnd);
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  signal(signal: NodeJS.Signals): void {
    try {
      if (this.#running && this.pid > 0) process.kill(this.pid, signal);
    } catch (failure) {
      if ((failure as NodeJS.ErrnoException).code !== "ESRCH") throw failure; // it has ended, and we have not heard of it yet
    }
  }

  /** Resolves when none of its threads runs any more: a busy machine takes a moment to stop one. Where there is no `/proc`, at once. */
  async stopped(): Promise<void> {
    for (;;) {
      const stat = await readFile(`/proc/${this.pid}/stat`, "utf8").catch(() => "");
      const state = stat.slice(stat.lastIndexOf(")") + 2).charAt(0);
      if (state === "" || state === "T") return;
    }
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    this.signal(signal);
    this.signal("SIGCONT"); // a stopped process takes no other signal
    AbortSignal.timeout(STOP_TIMEOUT_MS).addEventListener("abort", () => this.signal("SIGKILL"));
    await this.ended;
  }
}

async function launch(path: string, folder: string, configuration: string): Promise<Running> {
  const file = join(folder, "nats.conf");
  await mkdir(join(folder, "ports"), { recursive: true });
  await writeFile(file, configuration);
  return await listening(new ServerProcess(path, ["-c", file], folder), join(folder, "ports"));
}

async function listening(server: ServerProcess, portsFolder: string): Promise<Running> {
  let log = "";
  server.child.stderr?.on("data", (text) => log = (log + text).slice(-STDERR_CHARACTERS_KEPT));
  try {
    return { process: server, port: await portOf(server.child, portsFolder, () => log) };
  } catch (failure) {
    await server.end("SIGKILL");
    throw failure;
  }
}

/** The port out of the file that the server writes once it listens; whichever comes first: the file, its end, the time-out. */
function portOf(child: ChildProcess, portsFolder: string, log: () => string): Promise<number> {
  return new Promise((resolve, reject) => {
    const watcher = watch(portsFolder, () => void look());
    const onTimeout = () => settle(`was not ready after ${START_TIMEOUT_MS} ms`);
    const timeout = AbortSignal.timeout(START_TIMEOUT_MS);
    timeout.addEventListener("abort", onTimeout);
    let isSettled = false;
    const settle = (result: number | string) => {
      isSettled = true;
      timeout.removeEventListener("abort", onTimeout);
      watcher.close();
      child.removeListener("exit", onExit);
      if (typeof result === "number") resolve(result);
      else reject(new Error(`The nats-server ${result}:\n${log()}`));
    };
    const onExit = (code: number | null) => settle(`ended with code ${code}`);
    const look = async () => {
      // One look may still go on when another has found the port, and whoever asked has removed the folder.
      const text = await portsText(portsFolder, child).catch((failure) => {
        if (!isSettled) settle(`has no ports file that can be read: ${failure}`);
        return "";
      });
      const port = /"nats":\s*\["nats:\/\/[^"]*:(\d+)"[^}]*\}/.exec(text)?.[1]; // the whole object: not a file half written
      if (port !== undefined) settle(Number(port));
    };
    child.once("exit", onExit);
    child.once("error", (failure) => settle(`could not be started: ${failure.message}`));
    void look();
  });
}

async function portsText(portsFolder: string, { pid }: ChildProcess): Promise<string> {
  const name = (await readdir(portsFolder)).find((name) => name.endsWith(`_${pid}.ports`));
  return name === undefined ? "" : await readFile(join(portsFolder, name), "utf8");
}
