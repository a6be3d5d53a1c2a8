import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { after, before, beforeEach, test, type TestContext } from "node:test";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { type JetStreamManager, jetstreamManager, type StreamInfo } from "@nats-io/jetstream";
import { Effect, Exit, Layer, Logger, Result, Scope } from "effect";
import { TASK_STREAM } from "../../../src/nats/mod.ts";
import { type JetStreamTasksOptions, layerJetStreamTasks } from "../../../src/tasks/jetstream/mod.ts";
import { TaskDispatcher, type TaskMessage } from "../../../src/tasks/mod.ts";
import { type NatsServer, startNatsServer } from "../../support/nats_server.ts";
import { handedOutOf, testTaskContract } from "../../support/contracts/tasks.ts";
import { taskMessage } from "../../support/task_messages.ts";

let server: NatsServer;
let connection: NatsConnection;
let manager: JetStreamManager;

before(async () => {
  server = await startNatsServer();
  connection = await connect({
    servers: server.url,
    reconnectTimeWait: 20,
    maxReconnectAttempts: -1,
    noAsyncTraces: true,
  });
  manager = await jetstreamManager(connection, { timeout: 300 });
});
after(async () => {
  await connection?.close();
  await server?.stop();
});
beforeEach(async () => {
  await manager.streams.delete(TASK_STREAM).catch(() => false);
});

async function start(t: TestContext, options: Partial<JetStreamTasksOptions> = {}) {
  const scope = Scope.makeUnsafe();
  const logged: string[] = [];
  const layer = layerJetStreamTasks({
    connection,
    checkIntervalMs: 20,
    retryDelayMs: 5,
    answerTimeoutMs: 200,
    ...options,
  });
  const build = Layer.buildWithScope(layer, scope).pipe(
    Effect.provide(Logger.layer([Logger.map(Logger.formatJson, (line) => logged.push(line))])),
  );
  const close = () => Effect.runPromise(Scope.close(scope, Exit.void));
  t.after(close);
  const built = await Effect.runPromise(Effect.result(build));
  if (Result.isFailure(built)) return { failure: built.failure, logged, close };
  const dispatcher = Effect.runSync(Effect.provide(Effect.service(TaskDispatcher), built.success));
  return { dispatcher, logged, close };
}

async function started(t: TestContext, options: Partial<JetStreamTasksOptions> = {}) {
  const { dispatcher, failure, ...rest } = await start(t, options);
  if (dispatcher === undefined) throw failure;
  return { dispatcher, ...rest };
}

/** What is on the stream, in order, once `isEnough` holds of it. */
async function onStream(isEnough: (tasks: readonly TaskMessage[]) => boolean): Promise<readonly TaskMessage[]> {
  for (;;) {
    const found = await readAll().catch(() => []);
    if (isEnough(found)) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function readAll(): Promise<readonly TaskMessage[]> {
  const { state } = await manager.streams.info(TASK_STREAM);
  const found: TaskMessage[] = [];
  for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
    const message = await manager.streams.getMessage(TASK_STREAM, { seq });
    if (message !== null) found.push(message.json<TaskMessage>());
  }
  return found;
}

const inputs = (tasks: readonly TaskMessage[]) => tasks.map(({ input }) => input);
const many = (count: number, from = 1) => Array.from({ length: count }, (_, n) => taskMessage(from + n));

testTaskContract({
  name: "layerJetStreamTasks()",
  place: async (t) => {
    const { dispatcher, close } = await started(t);
    return {
      dispatcher,
      kept: async (count) => void await onStream((tasks) => new Set(tasks.map(({ taskId }) => taskId)).size === count),
      open: () => {},
      handedOut: async (isEnough) => (await onStream((tasks) => isEnough(tasks.map(handedOutOf)))).map(handedOutOf),
      close,
    };
  },
});

test("layerJetStreamTasks() makes a work queue in memory and publishes tasks on their subject, in order", async (t) => {
  const { dispatcher } = await started(t);
  dispatcher.dispatch([taskMessage(1), taskMessage(2, { resource: "ship", timeoutSeconds: 5 })]);
  deepStrictEqual(await onStream((tasks) => tasks.length === 2), [
    taskMessage(1),
    taskMessage(2, { resource: "ship", timeoutSeconds: 5 }),
  ]);
  const { config } = await manager.streams.info(TASK_STREAM);
  deepStrictEqual([config.retention, config.storage, config.discard, config.num_replicas], [
    "workqueue",
    "memory",
    "new",
    1,
  ]);
  // hash7 is the first 7 hex digits of SHA-256 of the resource
  strictEqual((await manager.streams.getMessage(TASK_STREAM, { seq: 2 }))?.subject, "weft.task.acme.shop.e5d5b97");
});

test("layerJetStreamTasks() publishes many more tasks than its window, each once and in order", async (t) => {
  const { dispatcher } = await started(t, { windowMax: 8 });
  dispatcher.dispatch(many(500));
  dispatcher.dispatch(many(500, 501));
  deepStrictEqual(
    inputs(await onStream((tasks) => tasks.length >= 1_000)),
    Array.from({ length: 1_000 }, (_, n) => n + 1),
  );
});

test("layerJetStreamTasks() keeps tasks while the server is away, and then publishes them in order", async (t) => {
  const { dispatcher, logged } = await started(t);
  await server.kill("SIGTERM");
  dispatcher.dispatch(many(50));
  dispatcher.dispatch(many(50, 51));
  await server.restart();
  const found = await onStream((tasks) => new Set(inputs(tasks)).size === 100);
  deepStrictEqual(inputs(found), Array.from({ length: 100 }, (_, n) => n + 1));
  ok(logged.some((line) => line.includes("cannot be dispatched")));
});

test("layerJetStreamTasks() makes the stream again when it is gone, and asks for every open task", async (t) => {
  const { dispatcher } = await started(t);
  const open = many(3);
  Effect.runSync(dispatcher.onLost(() => dispatcher.dispatch(open)));
  dispatcher.dispatch(open);
  await onStream((tasks) => tasks.length === 3);
  await manager.streams.delete(TASK_STREAM);
  deepStrictEqual(inputs(await onStream((tasks) => tasks.length === 3)), [1, 2, 3]);
});

test("layerJetStreamTasks() loses no task that it publishes while the stream is deleted under it", async (t) => {
  const { dispatcher } = await started(t);
  const open: TaskMessage[] = [];
  Effect.runSync(dispatcher.onLost(() => dispatcher.dispatch(open)));
  for (let round = 0; round < 5; round++) {
    const tasks = many(40, round * 40 + 1);
    open.push(...tasks);
    dispatcher.dispatch(tasks);
    await manager.streams.delete(TASK_STREAM).catch(() => false);
  }
  const found = await onStream((tasks) => new Set(inputs(tasks)).size === 200);
  strictEqual(new Set(inputs(found)).size, 200);
});

test("layerJetStreamTasks() sees that another node made the stream anew", async (t) => {
  const { dispatcher } = await started(t, { checkIntervalMs: 50 });
  const asked = Promise.withResolvers<void>();
  Effect.runSync(dispatcher.onLost(() => asked.resolve()));
  dispatcher.dispatch(many(2));
  await onStream((tasks) => tasks.length === 2);
  const { config } = await manager.streams.info(TASK_STREAM);
  await manager.streams.delete(TASK_STREAM);
  const other: StreamInfo | undefined = await manager.streams.add(config).catch(() => undefined);
  ok(other === undefined || other.created !== "");
  await asked.promise;
});

test("layerJetStreamTasks() asks for every open task after the server, and with it the memory, was restarted", async (t) => {
  const { dispatcher, logged } = await started(t);
  const open = many(5);
  Effect.runSync(dispatcher.onLost(() => dispatcher.dispatch(open)));
  dispatcher.dispatch(open);
  await onStream((tasks) => tasks.length === 5);
  await server.restart();
  deepStrictEqual(inputs(await onStream((tasks) => tasks.length >= 5)).slice(0, 5), [1, 2, 3, 4, 5]);
  ok(logged.some((line) => line.includes("lost messages")));
});

test("layerJetStreamTasks() hands out again what the stream does not have, and nothing that waits there", async (t) => {
  const first = await started(t);
  first.dispatcher.dispatch(many(30));
  await onStream((tasks) => tasks.length === 30);
  const next = await started(t);
  next.dispatcher.redispatch?.(many(20, 1));
  next.dispatcher.redispatch?.(many(20, 21));
  const found = await onStream((tasks) => tasks.length >= 40);
  deepStrictEqual(inputs(found), Array.from({ length: 40 }, (_, n) => n + 1));
  // Whom another node handed out, this one can take back.
  next.dispatcher.retract([taskMessage(2)]);
  strictEqual((await onStream((tasks) => tasks.length < 40)).length, 39);
});

test("layerJetStreamTasks() takes back a retracted task, and no other", async (t) => {
  const { dispatcher } = await started(t);
  dispatcher.dispatch(many(3));
  await onStream((tasks) => tasks.length === 3);
  dispatcher.retract([taskMessage(2), taskMessage(99)]);
  deepStrictEqual(inputs(await onStream((tasks) => tasks.length < 3)), [1, 3]);
});

test("layerJetStreamTasks() keeps tasks back while the stream is full, and goes on when there is room", async (t) => {
  const { dispatcher } = await started(t, { streamBytesMax: 4_000 });
  const open = many(30);
  dispatcher.dispatch(open);
  const taken: unknown[] = [];
  const first = await onStream((tasks) => tasks.length >= 5);
  ok(first.length < 30, "not all fit");
  while (taken.length < 30) {
    const [task] = await onStream((tasks) => tasks.length > 0);
    taken.push(task?.input);
    const { state } = await manager.streams.info(TASK_STREAM);
    await manager.streams.deleteMessage(TASK_STREAM, state.first_seq, false);
  }
  deepStrictEqual(taken, inputs(open));
});

test("layerJetStreamTasks() brings an existing stream to its settings", async (t) => {
  const first = await started(t, { streamBytesMax: 1_000_000 });
  first.dispatcher.dispatch(many(1));
  await onStream((tasks) => tasks.length === 1);
  await first.close();
  await started(t, { streamBytesMax: 2_000_000 });
  const { config, state } = await manager.streams.info(TASK_STREAM);
  deepStrictEqual([config.max_bytes, state.messages], [2_000_000, 1]);
});

test("layerJetStreamTasks() refuses a stream of that name that is no work queue in memory", async (t) => {
  await manager.streams.add({ name: TASK_STREAM, subjects: ["weft.task.>"] });
  const { failure } = await start(t);
  strictEqual(failure?._tag, "TaskStreamUnavailable");
  match(failure?.message ?? "", /work queue in memory/);
});

test("layerJetStreamTasks() refuses a server whose messages are too small for a task", async (t) => {
  const small = await startNatsServer({ configuration: "max_payload: 65536" });
  const own = await connect({ servers: small.url });
  t.after(async () => {
    await own.close();
    await small.stop();
  });
  const { failure } = await start(t, { connection: own });
  match(failure?.message ?? "", /max_payload is 65536/);
});
