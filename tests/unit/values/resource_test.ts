// Goal: every text is exactly one kind of resource, and nothing of it is lost. Method: a table, then texts made of the parts that
// resources are made of, in any order.
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { isCallback, parseResource, patternSuffix, type Resource } from "../../../src/values/mod.ts";
import { SeededRandom } from "../../support/seeded_random.ts";

const service = (
  service: string,
  action: string,
  pattern: "Request" | "Sync" | "Sync2" | "Callback" = "Request",
): Resource => ({ kind: "Service", isSdk: false, service, action, call: `${service}:${action}`, pattern });
const sdk = (service: string, action: string, pattern: "Request" | "Callback" = "Request"): Resource => ({
  kind: "Service",
  isSdk: true,
  service,
  action,
  call: `aws-sdk:${service}:${action}`,
  pattern,
});
const functionArn = "arn:aws:lambda:us-east-1:111111111111:function";

const cases: readonly (readonly [text: string, resource: Resource])[] = [
  ["arn:aws:states:::sqs:sendMessage", service("sqs", "sendMessage")],
  ["arn:aws-us-gov:states:::sqs:sendMessage.waitForTaskToken", service("sqs", "sendMessage", "Callback")],
  ["arn:aws:states:::states:startExecution.sync", service("states", "startExecution", "Sync")],
  ["arn:aws:states:::states:startExecution.sync:2", service("states", "startExecution", "Sync2")],
  ["arn:aws:states:::states:startExecution.sync:3", service("states", "startExecution.sync:3")],
  ["arn:aws:states:::aws-sdk:dynamodb:putItem", sdk("dynamodb", "putItem")],
  ["arn:aws:states:::aws-sdk:sqs:sendMessage.waitForTaskToken", sdk("sqs", "sendMessage", "Callback")],
  [
    "arn:aws:states:::lambda",
    { kind: "Service", isSdk: false, service: "lambda", action: "", call: "lambda", pattern: "Request" },
  ],
  ["arn:aws:states:::", { kind: "Service", isSdk: false, service: "", action: "", call: "", pattern: "Request" }],
  ["arn:aws:states:::a:b.sync.waitForTaskToken", service("a", "b.sync", "Callback")],
  [`${functionArn}:charge`, { kind: "Function", name: "charge", qualifier: undefined, pattern: "Request" }],
  [`${functionArn}:charge:live`, { kind: "Function", name: "charge", qualifier: "live", pattern: "Request" }],
  [
    "arn:aws:lambda:us-east-1:111111111111:layer:one",
    { kind: "Function", name: "", qualifier: undefined, pattern: "Request" },
  ],
  [
    "arn:aws:states:us-east-1:111111111111:activity:charge",
    { kind: "Activity", region: "us-east-1", account: "111111111111", name: "charge", pattern: "Request" },
  ],
  ["nats:request:orders.charge", { kind: "Nats", action: "request", subject: "orders.charge", pattern: "Request" }],
  ["nats:publish:a.sync", { kind: "Nats", action: "publish", subject: "a.sync", pattern: "Request" }],
  ["nats:request:a.waitForTaskToken", { kind: "Nats", action: "request", subject: "a", pattern: "Callback" }],
  ["nats:request:a:b", { kind: "Nats", action: "request", subject: "a:b", pattern: "Request" }],
  ["weft:files:getObject", { kind: "Engine", service: "files", action: "getObject", pattern: "Request" }],
  ["weft:mapRun", { kind: "Engine", service: "mapRun", action: "", pattern: "Request" }],
  ["charge", { kind: "Worker", name: "charge", pattern: "Request" }],
  ["charge.sync", { kind: "Worker", name: "charge.sync", pattern: "Request" }],
  ["charge.waitForTaskToken", { kind: "Worker", name: "charge.waitForTaskToken", pattern: "Callback" }],
  ["arn:aws:s3:::bucket", { kind: "Worker", name: "arn:aws:s3:::bucket", pattern: "Request" }],
  ["nats", { kind: "Worker", name: "nats", pattern: "Request" }],
  ["", { kind: "Worker", name: "", pattern: "Request" }],
];

for (const [text, resource] of cases) {
  test(`parseResource() reads "${text}" as ${resource.kind}, ${resource.pattern}`, () => {
    deepStrictEqual(parseResource(text), resource);
    deepStrictEqual(parseResource(text), resource, "remembered");
    strictEqual(isCallback(text), resource.pattern === "Callback");
  });
}

const parts = ["arn", "aws", "aws-cn", "states", "lambda", "", "sqs", "activity", "nats", "weft", "request", "aws-sdk"]
  .concat(["function", "a", "\n", "é", ".sync", ".sync:2", ".waitForTaskToken", "constructor", "__proto__"]);

test("parseResource() takes any text, says the same of it again, and of a service loses nothing", () => {
  const random = new SeededRandom(1);
  for (let round = 0; round < 5_000; round += 1) {
    const text = Array.from({ length: random.below(8) }, () => parts[random.below(parts.length)] ?? "").join(":")
      .replaceAll(":.", ".");
    const resource = parseResource(text);
    deepStrictEqual(parseResource(text), resource);
    strictEqual(resource.pattern === "Callback", isCallback(text));
    if (resource.kind === "Service") {
      const told = `:states:::${resource.call}${patternSuffix[resource.pattern]}`;
      strictEqual(text.slice(-told.length), told);
    } else if (resource.kind === "Worker") strictEqual(resource.name, text);
  }
});
