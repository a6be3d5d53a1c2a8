import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { Json, JsonObject } from "../../../src/values/mod.ts";
import { type ExecutionRun, oneState, type RunOptions, started } from "../../support/execution_run.ts";

function retrying(Retry: readonly JsonObject[], rest: JsonObject = {}, options: RunOptions = {}): ExecutionRun {
  return started(oneState({ Type: "Task", Resource: "work", Retry, ...rest, End: true }), {}, options);
}

/** Fails every try with these errors in turn, and tells how long each retry was waited for, seconds, until the end. */
function delaysOf(run: ExecutionRun, errors: readonly string[]): readonly number[] {
  const delays: number[] = [];
  for (let attempt = 0; run.status === "Running"; attempt++) {
    run.fail(run.task("S"), errors[attempt % errors.length] ?? "E");
    const [due] = [...run.actors.timers.values()];
    if (due === undefined) break;
    delays.push((due - run.nowEpochMs) / 1000);
    run.pass((due - run.nowEpochMs) / 1000);
  }
  return delays;
}

const plans: readonly {
  what: string;
  Retry: readonly JsonObject[];
  errors: readonly string[];
  delays: readonly number[];
}[] = [
  {
    what: "has the defaults: 3 times after 1, 2 and 4 s",
    Retry: [{ ErrorEquals: ["E"] }],
    errors: ["E"],
    delays: [1, 2, 4],
  },
  { what: "has MaxAttempts 0", Retry: [{ ErrorEquals: ["E"], MaxAttempts: 0 }], errors: ["E"], delays: [] },
  {
    what: "has interval and rate",
    Retry: [{ ErrorEquals: ["E"], IntervalSeconds: 3, BackoffRate: 1.5, MaxAttempts: 3 }],
    errors: ["E"],
    delays: [3, 4.5, 6.75],
  },
  {
    what: "is capped by MaxDelaySeconds",
    Retry: [{ ErrorEquals: ["E"], IntervalSeconds: 3, MaxDelaySeconds: 10, MaxAttempts: 4 }],
    errors: ["E"],
    delays: [3, 6, 10, 10],
  },
  { what: "is for another error", Retry: [{ ErrorEquals: ["F"] }], errors: ["E"], delays: [] },
  { what: "is for all errors", Retry: [{ ErrorEquals: ["States.ALL"], MaxAttempts: 1 }], errors: ["E"], delays: [1] },
  {
    what: "is for failed tasks",
    Retry: [{ ErrorEquals: ["States.TaskFailed"], MaxAttempts: 1 }],
    errors: ["E"],
    delays: [1],
  },
  {
    what: "counts each retrier's attempts on their own",
    Retry: [
      { ErrorEquals: ["E"], IntervalSeconds: 1, MaxAttempts: 2 },
      { ErrorEquals: ["F"], IntervalSeconds: 10, MaxAttempts: 1 },
      { ErrorEquals: ["States.ALL"], IntervalSeconds: 100, MaxAttempts: 1 },
    ],
    errors: ["E", "F", "G", "E", "E"],
    delays: [1, 10, 100, 2],
  },
  {
    what: "does not fall through to a later retrier when its attempts are used up",
    Retry: [{ ErrorEquals: ["E"], MaxAttempts: 1 }, { ErrorEquals: ["States.ALL"], MaxAttempts: 5 }],
    errors: ["E"],
    delays: [1],
  },
];
for (const { what, Retry, errors, delays } of plans) {
  test(`a retry that ${what} waits [${delays}] s`, () => {
    const run = retrying(Retry);
    deepStrictEqual(delaysOf(run, errors), delays);
    strictEqual(run.status, "Failed");
    run.checkEmpty();
  });
}

test("a full jitter draws once a retry, between nothing and the delay, and replays what was drawn", () => {
  const draws = [0, 0.25, 0.999];
  const run = retrying([{ ErrorEquals: ["E"], IntervalSeconds: 8, BackoffRate: 1, JitterStrategy: "FULL" }], {}, {
    random: () => draws.shift() ?? 1,
  });
  deepStrictEqual(delaysOf(run, ["E"]), [0, 2, 7.992]);
  deepStrictEqual(draws, []);
});

test("a retried state sees how often it was retried, and its tasks are numbered", () => {
  const counted = retrying([{ ErrorEquals: ["E"] }], { Parameters: { "state.$": "$$.State" } });
  const seen: Json[] = [];
  for (let attempt = 1; attempt <= 3; attempt++) {
    const { context } = counted.task("S");
    seen.push([context.attempt, (context.input as { state: JsonObject }).state["RetryCount"] ?? null]);
    counted.fail(counted.task("S"), "E");
    counted.pass(10);
  }
  deepStrictEqual(seen, [[1, 0], [2, 1], [3, 2]]);
});

test("each try has a task of its own", () => {
  const run = retrying([{ ErrorEquals: ["E"] }]);
  const first = run.task("S").context.taskId;
  run.fail(run.task("S"), "E");
  strictEqual(run.openTasks.length, 0);
  run.pass(1);
  ok(run.task("S").context.taskId !== first);
});

test("an error of the state's own expressions is retried like any other", () => {
  const run = retrying([{ ErrorEquals: ["States.QueryEvaluationError"], MaxAttempts: 1 }], {
    QueryLanguage: "JSONata",
    Output: "{% $states.result.missing.more %}",
  });
  run.complete(run.task("S"), {});
  deepStrictEqual([...run.actors.activities.values()].map(({ value }) => value), ["Retrying"]);
  run.pass(1);
  run.complete(run.task("S"), { missing: { more: 1 } });
  deepStrictEqual(run.end, ["Succeeded", 1]);
});

test("States.Runtime is never retried", () => {
  const run = retrying([{ ErrorEquals: ["States.ALL"] }], { ResultSelector: { "n.$": "$.missing" } });
  run.complete(run.task("S"), {});
  deepStrictEqual((run.end as Json[]).slice(0, 2), ["Failed", "States.Runtime"]);
});

const twoBranches = (Retry: readonly JsonObject[], rest: JsonObject = {}): JsonObject =>
  oneState({
    Type: "Parallel",
    Branches: ["A", "B", "C"].map((name) => ({
      StartAt: name,
      States: { [name]: { Type: "Task", Resource: "work", End: true } },
    })),
    Retry,
    ...rest,
    End: true,
  });

test("a retried Parallel reclaims what runs, waits, and runs all its branches anew", () => {
  const run = started(twoBranches([{ ErrorEquals: ["E"] }]));
  run.complete(run.task("A"), "first A");
  run.fail(run.task("B"), "E");
  deepStrictEqual([run.openTasks.length, run.actors.branches.length], [0, 0]);
  run.pass(1);
  strictEqual(run.openTasks.length, 3);
  for (const name of ["C", "B", "A"]) run.complete(run.task(name), name);
  deepStrictEqual(run.end, ["Succeeded", ["A", "B", "C"]]);
  run.checkEmpty();
});

test("a Parallel whose branches fail side by side is retried once", () => {
  // The first branch takes a step more, so that both failures are decided before the state takes either in.
  const first = { StartAt: "P", States: { P: { Type: "Pass", Next: "F1" }, F1: { Type: "Fail", Error: "E" } } };
  const fine = { StartAt: "Q", States: { Q: { Type: "Pass", End: true } } };
  const last = { StartAt: "F2", States: { F2: { Type: "Fail", Error: "E" } } };
  const run = started(oneState({
    Type: "Parallel",
    Branches: [first, fine, last],
    Retry: [{ ErrorEquals: ["E"], MaxAttempts: 2 }],
    End: true,
  }));
  strictEqual(run.status, "Running");
  deepStrictEqual([...run.actors.activities.values()].map(({ value, context }) => [value, context.retryCounts]), [
    ["Retrying", [1]],
  ]);
  strictEqual(run.pass(1), 1);
  strictEqual(run.pass(2), 1);
  deepStrictEqual(run.end, ["Failed", "E"]);
  run.checkEmpty();
});

test("a retried Map begins with its first item", () => {
  const run = started(
    oneState({
      Type: "Map",
      MaxConcurrency: 2,
      ItemProcessor: { StartAt: "I", States: { I: { Type: "Task", Resource: "work", End: true } } },
      Retry: [{ ErrorEquals: ["E"] }],
      End: true,
    }),
    ["a", "b", "c"],
  );
  run.complete(run.task("I", "a"), 1);
  run.fail(run.task("I", "c"), "E");
  strictEqual(run.openTasks.length, 0);
  run.pass(1);
  deepStrictEqual(run.openTasks.map(({ context }) => context.input), ["a", "b"]);
  for (const item of ["a", "b", "c"]) run.complete(run.task("I", item), item);
  deepStrictEqual(run.end, ["Succeeded", ["a", "b", "c"]]);
});

test("a retried Map takes the MaxConcurrency that is evaluated anew", () => {
  const machine = oneState({
    Type: "Map",
    QueryLanguage: "JSONata",
    Items: "{% [1, 2, 3] %}",
    MaxConcurrency: "{% $states.context.State.RetryCount > 0 ? 0 : 1 %}",
    ItemProcessor: { StartAt: "I", States: { I: { Type: "Task", Resource: "work", End: true } } },
    Retry: [{ ErrorEquals: ["E"] }],
    End: true,
  });
  const run = started(machine);
  strictEqual(run.openTasks.length, 1);
  run.fail(run.task("I"), "E");
  run.pass(1);
  strictEqual(run.openTasks.length, 3);
  for (const task of run.openTasks) run.complete(task, 0);
  strictEqual(run.status, "Succeeded");
});

test("retries that are used up leave the error to Catch", () => {
  const run = started(oneState({
    Type: "Task",
    Resource: "work",
    Retry: [{ ErrorEquals: ["E"], MaxAttempts: 1 }],
    Catch: [{ ErrorEquals: ["E"], Next: "Done" }],
    End: true,
  }, { Done: { Type: "Succeed" } }));
  run.fail(run.task("S"), "E", "one");
  run.pass(1);
  run.fail(run.task("S"), "E", "two");
  deepStrictEqual(run.end, ["Succeeded", { Error: "E", Cause: "two" }]);
});
