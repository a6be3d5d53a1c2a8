// Sources: the AWS JSON 1.0 protocol; API reference, "Common error types"; Quotas of Step Functions.
import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { request } from "node:http";
import { after, before, test } from "node:test";
import { SFN } from "@aws-sdk/client-sfn";
import { account, failureOf, passMachine, roleArn, serveAwsApi, type ServedAwsApi } from "../../../support/aws_api.ts";

let api: ServedAwsApi;
before(async () => {
  api = await serveAwsApi();
  await api.client.createStateMachine({ name: "pass", definition: passMachine, roleArn });
});
after(() => api.close());

const machineOf = (owner: string) => `arn:aws:states:us-east-1:${owner}:stateMachine:pass`;
const coral = (code: string) => `com.amazon.coral.service#${code}`;
const states = (code: string) => `com.amazonaws.swf.service.v2.model#${code}`;
const signedFor = (key: string, region = "us-east-1") => ({
  authorization:
    `AWS4-HMAC-SHA256 Credential=${key}/20260101/${region}/states/aws4_request, SignedHeaders=host, Signature=0`,
});

for (
  const [what, operation, body, type] of [
    ["an operation that is none", "StartNothing", {}, coral("UnknownOperationException")],
    ["a name that every object has", "constructor", {}, coral("UnknownOperationException")],
    ["a body that is no JSON", "ListStateMachines", "{", coral("SerializationException")],
    ["a body that is no object", "ListStateMachines", "[]", coral("SerializationException")],
    ["a body that nests without end", "ListStateMachines", "[".repeat(100_000), coral("SerializationException")],
    ["a number for a text", "DescribeStateMachine", { stateMachineArn: 1 }, coral("SerializationException")],
    ["a text for a number", "ListStateMachines", { maxResults: "1" }, coral("SerializationException")],
    ["a fraction for a number", "ListStateMachines", { maxResults: 1.5 }, coral("SerializationException")],
    ["an object for a list", "TagResource", { resourceArn: "a", tags: {} }, coral("SerializationException")],
    ["a text for a flag", "CreateStateMachine", { publish: "yes" }, coral("SerializationException")],
    ["a member that is missing", "DescribeStateMachine", {}, states("ValidationException")],
    ["a member that is null", "DescribeStateMachine", { stateMachineArn: null }, states("ValidationException")],
    ["a word that is none", "ListExecutions", { statusFilter: "DONE" }, states("ValidationException")],
  ] as const
) {
  test(`the API refuses ${what} with 400 and ${type.split("#")[1]}`, async () => {
    const { status, headers, body: answer } = await api.call(operation, body, signedFor(account));
    deepStrictEqual([status, answer["__type"], typeof answer["message"]], [400, type, "string"]);
    strictEqual(headers.get("content-type"), "application/x-amz-json-1.0");
    match(headers.get("x-amzn-requestid") ?? "", /^[0-9a-f-]{36}$/);
  });
}

test("the API tells every broken constraint of a request at once", async () => {
  const { body } = await api.call("ListExecutions", { maxResults: 1_001, nextToken: "" }, signedFor(account));
  match(
    String(body["message"]),
    /^2 validation errors detected: Value '1001' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 1000; Value '' at 'nextToken' /,
  );
});

test("the API takes members that it does not know, and a body that is empty", async () => {
  const { status } = await api.call("ListStateMachines", { unknown: [1] }, signedFor(account));
  strictEqual(status, 200);
  strictEqual((await api.call("ListStateMachines", "", signedFor(account))).status, 200);
});

test("the API answers times in seconds, and what it has no answer for with an empty object", async () => {
  const { body } = await api.call("DescribeStateMachine", { stateMachineArn: machineOf(account) }, signedFor(account));
  const created = Number(body["creationDate"]);
  strictEqual(Math.abs(created * 1_000 - Date.now()) < 600_000, true, `${created} is no time in seconds`);
  const tagged = await api.call("TagResource", { resourceArn: machineOf(account), tags: [] }, signedFor(account));
  deepStrictEqual(tagged.body, {});
});

test("only POST is a call; GET asks for health", async () => {
  const healthy = await fetch(`${api.address}/health`);
  deepStrictEqual([healthy.status, await healthy.json()], [200, { status: "ok", service: "weft", version: "0.0.1" }]);
  strictEqual((await fetch(`${api.address}/elsewhere`)).status, 404);
  strictEqual((await fetch(api.address, { method: "PUT", body: "{}" })).status, 405);
});

test("a call is of the account that its access key names, else of the settings' account, in its own region", async () => {
  const names = async (headers: Readonly<Record<string, string>>) => {
    const { body } = await api.call("ListStateMachines", {}, headers);
    return (body["stateMachines"] as readonly { readonly name: string }[]).map(({ name }) => name);
  };
  deepStrictEqual(await names(signedFor(account)), ["pass"]);
  deepStrictEqual(await names(signedFor(account, "eu-west-1")), []);
  deepStrictEqual(await names(signedFor("AKIAEXAMPLE")), []);
  const created = await api.call("CreateActivity", { name: "of-settings" }, {});
  strictEqual(created.body["activityArn"], "arn:aws:states:us-east-1:123456789012:activity:of-settings");
});

for (
  const [operation, body] of [
    ["StartExecution", { stateMachineArn: machineOf("999999999999") }],
    ["DescribeStateMachine", { stateMachineArn: machineOf("999999999999") }],
    ["DeleteStateMachine", { stateMachineArn: machineOf("999999999999") }],
    ["StopExecution", { executionArn: "arn:aws:states:us-east-1:999999999999:execution:m:e" }],
    ["GetActivityTask", { activityArn: "arn:aws:states:us-east-1:999999999999:activity:a" }],
    ["ListTagsForResource", { resourceArn: machineOf("999999999999") }],
    ["CreateStateMachineAlias", {
      name: "alias",
      routingConfiguration: [{ stateMachineVersionArn: `${machineOf("999999999999")}:1`, weight: 100 }],
    }],
  ] as const
) {
  test(`${operation} refuses an ARN of another account`, async () => {
    const { status, body: answer } = await api.call(operation, body, signedFor(account));
    deepStrictEqual([status, answer["__type"]], [400, coral("AccessDeniedException")]);
  });
}

test("the prefix sync- of a host name makes no difference", async () => {
  const { port } = new URL(api.address);
  const body = JSON.stringify({ definition: '{"Type":"Pass","End":true}', input: "1" });
  const answer = await new Promise<string>((resolve, reject) => {
    const headers = { host: `sync-localhost:${port}`, "x-amz-target": "AWSStepFunctions.TestState" };
    request({ port, method: "POST", headers }, (response) => {
      let text = "";
      response.on("data", (chunk) => text += chunk).on("end", () => resolve(text));
    }).on("error", reject).end(body);
  });
  deepStrictEqual(JSON.parse(answer), { status: "SUCCEEDED", output: "1" });
});

test("an input of 262,144 characters is taken, one more is refused, and so is one that is too long in bytes", async () => {
  const stateMachineArn = machineOf(account);
  const start = (input: string) => api.client.startExecution({ stateMachineArn, input });
  await start(JSON.stringify("x".repeat(262_142)));
  const [name, message] = await failureOf(start(JSON.stringify("x".repeat(262_143))));
  deepStrictEqual([name, message], [
    "ValidationException",
    "1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to 262144",
  ]);
  strictEqual((await failureOf(start(JSON.stringify("é".repeat(200_000)))))[0], "ValidationException");
});

test("a definition of more than a mebibyte is refused, a body of many mebibytes with 413", async () => {
  const definition = (bytes: number) => JSON.stringify({ ...JSON.parse(passMachine), Comment: "x".repeat(bytes) });
  const create = (name: string, bytes: number) =>
    api.client.createStateMachine({ name, definition: definition(bytes), roleArn });
  await create("large", 1_048_000);
  strictEqual((await failureOf(create("larger", 1_048_576)))[0], "ValidationException");
  const { status } = await api.call("CreateStateMachine", { definition: "x".repeat(3_000_000) }, signedFor(account));
  strictEqual(status, 413);
});

test("a client that signs with a key that is no account works within the account of the settings", async () => {
  const client = new SFN({
    endpoint: api.address,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    disableHostPrefix: true,
  });
  const { stateMachineArn } = await client.createStateMachine({ name: "mine", definition: passMachine, roleArn });
  strictEqual(stateMachineArn, "arn:aws:states:us-east-1:123456789012:stateMachine:mine");
  client.destroy();
});
