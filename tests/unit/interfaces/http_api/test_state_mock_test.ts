// Source: the API reference of AWS Step Functions (API_TestState, API_MockInput).
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { after, before, test } from "node:test";
import { answeringServices } from "../../../../src/values/mod.ts";
import { failureOf, serveAwsApi, type ServedAwsApi } from "../../../support/aws_api.ts";

let api: ServedAwsApi;
before(async () => {
  api = await serveAwsApi();
});
after(() => api.close());

type Mode = "STRICT" | "PRESENT" | "NONE";

/** Enough for each of the calls to be a valid definition. */
const parameters: Readonly<Record<string, object>> = {
  "sqs:sendMessage": { QueueUrl: "q", MessageBody: "m" },
  "sqs:sendMessage.waitForTaskToken": { QueueUrl: "q", MessageBody: { "Token.$": "$$.Task.Token" } },
  dynamodb: { TableName: "t", Key: {} },
  states: { StateMachineArn: "m" },
  lambda: { FunctionName: "f" },
  "aws-sdk": {},
};

const taskOf = (resource: string) =>
  JSON.stringify({
    Type: "Task",
    Resource: `arn:aws:states:::${resource}`,
    Parameters: parameters[resource] ?? parameters[resource.split(":", 1)[0] ?? ""],
    End: true,
  });

const testMock = (resource: string, result: unknown, mode?: Mode) =>
  api.client.testState({
    definition: taskOf(resource),
    mock: { result: JSON.stringify(result), ...(mode === undefined ? {} : { fieldValidationMode: mode }) },
  });

const started = {
  ExecutionArn: "arn:aws:states:us-east-1:111111111111:execution:m:e",
  StartDate: "2026-01-01T00:00:00Z",
};
const described = {
  ...started,
  StateMachineArn: "arn:aws:states:us-east-1:111111111111:stateMachine:m",
  Status: "SUCCEEDED",
};

const refused: readonly (readonly [string, unknown, Mode | undefined, string])[] = [
  ["sqs:sendMessage", { MessageId: 1 }, undefined, "Field 'MessageId' must be a string"],
  ["sqs:sendMessage", "sent", undefined, "Result must be an object"],
  ["aws-sdk:secretsmanager:listSecrets", { SecretList: {} }, "PRESENT", "Field 'SecretList' must be an array"],
  ["aws-sdk:ecs:describeTasks", { tasks: [], Tasks: [{ Cpu: 1 }] }, "PRESENT", "Field 'Cpu' must be a string"],
  [
    "aws-sdk:kms:describeKey",
    { KeyMetadata: { KeyId: "k", Enabled: "yes" } },
    undefined,
    "Field 'Enabled' must be a boolean",
  ],
  ["aws-sdk:kms:describeKey", { KeyMetadata: { Enabled: true } }, undefined, "Required field 'KeyId' is missing"],
  ["dynamodb:getItem", { Item: { a: { S: 1 } } }, undefined, "Field 'S' must be a string"],
  ["dynamodb:getItem", { Item: { a: "text" } }, undefined, "Field 'a' must be an object"],
  ["states:startExecution", { ExecutionArn: started.ExecutionArn }, undefined, "Required field 'StartDate' is missing"],
  ["states:startExecution.sync", { ...described, Output: {} }, undefined, "Field 'Output' must be a string"],
];
for (const [resource, result, mode, problem] of refused) {
  test(`TestState refuses ${JSON.stringify(result)} as a mocked result of ${resource}`, async () => {
    deepStrictEqual(await failureOf(testMock(resource, result, mode)), [
      "ValidationException",
      `Mock result schema validation error: ${problem}`,
    ]);
  });
}

const accepted: readonly (readonly [string, unknown, Mode | undefined])[] = [
  ["sqs:sendMessage", { MessageId: 1 }, "NONE"],
  ["sqs:sendMessage", { MessageId: "1", SdkHttpMetadata: { HttpStatusCode: 200 }, Other: [1] }, undefined],
  ["aws-sdk:kms:describeKey", { KeyMetadata: { Enabled: true } }, "PRESENT"],
  ["states:startExecution", started, undefined],
  ["states:startExecution.sync", { ...described, Output: "{}" }, undefined],
  ["states:startExecution.sync:2", { ...described, Output: { a: 1 } }, undefined],
  ["sqs:sendMessage.waitForTaskToken", { any: "thing" }, undefined],
  ["lambda:invoke", { Payload: { any: "thing" }, StatusCode: 200 }, undefined],
  ["aws-sdk:unheardof:call", { any: "thing" }, undefined],
];
for (const [resource, result, mode] of accepted) {
  test(`TestState takes ${JSON.stringify(result)} as a mocked result of ${resource}, ${mode ?? "STRICT"}`, async () => {
    const { status, output } = await testMock(resource, result, mode);
    deepStrictEqual([status, JSON.parse(output ?? "")], ["SUCCEEDED", result]);
  });
}

test("TestState takes a mocked error whatever the API's model says", async () => {
  const { status, error } = await api.client.testState({
    definition: taskOf("sqs:sendMessage"),
    mock: { errorOutput: { error: "Sqs.Any", cause: "why" } },
  });
  strictEqual(status, "FAILED");
  strictEqual(error, "Sqs.Any");
});

test("every service whose answers src/values/aws_services.ts names has its shapes: scripts/response_shapes.ts writes them", async () => {
  const folder = new URL("../../../../src/interfaces/http_api/test_state/response_shapes/", import.meta.url);
  const written = (await readdir(folder)).flatMap((name) => /^(.+)\.json$/.exec(name)?.[1] ?? []).sort();
  deepStrictEqual(answeringServices, written);
});
