import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { Command } from "../../../../src/protocol/mod.ts";
import type { Json } from "../../../../src/values/mod.ts";
import { ExecutionRun, oneState, START_EPOCH_MS, started } from "../../../support/execution_run.ts";

const pass = oneState({ Type: "Pass", End: true });
const task = oneState({ Type: "Task", Resource: "work", End: true });
const fail = oneState({ Type: "Fail", Error: "E" });
const parallel = oneState({
  Type: "Parallel",
  Branches: [1, 2].map((n) => ({
    StartAt: `B${n}`,
    States: { [`B${n}`]: { Type: "Task", Resource: "work", End: true } },
  })),
  End: true,
});

/** The statuses that an execution was seen in after each event, each named once in a row. */
function statusesOf(run: ExecutionRun): readonly string[] {
  const after: Record<string, string> = {
    ExecutionRunningEvent: "Running",
    ExecutionCompletingEvent: "Completing",
    ExecutionCancelingEvent: "Canceling",
    ExecutionRedrivenEvent: "Running",
    ExecutionDeletingEvent: "Deleting",
  };
  return run.events.flatMap((event) =>
    event.type === "ExecutionStartedEvent" || event.type === "ExecutionCompletedEvent"
      ? [event.status]
      : after[event.type] ?? []
  );
}

const deleted = (run: ExecutionRun): Command => ({
  type: "DeleteExecutionCommand",
  version: 1,
  executionId: run.actors.executionId,
});

const flows: readonly { what: string; play: () => ExecutionRun; statuses: readonly string[] }[] = [
  { what: "succeeds", play: () => started(pass), statuses: ["Running", "Succeeded"] },
  { what: "fails", play: () => started(fail), statuses: ["Running", "Failed"] },
  {
    what: "is canceled with nothing below it but a task",
    play: () => {
      const run = started(task);
      run.cancel();
      return run;
    },
    statuses: ["Running", "Canceling", "Canceled"],
  },
  {
    what: "times out while its branches run",
    play: () => {
      const run = started({ ...parallel, TimeoutSeconds: 60 });
      run.pass(60);
      return run;
    },
    statuses: ["Running", "Completing", "Failed"],
  },
  {
    what: "starts late",
    play: () => {
      const run = started(pass, {}, { start: { startAtEpochMs: START_EPOCH_MS + 5_000 } });
      run.pass(5);
      return run;
    },
    statuses: ["Pending", "Running", "Succeeded"],
  },
  {
    what: "is canceled while it is pending",
    play: () => {
      const run = started(pass, {}, { start: { startAtEpochMs: START_EPOCH_MS + 5_000 } });
      run.cancel();
      return run;
    },
    statuses: ["Pending", "Canceled"],
  },
];
for (const { what, play, statuses } of flows) {
  test(`an execution that ${what} is ${statuses.join(", ")}, and then may be deleted`, () => {
    const run = play();
    deepStrictEqual(statusesOf(run), statuses);
    strictEqual(run.status, statuses.at(-1));
    run.checkEmpty();
    run.command(deleted(run));
    strictEqual(run.status, "Deleting");
  });
}

for (const { what, play } of flows) {
  test(`an execution that ${what} keeps its status, whatever is asked of it`, () => {
    const run = play();
    const before = [run.end, run.actors.eventCount];
    const { executionId } = run.actors;
    const asked: readonly Command[] = [
      { type: "CancelExecutionCommand", version: 1, executionId },
      { type: "CompleteExecutionCommand", version: 1, executionId, status: "Failed" },
      run.startCommand({}),
    ];
    for (const command of asked) {
      const { rejection, turn } = run.command(command);
      strictEqual(rejection?.type, command.type.replace("Command", "Rejection"));
      strictEqual(turn, undefined); // nothing to write
    }
    deepStrictEqual([run.end, run.actors.eventCount], before);
  });
}

test("a pending execution has entered no state", () => {
  const run = started(pass, {}, { start: { startAtEpochMs: START_EPOCH_MS + 5_000 } });
  strictEqual(run.status, "Pending");
  strictEqual(run.actors.activities.size, 0);
  strictEqual(run.pass(4.999), 0);
});

test("a start that was to be in the past is at once", () => {
  strictEqual(started(pass, {}, { start: { startAtEpochMs: START_EPOCH_MS - 1 } }).status, "Succeeded");
});

test("the machine's TimeoutSeconds counts from when a delayed execution begins", () => {
  const run = started({ ...task, TimeoutSeconds: 10 }, {}, { start: { startAtEpochMs: START_EPOCH_MS + 100_000 } });
  run.pass(105);
  strictEqual(run.status, "Running");
  run.pass(5);
  deepStrictEqual(run.end, ["Failed", "States.Timeout"]);
  strictEqual(run.actors.execution.context.ending?.timedOut, true);
});

for (const status of ["Pending", "Running"]) {
  test(`an execution that is ${status} cannot be deleted`, () => {
    const run = started(task, {}, status === "Pending" ? { start: { startAtEpochMs: START_EPOCH_MS + 1 } } : {});
    strictEqual(run.status, status);
    deepStrictEqual(run.command(deleted(run)).rejection?.reason, "InvalidStatus");
    strictEqual(run.status, status);
  });
}

test("a cancel takes the reason it was given to the end", () => {
  const run = started(parallel);
  const { executionId } = run.actors;
  run.command({ type: "CancelExecutionCommand", version: 1, executionId, reason: "Stopped", message: "by Ada" });
  run.takeUp();
  deepStrictEqual(run.end as Json, ["Canceled", "Stopped", "by Ada"]);
});
