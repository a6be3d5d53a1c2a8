// Goal: what published definitions call is done by an integration once the door to AWS is open; what is not is named here.
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { catalog, settingsFrom } from "../../../src/integrations/mod.ts";
import { defaultLimits } from "../../../src/values/mod.ts";

const surroundings = { limits: defaultLimits, stores: {} };

/** Who does a resource when the environment is so. */
async function doersOf(env: Readonly<Record<string, string>>, resource: string): Promise<readonly string[]> {
  const settings = await settingsFrom({ env, readTextFile: () => Promise.reject(new Error("There is no file")) });
  return Object.values(catalog).flatMap(({ setUp }) => {
    const integration = setUp(settings, surroundings);
    return integration?.handles(resource) === true ? [integration.name] : [];
  });
}

/** By service: calls of AWS's public collections of definitions. */
const calls: Readonly<Record<string, readonly string[]>> = {
  lambda: ["lambda:invoke", "lambda:invoke.waitForTaskToken"],
  dynamodb: ["dynamodb:getItem", "dynamodb:putItem", "dynamodb:updateItem", "dynamodb:deleteItem"],
  messages: ["sns:publish", "sns:publish.waitForTaskToken", "sqs:sendMessage.waitForTaskToken", "events:putEvents"],
  jobs: [
    "athena:startQueryExecution.sync",
    "batch:submitJob.sync",
    "codebuild:startBuild.sync",
    "ecs:runTask.sync",
    "ecs:runTask.waitForTaskToken",
    "elasticmapreduce:createCluster.sync",
    "elasticmapreduce:addStep.sync",
    "emr-serverless:startJobRun.sync",
    "glue:startJobRun.sync",
    "mediaconvert:createJob.sync",
    "sagemaker:createTrainingJob.sync",
  ],
  others: ["bedrock:invokeModel", "athena:getQueryResults", "http:invoke", "states:startExecution.sync:2"],
  sdk:
    "s3 rekognition dynamodb fis transcribe glue ec2 organizations bedrockagent rds cloudformation sfn lambda bedrock polly comprehend redshiftdata config scheduler"
      .split(" ").map((service) => `aws-sdk:${service}:listThings`),
};

for (const [what, resources] of Object.entries(calls)) {
  test(`what definitions call of ${what} is done by exactly one integration when all of AWS's services are open`, async () => {
    for (const call of resources) {
      const resource = `arn:aws:states:::${call}`;
      strictEqual((await doersOf({ WEFT_AWS: "*" }, resource)).length, 1, resource);
    }
  });
}

test("AWS's services are called only where somebody has said so", async () => {
  const put = "arn:aws:states:::dynamodb:putItem";
  const secret = "arn:aws:states:::aws-sdk:secretsmanager:getSecretValue";
  const both = async (env: Readonly<Record<string, string>>) => [
    (await doersOf(env, put)).length,
    (await doersOf(env, secret)).length,
  ];
  const url = "http://127.0.0.1:1";
  deepStrictEqual(await both({ AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret" }), [0, 0]);
  deepStrictEqual(await both({ WEFT_AWS: "dynamodb" }), [1, 0]);
  deepStrictEqual(await both({ AWS_ENDPOINT_URL_SECRETS_MANAGER: url }), [0, 1]);
  deepStrictEqual(await both({ AWS_ENDPOINT_URL: url }), [1, 1]);
  deepStrictEqual(await both({ AWS_ENDPOINT_URL_SFN: url }), [0, 0]);
  deepStrictEqual(await both({ AWS_ENDPOINT_URL: url, WEFT_AWS: "off" }), [0, 0]);
});
