// Sources: the API reference of AWS Step Functions (API_CreateStateMachine, API_UpdateStateMachine, API_DescribeStateMachine …).
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  account,
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
});
after(() => api.close());

const arnOf = (name: string) => `arn:aws:states:us-east-1:${account}:stateMachine:${name}`;
const create = (name: string, more = {}) =>
  api.client.createStateMachine({ name, definition: passMachine, roleArn, ...more });

test("CreateStateMachine answers the same request with the same machine", async () => {
  const first = await create("same");
  const again = await create("same", { roleArn: `${roleArn}2`, tags: [{ key: "a", value: "b" }] });
  strictEqual(first.stateMachineArn, arnOf("same"));
  deepStrictEqual([again.stateMachineArn, again.creationDate], [first.stateMachineArn, first.creationDate]);
  const { roleArn: kept } = await api.client.describeStateMachine({ stateMachineArn: arnOf("same") });
  strictEqual(kept, roleArn, "a role that differs is ignored");
});

test("CreateStateMachine refuses another definition, type or publishing under the same name", async () => {
  await create("other");
  const exists = ["StateMachineAlreadyExists", `State Machine Already Exists: '${arnOf("other")}'`];
  deepStrictEqual(await failureOf(create("other", { definition: waitMachine })), exists);
  deepStrictEqual(await failureOf(create("other", { type: "EXPRESS" })), exists);
  deepStrictEqual(await failureOf(create("other", { publish: true })), exists);
});

test("CreateStateMachine takes over a workflow that was put without the AWS API, if it is the same", async () => {
  const space = { tenant: account, namespace: "us-east-1" };
  const { Effect } = await import("effect");
  await Effect.runPromise(api.home.engine.putWorkflow({ ...space, name: "taken", definition: passMachine }));
  const described = await api.client.describeStateMachine({ stateMachineArn: arnOf("taken") });
  deepStrictEqual([described.type, described.roleArn], ["STANDARD", `arn:aws:iam::${account}:role/weft`]);
  strictEqual((await failureOf(create("taken", { definition: waitMachine })))[0], "StateMachineAlreadyExists");
  await create("taken");
  strictEqual((await api.client.describeStateMachine({ stateMachineArn: arnOf("taken") })).roleArn, roleArn);
});

test("CreateStateMachine names every error of the definition in one text", async () => {
  const [name, message] = await failureOf(create("bad", { definition: "{}" }));
  strictEqual(name, "InvalidDefinition");
  match(message, /^Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: .* at \/'$/);
});

for (
  const [what, request, wanted] of [
    ["a name with white space", { name: "a b" }, ["InvalidName", "Invalid Name: 'a b'"]],
    ["a role that is none", { roleArn: "nobody" }, ["InvalidArn", "Invalid Role Arn: 'nobody'"]],
    ["logs without a destination", { loggingConfiguration: { level: "ALL" } }, [
      "InvalidLoggingConfiguration",
      "Invalid Logging Configuration: Must specify exactly one Log Destination.",
    ]],
    ["more than fifty tags", {
      tags: Array.from({ length: 51 }, (_, index) => ({ key: `k${index}`, value: "v" })),
    }, ["TooManyTags", "Expected at most 50 tags, but got 51"]],
  ] as const
) {
  test(`CreateStateMachine refuses ${what}`, async () => {
    deepStrictEqual(await failureOf(create("refused", request as object)), wanted);
  });
}

test("UpdateStateMachine draws a new revision only for a change", async () => {
  await create("updated");
  const stateMachineArn = arnOf("updated");
  const none = await api.client.updateStateMachine({ stateMachineArn, definition: passMachine });
  strictEqual(none.revisionId, undefined);
  const first = await api.client.updateStateMachine({ stateMachineArn, definition: waitMachine });
  ok(first.revisionId);
  const again = await api.client.updateStateMachine({ stateMachineArn, definition: waitMachine });
  strictEqual(again.revisionId, first.revisionId);
  const described = await api.client.describeStateMachine({ stateMachineArn });
  deepStrictEqual([described.definition, described.revisionId], [waitMachine, first.revisionId]);
});

test("UpdateStateMachine refuses a call that changes nothing, and a machine or version that it cannot change", async () => {
  await create("unchanged", { publish: true });
  const stateMachineArn = arnOf("unchanged");
  strictEqual((await failureOf(api.client.updateStateMachine({ stateMachineArn })))[0], "MissingRequiredParameter");
  for (const arn of [arnOf("missing"), `${stateMachineArn}:1`]) {
    deepStrictEqual(await failureOf(api.client.updateStateMachine({ stateMachineArn: arn, definition: waitMachine })), [
      "StateMachineDoesNotExist",
      `State Machine Does Not Exist: '${arn}'`,
    ]);
  }
});

test("DescribeStateMachine tells what each state reads of the variables, and AWS's settings", async () => {
  const definition = JSON.stringify({
    StartAt: "Set",
    States: {
      Set: { Type: "Pass", Assign: { b: 1, a: 2 }, Next: "Get" },
      Get: { Type: "Pass", Parameters: { "x.$": "$b", "y.$": "$a" }, End: true },
    },
  });
  await create("reads", { definition });
  const { $metadata: _, creationDate: _date, ...described } = await api.client.describeStateMachine({
    stateMachineArn: arnOf("reads"),
  });
  deepStrictEqual(described, {
    stateMachineArn: arnOf("reads"),
    name: "reads",
    status: "ACTIVE",
    definition,
    roleArn,
    type: "STANDARD",
    loggingConfiguration: { level: "OFF", includeExecutionData: false },
    tracingConfiguration: { enabled: false },
    encryptionConfiguration: { type: "AWS_OWNED_KEY" },
    variableReferences: { Get: ["a", "b"] },
  });
  const bare = await api.client.describeStateMachine({
    stateMachineArn: arnOf("reads"),
    includedData: "METADATA_ONLY",
  });
  deepStrictEqual([bare.definition, bare.variableReferences], [undefined, undefined]);
});

test("ListStateMachines gives every machine once, page by page, by name", async () => {
  const region = await serveAwsApi();
  try {
    const names = ["a", "b", "c", "d", "e"];
    for (const name of names.toReversed()) {
      await region.client.createStateMachine({ name, definition: passMachine, roleArn });
    }
    const seen: (string | undefined)[] = [];
    let nextToken: string | undefined;
    do {
      const page = await region.client.listStateMachines({
        maxResults: 2,
        ...(nextToken === undefined ? {} : { nextToken }),
      });
      seen.push(...(page.stateMachines ?? []).map(({ name }) => name));
      ({ nextToken } = page);
    } while (nextToken !== undefined);
    deepStrictEqual(seen, names);
    deepStrictEqual(await failureOf(region.client.listStateMachines({ nextToken: "made up" })), [
      "InvalidToken",
      "Invalid Token: 'Invalid token'",
    ]);
  } finally {
    await region.close();
  }
});

test("DeleteStateMachine takes versions and aliases with it and aborts what runs; again, it does nothing", async () => {
  const { stateMachineVersionArn = "" } = await create("deleted", { definition: waitMachine, publish: true });
  const stateMachineArn = arnOf("deleted");
  await api.client.createStateMachineAlias({
    name: "live",
    routingConfiguration: [{ stateMachineVersionArn, weight: 100 }],
  });
  const { executionArn } = await api.client.startExecution({ stateMachineArn, name: "runs" });
  await api.client.deleteStateMachine({ stateMachineArn });
  await api.client.deleteStateMachine({ stateMachineArn });
  strictEqual((await failureOf(api.client.describeStateMachine({ stateMachineArn })))[0], "StateMachineDoesNotExist");
  deepStrictEqual((await api.client.listStateMachineVersions({ stateMachineArn })).stateMachineVersions, []);
  strictEqual((await api.client.describeExecution({ executionArn })).status, "ABORTED");
});
