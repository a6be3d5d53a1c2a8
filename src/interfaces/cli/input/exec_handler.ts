/**
 * A command as a task handler: the input's JSON on stdin, the output's JSON on stdout, anything on stderr.
 *
 * The command line is the operator's and goes to a shell as it is. What comes with a task never does: the input is written to stdin, and
 * the task's ids are environment variables.
 */
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { isJsonObject, type Json, placeOf } from "../../../values/mod.ts";
import { type RunningTask, TaskFailure, type TaskHandler } from "../../../sdk/mod.ts";
import { parseJsonText } from "./json_text.ts";

/** How a command is run for a task. */
export interface ExecOptions {
  readonly cwd: string;
  readonly env: { readonly [name: string]: string | undefined };
  /** Bytes of stdout; a command that writes more is ended and its task fails. */
  readonly outputBytesMax: number;
}

/** Bytes of stderr that are kept for the cause: the last ones. */
const STDERR_BYTES_KEPT = 4_096;

/**
 * A handler that runs `command` once for each task.
 *
 * - exit status 0: stdout is the output (nothing at all is `null`); no JSON fails the task with `Weft.InvalidResult`
 * - another exit status: fails the task. If stdout is an object with the text `error`, then with that and its `cause`, else with
 *   `Weft.CommandFailed` and the end of stderr
 * - the task's signal (timed out, canceled, the worker stops) ends the command and all that it started
 */
export function execHandler(command: string, options: ExecOptions): TaskHandler {
  return async (input, task) => {
    const child = spawn(command, {
      shell: true,
      // A process group of its own, so that what the shell started ends with it.
      detached: process.platform !== "win32",
      cwd: options.cwd,
      env: { ...options.env, ...taskEnvironment(task) },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const stopWatching = endOnAbort(child, task);
    try {
      return outcomeOf(await collect(child, JSON.stringify(input), options.outputBytesMax));
    } finally {
      stopWatching();
    }
  };
}

function taskEnvironment(task: RunningTask): { readonly [name: string]: string } {
  return {
    WEFT_TASK_ID: task.taskId,
    WEFT_EXECUTION_ID: task.executionId,
    WEFT_STATE_NAME: task.stateName,
    WEFT_RESOURCE: task.resource,
    WEFT_ATTEMPT: String(task.attempt),
  };
}

interface Finished {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly isTooLong: boolean;
}

function collect(child: ChildProcess, input: string, outputBytesMax: number): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const stdout: Uint8Array[] = [];
    let stdoutBytes = 0;
    let stderr = Buffer.alloc(0);
    child.once(
      "error",
      (failure) => reject(new TaskFailure("Weft.CommandFailed", `Cannot start the command: ${failure.message}`)),
    );
    child.stdout?.on("data", (chunk: Uint8Array) => {
      stdoutBytes += chunk.byteLength;
      if (stdoutBytes <= outputBytesMax) stdout.push(chunk);
      else endGroup(child);
    });
    child.stderr?.on("data", (chunk: Uint8Array) => {
      stderr = Buffer.concat([stderr, chunk]).subarray(-STDERR_BYTES_KEPT);
    });
    // A command may end without having read its input: its exit status tells what that means.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
    child.once("close", (exitCode, signal) => {
      const isTooLong = stdoutBytes > outputBytesMax;
      resolve({
        exitCode,
        signal,
        stdout: Buffer.concat(stdout).toString("utf8"),
        stderr: stderr.toString("utf8").trim(),
        isTooLong,
      });
    });
  });
}

function outcomeOf(finished: Finished): Json {
  const { exitCode, signal, stdout, stderr, isTooLong } = finished;
  if (isTooLong) throw new TaskFailure("States.DataLimitExceeded", "The command wrote more than an output may have");
  if (exitCode === 0) return outputOf(stdout);
  const own = ownFault(stdout);
  if (own !== undefined) throw own;
  const how = exitCode === null
    ? `The command was ended by ${signal}`
    : `The command ended with exit status ${exitCode}`;
  throw new TaskFailure("Weft.CommandFailed", stderr === "" ? how : stderr);
}

function outputOf(stdout: string): Json {
  if (stdout.trim() === "") return null;
  const parsed = parseJsonText(stdout);
  if ("value" in parsed) return parsed.value;
  const { line, column } = placeOf(stdout, parsed.fault.offset);
  throw new TaskFailure(
    "Weft.InvalidResult",
    `Expected JSON on stdout: ${parsed.fault.message}, at line ${line}, column ${column}`,
  );
}

/** `{ "error": …, "cause"?: … }` that a failing command said itself. */
function ownFault(stdout: string): TaskFailure | undefined {
  const parsed = parseJsonText(stdout);
  if (!("value" in parsed) || !isJsonObject(parsed.value)) return undefined;
  const { error, cause } = parsed.value;
  return typeof error === "string" ? new TaskFailure(error, typeof cause === "string" ? cause : "") : undefined;
}

/** Ends the command when the task has ended otherwise. Returns the function that stops watching. */
function endOnAbort(child: ChildProcess, { signal }: RunningTask): () => void {
  const end = () => endGroup(child);
  if (signal.aborted) end();
  signal.addEventListener("abort", end);
  return () => signal.removeEventListener("abort", end);
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(process.platform === "win32" ? child.pid : -child.pid, "SIGKILL");
  } catch (thrown) {
    // It ended by itself in the meantime.
    if (!(thrown instanceof Error && "code" in thrown && thrown.code === "ESRCH")) throw thrown;
  }
}
