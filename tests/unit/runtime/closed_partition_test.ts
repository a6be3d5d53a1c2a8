// Goal: no answer speaks of what is not durable, whoever asks for what: while an append is on its way, nobody learns of what it holds.
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Effect } from "effect";
import { TestDisk } from "../../support/test_disk.ts";
import { ask, machines, refusal, space, TestNode } from "../../support/test_node.ts";

/** A node whose next appends are held until they are let go. */
async function heldNode() {
  const disk = new TestDisk();
  let held: PromiseWithResolvers<void> | undefined;
  const node = await TestNode.open(disk, {
    failpoint: (point) =>
      Effect.suspend(() =>
        point === "beforeAppend" && held !== undefined
          ? Effect.promise(() => held?.promise ?? Promise.resolve())
          : Effect.void
      ),
  });
  return {
    node,
    hold: () => held = Promise.withResolvers<void>(),
    letGo: () => {
      held?.resolve();
      held = undefined;
    },
  };
}

/** Whether something has been answered by now, whatever it was. */
function watched<A>(answer: Promise<A>): { readonly answer: Promise<A>; isAnswered: boolean } {
  const state = { answer, isAnswered: false };
  const note = () => void (state.isAnswered = true);
  answer.then(note, note);
  return state;
}

async function everythingThatCanHappen(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
}

test("a workflow that is put is not seen before it is durable, and by everybody afterwards", async () => {
  const { node, hold, letGo } = await heldNode();
  await node.put("known", machines.pass);
  hold();
  const put = ask(node.engine.putWorkflow({ ...space, name: "fresh", definition: machines.task }));
  await everythingThatCanHappen();
  const found = watched(ask(node.engine.describeWorkflow({ ...space, name: "fresh" })));
  const listed = watched(ask(node.engine.listWorkflows(space)));
  const read = watched(ask(node.node.registry.workflow({ ...space, name: "fresh" })));
  // That there is none is as little said as that there is one.
  const started = watched(node.start("fresh", 1));
  await everythingThatCanHappen();
  deepStrictEqual([found, listed, read, started].map(({ isAnswered }) => isAnswered), [false, false, false, false]);
  letGo();
  strictEqual((await put).revision, 1);
  strictEqual((await found.answer).revision, 1);
  deepStrictEqual((await listed.answer).workflows.map(({ name }) => name), ["fresh", "known"]);
  strictEqual((await read.answer).name, "fresh");
  strictEqual(await node.status(await started.answer), "Running");
  strictEqual(await node.status(await node.start("fresh", 1)), "Running");
  await node.close();
});

test("a workflow that is deleted is there until that is durable", async () => {
  const { node, hold, letGo } = await heldNode();
  await node.put("old", machines.pass);
  hold();
  const gone = ask(node.engine.deleteWorkflow({ ...space, name: "old" }));
  await everythingThatCanHappen();
  const found = watched(refusal(node.engine.describeWorkflow({ ...space, name: "old" })));
  const started = watched(refusal(node.engine.startExecution({ ...space, workflow: "old", input: 1 })));
  await everythingThatCanHappen();
  deepStrictEqual([found.isAnswered, started.isAnswered], [false, false]);
  letGo();
  await gone;
  deepStrictEqual([await found.answer, await started.answer], ["NotFound", undefined]);
  strictEqual(await refusal(node.engine.startExecution({ ...space, workflow: "old", input: 1 })), "NotFound");
  await node.close();
});

test("neither lists nor histories nor details tell of an execution whose start is on its way", async () => {
  const { node, hold, letGo } = await heldNode();
  await node.put("task", machines.task);
  await node.start("task", 0, "before");
  hold();
  const start = node.start("task", 1, "key");
  await everythingThatCanHappen();
  const listed = watched(ask(node.engine.listExecutions(space)));
  const byKey = watched(ask(node.node.registry.executionByKey({ ...space, key: "key" })));
  await everythingThatCanHappen();
  deepStrictEqual([listed.isAnswered, byKey.isAnswered], [false, false]);
  letGo();
  const executionId = await start;
  strictEqual((await listed.answer).executions.length, 2);
  strictEqual((await byKey.answer).executionId, executionId);
  const { events } = await ask(node.node.registry.executionEvents({ ...space, executionId, limit: 2 }));
  deepStrictEqual(events.map(({ id, event }) => [id, event.type]), [[1, "ExecutionStartedEvent"], [
    2,
    "StateStartedEvent",
  ]]);
  await node.close();
});

test("who waits for a read is told when the leader changes", async () => {
  const disk = new TestDisk();
  const node = await TestNode.open(disk);
  await node.put("task", machines.task);
  const executionId = await node.start("task", 1);
  disk.fate = () => "lost";
  const start = refusal(node.engine.startExecution({ ...space, workflow: "task", input: 2 }));
  await everythingThatCanHappen();
  const reads = [
    refusal(node.engine.executionHistory({ ...space, executionId })),
    refusal(node.engine.listExecutions(space)),
    refusal(node.engine.describeWorkflow({ ...space, name: "task" })),
  ];
  await everythingThatCanHappen();
  const closed = node.close();
  await node.clock.paused(2);
  node.clock.advance(11_000);
  await closed;
  deepStrictEqual([await start, ...await Promise.all(reads)], Array.from({ length: 4 }, () => "Unavailable"));
});
