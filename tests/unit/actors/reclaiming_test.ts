/** Tasks with children: they end when whoever does them has reclaimed these, and not before. */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../../../src/values/mod.ts";
import type { TaskSnapshot } from "../../../actors/mod.ts";
import { type ExecutionRun, oneState, started } from "../../support/execution_run.ts";
import { SeededRandom } from "../../support/seeded_random.ts";

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

// Goal: whatever comes in whichever order (results of runners, words of outsiders, time, a stop, a reload), a task with children ends
// once, and never before its runner has spoken once it is being reclaimed; live, replayed and restored state are one all along.
const SEED_COUNT = 150;
const nest = (rest: JsonObject): JsonObject => ({
  Type: "Task",
  Resource: "arn:aws:states:::states:startExecution.sync",
  Parameters: child,
  End: true,
  ...rest,
});
const tree: JsonObject = {
  StartAt: "Both",
  States: {
    Both: {
      Type: "Parallel",
      Branches: [
        {
          StartAt: "One",
          States: {
            One: nest({ TimeoutSeconds: 5, Catch: [{ ErrorEquals: ["States.Timeout"], Next: "Caught" }] }),
            Caught: { Type: "Pass", End: true },
          },
        },
        {
          StartAt: "Many",
          States: {
            Many: {
              Type: "Map",
              ItemsPath: "$.items",
              MaxConcurrency: 2,
              ItemProcessor: {
                StartAt: "Each",
                States: {
                  Each: nest({
                    TimeoutSeconds: 3,
                    Retry: [{ ErrorEquals: ["States.Timeout"], IntervalSeconds: 1, MaxAttempts: 1 }],
                  }),
                },
              },
              End: true,
            },
          },
        },
      ],
      End: true,
    },
  },
};

for (const seed of Array.from({ length: SEED_COUNT }, (_, index) => index + 1)) {
  test(`tasks with children end once, after their runner's word (seed ${seed})`, () => {
    const random = new SeededRandom(seed);
    const run = started(tree, { items: [1, 2, 3, 4] }, { seed });
    for (let step = 0; step < 200 && !run.actors.hasEnded; step++) {
      const open = [...run.actors.tasks.values()];
      const task = open[random.below(open.length)];
      const draw = random.next();
      if (draw < 0.03) cancel(run);
      else if (draw < 0.1) run.reload();
      else if (draw < 0.35 || task === undefined) run.pass(random.below(4));
      else act(run, task, random);
    }
    while (!run.actors.hasEnded) {
      run.pass(10);
      for (const { context } of [...run.actors.tasks.values()]) {
        run.command({ type: "FailTaskCommand", version: 1, taskId: context.taskId, reason: "Over", byRunner: true });
      }
    }
    run.checkEmpty();
    checkOrder(run);
  });
}

/** A runner reports, or an outsider does, or says that it goes on. */
function act(run: ExecutionRun, { context: { taskId } }: TaskSnapshot, random: SeededRandom): void {
  const byRunner = random.chance(0.6) ? { byRunner: true } : {};
  const kind = random.pick(["complete", "fail", "submit"]);
  if (kind === "complete") run.command({ type: "CompleteTaskCommand", version: 1, taskId, output: 1, ...byRunner });
  else if (kind === "fail") run.command({ type: "FailTaskCommand", version: 1, taskId, reason: "Boom", ...byRunner });
  else run.command({ type: "SubmitTaskCommand", version: 1, taskId, output: "taken up" });
}

/** After its reclaiming has begun, a task ends by its runner's word, as its reclaiming says, and once. */
function checkOrder({ records }: ExecutionRun): void {
  const reclaiming = new Map<string, string>();
  const ended = new Set<string>();
  let byRunner: string | undefined;
  for (const record of records) {
    if (record.type === "CompleteTaskCommand" || record.type === "FailTaskCommand") {
      byRunner = record.byRunner === true ? record.taskId : undefined;
    } else if (record.type === "TaskReclaimingEvent") reclaiming.set(record.taskId, record.why);
    else if (
      record.type === "TaskCompletedEvent" || record.type === "TaskFailedEvent" ||
      record.type === "TaskTimedOutEvent" || record.type === "TaskCanceledEvent"
    ) {
      const { taskId } = record;
      strictEqual(ended.has(taskId), false, `${taskId} ends twice`);
      ended.add(taskId);
      const why = reclaiming.get(taskId);
      const isReclaimed = record.type === "TaskTimedOutEvent" || record.type === "TaskCanceledEvent";
      strictEqual(isReclaimed, why !== undefined, `${record.type} of ${taskId}`);
      if (why === undefined) continue;
      strictEqual(byRunner, taskId, `${taskId} ends before its runner has spoken`);
      strictEqual(record.type === "TaskTimedOutEvent" ? record.clock : "canceled", why);
    }
  }
}

test("nothing is retried while the execution waits for the children of a task", () => {
  const branch = (name: string, state: JsonObject): JsonObject => ({ StartAt: name, States: { [name]: state } });
  const { S: sync } = withChildren().States as JsonObject;
  const retried = {
    Type: "Task",
    Resource: "work",
    Retry: [{ ErrorEquals: ["States.ALL"], IntervalSeconds: 1 }],
    End: true,
  };
  const run = started(oneState({
    Type: "Parallel",
    Branches: [branch("A", sync as JsonObject), branch("B", retried)],
    End: true,
  }));
  cancel(run);
  strictEqual(run.task("A").value, "Reclaiming");
  run.fail(run.task("B"));
  run.pass(60);
  strictEqual(run.events.some(({ type }) => type === "StateRetriedEvent"), false);
  run.command({ type: "FailTaskCommand", version: 1, taskId: run.task("A").context.taskId, byRunner: true });
  strictEqual(run.status, "Canceled");
  run.checkEmpty();
});
