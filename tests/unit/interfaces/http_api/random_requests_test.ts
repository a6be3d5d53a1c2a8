// Goal: whatever a caller sends, the answer is one of AWS's names of errors, and never a failure of ours.
// Method: requests that are right but for some members with strange values, drawn from a seed. WEFT_SEED sets it.
import { ok } from "node:assert/strict";
import { test } from "node:test";
import { operations } from "../../../../src/interfaces/http_api/operations/mod.ts";
import type { Json } from "../../../../src/values/mod.ts";
import { caseCount } from "../../../support/case_count.ts";
import { account, passMachine, roleArn, serveAwsApi } from "../../../support/aws_api.ts";
import { SeededRandom } from "../../../support/seeded_random.ts";

const REQUESTS = caseCount(1_500);
const seed = Number(process.env["WEFT_SEED"] ?? Date.now() % 1_000_000);
const arn = (resource: string) => `arn:aws:states:us-east-1:${account}:${resource}`;
const token = (value: Json) => btoa(JSON.stringify(value));

const right: Readonly<Record<string, Json>> = {
  name: "n",
  definition: passMachine,
  roleArn,
  stateMachineArn: arn("stateMachine:m"),
  executionArn: arn("execution:m:x"),
  activityArn: arn("activity:a"),
  mapRunArn: arn("mapRun:m/Map:x"),
  resourceArn: arn("activity:a"),
  stateMachineAliasArn: arn("stateMachine:m:live"),
  stateMachineVersionArn: arn("stateMachine:m:1"),
  taskToken: "t",
  output: "1",
  tags: [],
  tagKeys: ["a"],
  routingConfiguration: [{ stateMachineVersionArn: arn("stateMachine:m:1"), weight: 100 }],
  maxConcurrency: 1,
};
const members =
  `clientToken context description encryptionConfiguration includeExecutionData includedData input inspectionLevel loggingConfiguration maxResults mock nextToken
  publish redriveFilter reverseOrder revisionId severity stateConfiguration stateName statusFilter toleratedFailureCount toleratedFailurePercentage traceHeader
  tracingConfiguration type variables versionDescription workerName`.split(/\s+/).concat(Object.keys(right));
const values: readonly Json[] = [
  ...[null, 0, -1, 1.5, 1e300, true, "", " ", "a", "x".repeat(300), "\ud800", "é\u0000", "__proto__", "constructor"],
  ...["{}", "[]", "not JSON", '{"StartAt":"A"}', '{"__proto__":{"x":1}}', passMachine, "arn:aws:states:::"],
  ...["", "stateMachine:", "stateMachine:m:__proto__", "stateMachine:m/l", "stateMachine:m#Case", "stateMachine:e"].map(
    arn,
  ),
  ...["stateMachine:a/b/c:1:2", "execution:m:../x", "execution:m:weft-0123456-0123456789abcdef", "express:e:x:y"].map(
    arn,
  ),
  ...["activity:a/b", "mapRun:m/l:i", "mapRun:m/l:00000000-0000-4000-8000-000000000000"].map(arn),
  ...[token(["stateMachines", "x"]), token(["stateMachines", {}]), token([]), token("x")],
  ...[[], [1], [{}], [{ key: "k" }], [{ key: 1 }], {}, { a: 1 }, { level: "ALL" }, { result: "{}" }, {
    errorOutput: {},
  }],
];

test(`random requests are answered or refused, and are no failure of ours (seed ${seed})`, async () => {
  const api = await serveAwsApi();
  try {
    await api.client.createStateMachine({ name: "m", definition: passMachine, roleArn, publish: true });
    await api.client.createStateMachine({ name: "e", definition: passMachine, roleArn, type: "EXPRESS" });
    await api.client.createActivity({ name: "a" });
    await api.client.startExecution({ stateMachineArn: arn("stateMachine:m"), name: "x" });
    const random = new SeededRandom(seed);
    // It would wait for a minute.
    const names = [...operations.keys()].filter((name) => name !== "GetActivityTask");
    const authorization =
      `AWS4-HMAC-SHA256 Credential=${account}/20260101/us-east-1/states/aws4_request, SignedHeaders=host, Signature=0`;
    for (let request = 0; request < REQUESTS; request++) {
      const name = names[random.below(names.length)] ?? "";
      const body: Record<string, Json> = { ...right };
      for (let strange = 0; strange <= random.below(3); strange++) {
        body[members[random.below(members.length)] ?? ""] = values[random.below(values.length)] ?? null;
      }
      const { status, body: answer } = await api.call(name, body, { authorization });
      ok(status < 500, `${name} ${JSON.stringify(body)} was answered with ${status} ${JSON.stringify(answer)}`);
    }
  } finally {
    await api.close();
  }
});
