/** `.waitForTaskToken` of plain resources: a worker's result is the answer to the request. @see docs/integrations.md */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test, type TestContext } from "node:test";
import { Effect } from "effect";
import { openEmbeddedHome, openNatsHome } from "../../../src/homes/mod.ts";
import { WeftClient, WeftWorker } from "../../../src/sdk/mod.ts";
import type { TaskHandler } from "../../../src/tasks/mod.ts";
import { type NatsServer, startNatsServer } from "../../support/nats_server.ts";
import { seenEvent, taskMachine, type UnderTest, underTest } from "../../support/integrations/both_homes.ts";

const resource = "charge.waitForTaskToken";
let server: NatsServer;
before(async () => {
  server = await startNatsServer();
});
after(() => server.stop());

type Open = (t: TestContext, handler: TaskHandler) => Promise<UnderTest>;
const homes: Readonly<Record<string, Open>> = {
  embedded: async (t, handler) => underTest(t, await openEmbeddedHome({ handlers: { [resource]: handler } })),
  "on NATS": async (t, handler) => {
    let stop = async () => {};
    const home = underTest(
      t,
      await openNatsHome({ url: server.url, partitions: 2, version: "0.0.1" }),
      () => stop(),
    );
    const client = await WeftClient.connect({ servers: server.url, ...home.space });
    const worker = new WeftWorker({ client, resource, handler });
    const running = worker.run();
    stop = async () => {
      await worker.stop();
      await running;
      await client.close();
    };
    return home;
  },
};

for (const [name, open] of Object.entries(homes)) {
  test(`what the worker returns is the answer to the request, and the token ends the task (${name})`, async (t) => {
    const tokens: string[] = [];
    const home = await open(t, (input) => {
      tokens.push((input as { token: string }).token);
      return "taken up";
    });
    const id = await home.start(taskMachine({ Resource: resource, Parameters: { "token.$": "$$.Task.Token" } }));
    strictEqual((await seenEvent(home, id, "TaskSubmittedEvent"))["output"], "taken up");
    const [token = ""] = tokens;
    await Effect.runPromise(home.home.engine.heartbeatTask({ ...home.space, token }));
    await Effect.runPromise(home.home.engine.completeTask({ ...home.space, token, output: "done" }));
    deepStrictEqual((await home.ended(id)).output, "done");
    strictEqual(tokens.length, 1);
  });

  test(`a worker that fails fails the task at once (${name})`, async (t) => {
    const home = await open(t, () => {
      throw new RangeError("no such account");
    });
    const end = await home.runTask({ Resource: resource, Parameters: { "token.$": "$$.Task.Token" } });
    deepStrictEqual([end.error, end.cause], ["RangeError", "no such account"]);
  });
}

test("a request that was answered is not made again after a restart", async (t) => {
  const store = mkdtempSync(join(tmpdir(), "weft-callback-"));
  t.after(() => rmSync(store, { recursive: true, force: true }));
  const tokens: string[] = [];
  const handlers: Readonly<Record<string, TaskHandler>> = {
    [resource]: (input) => void tokens.push((input as { token: string }).token),
  };
  const first = await openEmbeddedHome({ store, handlers });
  const start = underTest(t, first);
  const id = await start.start(taskMachine({ Resource: resource, Parameters: { "token.$": "$$.Task.Token" } }));
  await seenEvent(start, id, "TaskSubmittedEvent");
  await first.close();
  const second = await openEmbeddedHome({ store, handlers });
  t.after(() => second.close());
  const [token = ""] = tokens;
  await Effect.runPromise(second.engine.completeTask({ ...start.space, token, output: "done" }));
  const end = await Effect.runPromise(second.engine.awaitExecution({ ...start.space, executionId: id }));
  strictEqual(end.output, "done");
  strictEqual(tokens.length, 1);
});
