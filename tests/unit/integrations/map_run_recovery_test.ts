// Goal: what a Map Run had begun to end is ended by whoever comes after a crash: nothing runs on, and the reason stays the first one.
// Method: a home whose engine never answers a certain request is closed in the middle; another one opens on the same store.
import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { Effect } from "effect";
import { type Home, openEmbeddedHome } from "../../../src/homes/mod.ts";
import { FileStore, type Integration, MapRunIntegration } from "../../../src/integrations/mod.ts";
import { MapRuns } from "../../../src/runtime/mod.ts";
import type { TaskHandler } from "../../../src/tasks/mod.ts";
import { defaultLimits, type Json, type JsonObject } from "../../../src/values/mod.ts";

const space = { tenant: "123456789012", namespace: "us-east-1" };

function mapMachine(fields: JsonObject, work: JsonObject): Json {
  const config = { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" };
  const processor = { ProcessorConfig: config, StartAt: "Work", States: { Work: { ...work, End: true } } };
  return {
    StartAt: "Map",
    States: { Map: { Type: "Map", Label: "Each", ItemProcessor: processor, End: true, ...fields } },
  };
}

/** A folder for the time of a test. */
function temporary(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "weft-map-run-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Map Runs on an engine that never stops an execution; tells when it was asked to. */
function neverStopping(objects: string) {
  const asked = Promise.withResolvers<void>();
  const real = new MapRunIntegration({ limits: defaultLimits, stores: { files: new FileStore(objects) } });
  const cancelExecution: Home["engine"]["cancelExecution"] = () => {
    asked.resolve();
    return Effect.never;
  };
  const integration: Integration = {
    name: real.name,
    handles: (resource) => real.handles(resource),
    run: (task, run) => real.run(task, { ...run, engine: { ...run.engine, cancelExecution } }),
    reclaim: (task, run) => real.reclaim(task, { ...run, engine: { ...run.engine, cancelExecution } }),
  };
  return { integration, asked: asked.promise };
}

async function statusesOf(home: Home, executionId: string) {
  const [run] = await Effect.runPromise(new MapRuns(home.registry).list(space, executionId));
  const children = await Effect.runPromise(
    home.registry.listDetails({ ...space, of: { mapRun: run?.id ?? "" } }),
  );
  return { record: run?.record, children: children.executions.map(({ status }) => status).toSorted() };
}

/** Starts a machine on a home that cannot stop executions, and closes that home once it has been asked to. */
async function closedInTheMiddle(
  t: TestContext,
  definition: Json,
  handlers: Readonly<Record<string, TaskHandler>>,
  then: (home: Home, executionId: string) => Promise<void> = () => Promise.resolve(),
) {
  const store = temporary(t);
  const { integration, asked } = neverStopping(store);
  const home = await openEmbeddedHome({ store, handlers, integrations: { own: [integration] } });
  await Effect.runPromise(home.engine.putWorkflow({ ...space, name: "machine", definition }));
  const { executionId } = await Effect.runPromise(
    home.engine.startExecution({ ...space, workflow: "machine", input: [1, 2, 3, 4] }),
  );
  await then(home, executionId);
  await asked;
  await home.close();
  const again = await openEmbeddedHome({ store, handlers: { work: endless } });
  t.after(() => again.close());
  const ended = await Effect.runPromise(again.engine.awaitExecution({ ...space, executionId }));
  return { ended, ...await statusesOf(again, executionId) };
}

const endless: TaskHandler = (_input, { signal }) =>
  new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

test("children of a stopped execution are stopped by whoever comes after a crash", async (t) => {
  const allWork = Promise.withResolvers<void>();
  let working = 0;
  const handlers: Record<string, TaskHandler> = {
    work: (input, task) => {
      if (++working === 2) allWork.resolve();
      return endless(input, task);
    },
  };
  const definition = mapMachine({ MaxConcurrency: 2 }, { Type: "Task", Resource: "work" });
  const { ended, record, children } = await closedInTheMiddle(t, definition, handlers, async (home, executionId) => {
    await allWork.promise;
    await Effect.runPromise(home.engine.cancelExecution({ ...space, executionId }));
  });
  strictEqual(ended.status, "Canceled");
  deepStrictEqual([record?.status, children], ["ABORTED", ["Canceled", "Canceled"]]);
});

test("a Map Run that was about to fail fails for the same reason after a crash, and begins no child", async (t) => {
  const handlers: Record<string, TaskHandler> = {
    work: (input, task) => {
      if (input === 2) throw new Error("on purpose");
      return endless(input, task);
    },
  };
  const definition = mapMachine({ MaxConcurrency: 2 }, { Type: "Task", Resource: "work" });
  const { ended, record, children } = await closedInTheMiddle(t, definition, handlers);
  deepStrictEqual([ended.status, ended.error], ["Failed", "States.ExceedToleratedFailureThreshold"]);
  deepStrictEqual([record?.status, children], ["FAILED", ["Canceled", "Failed"]]);
  deepStrictEqual([record?.executionCounts.failed, record?.executionCounts.aborted], [1, 1]);
});

test("a Map Run whose items have changed while nobody looked fails by name", async (t) => {
  const store = temporary(t);
  mkdirSync(join(store, "objects/in"), { recursive: true });
  const file = join(store, "objects/in/items");
  writeFileSync(file, "1\n2\n3\n");
  const integrations = { objects: { folder: join(store, "objects") } };
  const working = Promise.withResolvers<void>();
  const handlers: Record<string, TaskHandler> = {
    work: (input, task) => {
      working.resolve();
      return endless(input, task);
    },
  };
  const ItemReader = {
    Resource: "arn:aws:states:::s3:getObject",
    ReaderConfig: { InputType: "JSONL" },
    Parameters: { Bucket: "in", Key: "items" },
  };
  const home = await openEmbeddedHome({ store, handlers, integrations });
  const definition = mapMachine({ ItemReader, MaxConcurrency: 1 }, { Type: "Task", Resource: "work" });
  await Effect.runPromise(home.engine.putWorkflow({ ...space, name: "machine", definition }));
  const { executionId } = await Effect.runPromise(
    home.engine.startExecution({ ...space, workflow: "machine", input: {} }),
  );
  await working.promise;
  await home.close();
  writeFileSync(file, "1\n2\n3\n4\n");
  const again = await openEmbeddedHome({ store, handlers, integrations });
  t.after(() => again.close());
  const ended = await Effect.runPromise(again.engine.awaitExecution({ ...space, executionId }));
  strictEqual(ended.error, "States.ItemReaderFailed");
  match(ended.cause ?? "", /^The items have changed while the Map Run was running/);
  deepStrictEqual((await statusesOf(again, executionId)).children, ["Canceled"]);
});
