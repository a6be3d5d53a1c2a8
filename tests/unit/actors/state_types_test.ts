import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { Json, JsonObject } from "../../../src/values/mod.ts";
import { oneState, started } from "../../support/execution_run.ts";

const done = { Done: { Type: "Succeed" } };
const choices = {
  Type: "Choice",
  Choices: [{ Variable: "$.n", NumericGreaterThan: 10, Next: "Big" }],
  Default: "Done",
};
const failBig = { Big: { Type: "Fail", Error: "TooBig", Cause: "more than ten" }, ...done };

/** States that end within the turn that starts them. */
const atOnce: readonly { what: string; state: JsonObject; others?: JsonObject; input: Json; end: Json }[] = [
  { what: "Pass", state: { Type: "Pass", End: true }, input: { a: 1 }, end: ["Succeeded", { a: 1 }] },
  {
    what: "Pass with Result and ResultPath",
    state: { Type: "Pass", Result: [1], ResultPath: "$.b", End: true },
    input: { a: 1 },
    end: ["Succeeded", { a: 1, b: [1] }],
  },
  {
    what: "Pass that goes on to Succeed",
    state: { Type: "Pass", Parameters: { "x.$": "$.a" }, Next: "Done" },
    others: done,
    input: { a: 1 },
    end: ["Succeeded", { x: 1 }],
  },
  {
    what: "Pass in JSONata",
    state: { Type: "Pass", QueryLanguage: "JSONata", Output: "{% $states.input.a + 1 %}", End: true },
    input: { a: 1 },
    end: ["Succeeded", 2],
  },
  {
    what: "Succeed with OutputPath",
    state: { Type: "Succeed", OutputPath: "$.a" },
    input: { a: [1] },
    end: ["Succeeded", [1]],
  },
  {
    what: "Fail",
    state: { Type: "Fail", Error: "Declined", Cause: "no money" },
    input: {},
    end: ["Failed", "Declined", "no money"],
  },
  { what: "Fail without error and cause", state: { Type: "Fail" }, input: {}, end: ["Failed"] },
  {
    what: "Fail with ErrorPath and CausePath",
    state: { Type: "Fail", ErrorPath: "$.e", CausePath: "States.Format('{} times', $.n)" },
    input: { e: "Declined", n: 3 },
    end: ["Failed", "Declined", "3 times"],
  },
  {
    what: "Choice that takes a rule",
    state: choices,
    others: failBig,
    input: { n: 11 },
    end: ["Failed", "TooBig", "more than ten"],
  },
  {
    what: "Choice that takes the default",
    state: choices,
    others: failBig,
    input: { n: 1 },
    end: ["Succeeded", { n: 1 }],
  },
  { what: "Wait of no seconds", state: { Type: "Wait", Seconds: 0, End: true }, input: 7, end: ["Succeeded", 7] },
  {
    what: "Wait until a time that has passed",
    state: { Type: "Wait", Timestamp: "2001-01-01T00:00:00Z", End: true },
    input: 7,
    end: ["Succeeded", 7],
  },
  {
    what: "Parallel of states that end at once",
    state: {
      Type: "Parallel",
      Branches: [1, 2, 3].map((n) => ({
        StartAt: `B${n}`,
        States: { [`B${n}`]: { Type: "Pass", Result: n, End: true } },
      })),
      End: true,
    },
    input: {},
    end: ["Succeeded", [1, 2, 3]],
  },
  {
    what: "Map of states that end at once",
    state: { Type: "Map", ItemProcessor: { StartAt: "I", States: { I: { Type: "Pass", End: true } } }, End: true },
    input: ["a", "b"],
    end: ["Succeeded", ["a", "b"]],
  },
];
for (const { what, state, others, input, end } of atOnce) {
  test(`${what} ends within one turn`, () => {
    const run = started(oneState(state, others), input);
    deepStrictEqual(run.end, end);
    strictEqual(run.lines.length, 1);
    run.checkEmpty();
  });
}

test("Choice without a rule that holds and without Default fails the execution", () => {
  const { Default: _none, ...rest } = choices;
  const run = started(oneState(rest, { Big: failBig.Big }), { n: 1 });
  deepStrictEqual((run.end as Json[]).slice(0, 2), ["Failed", "States.Runtime"]);
});

test("Wait ends when its time has come, and not before", () => {
  const run = started(oneState({ Type: "Wait", Seconds: 10, End: true }), 7);
  strictEqual(run.pass(9.999), 0);
  strictEqual(run.status, "Running");
  strictEqual(run.pass(0.001), 1);
  deepStrictEqual(run.end, ["Succeeded", 7]);
  run.checkEmpty();
});

test("Wait until a time ends then", () => {
  const run = started(oneState({ Type: "Wait", TimestampPath: "$.at", End: true }), { at: "2030-01-01T00:01:00Z" });
  strictEqual(run.pass(59), 0);
  strictEqual(run.pass(1), 1);
  strictEqual(run.status, "Succeeded");
});

test("a request of a service has no token in its context object [Observed of AWS]", () => {
  const call = { FunctionName: "f", Payload: { "seen.$": "$$" } };
  const run = started(
    oneState({ Type: "Task", Resource: "arn:aws:states:::lambda:invoke", Parameters: call, End: true }),
  );
  const { Payload } = run.task("S").context.input as { readonly Payload: { readonly seen: object } };
  deepStrictEqual(Object.keys(Payload.seen).sort(), ["Execution", "State", "StateMachine"]);
});

test("Task hands its arguments out and takes the worker's output as its result", () => {
  const state = {
    Type: "Task",
    Resource: "charge",
    Parameters: { "amount.$": "$.total", "token.$": "$$.Task.Token" },
    ResultSelector: { "receipt.$": "$.id" },
    ResultPath: "$.payment",
    End: true,
  };
  const run = started(oneState(state), { total: 12 });
  strictEqual(run.status, "Running");
  const task = run.task("S");
  deepStrictEqual(task.context.input, { amount: 12, token: `token of ${task.context.taskId}` });
  strictEqual(task.context.resource, "charge");
  strictEqual(task.context.attempt, 1);
  run.complete(task, { id: "r1", more: true });
  deepStrictEqual(run.end, ["Succeeded", { total: 12, payment: { receipt: "r1" } }]);
  run.checkEmpty();
});

test("Task that fails ends the execution with its error and cause", () => {
  const run = started(oneState({ Type: "Task", Resource: "charge", End: true }));
  run.fail(run.task("S"), "CardDeclined", "The bank said no");
  deepStrictEqual(run.end, ["Failed", "CardDeclined", "The bank said no"]);
});

test("a path that finds nothing fails the state that has it", () => {
  const run = started(oneState({ Type: "Pass", InputPath: "$.missing.more", End: true }), {});
  deepStrictEqual((run.end as Json[]).slice(0, 2), ["Failed", "States.Runtime"]);
});

test("the context object tells of execution, state and machine", () => {
  const state = { Type: "Pass", Parameters: { "c.$": "$$" }, End: true };
  const run = started(oneState(state), { n: 1 }, { start: { key: "order-7" } });
  const { executionId } = run.actors;
  deepStrictEqual(run.end, ["Succeeded", {
    c: {
      Execution: {
        Id: executionId,
        Input: { n: 1 },
        Name: "order-7",
        StartTime: "2030-01-01T00:00:00.000Z",
        RedriveCount: 0,
      },
      State: { EnteredTime: "2030-01-01T00:00:00.000Z", Name: "S" },
      StateMachine: { Id: run.actors.execution.context.workflowId, Name: "machine" },
    },
  }]);
});

test("the context object shows the ids that the start asked to show", () => {
  const shownAs = { Execution: { Id: "arn:1", Name: "n" }, StateMachine: { Id: "arn:2" } };
  const state = { Type: "Pass", Parameters: { "e.$": "$$.Execution.Id", "m.$": "$$.StateMachine.Id" }, End: true };
  deepStrictEqual(started(oneState(state), {}, { start: { shownAs } }).end, ["Succeeded", { e: "arn:1", m: "arn:2" }]);
});
