/** Tasks with children: they end when whoever does them has reclaimed these, and not before. */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../../src/values/mod.ts";
import { type ExecutionRun, oneState, started } from "../support/execution_run.ts";

const child = { StateMachineArn: "arn:aws:states:us-east-1:123456789012:stateMachine:child" };
const withChildren = (rest: JsonObject = {}): JsonObject =>
  oneState({
    Type: "Task",
    Resource: "arn:aws:states:::states:startExecution.sync",
    Parameters: child,
    End: true,
    ...rest,
  });
const taskId = (run: ExecutionRun) => run.task("S").context.taskId;
const cancel = (run: ExecutionRun) =>
  run.command({ type: "CancelExecutionCommand", version: 1, executionId: run.actors.executionId });
const confirm = (run: ExecutionRun) =>
  run.command({ type: "FailTaskCommand", version: 1, taskId: taskId(run), byRunner: true });

test("a canceled execution waits for the children of its task", () => {
  const run = started(withChildren());
  cancel(run);
  strictEqual(run.status, "Canceling");
  strictEqual(run.task("S").value, "Reclaiming");
  confirm(run);
  strictEqual(run.status, "Canceled");
  run.checkEmpty();
});

test("a task that has timed out fails with States.Timeout once its children are reclaimed", () => {
  const run = started(withChildren({ TimeoutSeconds: 10 }));
  run.pass(10);
  strictEqual(run.status, "Running");
  deepStrictEqual([run.task("S").value, run.task("S").context.why], ["Reclaiming", "timeout"]);
  run.pass(1_000); // no clock of it runs any more
  confirm(run);
  deepStrictEqual(run.end, ["Failed", "States.Timeout"]);
  run.checkEmpty();
});

test("a child that has ended by itself meanwhile confirms as well", () => {
  const run = started(withChildren());
  cancel(run);
  run.command({ type: "CompleteTaskCommand", version: 1, taskId: taskId(run), output: "late", byRunner: true });
  strictEqual(run.status, "Canceled");
});

test("nobody but the runner can say that the children are reclaimed", () => {
  const run = started(withChildren());
  cancel(run);
  const { rejection } = run.command({ type: "CompleteTaskCommand", version: 1, taskId: taskId(run), output: "mine" });
  strictEqual(rejection?.reason, "InvalidStatus");
  strictEqual(run.status, "Canceling");
});

test("a task that times out while it is reclaimed, or is canceled while it times out, ends once", () => {
  const run = started(withChildren({ TimeoutSeconds: 10 }));
  run.pass(10);
  cancel(run);
  strictEqual(run.task("S").context.why, "timeout");
  confirm(run);
  strictEqual(run.status, "Canceled");
  run.checkEmpty();
});

test("an answer of the outside is taken down once, and the task goes on", () => {
  const run = started(withChildren());
  const submit = () =>
    run.command({ type: "SubmitTaskCommand", version: 1, taskId: taskId(run), output: { started: true } });
  strictEqual(submit().rejection, undefined);
  strictEqual(submit().rejection?.reason, "AlreadyExists");
  strictEqual(run.task("S").context.isSubmitted, true);
  run.command({ type: "CompleteTaskCommand", version: 1, taskId: taskId(run), output: "done" });
  strictEqual(run.status, "Succeeded");
});
