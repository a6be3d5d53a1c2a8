/** Children that tests kill: scripts run by this runtime, watched line by line. */
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";

export interface Child {
  readonly process: ChildProcess;
  /** Resolves with the signal or status of its end. */
  readonly ended: Promise<string>;
}

/** This runtime's arguments before a script. */
const runtimeArguments = "Deno" in globalThis ? ["run", "-A", "--no-check"] : [];

/** Starts a script; `onLine` hears its stdout. */
export function startChild(args: readonly string[], onLine: (line: string) => void): Child {
  const child = spawn(process.execPath, [...runtimeArguments, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  createInterface({ input: child.stdout }).on("line", onLine);
  const ended = new Promise<string>((resolve) =>
    child.once("close", (code, signal) => resolve(signal ?? `status ${code}`))
  );
  return { process: child, ended };
}

/** Ends a child without warning, and waits until it is gone. */
export async function kill(child: Child): Promise<void> {
  child.process.kill("SIGKILL");
  await child.ended;
}

/** A small generator of whole numbers below `bound`, the same for the same seed. */
export function seeded(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor(state / 2 ** 32 * bound);
  };
}
