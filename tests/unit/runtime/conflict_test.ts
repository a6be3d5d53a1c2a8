import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Result } from "effect";
import { decodeBatch, encodeBatch, encodeTurn } from "../../../src/protocol/mod.ts";
import { type AppendFate, TestDisk } from "../../support/test_disk.ts";
import { ask, machines, refusal, seal, space, TestNode } from "../../support/test_node.ts";

/** Writes a batch behind the newest, as another leader would. */
async function intrude(disk: TestDisk): Promise<void> {
  const before = await disk.lastSequence(0);
  const last = decodeBatch(await disk.entry(0, before));
  if (Result.isFailure(last)) throw new Error(last.failure.reason);
  const { epoch, hash } = last.success;
  const turn = encodeTurn({
    subject: "/partition",
    sequence: 0,
    atEpochMs: 0,
    timestamp: "0000000000000001",
    records: [{ type: "LeaderElectedEvent", version: 1, epoch: epoch + 1, node: "other" }],
  });
  await disk.append(
    0,
    encodeBatch({ partition: 0, previous: hash, epoch: epoch + 1, sequence: before + 1 }, [turn], seal).bytes,
  );
}

/** Waits until the node leads again, letting the pause between terms pass. */
async function leadsAgain(node: TestNode): Promise<void> {
  const leads = () => node.node.partitions[0]?.status().kind === "leading";
  while (leads()) await new Promise((resolve) => setImmediate(resolve));
  while (!leads()) {
    node.clock.advance(200);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("another writer's batch makes the partition load again and go on, and the caller learns that the outcome is unknown", async () => {
  const node = await TestNode.open();
  await node.put("task", machines.task);
  const before = await node.start("task", 1, "before");
  await intrude(node.disk);
  const lost = refusal(node.engine.startExecution({ ...space, workflow: "task", input: 2 }));
  strictEqual(await lost, "Unavailable");
  await leadsAgain(node);
  const after = await node.start("task", 2, "k");
  deepStrictEqual(
    new Set((await ask(node.engine.listExecutions(space))).executions.map((it) => it.executionId)),
    new Set([before, after]),
  );
  await node.complete(await node.task(), 1);
  await node.close();
});

test("a start with a key is asked again when the leader changes, and comes to one execution", async () => {
  const node = await TestNode.open();
  await node.put("task", machines.task);
  await intrude(node.disk);
  const started = ask(node.engine.startExecution({ ...space, workflow: "task", input: 2, key: "k" }));
  await leadsAgain(node);
  const { executionId } = await started;
  strictEqual(await node.start("task", 2, "k"), executionId);
  deepStrictEqual((await ask(node.engine.listExecutions(space))).executions.map((it) => it.executionId), [executionId]);
  await node.close();
});

test("who waits for an end goes on waiting when the leader changes", async () => {
  const node = await TestNode.open();
  await node.put("task", machines.task);
  const executionId = await node.start("task", 1);
  const end = ask(node.engine.awaitExecution({ ...space, executionId }));
  const run = ask(node.engine.runExecution({ ...space, workflow: "task", input: 3 }));
  strictEqual(await node.status(executionId), "Running");
  await intrude(node.disk);
  await refusal(node.engine.startExecution({ ...space, workflow: "task", input: 2 }));
  await leadsAgain(node);
  strictEqual(await node.status(executionId), "Running");
  for (;;) {
    const task = await node.task();
    await node.complete(task, "done");
    if (task.input === 3) break;
  }
  strictEqual((await run).output, "done");
  strictEqual((await end).output, "done");
  await node.close();
});

test("timers and tasks of before the change are there after it", async () => {
  const node = await TestNode.open();
  await node.put("task", machines.task);
  await node.put("wait", machines.wait);
  const waiting = await node.start("wait", { seconds: 50 });
  const open = await node.start("task", 1);
  await intrude(node.disk);
  await refusal(node.engine.startExecution({ ...space, workflow: "task", input: 2 }));
  await leadsAgain(node);
  await node.task();
  const again = await node.task();
  strictEqual(again.executionId, open);
  await node.complete(again, 1);
  const ended = node.ended(waiting);
  node.clock.advance(50_000);
  strictEqual((await ended).status, "Succeeded");
  await node.close();
});

const fates: readonly { what: string; first: AppendFate; appends: number }[] = [
  { what: "was not written", first: "lost", appends: 2 },
  { what: "was written all the same", first: "unacknowledged", appends: 1 },
];
for (const { what, first, appends } of fates) {
  test(`an append without an answer that ${what} is done once`, async () => {
    const node = await TestNode.open();
    await node.put("pass", machines.pass);
    const before = node.disk.appends;
    const last = await node.disk.lastSequence(0);
    const coming: AppendFate[] = [first];
    node.disk.fate = () => coming.shift() ?? "written";
    const run = ask(node.engine.runExecution({ ...space, workflow: "pass", input: 1 }));
    if (first === "lost") {
      await node.clock.paused(2);
      strictEqual(node.feed.length, 0); // no effect before it is durable
      node.clock.advance(100);
    }
    strictEqual((await run).status, "Succeeded");
    strictEqual(node.disk.appends - before, appends);
    strictEqual(await node.disk.lastSequence(0), last + 1);
    strictEqual(node.feed.length, 1);
    await node.close();
  });
}

test("nothing is answered, told or handed out while the log is away, and all of it afterwards", async () => {
  const node = await TestNode.open();
  await node.put("task", machines.task);
  const known = await node.start("task", 0);
  await node.task();
  const toldBefore = node.feed.length;
  node.disk.fate = () => "lost";
  let answered = 0;
  const count = <A>(answer: Promise<A>) =>
    answer.then((value) => {
      answered += 1;
      return value;
    });
  const asked = [
    count(node.start("task", 1)),
    count(refusal(node.engine.describeExecution({ ...space, executionId: known }))),
    count(refusal(node.engine.describeExecution({ ...space, executionId: known.replace(/.{16}$/, "0".repeat(16)) }))),
    count(ask(node.engine.listExecutions(space)).then(({ executions }) => executions.length >= 1)),
  ] as const;
  for (let attempt = 0; attempt < 5; attempt++) {
    await node.clock.paused(2);
    node.clock.advance(100);
  }
  deepStrictEqual([answered, node.feed.length, node.waitingTasks.length], [0, toldBefore, 0]);
  match(node.logged.join(), /did not answer/);
  node.disk.fate = () => "written";
  await node.clock.paused(2);
  node.clock.advance(100);
  const [started, ...rest] = await Promise.all(asked);
  ok(started.startsWith("/acme/shop/"));
  deepStrictEqual(rest, [undefined, "NotFound", true]);
  strictEqual((await node.task()).executionId, started);
  await node.close();
});

test("a store that does not answer keeps a checkpoint waiting, and nothing else", async () => {
  const node = await TestNode.open();
  await node.put("task", machines.task);
  await node.checkpoint();
  node.disk.storeAnswers = (operation) => operation !== "commit";
  const executionId = await node.start("task", 1);
  await node.clock.paused(1);
  await node.next("beforeCheckpoint", () => node.clock.advance(1_000));
  for (let attempt = 0; attempt < 5; attempt++) {
    await node.clock.paused(1);
    node.clock.advance(2_000);
  }
  await node.complete(await node.task(), 2);
  strictEqual((await node.ended(executionId)).output, 2);
  node.disk.storeAnswers = () => true;
  await node.clock.paused(1);
  await node.next("afterCheckpoint", () => node.clock.advance(2_000));
  const next = await node.reopen();
  strictEqual((await next.describe(executionId)).output, 2);
  await next.close();
});
