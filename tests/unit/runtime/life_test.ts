import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { partitionKey, partitionOf } from "../../../src/values/mod.ts";
import { ask, machines, refusal, space, TestNode } from "../../support/test_node.ts";

test("an execution is started, described, awaited and listed, and its history is told", async () => {
  const node = await TestNode.open();
  await node.put("task", machines.task);
  const executionId = await node.start("task", { n: 1 });
  strictEqual(await node.status(executionId), "Running");
  const task = await node.task("work");
  deepStrictEqual([task.input, task.executionId, task.stateName, task.attempt], [{ n: 1 }, executionId, "T", 1]);
  const ended = node.ended(executionId);
  await node.complete(task, { m: 2 });
  const { status, output, input, startedAt, endedAt } = await ended;
  deepStrictEqual([status, output, input], ["Succeeded", { m: 2 }, { n: 1 }]);
  deepStrictEqual([startedAt, endedAt], ["2030-01-01T00:00:00.000Z", "2030-01-01T00:00:00.000Z"]);
  const { events } = await ask(node.engine.executionHistory({ ...space, executionId }));
  deepStrictEqual(events.map(({ id, type }) => [id, type]), [
    [1, "ExecutionStartedEvent"],
    [2, "StateStartedEvent"],
    [3, "TaskCreatedEvent"],
    [4, "TaskActivatedEvent"],
    [5, "TaskCompletedEvent"],
    [6, "StateCompletedEvent"],
    [7, "ExecutionCompletedEvent"],
  ]);
  const { executions } = await ask(node.engine.listExecutions(space));
  deepStrictEqual(executions.map((it) => [it.executionId, it.status]), [[executionId, "Succeeded"]]);
  await node.close();
  strictEqual(node.clock.pending, 0);
});

test("runExecution() answers with how it ended", async () => {
  const node = await TestNode.open();
  await node.put("pass", machines.pass);
  const { status, output } = await ask(node.engine.runExecution({ ...space, workflow: "pass", input: [7] }));
  deepStrictEqual([status, output], ["Succeeded", [7]]);
  await node.close();
});

test("the feed tells each turn once, in order, numbered without gaps", async () => {
  const node = await TestNode.open();
  await node.put("task", machines.task);
  const executionId = await node.start("task");
  await node.complete(await node.task(), 1);
  await node.ended(executionId);
  const told = node.feed.filter((message) => message.executionId === executionId);
  deepStrictEqual(told.map(({ sequence }) => sequence), [1, 2]);
  deepStrictEqual(told.flatMap(({ events }) => events.map(({ id }) => id)), [1, 2, 3, 4, 5, 6, 7]);
  ok(told.every(({ events }) => events.every((event) => !("input" in event) && !("output" in event))));
  await node.close();
});

test("an execution is canceled with its reason, and its tasks are called off", async () => {
  const node = await TestNode.open();
  await node.put("map", machines.map);
  const executionId = await node.start("map", [1, 2, 3]);
  const task = await node.task();
  const { status } = await ask(
    node.engine.cancelExecution({ ...space, executionId, error: "Stopped", cause: "by Ada" }),
  );
  strictEqual(status, "Canceled");
  const described = await node.describe(executionId);
  deepStrictEqual([described.status, described.error, described.cause], ["Canceled", "Stopped", "by Ada"]);
  strictEqual(node.retracted.length, 3);
  strictEqual(await refusal(node.engine.completeTask({ ...space, token: task.token, output: 1 })), "InvalidStatus");
  strictEqual(await refusal(node.engine.cancelExecution({ ...space, executionId })), "InvalidStatus");
  await node.close();
});

test("a task that is completed once more, because its message was not acknowledged, is called off", async () => {
  const node = await TestNode.open();
  await node.put("both", machines.map);
  await node.start("both", [1, 2]);
  const task = await node.task();
  await node.complete(task, 1);
  deepStrictEqual(node.retracted, []);
  ok(await refusal(node.engine.completeTask({ ...space, token: task.token, output: 1 })) !== undefined);
  deepStrictEqual(node.retracted, [task.taskId]);
  await node.close();
});

test("a deleted execution is gone, from lists and by its key, once the store knows it", async () => {
  const node = await TestNode.open();
  await node.put("pass", machines.pass);
  const executionId = await node.start("pass", 1, "k");
  strictEqual((await ask(node.engine.deleteExecution({ ...space, executionId }))).status, "Deleting");
  await node.checkpoint();
  strictEqual(await refusal(node.engine.describeExecution({ ...space, executionId })), "NotFound");
  deepStrictEqual((await ask(node.engine.listExecutions(space))).executions, []);
  ok(await node.start("pass", 2, "k") !== executionId);
  await node.close();
});

test("an execution that runs cannot be deleted", async () => {
  const node = await TestNode.open();
  await node.put("task", machines.task);
  const executionId = await node.start("task");
  strictEqual(await refusal(node.engine.deleteExecution({ ...space, executionId })), "InvalidStatus");
  await node.close();
});

test("a Wait ends by the clock, and not before", async () => {
  const node = await TestNode.open();
  await node.put("wait", machines.wait);
  const executionId = await node.start("wait", { seconds: 30 });
  const ended = node.ended(executionId);
  node.clock.advance(29_999);
  strictEqual(await node.status(executionId), "Running");
  node.clock.advance(1);
  strictEqual((await ended).endedAt, "2030-01-01T00:00:30.000Z");
  await node.close();
});

test("a delayed start is Pending until its time", async () => {
  const node = await TestNode.open();
  await node.put("pass", machines.pass);
  const startAt = "2030-01-01T00:01:00Z";
  const { executionId, status } = await ask(
    node.engine.startExecution({ ...space, workflow: "pass", input: 1, startAt }),
  );
  strictEqual(status, "Pending");
  const ended = node.ended(executionId);
  node.clock.advance(60_000);
  strictEqual((await ended).status, "Succeeded");
  await node.close();
});

test("a clock that goes back an hour stops nothing and fires nothing early", async () => {
  const node = await TestNode.open();
  await node.put("wait", machines.wait);
  const before = await node.start("wait", { seconds: 60 });
  node.clock.jump(-3_600_000);
  const after = await node.start("wait", { seconds: 60 });
  ok(after.slice(-16) > before.slice(-16), "ids go on rising");
  const ended = [node.ended(after), node.ended(before)] as const;
  node.clock.advance(60_000);
  strictEqual((await ended[0]).status, "Succeeded");
  strictEqual(await node.status(before), "Running");
  node.clock.advance(3_600_000);
  strictEqual((await ended[1]).status, "Succeeded");
  await node.close();
});

test("no id is drawn twice when the clock has gone back and a restart has nothing to replay", async () => {
  const node = await TestNode.open();
  await node.put("task", machines.task);
  await node.start("task", 1);
  const { taskId: before } = await node.task();
  await node.close();
  node.clock.jump(-3_600_000);
  const next = await node.reopen();
  await next.start("task", 2);
  const drawn = [await next.task(), await next.task()].map(({ taskId }) => taskId);
  ok(drawn.includes(before));
  ok(drawn.every((taskId) => taskId.slice(-16) >= before.slice(-16)));
  strictEqual(new Set(drawn).size, 2);
  await next.close();
});

test("partitions draw their ids in lanes of their own, so that no two draw the same, on whatever nodes they are", async () => {
  const node = await TestNode.open(undefined, { partitions: 4 });
  await node.put("task", machines.task);
  for (let count = 0; count < 20; count++) await node.start("task", count, `key ${count}`);
  const lanes = node.waitingTasks.map(({ taskId, executionId }) => [
    Number.parseInt(taskId.slice(-8), 16) % 4,
    partitionOf(partitionKey(executionId), 4),
  ]);
  strictEqual(lanes.length, 20);
  ok(lanes.every(([lane, partition]) => lane === partition));
  ok(new Set(lanes.map(([lane]) => lane)).size > 1);
  await node.close();
});
