import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { defaultLimits, type Json } from "../../../src/values/mod.ts";
import { TestDisk } from "../../support/test_disk.ts";
import { ask, machines, refusal, space, TestNode } from "../../support/test_node.ts";

/** A disk that keeps every append waiting until it is told to go on. */
function heldDisk() {
  const disk = new TestDisk();
  let release = () => {};
  const hold = () => {
    const released = new Promise<void>((resolve) => release = resolve);
    disk.fate = async (): Promise<"written"> => {
      await released;
      return "written";
    };
  };
  return { disk, hold, release: () => release() };
}

test("turns beyond ASCII that gather behind a slow append fit into the log's entries", async () => {
  const { disk, hold, release } = heldDisk();
  const node = await TestNode.open(disk);
  await node.put("pass", machines.pass);
  hold();
  const starts = Array.from({ length: 700 }, (_, index) => node.start("pass", `${index} ${"語".repeat(3_000)}`));
  await node.next("afterDecide", () => {});
  release();
  strictEqual(new Set(await Promise.all(starts)).size, 700);
  strictEqual(node.node.partitions[0]?.status().kind, "leading");
  await node.close();
});

/** A definition whose JSON text has about so many bytes, most of them quotes, which JSON writes as two. */
function largeDefinition(bytes: number): Json {
  const Comment = '"'.repeat(Math.floor((bytes - 200) / 2));
  return { Comment, ...machines.pass };
}

for (const bytes of [600_000, defaultLimits.definitionBytesMax - 10]) {
  test(`a definition of ${bytes} bytes is kept, run and found again after a restart`, async () => {
    const node = await TestNode.open(undefined, { partitions: 3 });
    const definition = largeDefinition(bytes);
    await node.put("large", definition);
    await node.put("small", machines.pass);
    for (let index = 0; index < 6; index++) {
      const { output } = await ask(node.engine.runExecution({ ...space, workflow: "large", input: index }));
      strictEqual(output, index);
    }
    const next = await node.reopen({ partitions: 3 });
    deepStrictEqual((await ask(next.engine.describeWorkflow({ ...space, name: "large" }))).definition, definition);
    await next.checkpoint();
    const last = await next.reopen({ partitions: 3 });
    deepStrictEqual((await ask(last.engine.describeWorkflow({ ...space, name: "large" }))).definition, definition);
    const { output } = await ask(last.engine.runExecution({ ...space, workflow: "large", input: 7 }));
    strictEqual(output, 7);
    await last.close();
  });
}

test("a definition one byte too long is refused, and nothing is written", async () => {
  const node = await TestNode.open();
  const before = node.disk.appends;
  const definition = `${JSON.stringify(machines.pass)}`.padEnd(defaultLimits.definitionBytesMax + 1);
  strictEqual(await refusal(node.engine.putWorkflow({ ...space, name: "large", definition })), "InvalidDefinition");
  strictEqual(node.disk.appends, before);
  await node.close();
});
