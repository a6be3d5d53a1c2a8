/**
 * Mocked tasks by Step Functions Local's mock configuration.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/sfn-local-test-sm-exec.html
 */
import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { SFN } from "@aws-sdk/client-sfn";
import { openEmbeddedHome } from "../../../src/homes/mod.ts";
import type { Json, JsonObject } from "../../../src/values/mod.ts";
import { awsClient } from "../../support/integrations/aws_client.ts";
import { onBothHomes, type OpenHome, type UnderTest } from "../../support/integrations/both_homes.ts";
import { httpServer } from "../../support/integrations/http_server.ts";

const success = { StatusCode: 200, Payload: { StatusCode: 200, body: "Hello from Lambda!" } };
const sent = { MD5OfMessageBody: "3bcb6e8e", MessageId: "3bcb6e8e-8b51-4375-b0bc-1a59812c6e51" };
const config = {
  StateMachines: {
    Shop: {
      TestCases: {
        HappyPath: { LambdaState: "MockedLambdaSuccess", SQSState: "MockedSQSSuccess" },
        RetryPath: { LambdaState: "MockedLambdaRetry", SQSState: "MockedSQSSuccess" },
        HybridPath: { SQSState: "MockedSQSSuccess" },
        TooOften: { LambdaState: "ThrowsOnce", SQSState: "MockedSQSSuccess" },
      },
    },
    Loop: { TestCases: { Twice: { LambdaState: "FirstRunningThenDone" } } },
  },
  MockedResponses: {
    MockedLambdaSuccess: { "0": { Return: success } },
    MockedSQSSuccess: { "0": { Return: sent } },
    MockedLambdaRetry: {
      "0": { Throw: { Error: "Lambda.ResourceNotReadyException", Cause: "Lambda resource is not ready." } },
      "1-2": { Throw: { Error: "Lambda.TimeoutException", Cause: "Lambda timed out." } },
      "3": { Return: success },
    },
    ThrowsOnce: { "0": { Throw: { Error: "Lambda.TimeoutException", Cause: "Lambda timed out." } } },
    FirstRunningThenDone: { "0": { Return: { status: "running" } }, "1": { Return: { status: "done" } } },
  },
};

const retry = [{ ErrorEquals: ["States.ALL"], IntervalSeconds: 1, MaxAttempts: 3 }];
const shop = {
  StartAt: "LambdaState",
  States: {
    LambdaState: {
      Type: "Task",
      Resource: "arn:aws:states:::lambda:invoke",
      Parameters: { FunctionName: "hello", "Payload.$": "$" },
      Retry: retry,
      Next: "SQSState",
    },
    SQSState: {
      Type: "Task",
      Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
      Parameters: { QueueUrl: "https://sqs.example/queue", MessageBody: { "token.$": "$$.Task.Token" } },
      End: true,
    },
  },
};
const loop = {
  StartAt: "LambdaState",
  States: {
    LambdaState: {
      Type: "Task",
      Resource: "arn:aws:lambda:us-east-1:123456789012:function:poll",
      Next: "Check",
    },
    Check: {
      Type: "Choice",
      Choices: [{ Variable: "$.status", StringEquals: "done", Next: "Done" }],
      Default: "LambdaState",
    },
    Done: { Type: "Succeed" },
  },
};

async function withMocks(t: TestContext, open: OpenHome) {
  const lambda = await httpServer(t, (_request, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end('"really invoked"');
  });
  const home = await open(t, {
    timeScale: 0.01,
    integrations: { lambdaEndpoint: lambda.url, mockConfig: { path: "mocks.json", text: JSON.stringify(config) } },
  });
  const client = await awsClient(t, home);
  return { client, home, lambda };
}

async function runCase(client: SFN, home: UnderTest, name: string, definition: Json, testCase: string) {
  const roleArn = `arn:aws:iam::${home.space.tenant}:role/r`;
  const { stateMachineArn } = await client.createStateMachine({
    name,
    roleArn,
    definition: JSON.stringify(definition),
  });
  const { executionArn } = await client.startExecution({
    stateMachineArn: `${stateMachineArn}#${testCase}`,
    input: "{}",
  });
  return await ended(client, executionArn ?? "");
}

/** Asks until the execution has ended. */
async function ended(client: SFN, executionArn: string) {
  for (;;) {
    const described = await client.describeExecution({ executionArn });
    if (described.status !== "RUNNING") return described;
  }
}

onBothHomes((open, test) => {
  test("states of a test case take their mocked responses, callbacks included, and nobody is asked", async (t) => {
    const { client, home, lambda } = await withMocks(t, open);
    const end = await runCase(client, home, "Shop", shop, "HappyPath");
    deepStrictEqual([end.status, JSON.parse(end.output ?? "null")], ["SUCCEEDED", sent]);
    strictEqual(lambda.seen.length, 0);
  });

  test("each invocation takes the response of its number", async (t) => {
    const { client, home, lambda } = await withMocks(t, open);
    const end = await runCase(client, home, "Shop", shop, "RetryPath");
    strictEqual(end.status, "SUCCEEDED");
    const { events = [] } = await client.getExecutionHistory({ executionArn: end.executionArn ?? "" });
    const errors = events.flatMap(({ taskFailedEventDetails }) => taskFailedEventDetails?.error ?? []);
    deepStrictEqual(errors, [
      "Lambda.ResourceNotReadyException",
      "Lambda.TimeoutException",
      "Lambda.TimeoutException",
    ]);
    const twice = await runCase(client, home, "Loop", loop, "Twice");
    deepStrictEqual(JSON.parse(twice.output ?? "null"), { status: "done" });
    strictEqual(lambda.seen.length, 0);
  });

  test("an invocation that the response has nothing for, and a test case that is not there, are States.Runtime", async (t) => {
    const { client, home } = await withMocks(t, open);
    const tooOften = await runCase(client, home, "Shop", shop, "TooOften");
    deepStrictEqual([tooOften.status, tooOften.error], ["FAILED", "States.Runtime"]);
    match(tooOften.cause ?? "", /ThrowsOnce.*invocation 1/);
    const missing = await runCase(client, home, "Loop", loop, "Missing");
    strictEqual(missing.error, "States.Runtime");
  });

  test("states that the test case does not name, and executions without one, are not mocked", async (t) => {
    const { client, home, lambda } = await withMocks(t, open);
    const end = await runCase(client, home, "Shop", shop, "HybridPath");
    strictEqual(end.status, "SUCCEEDED");
    strictEqual(lambda.seen.length, 1);
    const plain = await home.ended(await home.start(loop, {}, "Loop2"));
    strictEqual(plain.status, "Failed"); // "really invoked" has no status
    strictEqual(lambda.seen.length, 2);
  });
});

test("a mock configuration that cannot be is refused when the home is opened", async () => {
  const bad: readonly (readonly [JsonObject | string, RegExp])[] = [
    ["{", /mocks\.json/],
    [{ StateMachines: {} }, /MockedResponses/],
    [{ StateMachines: { M: { TestCases: { T: { S: "none" } } } }, MockedResponses: {} }, /"none"/],
    [{ StateMachines: {}, MockedResponses: { R: { "2-1": { Return: 1 } } } }, /2-1/],
    [{ StateMachines: {}, MockedResponses: { R: { first: { Return: 1 } } } }, /first/],
  ];
  for (const [content, message] of bad) {
    const text = typeof content === "string" ? content : JSON.stringify(content);
    await rejects(openEmbeddedHome({ integrations: { mockConfig: { path: "mocks.json", text } } }), message);
  }
});
