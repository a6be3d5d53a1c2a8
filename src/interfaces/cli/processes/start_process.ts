import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { frameOf, QUESTION, type StartProcess } from "./supervision.ts";

/** Starts a real process, in a group of its own: a terminal's Ctrl-C is for this one alone, which ends the others in order. */
export const startProcess: StartProcess = ({ command, args }, { onFrame, onLine }) => {
  const child = spawn(command, [...args], { stdio: ["pipe", "pipe", "pipe"], detached: true });
  let hasEnded = false;
  const signal = (name: NodeJS.Signals) => {
    if (!hasEnded) send(child, name);
  };
  const killAtExit = () => signal("SIGKILL");
  process.once("exit", killAtExit);
  child.stdin.on("error", () => {}); // it is gone, which its end says
  linesOf(child.stdout, (line) => {
    const frame = frameOf(line);
    if (frame === undefined) onLine(line, "out");
    else onFrame(frame);
  });
  linesOf(child.stderr, (line) => onLine(line, "err"));
  const ended = new Promise<string>((resolve) => {
    const end = (how: string) => {
      hasEnded = true;
      process.off("exit", killAtExit);
      resolve(how);
    };
    child.once("error", ({ message }) => end(message));
    child.once("close", (code, name) => end(name === null ? `status ${code}` : `signal ${name}`));
  });
  return { pid: child.pid, ended, signal, ask: () => void child.stdin.write(`${QUESTION}\n`) };
};

function send({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(pid, signal);
  } catch (failure) {
    if (!(failure instanceof Error && "code" in failure && failure.code === "ESRCH")) throw failure; // it has just ended
  }
}

function linesOf(stream: Readable, listener: (line: string) => void): void {
  createInterface({ input: stream, crlfDelay: Infinity }).on("line", listener);
}
