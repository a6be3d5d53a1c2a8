// Goal: what CDK, SAM and Serverless make is put on a server by `weft import`, only the difference, and runs there.
import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import type { JsonObject } from "../../../../src/values/mod.ts";
import { account, serveAwsApi, type ServedAwsApi } from "../../../support/aws_api.ts";
import { weft } from "../../../support/cli/weft.ts";
import { dynaliteServer } from "../../../support/integrations/dynalite_server.ts";
import { httpServer } from "../../../support/integrations/http_server.ts";

const cdk = await readFile(new URL("../../../support/templates/shop.template.json", import.meta.url), "utf8");

const DEFINITION = "StartAt: Done\nStates:\n  Done: {Type: Succeed, Comment: '${Note}'}\n";

/** Imports a template of this text, with a definition in a file beside it. */
async function imported(api: ServedAwsApi, text: string, ...flags: readonly string[]) {
  const argv = ["import", "stack/template.yaml", "--endpoint", api.address, "--account", account, ...flags];
  const { code, out, err } = await weft(argv, ({ io }) => {
    io.files.set("stack/template.yaml", text).set("stack/order.asl.yaml", DEFINITION);
  });
  return { exitCode: code, lines: out.split("\n").slice(0, -1), errors: err };
}

test("a CDK app with a function, Map, Parallel, a table and a nested machine is imported as its plan says, and runs", async (t) => {
  const functions = await httpServer(t, ({ body }, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(String(JSON.parse(body).item * 2));
  });
  const dynamodb = await dynaliteServer(t);
  const credentials = { accessKeyId: "key", secretAccessKey: "secret" };
  const aws = { endpoints: { dynamodb }, region: "us-east-1", credentials };
  const api = await serveAwsApi({ integrations: { lambdaEndpoint: functions.url, aws } });
  t.after(() => api.close());
  const plan = [
    "+ activity pack",
    "+ state machine receipt",
    "+ state machine order",
    "+ version order",
    "+ alias order:live",
  ];
  const shown = await imported(api, cdk);
  deepStrictEqual([shown.exitCode, shown.lines], [0, plan]);
  deepStrictEqual((await api.client.listStateMachines({})).stateMachines, []);
  deepStrictEqual((await imported(api, cdk, "--apply")).lines, plan);
  const again = await imported(api, cdk, "--apply");
  deepStrictEqual(again.lines, plan.map((line) => line.replace("+", "=")));
  match(again.errors, /nothing to do/);

  const arn = `arn:aws:states:us-east-1:${account}:stateMachine:`;
  const tables = await run(api, `${arn}tables`, {}, {
    StartAt: "Make",
    States: {
      Make: {
        Type: "Task",
        Resource: "arn:aws:states:::aws-sdk:dynamodb:createTable",
        Parameters: {
          TableName: "orders",
          AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
          KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
          BillingMode: "PAY_PER_REQUEST",
        },
        Next: "Look",
      },
      Look: {
        Type: "Task",
        Resource: "arn:aws:states:::aws-sdk:dynamodb:describeTable",
        Parameters: { TableName: "orders" },
        Next: "There?",
      },
      "There?": {
        Type: "Choice",
        Choices: [{ Variable: "$.Table.TableStatus", StringEquals: "ACTIVE", Next: "Done" }],
        Default: "Look",
      },
      Done: { Type: "Succeed" },
    },
  });
  strictEqual(tables.status, "SUCCEEDED", tables.cause);
  const order = await run(api, `${arn}order:live`, { id: "o1", items: [1, 2, 3] });
  strictEqual(order.status, "SUCCEEDED", order.cause);
  const { prices, both } = JSON.parse(order.output ?? "{}") as JsonObject;
  deepStrictEqual(prices, [{ price: 2 }, { price: 4 }, { price: 6 }]);
  deepStrictEqual((both as JsonObject[])[1], { receipt: "Order o1" });
});

async function run(api: ServedAwsApi, stateMachineArn: string, input: JsonObject, definition?: JsonObject) {
  if (definition !== undefined) {
    const name = stateMachineArn.split(":").at(-1) ?? "";
    const role = `arn:aws:iam::${account}:role/worker`;
    await api.client.createStateMachine({ name, definition: JSON.stringify(definition), roleArn: role });
  }
  const { executionArn } = await api.client.startExecution({ stateMachineArn, input: JSON.stringify(input) });
  for (;;) {
    const execution = await api.client.describeExecution({ executionArn });
    if (execution.status !== "RUNNING") return execution;
  }
}

const sam = (note: string) => `
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: {Type: String}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  Order:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: !Sub "order-\${Stage}"
      DefinitionUri: order.asl.yaml
      DefinitionSubstitutions:
        Note: !If [IsProd, careful, !Sub "\${AWS::Region} ${note}"]
      Type: EXPRESS
      AutoPublishAlias: live
  Pack:
    Type: AWS::StepFunctions::Activity
    Condition: IsProd
    Properties: {Name: pack}
`;

test("a SAM template in YAML takes parameters, conditions and a definition in a YAML file beside it; a change is an update", async (t) => {
  const api = await serveAwsApi();
  t.after(() => api.close());
  const missing = await imported(api, sam("x"));
  strictEqual(missing.exitCode, 2);
  match(missing.errors, /--parameter Stage=VALUE/);
  const first = await imported(api, sam("x"), "--apply", "--parameter", "Stage=dev");
  deepStrictEqual([first.exitCode, first.lines], [0, [
    "+ state machine order-dev",
    "+ version order-dev",
    "+ alias order-dev:live",
  ]]);
  const stateMachineArn = `arn:aws:states:us-east-1:${account}:stateMachine:order-dev`;
  const { definition, type } = await api.client.describeStateMachine({ stateMachineArn });
  deepStrictEqual([type, JSON.parse(definition ?? "").States.Done.Comment], ["EXPRESS", "us-east-1 x"]);
  const changed = await imported(api, sam("y"), "--apply", "--parameter", "Stage=dev");
  deepStrictEqual(changed.lines, ["~ state machine order-dev", "+ version order-dev", "~ alias order-dev:live"]);
  const { routingConfiguration } = await api.client.describeStateMachineAlias({
    stateMachineAliasArn: `${stateMachineArn}:live`,
  });
  strictEqual(routingConfiguration?.[0]?.stateMachineVersionArn, `${stateMachineArn}:2`);
});

test("a template that cannot be is refused by what is wrong with it, before anything is asked of the server", async (t) => {
  const api = await serveAwsApi();
  t.after(() => api.close());
  const wrong: Readonly<Record<string, RegExp>> = {
    "Resources: {A: {Type: AWS::StepFunctions::StateMachine}}": /has no definition/,
    "Resources: {A: {Type: AWS::StepFunctions::Activity, Properties: {Name: !Ref B}}}": /refers to "B"/,
    "Resources: {A: {Type: AWS::StepFunctions::Activity, Properties: {Name: !Ref A}}}": /do not end/,
    "Resources: [": /is no YAML/,
    "- 1": /to be an object/,
  };
  for (const [text, message] of Object.entries(wrong)) {
    const { exitCode, errors } = await imported(api, text, "--apply");
    strictEqual(exitCode, 2, errors);
    match(errors, message);
  }
});
