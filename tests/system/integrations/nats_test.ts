/** Tasks of NATS services: requests, replies, errors, subjects that are nobody's. @see docs/integrations.md */
import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { after, before, test, type TestContext } from "node:test";
import { connect, headers, type Msg, type NatsConnection } from "@nats-io/transport-node";
import { Effect } from "effect";
import { openEmbeddedHome, openNatsHome } from "../../../src/homes/mod.ts";
import type { JsonObject } from "../../../src/values/mod.ts";
import { type NatsServer, startNatsServer } from "../../support/nats_server.ts";
import { taskMachine, type UnderTest, underTest } from "../../support/integrations/both_homes.ts";

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

/** Answers requests at a subject until the test ends. */
async function service(t: TestContext, subject: string, answer: (message: Msg) => void): Promise<void> {
  const subscription = connection.subscribe(subject, { callback: (_failure, message) => answer(message) });
  t.after(() => subscription.unsubscribe());
  await connection.flush();
}

const homes: Readonly<Record<string, (t: TestContext) => Promise<UnderTest>>> = {
  embedded: async (t) => underTest(t, await openEmbeddedHome({ nats: { url: server.url } })),
  "on NATS": async (t) => underTest(t, await openNatsHome({ url: server.url, partitions: 2, version: "0.0.1" })),
};

for (const [name, open] of Object.entries(homes)) {
  test(`nats:request gives the reply (${name})`, async (t) => {
    const home = await open(t);
    const ids: string[] = [];
    await service(t, "shop.price", (message) => {
      ids.push(message.headers?.get("Nats-Msg-Id") ?? "");
      const { item } = message.json<{ item: string }>();
      message.respond(JSON.stringify({ item, price: 12 }));
    });
    const end = await home.runTask({ Resource: "nats:request:shop.price" }, { item: "tea" });
    deepStrictEqual([end.status, end.output], ["Succeeded", { item: "tea", price: 12 }]);
    match(ids[0] ?? "", /^\/\d+\/us-east-1\/t[0-9a-f]{7}\/[0-9a-f]{16}$/);
  });

  test(`a reply may be a plain text, or nothing (${name})`, async (t) => {
    const home = await open(t);
    await service(t, "shop.text", (message) => message.respond("plain"));
    await service(t, "shop.nothing", (message) => message.respond());
    strictEqual((await home.runTask({ Resource: "nats:request:shop.text" })).output, "plain");
    strictEqual((await home.runTask({ Resource: "nats:request:shop.nothing" })).output, null);
  });

  test(`a service's error, silence and absence are named errors (${name})`, async (t) => {
    const home = await open(t);
    await service(t, "shop.broken", (message) => {
      const told = headers();
      told.set("Nats-Service-Error", "out of stock");
      told.set("Nats-Service-Error-Code", "409");
      message.respond("", { headers: told });
    });
    const broken = await home.runTask({ Resource: "nats:request:shop.broken" });
    deepStrictEqual([broken.error, broken.cause], ["Nats.ServiceError.409", "out of stock"]);
    strictEqual((await home.runTask({ Resource: "nats:request:shop.nobody" })).error, "Nats.NoResponders");
    await service(t, "shop.binary", (message) => message.respond(Uint8Array.of(0xff, 0xfe)));
    strictEqual((await home.runTask({ Resource: "nats:request:shop.binary" })).error, "Nats.InvalidReply");
    await service(t, "shop.large", (message) => message.respond(JSON.stringify("a".repeat(262_144))));
    strictEqual((await home.runTask({ Resource: "nats:request:shop.large" })).error, "States.DataLimitExceeded");
    await service(t, "shop.silent", () => {});
    const silent = await home.runTask({ Resource: "nats:request:shop.silent", TimeoutSeconds: 1 });
    match(silent.error ?? "", /^(States\.Timeout|Nats\.Timeout)$/);
  });

  test(`nats:publish sends and goes on (${name})`, async (t) => {
    const home = await open(t);
    const told = Promise.withResolvers<JsonObject>();
    await service(t, "shop.told", (message) => told.resolve(message.json()));
    const end = await home.runTask({ Resource: "nats:publish:shop.told" }, { order: 7 });
    strictEqual((end.output as JsonObject)["Subject"], "shop.told");
    deepStrictEqual(await told.promise, { order: 7 });
  });

  test(`subjects of the server, of inboxes and of Weft are not for tasks (${name})`, async (t) => {
    const home = await open(t);
    for (
      const subject of [
        "$JS.API.STREAM.LIST",
        "_INBOX.x",
        "weft.api.other.shop.executions.list",
        "shop.*",
        "shop.>",
        "a..b",
      ]
    ) {
      const end = await home.runTask({ Resource: `nats:request:${subject}` });
      strictEqual(end.error, "Nats.SubjectRefused", subject);
    }
  });

  test(`nats:request.waitForTaskToken ends by the token (${name})`, async (t) => {
    const home = await open(t);
    const token = Promise.withResolvers<string>();
    await service(t, "shop.ask", (message) => {
      token.resolve(message.json<{ token: string }>().token);
      message.respond("taken up");
    });
    const id = await home.start(taskMachine({
      Resource: "nats:request:shop.ask.waitForTaskToken",
      Parameters: { "token.$": "$$.Task.Token" },
    }));
    await Effect.runPromise(
      home.home.engine.completeTask({ ...home.space, token: await token.promise, output: "done" }),
    );
    strictEqual((await home.ended(id)).output, "done");
  });
}

test("without a NATS server the task fails by name, and the next one tries again", async (t) => {
  const home = underTest(t, await openEmbeddedHome({ nats: { url: "nats://127.0.0.1:1" } }));
  strictEqual((await home.runTask({ Resource: "nats:request:shop.price" })).error, "Nats.Unavailable");
});
