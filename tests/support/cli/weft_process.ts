import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../../src/main.ts", import.meta.url));
const runtime = "Deno" in globalThis ? ["run", "-A", "--no-check"] : [];

/** The real `weft`, in a process of its own, on the runtime that runs the test. */
export class WeftProcess {
  out = "";
  err = "";
  /** The exit status, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  readonly #child: ChildProcess;
  readonly #hearers = new Set<() => void>();
  #hasEnded = false;

  constructor(
    argv: readonly string[],
    { input = "", env = {} }: { readonly input?: string; readonly env?: Record<string, string> } = {},
  ) {
    const child = spawn(process.execPath, [...runtime, main, ...argv], {
      env: { ...process.env, NO_COLOR: "1", ...env },
      stdio: "pipe",
    });
    this.#child = child;
    child.stdout.on("data", (chunk) => this.#hear(() => this.out += String(chunk)));
    child.stderr.on("data", (chunk) => this.#hear(() => this.err += String(chunk)));
    child.stdin.on("error", () => {}); // it may end without reading
    child.stdin.end(input);
    this.ended = new Promise((resolve) =>
      child.once("close", (code, signal) => {
        this.#hasEnded = true;
        this.#hear(() => {});
        resolve(code ?? signal ?? "");
      })
    );
  }

  kill(signal: NodeJS.Signals): void {
    // Not `child.kill`: on Deno that makes the signal the outcome, whatever the process does with it.
    if (!this.#hasEnded && this.#child.pid !== undefined) process.kill(this.#child.pid, signal);
  }

  /** Resolves once stdout or stderr holds `text`; fails when the process ends before. */
  until(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const isThere = this.out.includes(text) || this.err.includes(text);
        if (!isThere && !this.#hasEnded) return;
        this.#hearers.delete(look);
        if (isThere) resolve();
        else reject(new Error(`Expected "${text}", but weft ended:\n${this.out}${this.err}`));
      };
      this.#hearers.add(look);
      look();
    });
  }

  #hear(take: () => void): void {
    take();
    for (const hearer of [...this.#hearers]) hearer();
  }
}
