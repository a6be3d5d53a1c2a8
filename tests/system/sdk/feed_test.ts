import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { type Feed, type FeedItem, type FeedOptions, WeftClient, WeftError } from "../../../src/sdk/mod.ts";
import type { ExecutionId } from "../../../src/values/mod.ts";
import { oneTask, type ServedApi, serveFakeEngine } from "../../support/nats_api.ts";

let api: ServedApi;
let client: WeftClient;

before(async () => {
  api = await serveFakeEngine();
  client = await WeftClient.connect({ servers: api.server.url, tenant: "acme", namespace: "shop" });
});
after(async () => {
  await client?.close();
  await api?.close();
});
beforeEach(async () => {
  api.engine.executions.clear();
  await client.putWorkflow({ name: "order", definition: oneTask("charge") });
});

const start = async (): Promise<ExecutionId> => (await client.start({ workflow: "order", input: 1 })).executionId;
/** The fake engine numbers the task of its n-th execution so. */
const end = (id: ExecutionId) => client.completeTask(tokenOf(id), 1);
const tokenOf = (id: ExecutionId) =>
  [...api.engine.tasks.values()].find(({ message }) => message.executionId === id)?.message.token ?? "";

/** Items until `isEnough` holds of them, or the end of the feed. */
async function read(feed: Feed, isEnough: (items: readonly FeedItem[]) => boolean = () => false): Promise<FeedItem[]> {
  const items: FeedItem[] = [];
  for await (const item of feed) {
    items.push(item);
    if (isEnough(items)) break;
  }
  return items;
}

function idsOf(items: readonly FeedItem[], executionId: string): number[] {
  return items.flatMap((item) =>
    item.type === "events" && item.executionId === executionId ? item.events.map(({ id }) => id) : []
  );
}

test("WeftClient.subscribe() gives every event of an execution in order, and ends with it", async () => {
  const executionId = await start();
  const feed = await client.subscribe({ executionId, from: "start" });
  api.engine.record(executionId, ["StateRetriedEvent"]);
  await end(executionId);
  deepStrictEqual(idsOf(await read(feed), executionId), [1, 2, 3, 4, 5, 6, 7]);
  await feed.closed;
});

test("WeftClient.subscribe() from start on an execution that has ended gives its history and ends", async () => {
  const executionId = await start();
  await end(executionId);
  const feed = await client.subscribe({ executionId, from: "start" });
  deepStrictEqual(idsOf(await read(feed), executionId), [1, 2, 3, 4, 5, 6]);
});

test("WeftClient.subscribe() tells of a gap and fills it from the history", async () => {
  const executionId = await start();
  const feed = await client.subscribe({ executionId, from: "start" });
  api.engine.record(executionId, ["A"]);
  api.engine.record(executionId, ["B"], { lost: true });
  api.engine.record(executionId, ["C"], { lost: true });
  api.engine.record(executionId, ["D"]);
  await end(executionId);
  const items = await read(feed);
  deepStrictEqual(idsOf(items, executionId), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  deepStrictEqual(items.find(({ type }) => type === "gap"), {
    type: "gap",
    gap: { executionId, fromSequence: 3, throughSequence: 4 },
  });
});

test("WeftClient.subscribe() follows all executions of the namespace, and no others", async () => {
  const other = await WeftClient.connect({ servers: api.server.url, tenant: "other", namespace: "shop" });
  await other.putWorkflow({ name: "order", definition: oneTask("charge") });
  const feed = await client.subscribe();
  const [first, foreign] = [await start(), (await other.start({ workflow: "order", input: 1 })).executionId];
  const second = await start();
  await end(first);
  await end(second);
  const items = await read(feed, (seen) => idsOf(seen, first).length + idsOf(seen, second).length === 12);
  deepStrictEqual([first, second, foreign].map((id) => idsOf(items, id).length), [6, 6, 0]);
  await other.close();
});

test("WeftClient.subscribe() finds a last message that was lost, by looking when it is silent", async () => {
  const executionId = await start();
  const feed = await client.subscribe({ executionId, from: "start", silenceMs: 50 });
  api.engine.record(executionId, ["A", "ExecutionCompletedEvent"], { lost: true });
  deepStrictEqual(idsOf(await read(feed), executionId), [1, 2, 3, 4, 5]);
});

test("WeftClient.subscribe() reads the events that a large turn left out", async () => {
  const executionId = await start();
  const feed = await client.subscribe({ executionId, from: "start" });
  api.engine.record(executionId, Array.from({ length: 10 }, () => "x".repeat(120_000)));
  await end(executionId);
  deepStrictEqual(idsOf(await read(feed), executionId), Array.from({ length: 16 }, (_, n) => n + 1));
});

test("WeftClient.subscribe() drops what a slow reader cannot hold, and reads it later", async () => {
  const executionId = await start();
  const feed = await client.subscribe({ executionId, itemsMax: 2 } satisfies FeedOptions);
  for (const type of ["A", "B", "C", "D"]) api.engine.record(executionId, [type]);
  await client.connection.flush();
  await client.describe(executionId); // behind what the feed has had by now
  const reading = read(feed);
  await new Promise((resolve) => setImmediate(resolve));
  await end(executionId);
  deepStrictEqual(idsOf(await reading, executionId), [4, 5, 6, 7, 8, 9, 10]);
});

test("WeftClient.subscribe() ends when the execution is deleted meanwhile", async () => {
  const executionId = await start();
  await client.cancel(executionId);
  const feed = await client.subscribe({ executionId, silenceMs: 50 });
  api.engine.record(executionId, ["A"]);
  api.engine.executions.delete(executionId);
  ok((await read(feed)).length <= 1);
});

test("WeftClient.subscribe() rejects when the history cannot be read from the start", async () => {
  const executionId = await start();
  api.engine.executions.delete(executionId);
  await rejects(
    client.subscribe({ executionId, from: "start" }),
    (failure) => failure instanceof WeftError && failure.code === "NotFound",
  );
});

test("WeftClient.close() ends its feeds", async () => {
  const own = new WeftClient({ connection: api.connection, tenant: "acme", namespace: "shop" });
  const feed = await own.subscribe();
  const reading = read(feed);
  await own.close();
  deepStrictEqual(await reading, []);
  strictEqual(api.connection.isClosed(), false);
});
