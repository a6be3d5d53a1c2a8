import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { Svcm } from "@nats-io/services";
import { Effect } from "effect";
import { type ApiCode, RequestRefused } from "../../../../src/runtime/engine.ts";
import type { TaskMessage } from "../../../../src/tasks/port.ts";
import type { ExecutionId, JsonObject } from "../../../../src/values/mod.ts";
import { statusOfCode } from "../../../../src/interfaces/nats_api/mod.ts";
import { badRequests } from "../../../support/bad_requests.ts";
import { oneTask, type ServedApi, serveFakeEngine } from "../../../support/nats_api.ts";

let api: ServedApi;
let created: TaskMessage[] = [];

before(async () => {
  api = await serveFakeEngine({ describeWaitMs: 200 });
});
after(async () => {
  await api?.close();
});
beforeEach(() => {
  created = [];
  api.engine.onTask = (task) => created.push(task);
  api.engine.answers.clear();
  api.engine.requests.length = 0;
  api.engine.executions.clear();
  api.engine.workflows.clear();
});

interface Reply {
  readonly body: JsonObject;
  readonly code: string | undefined;
  readonly error: string | undefined;
}

async function ask(subject: string, body: unknown, space = "acme.shop"): Promise<Reply> {
  const bytes = typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
  const message = await api.connection.request(`weft.api.${space}.${subject}`, bytes, { timeout: 5_000 });
  return {
    body: message.json(),
    code: message.headers?.get("Nats-Service-Error-Code"),
    error: message.headers?.get("Nats-Service-Error"),
  };
}

async function isRefused(asked: Promise<Reply>, code: ApiCode, text: RegExp): Promise<void> {
  const { body, code: header, error } = await asked;
  const { code: given, message } = body["error"] as { readonly code: string; readonly message: string };
  deepStrictEqual({ given, header }, { given: code, header: String(statusOfCode[code]) });
  match(message, text);
  ok(error !== undefined && error !== "", "the header says it too");
}

async function put(name = "order", resource = "charge"): Promise<void> {
  await ask("workflows.put", { name, definition: oneTask(resource) });
}

async function start(body: object = {}, space = "acme.shop"): Promise<string> {
  const { body: reply } = await ask("executions.start", { workflow: "order", input: { a: 1 }, ...body }, space);
  return String(reply["executionId"]);
}

test("workflows.put answers name, revision and hash, and takes a definition as text as well", async () => {
  const definition = oneTask("charge");
  const first = (await ask("workflows.put", { name: "order", definition })).body;
  const second = (await ask("workflows.put", { name: "order", definition: JSON.stringify(definition) })).body;
  deepStrictEqual([first["name"], first["revision"], second["revision"]], ["order", 1, 2]);
  match(String(first["hash"]), /^[0-9a-f]{64}$/);
  strictEqual(first["definition"], undefined);
});

test("workflows can be described, listed page by page, and deleted", async () => {
  for (const name of ["a", "b", "c"]) await put(name);
  deepStrictEqual((await ask("workflows.describe", { name: "b" })).body["definition"], oneTask("charge"));
  const first = (await ask("workflows.list", { limit: 2 })).body as {
    readonly workflows: unknown[];
    readonly next: string;
  };
  const second = (await ask("workflows.list", { limit: 2, next: first.next })).body;
  deepStrictEqual([first.workflows.length, (second["workflows"] as unknown[]).length, second["next"]], [
    2,
    1,
    undefined,
  ]);
  deepStrictEqual((await ask("workflows.delete", { name: "a" })).body, { name: "a" });
  await isRefused(ask("workflows.describe", { name: "a" }), "NotFound", /"a"/);
});

test("workflows.validate says what is wrong, and keeps nothing", async () => {
  deepStrictEqual((await ask("workflows.validate", { definition: oneTask("x") })).body, {
    valid: true,
    diagnostics: [],
  });
  const { body } = await ask("workflows.validate", { definition: "no state machine" });
  deepStrictEqual([body["valid"], (body["diagnostics"] as unknown[]).length], [false, 1]);
  strictEqual(api.engine.workflows.size, 0);
});

test("an execution runs from start to its output, and its task ends it", async () => {
  await put();
  const { body: started } = await ask("executions.start", { workflow: "order", input: { a: 1 } });
  deepStrictEqual(Object.keys(started), ["executionId", "status"]);
  strictEqual(started["status"], "Running");
  const [task] = created;
  ok(task !== undefined);
  const activated = await ask("tasks.activate", { token: task.token });
  const beaten = await ask("tasks.heartbeat", { token: task.token });
  const completed = await ask("tasks.complete", { token: task.token, output: { b: 2 } });
  deepStrictEqual([activated.body, beaten.body, completed.body], [
    { taskId: task.taskId, status: "Activated" },
    { taskId: task.taskId, status: "Activated" },
    { taskId: task.taskId, status: "Completed" },
  ]);
  const { executionId } = started;
  const { body: described } = await ask("executions.describe", { executionId });
  deepStrictEqual([described["executionId"], described["workflow"], described["status"]], [
    executionId,
    "order",
    "Succeeded",
  ]);
  deepStrictEqual([described["input"], described["output"]], [{ a: 1 }, { b: 2 }]);
  await isRefused(ask("tasks.complete", { token: task.token, output: 1 }), "InvalidStatus", /ended/);
});

test("executions.start with wait answers as describe once the execution has ended", async () => {
  await put();
  api.engine.onTask = ({ token }) => {
    queueMicrotask(() =>
      Effect.runFork(api.engine.failTask({ tenant: "acme", namespace: "shop", token, error: "E", cause: "c" }))
    );
  };
  const { body } = await ask("executions.start", { workflow: "order", input: null, wait: true });
  deepStrictEqual([body["status"], body["error"], body["cause"]], ["Failed", "E", "c"]);
});

test("executions.describe with wait answers once the execution has ended", async () => {
  await put();
  const executionId = await start();
  const ended = ask("executions.describe", { executionId, wait: true });
  await api.connection.flush();
  await ask("tasks.complete", { token: created[0]?.token, output: 7 });
  strictEqual((await ended).body["output"], 7);
});

test("executions.describe with wait answers with what is there when the execution does not end", async () => {
  await put();
  const { body } = await ask("executions.describe", { executionId: await start(), wait: true });
  strictEqual(body["status"], "Running");
});

test("executions.history pages by after and limit", async () => {
  await put();
  const executionId = await start();
  const { body: first } = await ask("executions.history", { executionId, limit: 2 });
  const { body: second } = await ask("executions.history", { executionId, after: first["next"], limit: 2 });
  const ids = [first, second].map((page) => (page["events"] as { readonly id: number }[]).map(({ id }) => id));
  deepStrictEqual([ids, first["next"], second["next"]], [[[1, 2], [3]], 2, undefined]);
});

test("executions.list shows the caller's space alone, filtered", async () => {
  await put();
  await ask("workflows.put", { name: "order", definition: oneTask("charge") }, "other.shop");
  const executionId = await start();
  await start({}, "other.shop");
  const { body } = await ask("executions.list", { workflow: "order", status: "Running" });
  deepStrictEqual((body["executions"] as { readonly executionId: string }[]).map((e) => e.executionId), [executionId]);
  deepStrictEqual((await ask("executions.list", { status: "Failed" })).body["executions"], []);
});

test("executions are canceled with error and cause, redriven, and deleted once ended", async () => {
  await put();
  const executionId = await start();
  await isRefused(ask("executions.delete", { executionId }), "InvalidStatus", /not ended/);
  deepStrictEqual((await ask("executions.cancel", { executionId, error: "Stop", cause: "why" })).body, {
    executionId,
    status: "Canceled",
  });
  deepStrictEqual((await ask("executions.redrive", { executionId, clientToken: "once" })).body, {
    executionId,
    status: "Running",
    redriveCount: 1,
  });
  await isRefused(ask("executions.redrive", { executionId }), "InvalidStatus", /not failed/);
  await ask("executions.cancel", { executionId });
  deepStrictEqual((await ask("executions.delete", { executionId })).body, { executionId, status: "Deleting" });
  await isRefused(ask("executions.describe", { executionId }), "NotFound", /does not exist/);
});

test("the same key and input give the same execution, and another input is refused", async () => {
  await put();
  const ids = [await start({ key: "k" }), await start({ key: "k" })];
  strictEqual(ids[0], ids[1]);
  await isRefused(ask("executions.start", { workflow: "order", input: 2, key: "k" }), "AlreadyExists", /"k"/);
});

for (const { when, subject, body, code, text } of badRequests) {
  test(`${subject} answers ${code} when ${when}`, async () => {
    await isRefused(ask(subject, body), code, text);
    strictEqual(api.engine.executions.size + api.engine.workflows.size, 0, "nothing was written");
    await put(); // the server goes on
  });
}

for (const space of ["ac$me.shop", `${"t".repeat(65)}.shop`, "acme.sh+op"]) {
  test(`a request is refused when its subject has ${space.slice(0, 12)} for tenant and namespace`, async () => {
    await isRefused(ask("workflows.list", {}, space), "InvalidArgument", /tenant and namespace/);
    strictEqual(api.engine.requests.length, 0);
  });
}

const payload = (bytes: number): string => "x".repeat(bytes - 2);

test("executions.start takes an input of 262,144 bytes and refuses one byte more", async () => {
  await put();
  const most = { workflow: "order", input: payload(262_144) };
  strictEqual((await ask("executions.start", most)).body["status"], "Running");
  await isRefused(ask("executions.start", { ...most, input: payload(262_145) }), "PayloadTooLarge", /262144.*262145/);
  strictEqual(api.engine.executions.size, 1);
});

test("tasks.complete takes an output of 262,144 bytes and refuses one byte more, and the task stays open", async () => {
  await put();
  const executionId = await start();
  const { token } = created[0] ?? {};
  await isRefused(ask("tasks.complete", { token, output: payload(262_145) }), "PayloadTooLarge", /"output"/);
  await ask("tasks.complete", { token, output: payload(262_144) });
  strictEqual((await ask("executions.describe", { executionId })).body["status"], "Succeeded");
});

test("executions.start counts the bytes of numbers as they will be printed", async () => {
  await put();
  const numbers = Array.from({ length: 13_000 }, () => "1e20").join(",");
  await isRefused(ask("executions.start", `{"workflow":"order","input":[${numbers}]}`), "PayloadTooLarge", /"input"/);
});

test("a definition that is refused comes back with its diagnostics", async () => {
  const { body } = await ask("workflows.put", { name: "order", definition: {} });
  strictEqual((body["diagnostics"] as { readonly code: string }[])[0]?.code, "SCHEMA_VALIDATION_FAILED");
});

test("unknown fields are let through", async () => {
  await put();
  strictEqual((await ask("executions.start", { workflow: "order", input: 1, later: true })).body["status"], "Running");
});

test("a defect of the engine is answered as Internal, logged under the id that the answer names, and survived", async () => {
  api.engine.answers.set("describeWorkflow", Effect.die(new Error("a broken invariant")));
  const asked = ask("workflows.describe", { name: "order" });
  await isRefused(asked, "Internal", /"[0-9a-f-]{36}"/);
  const message = (await asked).body["error"] as { readonly message: string; readonly outcome: string };
  const incident = /[0-9a-f-]{36}/.exec(message.message)?.[0] ?? "none";
  ok(api.logged.some((line) => line.includes(incident) && line.includes("a broken invariant")));
  ok(!message.message.includes("invariant"), "callers are not shown our insides");
  strictEqual(message.outcome, "unknown");
  await put();
});

test("an error's text is one line in the header and whole in the body", async () => {
  const reason = `first\r\nsecond ${"long ".repeat(200)}`;
  api.engine.answers.set("listWorkflows", Effect.fail(new RequestRefused({ code: "Unavailable", message: reason })));
  const { body, error } = await ask("workflows.list", {});
  strictEqual((body["error"] as { readonly message: string }).message, reason);
  match(error ?? "", /^first second long/);
});

test("the services are found and described by NATS tools", async () => {
  const found = new Map<string, string[]>();
  for await (const service of await new Svcm(api.connection).client().info()) {
    found.set(service.name, service.endpoints.map(({ name }) => name).toSorted());
    for (const { metadata, queue_group } of service.endpoints) {
      strictEqual(JSON.parse(metadata?.["request_schema"] ?? "{}").type, "object");
      strictEqual(JSON.parse(metadata?.["reply_schema"] ?? "{}").type, "object");
      strictEqual(queue_group, "weft");
    }
  }
  deepStrictEqual(Object.fromEntries(found), {
    "weft-executions": ["cancel", "delete", "describe", "history", "list", "redrive", "start"],
    "weft-workflows": ["delete", "describe", "list", "put", "validate"],
    "weft-tasks": ["activate", "complete", "fail", "heartbeat"],
  });
});

test("the feed sends one message a turn, numbered, on the execution's own subject", async () => {
  await put();
  const subscription = api.connection.subscribe("weft.events.acme.shop.*", { max: 2 });
  await api.connection.flush();
  const executionId = await start();
  await ask("tasks.complete", { token: created[0]?.token, output: 1 });
  const seen = [];
  for await (const message of subscription) {
    strictEqual(message.subject, `weft.events.acme.shop.${executionId.split("/").at(-1)}`);
    seen.push(message.json<{ readonly executionId: string; readonly sequence: number; readonly events: unknown[] }>());
  }
  deepStrictEqual(seen.map(({ executionId: of, sequence, events }) => [of, sequence, events.length]), [
    [executionId, 1, 3],
    [executionId, 2, 3],
  ]);
});

test("a turn whose events do not fit in one message says how many it leaves out", async () => {
  await put();
  const executionId = await start();
  const subscription = api.connection.subscribe("weft.events.acme.shop.*", { max: 1 });
  await api.connection.flush();
  api.engine.record(executionId as ExecutionId, Array.from({ length: 10 }, () => "x".repeat(120_000)));
  for await (const message of subscription) {
    deepStrictEqual(message.json(), { executionId, sequence: 2, events: [], omitted: 10 });
  }
});

test("a page of history that is larger than a message is cut, and goes on where it was cut", async () => {
  await put();
  const executionId = await start();
  api.engine.record(executionId as ExecutionId, Array.from({ length: 10 }, () => "x".repeat(120_000)), { lost: true });
  const ids: number[] = [];
  let pages = 0;
  for (let after: unknown = 0; after !== undefined; pages++) {
    const { body } = await ask("executions.history", { executionId, after });
    ids.push(...(body["events"] as { readonly id: number }[]).map(({ id }) => id));
    after = body["next"];
  }
  deepStrictEqual([ids, pages], [Array.from({ length: 13 }, (_, index) => index + 1), 2]);
});

test("a reply that is larger than a message is refused by name", async () => {
  await put();
  const executionId = await start();
  const execution = api.engine.executions.get(executionId);
  ok(execution !== undefined);
  execution.description = { ...execution.description, output: "x".repeat(1_100_000) };
  await isRefused(ask("executions.describe", { executionId }), "PayloadTooLarge", /reply/);
});

test("those that wait are told when the engine shuts down, and the next engine takes over", async () => {
  await put();
  const waiting = ask("executions.start", { workflow: "order", input: 1, wait: true });
  const started = api.connection.subscribe("weft.events.acme.shop.*", { max: 1 });
  await start(); // handled after the one that waits
  for await (const { subject } of started) ok(subject !== "");
  await api.stopServing();
  const { body } = await waiting;
  deepStrictEqual((body["error"] as JsonObject)["code"], "Unavailable");
  deepStrictEqual((body["error"] as JsonObject)["outcome"], "unknown");
  await api.serveAgain();
  strictEqual(((await ask("executions.list", {})).body["executions"] as unknown[]).length, 2);
});

test("requests beyond the bounds of waiting and working callers are refused by name", async () => {
  const small = await serveFakeEngine({ inFlightMax: 1, waitersMax: 1, drainTimeoutMs: 20 });
  try {
    const request = (subject: string, body: object) =>
      small.connection.request(`weft.api.acme.shop.${subject}`, JSON.stringify(body), { timeout: 5_000 });
    const code = async (asked: ReturnType<typeof request>) =>
      (await asked).json<{ readonly error?: JsonObject }>().error?.["code"];
    await request("workflows.put", { name: "order", definition: oneTask("charge") });
    small.engine.answers.set("describeWorkflow", Effect.never);
    const unanswered = [
      request("executions.start", { workflow: "order", input: 1, wait: true }),
      request("workflows.describe", { name: "order" }),
    ];
    strictEqual(await code(request("executions.start", { workflow: "order", input: 1, wait: true })), "LimitExceeded");
    strictEqual(await code(request("executions.list", {})), "Unavailable");
    await small.stopServing();
    deepStrictEqual(await Promise.all(unanswered.map(code)), ["Unavailable", "Unavailable"]);
    await small.serveAgain();
  } finally {
    await small.close();
  }
});
