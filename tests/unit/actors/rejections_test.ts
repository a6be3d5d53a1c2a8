import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { Command } from "../../../src/protocol/mod.ts";
import { activityId, branchId, hash7, iterationId, taskId, timestamp } from "../../../src/values/mod.ts";
import { type ExecutionRun, oneState, started } from "../../support/execution_run.ts";

const work = { StartAt: "W", States: { W: { Type: "Task", Resource: "work", End: true } } };
const task = oneState({ Type: "Task", Resource: "work", TimeoutSeconds: 60, HeartbeatSeconds: 10, End: true });
const parallel = oneState({ Type: "Parallel", Branches: [work], End: true });
const map = oneState({ Type: "Map", ItemProcessor: work, End: true });
const retried = oneState({
  Type: "Task",
  Resource: "work",
  Retry: [{ ErrorEquals: ["States.ALL"], IntervalSeconds: 5 }],
  End: true,
});

const nobody = taskId({ tenant: "acme", namespace: "shop" }, hash7("work"), timestamp(1, 1));
const nowhere = (run: ExecutionRun) => activityId(run.actors.executionId, timestamp(1, 1));
const begun = { version: 1, executionId: "", input: {} } as const;

/** Wishes for what is not there, is over, or never was asked for: nothing comes of any. */
const wishes: readonly { what: string; machine: typeof task; command: (run: ExecutionRun) => Command }[] = [
  {
    what: "a task that was never created",
    machine: task,
    command: () => ({ type: "CompleteTaskCommand", version: 1, taskId: nobody, output: 1 }),
  },
  ...(["FailTaskCommand", "CancelTaskCommand", "ActivateTaskCommand", "HeartbeatTaskCommand"] as const).map((type) => ({
    what: `${type} of a task that was never created`,
    machine: task,
    command: (): Command => ({ type, version: 1, taskId: nobody }),
  })),
  {
    what: "TimeOutTaskCommand of a task that was never created",
    machine: task,
    command: () => ({ type: "TimeOutTaskCommand", version: 1, taskId: nobody, clock: "timeout" }),
  },
  {
    what: "the end of an activity that is not there",
    machine: task,
    command: (run) => ({ type: "CompleteStateCommand", version: 1, activityId: nowhere(run), status: "Succeeded" }),
  },
  {
    what: "the cancel of an activity that is not there",
    machine: task,
    command: (run) => ({ type: "CancelStateCommand", version: 1, activityId: nowhere(run) }),
  },
  {
    what: "the retry of an activity that runs",
    machine: task,
    command: (run) => ({ type: "RetryStateCommand", version: 1, activityId: run.task("S").context.activityId }),
  },
  {
    what: "a task of an activity that is not there",
    machine: task,
    command: (run) => ({
      ...begun,
      type: "CreateTaskCommand",
      executionId: run.actors.executionId,
      taskId: nobody,
      activityId: nowhere(run),
      resource: "work",
    }),
  },
  {
    what: "a branch that runs already",
    machine: parallel,
    command: (run) => {
      const [activityId] = [...run.actors.activities.keys()];
      if (activityId === undefined) throw new Error("no activity");
      const { executionId } = run.actors;
      return {
        ...begun,
        type: "StartBranchCommand",
        executionId,
        activityId,
        branchId: branchId(activityId, 0),
        index: 0,
      };
    },
  },
  {
    what: "a branch beyond the last",
    machine: parallel,
    command: (run) => {
      const [activityId] = [...run.actors.activities.keys()];
      if (activityId === undefined) throw new Error("no activity");
      const { executionId } = run.actors;
      return {
        ...begun,
        type: "StartBranchCommand",
        executionId,
        activityId,
        branchId: branchId(activityId, 5),
        index: 5,
      };
    },
  },
  {
    what: "an iteration of what is no Map",
    machine: task,
    command: (run) => {
      const { activityId } = run.task("S").context;
      const { executionId } = run.actors;
      const id = iterationId(activityId, 0);
      return { ...begun, type: "StartIterationCommand", executionId, activityId, iterationId: id, index: 0 };
    },
  },
  {
    what: "the end of a branch that is not there",
    machine: parallel,
    command: (run) => ({
      type: "CompleteBranchCommand",
      version: 1,
      branchId: branchId(nowhere(run), 0),
      status: "Succeeded",
    }),
  },
  {
    what: "the cancel of an iteration that is not there",
    machine: map,
    command: (run) => ({ type: "CancelIterationCommand", version: 1, iterationId: iterationId(nowhere(run), 0) }),
  },
  {
    what: "a timer that nobody set",
    machine: task,
    command: (run) => ({
      type: "FireTimerCommand",
      version: 1,
      actorId: run.actors.executionId,
      deadlineEpochMs: run.nowEpochMs,
    }),
  },
  {
    what: "a timer that is not due yet",
    machine: task,
    command: (run) => {
      const [[actorId, deadlineEpochMs] = []] = [...run.actors.timers];
      if (actorId === undefined || deadlineEpochMs === undefined) throw new Error("no timer");
      return { type: "FireTimerCommand", version: 1, actorId, deadlineEpochMs };
    },
  },
  {
    what: "the start of an execution that there is",
    machine: task,
    command: (run) => run.startCommand({}),
  },
];
for (const { what, machine, command } of wishes) {
  test(`nothing comes of a wish for ${what}`, () => {
    const run = started(machine, [1]);
    const before = run.lines.length;
    const { rejection, turn, events } = run.command(command(run));
    strictEqual(rejection?.reason, what.startsWith("the start of") ? "AlreadyExists" : "InvalidStatus");
    deepStrictEqual([turn, events, run.lines.length, run.status], [undefined, [], before, "Running"]);
  });
}

const ends: readonly Command["type"][] = [
  "CompleteTaskCommand",
  "FailTaskCommand",
  "CancelTaskCommand",
  "ActivateTaskCommand",
  "HeartbeatTaskCommand",
  "TimeOutTaskCommand",
];
for (const type of ends) {
  test(`${type} is rejected for a task that was completed`, () => {
    const run = started(parallelOfTwo);
    const { taskId } = run.task("A").context;
    run.complete(run.task("A"), 1);
    const second = { type, version: 1, taskId, output: 2, clock: "timeout" } as const;
    strictEqual(run.command(second as Command).rejection?.reason, "InvalidStatus");
    run.complete(run.task("B"), 3);
    deepStrictEqual(run.end, ["Succeeded", [1, 3]]);
  });
}

const parallelOfTwo = oneState({
  Type: "Parallel",
  Branches: ["A", "B"].map((name) => ({
    StartAt: name,
    States: { [name]: { Type: "Task", Resource: "work", End: true } },
  })),
  End: true,
});

test("a task is activated once", () => {
  const run = started(task);
  const { taskId } = run.task("S").context;
  strictEqual(run.command({ type: "ActivateTaskCommand", version: 1, taskId }).rejection, undefined);
  strictEqual(run.task("S").value, "Activated");
  strictEqual(run.command({ type: "ActivateTaskCommand", version: 1, taskId }).rejection?.reason, "InvalidStatus");
});

test("a timer that was put off by a heartbeat fires at the later time alone", () => {
  const run = started(task);
  const { taskId } = run.task("S").context;
  run.command({ type: "ActivateTaskCommand", version: 1, taskId });
  const first = run.actors.timers.get(taskId);
  run.nowEpochMs += 4_000;
  run.command({ type: "HeartbeatTaskCommand", version: 1, taskId });
  run.nowEpochMs += 7_000;
  strictEqual(
    run.command({ type: "FireTimerCommand", version: 1, actorId: taskId, deadlineEpochMs: first ?? 0 }).rejection
      ?.reason,
    "InvalidStatus",
  );
  strictEqual(run.status, "Running");
  run.pass(3);
  deepStrictEqual(run.end, ["Failed", "States.Timeout"]);
});

test("a state that waits for its retry takes no end", () => {
  const run = started(retried);
  const { activityId } = run.task("S").context;
  run.fail(run.task("S"));
  for (const status of ["Succeeded", "Failed"] as const) {
    const { rejection } = run.command({ type: "CompleteStateCommand", version: 1, activityId, status });
    strictEqual(rejection?.reason, "InvalidStatus");
  }
  run.pass(5);
  run.complete(run.task("S"), 7);
  deepStrictEqual(run.end, ["Succeeded", 7]);
});
