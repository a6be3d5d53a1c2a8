// Goal: each message starts one execution, however often the engine is killed between a start and its acknowledgement.
// Method: messages are in the stream before; an engine is killed after a random count of starts (seeded), the next one goes on.
// WEFT_KILLS says how often, by default 4 times.
import { deepStrictEqual } from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { openNatsHome } from "../../../src/homes/nats.ts";
import { WeftClient } from "../../../src/sdk/mod.ts";
import { kill, seeded, startChild } from "../../support/child_process.ts";
import { startNatsServer } from "../../support/nats_server.ts";

const KILLS = Number(process.env["WEFT_KILLS"] ?? 4);
const STARTS_MAX = 12;
const MESSAGES = KILLS * STARTS_MAX + 40;
const script = fileURLToPath(new URL("./triggered_process.ts", import.meta.url));

test(`${MESSAGES} messages start ${MESSAGES} executions through ${KILLS} kills (seed 3)`, async () => {
  const server = await startNatsServer();
  const connection = await connect({ servers: server.url, noAsyncTraces: true });
  try {
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: "WORK", subjects: ["work"] });
    for (let id = 0; id < MESSAGES; id++) await jetstream(connection).publish("work", JSON.stringify({ id }));
    await putTrigger(server.url);
    const random = seeded(3);
    for (let kills = 0; kills < KILLS; kills++) await runUntil(server.url, 1 + random(STARTS_MAX));
    deepStrictEqual(await startedIds(server.url), Array.from({ length: MESSAGES }, (_, id) => id));
  } finally {
    await connection.close();
    await server.stop();
  }
});

async function putTrigger(url: string): Promise<void> {
  const home = await openNatsHome({ url, version: "0.0.0", partitions: 2 });
  const client = await WeftClient.connect({ servers: url });
  const definition = { StartAt: "Pass", States: { Pass: { Type: "Pass", End: true } } };
  await client.putWorkflow({ name: "work", definition });
  await client.triggers.put({ name: "work", subject: "work", stateMachine: "work", from: "oldest", concurrency: 4 });
  await client.close();
  await home.close();
}

async function runUntil(url: string, startedCount: number): Promise<void> {
  let started = 0;
  let enough = () => {};
  const isEnough = new Promise<void>((resolve) => enough = resolve);
  const child = startChild([script, url], (line) => {
    if (line === "started" && ++started >= startedCount) enough();
  });
  await Promise.race([
    isEnough,
    child.ended.then((end) => Promise.reject(new Error(`The process ended by itself: ${end}`))),
  ]);
  await kill(child);
}

/** What the executions were started with, once every message is acknowledged. */
async function startedIds(url: string): Promise<unknown[]> {
  const home = await openNatsHome({ url, version: "0.0.0", partitions: 2 });
  const client = await WeftClient.connect({ servers: url });
  try {
    for (;;) {
      const changed = new Promise<void>((resolve) => {
        const forget = home.onEvents(() => {
          forget();
          resolve();
        });
      });
      const ids: unknown[] = [];
      for await (const { executionId } of client.list({ workflow: "work" })) {
        const { input } = await client.describe(executionId);
        ids.push(typeof input === "object" && input !== null && "id" in input ? input.id : undefined);
      }
      if (ids.length >= MESSAGES) return ids.toSorted((a, b) => Number(a) - Number(b));
      await changed;
    }
  } finally {
    await client.close();
    await home.close();
  }
}
