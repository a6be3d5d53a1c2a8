// Sources: API_CreateActivity, API_GetActivityTask, API_SendTaskSuccess, API_SendTaskFailure, API_SendTaskHeartbeat.
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { after, before, test } from "node:test";
import { account, asked, failureOf, roleArn, serveAwsApi, type ServedAwsApi } from "../../../support/aws_api.ts";

let api: ServedAwsApi;
before(async () => {
  api = await serveAwsApi({ timeScale: 1 });
});
after(() => api.close());

const arnOf = (name: string) => `arn:aws:states:us-east-1:${account}:activity:${name}`;
const signature =
  `AWS4-HMAC-SHA256 Credential=${account}/20260101/us-east-1/states/aws4_request, SignedHeaders=host, Signature=0`;
const ended = (executionArn: string | undefined) =>
  asked(() => api.client.describeExecution({ executionArn }), ({ status }) => status !== "RUNNING");

/** GetActivityTask by fetch: on Deno, AWS's client keeps the connection of a call that it gave up. */
const askForTask = (address: string, activityArn: string | undefined, signal?: AbortSignal) =>
  fetch(address, {
    method: "POST",
    headers: { "x-amz-target": "AWSStepFunctions.GetActivityTask", authorization: signature },
    body: JSON.stringify({ activityArn }),
    ...(signal === undefined ? {} : { signal }),
  });

/** An activity, and a machine that waits for its worker. */
async function workFor(name: string, fields: object = {}) {
  const { activityArn } = await api.client.createActivity({ name });
  const definition = JSON.stringify({
    StartAt: "Work",
    States: { Work: { Type: "Task", Resource: activityArn, ...fields, End: true } },
  });
  const { stateMachineArn } = await api.client.createStateMachine({ name, definition, roleArn });
  const start = async (input = "{}") => (await api.client.startExecution({ stateMachineArn, input })).executionArn;
  return { activityArn, start };
}

test("CreateActivity makes an activity once; Describe, List and Delete speak of it", async () => {
  const first = await api.client.createActivity({ name: "made", tags: [{ key: "a", value: "b" }] });
  const again = await api.client.createActivity({ name: "made" });
  deepStrictEqual([again.activityArn, again.creationDate], [first.activityArn, first.creationDate]);
  const { $metadata: _, ...described } = await api.client.describeActivity({ activityArn: arnOf("made") });
  deepStrictEqual(described, {
    activityArn: arnOf("made"),
    name: "made",
    creationDate: first.creationDate,
    encryptionConfiguration: { type: "AWS_OWNED_KEY" },
  });
  const { activities = [] } = await api.client.listActivities({});
  ok(activities.some(({ activityArn }) => activityArn === arnOf("made")));
  await api.client.deleteActivity({ activityArn: arnOf("made") });
  await api.client.deleteActivity({ activityArn: arnOf("made") });
  deepStrictEqual(await failureOf(api.client.describeActivity({ activityArn: arnOf("made") })), [
    "ActivityDoesNotExist",
    `Activity Does Not Exist: '${arnOf("made")}'`,
  ]);
});

test("CreateActivity refuses a name with forbidden characters", async () => {
  for (const name of ["a b", "a/b", "a:b", "a*b", "a\u0007b"]) {
    deepStrictEqual(await failureOf(api.client.createActivity({ name })), ["InvalidName", `Invalid Name: '${name}'`]);
  }
});

test("a worker gets the task's input and token, and its result is the state's", async () => {
  const { activityArn, start } = await workFor("result");
  const executionArn = await start('{"n":1}');
  const { taskToken, input } = await api.client.getActivityTask({ activityArn, workerName: "w" });
  strictEqual(input, '{"n":1}');
  await api.client.sendTaskHeartbeat({ taskToken });
  await api.client.sendTaskSuccess({ taskToken, output: '{"done":true}' });
  const { status, output } = await ended(executionArn);
  deepStrictEqual([status, output], ["SUCCEEDED", '{"done":true}']);
  deepStrictEqual(await failureOf(api.client.sendTaskSuccess({ taskToken, output: "1" })), [
    "TaskTimedOut",
    "Task Timed Out: 'Provided task does not exist anymore'",
  ]);
});

test("a worker's failure is the state's", async () => {
  const { activityArn, start } = await workFor("failure");
  const executionArn = await start();
  const { taskToken } = await api.client.getActivityTask({ activityArn });
  await api.client.sendTaskFailure({ taskToken, error: "Broken", cause: "by the worker" });
  const { status, error, cause } = await ended(executionArn);
  deepStrictEqual([status, error, cause], ["FAILED", "Broken", "by the worker"]);
});

test("a worker that is silent for longer than HeartbeatSeconds has failed", async () => {
  const { activityArn, start } = await workFor("silent", { HeartbeatSeconds: 1, TimeoutSeconds: 60 });
  const executionArn = await start();
  const { taskToken } = await api.client.getActivityTask({ activityArn });
  const { status, error } = await ended(executionArn);
  deepStrictEqual([status, error], ["FAILED", "States.Timeout"]);
  strictEqual((await failureOf(api.client.sendTaskHeartbeat({ taskToken })))[0], "TaskTimedOut");
});

test("what a worker says is refused with an output that is no JSON, and with a token that is nobody's", async () => {
  const { activityArn, start } = await workFor("refused");
  const executionArn = await start();
  const { taskToken = "" } = await api.client.getActivityTask({ activityArn });
  const [name, message] = await failureOf(api.client.sendTaskSuccess({ taskToken, output: "not JSON" }));
  strictEqual(name, "InvalidOutput");
  match(message, /^Invalid Output: 'Unrecognized token 'not'/);
  const changed = `${taskToken.slice(0, -1)}${taskToken.endsWith("A") ? "B" : "A"}`;
  for (const made of ["made up", changed]) {
    deepStrictEqual(await failureOf(api.client.sendTaskSuccess({ taskToken: made, output: "1" })), [
      "InvalidToken",
      "Invalid Token: 'Invalid token'",
    ]);
  }
  await api.client.sendTaskSuccess({ taskToken, output: "1" });
  strictEqual((await ended(executionArn)).status, "SUCCEEDED");
});

test("a worker that asked before there was a task gets it when it comes", async () => {
  const { activityArn, start } = await workFor("early");
  const polled = api.client.getActivityTask({ activityArn });
  const executionArn = await start('"late"');
  const { taskToken, input } = await polled;
  strictEqual(input, '"late"');
  await api.client.sendTaskSuccess({ taskToken, output: "1" });
  await ended(executionArn);
});

test("each task goes to one worker, the oldest task first", async () => {
  const { activityArn, start } = await workFor("shared");
  for (const input of ["1", "2", "3"]) await start(input);
  const inputs: (string | undefined)[] = [];
  for (let taken = 0; taken < 3; taken++) inputs.push((await api.client.getActivityTask({ activityArn })).input);
  deepStrictEqual(inputs, ["1", "2", "3"]);
});

test("a worker that hung up takes no task with it", async () => {
  const { activityArn, start } = await workFor("hung-up");
  const gone = new AbortController();
  const polls = Array.from({ length: 5 }, () => failureOf(askForTask(api.address, activityArn, gone.signal)));
  // Once the server has answered this one, it has those before it in hand.
  await api.client.listActivities({});
  gone.abort();
  for (const [name] of await Promise.all(polls)) strictEqual(name, "AbortError");
  const executionArn = await start('"kept"');
  const { taskToken, input } = await api.client.getActivityTask({ activityArn });
  strictEqual(input, '"kept"');
  await api.client.sendTaskSuccess({ taskToken, output: "1" });
  strictEqual((await ended(executionArn)).status, "SUCCEEDED");
});

test("a task of an execution that was stopped is handed to nobody", async () => {
  const { activityArn, start } = await workFor("stopped");
  const executionArn = await start('"stopped"');
  await api.client.stopExecution({ executionArn });
  await start('"next"');
  strictEqual((await api.client.getActivityTask({ activityArn })).input, '"next"');
});

test("a worker that waits when the server stops is told at once that there is no task", async () => {
  const stopped = await serveAwsApi();
  const { activityArn } = await stopped.client.createActivity({ name: "waits" });
  const polled = askForTask(stopped.address, activityArn);
  await stopped.client.listActivities({});
  const before = performance.now();
  const [answer] = await Promise.all([polled, stopped.close()]);
  deepStrictEqual([answer.status, await answer.json()], [200, {}]);
  ok(performance.now() - before < 4_000, "a stop waits for calls for five seconds, if it must");
});

test("GetActivityTask refuses an activity that is not there", async () => {
  strictEqual((await failureOf(api.client.getActivityTask({ activityArn: arnOf("none") })))[0], "ActivityDoesNotExist");
});
