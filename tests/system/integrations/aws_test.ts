/** AWS's services by their own protocols: DynamoDB as dynalite has it; SQS, S3 and Batch as stand-ins have them. @see docs/integrations.md */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { Effect } from "effect";
import { openEmbeddedHome } from "../../../src/homes/mod.ts";
import type { AwsDoor } from "../../../src/integrations/mod.ts";
import type { Json, JsonObject } from "../../../src/values/mod.ts";
import { onBothHomes, seenEvent, taskMachine, underTest } from "../../support/integrations/both_homes.ts";
import { dynaliteServer } from "../../support/integrations/dynalite_server.ts";
import { httpServer, type SeenRequest } from "../../support/integrations/http_server.ts";

const credentials = { accessKeyId: "key", secretAccessKey: "secret" };
const door = (endpoint: string): AwsDoor => ({ endpoint, region: "eu-west-1", credentials });
const service = (call: string) => `arn:aws:states:::${call}`;

function answer(response: ServerResponse, status: number, body: Json | string, type = "application/json") {
  response.writeHead(status, { "content-type": type, "x-amzn-requestid": "request-1" });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

async function embedded(t: TestContext, endpoint: string) {
  const home = await openEmbeddedHome({ partitions: 2, timeScale: 0.001, integrations: { aws: door(endpoint) } });
  return underTest(t, home);
}

type Serve = (request: SeenRequest, response: ServerResponse) => void;

async function withServer(t: TestContext, serve: Serve) {
  const server = await httpServer(t, serve);
  return { server, ...await embedded(t, server.url) };
}

const table = {
  TableName: "orders",
  AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
  KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
  BillingMode: "PAY_PER_REQUEST",
};

test("tasks create a table, put and get items in a DynamoDB server; what it refuses is named as AWS does", async (t) => {
  const { runTask } = await embedded(t, await dynaliteServer(t));
  const run = async (call: string, Parameters: JsonObject) => await runTask({ Resource: service(call), Parameters });
  const created = await run("aws-sdk:dynamodb:createTable", table);
  const { TableDescription } = created.output as { readonly TableDescription: JsonObject };
  match(String(TableDescription["CreationDateTime"]), /^\d{4}-\d\d-\d\dT/);
  for (;;) {
    const { output } = await run("aws-sdk:dynamodb:describeTable", { TableName: "orders" });
    if ((output as { readonly Table: JsonObject }).Table["TableStatus"] === "ACTIVE") break;
  }
  const Item = { id: { S: "1" }, tags: { SS: ["a", "b"] }, total: { N: "12.5" }, open: { BOOL: true } };
  const put = await run("dynamodb:putItem", { TableName: "orders", Item });
  const { SdkHttpMetadata, ...rest } = put.output as { readonly SdkHttpMetadata: JsonObject };
  strictEqual(SdkHttpMetadata["HttpStatusCode"], 200);
  deepStrictEqual(Object.keys(rest), ["SdkResponseMetadata"]);
  const got = await run("aws-sdk:dynamodb:getItem", { TableName: "orders", Key: { id: { S: "1" } } });
  deepStrictEqual(got.output, { Item });
  const again = { TableName: "orders", Item, ConditionExpression: "attribute_not_exists(id)" };
  const refused = await run("dynamodb:putItem", again);
  strictEqual(refused.error, "DynamoDB.ConditionalCheckFailedException");
  match(
    refused.cause ?? "",
    /^The conditional request failed \(Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ConditionalCheckFailedException; Request ID: [^;]*; Proxy: null\)$/,
  );
  strictEqual((await run("aws-sdk:dynamodb:putItem", again)).error, "DynamoDb.ConditionalCheckFailedException");
  const missing = await run("aws-sdk:dynamodb:getItem", { TableName: "nowhere", Key: { id: { S: "1" } } });
  strictEqual(missing.error, "DynamoDb.ResourceNotFoundException");
  strictEqual((await run("dynamodb:putItem", { TableName: "/", Item })).error, "DynamoDB.AmazonDynamoDBException");
  const unknown = await run("dynamodb:getItem", { TableName: "orders", Key: { id: { S: "1" } }, Kee: 1 });
  strictEqual(unknown.error, "States.Runtime");
  match(unknown.cause ?? "", /"Kee"/);
});

test("a message goes to the endpoint and not to where its queue's URL says, signed, an object as JSON text", async (t) => {
  const { server, runTask } = await withServer(t, ({ body }, response) => {
    const { MessageBody } = JSON.parse(body) as { readonly MessageBody: string };
    if (MessageBody === "no") return answer(response, 400, { __type: "com.amazonaws.sqs#QueueDoesNotExist" });
    answer(response, 200, { MessageId: "m-1", MD5OfMessageBody: "4b1b3e3b3a8a6fd6f3a2a6aa1ef0b0d0" });
  });
  const QueueUrl = "http://169.254.169.254/111122223333/orders";
  const run = async (MessageBody: Json) =>
    await runTask({ Resource: service("aws-sdk:sqs:sendMessage"), Parameters: { QueueUrl, MessageBody } });
  strictEqual((await run("no")).error, "Sqs.QueueDoesNotExistException");
  await run({ order: 7 });
  const [, seen] = server.seen;
  const headers = seen?.headers ?? {};
  deepStrictEqual(JSON.parse(seen?.body ?? ""), { QueueUrl, MessageBody: '{"order":7}' });
  strictEqual(seen?.headers["x-amz-target"], "AmazonSQS.SendMessage");
  match(String(headers["authorization"]), /^AWS4-HMAC-SHA256 Credential=key\/\d{8}\/eu-west-1\/sqs\/aws4_request, /);
});

test("an object's bytes are text, its dates ISO 8601, and S3's refusals have its XML's code", async (t) => {
  const missing = "<Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist</Message></Error>";
  const { runTask } = await withServer(t, ({ url }, response) => {
    if (url.startsWith("/nowhere")) return answer(response, 404, missing, "application/xml");
    const size = url.startsWith("/big/large") ? 8_000_000 : 5;
    response.writeHead(200, { "content-length": size, "last-modified": "Tue, 24 Nov 2026 10:00:00 GMT" });
    response.end(size === 5 ? "hello" : "x".repeat(size));
  });
  const get = async (Bucket: string, Key: string) =>
    await runTask({ Resource: service("aws-sdk:s3:getObject"), Parameters: { Bucket, Key } });
  const { output } = await get("small", "a");
  const { Body, ContentLength, LastModified } = output as JsonObject;
  deepStrictEqual([Body, ContentLength, LastModified], ["hello", 5, "2026-11-24T10:00:00.000Z"]);
  const listed = await runTask({ Resource: service("aws-sdk:s3:listObjects"), Parameters: { Bucket: "nowhere" } });
  strictEqual(listed.error, "S3.NoSuchBucketException");
  match(listed.cause ?? "", /^The specified bucket does not exist \(Service: S3, Status Code: 404, Request ID: /);
  strictEqual((await get("big", "large")).error, "States.DataLimitExceeded");
});

test("a service whose package is not installed, or that nobody listens for, fails the task by name", async (t) => {
  const { runTask } = await embedded(t, "http://127.0.0.1:1");
  const missing = await runTask({ Resource: service("aws-sdk:rekognition:detectLabels"), Parameters: {} });
  strictEqual(missing.error, "Weft.AwsSdkMissing");
  match(missing.cause ?? "", /npm install @aws-sdk\/client-rekognition/);
  const away = await runTask({ Resource: service("aws-sdk:sqs:listQueues"), Parameters: {} });
  strictEqual(away.error, "Sqs.SdkClientException");
  const unknown = await runTask({ Resource: service("aws-sdk:sqs:sendMassage"), Parameters: {} });
  strictEqual(unknown.error, "States.Runtime");
});

/** Batch: each job is asked after three times before it is over. */
function batch(): Serve {
  let asked = 0;
  return ({ url, body }, response) => {
    if (url === "/v1/submitjob") {
      const { jobName } = JSON.parse(body) as { readonly jobName: string };
      return answer(response, 200, { jobArn: "arn", jobId: jobName, jobName });
    }
    asked += 1;
    const { jobs: [jobId = ""] } = JSON.parse(body) as { readonly jobs: readonly string[] };
    const over = jobId === "bad" ? "FAILED" : "SUCCEEDED";
    answer(response, asked === 1 ? 503 : 200, {
      jobs: [{ jobId, status: asked < 4 ? "RUNNING" : over, startedAt: 5 }],
    });
  };
}

test("a job of .sync is asked after until it is over; its description is the result, or the cause", async (t) => {
  const { server, runTask } = await withServer(t, batch());
  const run = async (JobName: string) =>
    await runTask({
      Resource: service("batch:submitJob.sync"),
      Parameters: { JobName, JobQueue: "q", JobDefinition: "d" },
    });
  deepStrictEqual((await run("good")).output, { JobId: "good", StartedAt: 5, Status: "SUCCEEDED" });
  const failed = await run("bad");
  deepStrictEqual([failed.error, failed.cause], [
    "States.TaskFailed",
    '{"JobId":"bad","Status":"FAILED","StartedAt":5}',
  ]);
  strictEqual(server.seen.filter(({ url }) => url === "/v1/submitjob").length, 2);
});

onBothHomes((open, declare) => {
  declare(
    "a job that was begun is in the history, and its task is interrupted when the execution is stopped",
    async (t) => {
      const server = await httpServer(t, ({ url }, response) => {
        if (url === "/v1/submitjob") return answer(response, 200, { jobArn: "arn", jobId: "j", jobName: "j" });
        answer(response, 200, { jobs: [{ jobId: "j", status: "RUNNING" }] });
      });
      const under = await open(t, { integrations: { aws: door(server.url) } });
      const Parameters = { JobName: "j", JobQueue: "q", JobDefinition: "d" };
      const executionId = await under.start(taskMachine({ Resource: service("batch:submitJob.sync"), Parameters }));
      const submitted = await seenEvent(under, executionId, "TaskSubmittedEvent");
      ok(submitted.type === "TaskSubmittedEvent" && (submitted.output as JsonObject)["JobId"] === "j");
      await Effect.runPromise(under.home.engine.cancelExecution({ ...under.space, executionId }));
      strictEqual((await under.ended(executionId)).status, "Canceled");
      ok(server.seen.length > 0);
    },
  );
});

test("a job whose node goes away is not begun again by the next one, which asks after it", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "weft-aws-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const asked = Promise.withResolvers<void>();
  let isOver = false;
  const server = await httpServer(t, ({ url }, response) => {
    if (url === "/v1/submitjob") return answer(response, 200, { jobArn: "arn", jobId: "j", jobName: "j" });
    asked.resolve();
    answer(response, 200, { jobs: [{ jobId: "j", status: isOver ? "SUCCEEDED" : "RUNNING" }] });
  });
  const options = { store: folder, integrations: { aws: door(server.url) } };
  const first = await openEmbeddedHome(options);
  const space = { tenant: "111122223333", namespace: "us-east-1" };
  const Parameters = { JobName: "j", JobQueue: "q", JobDefinition: "d" };
  const definition = taskMachine({ Resource: service("batch:submitJob.sync"), Parameters });
  await Effect.runPromise(first.engine.putWorkflow({ ...space, name: "jobs", definition }));
  const { executionId } = await Effect.runPromise(
    first.engine.startExecution({ ...space, workflow: "jobs", input: {} }),
  );
  await asked.promise;
  await first.close();
  isOver = true;
  const second = await openEmbeddedHome(options);
  t.after(() => second.close());
  const { output } = await Effect.runPromise(second.engine.awaitExecution({ ...space, executionId }));
  deepStrictEqual(output, {
    JobId: "j",
    Status: "SUCCEEDED",
  });
  strictEqual(server.seen.filter(({ url }) => url === "/v1/submitjob").length, 1);
});
