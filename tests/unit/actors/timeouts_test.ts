import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { Json, JsonObject } from "../../../src/values/mod.ts";
import { type ExecutionRun, oneState, started } from "../../support/execution_run.ts";

const task = (rest: JsonObject): JsonObject => oneState({ Type: "Task", Resource: "work", End: true, ...rest });
const beat = (run: ExecutionRun) =>
  run.command({ type: "HeartbeatTaskCommand", version: 1, taskId: run.task("S").context.taskId });
const activate = (run: ExecutionRun) =>
  run.command({ type: "ActivateTaskCommand", version: 1, taskId: run.task("S").context.taskId });

test("a task's TimeoutSeconds counts from its creation", () => {
  const run = started(task({ TimeoutSeconds: 10 }));
  run.pass(6);
  activate(run);
  run.pass(3.999);
  strictEqual(run.status, "Running");
  run.pass(0.001);
  deepStrictEqual(run.end, ["Failed", "States.Timeout"]);
  run.checkEmpty();
});

test("a heartbeat is asked for from when the task is activated", () => {
  const run = started(task({ HeartbeatSeconds: 5 }));
  run.pass(1_000); // nobody has taken it up: nobody owes a heartbeat
  activate(run);
  run.pass(4.999);
  strictEqual(run.status, "Running");
  run.pass(0.001);
  deepStrictEqual(run.end, ["Failed", "States.Timeout"]);
});

test("each heartbeat puts the next one off, but not the timeout", () => {
  const run = started(task({ TimeoutSeconds: 20, HeartbeatSeconds: 5 }));
  beat(run); // the first one activates
  strictEqual(run.task("S").value, "Activated");
  for (let beats = 0; beats < 4; beats++) {
    run.pass(4);
    beat(run);
  }
  run.pass(3.999);
  strictEqual(run.status, "Running");
  run.pass(0.001);
  deepStrictEqual(run.end, ["Failed", "States.Timeout"]);
});

const namesOfTimeouts: readonly [string, "TimeoutSeconds" | "HeartbeatSeconds", boolean][] = [
  ["States.Timeout", "TimeoutSeconds", true],
  ["States.HeartbeatTimeout", "HeartbeatSeconds", true],
  ["States.Timeout", "HeartbeatSeconds", true],
  ["States.HeartbeatTimeout", "TimeoutSeconds", false],
  ["States.TaskFailed", "TimeoutSeconds", false],
  ["States.ALL", "HeartbeatSeconds", true],
];
for (const [name, field, caught] of namesOfTimeouts) {
  test(`${name} ${caught ? "catches" : "does not catch"} the end of ${field}`, () => {
    const run = started(oneState({
      Type: "Task",
      Resource: "work",
      [field]: 5,
      ...(field === "HeartbeatSeconds" ? { TimeoutSeconds: 60 } : {}),
      Catch: [{ ErrorEquals: [name], Next: "Done" }],
      End: true,
    }, { Done: { Type: "Succeed" } }));
    activate(run);
    run.pass(5);
    strictEqual(run.status, caught ? "Succeeded" : "Failed");
  });
}

test("a task that timed out takes no completion any more", () => {
  const run = started(task({ TimeoutSeconds: 1, Retry: [{ ErrorEquals: ["States.Timeout"], IntervalSeconds: 60 }] }));
  const { taskId } = run.task("S").context;
  run.pass(1);
  strictEqual(
    run.command({ type: "CompleteTaskCommand", version: 1, taskId, output: 1 }).rejection?.reason,
    "InvalidStatus",
  );
});

test("a timed out task is retried with a clock of its own", () => {
  const run = started(task({ TimeoutSeconds: 3, Retry: [{ ErrorEquals: ["States.Timeout"], MaxAttempts: 1 }] }));
  strictEqual(run.pass(6.999), 2);
  strictEqual(run.status, "Running");
  run.pass(0.001);
  deepStrictEqual(run.end, ["Failed", "States.Timeout"]);
});

test("TimeoutSecondsPath and HeartbeatSecondsPath are evaluated", () => {
  const run = started(task({ TimeoutSecondsPath: "$.t", HeartbeatSecondsPath: "$.h" }), { t: 9, h: 3 });
  const { timeoutSeconds, heartbeatSeconds } = run.task("S").context;
  deepStrictEqual([timeoutSeconds, heartbeatSeconds], [9, 3]);
});

const machines: readonly { what: string; state: JsonObject }[] = [
  { what: "a task", state: { Type: "Task", Resource: "work", Retry: [{ ErrorEquals: ["States.ALL"] }], End: true } },
  { what: "a wait", state: { Type: "Wait", Seconds: 60, End: true } },
  {
    what: "a tree of children that would catch it",
    state: {
      Type: "Map",
      ItemsPath: "$.items",
      ItemProcessor: { StartAt: "W", States: { W: { Type: "Wait", Seconds: 60, End: true } } },
      Catch: [{ ErrorEquals: ["States.ALL"], Next: "Never" }],
      End: true,
    },
  },
];
for (const { what, state } of machines) {
  test(`the machine's TimeoutSeconds ends ${what}, and nothing in the machine can catch it`, () => {
    const others = "Catch" in state ? { Never: { Type: "Pass", End: true } } : {};
    const run = started({ ...oneState(state, others), TimeoutSeconds: 30 }, { items: [1, 2] });
    run.pass(29.999);
    strictEqual(run.status, "Running");
    run.pass(0.001);
    deepStrictEqual(run.end as Json, ["Failed", "States.Timeout"]);
    strictEqual(run.actors.execution.context.ending?.timedOut, true);
    run.checkEmpty();
  });
}

test("a machine that ends in time has no clock left", () => {
  const run = started({ ...task({}), TimeoutSeconds: 30 });
  run.complete(run.task("S"));
  run.checkEmpty();
});

for (const [TimeoutSeconds, secondsMax, seconds] of [[60, 300, 60], [600, 300, 300], [undefined, 300, 300]] as const) {
  test(`an execution that may live for ${secondsMax} s with TimeoutSeconds ${TimeoutSeconds} ends after ${seconds} s`, () => {
    const machine = {
      StartAt: "W",
      States: { W: { Type: "Wait", Seconds: 9_999, End: true } },
      ...(TimeoutSeconds === undefined ? {} : { TimeoutSeconds }),
    };
    const run = started(machine, {}, { start: { secondsMax } });
    run.pass(seconds - 1);
    deepStrictEqual(run.end, ["Running"]);
    run.pass(1);
    deepStrictEqual(run.end, ["Failed", "States.Timeout"]);
  });
}
