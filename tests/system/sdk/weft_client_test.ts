import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { Effect } from "effect";
import { RequestRefused } from "../../../src/runtime/engine.ts";
import { WeftClient, type WeftClientOptions, WeftError, type WeftErrorCode } from "../../../src/sdk/mod.ts";
import type { TaskMessage } from "../../../src/tasks/port.ts";
import { oneTask, type ServedApi, serveFakeEngine } from "../../support/nats_api.ts";

let api: ServedApi;
let client: WeftClient;
let created: TaskMessage[] = [];

before(async () => {
  api = await serveFakeEngine({ describeWaitMs: 50, drainTimeoutMs: 20 });
  client = await connectClient();
});
after(async () => {
  await client?.close();
  await api?.close();
});
beforeEach(async () => {
  created = [];
  api.engine.onTask = (task) => created.push(task);
  api.engine.answers.clear();
  api.engine.executions.clear();
  api.engine.workflows.clear();
  await client.putWorkflow({ name: "order", definition: oneTask("charge") });
  api.engine.requests.length = 0;
});

function connectClient(options: Partial<WeftClientOptions> = {}): Promise<WeftClient> {
  return WeftClient.connect({ servers: api.server.url, tenant: "acme", namespace: "shop", ...options });
}

function isError(code: WeftErrorCode, text = /./): (failure: unknown) => boolean {
  return (failure) => {
    ok(failure instanceof WeftError, String(failure));
    strictEqual(failure.code, code);
    match(failure.message, text);
    return true;
  };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const order = { workflow: "order", input: { a: 1 } };

test("WeftClient keeps, shows, lists, validates and deletes workflows", async () => {
  const put = await client.putWorkflow({ name: "b", definition: JSON.stringify(oneTask("ship")) });
  deepStrictEqual([put.name, put.revision], ["b", 1]);
  deepStrictEqual((await client.describeWorkflow("b")).definition, oneTask("ship"));
  deepStrictEqual((await all(client.listWorkflows({ limit: 1 }))).map(({ name }) => name), ["order", "b"]);
  deepStrictEqual(await client.deleteWorkflow("b"), { name: "b" });
  strictEqual((await client.validateDefinition({})).valid, false);
});

test("WeftClient.putWorkflow() rejects with the diagnostics of a definition that is none", async () => {
  await rejects(client.putWorkflow({ name: "x", definition: {} }), (failure) => {
    isError("InvalidDefinition")(failure);
    return failure instanceof WeftError && failure.diagnostics[0]?.code === "SCHEMA_VALIDATION_FAILED";
  });
});

test("WeftClient starts, describes, completes by token, and waits for the end", async () => {
  const { executionId, status } = await client.start(order);
  strictEqual(status, "Running");
  const ended = client.waitFor(executionId);
  const token = created[0]?.token ?? "";
  strictEqual((await client.heartbeatTask(token)).status, "Activated");
  strictEqual((await client.completeTask(token, { b: 2 })).status, "Completed");
  deepStrictEqual((await ended).output, { b: 2 });
  strictEqual((await client.describe(executionId)).status, "Succeeded");
});

test("WeftClient.run() resolves with the ended execution, also when it failed", async () => {
  api.engine.onTask = ({ token }) => void client.failTask(token, { error: "CardDeclined", cause: "no cover" });
  const ended = await client.run(order);
  deepStrictEqual([ended.status, ended.error, ended.cause], ["Failed", "CardDeclined", "no cover"]);
});

test("WeftClient.waitFor() asks again while the execution runs, and gives up in time", async () => {
  const { executionId } = await client.start(order);
  await rejects(client.waitFor(executionId, { timeoutMs: 250 }), isError("Timeout", /not ended/));
  ok(api.engine.requests.filter(({ operation }) => operation === "awaitExecution").length > 1);
});

test("WeftClient.history() reads page after page", async () => {
  const { executionId } = await client.start(order);
  deepStrictEqual((await all(client.history(executionId, { limit: 1 }))).map(({ id }) => id), [1, 2, 3]);
  deepStrictEqual((await all(client.history(executionId, { after: 2 }))).map(({ id }) => id), [3]);
});

test("WeftClient.list() reads page after page, newest first, filtered", async () => {
  for (let n = 0; n < 5; n++) await client.start(order);
  const found = await all(client.list({ workflow: "order", limit: 2 }));
  deepStrictEqual(found.map(({ executionId }) => executionId), [...api.engine.executions.keys()].reverse());
  deepStrictEqual(await all(client.list({ status: "Failed" })), []);
});

test("WeftClient cancels and deletes", async () => {
  const { executionId } = await client.start(order);
  await rejects(client.delete(executionId), isError("InvalidStatus"));
  strictEqual((await client.cancel(executionId, { error: "Stop" })).status, "Canceled");
  strictEqual((await client.delete(executionId)).status, "Deleting");
  await rejects(client.describe(executionId), isError("NotFound"));
});

test("WeftClient sees its own namespace alone", async () => {
  const { executionId } = await client.start(order);
  const other = await connectClient({ tenant: "other" });
  await rejects(other.describe(executionId), isError("NotFound"));
  deepStrictEqual(await all(other.list()), []);
  await other.close();
});

test("WeftClient refuses a tenant that cannot be one", () => {
  const { connection } = api;
  for (const tenant of ["", "a.b", "*", "t".repeat(65)]) {
    try {
      new WeftClient({ connection, tenant });
      ok(false, `took "${tenant}"`);
    } catch (failure) {
      ok(failure instanceof RangeError);
    }
  }
});

test("WeftClient asks again while there is no engine, for as long as its patience lasts", async () => {
  await api.stopServing();
  const impatient = await connectClient({ patienceMs: 60 });
  await rejects(impatient.describeWorkflow("order"), isError("Unavailable", /No engine/));
  await impatient.close();
  const described = client.describeWorkflow("order");
  const started = client.start(order);
  await api.connection.flush();
  await api.serveAgain();
  strictEqual((await described).name, "order");
  strictEqual((await started).status, "Running");
  strictEqual(api.engine.executions.size, 1, "started once");
});

test("WeftClient asks again when the engine says Unavailable, and passes on what else it says", async () => {
  api.engine.answers.set(
    "describeWorkflow",
    Effect.fail(new RequestRefused({ code: "Unavailable", message: "later" })),
  );
  const described = client.describeWorkflow("order");
  while (api.engine.requests.length < 2) await new Promise((resolve) => setImmediate(resolve));
  api.engine.answers.clear();
  strictEqual((await described).name, "order");
  api.engine.answers.set("describeWorkflow", Effect.die("broken"));
  await rejects(client.describeWorkflow("order"), isError("Internal"));
});

test("WeftClient asks again when no answer comes, but not for what would then be done twice", async () => {
  const hasty = await connectClient({ timeoutMs: 450, tryTimeoutMs: 100 });
  for (const operation of ["describeWorkflow", "startExecution"]) api.engine.answers.set(operation, Effect.never);
  const isLate = (failure: unknown) => isError("Timeout")(failure) && (failure as WeftError).isOutcomeUnknown;
  await Promise.all([rejects(hasty.describeWorkflow("order"), isLate), rejects(hasty.start(order), isLate)]);
  const asked = (operation: string) => api.engine.requests.filter((request) => request.operation === operation).length;
  ok(asked("describeWorkflow") > 1);
  strictEqual(asked("startExecution"), 1);
  await hasty.close();
});

// An engine that is stopped still gets its share of the requests, until its connection ends.
test("WeftClient asks another engine when the first is silent, and takes the answer of whichever comes first", async () => {
  const hasty = await connectClient({ tryTimeoutMs: 100 });
  await api.stopServing();
  const silent = api.connection.subscribe("weft.api.*.*.executions.start", { queue: "weft" });
  await api.connection.flush();
  const started = hasty.start({ ...order, key: "k-silent" });
  const asked: string[] = [];
  for await (const { reply = "" } of silent) {
    asked.push(reply);
    if (asked.length === 2) break; // leaves the queue group
  }
  strictEqual(asked[0], asked[1]);
  await api.connection.flush();
  await api.serveAgain();
  strictEqual((await started).status, "Running");
  strictEqual(api.engine.executions.size, 1);

  const slow = api.connection.subscribe("weft.api.*.*.workflows.describe", { queue: "slow" });
  await api.stopServing();
  await api.connection.flush();
  const described = hasty.describeWorkflow("order");
  let first = "";
  for await (const message of slow) {
    if (first !== "") break;
    first = message.reply ?? "";
  }
  api.connection.publish(first, JSON.stringify({ name: "late" }));
  strictEqual((await described).name, "late");
  await api.serveAgain();
  await hasty.close();
});

test("WeftClient.run() with a key finds its execution again after the engine was restarted", async () => {
  const ended = client.run({ ...order, key: "k-1" });
  while (created.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await api.stopServing(); // tells those that wait
  await api.serveAgain();
  await client.completeTask(created[0]?.token ?? "", "done");
  strictEqual((await ended).output, "done");
  strictEqual(api.engine.executions.size, 1);
});

test("WeftClient.run() without a key is not started twice when the engine goes while it waits", async () => {
  const ended = client.run(order);
  const refused = rejects(ended, (failure) => failure instanceof WeftError && failure.isOutcomeUnknown);
  while (created.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await api.stopServing();
  await refused;
  await api.serveAgain();
  strictEqual(api.engine.executions.size, 1);
});

test("WeftClient rejects a request that is larger than the server takes", async () => {
  const input = "x".repeat(1_100_000);
  await rejects(client.start({ workflow: "order", input }), isError("PayloadTooLarge"));
});

test("WeftClient rejects what is asked after it was closed, and what was asked before", async () => {
  const own = await connectClient();
  api.engine.answers.set("describeWorkflow", Effect.never);
  const pending = rejects(own.describeWorkflow("order"), isError("ConnectionClosed"));
  await own.connection.flush();
  await own.close();
  await pending;
  await rejects(own.describeWorkflow("order"), isError("ConnectionClosed"));
  await own.close();
});

test("WeftClient.connect() rejects with Unavailable when there is no server", async () => {
  await rejects(WeftClient.connect({ servers: "nats://127.0.0.1:9" }), isError("Unavailable", /127\.0\.0\.1:9/));
});

test("WeftClient leaves a connection that it was given open", async () => {
  const guest = new WeftClient({ connection: api.connection });
  await guest.close();
  strictEqual(api.connection.isClosed(), false);
});
