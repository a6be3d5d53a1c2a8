// Stores, snapshots and databases of every release open, tell what they hold, and go on.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { Effect, Result } from "effect";
import { openEmbeddedHome } from "../../src/homes/embedded.ts";
import { makeMemoryLogStream } from "../../src/log/memory/mod.ts";
import { TaskTokens } from "../../src/runtime/task_token.ts";
import { makeMemoryStorage } from "../../src/storage/memory/mod.ts";
import type { KeyValueStore } from "../../src/storage/port.ts";
import type { TaskMessage } from "../../src/tasks/mod.ts";
import type { Json, JsonObject } from "../../src/values/mod.ts";
import { ManualClock } from "../support/manual_clock.ts";
import { TestDisk } from "../support/test_disk.ts";
import { ask, refusal, space, TestNode } from "../support/test_node.ts";
import { folder, goldenLines, releases } from "./golden/golden_files.ts";
import { nodeOptions, type Told } from "./golden/tell.ts";

/** A little after the story's end. */
const LATER_EPOCH_MS = Date.UTC(2030, 0, 1, 0, 10);

async function logOf(release: string) {
  const stream = makeMemoryLogStream();
  const log = await Effect.runPromise(Effect.scoped(stream.open(0)));
  for (const [index, text] of (await goldenLines<string>(release, "log.jsonl")).entries()) {
    await Effect.runPromise(log.append(new TextEncoder().encode(text), index));
  }
  return stream;
}

async function storeOf(release: string, name: string): Promise<KeyValueStore> {
  const store = makeMemoryStorage();
  for (const { key, value } of await goldenLines<{ key: string; value: Json }>(release, name)) {
    await Effect.runPromise(store.set(key, value));
  }
  return store;
}

/** What the story began and did not end, by the name of its start. */
async function startedIn(release: string): Promise<ReadonlyMap<string, string>> {
  const told = await goldenLines<Told & JsonObject>(release, "answers.jsonl");
  return new Map(
    told.flatMap(({ step, answer }) =>
      "nats" in step && step.nats === "executions.start" && step.as !== undefined
        ? [[step.as, String((answer as JsonObject)["executionId"])] as const]
        : []
    ),
  );
}

const ways = [
  { from: "its store", store: true, bucket: true },
  { from: "its log alone", store: false, bucket: false },
  { from: "its snapshots and its log", store: false, bucket: true },
];
for (const release of await releases()) {
  for (const { from, store, bucket } of ways) {
    test(`a node of ${release} opens from ${from}, tells what it holds, and goes on`, async () => {
      const disk = new TestDisk(
        await logOf(release),
        store ? await storeOf(release, "store.jsonl") : makeMemoryStorage(),
      );
      const node = await TestNode.open(disk, {
        ...nodeOptions,
        clock: new ManualClock(LATER_EPOCH_MS),
        ...(bucket ? { snapshots: await storeOf(release, "bucket.jsonl") } : {}),
      });
      deepStrictEqual(node.node.partitions.map(({ status }) => status().kind), ["leading"]);
      const started = await startedIn(release);
      const idOf = (name: string) => started.get(name) ?? "";
      while (await refusal(node.engine.describeExecution({ ...space, executionId: idOf("both") })) === "Unavailable") {
        await new Promise((resolve) => setImmediate(resolve));
      }
      strictEqual(await node.status(idOf("retried")), "Succeeded");
      strictEqual(await node.status(idOf("canceled")), "Succeeded");
      strictEqual(await node.status(idOf("limited")), "Failed");
      strictEqual(await node.status(idOf("many")), "Canceled");
      strictEqual(await node.status(idOf("later")), "Pending");
      const deleted = await Effect.runPromise(
        Effect.result(node.engine.describeExecution({ ...space, executionId: idOf("keyed") })),
      );
      // One that is read from the log stays in memory until the next checkpoint.
      const state = Result.isFailure(deleted) ? deleted.failure.code : deleted.success.status;
      ok(state === "NotFound" || (state === "Deleting" && !store), state);
      strictEqual(await node.start("order", { n: 9 }, "open"), idOf("open"));
      const { events } = await ask(node.engine.executionHistory({ ...space, executionId: idOf("both"), limit: 100 }));
      strictEqual(events.at(-1)?.type, "ExecutionCompletedEvent");
      const { executions } = await ask(node.engine.listExecutions({ ...space, limit: 100 }));
      deepStrictEqual(
        [...started].filter(([name]) => name !== "keyed" && name !== "again" && started.get(name) !== "undefined")
          .map(([, id]) => id).sort(),
        executions.map(({ executionId }) => executionId as string).filter((id) => id !== idOf("keyed")).sort(),
      );
      const { workflows } = await ask(node.engine.listWorkflows(space));
      ok(workflows.length >= 8);
      const kept = await ask(node.node.registry.describeResource({ ...space, kind: "golden", names: ["kept"] }));
      deepStrictEqual(kept.value, { a: 1 });
      await goesOn(node, idOf);
      await node.close();
    });
  }

  test(`tokens of ${release} speak for their tasks`, async () => {
    const tokens = new TaskTokens(new TextEncoder().encode(nodeOptions.secret));
    const told = await goldenLines<Told & JsonObject>(release, "answers.jsonl");
    const tasks = told.flatMap(({ step, answer }) => "task" in step ? [answer as JsonObject] : []);
    ok(tasks.length >= 20);
    for (const { token, taskId, activityId, executionId } of tasks) {
      const claim = tokens.read(String(token));
      deepStrictEqual([claim?.taskId, claim?.activityId, claim?.executionId], [taskId, activityId, executionId]);
    }
  });

  test(`databases that ${release} left open at home, tell what they hold, and go on`, async (t) => {
    const home = await homeOn(t, release);
    const { engine } = home;
    const { executions } = await ask(engine.listExecutions(space));
    deepStrictEqual(executions.map(({ workflow }) => workflow).sort(), ["pass", "task", "wait"]);
    const [pass, task, wait] = ["pass", "task", "wait"].map((workflow) =>
      executions.find((execution) => execution.workflow === workflow)?.executionId ?? ""
    );
    const ended = await ask(engine.describeExecution({ ...space, executionId: pass ?? "" }));
    deepStrictEqual([ended.status, ended.input, ended.output], ["Succeeded", { n: 1 }, { n: 1 }]);
    // The wait was over long ago, and the task is handed out once more.
    for (const executionId of [task ?? "", wait ?? ""]) {
      strictEqual((await ask(engine.awaitExecution({ ...space, executionId }))).status, "Succeeded");
    }
    const again = await ask(engine.startExecution({ ...space, workflow: "pass", input: { n: 1 }, key: "pass" }));
    strictEqual(again.executionId, pass);
    await home.close();
  });
}

async function homeOn(t: TestContext, release: string) {
  const store = await mkdtemp(join(tmpdir(), "weft-replay-"));
  t.after(() => rm(store, { recursive: true, force: true }));
  for (const name of ["log.db", "state.db", "cluster.db"]) await cp(join(folder, release, name), join(store, name));
  return await openEmbeddedHome({ store, handlers: { work: () => "done" } });
}

/** Ends what the story left open. */
async function goesOn(node: TestNode, idOf: (name: string) => string): Promise<void> {
  const open = [idOf("openMap"), idOf("openBoth")];
  const end = Promise.all(open.map((id) => node.ended(id)));
  let left = true;
  void end.then(() => left = false);
  while (left) {
    const tasks: TaskMessage[] = [];
    for (const resource of ["work", "right"]) {
      while (node.waitingTasks.some((task) => task.resource === resource)) tasks.push(await node.task(resource));
    }
    for (const task of tasks) {
      await Effect.runPromise(Effect.ignore(node.engine.completeTask({ ...space, token: task.token, output: 1 })));
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (const { status } of await end) strictEqual(status, "Succeeded");
}
