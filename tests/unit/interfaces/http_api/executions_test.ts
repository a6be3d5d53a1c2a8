// Sources: API_StartExecution, API_StartSyncExecution, API_DescribeExecution, API_ListExecutions, API_StopExecution.
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { after, before, test } from "node:test";
import { Effect } from "effect";
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
  api = await serveAwsApi();
  const { client } = api;
  const failing = JSON.stringify({
    StartAt: "F",
    States: { F: { Type: "Fail", Error: "Broken", Cause: "on purpose" } },
  });
  const slow = JSON.stringify({ ...JSON.parse(waitMachine), TimeoutSeconds: 1 });
  const shown = JSON.stringify({
    StartAt: "S",
    States: { S: { Type: "Pass", Parameters: { "context.$": "$$" }, End: true } },
  });
  for (const [name, definition] of Object.entries({ pass: passMachine, wait: waitMachine, failing, slow, shown })) {
    await client.createStateMachine({ name, definition, roleArn });
  }
  await client.createStateMachine({ name: "express", definition: passMachine, roleArn, type: "EXPRESS" });
});
after(() => api.close());

const arnOf = (name: string) => `arn:aws:states:us-east-1:${account}:stateMachine:${name}`;
const executionArnOf = (machine: string, name: string) =>
  `arn:aws:states:us-east-1:${account}:execution:${machine}:${name}`;
const ended = (executionArn: string | undefined) =>
  asked(() => api.client.describeExecution({ executionArn }), ({ status }) => status !== "RUNNING");

test("StartExecution is the same while it runs, and refused for another input or once it has ended", async () => {
  const request = { stateMachineArn: arnOf("wait"), name: "named", input: '{"a":1}' };
  const first = await api.client.startExecution(request);
  const again = await api.client.startExecution({ ...request, input: '{ "a": 1 }' });
  strictEqual(first.executionArn, executionArnOf("wait", "named"));
  deepStrictEqual([again.executionArn, again.startDate], [first.executionArn, first.startDate]);
  const exists = ["ExecutionAlreadyExists", `Execution Already Exists: '${first.executionArn}'`];
  deepStrictEqual(await failureOf(api.client.startExecution({ ...request, input: "{}" })), exists);
  await api.client.stopExecution({ executionArn: first.executionArn });
  deepStrictEqual(await failureOf(api.client.startExecution(request)), exists);
});

test("StartExecution draws a name where none is given; names are each machine's own", async () => {
  const one = await api.client.startExecution({ stateMachineArn: arnOf("pass") });
  match(one.executionArn ?? "", /:execution:pass:[0-9a-f-]{36}$/);
  await api.client.startExecution({ stateMachineArn: arnOf("pass"), name: "shared" });
  await api.client.startExecution({ stateMachineArn: arnOf("failing"), name: "shared" });
});

for (
  const [input, message] of [
    ["", "Invalid execution input."],
    [
      "not json",
      "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
    ],
    ["{'a':1}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name"],
  ] as const
) {
  test(`StartExecution refuses the input ${JSON.stringify(input)}`, async () => {
    deepStrictEqual(await failureOf(api.client.startExecution({ stateMachineArn: arnOf("pass"), input })), [
      "InvalidExecutionInput",
      `Invalid State Machine Execution Input: '${message}'`,
    ]);
  });
}

test("DescribeExecution tells output, error, cause and AWS's words for every end", async () => {
  const start = (machine: string) =>
    api.client.startExecution({ stateMachineArn: arnOf(machine), name: "end", input: "7" });
  const { executionArn: passed } = await start("pass");
  const { status, output, input, outputDetails, redriveStatusReason, stopDate, startDate } = await ended(passed);
  deepStrictEqual([status, input, output, outputDetails], ["SUCCEEDED", "7", "7", { included: true }]);
  strictEqual(redriveStatusReason, "Execution is SUCCEEDED and cannot be redriven");
  ok((stopDate?.getTime() ?? 0) >= (startDate?.getTime() ?? Infinity));
  const failed = await ended((await start("failing")).executionArn);
  deepStrictEqual([failed.status, failed.error, failed.cause], ["FAILED", "Broken", "on purpose"]);
  strictEqual(failed.redriveStatus, "REDRIVABLE");
  strictEqual((await ended((await start("slow")).executionArn)).status, "TIMED_OUT");
  const { executionArn: stopped } = await start("wait");
  await api.client.stopExecution({ executionArn: stopped, error: "Enough", cause: "of it" });
  const aborted = await ended(stopped);
  deepStrictEqual([aborted.status, aborted.error, aborted.cause], ["ABORTED", "Enough", "of it"]);
});

test("StopExecution of one that has ended leaves it as it is", async () => {
  const { executionArn } = await api.client.startExecution({ stateMachineArn: arnOf("pass"), name: "over" });
  const before = await ended(executionArn);
  await api.client.stopExecution({ executionArn, error: "late" });
  deepStrictEqual((await ended(executionArn)).status, before.status);
});

test("DescribeExecution refuses what is not there, is no execution's ARN, or is of another account", async () => {
  const missing = executionArnOf("pass", "never");
  deepStrictEqual(await failureOf(api.client.describeExecution({ executionArn: missing })), [
    "ExecutionDoesNotExist",
    `Execution Does Not Exist: '${missing}'`,
  ]);
  deepStrictEqual(await failureOf(api.client.describeExecution({ executionArn: "nonsense" })), [
    "InvalidArn",
    "Invalid Arn: 'Invalid ARN prefix: nonsense'",
  ]);
  deepStrictEqual(await failureOf(api.client.describeExecution({ executionArn: arnOf("pass") })), [
    "InvalidArn",
    "Invalid Arn: 'Resource type not valid in this context: stateMachine'",
  ]);
  await api.client.startExecution({ stateMachineArn: arnOf("pass"), name: "mine" });
  const theirs = executionArnOf("pass", "mine").replace(account, "999999999999");
  strictEqual((await failureOf(api.client.describeExecution({ executionArn: theirs })))[0], "AccessDeniedException");
});

test("the context object shows ARNs, names and the role", async () => {
  const { executionArn } = await api.client.startExecution({
    stateMachineArn: arnOf("shown"),
    name: "self",
    input: "1",
  });
  const { context } = JSON.parse((await ended(executionArn)).output ?? "");
  const { StartTime: _, ...execution } = context.Execution;
  deepStrictEqual(execution, { Id: executionArn, Input: 1, Name: "self", RoleArn: roleArn, RedriveCount: 0 });
  deepStrictEqual(context.StateMachine, { Id: arnOf("shown"), Name: "shown" });
});

test("an execution that was started without the AWS API has an ARN of its own", async () => {
  const space = { tenant: account, namespace: "us-east-1" };
  await Effect.runPromise(api.home.engine.runExecution({ ...space, workflow: "pass", input: { from: "elsewhere" } }));
  const { executions = [] } = await api.client.listExecutions({ stateMachineArn: arnOf("pass") });
  const { executionArn } = executions.find(({ name = "" }) => name.startsWith("weft-")) ?? {};
  strictEqual((await api.client.describeExecution({ executionArn })).output, '{"from":"elsewhere"}');
});

test("ListExecutions gives newest first, by status, page by page", async () => {
  const region = await serveAwsApi();
  try {
    const { client } = region;
    const { stateMachineArn } = await client.createStateMachine({ name: "m", definition: waitMachine, roleArn });
    for (const name of ["1", "2", "3", "4", "5"]) await client.startExecution({ stateMachineArn, name });
    const arn = executionArnOf("m", "2");
    await client.stopExecution({ executionArn: arn });
    const names = async (request: object) => {
      const seen: (string | undefined)[] = [];
      let nextToken: string | undefined;
      do {
        const page = await client.listExecutions({
          stateMachineArn,
          ...request,
          ...(nextToken === undefined ? {} : { nextToken }),
        });
        seen.push(...(page.executions ?? []).map(({ name }) => name));
        ({ nextToken } = page);
      } while (nextToken !== undefined);
      return seen;
    };
    deepStrictEqual(await names({ maxResults: 2 }), ["5", "4", "3", "2", "1"]);
    deepStrictEqual(await names({ statusFilter: "ABORTED" }), ["2"]);
    deepStrictEqual(await names({ statusFilter: "RUNNING", maxResults: 3 }), ["5", "4", "3", "1"]);
    strictEqual((await failureOf(client.listExecutions({})))[0], "ValidationException");
  } finally {
    await region.close();
  }
});

test("an EXPRESS machine answers with its outcome, takes a name again, and is not listed", async () => {
  const stateMachineArn = arnOf("express");
  const answer = await api.client.startSyncExecution({ stateMachineArn, name: "again", input: '{"n":1}' });
  deepStrictEqual([answer.status, answer.output, answer.input, answer.name], [
    "SUCCEEDED",
    '{"n":1}',
    '{"n":1}',
    "again",
  ]);
  match(answer.executionArn ?? "", new RegExp(`:express:express:again:[0-9a-f-]{36}$`));
  ok((answer.billingDetails?.billedDurationInMilliseconds ?? 0) >= 100);
  const second = await api.client.startExecution({ stateMachineArn, name: "again" });
  match(second.executionArn ?? "", /:express:express:again:/);
  strictEqual((await failureOf(api.client.listExecutions({ stateMachineArn })))[0], "StateMachineTypeNotSupported");
  const standard = api.client.startSyncExecution({ stateMachineArn: arnOf("pass") });
  strictEqual((await failureOf(standard))[0], "StateMachineTypeNotSupported");
});

test("an execution of an EXPRESS machine ends after five minutes", async () => {
  const { stateMachineArn } = await api.client.createStateMachine({
    name: "express-wait",
    definition: waitMachine,
    roleArn,
    type: "EXPRESS",
  });
  const { status, error, startDate, stopDate } = await api.client.startSyncExecution({ stateMachineArn });
  deepStrictEqual([status, error], ["TIMED_OUT", "States.Timeout"]);
  // The tests' seconds are a hundred times as short.
  ok((stopDate?.getTime() ?? 0) - (startDate?.getTime() ?? 0) >= 3_000);
});

test("DescribeStateMachineForExecution tells the definition that the execution runs by", async () => {
  const { stateMachineArn } = await api.client.createStateMachine({
    name: "changed",
    definition: waitMachine,
    roleArn,
  });
  const { executionArn } = await api.client.startExecution({ stateMachineArn });
  await api.client.updateStateMachine({ stateMachineArn, definition: passMachine });
  strictEqual((await api.client.describeStateMachineForExecution({ executionArn })).definition, waitMachine);
});

test("GetExecutionHistory pages in both directions and leaves data out where asked", async () => {
  const { executionArn } = await api.client.startExecution({
    stateMachineArn: arnOf("pass"),
    name: "told",
    input: "5",
  });
  await ended(executionArn);
  const { events = [] } = await api.client.getExecutionHistory({ executionArn });
  deepStrictEqual(events.map(({ id }) => id), events.map((_, index) => index + 1));
  const reversed: (number | undefined)[] = [];
  let nextToken: string | undefined;
  do {
    const page = await api.client.getExecutionHistory({
      executionArn,
      reverseOrder: true,
      maxResults: 1,
      includeExecutionData: false,
      ...(nextToken === undefined ? {} : { nextToken }),
    });
    reversed.push(...(page.events ?? []).map(({ id }) => id));
    for (const event of page.events ?? []) strictEqual(event.executionStartedEventDetails?.input, undefined);
    ({ nextToken } = page);
  } while (nextToken !== undefined);
  deepStrictEqual(reversed, events.map(({ id }) => id).toReversed());
  const token = await failureOf(api.client.getExecutionHistory({ executionArn, nextToken: "none" }));
  strictEqual(token[0], "InvalidToken");
});
