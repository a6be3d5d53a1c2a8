// Goal: whatever moment the engine's process dies at, every start that was acknowledged ends with the right output, once.
// Method: kill −9 under load, after numbers of acknowledgements drawn from a seed; start again; at the end ask for every one.
// WEFT_KILLS: how many times (default 3; the release check uses 20).
import { deepStrictEqual, ok } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Effect } from "effect";
import { openEmbeddedHome } from "../../../src/homes/mod.ts";
import { WeftClient, WeftWorker } from "../../../src/sdk/mod.ts";
import { type Child, kill, seeded, startChild } from "../../support/child_process.ts";
import { startNatsServer } from "../../support/nats_server.ts";

const kills = Number(process.env["WEFT_KILLS"] ?? 3);
const seed = Number(process.env["WEFT_SEED"] ?? 7);
const space = { tenant: "default", namespace: "default" };
const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));

test(`kill -9 of an embedded engine, ${kills} times under load, loses no acknowledged start (seed ${seed})`, async () => {
  const store = mkdtempSync(join(tmpdir(), "weft-kill-"));
  const draw = seeded(seed);
  const started = new Map<string, string>();
  const told = new Map<string, string>();
  try {
    for (let round = 0; round < kills; round++) {
      const wanted = started.size + 20 + draw(300);
      const reached = Promise.withResolvers<void>();
      const child = startChild(
        [pathOf("../../support/embedded_load.ts"), store, String(round * 100_000), "32"],
        (line) => {
          const [what, key = "", value = ""] = line.split(" ");
          if (what === "started") started.set(key, value);
          if (what === "ended") told.set(key, value);
          if (started.size >= wanted) reached.resolve();
        },
      );
      await Promise.race([reached.promise, child.ended.then((how) => Promise.reject(new Error(`it ended by ${how}`)))]);
      await kill(child);
    }
    const home = await openEmbeddedHome({ store, handlers: { echo: (input) => input } });
    try {
      for (const [key, executionId] of started) {
        const ended = await Effect.runPromise(home.engine.awaitExecution({ ...space, executionId }));
        deepStrictEqual([ended.status, ended.output], ["Succeeded", { key }]);
        const again = await Effect.runPromise(
          home.engine.startExecution({ ...space, workflow: "echo", input: { key }, key }),
        );
        deepStrictEqual(again.executionId, executionId);
      }
      for (const [key, output] of told) deepStrictEqual(JSON.parse(output), { key });
      ok(started.size >= kills * 20);
    } finally {
      await home.close();
    }
  } finally {
    rmSync(store, { recursive: true, force: true });
  }
});

test(`kill -9 of weft serve, ${kills} times under load, loses no acknowledged start (seed ${seed})`, async () => {
  const server = await startNatsServer();
  const store = mkdtempSync(join(tmpdir(), "weft-kill-"));
  const client = await WeftClient.connect({ servers: server.url, timeoutMs: 60_000, patienceMs: 60_000 });
  const worker = new WeftWorker({ client, resource: "echo", handler: (input) => input });
  const running = worker.run();
  const serve = (): Promise<Child> => {
    const ready = Promise.withResolvers<Child>();
    const args = [
      pathOf("../../../src/main.ts"),
      "serve",
      "--processes",
      "1",
      "--nats",
      server.url,
      "--store",
      store,
      "--partitions",
      "4",
    ];
    const child: Child = startChild(args, () => ready.resolve(child));
    void child.ended.then((how) => ready.reject(new Error(`weft serve ended by ${how}`)));
    return ready.promise;
  };
  let engine = await serve();
  try {
    const definition = { StartAt: "Echo", States: { Echo: { Type: "Task", Resource: "echo", End: true } } };
    await client.putWorkflow({ name: "echo", definition });
    const draw = seeded(seed + 1);
    const started = new Map<string, string>();
    let next = 0;
    let isOver = false;
    let wake = () => {};
    const callers = Array.from({ length: 32 }, async () => {
      while (!isOver) {
        const key = `k${next++}`;
        const { executionId } = await client.start({ workflow: "echo", input: { key }, key });
        started.set(key, executionId);
        wake();
      }
    });
    const calling = Promise.all(callers);
    for (let round = 0; round < kills; round++) {
      const wanted = started.size + 20 + draw(300);
      const reached = Promise.withResolvers<void>();
      wake = () => void (started.size >= wanted && reached.resolve());
      await Promise.race([reached.promise, calling]);
      await kill(engine);
      engine = await serve();
    }
    isOver = true;
    await calling;
    for (const [key, executionId] of started) {
      const ended = await client.waitFor(executionId);
      deepStrictEqual([ended.status, ended.output], ["Succeeded", { key }]);
      const again = await client.start({ workflow: "echo", input: { key }, key });
      deepStrictEqual(again.executionId, executionId);
      const ends: string[] = [];
      for await (const { type } of client.history(executionId)) if (type === "ExecutionCompletedEvent") ends.push(type);
      deepStrictEqual(ends.length, 1);
    }
  } finally {
    await worker.stop();
    await running;
    await client.close();
    await kill(engine);
    await server.stop();
    rmSync(store, { recursive: true, force: true });
  }
});
