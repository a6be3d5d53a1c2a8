// Sources: API_PublishStateMachineVersion, API_CreateStateMachineAlias and their kin; API_TagResource.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { after, before, test } from "node:test";
import { account, asked, failureOf, roleArn, serveAwsApi, type ServedAwsApi } from "../../../support/aws_api.ts";

let api: ServedAwsApi;
before(async () => {
  api = await serveAwsApi();
});
after(() => api.close());

const arnOf = (name: string) => `arn:aws:states:us-east-1:${account}:stateMachine:${name}`;
/** A machine whose output is this text. */
const saying = (text: string) =>
  JSON.stringify({ StartAt: "Say", States: { Say: { Type: "Pass", Result: text, End: true } } });
const outputOf = async (stateMachineArn: string) => {
  const { executionArn } = await api.client.startExecution({ stateMachineArn });
  return await asked(() => api.client.describeExecution({ executionArn }), ({ status }) => status !== "RUNNING");
};

/** A machine with so many versions, each saying its number. */
async function machineWith(name: string, versions: number): Promise<string> {
  const stateMachineArn = arnOf(name);
  await api.client.createStateMachine({ name, definition: saying("1"), roleArn, publish: true });
  for (let version = 2; version <= versions; version++) {
    await api.client.updateStateMachine({ stateMachineArn, definition: saying(String(version)), publish: true });
  }
  return stateMachineArn;
}

test("a version keeps its definition, its number rises, and an unchanged revision is published once", async () => {
  const stateMachineArn = await machineWith("kept", 2);
  const again = await api.client.publishStateMachineVersion({ stateMachineArn });
  strictEqual(again.stateMachineVersionArn, `${stateMachineArn}:2`);
  strictEqual((await outputOf(`${stateMachineArn}:1`)).output, '"1"');
  const { output, stateMachineVersionArn } = await outputOf(`${stateMachineArn}:2`);
  deepStrictEqual([output, stateMachineVersionArn], ['"2"', `${stateMachineArn}:2`]);
  await api.client.deleteStateMachineVersion({ stateMachineVersionArn: `${stateMachineArn}:2` });
  await api.client.updateStateMachine({ stateMachineArn, definition: saying("3"), publish: true });
  const { stateMachineVersions = [] } = await api.client.listStateMachineVersions({ stateMachineArn });
  deepStrictEqual(stateMachineVersions.map((version) => version.stateMachineVersionArn?.slice(-2)), [":3", ":1"]);
});

test("PublishStateMachineVersion refuses a revision that is not the present one", async () => {
  const stateMachineArn = await machineWith("revised", 1);
  await api.client.publishStateMachineVersion({ stateMachineArn, revisionId: "INITIAL" });
  const { revisionId = "" } = await api.client.updateStateMachine({ stateMachineArn, definition: saying("x") });
  const refused = api.client.publishStateMachineVersion({ stateMachineArn, revisionId: "INITIAL" });
  strictEqual((await failureOf(refused))[0], "ConflictException");
  strictEqual(
    (await api.client.publishStateMachineVersion({ stateMachineArn, revisionId })).stateMachineVersionArn,
    `${stateMachineArn}:2`,
  );
});

test("ListStateMachineVersions goes page by page, newest first", async () => {
  const stateMachineArn = await machineWith("paged", 5);
  const seen: (string | undefined)[] = [];
  let nextToken: string | undefined;
  do {
    const page = await api.client.listStateMachineVersions({
      stateMachineArn,
      maxResults: 2,
      ...(nextToken === undefined ? {} : { nextToken }),
    });
    seen.push(...(page.stateMachineVersions ?? []).map(({ stateMachineVersionArn }) => stateMachineVersionArn));
    ({ nextToken } = page);
  } while (nextToken !== undefined);
  deepStrictEqual(seen, [5, 4, 3, 2, 1].map((version) => `${stateMachineArn}:${version}`));
});

test("an alias sends starts to its versions by weight, and executions are listed by it", async () => {
  const stateMachineArn = await machineWith("routed", 2);
  const route = (version: number, weight: number) => ({
    stateMachineVersionArn: `${stateMachineArn}:${version}`,
    weight,
  });
  const routingConfiguration = [route(1, 50), route(2, 50)];
  const { stateMachineAliasArn = "" } = await api.client.createStateMachineAlias({
    name: "live",
    routingConfiguration,
  });
  const outputs = new Set<string | undefined>();
  // 100 starts that all go one way: once in 2^99.
  for (let start = 0; start < 100 && outputs.size < 2; start++) {
    outputs.add((await outputOf(stateMachineAliasArn)).output);
  }
  deepStrictEqual([...outputs].sort(), ['"1"', '"2"']);
  await api.client.updateStateMachineAlias({ stateMachineAliasArn, routingConfiguration: [route(2, 100)] });
  const { output, stateMachineAliasArn: shown, stateMachineVersionArn } = await outputOf(stateMachineAliasArn);
  deepStrictEqual([output, shown, stateMachineVersionArn], ['"2"', stateMachineAliasArn, `${stateMachineArn}:2`]);
  const { executions = [] } = await api.client.listExecutions({ stateMachineArn: stateMachineAliasArn });
  ok(executions.length > 2 && executions.every((one) => one.stateMachineAliasArn === stateMachineAliasArn));
});

test("a version that an alias names cannot be deleted; without the alias it can", async () => {
  const stateMachineArn = await machineWith("named", 1);
  const stateMachineVersionArn = `${stateMachineArn}:1`;
  const { stateMachineAliasArn } = await api.client.createStateMachineAlias({
    name: "holds",
    routingConfiguration: [{ stateMachineVersionArn, weight: 100 }],
  });
  strictEqual(
    (await failureOf(api.client.deleteStateMachineVersion({ stateMachineVersionArn })))[0],
    "ConflictException",
  );
  await api.client.deleteStateMachineAlias({ stateMachineAliasArn });
  await api.client.deleteStateMachineAlias({ stateMachineAliasArn }); // gone already: AWS says nothing of it
  await api.client.deleteStateMachineVersion({ stateMachineVersionArn });
  strictEqual(
    (await failureOf(api.client.describeStateMachineAlias({ stateMachineAliasArn })))[0],
    "ResourceNotFound",
  );
  strictEqual(
    (await failureOf(api.client.startExecution({ stateMachineArn: stateMachineVersionArn })))[0],
    "StateMachineDoesNotExist",
  );
});

test("an alias refuses weights that do not make 100, versions that are missing, and names that look like versions", async () => {
  const stateMachineArn = await machineWith("checked", 2);
  const create = (name: string, ...weights: readonly (readonly [number, number])[]) =>
    failureOf(api.client.createStateMachineAlias({
      name,
      routingConfiguration: weights.map(([version, weight]) => ({
        stateMachineVersionArn: `${stateMachineArn}:${version}`,
        weight,
      })),
    }));
  strictEqual((await create("a", [1, 50], [2, 49]))[0], "ValidationException");
  strictEqual((await create("a", [1, 50], [1, 50]))[0], "ValidationException");
  strictEqual((await create("a", [9, 100]))[0], "ResourceNotFound");
  strictEqual((await create("12", [1, 100]))[0], "ValidationException");
  strictEqual((await create("a", [1, 100]))[0], "none");
  strictEqual((await create("a", [1, 100]))[0], "none", "the same again is the same alias");
  strictEqual((await create("a", [2, 100]))[0], "ConflictException");
});

test("tags are put, replaced, listed and taken off, on machines and activities", async () => {
  const machine = await machineWith("tagged", 1);
  const { activityArn = "" } = await api.client.createActivity({ name: "tagged", tags: [{ key: "a", value: "1" }] });
  for (const resourceArn of [machine, activityArn]) {
    await api.client.tagResource({ resourceArn, tags: [{ key: "a", value: "2" }, { key: "b", value: "" }] });
    await api.client.untagResource({ resourceArn, tagKeys: ["b", "never there"] });
    deepStrictEqual((await api.client.listTagsForResource({ resourceArn })).tags, [{ key: "a", value: "2" }]);
  }
  const many = Array.from({ length: 50 }, (_, index) => ({ key: `k${index}`, value: "v" }));
  strictEqual((await failureOf(api.client.tagResource({ resourceArn: machine, tags: many })))[0], "TooManyTags");
  const keys = Array.from({ length: 10 }, (_, index) => `side-by-side-${index}`);
  await Promise.all(
    keys.map((key) => api.client.tagResource({ resourceArn: activityArn, tags: [{ key, value: "v" }] })),
  );
  const { tags = [] } = await api.client.listTagsForResource({ resourceArn: activityArn });
  deepStrictEqual(tags.map(({ key }) => key).sort(), ["a", ...keys]);
  strictEqual(
    (await failureOf(api.client.listTagsForResource({ resourceArn: arnOf("none") })))[0],
    "ResourceNotFound",
  );
});
