// Goal: AWS's history of an execution is what AWS itself would show.
// Method: executions without a runtime; their turns, as the log has them, are made into a history. The shapes are AWS's own, as read off
// us-east-1: https://github.com/floci-io/floci/pull/3167 and https://github.com/floci-io/floci/issues/2733 (timeouts), and as the API
// reference words the details.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { Json, JsonObject } from "../../../src/values/mod.ts";
import { awsHistoryOf, chainsOf } from "../../support/aws_history_of.ts";
import { ExecutionRun, oneState, type RunOptions, started } from "../../support/execution_run.ts";
import { randomWorkflow, randomWorkflowPayload } from "../../support/random_workflow.ts";
import { SeededRandom } from "../../support/seeded_random.ts";

const handled = { H: { Type: "Pass", End: true } };
const fail = { StartAt: "Boom", States: { Boom: { Type: "Fail", Error: "MyError", Cause: "my cause" } } };
const passing = (name: string): JsonObject => ({ StartAt: name, States: { [name]: { Type: "Pass", End: true } } });
const taskOf = (Resource: string): JsonObject => ({
  StartAt: "Send",
  States: { Send: { Type: "Task", Resource, Parameters: { QueueUrl: "q", MessageBody: 1 }, End: true } },
});
const badPath = {
  StartAt: "Fast",
  States: { Fast: { Type: "Pass", Parameters: { "m.$": "$.nope" }, End: true } },
};
const badExpression = {
  StartAt: "Undef",
  States: { Undef: { Type: "Pass", Output: { v: "{% $states.input.missing %}" }, End: true } },
};

function ended(definition: JsonObject, input: Json = { x: "a" }, options: RunOptions = {}): ExecutionRun {
  const run = started(definition, input, { compare: false, ...options });
  run.takeUp();
  return run;
}

function check(run: ExecutionRun, expected: readonly string[]): readonly JsonObject[] {
  const history = awsHistoryOf(run);
  deepStrictEqual(chainsOf(history), expected);
  deepStrictEqual(history.map(({ id }) => id), history.map((_event, index) => index + 1));
  strictEqual(run.actors.historyCount, history.length, "the engine counts AWS's events as the history has them");
  return history;
}

/** The details of the event of this id, without the notes that payloads are whole. */
function detailsOf(history: readonly JsonObject[], id: number): JsonObject | undefined {
  const found = Object.entries(history[id - 1] ?? {}).find(([name]) => name.endsWith("EventDetails"))?.[1];
  if (found === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(found as JsonObject).filter(([name]) => !/^(input|output|assignedVariables)Details$/.test(name)),
  );
}

test("states follow one another, with what went in and out, and the variables that they set", () => {
  const run = ended({
    StartAt: "A",
    States: {
      A: { Type: "Pass", Assign: { total: 7, "name.$": "$.x" }, Next: "B" },
      B: { Type: "Choice", Choices: [{ Variable: "$.x", IsPresent: true, Next: "C" }] },
      C: { Type: "Succeed" },
    },
  });
  const history = check(run, [
    "0 ExecutionStarted",
    "0 PassStateEntered",
    "2 PassStateExited",
    "3 ChoiceStateEntered",
    "4 ChoiceStateExited",
    "5 SucceedStateEntered",
    "6 SucceedStateExited",
    "7 ExecutionSucceeded",
  ]);
  deepStrictEqual(detailsOf(history, 1), { input: '{"x":"a"}', roleArn: "" });
  deepStrictEqual(detailsOf(history, 2), { name: "A", input: '{"x":"a"}' });
  deepStrictEqual(detailsOf(history, 3), {
    name: "A",
    output: '{"x":"a"}',
    assignedVariables: { total: "7", name: '"a"' },
  });
  deepStrictEqual(detailsOf(history, 8), { output: '{"x":"a"}' });
});

test("branches have chains of their own, and the Parallel goes on from the last event of one", () => {
  const branch = (first: string, last: string) => ({
    StartAt: first,
    States: { [first]: { Type: "Pass", Next: last }, [last]: { Type: "Pass", End: true } },
  });
  const history = awsHistoryOf(ended({
    StartAt: "P",
    States: { P: { Type: "Parallel", Branches: [branch("A1", "A2"), branch("B1", "B2")], Next: "H" }, ...handled },
  }));
  strictEqual(history.length, 16);
  const idOf = (type: string, name: string) =>
    history.find((event) => event["type"] === type && JSON.stringify(event).includes(`"name":"${name}"`));
  for (const side of ["A", "B"]) {
    strictEqual(idOf("PassStateEntered", `${side}1`)?.["previousEventId"], 3);
    for (
      const [type, name, before, beforeName] of [
        ["PassStateExited", "1", "PassStateEntered", "1"],
        ["PassStateEntered", "2", "PassStateExited", "1"],
        ["PassStateExited", "2", "PassStateEntered", "2"],
      ] as const
    ) {
      strictEqual(idOf(type, side + name)?.["previousEventId"], idOf(before, side + beforeName)?.["id"]);
    }
  }
  deepStrictEqual(chainsOf(history).slice(11), [
    "11 ParallelStateSucceeded",
    "11 ParallelStateExited",
    "13 PassStateEntered",
    "14 PassStateExited",
    "15 ExecutionSucceeded",
  ]);
});

test("a path that finds nothing ends the execution from within a branch, and nothing catches it", () => {
  const run = ended(oneState({
    Type: "Parallel",
    Branches: [badPath],
    Catch: [{ ErrorEquals: ["States.ALL"], Next: "H" }],
    End: true,
  }, handled));
  const history = check(run, [
    "0 ExecutionStarted",
    "0 ParallelStateEntered",
    "2 ParallelStateStarted",
    "3 PassStateEntered",
    "4 ExecutionFailed",
  ]);
  deepStrictEqual(detailsOf(history, 5), {
    error: "States.Runtime",
    cause: "An error occurred while executing the state 'Fast' (entered at the event id #4). " +
      `The JSONPath '$.nope' specified for the field 'm.$' could not be found in the input '{"x":"a"}'`,
  });
});

test("a path that finds nothing ends the execution from within an iteration, whatever runs beside it", () => {
  const machine = oneState({
    Type: "Map",
    ItemsPath: "$.items",
    ItemProcessor: {
      StartAt: "C",
      States: {
        C: { Type: "Choice", Choices: [{ Variable: "$", NumericEquals: 2, Next: "Fast" }], Default: "W" },
        W: { Type: "Wait", Seconds: 100, End: true },
        Fast: { Type: "Pass", Parameters: { "m.$": "$.nope" }, End: true },
      },
    },
    End: true,
  });
  const run = ended(machine, { items: [1, 2] });
  run.checkEmpty();
  const history = awsHistoryOf(run);
  deepStrictEqual(history.filter(({ type }) => /Failed|Aborted/.test(String(type))).map(({ type }) => type), [
    "ExecutionFailed",
  ]);
  const entered = history.find((event) => event["type"] === "PassStateEntered");
  strictEqual(history.at(-1)?.["previousEventId"], entered?.["id"]);
});

test("a failed branch fails its Parallel", () => {
  const history = check(ended(oneState({ Type: "Parallel", Branches: [fail], End: true })), [
    "0 ExecutionStarted",
    "0 ParallelStateEntered",
    "2 ParallelStateStarted",
    "3 FailStateEntered",
    "4 ParallelStateFailed",
    "5 ExecutionFailed",
  ]);
  strictEqual(detailsOf(history, 5), undefined);
  deepStrictEqual(detailsOf(history, 6), { error: "MyError", cause: "my cause" });
});

test("a Parallel that is tried again starts again, and fails once its retries are used up", () => {
  const Retry = [{ ErrorEquals: ["States.ALL"], MaxAttempts: 1 }];
  const run = ended(oneState({ Type: "Parallel", Branches: [fail], Retry, End: true }));
  run.pass(10);
  check(run, [
    "0 ExecutionStarted",
    "0 ParallelStateEntered",
    "2 ParallelStateStarted",
    "3 FailStateEntered",
    "4 ParallelStateStarted",
    "5 FailStateEntered",
    "6 ParallelStateFailed",
    "7 ExecutionFailed",
  ]);
});

test("what a Parallel makes of its branches' outputs may fail after it has succeeded", () => {
  const state = { Type: "Parallel", Branches: [passing("Ok")], ResultSelector: { "m.$": "$.nope" }, End: true };
  const history = check(ended(oneState(state)), [
    "0 ExecutionStarted",
    "0 ParallelStateEntered",
    "2 ParallelStateStarted",
    "3 PassStateEntered",
    "4 PassStateExited",
    "5 ParallelStateSucceeded",
    "6 ExecutionFailed",
  ]);
  ok(String(detailsOf(history, 7)?.["cause"]).includes("'S' (entered at the event id #2)"));
});

test("a failed expression has an event of its own, and can be caught", () => {
  const run = ended({
    QueryLanguage: "JSONata",
    ...oneState({
      Type: "Parallel",
      Branches: [badExpression],
      Catch: [{ ErrorEquals: ["States.ALL"], Next: "H" }],
      End: true,
    }, handled),
  });
  // While the state is being entered, the event follows what came before the state.
  const history = check(run, [
    "0 ExecutionStarted",
    "0 ParallelStateEntered",
    "2 ParallelStateStarted",
    "3 PassStateEntered",
    "3 EvaluationFailed",
    "5 ParallelStateFailed",
    "6 ParallelStateExited",
    "7 PassStateEntered",
    "8 PassStateExited",
    "9 ExecutionSucceeded",
  ]);
  const cause =
    "An error occurred while executing the state 'Undef' (entered at the event id #4). The JSONata expression " +
    "'$states.input.missing' specified for the field 'Output/v' returned nothing (undefined).";
  const error = "States.QueryEvaluationError";
  deepStrictEqual(detailsOf(history, 5), { state: "Undef", error, cause, location: "Output/v" });
  strictEqual(detailsOf(history, 7)?.["output"], JSON.stringify({ Error: error, Cause: cause }));
});

test("an expression of a Wait that gives no timestamp fails behind the state's beginning", () => {
  const machine = oneState({ Type: "Wait", Timestamp: "{% 'soon' %}", End: true });
  check(ended({ QueryLanguage: "JSONata", ...machine }), [
    "0 ExecutionStarted",
    "0 WaitStateEntered",
    "2 EvaluationFailed",
    "3 ExecutionFailed",
  ]);
});

test("an expression of a catcher that fails leaves the state failed twice", () => {
  const run = ended({
    QueryLanguage: "JSONata",
    ...oneState({
      Type: "Parallel",
      Branches: [fail],
      Catch: [
        { ErrorEquals: ["Other"], Next: "H" },
        { ErrorEquals: ["States.ALL"], Output: { v: "{% $states.input.missing %}" }, Next: "H" },
      ],
      End: true,
    }, handled),
  });
  const history = check(run, [
    "0 ExecutionStarted",
    "0 ParallelStateEntered",
    "2 ParallelStateStarted",
    "3 FailStateEntered",
    "4 ParallelStateFailed",
    "4 EvaluationFailed",
    "6 ParallelStateFailed",
    "7 ExecutionFailed",
  ]);
  strictEqual(detailsOf(history, 6)?.["location"], "Catch[1]/Output/v");
});

test("a task that fails inside a branch leaves its state aborted", () => {
  const run = ended(oneState({
    Type: "Parallel",
    Branches: [taskOf("arn:aws:states:::sqs:sendMessage")],
    Catch: [{ ErrorEquals: ["States.ALL"], Next: "H" }],
    End: true,
  }, handled));
  run.fail(run.task("Send"), "SQS.QueueDoesNotExistException", "no such queue");
  const history = check(run, [
    "0 ExecutionStarted",
    "0 ParallelStateEntered",
    "2 ParallelStateStarted",
    "3 TaskStateEntered",
    "4 TaskScheduled",
    "5 TaskStarted",
    "6 TaskFailed",
    "7 TaskStateAborted",
    "7 ParallelStateFailed",
    "9 ParallelStateExited",
    "10 PassStateEntered",
    "11 PassStateExited",
    "12 ExecutionSucceeded",
  ]);
  const what = { resource: "sendMessage", resourceType: "sqs" };
  deepStrictEqual(detailsOf(history, 5), { ...what, region: "shop", parameters: '{"QueueUrl":"q","MessageBody":1}' });
  deepStrictEqual(detailsOf(history, 6), what);
  deepStrictEqual(detailsOf(history, 7), {
    ...what,
    error: "SQS.QueueDoesNotExistException",
    cause: "no such queue",
  });
});

const map = (fields: JsonObject, processor: JsonObject = passing("I")): JsonObject =>
  oneState({ Type: "Map", ItemsPath: "$.items", ItemProcessor: processor, ...fields, End: true });

test("an iteration of a Map with a bound follows the one that made room for it", () => {
  const run = ended(map({ MaxConcurrency: 1 }), { items: [1, 2] });
  const history = check(run, [
    "0 ExecutionStarted",
    "0 MapStateEntered",
    "2 MapStateStarted",
    "3 MapIterationStarted",
    "4 PassStateEntered",
    "5 PassStateExited",
    "6 MapIterationSucceeded",
    "6 MapIterationStarted",
    "8 PassStateEntered",
    "9 PassStateExited",
    "10 MapIterationSucceeded",
    "11 MapStateSucceeded",
    "11 MapStateExited",
    "13 ExecutionSucceeded",
  ]);
  deepStrictEqual(detailsOf(history, 3), { length: 2 });
  deepStrictEqual(detailsOf(history, 8), { name: "S", index: 1 });
});

test("iterations of a Map without a bound all follow its start", () => {
  const history = awsHistoryOf(ended(map({}), { items: [1, 2, 3] }));
  const iterations = chainsOf(history).filter((event) => event.includes("MapIterationStarted"));
  deepStrictEqual(iterations, ["3 MapIterationStarted", "3 MapIterationStarted", "3 MapIterationStarted"]);
});

test("a Map without items starts and succeeds", () => {
  check(ended(map({}), { items: [] }), [
    "0 ExecutionStarted",
    "0 MapStateEntered",
    "2 MapStateStarted",
    "3 MapStateSucceeded",
    "3 MapStateExited",
    "5 ExecutionSucceeded",
  ]);
});

test("a failed iteration fails its Map, and the others are aborted", () => {
  const run = ended(map({}, taskOf("arn:aws:lambda:eu-west-1:123456789012:function:f")), { items: [1, 2] });
  for (const { context: { taskId } } of run.openTasks) {
    run.command({ type: "ActivateTaskCommand", version: 1, taskId });
  }
  run.fail(run.openTasks[0] ?? run.task("Send"), "E");
  const history = awsHistoryOf(run);
  const failed = String(history.at(-7)?.["id"]);
  deepStrictEqual(chainsOf(history).slice(-6), [
    `${failed} TaskStateAborted`,
    `${failed} MapIterationAborted`,
    `${failed} TaskStateAborted`,
    `${failed} MapIterationFailed`,
    `${failed} MapStateFailed`,
    `${String(history.at(-2)?.["id"])} ExecutionFailed`,
  ]);
  deepStrictEqual(history.at(-5)?.["mapIterationAbortedEventDetails"], { name: "S", index: 1 });
  deepStrictEqual(history.at(-3)?.["mapIterationFailedEventDetails"], { name: "S", index: 0 });
  strictEqual(run.actors.historyCount, history.length);
});

// The order and the chain of what is cut: https://github.com/floci-io/floci/pull/3167, as measured there.
const waiting = (name: string): JsonObject => ({
  StartAt: name,
  States: { [name]: { Type: "Wait", Seconds: 100, End: true } },
});
const failingLater = {
  StartAt: "Pause",
  States: {
    Pause: { Type: "Wait", SecondsPath: "$.seconds", Next: "Boom" },
    Boom: { Type: "Fail", Error: "MyError", Cause: "my cause" },
  },
};
const all = { ErrorEquals: ["States.ALL"] };

test("states of other branches are aborted because of the one that failed, and follow it", () => {
  const nested = { StartAt: "N", States: { N: { Type: "Parallel", Branches: [waiting("Deep")], End: true } } };
  const Branches = [failingLater, waiting("Long"), nested];
  const Catch = [{ ...all, Next: "H" }];
  const run = ended(oneState({ Type: "Parallel", Branches, Catch, End: true }, handled), { seconds: 1 });
  run.pass(1);
  const history = awsHistoryOf(run);
  const failed = String(history.find(({ type }) => type === "FailStateEntered")?.["id"]);
  deepStrictEqual(chainsOf(history).filter((event) => /Aborted|Failed$/.test(event)), [
    `${failed} WaitStateAborted`,
    `${failed} WaitStateAborted`,
    `${failed} ParallelStateAborted`,
    `${failed} ParallelStateFailed`,
  ]);
  strictEqual(run.actors.historyCount, history.length);
});

const cut: readonly { fields: JsonObject; events: readonly string[] }[] = [
  { fields: {}, events: ["MapStateFailed", "ExecutionFailed"] },
  {
    fields: { Catch: [{ ...all, Next: "H" }] },
    events: ["MapStateFailed", "MapStateExited", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"],
  },
  {
    fields: { Retry: [{ ...all, MaxAttempts: 1 }] },
    events: ["MapStateStarted", "MapIterationStarted", "WaitStateEntered", "MapIterationStarted", "WaitStateEntered"],
  },
];
for (const { fields, events } of cut) {
  test(`an iteration that failed is told of behind those it cut: ${JSON.stringify(fields)}`, () => {
    const run = ended(
      oneState(
        { Type: "Map", ItemsPath: "$.items", ItemProcessor: failingLater, ...fields, End: true },
        "Catch" in fields ? handled : {},
      ),
      { items: [{ seconds: 100 }, { seconds: 1 }] },
    );
    run.pass(1);
    run.pass(1);
    const history = awsHistoryOf(run);
    deepStrictEqual(chainsOf(history).slice(7, 12), [
      "7 WaitStateExited",
      "8 FailStateEntered",
      "9 MapIterationAborted",
      "9 WaitStateAborted",
      "9 MapIterationFailed",
    ]);
    deepStrictEqual(history.slice(12).map(({ type }) => type), events);
    strictEqual(history[12]?.["previousEventId"], 9);
    strictEqual(run.actors.historyCount, history.length);
  });
}

test("a failed iteration is told of once, even if the Map's catcher fails as well", () => {
  const Output = { v: "{% $states.input.missing %}" };
  const run = ended({
    QueryLanguage: "JSONata",
    ...oneState(
      { Type: "Map", Items: [1], ItemProcessor: fail, Catch: [{ ...all, Output, Next: "H" }], End: true },
      handled,
    ),
  });
  check(run, [
    "0 ExecutionStarted",
    "0 MapStateEntered",
    "2 MapStateStarted",
    "3 MapIterationStarted",
    "4 FailStateEntered",
    "5 MapIterationFailed",
    "5 MapStateFailed",
    "5 EvaluationFailed",
    "8 MapStateFailed",
    "9 ExecutionFailed",
  ]);
});

test("each try of a task is scheduled and started anew", () => {
  const Retry = [{ ErrorEquals: ["E"], MaxAttempts: 1 }];
  const resource = "arn:aws:states:eu-west-1:123456789012:activity:work";
  const run = ended(
    oneState({ Type: "Task", Resource: resource, TimeoutSeconds: 60, HeartbeatSeconds: 9, Retry, End: true }),
  );
  const { taskId } = run.task("S").context;
  run.command({ type: "ActivateTaskCommand", version: 1, taskId, workerName: "w1" });
  run.fail(run.task("S"), "E");
  run.pass(1);
  run.complete(run.task("S"), { done: true });
  const history = check(run, [
    "0 ExecutionStarted",
    "0 TaskStateEntered",
    "2 ActivityScheduled",
    "3 ActivityStarted",
    "4 ActivityFailed",
    "5 ActivityScheduled",
    "6 ActivityStarted",
    "7 ActivitySucceeded",
    "8 TaskStateExited",
    "9 ExecutionSucceeded",
  ]);
  deepStrictEqual(detailsOf(history, 3), {
    resource,
    input: '{"x":"a"}',
    timeoutInSeconds: 60,
    heartbeatInSeconds: 9,
  });
  deepStrictEqual(detailsOf(history, 4), { workerName: "w1" });
  deepStrictEqual(detailsOf(history, 5), { error: "E" });
  deepStrictEqual(detailsOf(history, 8), { output: '{"done":true}' });
});

test("a task that was taken up outside has been submitted", () => {
  const resource = "arn:aws:states:::aws-sdk:dynamodb:putItem.waitForTaskToken";
  const Parameters = { "Item": { "Token": { "S.$": "$$.Task.Token" } }, "TableName": "t" };
  const run = ended(oneState({ Type: "Task", Resource: resource, Parameters, End: true }));
  const { taskId } = run.task("S").context;
  run.command({ type: "SubmitTaskCommand", version: 1, taskId, output: { id: 1 } });
  run.complete(run.task("S"), 5);
  const history = check(run, [
    "0 ExecutionStarted",
    "0 TaskStateEntered",
    "2 TaskScheduled",
    "3 TaskStarted",
    "4 TaskSubmitted",
    "5 TaskSucceeded",
    "6 TaskStateExited",
    "7 ExecutionSucceeded",
  ]);
  const what = { resourceType: "aws-sdk:dynamodb", resource: "putItem.waitForTaskToken" };
  deepStrictEqual(detailsOf(history, 5), { ...what, output: '{"id":1}' });
  deepStrictEqual(detailsOf(history, 6), { ...what, output: "5" });
});

for (const field of ["TimeoutSeconds", "HeartbeatSeconds"]) {
  test(`a task whose ${field} have passed is timed out`, () => {
    const Parameters = { TopicArn: "t", Message: 1 };
    const Resource = "arn:aws:states:::sns:publish";
    const run = ended(oneState({ Type: "Task", Resource, Parameters, [field]: 5, End: true }));
    const { taskId } = run.task("S").context;
    run.command({ type: "ActivateTaskCommand", version: 1, taskId });
    run.pass(5);
    const history = check(run, [
      "0 ExecutionStarted",
      "0 TaskStateEntered",
      "2 TaskScheduled",
      "3 TaskStarted",
      "4 TaskTimedOut",
      "5 ExecutionFailed",
    ]);
    deepStrictEqual(detailsOf(history, 5), { resourceType: "sns", resource: "publish", error: "States.Timeout" });
    deepStrictEqual(detailsOf(history, 6), { error: "States.Timeout" });
  });
}

test("what ends an execution from outside its states follows none of their events", () => {
  const wait = { Type: "Wait", Seconds: 100, End: true };
  const timedOut = ended({ TimeoutSeconds: 3, ...oneState(wait) });
  timedOut.pass(3);
  const history = check(timedOut, ["0 ExecutionStarted", "0 WaitStateEntered", "0 ExecutionTimedOut"]);
  deepStrictEqual(detailsOf(history, 3), { error: "States.Timeout" });
  const stopped = ended(oneState(wait));
  stopped.cancel();
  check(stopped, ["0 ExecutionStarted", "0 WaitStateEntered", "0 ExecutionAborted"]);
});

test("the last of the events that an execution may have is its failure", () => {
  const loop = {
    StartAt: "A",
    States: {
      A: { Type: "Choice", Choices: [{ Variable: "$.stop", IsPresent: true, Next: "B" }], Default: "A" },
      B: { Type: "Succeed" },
    },
  };
  const history = awsHistoryOf(ended(loop, {}, { limits: { historyEventsMax: 100 } }));
  strictEqual(history.length, 100);
  deepStrictEqual(chainsOf(history).slice(-2), ["98 ChoiceStateExited", "99 ExecutionFailed"]);
});

test("a running execution shows what has happened so far", () => {
  const run = ended(oneState({ Type: "Task", Resource: "work", End: true }));
  deepStrictEqual(chainsOf(awsHistoryOf(run)), ["0 ExecutionStarted", "0 TaskStateEntered", "2 ActivityScheduled"]);
});

test("whatever happens, ids have no gaps, chains lead back, and the engine knows how many events there are", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = new SeededRandom(seed);
    const run = new ExecutionRun(randomWorkflow(random), { seed, compare: false }).start(randomWorkflowPayload);
    for (let step = 0; !run.actors.hasEnded && step < 2_000; step++) {
      run.takeUp();
      const task = run.openTasks[random.below(run.openTasks.length + 1)];
      const roll = random.next();
      if (roll < 0.01) run.cancel();
      else if (task === undefined || roll < 0.1) run.pass(random.below(5) + 1);
      else if (roll < 0.25) run.fail(task, random.pick(["E", "F"]), "why");
      else run.complete(task, randomWorkflowPayload);
    }
    const history = awsHistoryOf(run);
    strictEqual(run.actors.historyCount, history.length, `seed ${seed}`);
    history.forEach(({ id, previousEventId }, index) => {
      strictEqual(id, index + 1);
      ok(Number(previousEventId) <= index, `seed ${seed}: event ${index + 1} follows ${String(previousEventId)}`);
    });
    const entered = run.events.flatMap((event) => event.type === "StateStartedEvent" ? [event.historyId] : []);
    const shown = history.flatMap(({ id, type }) => String(type).endsWith("StateEntered") ? [id] : []);
    deepStrictEqual(shown, entered, `seed ${seed}`);
  }
});
