/** A process of the run: an engine or a worker. Its stderr and its log go to a file, its stdout to whoever wants its lines. */
import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";

/** What a process is made of. */
export interface NodeProcessOptions {
  readonly name: string;
  /** A script and its arguments. */
  readonly args: readonly string[];
  /** Its stderr and its log are added to this file, and what is done to it. */
  readonly logFile: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Hears each line of its stdout. */
  readonly onLine?: (line: string) => void;
}

/** How a process ended, and how long that took from the signal on. */
export interface Ended {
  /** Exit status or signal. */
  readonly how: number | string;
  readonly tookMs: number;
}

const runtimeArguments = "Deno" in globalThis ? ["run", "-A", "--no-check"] : [];

/** Started, stopped, continued, killed and started again. */
export class NodeProcess {
  readonly name: string;
  readonly #options: NodeProcessOptions;
  #child: ChildProcess | undefined;
  #ended: Promise<number | string> = Promise.resolve(0);
  #isRunning = false;

  constructor(options: NodeProcessOptions) {
    this.name = options.name;
    this.#options = options;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Resolves with its first line that is not of its log. @throws {Error} it ended before */
  start(): Promise<void> {
    const { name, args, logFile, env, onLine = () => {} } = this.#options;
    const ready = Promise.withResolvers<void>();
    const log = createWriteStream(logFile, { flags: "a" });
    log.write(`--- ${name} starts at ${new Date().toISOString()}\n`);
    const child = spawn(process.execPath, [...runtimeArguments, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1", ...env },
    });
    this.#child = child;
    this.#isRunning = true;
    child.stderr.pipe(log);
    createInterface({ input: child.stdout }).on("line", (line) => {
      // The log is on stdout too, ahead of the line that says that it serves.
      if (line === "ready" || line.startsWith('{"')) ready.resolve();
      else log.write(`${line}\n`);
      onLine(line);
    });
    const killAtExit = () => void child.kill("SIGKILL");
    process.once("exit", killAtExit);
    this.#ended = new Promise((resolve) =>
      child.once("close", (code, signal) => {
        process.removeListener("exit", killAtExit);
        if (this.#child === child) this.#isRunning = false;
        ready.reject(new Error(`${name} ended with ${signal ?? code} before it was ready; see ${logFile}`));
        resolve(signal ?? code ?? "");
      })
    );
    return ready.promise;
  }

  /** Sends a signal that does not end it. */
  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    if (this.#isRunning) process.kill(this.pid, signal);
  }

  /** Ends it; resolves when it has ended. */
  async end(signal: "SIGTERM" | "SIGKILL"): Promise<Ended> {
    const begunMs = performance.now();
    if (this.#isRunning) {
      process.kill(this.pid, signal);
      process.kill(this.pid, "SIGCONT"); // a stopped process takes no other signal but SIGKILL
    }
    return { how: await this.#ended, tookMs: Math.round(performance.now() - begunMs) };
  }
}
