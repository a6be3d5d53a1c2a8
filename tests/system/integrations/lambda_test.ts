/** Lambda functions by the Invoke API: results, failures, refusals, limits. @see docs/integrations.md */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test, type TestContext } from "node:test";
import { Effect } from "effect";
import { LambdaIntegration } from "../../../src/integrations/mod.ts";
import { defaultLimits, type Json, type JsonObject } from "../../../src/values/mod.ts";
import { taskMessage } from "../../support/task_messages.ts";
import { awsClient } from "../../support/integrations/aws_client.ts";
import { onBothHomes, type OpenHome, seenEvent, taskMachine } from "../../support/integrations/both_homes.ts";
import { httpServer, type SeenRequest } from "../../support/integrations/http_server.ts";

const arn = (name: string) => `arn:aws:lambda:us-east-1:123456789012:function:${name}`;

/** Functions: what they do with an invocation, by name. */
const functions: Readonly<Record<string, (request: SeenRequest, response: ServerResponse) => void>> = {
  echo: ({ body }, response) => send(response, 200, body === "" ? "{}" : body),
  text: (_request, response) => send(response, 200, "no JSON at all"),
  raise: (_request, response) =>
    send(response, 200, '{"errorMessage": "card declined", "errorType": "Declined"}', {
      "X-Amz-Function-Error": "Unhandled",
    }),
  silent: (_request, response) =>
    send(response, 200, '{"errorMessage":"Task timed out after 3.00 seconds"}', {
      "X-Amz-Function-Error": "Unhandled",
    }),
  busy: (_request, response) =>
    send(response, 429, '{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","message":"Rate Exceeded."}', {
      "x-amzn-ErrorType": "TooManyRequestsException:http://internal.amazon.com/coral/",
    }),
  broken: (_request, response) =>
    send(response, 500, '{"Message":"ServiceException"}', { "x-amzn-ErrorType": "ServiceException" }),
  large: (_request, response) => send(response, 200, JSON.stringify("a".repeat(262_144))),
  hangUp: (_request, response) => void response.destroy(),
};

function send(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, {
    "Content-Type": "application/json",
    "x-amzn-RequestId": "request-1",
    "X-Amz-Executed-Version": "$LATEST",
    ...headers,
  }).end(body);
}

function lambdaServer(t: TestContext) {
  return httpServer(t, (request, response) => {
    const [, name = ""] = /^\/2015-03-31\/functions\/([^/]+)\/invocations/.exec(request.url) ?? [];
    const run = functions[name];
    if (run !== undefined) return run(request, response);
    send(response, 404, JSON.stringify({ Type: "User", Message: `Function not found: ${arn(name)}` }), {
      "x-amzn-ErrorType": "ResourceNotFoundException",
    });
  });
}

async function withLambda(t: TestContext, open: OpenHome) {
  const server = await lambdaServer(t);
  return { server, ...await open(t, { integrations: { lambdaEndpoint: server.url } }) };
}

onBothHomes((open, test) => {
  test("a function's ARN gives its result as it is", async (t) => {
    const { runTask, server } = await withLambda(t, open);
    const end = await runTask({ Resource: arn("echo") }, { order: 7 });
    deepStrictEqual([end.status, end.output], ["Succeeded", { order: 7 }]);
    strictEqual(server.seen[0]?.method, "POST");
    const qualified = await runTask({ Resource: `${arn("echo")}:live` }, "in");
    strictEqual(qualified.output, "in");
    strictEqual(server.seen[1]?.url, "/2015-03-31/functions/echo/invocations?Qualifier=live");
    strictEqual((await runTask({ Resource: arn("text") })).output, "no JSON at all");
  });

  test("lambda:invoke wraps the result, and passes Qualifier, Payload and InvocationType on", async (t) => {
    const { runTask, server } = await withLambda(t, open);
    const { status, output } = await runTask({
      Resource: "arn:aws:states:::lambda:invoke",
      Parameters: { FunctionName: arn("echo"), Qualifier: "2", InvocationType: "RequestResponse", "Payload.$": "$" },
    }, { order: 7 });
    strictEqual(status, "Succeeded");
    const wrapped = output as JsonObject;
    deepStrictEqual(Object.keys(wrapped), [
      "ExecutedVersion",
      "Payload",
      "SdkHttpMetadata",
      "SdkResponseMetadata",
      "StatusCode",
    ]);
    deepStrictEqual(wrapped["Payload"], { order: 7 });
    deepStrictEqual([wrapped["ExecutedVersion"], wrapped["StatusCode"]], ["$LATEST", 200]);
    deepStrictEqual(wrapped["SdkResponseMetadata"], { RequestId: "request-1" });
    const metadata = wrapped["SdkHttpMetadata"] as JsonObject;
    deepStrictEqual((metadata["AllHttpHeaders"] as JsonObject)["X-Amz-Executed-Version"], ["$LATEST"]);
    const [seen] = server.seen;
    strictEqual(seen?.url, "/2015-03-31/functions/echo/invocations?Qualifier=2");
    strictEqual(seen?.headers["x-amz-invocation-type"], "RequestResponse");
  });

  test("lambda:invoke sends a Payload that is a text as it stands", async (t) => {
    const { runTask, server } = await withLambda(t, open);
    for (const Payload of ["{}", "true", '"x"']) {
      await runTask({ Resource: "arn:aws:states:::lambda:invoke", Parameters: { FunctionName: "echo", Payload } });
      strictEqual(server.seen.at(-1)?.body, Payload);
    }
  });

  test("lambda:invoke without a Payload sends no event", async (t) => {
    const { runTask, server } = await withLambda(t, open);
    await runTask({ Resource: "arn:aws:states:::lambda:invoke", Parameters: { FunctionName: "echo", Payload: null } });
    strictEqual(server.seen[0]?.body, "");
  });
});

const failures: readonly { name: string; error: string; cause: RegExp }[] = [
  { name: "raise", error: "Declined", cause: /^\{"errorMessage": "card declined", "errorType": "Declined"\}$/ },
  {
    name: "silent",
    error: "Lambda.Unknown",
    cause: /did not return an error type\. Returned payload: \{.*timed out/,
  },
  {
    name: "busy",
    error: "Lambda.TooManyRequestsException",
    cause: /^Rate Exceeded\. \(Service: AWSLambda; Status Code: 429; /,
  },
  { name: "broken", error: "Lambda.ServiceException", cause: /Status Code: 500/ },
  {
    name: "missing",
    error: "Lambda.ResourceNotFoundException",
    cause: /^Function not found: arn:.*Request ID: request-1/,
  },
  { name: "hangUp", error: "Lambda.SdkClientException", cause: /^Unable to execute HTTP request: / },
];

onBothHomes((open, test) => {
  for (const { name, error, cause } of failures) {
    test(`a function that is ${name} fails its task with ${error}`, async (t) => {
      const { runTask } = await withLambda(t, open);
      for (
        const fields of [
          { Resource: arn(name) },
          { Resource: "arn:aws:states:::lambda:invoke", Parameters: { FunctionName: name } },
        ]
      ) {
        const end = await runTask(fields);
        strictEqual(end.error, error);
        match(end.cause ?? "", cause);
      }
    });
  }

  test("a result that is too large is States.DataLimitExceeded, named as AWS names it", async (t) => {
    const { runTask } = await withLambda(t, open);
    const direct = await runTask({ Resource: arn("large") });
    strictEqual(direct.error, "States.DataLimitExceeded");
    ok(direct.cause?.startsWith(`The state/task '${arn("large")}' returned a result`));
    const service = await runTask({
      Resource: "arn:aws:states:::lambda:invoke",
      Parameters: { FunctionName: "large" },
    });
    ok(service.cause?.startsWith("The state/task 'lambda' returned a result"));
  });
});

onBothHomes((open, test) => {
  test("TestState calls the function of a task that is not mocked", async (t) => {
    const home = await withLambda(t, open);
    const client = await awsClient(t, home);
    const definition = {
      Type: "Task",
      Resource: "arn:aws:states:::lambda:invoke",
      Parameters: { FunctionName: "echo", "Payload.$": "$.order" },
      OutputPath: "$.Payload",
      End: true,
    };
    const { status, output } = await client.testState({
      definition: JSON.stringify(definition),
      roleArn: `arn:aws:iam::${home.space.tenant}:role/r`,
      input: '{"order":{"of.$":"{% tea %}"}}',
    });
    deepStrictEqual([status, JSON.parse(output ?? "null")], ["SUCCEEDED", { "of.$": "{% tea %}" }]);
  });
});

test("calls are signed with the keys that there are, and carry no other header that names them", async (t) => {
  const server = await lambdaServer(t);
  const keys = { region: "eu-west-1", accessKeyId: "AKID", secretAccessKey: "very secret", sessionToken: "session" };
  const integration = new LambdaIntegration({ endpoint: server.url, limits: defaultLimits, keys });
  t.after(() => integration.close());
  const task = taskMessage(1, { resource: arn("echo"), input: { order: "€ 7" } });
  const result = await Effect.runPromise(integration.run(task));
  deepStrictEqual(result, { kind: "Completed", output: { order: "€ 7" } });
  const headers = server.seen[0]?.headers;
  match(
    String(headers?.authorization),
    /^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/eu-west-1\/lambda\/aws4_request, SignedHeaders=.*, Signature=[0-9a-f]{64}$/,
  );
  strictEqual(headers?.["x-amz-security-token"], "session");
  ok(!JSON.stringify(headers).includes("very secret"));
});

onBothHomes((open, test) => {
  test("a failure is retried and caught by its name", async (t) => {
    const { start, ended, server } = await withLambda(t, open);
    const id = await start({
      StartAt: "Do",
      States: {
        Do: {
          Type: "Task",
          Resource: arn("raise"),
          Retry: [{ ErrorEquals: ["Declined"], IntervalSeconds: 1, MaxAttempts: 1 }],
          Catch: [{ ErrorEquals: ["States.TaskFailed"], Next: "Caught" }],
          End: true,
        },
        Caught: { Type: "Pass", Result: "caught", End: true },
      },
    });
    strictEqual((await ended(id)).output, "caught");
    strictEqual(server.seen.length, 2);
  });

  test("lambda:invoke.waitForTaskToken ends by the token, and fails at once when the function does", async (t) => {
    const { home, space, start, ended, runTask, server } = await withLambda(t, open);
    const resource = "arn:aws:states:::lambda:invoke.waitForTaskToken";
    const parameters = { FunctionName: "echo", Payload: { "token.$": "$$.Task.Token" } };
    const id = await start(taskMachine({ Resource: resource, Parameters: parameters }));
    const submitted = await seenEvent({ home, space }, id, "TaskSubmittedEvent");
    const { token } = JSON.parse(server.seen[0]?.body ?? "") as { token: string };
    deepStrictEqual((submitted["output"] as JsonObject)["Payload"] as Json, { token });
    await Effect.runPromise(home.engine.completeTask({ ...space, token, output: "done" }));
    strictEqual((await ended(id)).output, "done");
    const failed = await runTask({ Resource: resource, Parameters: { ...parameters, FunctionName: "raise" } });
    strictEqual(failed.error, "Declined");
  });
});
