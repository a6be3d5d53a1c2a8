// The tests of the AWS API again, on the NATS home.
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import { WeftClient } from "../../../../src/sdk/mod.ts";
import { account, asked, passMachine, roleArn, serveAwsApi } from "../../../support/aws_api.ts";
import { lastServerUrl, serveFromNats } from "../../../support/aws_api_on_nats.ts";

serveFromNats();
await import("../../../unit/interfaces/http_api/activities_test.ts");
await import("../../../unit/interfaces/http_api/executions_test.ts");
await import("../../../unit/interfaces/http_api/map_runs_test.ts");
await import("../../../unit/interfaces/http_api/redrive_test.ts");
await import("../../../unit/interfaces/http_api/state_machines_test.ts");
await import("../../../unit/interfaces/http_api/versions_test.ts");

test("an execution that was started by the AWS API is seen over NATS, in the account's tenant and the region's namespace", async () => {
  const api = await serveAwsApi();
  const client = await WeftClient.connect({ servers: lastServerUrl(), tenant: account, namespace: "us-east-1" });
  try {
    const { stateMachineArn } = await api.client.createStateMachine({
      name: "seen",
      definition: passMachine,
      roleArn,
    });
    const { executionArn } = await api.client.startExecution({ stateMachineArn, input: "[1]" });
    await asked(() => api.client.describeExecution({ executionArn }), ({ status }) => status === "SUCCEEDED");
    const { executions } = await client.listPage({ workflow: "seen" });
    deepStrictEqual(executions.map(({ status, workflow }) => [status, workflow]), [["Succeeded", "seen"]]);
  } finally {
    await client.close();
    await api.close();
  }
});

test("an execution is redriven over NATS", async () => {
  const api = await serveAwsApi();
  const client = await WeftClient.connect({ servers: lastServerUrl(), tenant: account, namespace: "us-east-1" });
  try {
    const fail = { StartAt: "F", States: { F: { Type: "Fail", Error: "E" } } };
    await client.putWorkflow({ name: "fails", definition: fail });
    const { executionId } = await client.run({ workflow: "fails", input: 1 });
    deepStrictEqual(await client.redrive(executionId, { clientToken: "a" }), {
      executionId,
      status: "Failed",
      redriveCount: 1,
    });
    deepStrictEqual((await client.redrive(executionId)).redriveCount, 2);
  } finally {
    await client.close();
    await api.close();
  }
});
