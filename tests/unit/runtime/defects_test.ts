import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Effect, Result } from "effect";
import { parseDefinition } from "../../../src/language/mod.ts";
import { sha256Hex } from "../../../src/values/mod.ts";
import { ask, machines, refusal, space, TestNode } from "../../support/test_node.ts";

const text = JSON.stringify(machines.task);

/** Puts something into the compiled machine that no evaluation gets past: what a bug of ours would look like. */
function poison(node: TestNode): { heal: () => void } {
  const { definitions } = node;
  const hash = sha256Hex(text);
  const healthy = definitions.get(hash);
  ok(healthy !== undefined);
  const parsed = parseDefinition(text);
  if (Result.isFailure(parsed)) throw new Error("a definition");
  const states = new Map(parsed.success.allStates);
  Object.defineProperty(states.get("T"), "ResultPath", {
    get: () => {
      throw new TypeError("a bug");
    },
  });
  definitions.set(hash, { ...parsed.success, allStates: states });
  return { heal: () => definitions.set(hash, healthy) };
}

test("a defect in one execution's turn refuses that command, and the others run on", async () => {
  const node = await TestNode.open();
  await node.put("task", machines.task);
  await node.put("pass", machines.pass);
  const executionId = await node.start("task", 1);
  const task = await node.task();
  const { heal } = poison(node);
  strictEqual(await refusal(node.engine.completeTask({ ...space, token: task.token, output: 1 })), "Unavailable");
  strictEqual((await ask(node.engine.runExecution({ ...space, workflow: "pass", input: 1 }))).status, "Succeeded");
  strictEqual(await node.status(executionId), "Running");
  heal();
  await node.complete(task, 2);
  strictEqual((await node.ended(executionId)).output, 2);
  const { events } = await ask(node.engine.executionHistory({ ...space, executionId }));
  deepStrictEqual(events.map(({ id }) => id), [1, 2, 3, 4, 5, 6, 7]);
  match(node.logged.join(), /defect/);
  await node.close();
});

test("an execution whose turns fail again and again is parked, and tried again by the next leader", async () => {
  const node = await TestNode.open();
  await node.put("task", machines.task);
  const executionId = await node.start("task", 1, "key");
  const task = await node.task();
  const { heal } = poison(node);
  const complete = () => refusal(node.engine.completeTask({ ...space, token: task.token, output: 1 }));
  for (let attempt = 0; attempt < 3; attempt++) strictEqual(await complete(), "Unavailable");
  heal();
  strictEqual(await complete(), "Unavailable"); // parked: nobody tries any more
  strictEqual(await node.status(executionId), "Running");
  strictEqual(await node.start("task", 1, "key"), executionId);
  await node.start("task", 2);
  await node.checkpoint();
  const next = await node.reopen();
  const again: readonly string[] = [(await next.task()).executionId, (await next.task()).executionId];
  ok(again.includes(executionId));
  await next.complete(task, 3);
  strictEqual((await next.ended(executionId)).output, 3);
  await next.close();
});

test("a defect while a timer fires is tried again, and then the execution is parked", async () => {
  const node = await TestNode.open();
  const machine = { StartAt: "T", States: { T: { Type: "Task", Resource: "work", TimeoutSeconds: 5, End: true } } };
  await node.put("task", machines.task);
  await node.put("timed", machine);
  const executionId = await node.start("timed");
  node.definitions.set(sha256Hex(JSON.stringify(machine)), { ...parsedOf(machine), allStates: new Map() });
  await node.next("afterDecide", () => node.clock.advance(5_000));
  while (node.logged.filter((line) => /defect/.test(line)).length < 3) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  strictEqual(await refusal(node.engine.cancelExecution({ ...space, executionId })), "Unavailable");
  strictEqual(await node.status(executionId), "Running");
  strictEqual(await node.status(await node.start("task")), "Running");
  await node.close();
});

function parsedOf(machine: Parameters<typeof parseDefinition>[0]) {
  const parsed = parseDefinition(machine);
  if (Result.isFailure(parsed)) throw new Error("a definition");
  return parsed.success;
}

test("a start whose definition cannot be compiled any more is refused, and the others run on", async () => {
  const first = await TestNode.open();
  await first.put("task", machines.task);
  await first.put("pass", machines.pass);
  await first.checkpoint();
  await Effect.runPromise(first.disk.storage.set(`p0/def/${sha256Hex(text)}`, "{}"));
  const node = await first.reopen();
  strictEqual(await refusal(node.engine.startExecution({ ...space, workflow: "task", input: 1 })), "Internal");
  strictEqual((await ask(node.engine.runExecution({ ...space, workflow: "pass", input: 1 }))).status, "Succeeded");
  match(node.logged.join(), /defect/);
  await node.close();
});

test("a listener of the feed that throws stops nothing", async () => {
  const node = await TestNode.open(undefined, {
    feed: () => {
      throw new Error("a listener's bug");
    },
  });
  await node.put("wait", machines.wait);
  const ended = node.ended(await node.start("wait", { seconds: 1 }));
  node.clock.advance(1_000);
  strictEqual((await ended).status, "Succeeded");
  await node.close();
});

test("an execution that the store cannot give back is parked, and said to be", async () => {
  const first = await TestNode.open();
  await first.put("task", machines.task);
  const executionId = await first.start("task", 1, "k");
  await first.checkpoint();
  const [entry] = await Effect.runPromise(first.disk.storage.list({ prefix: "p0/x/", limit: 1 }));
  ok(entry !== undefined);
  const kept = entry.value as { readonly actors: object };
  await Effect.runPromise(first.disk.storage.set(entry.key, { ...kept, actors: { version: 1 } }));
  const node = await first.reopen();
  const { engine } = node;
  const asked = { ...space, executionId };
  deepStrictEqual(
    await Promise.all([
      refusal(engine.describeExecution(asked)),
      refusal(engine.cancelExecution(asked)),
      refusal(engine.executionHistory(asked)),
      refusal(engine.awaitExecution(asked)),
      refusal(engine.startExecution({ ...space, workflow: "task", input: 1, key: "k" })),
    ]),
    Array.from({ length: 5 }, () => "Unavailable"),
  );
  strictEqual(await node.status(await node.start("task", 2)), "Running");
  await node.close();
});

test("a checkpoint does not pass over an execution that is being built anew", async () => {
  const node = await TestNode.open();
  await node.put("task", machines.task);
  const executionId = await node.start("task", 1);
  const task = await node.task();
  const { heal } = poison(node);
  const isHeld = Promise.withResolvers<void>();
  node.disk.storeAnswers = async (operation) => {
    if (operation !== "getMany") return true;
    isHeld.resolve();
    return await new Promise<boolean>(() => {});
  };
  const refused = refusal(node.engine.completeTask({ ...space, token: task.token, output: 1 }));
  await isHeld.promise;
  heal();
  await node.checkpoint();
  node.disk.storeAnswers = () => true;
  const next = await node.reopen();
  strictEqual(await next.status(executionId), "Running");
  await next.complete(await next.task(), 2);
  strictEqual((await next.ended(executionId)).output, 2);
  strictEqual(await refused, "Unavailable");
  await next.close();
});

test("nothing is told or decided of an execution between a defect and its being built anew", async () => {
  const node = await TestNode.open();
  await node.put("task", machines.task);
  const executionId = await node.start("task", 1, "key");
  const task = await node.task();
  const { heal } = poison(node);
  const { engine } = node;
  const asked = { ...space, executionId };
  const held = Promise.withResolvers<boolean>();
  node.disk.storeAnswers = () => held.promise;
  const refusals = [
    refusal(engine.completeTask({ ...space, token: task.token, output: 1 })),
    refusal(engine.describeExecution(asked)),
    refusal(engine.cancelExecution(asked)),
    refusal(engine.startExecution({ ...space, workflow: "task", input: 1, key: "key" })),
    refusal(engine.executionHistory(asked)),
    refusal(engine.listExecutions(space)),
  ];
  deepStrictEqual(await Promise.all(refusals), Array.from({ length: 6 }, () => "Unavailable"));
  heal();
  held.resolve(true);
  strictEqual(await node.status(executionId), "Running");
  await node.complete(task, 2);
  strictEqual((await node.ended(executionId)).output, 2);
  await node.close();
});

test("a defect in a chunk whose batch is acknowledged in no time stops nothing", async () => {
  const node = await TestNode.open();
  await node.put("task", machines.task);
  const executionId = await node.start("task", 1);
  const task = await node.task();
  const other = await node.start("task", 2);
  const { heal } = poison(node);
  node.disk.answersAtOnce = true;
  const [canceled, refused] = await Promise.all([
    ask(node.engine.cancelExecution({ ...space, executionId: other })),
    refusal(node.engine.completeTask({ ...space, token: task.token, output: 1 })),
  ]);
  heal();
  deepStrictEqual([canceled.status, refused], ["Canceled", "Unavailable"]);
  await node.complete(task, 2);
  strictEqual((await node.ended(executionId)).output, 2);
  await node.close();
});
