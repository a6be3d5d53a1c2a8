// Goal: each message of a subject starts one execution, with the input that the trigger makes of it; what cannot start anything is laid
// aside after as many refusals as the trigger says.
// Method: a NATS home and a stream of the test's own; what happens is waited for by the feed and by subscriptions.
import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { after, before, test } from "node:test";
import { jetstream, type JetStreamClient, jetstreamManager } from "@nats-io/jetstream";
import { connect, headers, type NatsConnection } from "@nats-io/transport-node";
import { type Home } from "../../../src/homes/home.ts";
import { openNatsHome } from "../../../src/homes/nats.ts";
import { WeftClient } from "../../../src/sdk/mod.ts";
import { type NatsServer, startNatsServer } from "../../support/nats_server.ts";

let server: NatsServer;
let home: Home;
let client: WeftClient;
let connection: NatsConnection;
let stream: JetStreamClient;

before(async () => {
  server = await startNatsServer();
  home = await openNatsHome({ url: server.url, version: "0.0.0", partitions: 2 });
  client = await WeftClient.connect({ servers: server.url });
  connection = await connect({ servers: server.url, noAsyncTraces: true });
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: "SHOP", subjects: ["shop.>"] });
  stream = jetstream(connection);
  await client.putWorkflow({
    name: "order",
    definition: { StartAt: "Pass", States: { Pass: { Type: "Pass", End: true } } },
  });
});
after(async () => {
  await connection.close();
  await client.close();
  await home.close();
  await server.stop();
});

/** Inputs of the executions of a workflow, once there are so many; sorted as text. */
async function inputs(workflow: string, count: number): Promise<unknown[]> {
  for (;;) {
    const changed = new Promise<void>((resolve) => {
      const forget = home.onEvents(() => {
        forget();
        resolve();
      });
    });
    const { executions } = await client.listPage({ workflow, limit: 100 });
    if (executions.length >= count) {
      const all = await Promise.all(executions.map(({ executionId }) => client.describe(executionId)));
      return all.map(({ input }) => input).toSorted((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
    }
    await changed;
  }
}

test("a message's data is the input, and one message id is one execution however often it is sent", async () => {
  await client.triggers.put({ name: "orders", subject: "shop.orders.*", stateMachine: "order", from: "oldest" });
  await stream.publish("shop.orders.1", JSON.stringify({ id: 1 }), { msgID: "a" });
  // As after the stream's own window for repeats: kept twice, with one id.
  const again = headers();
  again.set("Nats-Msg-Id", "a");
  const manager = await jetstreamManager(connection);
  await manager.streams.update("SHOP", { duplicate_window: 100_000_000 });
  await inputs("order", 1);
  for (let kept = 1; kept < 2;) {
    const { duplicate } = await stream.publish("shop.orders.1", JSON.stringify({ id: 1 }), { headers: again });
    if (!duplicate) kept += 1;
  }
  await stream.publish("shop.orders.2", JSON.stringify({ id: 2 }));
  deepStrictEqual(await inputs("order", 2), [{ id: 1 }, { id: 2 }]);
  deepStrictEqual((await client.triggers.page()).triggers.map(({ name }) => name), ["orders"]);
  await client.triggers.delete("orders");
  await rejects(client.triggers.describe("orders"), { code: "NotFound" });
});

test("a template makes the input of message, subject and headers", async () => {
  await client.putWorkflow({
    name: "templated",
    definition: { StartAt: "Pass", States: { Pass: { Type: "Pass", End: true } } },
  });
  await client.triggers.put({
    name: "templated",
    subject: "shop.t.>",
    stateMachine: "templated",
    from: "oldest",
    input: JSON.stringify({ "id.$": "$.data.id", "of.$": "$.subject", "who.$": "$.headers.Who", kind: "order" }),
  });
  const from = headers();
  from.set("Who", "Ada");
  await stream.publish("shop.t.x.y", JSON.stringify({ id: 7 }), { headers: from });
  deepStrictEqual(await inputs("templated", 1), [{ id: 7, of: "shop.t.x.y", who: "Ada", kind: "order" }]);
});

test("what cannot start anything goes to the dead letters after its refusals, and the next one is started", async () => {
  await client.putWorkflow({
    name: "careful",
    definition: { StartAt: "Pass", States: { Pass: { Type: "Pass", End: true } } },
  });
  const dead = connection.subscribe("shop.dead", { max: 1 });
  await client.triggers.put({
    name: "careful",
    subject: "shop.c",
    stateMachine: "careful",
    from: "oldest",
    refusalsMax: 2,
    deadLetterSubject: "shop.dead",
  });
  await stream.publish("shop.c", "no JSON");
  await stream.publish("shop.c", "{}");
  for await (const message of dead) {
    strictEqual(message.string(), "no JSON");
    strictEqual(message.headers?.get("Weft-Error"), "TriggerInputRefused");
    strictEqual(message.headers?.get("Weft-Subject"), "shop.c");
  }
  deepStrictEqual(await inputs("careful", 1), [{}]);
});

test("a trigger on what is not the user's own, or with a template that is none, is refused", async () => {
  const trigger = { name: "bad", stateMachine: "order" };
  for (const subject of ["weft.events.>", "$JS.API.>", ">", "*.x", "a..b", "a b", "_INBOX.x"]) {
    await rejects(client.triggers.put({ ...trigger, subject }), { code: "InvalidArgument" }, subject);
  }
  for (const input of ["{", "[]", '{"a.$":"$.["}']) {
    await rejects(client.triggers.put({ ...trigger, subject: "shop.x", input }), { code: "InvalidArgument" }, input);
  }
  await rejects(
    client.triggers.put({
      ...trigger,
      subject: "shop.x",
      stateMachine: "arn:aws:states:elsewhere:222222222222:stateMachine:theirs",
    }),
    { code: "InvalidArgument" },
  );
});

test("schedules are put, described, listed and deleted over NATS", async () => {
  const put = await client.schedules.put({
    name: "nightly",
    expression: "cron(0 3 * * ? *)",
    timezone: "Europe/Zurich",
    stateMachine: "order",
    overlap: "skip",
    catchUpSeconds: 60,
  });
  strictEqual(put.next.length, 5);
  deepStrictEqual(await client.schedules.describe("nightly"), put);
  deepStrictEqual((await client.schedules.page()).schedules, [put]);
  await rejects(
    client.schedules.put({ name: "x", expression: "daily", stateMachine: "order" }),
    { code: "InvalidArgument" },
  );
  deepStrictEqual(await client.schedules.delete("nightly"), { name: "nightly" });
  await rejects(client.schedules.describe("nightly"), { code: "NotFound" });
});
