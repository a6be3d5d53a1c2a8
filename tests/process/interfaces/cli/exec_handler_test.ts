import { deepStrictEqual, match, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import process from "node:process";
import { execHandler } from "../../../../src/interfaces/cli/input/exec_handler.ts";
import { type RunningTask, TaskFailure } from "../../../../src/sdk/mod.ts";
import type { Json } from "../../../../src/values/mod.ts";
import { runningTask } from "../../../support/cli/running_task.ts";

const options = { cwd: process.cwd(), env: process.env, outputBytesMax: 1_000 };
const run = async (command: string, input: Json = null, more: Partial<RunningTask> = {}) =>
  await execHandler(command, options)(input, runningTask({ attempt: 2, ...more }));

const hostile = { text: "$(touch /tmp/x); `id` 'a' \"b\" \\ \n \u0000 é 支" };

test("execHandler() gives the input on stdin as it is, and takes the output from stdout", async () => {
  deepStrictEqual(await run("cat", hostile), hostile);
  deepStrictEqual(await run("cat | cat", [1, { a: null }]), [1, { a: null }]);
});

test("execHandler() takes nothing on stdout for null, also from a command that reads nothing", async () => {
  deepStrictEqual(await run("exit 0", "x".repeat(1_000_000)), null);
});

test("execHandler() tells the command of the task by its environment", async () => {
  const output = await run(
    `printf '["%s","%s","%s","%s","%s"]' "$WEFT_TASK_ID" "$WEFT_EXECUTION_ID" "$WEFT_STATE_NAME" "$WEFT_RESOURCE" "$WEFT_ATTEMPT"`,
  );
  deepStrictEqual(output, ["t", "e", "Charge", "charge", "2"]);
});

const faults: readonly (readonly [why: string, command: string, error: string, cause: RegExp])[] = [
  ["fails with words on stderr", "echo broken >&2; exit 3", "Weft.CommandFailed", /^broken$/],
  ["fails without a word", "exit 3", "Weft.CommandFailed", /exit status 3/],
  [
    "says error and cause itself",
    `echo '{"error": "Declined", "cause": "no money"}'; exit 1`,
    "Declined",
    /^no money$/,
  ],
  ["is not there", "no-such-command-at-all", "Weft.CommandFailed", /not found/],
  ["writes no JSON", "echo '{oops}'", "Weft.InvalidResult", /in double quotes, but found "oops", at line 1, column 2/],
  ["writes too much", "head -c 5000 /dev/zero", "States.DataLimitExceeded", /more than an output may have/],
  ["is killed", "kill -9 $$", "Weft.CommandFailed", /SIGKILL|exit status/],
];
for (const [why, command, error, cause] of faults) {
  test(`execHandler() fails the task with ${error} when the command ${why}`, async () => {
    await rejects(run(command), (fault) => {
      ok(fault instanceof TaskFailure, String(fault));
      deepStrictEqual(fault.error, error);
      match(fault.cause, cause);
      return true;
    });
  });
}

test("execHandler() keeps the end of stderr as cause", async () => {
  await rejects(run("head -c 100000 /dev/zero | tr '\\0' x >&2; echo last >&2; exit 1"), (fault) => {
    ok(fault instanceof TaskFailure);
    ok(fault.cause.endsWith("xxxlast"));
    ok(fault.cause.length <= 4_096);
    return true;
  });
});

test("execHandler() ends the command and what it started when the task's signal is aborted", async () => {
  const abort = new AbortController();
  const running = run("(while :; do sleep 1000; done) & wait", null, { signal: abort.signal });
  abort.abort();
  await rejects(running, /CommandFailed/);
});

test("execHandler() ends a command at once whose task has ended before it began", async () => {
  await rejects(run("sleep 1000 | cat", null, { signal: AbortSignal.abort() }), /CommandFailed/);
});
