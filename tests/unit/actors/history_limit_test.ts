import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { Json, JsonObject } from "../../../src/values/mod.ts";
import { type ExecutionRun, oneState, started } from "../../support/execution_run.ts";

const loop: JsonObject = {
  StartAt: "A",
  States: {
    A: { Type: "Pass", Next: "B" },
    B: { Type: "Choice", Choices: [{ Variable: "$.stop", IsPresent: true, Next: "C" }], Default: "A" },
    C: { Type: "Succeed" },
  },
};

function failedByLimit(run: ExecutionRun): void {
  deepStrictEqual((run.end as Json[]).slice(0, 2), ["Failed", "States.Runtime"]);
  strictEqual(run.events.at(-1)?.type, "ExecutionCompletedEvent");
  run.checkEmpty();
}

for (const turnRecordsMax of [1, 3, 50, 2_000]) {
  test(`a loop without end fails at the limit of events (turns of ${turnRecordsMax} records)`, () => {
    const run = started(loop, {}, { limits: { historyEventsMax: 101, turnRecordsMax }, compare: false });
    run.takeUp();
    failedByLimit(run);
    // At most the end of the state that was running comes between.
    ok(run.events.length >= 101 && run.events.length <= 106, `${run.events.length} events`);
  });
}

test("a loop of tasks fails at the limit, as the task that reaches it ends", () => {
  const { A: _pass, ...rest } = loop["States"] as JsonObject;
  const machine = { StartAt: "A", States: { A: { Type: "Task", Resource: "work", Next: "B" }, ...rest } };
  const run = started(machine, {}, { limits: { historyEventsMax: 50 }, compare: false });
  while (run.status === "Running") run.complete(run.task("A"));
  failedByLimit(run);
  ok(run.events.length <= 56, `${run.events.length} events`);
});

test("a loop of retries fails at the limit", () => {
  const state = {
    Type: "Task",
    Resource: "work",
    Retry: [{ ErrorEquals: ["States.ALL"], MaxAttempts: 1_000, BackoffRate: 1 }],
    End: true,
  };
  const run = started(oneState(state), {}, { limits: { historyEventsMax: 60 }, compare: false });
  while (run.status === "Running") {
    run.fail(run.task("S"));
    run.pass(1);
  }
  failedByLimit(run);
});

for (const turnRecordsMax of [2, 20, 2_000]) {
  test(`a Map that goes beyond the limit is reclaimed in whole (turns of ${turnRecordsMax} records)`, () => {
    const state = {
      Type: "Map",
      ItemProcessor: { StartAt: "T", States: { T: { Type: "Task", Resource: "work", End: true } } },
      Catch: [{ ErrorEquals: ["States.ALL"], Next: "Never" }],
      End: true,
    };
    const items = Array.from({ length: 100 }, (_, index) => index);
    const run = started(oneState(state, { Never: { Type: "Pass", End: true } }), items, {
      limits: { historyEventsMax: 100, turnRecordsMax },
      compare: false,
    });
    run.takeUp();
    failedByLimit(run);
    run.compare();
  });
}

test("an execution that ends right below the limit succeeds", () => {
  const run = started(oneState({ Type: "Pass", End: true }), 1, { limits: { historyEventsMax: 5 } });
  strictEqual(run.events.length, 4);
  deepStrictEqual(run.end, ["Succeeded", 1]);
});
