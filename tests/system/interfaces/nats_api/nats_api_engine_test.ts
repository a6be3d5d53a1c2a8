import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { after, before, test } from "node:test";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { jetstreamManager } from "@nats-io/jetstream";
import { type Home, openNatsHome } from "../../../../src/homes/mod.ts";
import type { ApiCode } from "../../../../src/runtime/engine.ts";
import { TaskFailure, WeftClient, WeftError, WeftWorker } from "../../../../src/sdk/mod.ts";
import type { Json, JsonObject } from "../../../../src/values/mod.ts";
import { badRequests } from "../../../support/bad_requests.ts";
import { oneTask } from "../../../support/nats_api.ts";
import { type NatsServer, startNatsServer } from "../../../support/nats_server.ts";

// Goal: what comes in over NATS reaches the real engine as it should, and nothing that should not.
// Method: the NATS home on a real server; bad requests are counted in the log: none may add a message.

let server: NatsServer;
let home: Home;
let connection: NatsConnection;
let client: WeftClient;

before(async () => {
  server = await startNatsServer();
  home = await openNatsHome({ url: server.url, version: "0.0.0", partitions: 2, timeScale: 0.05 });
  connection = await connect({ servers: server.url });
  client = await WeftClient.connect({ servers: server.url, tenant: "acme", namespace: "shop" });
});
after(async () => {
  await client?.close();
  await connection?.close();
  await home?.close();
  await server?.stop();
});

async function ask(subject: string, body: unknown, space = "acme.shop"): Promise<JsonObject> {
  const bytes = typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
  return (await connection.request(`weft.api.${space}.${subject}`, bytes, { timeout: 10_000 })).json();
}

function codeOf(reply: JsonObject): unknown {
  return (reply["error"] as JsonObject | undefined)?.["code"];
}

/** Messages in all logs: any write would add one. */
async function logMessages(): Promise<number> {
  let messages = 0;
  for await (const { config, state } of (await jetstreamManager(connection)).streams.list()) {
    if (config.name.startsWith("WEFT_LOG_")) messages += state.last_seq;
  }
  return messages;
}

/** Asserts that the request is refused by name, writes nothing, and that the engine goes on. */
async function isRefused(subject: string, body: unknown, code: ApiCode, text: RegExp): Promise<void> {
  const before = await logMessages();
  const reply = await ask(subject, body);
  strictEqual(codeOf(reply), code, JSON.stringify(reply));
  match(String((reply["error"] as JsonObject)["message"]), text);
  strictEqual(await logMessages(), before, "nothing was written");
  deepStrictEqual((await ask("executions.list", { status: "Failed" }))["executions"], []);
}

for (const { when, subject, body, code, text } of badRequests) {
  test(`the engine refuses ${subject} with ${code} when ${when}`, () => isRefused(subject, body, code, text));
}

test("an input or output of one byte too many is refused, one of exactly the limit is taken", async () => {
  await client.putWorkflow({ name: "large", definition: oneTask("large") });
  const most = "x".repeat(262_142);
  await isRefused("executions.start", { workflow: "large", input: `${most}x` }, "PayloadTooLarge", /262144/);
  const tasks: string[] = [];
  const subscription = connection.subscribe("weft.task.acme.shop.*", { max: 1 });
  await connection.flush();
  const { executionId } = await client.start({ workflow: "large", input: most });
  for await (const message of subscription) tasks.push(message.json<{ readonly token: string }>().token);
  const [token = ""] = tasks;
  await isRefused("tasks.complete", { token, output: `${most}x` }, "PayloadTooLarge", /262144/);
  await client.completeTask(token, most);
  strictEqual((await client.waitFor(executionId)).output, most);
});

test("another tenant's execution and token do not exist for a request on this tenant's subject", async () => {
  const other = await WeftClient.connect({ servers: server.url, tenant: "evil", namespace: "shop" });
  await client.putWorkflow({ name: "own", definition: oneTask("own") });
  const tokens = connection.subscribe("weft.task.acme.shop.*", { max: 1 });
  await connection.flush();
  const { executionId } = await client.start({ workflow: "own", input: 1 });
  const isCode = (code: string) => (failure: unknown) => failure instanceof WeftError && failure.code === code;
  for await (const message of tokens) {
    const { token } = message.json<{ readonly token: string }>();
    for (const subject of ["tasks.complete", "tasks.fail", "tasks.heartbeat", "tasks.activate"]) {
      strictEqual(codeOf(await ask(subject, { token, output: 1, error: "E" }, "evil.shop")), "InvalidToken");
    }
  }
  for (const subject of ["describe", "history", "cancel", "delete"]) {
    strictEqual(codeOf(await ask(`executions.${subject}`, { executionId }, "evil.shop")), "NotFound");
  }
  await other.describeWorkflow("own").then(() => ok(false), (failure) => ok(isCode("NotFound")(failure)));
  const seen = [];
  for await (const { executionId: id } of other.list()) seen.push(id);
  deepStrictEqual(seen, []);
  strictEqual((await client.describe(executionId)).status, "Running");
  await other.close();
});

test("client, worker, retries, feed and history work together on the real engine", async () => {
  const retry = [{ ErrorEquals: ["Flaky"], IntervalSeconds: 1, MaxAttempts: 2 }];
  const definition: Json = {
    StartAt: "Work",
    States: { Work: { Type: "Task", Resource: "flaky", TimeoutSeconds: 60, Retry: retry, End: true } },
  };
  await client.putWorkflow({ name: "flaky", definition });
  const attempts: number[] = [];
  const worker = new WeftWorker({
    client,
    resource: "flaky",
    handler: (input, { attempt }) => {
      attempts.push(attempt);
      if (attempt < 3) throw new TaskFailure("Flaky", `attempt ${attempt}`);
      return { input, attempt };
    },
  });
  const running = worker.run();
  const all = await client.subscribe();
  const ended = await client.run({ workflow: "flaky", input: "in", key: "flaky-1" });
  deepStrictEqual([ended.status, ended.output], ["Succeeded", { input: "in", attempt: 3 }]);
  deepStrictEqual(attempts, [1, 2, 3]);
  const history = [];
  for await (const { id, type } of client.history(ended.executionId, { limit: 3 })) history.push([id, type]);
  const followed = [];
  for await (const item of await client.subscribe({ executionId: ended.executionId, from: "start" })) {
    if (item.type === "events") followed.push(...item.events.map(({ id, type }) => [id, type]));
  }
  deepStrictEqual(followed, history);
  const live = [];
  for await (const item of all) {
    if (item.type === "events" && item.executionId === ended.executionId) {
      live.push(...item.events.map(({ id, type }) => [id, type]));
    }
    if (live.length === history.length) break;
  }
  deepStrictEqual(live, history);
  const again = await client.run({ workflow: "flaky", input: "in", key: "flaky-1" });
  strictEqual(again.executionId, ended.executionId);
  await worker.stop();
  await running;
});
