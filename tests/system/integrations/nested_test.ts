/** Nested executions: what their tasks give, and that no child outlives its parent's task. @see docs/integrations.md */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Effect } from "effect";
import { openEmbeddedHome } from "../../../src/homes/mod.ts";
import { type Integration, NestedIntegration } from "../../../src/integrations/mod.ts";
import type { Json, JsonObject } from "../../../src/values/mod.ts";
import {
  onBothHomes,
  seenEvent,
  taskMachine,
  type UnderTest,
  underTest,
} from "../../support/integrations/both_homes.ts";

const machineArn = ({ space }: UnderTest, name: string) =>
  `arn:aws:states:${space.namespace}:${space.tenant}:stateMachine:${name}`;
const resource = (suffix = "") => `arn:aws:states:::states:startExecution${suffix}`;

const echo = { StartAt: "Echo", States: { Echo: { Type: "Pass", End: true } } };
const failing = { StartAt: "No", States: { No: { Type: "Fail", Error: "Own", Cause: "why" } } };
const waiting = { StartAt: "Wait", States: { Wait: { Type: "Wait", Seconds: 3_600, End: true } } };

async function put({ home, space }: UnderTest, name: string, definition: Json): Promise<void> {
  await Effect.runPromise(home.engine.putWorkflow({ ...space, name, definition }));
}

async function executionsOf({ home, space }: UnderTest, workflow: string) {
  return (await Effect.runPromise(home.engine.listExecutions({ ...space, workflow }))).executions;
}

function nested(home: UnderTest, child: string, more: Readonly<Record<string, Json>> = {}, suffix = ".sync"): Json {
  return taskMachine({
    Resource: resource(suffix),
    Parameters: { StateMachineArn: machineArn(home, child), "Input.$": "$" },
    ...more,
  });
}

onBothHomes((open, test) => {
  test("startExecution starts an execution and goes on", async (t) => {
    const home = await open(t);
    await put(home, "child", waiting);
    const end = await home.ended(await home.start(nested(home, "child", {}, ""), { order: 7 }));
    const output = end.output as JsonObject;
    deepStrictEqual(Object.keys(output), ["ExecutionArn", "SdkHttpMetadata", "SdkResponseMetadata", "StartDate"]);
    match(
      String(output["ExecutionArn"]),
      /^arn:aws:states:us-east-1:\d{12}:execution:child:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
    );
    const [child] = await executionsOf(home, "child");
    strictEqual(child?.status, "Running");
  });

  test(".sync gives the child's description with its input and output as text, .sync:2 with both as JSON", async (t) => {
    const home = await open(t);
    await put(home, "child", echo);
    for (const [suffix, payload] of [[".sync", '{"order":7}'], [".sync:2", { order: 7 }]] as const) {
      const end = await home.ended(await home.start(nested(home, "child", {}, suffix), { order: 7 }));
      const shown = end.output as JsonObject;
      deepStrictEqual(Object.keys(shown), [
        "ExecutionArn",
        "Input",
        "InputDetails",
        "Name",
        "Output",
        "OutputDetails",
        "RedriveCount",
        "RedriveStatus",
        "RedriveStatusReason",
        "StartDate",
        "StateMachineArn",
        "Status",
        "StopDate",
      ]);
      deepStrictEqual([shown["Output"], shown["Input"], shown["Status"]], [payload, payload, "SUCCEEDED"]);
      deepStrictEqual([shown["RedriveCount"], shown["RedriveStatus"], shown["RedriveStatusReason"]], [
        0,
        "NOT_REDRIVABLE",
        "Execution is SUCCEEDED and cannot be redriven",
      ]);
      strictEqual(shown["StateMachineArn"], machineArn(home, "child"));
    }
  });

  test("a child that fails fails the task with its description as cause", async (t) => {
    const home = await open(t);
    await put(home, "child", failing);
    const end = await home.ended(await home.start(nested(home, "child")));
    strictEqual(end.error, "States.TaskFailed");
    const cause = JSON.parse(end.cause ?? "") as JsonObject;
    deepStrictEqual([cause["Error"], cause["Cause"], cause["Status"]], ["Own", "why", "FAILED"]);
    ok(!("Output" in cause));
  });
});

onBothHomes((open, test) => {
  test("a start that is refused fails the task with AWS's error", async (t) => {
    const home = await open(t);
    const missing = await home.ended(await home.start(nested(home, "missing")));
    strictEqual(missing.error, "StepFunctions.StateMachineDoesNotExistException");
    match(
      missing.cause ?? "",
      /^State Machine Does Not Exist: 'arn:.*:missing' \(Service: AWSStepFunctions; Status Code: 400; Error Code: StateMachineDoesNotExist; Request ID: [0-9a-f]+; Proxy: null\)$/,
    );
    const foreign = await home.runTask({
      Resource: resource(".sync"),
      Parameters: { StateMachineArn: "arn:aws:states:us-east-1:999999999999:stateMachine:child" },
    });
    strictEqual(foreign.error, "StepFunctions.AccessDeniedException");
  });

  test("by AWS's SDK a start has the SDK's result and errors", async (t) => {
    const home = await open(t);
    await put(home, "child", echo);
    const Resource = "arn:aws:states:::aws-sdk:sfn:startExecution";
    const started = await home.runTask({
      Resource,
      Parameters: { StateMachineArn: machineArn(home, "child"), Input: { order: 7 } },
    });
    deepStrictEqual(Object.keys(started.output as JsonObject), ["ExecutionArn", "StartDate"]);
    match(String((started.output as JsonObject)["StartDate"]), /^\d{4}-\d\d-\d\dT.*Z$/);
    const missing = await home.runTask({ Resource, Parameters: { StateMachineArn: machineArn(home, "missing") } });
    strictEqual(missing.error, "Sfn.StateMachineDoesNotExistException");
    match(missing.cause ?? "", /\(Service: Sfn, Status Code: 400, Request ID: [0-9a-f]+\)$/);
  });

  test("a name that another execution had is refused, a repeat of the task's own start is not", async (t) => {
    const home = await open(t);
    await put(home, "child", echo);
    const named = nested(home, "child", {
      Parameters: { StateMachineArn: machineArn(home, "child"), Name: "only-one", "Input.$": "$" },
    });
    const first = await home.ended(await home.start(named));
    strictEqual((first.output as JsonObject)["Name"], "only-one");
    const second = await home.ended(await home.start(named));
    strictEqual(second.error, "StepFunctions.ExecutionAlreadyExistsException");
    strictEqual((await executionsOf(home, "child")).length, 1);
  });

  test(".waitForTaskToken ends by the token that the child was given", async (t) => {
    const home = await open(t);
    await put(home, "child", echo);
    const id = await home.start(taskMachine({
      Resource: resource(".waitForTaskToken"),
      Parameters: { StateMachineArn: machineArn(home, "child"), Input: { "token.$": "$$.Task.Token" } },
    }));
    await seenEvent(home, id, "TaskSubmittedEvent");
    const [child] = await executionsOf(home, "child");
    const { output } = await home.ended(child?.executionId ?? "");
    const { token } = output as { token: string };
    await Effect.runPromise(home.home.engine.completeTask({ ...home.space, token, output: "called back" }));
    strictEqual((await home.ended(id)).output, "called back");
  });
});

test("children are reclaimed after a restart by a node that finds their task half ended", async (t) => {
  const store = mkdtempSync(join(tmpdir(), "weft-reclaim-"));
  t.after(() => rmSync(store, { recursive: true, force: true }));
  const nestedIntegration = new NestedIntegration();
  const asked = Promise.withResolvers<void>();
  const unable: Integration = {
    name: "nested, and dead before it could reclaim",
    handles: (resource) => nestedIntegration.handles(resource),
    run: (task, run) => nestedIntegration.run(task, run),
    reclaim: () => {
      asked.resolve();
      return Effect.never;
    },
  };
  const first = await openEmbeddedHome({ store, integrations: { own: [unable] } });
  const before = underTest(t, first);
  await put(before, "child", waiting);
  const id = await before.start(nested(before, "child"));
  await seenEvent(before, id, "TaskSubmittedEvent");
  await Effect.runPromise(first.engine.cancelExecution({ ...before.space, executionId: id }));
  await asked.promise;
  strictEqual((await executionsOf(before, "child"))[0]?.status, "Running");
  await first.close();
  const second = await openEmbeddedHome({ store });
  t.after(() => second.close());
  const end = await Effect.runPromise(second.engine.awaitExecution({ ...before.space, executionId: id }));
  strictEqual(end.status, "Canceled");
  const { executions } = await Effect.runPromise(second.engine.listExecutions({ ...before.space, workflow: "child" }));
  deepStrictEqual(executions.map(({ status }) => status), ["Canceled"]);
});

onBothHomes((open, test) => {
  test("an execution that is stopped stops its children, and their children, and ends after them", async (t) => {
    const home = await open(t);
    await put(home, "grandchild", waiting);
    await put(home, "child", nested(home, "grandchild"));
    const ids = await Promise.all(
      Array.from({ length: 8 }, (_, index) => home.start(nested(home, "child"), { index })),
    );
    for (const id of ids) await seenEvent(home, id, "TaskSubmittedEvent");
    for (const { executionId } of await executionsOf(home, "child")) {
      await seenEvent(home, executionId, "TaskSubmittedEvent");
    }
    for (const executionId of ids) {
      await Effect.runPromise(home.home.engine.cancelExecution({ ...home.space, executionId }));
    }
    for (const id of ids) strictEqual((await home.ended(id)).status, "Canceled");
    for (const workflow of ["child", "grandchild"]) {
      const statuses = (await executionsOf(home, workflow)).map(({ status }) => status);
      deepStrictEqual(statuses, new Array(8).fill("Canceled"), workflow);
    }
  });

  test("a task that times out stops its child before it goes on", async (t) => {
    const home = await open(t);
    await put(home, "child", waiting);
    const end = await home.ended(
      await home.start({
        StartAt: "Do",
        States: {
          Do: {
            Type: "Task",
            Resource: resource(".sync"),
            Parameters: { StateMachineArn: machineArn(home, "child") },
            TimeoutSeconds: 1,
            Catch: [{ ErrorEquals: ["States.Timeout"], Next: "Caught" }],
            End: true,
          },
          Caught: { Type: "Pass", Result: "caught", End: true },
        },
      }),
    );
    deepStrictEqual([end.status, end.output], ["Succeeded", "caught"]);
    deepStrictEqual((await executionsOf(home, "child")).map(({ status }) => status), ["Canceled"]);
  });

  test("the word of an outsider with the token does not stand in for the end of the children", async (t) => {
    const home = await open(t);
    await put(home, "child", waiting);
    const id = await home.start(taskMachine({
      Resource: resource(".sync"),
      Parameters: { StateMachineArn: machineArn(home, "child"), Input: { "token.$": "$$.Task.Token" } },
    }));
    await seenEvent(home, id, "TaskSubmittedEvent");
    const [child] = await executionsOf(home, "child");
    const { input } = await Effect.runPromise(
      home.home.engine.describeExecution({ ...home.space, executionId: child?.executionId ?? "" }),
    );
    const { token } = input as { token: string };
    await Effect.runPromise(home.home.engine.completeTask({ ...home.space, token, output: "from outside" }));
    strictEqual((await home.ended(id)).output, "from outside");
  });
});
