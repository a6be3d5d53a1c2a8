// Goal: Map Runs and their children can be described, listed and changed by the AWS API while they run.
// Sources: API_DescribeMapRun, API_ListMapRuns, API_UpdateMapRun, API_ListExecutions, API_DescribeStateMachineForExecution.
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { after, before, test } from "node:test";
import { account, asked, failureOf, roleArn, serveAwsApi, type ServedAwsApi } from "../../../support/aws_api.ts";
import type { JsonObject } from "../../../../src/values/mod.ts";

let api: ServedAwsApi;
before(async () => {
  api = await serveAwsApi();
});
after(() => api.close());

/** A machine of one distributed Map, whose children have an activity's workers do their item; started. */
async function started(name: string, fields: JsonObject, items: readonly number[], executionType = "STANDARD") {
  const { client } = api;
  const { activityArn } = await client.createActivity({ name });
  const isExpress = executionType === "EXPRESS";
  const work = isExpress ? { Type: "Pass", End: true } : { Type: "Task", Resource: activityArn, End: true };
  const definition = JSON.stringify({
    StartAt: "Map",
    States: {
      Map: {
        Type: "Map",
        Label: "Each",
        ItemProcessor: {
          ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: executionType },
          StartAt: "Work",
          States: { Work: work },
        },
        End: true,
        ...fields,
      },
    },
  });
  const { stateMachineArn } = await client.createStateMachine({ name, definition, roleArn });
  const { executionArn } = await client.startExecution({ stateMachineArn, input: JSON.stringify(items) });
  const { mapRuns = [] } = await asked(
    () => client.listMapRuns({ executionArn }),
    ({ mapRuns = [] }) => mapRuns.length > 0,
  );
  return { activityArn, executionArn, mapRun: mapRuns[0], mapRunArn: mapRuns[0]?.mapRunArn ?? "" };
}

/** Takes as many tasks of an activity as there are to be. */
async function taken(activityArn: string | undefined, count: number): Promise<readonly string[]> {
  const tokens: string[] = [];
  while (tokens.length < count) {
    const { taskToken } = await api.client.getActivityTask({ activityArn });
    if (taskToken !== undefined && taskToken !== "") tokens.push(taskToken);
  }
  return tokens;
}

const ended = (executionArn: string | undefined) =>
  asked(() => api.client.describeExecution({ executionArn }), ({ status }) => status !== "RUNNING");

test("a Map Run is described, listed and changed while it runs", async () => {
  const { client } = api;
  const { activityArn, executionArn, mapRun, mapRunArn } = await started("changed", { MaxConcurrency: 1 }, [1, 2, 3]);
  match(mapRunArn, new RegExp(`^arn:aws:states:us-east-1:${account}:mapRun:changed/Each:[0-9a-f-]{36}$`));
  strictEqual(mapRun?.executionArn, executionArn);
  strictEqual(mapRun?.stateMachineArn, `arn:aws:states:us-east-1:${account}:stateMachine:changed/Each`);
  const [first = ""] = await taken(activityArn, 1);
  const running = await asked(
    () => client.describeMapRun({ mapRunArn }),
    ({ itemCounts }) => itemCounts?.running === 1,
  );
  deepStrictEqual(
    [running.status, running.maxConcurrency, running.itemCounts?.pending, running.itemCounts?.total],
    ["RUNNING", 1, 2, 3],
  );
  deepStrictEqual((await client.listExecutions({ mapRunArn, statusFilter: "RUNNING" })).executions?.length, 1);
  await client.updateMapRun({ mapRunArn, maxConcurrency: 3, toleratedFailureCount: 1 });
  const [second = "", third = ""] = await taken(activityArn, 2);
  await client.sendTaskFailure({ taskToken: second, error: "Own" });
  for (const taskToken of [first, third]) await client.sendTaskSuccess({ taskToken, output: '"done"' });
  strictEqual((await ended(executionArn)).status, "SUCCEEDED");
  const over = await client.describeMapRun({ mapRunArn });
  deepStrictEqual(
    [
      over.status,
      over.toleratedFailureCount,
      over.itemCounts?.succeeded,
      over.itemCounts?.failed,
      over.executionCounts?.total,
    ],
    ["SUCCEEDED", 1, 2, 1, 3],
  );
  ok(over.stopDate !== undefined);
  deepStrictEqual((await failureOf(client.updateMapRun({ mapRunArn, maxConcurrency: 1 })))[0], "ValidationException");
});

test("the children of a Map Run are executions with ARNs of their own, shown by the Map Run alone", async () => {
  const { client } = api;
  const { activityArn, executionArn, mapRunArn } = await started(
    "children",
    { ItemBatcher: { MaxItemsPerBatch: 2 }, ItemSelector: { "n.$": "$$.Map.Item.Value" } },
    [1, 2, 3],
  );
  for (const taskToken of await taken(activityArn, 2)) await client.sendTaskSuccess({ taskToken, output: "{}" });
  strictEqual((await ended(executionArn)).status, "SUCCEEDED");
  const { executions = [] } = await client.listExecutions({ mapRunArn });
  deepStrictEqual(executions.map(({ itemCount }) => itemCount).toSorted(), [1, 2]);
  const [child] = executions;
  match(child?.executionArn ?? "", /:execution:children\/Each:[0-9a-f-]{36}$/);
  const described = await client.describeExecution({ executionArn: child?.executionArn });
  deepStrictEqual([described.mapRunArn, described.status], [mapRunArn, "SUCCEEDED"]);
  const machine = await client.describeStateMachineForExecution({ executionArn: child?.executionArn });
  deepStrictEqual([machine.label, machine.mapRunArn], ["Each", mapRunArn]);
  strictEqual(JSON.parse(machine.definition ?? "{}").StartAt, "Work");
  const { stateMachineArn } = await client.describeExecution({ executionArn });
  deepStrictEqual((await client.listExecutions({ stateMachineArn })).executions?.map((shown) => shown.executionArn), [
    executionArn,
  ]);
  const history = await client.getExecutionHistory({ executionArn });
  deepStrictEqual(history.events?.find(({ type }) => type === "MapRunStarted")?.mapRunStartedEventDetails, {
    mapRunArn,
  });
  const { id } = history.events?.find(({ type }) => type === "MapRunStarted") ?? {};
  deepStrictEqual(history.events?.find(({ type }) => type === "MapStateExited")?.previousEventId, id);
});

test("children of type EXPRESS can be described: they belong to a Map Run", async () => {
  const { executionArn, mapRunArn } = await started("express", { Label: "Ea/ch" }, [7], "EXPRESS");
  strictEqual((await ended(executionArn)).output, "[7]");
  const { executions = [] } = await api.client.listExecutions({ mapRunArn });
  match(executions[0]?.executionArn ?? "", /:express:express\/Ea\/ch:[0-9a-f-]{36}:[0-9a-f-]{36}$/);
  strictEqual((await api.client.describeExecution({ executionArn: executions[0]?.executionArn })).output, "7");
  const machine = await api.client.describeStateMachineForExecution({ executionArn: executions[0]?.executionArn });
  deepStrictEqual([machine.name, machine.label], ["express", "Ea/ch"]);
});

test("stopping the execution stops the children of its Map Run", async () => {
  const { client } = api;
  const { activityArn, executionArn, mapRunArn } = await started("stopped", { MaxConcurrency: 2 }, [1, 2, 3, 4]);
  await taken(activityArn, 2);
  await client.stopExecution({ executionArn });
  strictEqual((await ended(executionArn)).status, "ABORTED");
  const run = await client.describeMapRun({ mapRunArn });
  deepStrictEqual([run.status, run.executionCounts?.aborted, run.executionCounts?.running], ["ABORTED", 2, 0]);
  const { executions = [] } = await client.listExecutions({ mapRunArn });
  deepStrictEqual(executions.map(({ status }) => status), ["ABORTED", "ABORTED"]);
});

test("a redriven execution's Map Run is redriven with it", async () => {
  const { client } = api;
  const { activityArn, executionArn, mapRunArn } = await started("redriven", {}, [1, 2]);
  const [first = "", second = ""] = await taken(activityArn, 2);
  await client.sendTaskSuccess({ taskToken: first, output: '"first"' });
  await client.sendTaskFailure({ taskToken: second, error: "Own" });
  strictEqual((await ended(executionArn)).status, "FAILED");
  const { executions: [failed] = [] } = await client.listExecutions({ mapRunArn, statusFilter: "FAILED" });
  const child = await client.describeExecution({ executionArn: failed?.executionArn });
  deepStrictEqual([child.redriveStatus, child.redriveCount], ["REDRIVABLE_BY_MAP_RUN", 0]);
  deepStrictEqual(
    (await failureOf(client.redriveExecution({ executionArn: failed?.executionArn })))[0],
    "ExecutionNotRedrivable",
  );
  await client.redriveExecution({ executionArn });
  const [again = ""] = await taken(activityArn, 1);
  await client.sendTaskSuccess({ taskToken: again, output: '"second"' });
  const results: readonly string[] = JSON.parse((await ended(executionArn)).output ?? "[]");
  deepStrictEqual(results.toSorted(), ["first", "second"]);
  const run = await client.describeMapRun({ mapRunArn });
  deepStrictEqual([run.status, run.redriveCount, run.itemCounts?.succeeded], ["SUCCEEDED", 1, 2]);
  ok(run.redriveDate !== undefined);
  const { executions = [] } = await client.listExecutions({ mapRunArn, redriveFilter: "REDRIVEN" });
  deepStrictEqual(executions.map((shown) => shown.executionArn), [failed?.executionArn]);
  const { events = [] } = await client.getExecutionHistory({ executionArn });
  deepStrictEqual(events.find(({ type }) => type === "MapRunRedriven")?.mapRunRedrivenEventDetails, {
    mapRunArn,
    redriveCount: 1,
  });
});

test("a Map Run that is not there is not found", async () => {
  const mapRunArn = `arn:aws:states:us-east-1:${account}:mapRun:no/Each:01234567-89ab-cdef-0123-456789abcdef`;
  for (const call of [api.client.describeMapRun({ mapRunArn }), api.client.listExecutions({ mapRunArn })]) {
    strictEqual((await failureOf(call))[0], "ResourceNotFound");
  }
});
