// Goal: a description says where an execution stands: what runs, waits and is tried again, and at which state it failed.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { after, before, test } from "node:test";
import { Effect } from "effect";
import { type Home, openEmbeddedHome } from "../../../src/homes/mod.ts";
import type { ExecutionDescription } from "../../../src/runtime/engine.ts";
import type { Json } from "../../../src/values/mod.ts";

const space = { tenant: "t", namespace: "n" };
let home: Home;
before(async () => {
  home = await openEmbeddedHome({
    doesTasks: false,
  });
});
after(() => home.close());

async function started(definition: Json, input: Json = {}): Promise<string> {
  const name = `w${crypto.randomUUID()}`;
  await Effect.runPromise(home.engine.putWorkflow({ ...space, name, definition }));
  const { executionId } = await Effect.runPromise(home.engine.startExecution({ ...space, workflow: name, input }));
  return executionId;
}

function described(executionId: string, payloads = true): Promise<ExecutionDescription> {
  return Effect.runPromise(home.engine.describeExecution({ ...space, executionId, states: true, payloads }));
}

test("a state that waits has the time at which it ends", async () => {
  const executionId = await started({ StartAt: "Slow", States: { Slow: { Type: "Wait", Seconds: 3_600, End: true } } });
  const { standing, startedAt } = await described(executionId);
  strictEqual(standing?.openCount, 1);
  const [state] = standing.states;
  deepStrictEqual([state?.stateName, state?.stateType, state?.status, state?.attempt], ["Slow", "Wait", "Running", 1]);
  strictEqual(Date.parse(state?.dueAt ?? "") - Date.parse(startedAt), 3_600_000);
});

test("a state that nobody works at has its task, within the Map that it is in", async () => {
  const ask = { Type: "Task", Resource: "ask", TimeoutSeconds: 60, End: true };
  const executionId = await started({
    StartAt: "Each",
    States: { Each: { Type: "Map", ItemProcessor: { StartAt: "Ask", States: { Ask: ask } }, End: true } },
  }, [1, 2, 3]);
  const { standing } = await described(executionId);
  const [each, ...asks] = standing?.states ?? [];
  deepStrictEqual([each?.stateName, each?.children], ["Each", { max: 3, started: 3, done: 0 }]);
  deepStrictEqual(asks.map(({ within }) => within), [0, 1, 2].map((index) => [{ stateName: "Each", index }]));
  const task = asks[0]?.task;
  deepStrictEqual([task?.resource, task?.status], ["ask", "Created"]);
  strictEqual(Date.parse(task?.timeoutAt ?? "") - Date.parse(task?.createdAt ?? ""), 60_000);
});

test("what is tried again has the error of the attempt before", async () => {
  const executionId = await started({
    StartAt: "Wrong",
    States: {
      Wrong: {
        Type: "Task",
        Resource: "arn:aws:states:::lambda:invoke",
        Arguments: { FunctionName: "{% $error('No.Such') %}" },
        Retry: [{ ErrorEquals: ["States.ALL"], IntervalSeconds: 600 }],
        End: true,
      },
    },
    QueryLanguage: "JSONata",
  });
  const [state] = (await described(executionId)).standing?.states ?? [];
  deepStrictEqual([state?.status, state?.attempt], ["Retrying", 1]);
  strictEqual(state?.error, "States.QueryEvaluationError");
  ok(Date.parse(state?.dueAt ?? "") > Date.now());
});

test("an execution that failed says at which state, the innermost, and without payloads has none", async () => {
  const executionId = await started({
    StartAt: "Each",
    States: {
      Each: {
        Type: "Map",
        ItemProcessor: { StartAt: "Bad", States: { Bad: { Type: "Fail", Error: "Broken", Cause: "it fell" } } },
        End: true,
      },
    },
  }, ["payload"]);
  const description = await described(executionId, false);
  deepStrictEqual([description.status, description.input, description.cause], ["Failed", null, "it fell"]);
  const { standing } = description;
  deepStrictEqual(
    [standing?.openCount, standing?.failed?.stateName, standing?.failed?.error, standing?.failed?.cause],
    [
      0,
      "Bad",
      "Broken",
      "it fell",
    ],
  );
  strictEqual((await Effect.runPromise(home.engine.describeExecution({ ...space, executionId }))).standing, undefined);
});

test("lists are narrowed by key, time, error, text and what ran out of time", async () => {
  const machine = { StartAt: "Slow", TimeoutSeconds: 60, States: { Slow: { Type: "Wait", Seconds: 1, End: true } } };
  const name = "narrowed";
  await Effect.runPromise(home.engine.putWorkflow({ ...space, name, definition: machine }));
  const { executionId } = await Effect.runPromise(
    home.engine.startExecution({ ...space, workflow: name, input: {}, key: "Order-7" }),
  );
  const listed = async (filter: object) => {
    const { executions } = await Effect.runPromise(home.engine.listExecutions({ ...space, workflow: name, ...filter }));
    return executions.map((execution) => execution.executionId);
  };
  deepStrictEqual(await listed({ key: "Order-7" }), [executionId]);
  deepStrictEqual(await listed({ key: "Order-8" }), []);
  deepStrictEqual(await listed({ text: "order-7" }), [executionId]);
  deepStrictEqual(await listed({ error: "x" }), []);
  deepStrictEqual(await listed({ startedBefore: "2999-01-01T00:00:00Z" }), [executionId]);
  deepStrictEqual(await listed({ startedBefore: "1999-01-01T00:00:00Z" }), []);
  deepStrictEqual(await listed({ startedAfter: "2999-01-01T00:00:00Z" }), []);
  deepStrictEqual(await listed({ timedOut: true }), []);
});
