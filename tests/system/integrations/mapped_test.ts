/** The mapping file: a definition of AWS runs without AWS and without a change. @see docs/integrations.md */
import { deepStrictEqual, match, strictEqual, throws } from "node:assert/strict";
import { after, before, test, type TestContext } from "node:test";
import { connect, type Msg, type NatsConnection } from "@nats-io/transport-node";
import { openEmbeddedHome, openNatsHome } from "../../../src/homes/mod.ts";
import { catalog } from "../../../src/integrations/mod.ts";
import { WeftClient, WeftWorker } from "../../../src/sdk/mod.ts";
import { defaultLimits, type Json } from "../../../src/values/mod.ts";
import { underTest } from "../../support/integrations/both_homes.ts";
import { httpServer } from "../../support/integrations/http_server.ts";
import { type NatsServer, startNatsServer } from "../../support/nats_server.ts";

let server: NatsServer;
let connection: NatsConnection;
before(async () => {
  server = await startNatsServer();
  connection = await connect({ servers: server.url });
});
after(async () => {
  await connection.close();
  await server.stop();
});

const service = (call: string) => `arn:aws:states:::${call}`;
const mapped = (map: Json) => ({ integrations: { map: { path: "map.json", text: JSON.stringify(map) } } });

async function embedded(t: TestContext, map: Json, handlers: Readonly<Record<string, (input: Json) => unknown>> = {}) {
  return underTest(t, await openEmbeddedHome({ handlers, nats: { url: server.url }, ...mapped(map) }));
}

/** Messages at a subject until the test ends. */
async function messagesAt(t: TestContext, subject: string, answer: (message: Msg) => void = () => {}) {
  const seen: Json[] = [];
  const callback = (_failure: unknown, message: Msg) => {
    seen.push(message.json<Json>());
    answer(message);
  };
  const subscription = connection.subscribe(subject, { callback });
  t.after(() => subscription.unsubscribe());
  await connection.flush();
  return seen;
}

test("a queue's message goes to a NATS subject, and the result has the form of SQS's", async (t) => {
  const seen = await messagesAt(t, "orders");
  const { runTask } = await embedded(t, { [service("sqs:sendMessage")]: "nats:publish:orders" });
  const Parameters = { QueueUrl: "https://sqs/1/orders", MessageBody: { order: 7 } };
  const { output } = await runTask({ Resource: service("sqs:sendMessage"), Parameters });
  const { MessageId, ...rest } = output as { readonly MessageId: string };
  match(MessageId, /^[0-9a-f]{32}$/);
  deepStrictEqual(rest, { MD5OfMessageBody: "4db405096ca2c297ffb21aeada277352" });
  await connection.flush();
  deepStrictEqual(seen, [{ order: 7 }]);
});

test("functions become NATS services by their names; what a service answers is their payload", async (t) => {
  await messagesAt(t, "functions.charge", (message) => message.respond('{"paid":true}'));
  const { runTask } = await embedded(t, { [service("lambda:invoke")]: "nats:request:functions.{FunctionName}" });
  const FunctionName = "arn:aws:lambda:us-east-1:123456789012:function:charge";
  const run = async (FunctionName: string) =>
    await runTask({ Resource: service("lambda:invoke"), Parameters: { FunctionName, Payload: { id: 1 } } });
  deepStrictEqual((await run(FunctionName)).output, {
    ExecutedVersion: "$LATEST",
    Payload: { paid: true },
    StatusCode: 200,
  });
  strictEqual((await run("a.b>")).error, "States.Runtime");
});

test("an HTTP endpoint serves a call, may name AWS's errors, and sees the task's id", async (t) => {
  const endpoint = await httpServer(t, ({ body }, response) => {
    const isKnown = JSON.parse(body).Key.id.S === "1";
    response.writeHead(isKnown ? 200 : 400);
    const refusal = { error: "DynamoDB.ResourceNotFoundException", cause: "no such table" };
    response.end(JSON.stringify(isKnown ? { Item: { id: { S: "1" } } } : refusal));
  });
  const { runTask } = await embedded(t, { [service("dynamodb:*")]: { to: `${endpoint.url}/tables/{TableName}` } });
  const run = async (id: string) =>
    await runTask({ Resource: service("dynamodb:getItem"), Parameters: { TableName: "a/b", Key: { id: { S: id } } } });
  deepStrictEqual((await run("1")).output, { Item: { id: { S: "1" } } });
  const failed = await run("2");
  deepStrictEqual([failed.error, failed.cause], ["DynamoDB.ResourceNotFoundException", "no such table"]);
  strictEqual(endpoint.seen[0]?.url, "/tables/b");
  match(String(endpoint.seen[0]?.headers["idempotency-key"]), /^\/\d+\/us-east-1\/t/);
});

test("a handler serves a function's ARN by the worker's name that it is mapped to", async (t) => {
  const map = { "arn:aws:lambda:*:*:function:charge": "worker:charge" };
  const { runTask } = await embedded(t, map, { charge: (input) => ({ charged: input }) });
  const Resource = "arn:aws:lambda:us-east-1:123456789012:function:charge";
  deepStrictEqual((await runTask({ Resource }, { total: 3 })).output, { charged: { total: 3 } });
});

test("a worker on NATS serves a service's call by the name that it is mapped to", async (t) => {
  const map = { [service("aws-sdk:ses:sendEmail")]: "worker:send-email" };
  const home = await openNatsHome({ url: server.url, partitions: 2, version: "0.0.1", ...mapped(map) });
  const { runTask, space } = underTest(t, home, () => close());
  const client = await WeftClient.connect({ servers: [server.url], ...space });
  const handler = () => ({ MessageId: "m" });
  const worker = new WeftWorker({ client, resource: "send-email", handler });
  void worker.run();
  const close = async () => {
    await worker.stop();
    await client.close();
  };
  const { output } = await runTask({ Resource: service("aws-sdk:ses:sendEmail"), Parameters: { Source: "a@b.c" } });
  deepStrictEqual(output, { MessageId: "m" });
});

const wrong: Readonly<Record<string, string>> = {
  "no JSON": "{",
  "no object": "[]",
  "an unknown field": '{"a": {"to": "worker:a", "tto": 1}}',
  "an unknown target": '{"a": "ftp://a"}',
  "a host from a parameter": '{"a": "http://{Host}/"}',
  "what the engine alone can do": '{"arn:aws:states:::states:startExecution.sync": "worker:a"}',
};
for (const [what, text] of Object.entries(wrong)) {
  test(`a mapping file with ${what} is refused, and the message names the file`, () => {
    throws(() => catalog.mapped.setUp({ map: { path: "map.json", text } }, { limits: defaultLimits, stores: {} }), {
      name: "SettingInvalid",
      message: /map\.json/,
    });
  });
}
