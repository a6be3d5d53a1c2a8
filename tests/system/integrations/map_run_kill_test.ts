// Goal: whatever moment the engine's process dies at in the middle of a Map Run, it ends right: no child twice, none lost.
// Method: kill −9 after numbers of done tasks drawn from a seed, start again; at the end look at every child.
// WEFT_KILLS: how many times (default 3).
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { detailsOf } from "../../support/integrations/details_of.ts";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Effect } from "effect";
import { type Home, openEmbeddedHome, openNatsHome } from "../../../src/homes/mod.ts";
import { type ExecutionDetail, MapRuns } from "../../../src/runtime/mod.ts";
import { WeftClient, WeftWorker } from "../../../src/sdk/mod.ts";
import { kill, seeded, startChild } from "../../support/child_process.ts";
import { startNatsServer } from "../../support/nats_server.ts";

const kills = Number(process.env["WEFT_KILLS"] ?? 3);
const seed = Number(process.env["WEFT_SEED"] ?? 11);
const space = { tenant: "123456789012", namespace: "us-east-1" };
const ITEM_COUNT = 300;
const script = fileURLToPath(new URL("../../support/integrations/map_run_process.ts", import.meta.url));

/** Starts the process and kills it, again and again, each time once `waitDone` says that so many more tasks were done. */
async function killInTheMiddle(store: string, url: string, onDone: (listener: () => void) => () => void) {
  const draw = seeded(seed);
  let executionId = "";
  for (let round = 0; round < kills; round++) {
    const wanted = 10 + draw(50);
    let done = 0;
    const reached = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    const count = () => void (++done >= wanted && reached.resolve());
    const off = onDone(count);
    const child = startChild([script, store, url, String(ITEM_COUNT)], (line) => {
      const [what, id = ""] = line.split(" ");
      if (what === "done") count();
      if (what !== "started") return;
      executionId = id;
      started.resolve();
    });
    const died = child.ended.then((how) => Promise.reject(new Error(`it ended by ${how}`)));
    await Promise.race([Promise.all([started.promise, reached.promise]), died]);
    off();
    await kill(child);
    await died.catch(() => {});
  }
  return executionId;
}

/** Every item has one child, every child has ended well, and the result is in order. */
async function expectRight({ engine, registry }: Home, executionId: string) {
  const items = Array.from({ length: ITEM_COUNT }, (_, index) => index);
  const ended = await Effect.runPromise(engine.awaitExecution({ ...space, executionId }));
  deepStrictEqual([ended.status, ended.error, ended.output], ["Succeeded", undefined, items]);
  const runs = await Effect.runPromise(new MapRuns(registry).list(space, executionId));
  deepStrictEqual(runs.map(({ record }) => record.status), ["SUCCEEDED"]);
  const children: ExecutionDetail[] = [];
  let next: string | undefined;
  do {
    const page = await Effect.runPromise(registry.listDetails({
      ...space,
      of: { mapRun: runs[0]?.id ?? "" },
      limit: 100,
      ...(next === undefined ? {} : { next }),
    }));
    children.push(...await detailsOf(registry, space, page.executions));
    next = page.next;
  } while (next !== undefined);
  deepStrictEqual(children.map(({ input }) => Number(input)).toSorted((a, b) => a - b), items);
  strictEqual(children.every(({ status }) => status === "Succeeded"), true);
  return runs[0]?.id ?? "";
}

test(`kill -9 in the middle of a Map Run, embedded, ${kills} times: no child twice, none lost (seed ${seed})`, async () => {
  const store = mkdtempSync(join(tmpdir(), "weft-map-run-"));
  try {
    const executionId = await killInTheMiddle(store, "", () => () => {});
    const home = await openEmbeddedHome({ store, handlers: { echo: (input) => input } });
    try {
      await expectRight(home, executionId);
    } finally {
      await home.close();
    }
  } finally {
    rmSync(store, { recursive: true, force: true });
  }
});

test(`kill -9 in the middle of a Map Run, on NATS, ${kills} times: no child twice, none lost (seed ${seed})`, async () => {
  const server = await startNatsServer();
  const store = mkdtempSync(join(tmpdir(), "weft-map-run-"));
  const client = await WeftClient.connect({ servers: server.url, ...space, timeoutMs: 60_000, patienceMs: 60_000 });
  const listeners = new Set<() => void>();
  const worker = new WeftWorker({
    client,
    resource: "echo",
    handler: (input) => {
      for (const listener of listeners) listener();
      return input;
    },
  });
  const running = worker.run();
  try {
    const executionId = await killInTheMiddle(store, server.url, (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    });
    const home = await openNatsHome({ url: server.url, store, version: "0.0.1" });
    try {
      const mapRun = await expectRight(home, executionId);
      const listed = async (filter: { readonly mapRun?: string }) => {
        let count = 0;
        for await (const { mapRun: of } of client.list({ ...filter, limit: 100 })) {
          count += of === filter.mapRun ? 1 : NaN;
        }
        return count;
      };
      deepStrictEqual([await listed({}), await listed({ mapRun })], [1, ITEM_COUNT]);
    } finally {
      await worker.stop();
      await running;
      await home.close();
    }
  } finally {
    await client.close();
    await server.stop();
    rmSync(store, { recursive: true, force: true });
  }
});
