// Goal: whatever moment the engine's process dies at, nested executions end right: no child twice, none lost, none left over.
// Method: kill −9 under a load of parents, children and grandchildren, of which some are stopped; start again; at the end ask for all.
// WEFT_KILLS: how many times (default 3).
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Effect } from "effect";
import { type Home, openEmbeddedHome, openNatsHome } from "../../../src/homes/mod.ts";
import type { ExecutionSummary } from "../../../src/runtime/mod.ts";
import { kill, seeded, startChild } from "../../support/child_process.ts";
import { startNatsServer } from "../../support/nats_server.ts";

const kills = Number(process.env["WEFT_KILLS"] ?? 3);
const seed = Number(process.env["WEFT_SEED"] ?? 11);
const space = { tenant: "123456789012", namespace: "us-east-1" };
const script = fileURLToPath(new URL("../../support/integrations/nested_load.ts", import.meta.url));

interface Told {
  /** Execution ids of acknowledged starts, by key. */
  readonly started: Map<string, string>;
  /** Keys of acknowledged stops. */
  readonly canceled: Set<string>;
}

/** Runs the load and kills it, so many times. */
async function killedLoad(kind: "embedded" | "nats", place: string): Promise<Told> {
  const draw = seeded(seed);
  const told: Told = { started: new Map(), canceled: new Set() };
  for (let round = 0; round < kills; round++) {
    const wanted = told.started.size + 20 + draw(150);
    const reached = Promise.withResolvers<void>();
    const child = startChild([script, kind, place, String(round * 100_000), "24"], (line) => {
      const [what, key = "", value = ""] = line.split(" ");
      if (what === "started") told.started.set(key, value);
      if (what === "canceled") told.canceled.add(key);
      if (told.started.size >= wanted) reached.resolve();
    });
    await Promise.race([reached.promise, child.ended.then((how) => Promise.reject(new Error(`it ended by ${how}`)))]);
    await kill(child);
  }
  return told;
}

async function all({ engine }: Home, workflow: string): Promise<readonly ExecutionSummary[]> {
  const found: ExecutionSummary[] = [];
  let after: { readonly next?: string } = {};
  for (;;) {
    const page = await Effect.runPromise(engine.listExecutions({ ...space, workflow, limit: 1_000, ...after }));
    found.push(...page.executions);
    if (page.next === undefined) return found;
    after = { next: page.next };
  }
}

/** By the key that each was given in its input. */
async function byKey(home: Home, workflow: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const statuses = new Map<string, string[]>();
  for (const { executionId } of await all(home, workflow)) {
    const { input, status } = await Effect.runPromise(home.engine.describeExecution({ ...space, executionId }));
    const { key } = input as { key: string };
    statuses.set(key, [...statuses.get(key) ?? [], status]);
  }
  return statuses;
}

async function check(home: Home, { started, canceled }: Told): Promise<void> {
  ok(started.size >= kills * 20);
  const parents = await all(home, "parent");
  for (const { executionId } of parents) {
    await Effect.runPromise(home.engine.awaitExecution({ ...space, executionId }));
  }
  const children = await byKey(home, "child");
  const grandchildren = await byKey(home, "grandchild");
  for (const [key, executionId] of started) {
    const end = await Effect.runPromise(home.engine.describeExecution({ ...space, executionId }));
    if (canceled.has(key)) strictEqual(end.status, "Canceled", key);
    if (end.status === "Canceled") continue;
    const { seconds } = end.input as { seconds: number };
    deepStrictEqual([end.status, end.output], ["Succeeded", { key, seconds }], key);
    deepStrictEqual([children.get(key), grandchildren.get(key)], [["Succeeded"], ["Succeeded"]], key);
  }
  for (const statuses of [children, grandchildren]) {
    for (const [key, ended] of statuses) {
      strictEqual(ended.length, 1, `${key} has a child twice`);
      ok(ended[0] === "Succeeded" || ended[0] === "Canceled", `${key} left a child that is ${ended[0]}`);
    }
  }
}

test(`kill -9 of an embedded engine, ${kills} times, doubles, loses and leaves no child (seed ${seed})`, async () => {
  const store = mkdtempSync(join(tmpdir(), "weft-nested-"));
  try {
    const told = await killedLoad("embedded", store);
    const home = await openEmbeddedHome({ store, timeScale: 0.05 });
    try {
      await check(home, told);
    } finally {
      await home.close();
    }
  } finally {
    rmSync(store, { recursive: true, force: true });
  }
});

test(`kill -9 of a node on NATS, ${kills} times, doubles, loses and leaves no child (seed ${seed})`, async () => {
  const server = await startNatsServer();
  try {
    const told = await killedLoad("nats", server.url);
    const home = await openNatsHome({ url: server.url, timeScale: 0.05, version: "0.0.1" });
    try {
      await check(home, told);
    } finally {
      await home.close();
    }
  } finally {
    await server.stop();
  }
});
