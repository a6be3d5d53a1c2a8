// Sources: API_RedriveExecution, API_DescribeExecution; developer guide, "Restarting state machine executions with redrive".
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { after, before, test } from "node:test";
import type { DescribeExecutionCommandOutput } from "@aws-sdk/client-sfn";
import {
  account,
  asked,
  failureOf,
  passMachine,
  roleArn,
  serveAwsApi,
  type ServedAwsApi,
  waitMachine,
} from "../../../support/aws_api.ts";

let api: ServedAwsApi;
before(async () => {
  api = await serveAwsApi({ timeScale: 1 });
});
after(() => api.close());

const ended = (executionArn: string | undefined) =>
  asked(() => api.client.describeExecution({ executionArn }), ({ status }) => status !== "RUNNING");
const typesOf = async (executionArn: string | undefined) =>
  ((await api.client.getExecutionHistory({ executionArn })).events ?? []).map(({ type }) => type);

/** Starts a machine of this definition. */
async function start(name: string, definition: object, input: unknown = {}): Promise<string> {
  const { stateMachineArn } = await api.client.createStateMachine({
    name,
    definition: JSON.stringify(definition),
    roleArn,
  });
  const { executionArn = "" } = await api.client.startExecution({ stateMachineArn, input: JSON.stringify(input) });
  return executionArn;
}

/** An activity, whose tasks the tests do themselves. */
async function activity(name: string): Promise<string> {
  return (await api.client.createActivity({ name })).activityArn ?? "";
}

/** Does the next task of an activity; returns its input. */
async function work(
  activityArn: string,
  how: { readonly output: unknown } | { readonly error: string },
): Promise<unknown> {
  const { taskToken, input = "" } = await api.client.getActivityTask({ activityArn });
  if ("error" in how) await api.client.sendTaskFailure({ taskToken, error: how.error });
  else await api.client.sendTaskSuccess({ taskToken, output: JSON.stringify(how.output) });
  return JSON.parse(input);
}

const redriveOf = ({ redriveCount, redriveStatus, redriveStatusReason }: DescribeExecutionCommandOutput) => [
  redriveCount,
  redriveStatus,
  redriveStatusReason,
];

test("RedriveExecution goes on from the state that failed, with its input, and repeats nothing before it", async () => {
  const [first, second] = [await activity("first"), await activity("second")];
  const executionArn = await start("chain", {
    StartAt: "First",
    States: {
      First: { Type: "Task", Resource: first, ResultPath: "$.first", Assign: { kept: "variable" }, Next: "Second" },
      Second: {
        Type: "Task",
        Resource: second,
        Parameters: { "input.$": "$", "kept.$": "$kept", "count.$": "$$.Execution.RedriveCount" },
        Retry: [{ ErrorEquals: ["Again"], IntervalSeconds: 1, MaxAttempts: 1 }],
        Next: "Last",
      },
      Last: { Type: "Pass", Parameters: { "done.$": "$", "kept.$": "$kept" }, End: true },
    },
  }, { n: 1 });
  await work(first, { output: "once" });
  const secondInput = { input: { n: 1, first: "once" }, kept: "variable" };
  deepStrictEqual(await work(second, { error: "Broken" }), { ...secondInput, count: 0 });
  const failed = await ended(executionArn);
  deepStrictEqual([failed.status, failed.error], ["FAILED", "Broken"]);
  deepStrictEqual(redriveOf(failed), [0, "REDRIVABLE", undefined]);

  const { redriveDate } = await api.client.redriveExecution({ executionArn });
  const running = await api.client.describeExecution({ executionArn });
  deepStrictEqual([running.status, running.error, running.stopDate, running.redriveDate?.getTime()], [
    "RUNNING",
    undefined,
    undefined,
    redriveDate?.getTime(),
  ]);
  deepStrictEqual(redriveOf(running), [1, "NOT_REDRIVABLE", "Execution is RUNNING and cannot be redriven"]);
  deepStrictEqual(await work(second, { output: "twice" }), { ...secondInput, count: 1 });
  const succeeded = await ended(executionArn);
  deepStrictEqual([succeeded.status, JSON.parse(succeeded.output ?? "")], ["SUCCEEDED", {
    done: "twice",
    kept: "variable",
  }]);
  strictEqual(succeeded.startDate?.getTime(), failed.startDate?.getTime());
  const types = await typesOf(executionArn);
  deepStrictEqual(types.slice(types.indexOf("ExecutionFailed")), [
    "ExecutionFailed",
    "ExecutionRedriven",
    "ActivityScheduled",
    "ActivityStarted",
    "ActivitySucceeded",
    "TaskStateExited",
    "PassStateEntered",
    "PassStateExited",
    "ExecutionSucceeded",
  ]);
  strictEqual(
    (await failureOf(api.client.redriveExecution({ executionArn }))).join(": "),
    "ExecutionNotRedrivable: Execution is SUCCEEDED and cannot be redriven",
  );
});

test("RedriveExecution repeats in Parallel only the branches that did not succeed, each where it was", async () => {
  const [good, bad, slow] = [await activity("good"), await activity("bad"), await activity("slow")];
  const branch = (resource: string) => ({
    StartAt: `Before ${resource}`,
    States: {
      [`Before ${resource}`]: {
        Type: "Pass",
        Assign: { "of.$": "States.UUID()" },
        Next: `Work ${resource}`,
      },
      [`Work ${resource}`]: {
        Type: "Task",
        Resource: resource,
        Parameters: { "in.$": "$", "of.$": "$of" },
        End: true,
      },
    },
  });
  const executionArn = await start("parallel", {
    StartAt: "Both",
    States: { Both: { Type: "Parallel", Branches: [branch(good), branch(bad), branch(slow)], End: true } },
  }, 7);
  await work(good, { output: "good" });
  const slowTask = await api.client.getActivityTask({ activityArn: slow });
  const badInput = await work(bad, { error: "Broken" });
  strictEqual((await ended(executionArn)).status, "FAILED");
  strictEqual(
    (await failureOf(api.client.sendTaskSuccess({ taskToken: slowTask.taskToken, output: "1" })))[0],
    "TaskTimedOut",
  );
  await api.client.redriveExecution({ executionArn });
  deepStrictEqual(await work(bad, { error: "Broken again" }), badInput);
  strictEqual((await ended(executionArn)).error, "Broken again");
  await api.client.redriveExecution({ executionArn });
  deepStrictEqual(await work(bad, { output: "better" }), badInput);
  // Of the redrive before it one task has been withdrawn.
  deepStrictEqual(await work(slow, { output: "slow" }), JSON.parse(slowTask.input ?? ""));
  const { status, output, redriveCount } = await ended(executionArn);
  deepStrictEqual([status, JSON.parse(output ?? ""), redriveCount], ["SUCCEEDED", ["good", "better", "slow"], 2]);
  strictEqual((await typesOf(executionArn)).filter((type) => type === "PassStateEntered").length, 3);
});

test("RedriveExecution repeats in an inline Map only the iterations that did not succeed", async () => {
  const item = await activity("item");
  const executionArn = await start("map", {
    StartAt: "Each",
    States: {
      Each: {
        Type: "Map",
        MaxConcurrency: 1,
        ItemSelector: { "item.$": "$$.Map.Item.Value", "index.$": "$$.Map.Item.Index" },
        ItemProcessor: { StartAt: "Do", States: { Do: { Type: "Task", Resource: item, End: true } } },
        End: true,
      },
    },
  }, ["a", "b", "c"]);
  await work(item, { output: "A" });
  deepStrictEqual(await work(item, { error: "Broken" }), { item: "b", index: 1 });
  strictEqual((await ended(executionArn)).status, "FAILED");
  await api.client.redriveExecution({ executionArn });
  deepStrictEqual(await work(item, { output: "B" }), { item: "b", index: 1 });
  deepStrictEqual(await work(item, { output: "C" }), { item: "c", index: 2 });
  deepStrictEqual(JSON.parse((await ended(executionArn)).output ?? ""), ["A", "B", "C"]);
});

test("RedriveExecution lets one go on that was stopped, or timed out, with its time counted anew", async () => {
  const waiting = JSON.parse(waitMachine);
  const stopped = await start("stopped", waiting);
  await api.client.stopExecution({ executionArn: stopped, error: "Enough" });
  await api.client.redriveExecution({ executionArn: stopped });
  strictEqual((await api.client.describeExecution({ executionArn: stopped })).status, "RUNNING");
  await api.client.stopExecution({ executionArn: stopped });
  strictEqual((await ended(stopped)).status, "ABORTED");

  const late = await start("late", { ...waiting, TimeoutSeconds: 1 });
  strictEqual((await ended(late)).status, "TIMED_OUT");
  await api.client.redriveExecution({ executionArn: late });
  const again = await ended(late);
  deepStrictEqual([again.status, again.redriveCount], ["TIMED_OUT", 1]);
  ok((again.stopDate?.getTime() ?? 0) - (again.redriveDate?.getTime() ?? 0) >= 1_000);
});

test("RedriveExecution with the same client token is one redrive", async () => {
  const task = await activity("token");
  const executionArn = await start("token", {
    StartAt: "Do",
    States: { Do: { Type: "Task", Resource: task, End: true } },
  });
  await work(task, { error: "Broken" });
  await ended(executionArn);
  const first = await api.client.redriveExecution({ executionArn, clientToken: "same" });
  const again = await api.client.redriveExecution({ executionArn, clientToken: "same" });
  strictEqual(again.redriveDate?.getTime(), first.redriveDate?.getTime());
  strictEqual(
    (await failureOf(api.client.redriveExecution({ executionArn, clientToken: "other" })))[0],
    "ExecutionNotRedrivable",
  );
  await work(task, { output: 1 });
  strictEqual((await ended(executionArn)).redriveCount, 1);
});

test("ListExecutions tells redriven executions apart; RedriveExecution refuses what is not there", async () => {
  const stateMachineArn = `arn:aws:states:us-east-1:${account}:stateMachine:listed`;
  const executionArn = await start("listed", { StartAt: "F", States: { F: { Type: "Fail", Error: "E" } } });
  await api.client.startExecution({ stateMachineArn });
  await ended(executionArn);
  await api.client.redriveExecution({ executionArn });
  const listed = async (redriveFilter: "REDRIVEN" | "NOT_REDRIVEN") =>
    (await api.client.listExecutions({ stateMachineArn, redriveFilter })).executions ?? [];
  deepStrictEqual((await listed("REDRIVEN")).map((one) => [one.executionArn, one.redriveCount]), [[executionArn, 1]]);
  strictEqual((await listed("NOT_REDRIVEN")).length, 1);
  const missing = executionArn.replace(/[^:]*$/, "none");
  const [name, message] = await failureOf(api.client.redriveExecution({ executionArn: missing }));
  strictEqual(name, "ExecutionDoesNotExist");
  match(message, /^Execution Does Not Exist: /);
});

test("an execution that was redriven goes on after a restart", async () => {
  const { mkdtemp, rm } = await import("node:fs/promises");
  const { tmpdir } = await import("node:os");
  const { join } = await import("node:path");
  const store = await mkdtemp(join(tmpdir(), "weft-redrive-"));
  const definition = JSON.stringify({ ...JSON.parse(passMachine), StartAt: "Wait" }).replace(
    /"States":\{/,
    '"States":{"Wait":{"Type":"Wait","Seconds":2,"Next":"Pass"},',
  );
  let served = await serveAwsApi({ store, timeScale: 1 });
  try {
    const { stateMachineArn } = await served.client.createStateMachine({ name: "kept", definition, roleArn });
    const { executionArn } = await served.client.startExecution({ stateMachineArn, input: "1" });
    await served.client.stopExecution({ executionArn });
    await served.client.redriveExecution({ executionArn });
    await served.close();
    served = await serveAwsApi({ store, timeScale: 1 });
    const { status, redriveCount, output } = await asked(
      () => served.client.describeExecution({ executionArn }),
      (execution) => execution.status !== "RUNNING",
    );
    deepStrictEqual([status, redriveCount, output], ["SUCCEEDED", 1, "1"]);
  } finally {
    await served.close();
    await rm(store, { recursive: true, force: true });
  }
});
