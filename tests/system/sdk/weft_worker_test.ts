import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { after, before, test, type TestContext } from "node:test";
import { AckPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { Effect } from "effect";
import { RequestRefused } from "../../../src/runtime/engine.ts";
import {
  type RunningTask,
  TaskFailure,
  type TaskHandler,
  WeftClient,
  WeftWorker,
  type WeftWorkerOptions,
} from "../../../src/sdk/mod.ts";
import type { Json, TaskId } from "../../../src/values/mod.ts";
import { dispatchTasks, oneTask, type ServedApi, serveFakeEngine } from "../../support/nats_api.ts";

let api: ServedApi;
let client: WeftClient;
let stopDispatching: () => Promise<void>;

before(async () => {
  api = await serveFakeEngine({ drainTimeoutMs: 20 });
  client = await WeftClient.connect({
    servers: api.server.url,
    tenant: "acme",
    namespace: "shop",
    tryTimeoutMs: 300,
  });
  stopDispatching = await dispatchTasks(api);
});
after(async () => {
  await client?.close();
  await stopDispatching?.();
  await api?.close();
});

let count = 0;

/** A workflow with a resource of its own, so that tests do not take each other's tasks. */
async function prepare(fields: { readonly [field: string]: number } = {}) {
  const resource = `work-${++count}`;
  await client.putWorkflow({ name: resource, definition: oneTask(resource, fields) });
  return {
    resource,
    start: async (input: Json = 0, key?: string) =>
      (await client.start({ workflow: resource, input, ...(key === undefined ? {} : { key }) })).executionId,
    run: (input: Json = 0) => client.run({ workflow: resource, input }),
  };
}

/** A worker that runs until the test is over. */
function work(t: TestContext, resource: string, handler: TaskHandler, options: Partial<WeftWorkerOptions> = {}) {
  const troubles: string[] = [];
  const worker = new WeftWorker({
    client,
    resource,
    handler,
    idleHeartbeatMs: 500,
    onTrouble: (problem) => troubles.push(problem),
    ...options,
  });
  const running = worker.run();
  t.after(async () => {
    await worker.stop({ abort: true });
    await running;
  });
  return { worker, troubles, running };
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!await isSo()) await new Promise((resolve) => setImmediate(resolve));
}

async function pending(resource: string) {
  const manager = await jetstreamManager(api.connection);
  const { hash7 } = await import("../../../src/values/mod.ts");
  return await manager.consumers.info("WEFT_TASKS", `weft-acme-shop-${hash7(resource)}`);
}

test("WeftWorker completes tasks with what its handler returns, and acknowledges them", async (t) => {
  const { resource, run } = await prepare();
  work(t, resource, (input) => ({ doubled: Number(input) * 2 }));
  const ended = await Promise.all([1, 2, 3].map(run));
  deepStrictEqual(ended.map(({ output }) => output), [{ doubled: 2 }, { doubled: 4 }, { doubled: 6 }]);
  await until(async () => {
    const { num_ack_pending, num_pending } = await pending(resource);
    return num_ack_pending + num_pending === 0;
  });
});

test("WeftWorker's consumer is durable, explicit, and never gives a task up", async (t) => {
  const { resource, run } = await prepare();
  work(t, resource, () => 1);
  await run();
  const { config } = await pending(resource);
  deepStrictEqual([config.ack_policy, config.max_deliver, config.ack_wait, config.durable_name], [
    "explicit",
    -1,
    30_000_000_000,
    (await pending(resource)).name,
  ]);
});

test("WeftWorker tells its handler of the task", async (t) => {
  const { resource, run } = await prepare();
  let seen: RunningTask | undefined;
  work(t, resource, (_, task) => void (seen = task));
  const { executionId } = await run();
  deepStrictEqual([seen?.executionId, seen?.resource, seen?.stateName, seen?.attempt], [
    executionId,
    resource,
    "Work",
    1,
  ]);
});

const failures: readonly {
  readonly when: string;
  readonly handler: TaskHandler;
  readonly error: string;
  readonly cause: RegExp;
}[] = [
  {
    when: "the handler throws an error",
    handler: () => {
      throw new RangeError("too far");
    },
    error: "RangeError",
    cause: /^too far$/,
  },
  {
    when: "its promise rejects with a task's failure",
    handler: () => Promise.reject(new TaskFailure("CardDeclined", "no cover")),
    error: "CardDeclined",
    cause: /^no cover$/,
  },
  { when: "its result is no JSON", handler: () => 1n, error: "Weft.InvalidResult", cause: /BigInt/ },
  {
    when: "its result is too large",
    handler: () => "x".repeat(262_143),
    error: "States.DataLimitExceeded",
    cause: /262145/,
  },
];
for (const { when, handler, error, cause } of failures) {
  test(`WeftWorker fails the task with ${error} when ${when}`, async (t) => {
    const { resource, run } = await prepare();
    work(t, resource, handler);
    const ended = await run();
    deepStrictEqual([ended.status, ended.error], ["Failed", error]);
    match(ended.cause ?? "", cause);
  });
}

test("WeftWorker fails the task when the engine does not take an output that the worker let through", async (t) => {
  const { resource, run } = await prepare();
  const limits = {
    jsonDepthMax: 10_000,
    payloadBytesMax: 10_000_000,
    errorCharactersMax: 256,
    causeCharactersMax: 1_000,
  };
  const results: Json[] = ["x".repeat(300_000), "x".repeat(2_000_000)]; // more than the engine takes; more than the server does
  work(t, resource, (n) => results[Number(n)], { limits });
  const ended = await Promise.all([run(0), run(1)]);
  deepStrictEqual(ended.map(({ error }) => error), ["States.DataLimitExceeded", "States.DataLimitExceeded"]);
});

test("WeftWorker runs at most `concurrency` handlers at once, and all tasks in the end", async (t) => {
  const { resource, run } = await prepare();
  let now = 0;
  let most = 0;
  const handler = async () => {
    most = Math.max(most, ++now);
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    now--;
  };
  work(t, resource, handler, { concurrency: 3 });
  await Promise.all(Array.from({ length: 40 }, (_, n) => run(n)));
  strictEqual(most, 3);
});

test("WeftWorker shares tasks with other workers of its resource", async (t) => {
  const { resource, run } = await prepare();
  const done = [0, 0];
  for (const n of [0, 1]) {
    const handler = async () => {
      done[n] = (done[n] ?? 0) + 1;
      await new Promise((resolve) => setImmediate(resolve));
    };
    work(t, resource, handler, { concurrency: 2 });
  }
  await Promise.all(Array.from({ length: 40 }, (_, n) => run(n)));
  ok(done.every((tasks) => tasks > 0), `${done}`);
  strictEqual((done[0] ?? 0) + (done[1] ?? 0), 40);
});

test("WeftWorker activates a task that has a timeout before its handler runs, and heartbeats", async (t) => {
  const { resource, run } = await prepare({ TimeoutSeconds: 60, HeartbeatSeconds: 30 });
  api.engine.requests.length = 0;
  work(t, resource, async (_, task) => await task.heartbeat());
  strictEqual((await run()).output, true);
  const operations = api.engine.requests.map(({ operation }) => operation).filter((name) => name.endsWith("Task"));
  deepStrictEqual(operations, ["activateTask", "heartbeatTask", "completeTask"]);
});

test("WeftWorker heartbeats by itself when asked to", async (t) => {
  const { resource, run } = await prepare({ HeartbeatSeconds: 1 });
  api.engine.requests.length = 0;
  const beats = () => api.engine.requests.filter(({ operation }) => operation === "heartbeatTask").length;
  work(t, resource, () => until(() => beats() >= 2), { autoHeartbeat: true });
  strictEqual((await run()).status, "Succeeded");
});

test("WeftWorker does not begin a task that has ended before, and acknowledges it", async (t) => {
  const { resource, start } = await prepare({ TimeoutSeconds: 60 });
  const executionId = await start();
  const token = [...api.engine.tasks.values()].at(-1)?.message.token ?? "";
  await client.failTask(token, { error: "States.Timeout" });
  let calls = 0;
  work(t, resource, () => calls++);
  await until(async () => {
    const found = await pending(resource).catch(() => undefined);
    return found !== undefined && found.delivered.consumer_seq > 0 && found.num_ack_pending === 0;
  });
  deepStrictEqual([calls, (await client.describe(executionId)).status], [0, "Failed"]);
});

test("WeftWorker aborts the signal of a task whose heartbeat learns that it is over", async (t) => {
  const { resource, start } = await prepare();
  const aborted = Promise.withResolvers<unknown>();
  work(t, resource, async (_, task) => {
    await client.failTask([...api.engine.tasks.values()].at(-1)?.message.token ?? "", { error: "Other" });
    aborted.resolve(await task.heartbeat() ? "goes on" : task.signal.aborted);
  });
  await start();
  strictEqual(await aborted.promise, true);
});

test("WeftWorker brings an outcome again until the engine is there to take it", async (t) => {
  const { resource, start } = await prepare();
  const executionId = await start();
  const returned = Promise.withResolvers<void>();
  const { worker } = work(t, resource, () => {
    api.engine.answers.set("completeTask", Effect.fail(new RequestRefused({ code: "Unavailable", message: "later" })));
    returned.resolve();
    return "kept";
  });
  await returned.promise;
  await api.stopServing();
  api.engine.answers.clear();
  strictEqual(worker.taskCount, 1);
  await api.serveAgain();
  strictEqual((await client.waitFor(executionId)).output, "kept");
});

test("WeftWorker acknowledges a second delivery of a task that it has done, and does not do it again", async (t) => {
  const { resource, run, start } = await prepare();
  let calls = 0;
  work(t, resource, () => ++calls);
  await run();
  const { message } = [...api.engine.tasks.values()].at(-1) ?? {};
  ok(message !== undefined);
  api.engine.onTask(message); // dispatched again
  await start();
  await until(async () => {
    const { num_ack_pending, num_pending, delivered } = await pending(resource);
    return delivered.consumer_seq === 3 && num_ack_pending + num_pending === 0;
  });
  strictEqual(calls, 2);
});

test("WeftWorker takes a message off the stream that is no task, and works on", async (t) => {
  const { resource, run } = await prepare();
  const { troubles } = work(t, resource, () => 1);
  await run();
  const { hash7 } = await import("../../../src/values/mod.ts");
  for (const body of ["", "{", "null", `{"taskId":1}`]) {
    api.connection.publish(`weft.task.acme.shop.${hash7(resource)}`, body);
  }
  await until(() => troubles.length === 4);
  strictEqual((await run()).status, "Succeeded");
});

test("WeftWorker waits for the stream, and makes its consumer again when it is gone", async (t) => {
  const manager = await jetstreamManager(api.connection);
  const { resource, run } = await prepare();
  const { troubles } = work(t, resource, () => "done");
  strictEqual((await run()).output, "done");
  await manager.consumers.delete("WEFT_TASKS", (await pending(resource)).name);
  strictEqual((await run()).output, "done");
  await manager.streams.delete("WEFT_TASKS");
  strictEqual((await run()).output, "done");
  ok(troubles.length >= 0);
});

test("WeftWorker makes a consumer anew that delivers nothing although tasks wait", async (t) => {
  const { resource, start } = await prepare();
  const { hash7 } = await import("../../../src/values/mod.ts");
  const name = `weft-acme-shop-${hash7(resource)}`;
  const manager = await jetstreamManager(api.connection);
  await manager.consumers.add("WEFT_TASKS", {
    durable_name: name,
    filter_subject: `weft.task.acme.shop.${hash7(resource)}`,
    ack_policy: AckPolicy.Explicit,
    max_ack_pending: 1,
  });
  const executions = [await start(1), await start(2)];
  const held = await (await jetstream(api.connection).consumers.get("WEFT_TASKS", name)).next();
  ok(held !== null); // and never acknowledged: the consumer has nothing more to give
  const { troubles } = work(t, resource, (input) => input, { idleHeartbeatMs: 100 });
  const ended = await Promise.all(executions.map((id) => client.waitFor(id)));
  deepStrictEqual(ended.map(({ output }) => output), [1, 2]);
  ok(troubles.some((problem) => problem.includes("delivers nothing")), troubles.join());
});

test("WeftWorker leaves a task of another resource with the same hash to its own worker", async (t) => {
  const { resource, run } = await prepare();
  const { troubles } = work(t, resource, () => "own");
  await run();
  const { message } = [...api.engine.tasks.values()].at(-1) ?? {};
  ok(message !== undefined);
  api.engine.onTask({ ...message, taskId: `${message.taskId.slice(0, -4)}ffff` as TaskId, resource: "another" });
  strictEqual((await run()).output, "own");
  await until(() => troubles.length > 0);
  match(troubles[0] ?? "", /"another"/);
});

test("WeftWorker has a consumer of its own where another tenant's has the same name", async (t) => {
  const outputs: Json[] = [];
  for (const [tenant, namespace] of [["a-b", "c"], ["a", "b-c"]] as const) {
    const own = await WeftClient.connect({ servers: api.server.url, tenant, namespace });
    await own.putWorkflow({ name: "w", definition: oneTask("w") });
    work(t, "w", () => tenant, { client: own });
    t.after(() => own.close());
    outputs.push((await own.run({ workflow: "w", input: 0 })).output ?? null);
  }
  deepStrictEqual(outputs, ["a-b", "a"]);
});

test("WeftWorker.stop() takes no more tasks and ends those in hand; the others are for the next worker", async (t) => {
  const { resource, start } = await prepare();
  const begun = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  const first = work(t, resource, async () => {
    begun.resolve();
    await end.promise;
    return "first";
  }, { concurrency: 1 });
  const executions = [await start()];
  await begun.promise;
  const stopped = first.worker.stop();
  executions.push(await start());
  end.resolve();
  await stopped;
  await first.running;
  work(t, resource, () => "second");
  const outputs = await Promise.all(executions.map((id) => client.waitFor(id)));
  deepStrictEqual(outputs.map(({ output }) => output), ["first", "second"]);
});

test("WeftWorker.stop() with abort aborts what runs and leaves it to other workers at once", async (t) => {
  const { resource, start } = await prepare();
  const begun = Promise.withResolvers<RunningTask>();
  const first = work(t, resource, (_, task) => {
    begun.resolve(task);
    return new Promise((resolve) => task.signal.addEventListener("abort", () => resolve("aborted")));
  });
  const executionId = await start();
  const task = await begun.promise;
  await first.worker.stop({ abort: true });
  strictEqual(task.signal.aborted, true);
  work(t, resource, () => "by another");
  strictEqual((await client.waitFor(executionId)).output, "by another");
});

test("WeftWorker goes on after its server was restarted, and no task is lost", async (t) => {
  const { resource, start } = await prepare();
  work(t, resource, (input) => input, { concurrency: 4, timeoutMs: 300 });
  const ids = await Promise.all(Array.from({ length: 20 }, (_, n) => start(n, `before-${n}`)));
  await api.server.restart();
  const more = await Promise.all(Array.from({ length: 20 }, (_, n) => start(20 + n, `after-${n}`)));
  const ended = await Promise.all([...ids, ...more].map((id) => client.waitFor(id)));
  deepStrictEqual(ended.map(({ output }) => output), Array.from({ length: 40 }, (_, n) => n));
});
