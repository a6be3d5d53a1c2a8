import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { Effect } from "effect";
import { type NatsHomeOptions, openNatsHome } from "../../../src/homes/mod.ts";
import { startNatsCluster } from "../../support/nats_cluster.ts";
import { startNatsServer } from "../../support/nats_server.ts";

const space = { tenant: "default", namespace: "default" };
const BUCKET = "KV_WEFT_SNAPSHOTS";

async function managerOf(t: TestContext, url: string): Promise<JetStreamManager> {
  const connection = await connect({ servers: url, noAsyncTraces: true });
  t.after(() => connection.close());
  return await jetstreamManager(connection);
}

async function newServer(t: TestContext) {
  const server = await startNatsServer();
  t.after(() => server.stop());
  return { url: server.url, manager: await managerOf(t, server.url) };
}

/** Opens the home, does the work and closes it. */
async function withHome<T>(
  options: Omit<NatsHomeOptions, "version">,
  work: (home: Awaited<ReturnType<typeof openNatsHome>>) => Promise<T>,
): Promise<T> {
  const home = await openNatsHome({ ...options, version: "0.0.0" });
  try {
    return await work(home);
  } finally {
    await home.close();
  }
}

const opens = (options: Omit<NatsHomeOptions, "version">) => withHome(options, () => Promise.resolve());

/** Ends of executions that are acknowledged, by id. */
const startSome = (options: Omit<NatsHomeOptions, "version">) =>
  withHome(options, async ({ engine }) => {
    const definition = { StartAt: "P", States: { P: { Type: "Pass", End: true } } };
    await Effect.runPromise(engine.putWorkflow({ ...space, name: "p", definition }));
    const ids: string[] = [];
    for (let input = 0; input < 20; input++) {
      const { executionId } = await Effect.runPromise(
        engine.startExecution({ ...space, workflow: "p", input, key: `k${input}` }),
      );
      await Effect.runPromise(engine.awaitExecution({ ...space, executionId }));
      ids.push(executionId);
    }
    return ids;
  });

/** Makes the log's streams as they were before they said whose they are. */
async function unmark(manager: JetStreamManager, partitions: number): Promise<void> {
  for (let p = 0; p < partitions; p++) await manager.streams.update(`WEFT_LOG_${p}`, { metadata: {} });
}

for (const isMarked of [true, false]) {
  test(`settings lost beside ${isMarked ? "" : "un"}marked streams stop the server by name; adopted, all is found`, async (t) => {
    const { url, manager } = await newServer(t);
    const ids = await startSome({ url, partitions: 2 });
    const before = (await manager.streams.info("WEFT_LOG_0")).config.metadata;
    if (!isMarked) await unmark(manager, 2);
    await manager.streams.delete(BUCKET);
    await rejects(opens({ url }), (thrown) => {
      ok(thrown instanceof Error && "_tag" in thrown);
      strictEqual(thrown._tag, "ClusterSettingsLost");
      if (isMarked) ok(thrown.message.includes(`${before?.["weft-cluster"]} with 2 partitions`), thrown.message);
      return true;
    });
    await rejects(manager.streams.info(BUCKET)); // a backup can be restored into its place
    const found = (options: Omit<NatsHomeOptions, "version">) =>
      withHome(options, ({ engine }) =>
        Promise.all(
          ids.map((executionId) => Effect.runPromise(engine.describeExecution({ ...space, executionId }))),
        ));
    const adopted = await found({ url, adoptStreams: true });
    deepStrictEqual(adopted.map(({ output }) => output), ids.map((_, input) => input));
    const after = (await manager.streams.info("WEFT_LOG_1")).config.metadata;
    strictEqual(after?.["weft-partitions"], "2");
    if (isMarked) strictEqual(after["weft-cluster"], before?.["weft-cluster"]);
    ok(after["weft-token-secret-sha256"] !== before?.["weft-token-secret-sha256"]);
    strictEqual((await found({ url })).length, ids.length);
  });
}

test("streams from before they said whose they are get it", async (t) => {
  const { url, manager } = await newServer(t);
  await startSome({ url, partitions: 2 });
  await unmark(manager, 2);
  await opens({ url });
  for (const name of ["WEFT_LOG_0", "WEFT_LOG_1"]) {
    const { metadata = {} } = (await manager.streams.info(name)).config;
    ok(/^[0-9a-f]{32}$/.test(metadata["weft-cluster"] ?? ""));
    ok(/^[0-9a-f]{64}$/.test(metadata["weft-token-secret-sha256"] ?? ""));
    deepStrictEqual([metadata["weft-partitions"], metadata["weft-format"]], ["2", "1"]);
  }
});

test("settings that disagree with a stream stop the server by name", async (t) => {
  const { url, manager } = await newServer(t);
  await opens({ url, partitions: 2 });
  const { metadata = {} } = (await manager.streams.info("WEFT_LOG_1")).config;
  for (const key of ["weft-cluster", "weft-partitions", "weft-token-secret-sha256", "weft-format"]) {
    await manager.streams.update("WEFT_LOG_1", { metadata: { ...metadata, [key]: "7" } });
    await rejects(opens({ url }), { _tag: "ClusterSettingsDisagree", stream: "WEFT_LOG_1" });
  }
  await manager.streams.update("WEFT_LOG_1", { metadata });
  await opens({ url });
});

test("nodes that come first at once read the same settings", async (t) => {
  const { url, manager } = await newServer(t);
  const homes = await Promise.all([1, 2, 3].map(() => openNatsHome({ url, partitions: 1, version: "0.0.0" })));
  await Promise.all(homes.map((home) => home.close()));
  strictEqual((await manager.streams.info("WEFT_LOG_0")).config.metadata?.["weft-partitions"], "1");
});

test("replicas follow a cluster of three, and --replicas 3 on one that has 1 is ignored", async (t) => {
  const cluster = await startNatsCluster();
  t.after(() => cluster.stop());
  const [url = ""] = cluster.urls;
  const manager = await managerOf(t, url);
  await opens({ url, partitions: 1 });
  for (const name of ["WEFT_LOG_0", BUCKET]) {
    strictEqual((await manager.streams.info(name)).config.num_replicas, 3);
  }
  for (const name of ["WEFT_LOG_0", BUCKET, "WEFT_TASKS"]) await manager.streams.delete(name);
  await opens({ url, partitions: 1, replicas: 1 });
  await opens({ url, replicas: 3 });
  strictEqual((await manager.streams.info("WEFT_LOG_0")).config.num_replicas, 1);
});

test("a bucket that is deleted while the node runs is made again, with the settings and all that was in it", async (t) => {
  const { url, manager } = await newServer(t);
  await withHome({ url, partitions: 1 }, async ({ engine }) => {
    const definition = { StartAt: "W", States: { W: { Type: "Wait", Seconds: 3_600, End: true } } };
    await Effect.runPromise(engine.putWorkflow({ ...space, name: "w", definition }));
    const start = (input: number) =>
      Effect.runPromise(engine.startExecution({ ...space, workflow: "w", input, key: `k${input}` }));
    await start(0);
    await manager.streams.delete(BUCKET);
    // Much that changes brings the next snapshot forward.
    for (let input = 1; !await hasSnapshot(manager); input++) {
      await start(input);
      await Effect.runPromise(engine.describeExecution({ ...space, ...await start(0) }));
      if (input % 50 === 0) {
        await Effect.runPromise(
          engine.putWorkflow({
            ...space,
            name: `w${input}`,
            definition: { ...definition, Comment: "x".repeat(200_000) + input },
          }),
        );
      }
    }
  });
  await withHome({ url }, async ({ engine }) => {
    const { executionId } = await Effect.runPromise(
      engine.startExecution({ ...space, workflow: "w", input: 0, key: "k0" }),
    );
    const { status } = await Effect.runPromise(engine.describeExecution({ ...space, executionId }));
    strictEqual(status, "Running");
  });
});

/** The bucket is there, and has a snapshot of partition 0 besides the settings. */
async function hasSnapshot(manager: JetStreamManager): Promise<boolean> {
  const info = await manager.streams.info(BUCKET, { subjects_filter: ">" }).catch(() => undefined);
  const subjects = Object.keys(info?.state.subjects ?? {});
  return subjects.some((subject) => subject.includes(".p0.s.")) &&
    subjects.some((subject) => subject.endsWith(".cluster"));
}
