/** Who may do what: every operation of the AWS API and the console, by every role, in every account, on a server that asks. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { after, before, test } from "node:test";
import { SFN } from "@aws-sdk/client-sfn";
import { Effect } from "effect";
import {
  awsActions,
  consoleActions,
  natsActions,
  roleAllows,
  roles,
  schedulerActions,
} from "../../../../src/access/mod.ts";
import { operations } from "../../../../src/interfaces/http_api/operations/mod.ts";
import { endpoints } from "../../../../src/interfaces/nats_api/endpoints.ts";
import { defaultLimits } from "../../../../src/values/mod.ts";
import { FakeEngine } from "../../../support/fake_engine.ts";
import { operations as consoleOperations } from "../../../../src/interfaces/console/operations/mod.ts";
import {
  otherRegion,
  otherTenant,
  region,
  type ServedWithKeys,
  serveWithKeys,
  tenant,
} from "../../../support/access/served_with_keys.ts";
import { failureOf, passMachine, roleArn } from "../../../support/aws_api.ts";

let served: ServedWithKeys;
before(async () => {
  served = await serveWithKeys();
  const { admin } = served.credentials;
  const made = await served.call(admin, "CreateStateMachine", { name: "there", definition: passMachine, roleArn });
  strictEqual(made.status, 200, JSON.stringify(made.body));
});
after(() => served.close());

/** Members that name what an operation is about, with an ARN of this account and region. */
function requestOf(operation: string, account: string, where: string, machine = "absent"): Record<string, unknown> {
  const arn = (type: string) => `arn:aws:states:${where}:${account}:${type}`;
  const machineArn = arn(`stateMachine:${machine}`);
  const byWord: readonly (readonly [pattern: RegExp, request: Record<string, unknown>])[] = [
    [/[Tt]agResource|TagsForResource/, { resourceArn: machineArn, tags: [], tagKeys: [] }],
    [/^(Create|Update|Delete|Describe)StateMachineAlias$/, {
      stateMachineAliasArn: `${machineArn}:live`,
      name: "live",
      routingConfiguration: [{ stateMachineVersionArn: `${machineArn}:1`, weight: 100 }],
    }],
    [/^DeleteStateMachineVersion$/, { stateMachineVersionArn: `${machineArn}:1` }],
    [/MapRun$/, { mapRunArn: arn(`mapRun:${machine}/label:0`), maxConcurrency: 1 }],
    [/^ListMapRuns$|Execution$|^GetExecutionHistory$|^StopExecution$/, {
      executionArn: arn(`execution:${machine}:name`),
      stateMachineArn: machineArn,
    }],
    [/Activity|Activities/, { activityArn: arn(`activity:${machine}`), name: "activity" }],
    [/StateMachine|Executions$/, { stateMachineArn: machineArn, name: "made", definition: "{}", roleArn }],
    [/^SendTask/, { taskToken: "x", output: "{}" }],
    [/^TestState$/, { definition: JSON.stringify({ Type: "Pass", End: true }), roleArn }],
  ];
  return byWord.find(([pattern]) => pattern.test(operation))?.[1] ?? {};
}

const namesNothing = new Set([
  "CreateActivity",
  "CreateStateMachine",
  "ListActivities",
  "ListStateMachines",
  "SendTaskFailure",
  "SendTaskHeartbeat",
  "SendTaskSuccess",
  "TestState",
  "ValidateStateMachineDefinition",
]);

test("every operation of both surfaces is an action, and no action is of an operation that there is not", () => {
  deepStrictEqual([...awsActions.keys()].sort(), [...operations.keys()].sort());
  const known = [...Object.keys(consoleOperations), "overview", "engine", "feed", "stream"];
  deepStrictEqual([...consoleActions.keys()].sort(), known.sort());
  const requests = endpoints(new FakeEngine(), defaultLimits, 1_000, served.standing).map(({ subject }) =>
    subject.replace("weft.api.*.*.", "")
  );
  deepStrictEqual([...natsActions.keys()].sort(), requests.sort());
});

const isDenied = (body: { readonly [name: string]: unknown }) =>
  String(body["__type"] ?? body["code"]).endsWith("AccessDeniedException");

for (const [operation, action] of awsActions) {
  test(`${operation} is for roles with ${action} alone, in their own account and region`, async () => {
    for (const role of roles) {
      const by = served.credentials[role];
      const own = await served.call(by, operation, requestOf(operation, tenant, region));
      strictEqual(isDenied(own.body), !roleAllows(role, action), `${role}: ${JSON.stringify(own.body)}`);
      const elsewhere = await served.call(by, operation, requestOf(operation, tenant, otherRegion), otherRegion);
      strictEqual(isDenied(elsewhere.body), true, `${role} elsewhere: ${JSON.stringify(elsewhere.body)}`);
      if (namesNothing.has(operation)) continue;
      for (const [account, where] of [[otherTenant, region], [tenant, otherRegion]] as const) {
        const foreign = await served.call(by, operation, requestOf(operation, account, where));
        strictEqual(isDenied(foreign.body), true, `${role} in ${account} ${where}: ${JSON.stringify(foreign.body)}`);
      }
    }
  });
}

for (const [request, action] of natsActions) {
  test(`the request ${request} over HTTP is for roles with ${action} alone, in their own space`, async () => {
    for (const role of roles) {
      for (
        const [query, isHis] of [
          ["", true],
          [`?tenant=${tenant}&namespace=${region}`, true],
          [`?tenant=${otherTenant}&namespace=${region}`, false],
          [`?tenant=${tenant}&namespace=${otherRegion}`, false],
        ] as const
      ) {
        const { body } = await served.call(served.credentials[role], `/weft/api/${request}`, {}, region, query);
        strictEqual(isDenied(body), !(isHis && roleAllows(role, action)), `${role} ${query} ${JSON.stringify(body)}`);
      }
    }
  });
}

for (const [operation, action] of consoleActions) {
  if (operation === "stream" || operation === "feed") continue;
  test(`the console's ${operation} is for roles with ${action} alone, in their own space`, async () => {
    for (const role of roles) {
      for (
        const [asked, isHis] of [
          [{}, true],
          [{ tenant, namespace: region }, true],
          [{ tenant: otherTenant, namespace: region }, false],
          [{ tenant, namespace: otherRegion }, false],
        ] as const
      ) {
        const request = {
          executionId: `/${tenant}/${region}/e0000000/0000000000000000`,
          arn: `arn:aws:states:${region}:${tenant}:execution:absent:name`,
          event: 1,
          taskId: `/${tenant}/${region}/t0000000/0000000000000000`,
          output: {},
          ...asked,
        };
        const { body } = await served.call(served.credentials[role], `/weft/${operation}`, request);
        const isAccepted = body["code"] !== "InvalidArgument";
        if (isAccepted) {
          strictEqual(
            isDenied(body),
            !(isHis && roleAllows(role, action)),
            `${role} ${JSON.stringify({ asked, body })}`,
          );
        }
      }
    }
  });
}

test("a browser signs in with a key's id and secret, and may what the key's role may; the AWS API takes signatures alone", async () => {
  const { address, credentials } = served;
  const { viewer } = credentials;
  const basic = (id: string, secret: string) => ({ authorization: `Basic ${btoa(`${id}:${secret}`)}` });
  const page = (headers: Record<string, string>) => fetch(`${address}/console/`, { headers });
  const ask = (operation: string, headers: Record<string, string>) =>
    fetch(`${address}/weft/${operation}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: "{}",
    });
  const refused: readonly Record<string, string>[] = [
    {},
    basic(viewer.accessKeyId, credentials.admin.secretAccessKey),
    basic(viewer.accessKeyId, ""),
    basic("AKNOSUCHKEY", viewer.secretAccessKey),
    { authorization: "Basic !!" },
    { authorization: `Basic ${btoa("no colon")}` },
  ];
  for (const headers of refused) {
    for (const answer of [await page(headers), await ask("overview", headers)]) {
      strictEqual(answer.status, 401);
      match(answer.headers.get("www-authenticate") ?? "", /^Basic realm=/);
      await answer.text();
    }
  }
  const signedIn = basic(viewer.accessKeyId, viewer.secretAccessKey);
  const shown = await page(signedIn);
  strictEqual(shown.status, 200);
  match(await shown.text(), /<!doctype html>/i);
  const overview = await ask("overview", signedIn);
  strictEqual(overview.status, 200);
  strictEqual((await overview.json() as { tenant: string }).tenant, tenant);
  const denied = await ask("executions/stop", signedIn);
  ok([400, 403].includes(denied.status));
  await denied.text();
  const aws = await fetch(address, {
    method: "POST",
    headers: { "x-amz-target": "AWSStepFunctions.ListStateMachines", ...signedIn },
    body: "{}",
  });
  strictEqual(aws.ok, false);
  await aws.text();
});

for (const [method, action] of schedulerActions) {
  test(`the scheduler's ${method} is for roles with ${action} alone, in a region of their own`, async () => {
    for (const role of roles) {
      for (const [where, isHis] of [[region, true], [otherRegion, false]] as const) {
        const { status, errorType } = await served.schedule(served.credentials[role], method, where);
        const isRefused = errorType === "AccessDeniedException";
        strictEqual(isRefused, !(isHis && roleAllows(role, action)), `${role} in ${where}: ${status} ${errorType}`);
      }
    }
  });
}

test("the console finds no execution of another account by its ARN", async () => {
  for (const [account, where] of [[otherTenant, region], [tenant, otherRegion]]) {
    const arn = `arn:aws:states:${where}:${account}:execution:there:name`;
    const { status, body } = await served.call(served.credentials.admin, "/weft/executions/find", { arn });
    deepStrictEqual([status, isDenied(body)], [403, true]);
  }
});

test("a denial is the same whether the thing exists or not", async () => {
  for (const operation of ["DescribeStateMachine", "DeleteStateMachine", "StartExecution", "ListExecutions"]) {
    for (const by of [served.credentials.worker, served.stranger]) {
      const [there, absent] = await Promise.all(
        ["there", "absent"].map((machine) => served.call(by, operation, requestOf(operation, tenant, region, machine))),
      );
      strictEqual(isDenied(there?.body ?? {}), true);
      strictEqual(JSON.stringify(there).replaceAll(":there", ":absent"), JSON.stringify(absent));
    }
  }
});

test("nothing is answered without a signature, but whether the server is up", async () => {
  const { address } = served;
  const bare = await fetch(address, {
    method: "POST",
    headers: { "x-amz-target": "AWSStepFunctions.ListStateMachines" },
  });
  const { __type } = await bare.json() as { readonly __type: string };
  deepStrictEqual([bare.status, __type], [400, "com.amazon.coral.service#MissingAuthenticationTokenException"]);
  const asked = await fetch(`${address}/weft/executions/list`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  strictEqual(asked.status, 401);
  await asked.body?.cancel();
  const stream = await fetch(`${address}/weft/stream`);
  strictEqual(stream.status, 401);
  await stream.body?.cancel();
  const health = await fetch(`${address}/health`);
  strictEqual(health.status, 200);
  await health.body?.cancel();
});

function sdk(accessKeyId: string, secretAccessKey: string, more: { readonly sessionToken?: string } = {}): SFN {
  const credentials = { accessKeyId, secretAccessKey, ...more };
  return new SFN({ endpoint: served.address, region, credentials, disableHostPrefix: true, maxAttempts: 1 });
}

test("AWS's client runs an execution with a key, and is told by AWS's names why it may not", async () => {
  const { developer, worker } = served.credentials;
  const client = sdk(developer.accessKeyId, developer.secretAccessKey);
  const stateMachineArn = `arn:aws:states:${region}:${tenant}:stateMachine:there`;
  const { executionArn } = await client.startExecution({ stateMachineArn, input: '{"é":"𝄞"}', name: "signed" });
  strictEqual((await client.describeExecution({ executionArn })).input, '{"é":"𝄞"}');
  const name = async (call: Promise<unknown>) => (await failureOf(call))[0];
  deepStrictEqual([
    await name(sdk(developer.accessKeyId, "wrong").listStateMachines({})),
    await name(sdk("123456789012", "any").listStateMachines({})),
    await name(sdk("WEFTAAAAAAAAAAAAAAAA", "any").listStateMachines({})),
    await name(sdk(developer.accessKeyId, developer.secretAccessKey, { sessionToken: "x" }).listStateMachines({})),
    await name(sdk(worker.accessKeyId, worker.secretAccessKey).startExecution({ stateMachineArn })),
  ], [
    "InvalidSignatureException",
    "UnrecognizedClientException",
    "UnrecognizedClientException",
    "UnrecognizedClientException",
    "AccessDeniedException",
  ]);
  client.destroy();
});

test("a denial says who may not do what, as AWS says it", async () => {
  const { accessKeyId } = served.credentials.viewer;
  const { body } = await served.call(
    served.credentials.viewer,
    "StartExecution",
    requestOf("StartExecution", tenant, region),
  );
  match(
    String(body["message"]),
    new RegExp(
      `^User: arn:aws:iam::${tenant}:user/${accessKeyId} is not authorized to perform: states:StartExecution on resource: arn:`,
    ),
  );
});

test("a body that is no UTF-8 is refused", async () => {
  const { address, keys } = served;
  ok(await Effect.runPromise(keys.hasAny()));
  const response = await fetch(address, { method: "POST", body: new Uint8Array([0xff, 0xfe]) });
  strictEqual(response.status, 400);
  await response.body?.cancel();
});
