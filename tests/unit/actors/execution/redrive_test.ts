// Source: API_RedriveExecution ("reschedules and redrives only the iterations and branches that failed or aborted").
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { notRedrivable, redrivePlan } from "../../../../actors/mod.ts";
import type { RedriveExecutionCommand } from "../../../../src/protocol/mod.ts";
import { defaultLimits, type Json } from "../../../../src/values/mod.ts";
import { type ExecutionRun, oneState, started } from "../../../support/execution_run.ts";

const fail = oneState({ Type: "Fail", Error: "E" });
const work = (name: string) => ({ StartAt: name, States: { [name]: { Type: "Task", Resource: "work", End: true } } });

function redriveOf(run: ExecutionRun, redriveCount = 1): RedriveExecutionCommand {
  const plan = redrivePlan(run.events, run.machine.StartAt);
  ok(plan !== undefined);
  const { executionId } = run.actors;
  return { type: "RedriveExecutionCommand", version: 1, executionId, redriveCount, ...plan, turns: [] };
}

/** Redrives, and takes up what the turn left. */
function redrive(run: ExecutionRun, redriveCount = 1): void {
  strictEqual(run.command(redriveOf(run, redriveCount)).rejection, undefined);
  run.takeUp();
}

test("the plan of a failed chain is the state that failed, with its input and the variables", () => {
  const { resume, variables } = redriveOf(started({
    StartAt: "A",
    States: { A: { Type: "Pass", Result: 5, Assign: { x: 1 }, Next: "B" }, B: { Type: "Fail", Error: "E" } },
  }));
  deepStrictEqual([resume.stateName, resume.input, resume.children, variables], ["B", 5, undefined, { x: 1 }]);
});

test("the plan of an execution that entered no state begins with the first; there is none without a start", () => {
  const run = started(oneState({ Type: "Succeed" }));
  deepStrictEqual(redrivePlan(run.events.slice(0, 1), "S"), { resume: { stateName: "S", input: {} } });
  strictEqual(redrivePlan([], "S"), undefined);
});

test("a redrive is rejected that comes behind another, or of an execution that runs or has succeeded", () => {
  const run = started(fail);
  const command = redriveOf(run);
  strictEqual(run.command(command).rejection, undefined);
  strictEqual(run.command(command).rejection?.reason, "InvalidStatus");
  for (const other of [started(oneState({ Type: "Succeed" })), started(work("W"))]) {
    const { executionId } = other.actors;
    strictEqual(other.command({ ...command, executionId }).rejection?.reason, "InvalidStatus");
  }
});

for (const turnRecordsMax of [1, 3, 2_000]) {
  test(`branches that succeeded are kept, with their variables (turns of ${turnRecordsMax} records)`, () => {
    const branch = {
      StartAt: "Set",
      States: {
        Set: { Type: "Pass", Assign: { own: 1 }, Next: "Two" },
        Two: { Type: "Task", Resource: "work", Parameters: { "own.$": "$own", "outer.$": "$outer" }, End: true },
      },
    };
    const run = started(
      {
        StartAt: "Before",
        States: {
          Before: { Type: "Pass", Assign: { outer: 2 }, Next: "S" },
          S: { Type: "Parallel", Branches: [work("One"), branch, work("Three")], End: true },
        },
      },
      {},
      { limits: { turnRecordsMax } },
    );
    run.takeUp();
    run.complete(run.task("One"), "one");
    run.fail(run.task("Two"));
    run.takeUp();
    strictEqual(run.status, "Failed");
    redrive(run);
    deepStrictEqual(run.openTasks.map((task) => run.stateNameOf(task)), ["Two", "Three"]);
    deepStrictEqual(run.task("Two").context.input, { own: 1, outer: 2 });
    run.complete(run.task("Three"), "three");
    run.fail(run.task("Two"));
    run.takeUp();
    redrive(run, 2);
    run.reload();
    run.complete(run.task("Two"), "two");
    run.takeUp();
    deepStrictEqual(run.end, ["Succeeded", ["one", "two", "three"]]);
    run.checkEmpty();
  });

  test(`iterations that succeeded are kept, and no more run at once than may (turns of ${turnRecordsMax} records)`, () => {
    const each = oneState({ Type: "Map", MaxConcurrency: 2, ItemProcessor: work("Do"), End: true });
    const run = started(each, [0, 1, 2, 3, 4], { limits: { turnRecordsMax } });
    run.takeUp();
    run.complete(run.task("Do", 0), "0");
    run.takeUp();
    run.complete(run.task("Do", 2), "2");
    run.takeUp();
    run.fail(run.task("Do", 1));
    run.takeUp();
    strictEqual(run.status, "Failed");
    redrive(run);
    const inputs = (): readonly Json[] => run.openTasks.map(({ context }) => context.input);
    deepStrictEqual(inputs(), [1, 3]);
    for (const index of [3, 1, 4]) {
      run.complete(run.task("Do", index), String(index));
      run.takeUp();
      ok(inputs().length <= 2);
    }
    deepStrictEqual(run.end, ["Succeeded", ["0", "1", "2", "3", "4"]]);
    run.checkEmpty();
  });
}

test("a Parallel whose children all succeeded and whose output failed is evaluated again without them", () => {
  const run = started(oneState({
    Type: "Parallel",
    Branches: [work("One"), work("Two")],
    ResultSelector: { "x.$": "$[0].x" },
    End: true,
  }));
  run.complete(run.task("One"), {});
  run.complete(run.task("Two"), {});
  strictEqual(run.status, "Failed");
  redrive(run);
  strictEqual(run.status, "Failed");
  strictEqual(run.openTasks.length, 0);
  strictEqual(run.events.filter(({ type }) => type === "TaskCreatedEvent").length, 2);
});

test("a state inside a Map inside a Parallel goes on where it was", () => {
  const inner = {
    StartAt: "M",
    States: { M: { Type: "Map", ItemProcessor: work("Do"), End: true } },
  };
  const run = started(oneState({ Type: "Parallel", Branches: [work("One"), inner], End: true }), [7, 8]);
  run.complete(run.task("One"), 1);
  run.complete(run.task("Do", 7), 70);
  run.fail(run.task("Do", 8));
  redrive(run);
  deepStrictEqual(run.openTasks.map(({ context }) => context.input), [8]);
  run.complete(run.task("Do", 8), 80);
  deepStrictEqual(run.end, ["Succeeded", [1, [70, 80]]]);
});

test("the retries of a redriven state are counted anew", () => {
  const run = started(oneState({
    Type: "Task",
    Resource: "work",
    Retry: [{ ErrorEquals: ["States.ALL"], IntervalSeconds: 1, MaxAttempts: 1 }],
    End: true,
  }));
  run.fail(run.task("S"));
  run.pass(1);
  run.fail(run.task("S"));
  strictEqual(run.status, "Failed");
  redrive(run);
  run.fail(run.task("S"));
  run.pass(1);
  run.complete(run.task("S"), "at last");
  deepStrictEqual(run.end, ["Succeeded", "at last"]);
});

test("a canceled execution goes on from what ran, and its time limit is counted anew", () => {
  const run = started({ ...oneState({ Type: "Task", Resource: "work", End: true }), TimeoutSeconds: 60 });
  run.pass(50);
  run.cancel();
  strictEqual(run.status, "Canceled");
  redrive(run);
  run.pass(59);
  strictEqual(run.status, "Running");
  run.pass(1);
  deepStrictEqual(run.end, ["Failed", "States.Timeout"]);
});

test("an execution can be redriven for fourteen days, a thousand times, and while its history has room", () => {
  const { execution } = started(fail).actors;
  const { endedAtEpochMs = 0 } = execution.context;
  const day = 86_400_000;
  const why = (context: object, now: number, events: number) =>
    notRedrivable({ ...execution, context: { ...execution.context, ...context } }, defaultLimits, now, events);
  strictEqual(why({}, endedAtEpochMs + 14 * day, 100), undefined);
  strictEqual(why({}, endedAtEpochMs + 14 * day + 1, 100), "Execution redrivable period exceeded");
  strictEqual(why({ redriveCount: 999 }, endedAtEpochMs, 100), undefined);
  strictEqual(why({ redriveCount: 1_000 }, endedAtEpochMs, 100), "Execution has been redriven 1000 times");
  strictEqual(why({}, endedAtEpochMs, 24_998), undefined);
  strictEqual(why({}, endedAtEpochMs, 24_999), "Execution history event limit exceeded");
  ok(why({ mapRun: "run" }, endedAtEpochMs, 100)?.includes("Map Run"));
});
