// Goal: a redriven execution's Map Run goes on: what succeeded is kept, what failed goes on where it failed, what never began begins.
// Source: docs.aws.amazon.com/step-functions/latest/dg/redrive-map-run.html.
import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { detailsOf } from "../../support/integrations/details_of.ts";
import { test, type TestContext } from "node:test";
import { Effect } from "effect";
import { openEmbeddedHome } from "../../../src/homes/mod.ts";
import { MapRuns } from "../../../src/runtime/mod.ts";
import type { TaskHandler } from "../../../src/tasks/mod.ts";
import type { Json, JsonObject } from "../../../src/values/mod.ts";

const space = { tenant: "123456789012", namespace: "us-east-1" };

/** A distributed Map whose children prepare their item and then work on it. */
function mapMachine(fields: JsonObject): Json {
  const processor = {
    ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
    StartAt: "Prepare",
    States: {
      Prepare: { Type: "Task", Resource: "prepare", Next: "Work" },
      Work: { Type: "Task", Resource: "work", End: true },
    },
  };
  return {
    StartAt: "Map",
    States: { Map: { Type: "Map", Label: "Each", ItemProcessor: processor, End: true, ...fields } },
  };
}

/** A home where `work` fails on item 2 as long as `isBroken`, and on nothing ends as long as `isStuck`; it notes what was done. */
async function started(t: TestContext, fields: JsonObject, isStuck = false) {
  const folder = mkdtempSync(join(tmpdir(), "weft-redrive-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const stuck = Promise.withResolvers<void>();
  const state = { isBroken: true, isStuck, done: { prepare: [] as Json[], work: [] as Json[] } };
  const handlers: Record<string, TaskHandler> = {
    prepare: (input) => {
      state.done.prepare.push(input);
      return input;
    },
    work: (input, { signal }) => {
      if (state.isStuck) {
        stuck.resolve();
        return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      }
      if (state.isBroken && input === 2) throw new Error("broken");
      state.done.work.push(input);
      return Number(input) * 10;
    },
  };
  const home = await openEmbeddedHome({ store: folder, handlers });
  t.after(() => home.close());
  const { engine, registry } = home;
  await Effect.runPromise(engine.putWorkflow({ ...space, name: "machine", definition: mapMachine(fields) }));
  const { executionId } = await Effect.runPromise(
    engine.startExecution({ ...space, workflow: "machine", input: [1, 2, 3, 4] }),
  );
  const ended = () => Effect.runPromise(engine.awaitExecution({ ...space, executionId }));
  const redriven = async () => {
    await Effect.runPromise(registry.redriveExecution({ ...space, executionId }));
    return await ended();
  };
  const mapRun = async () => {
    const runs = await Effect.runPromise(new MapRuns(registry).list(space, executionId));
    strictEqual(runs.length, 1);
    const id = runs[0]?.id ?? "";
    const children = await Effect.runPromise(registry.listDetails({ ...space, of: { mapRun: id } }));
    return { record: runs[0]?.record, children: await detailsOf(registry, space, children.executions) };
  };
  return { home, folder, handlers, state, executionId, ended, redriven, mapRun, stuck: stuck.promise };
}

test("the Map Run of a redriven execution keeps what succeeded and goes on with the rest", async (t) => {
  const { home, state, executionId, ended, redriven, mapRun } = await started(t, { MaxConcurrency: 1 });
  strictEqual((await ended()).error, "States.ExceedToleratedFailureThreshold");
  deepStrictEqual(state.done, { prepare: [1, 2], work: [1] });
  state.isBroken = false;
  const end = await redriven();
  deepStrictEqual([end.status, end.output], ["Succeeded", [10, 20, 30, 40]]);
  deepStrictEqual(state.done, { prepare: [1, 2, 3, 4], work: [1, 2, 3, 4] });
  const { record, children } = await mapRun();
  deepStrictEqual([record?.status, record?.redriveCount, record?.itemCounts.succeeded], ["SUCCEEDED", 1, 4]);
  deepStrictEqual(children.map(({ input, redriveCount }) => [input, redriveCount]).toSorted(), [
    [1, 0],
    [2, 1],
    [3, 0],
    [4, 0],
  ]);
  const { events } = await Effect.runPromise(home.engine.executionHistory({ ...space, executionId }));
  deepStrictEqual(events.filter(({ type }) => type === "TaskCreatedEvent").map(({ redrive }) => redrive), [
    undefined,
    1,
  ]);
});

test("a Map Run whose children fail again fails again, and can be redriven again", async (t) => {
  const { state, ended, redriven, mapRun } = await started(t, { MaxConcurrency: 1 });
  await ended();
  strictEqual((await redriven()).error, "States.ExceedToleratedFailureThreshold");
  deepStrictEqual((await mapRun()).record?.status, "FAILED");
  state.isBroken = false;
  deepStrictEqual((await redriven()).output, [10, 20, 30, 40]);
  deepStrictEqual((await mapRun()).record?.redriveCount, 2);
  deepStrictEqual(state.done.prepare, [1, 2, 3, 4]);
});

test("children of a Map Run are redriven by it alone", async (t) => {
  const { home, ended, mapRun } = await started(t, { MaxConcurrency: 1 });
  await ended();
  const { children } = await mapRun();
  const failed = children.find(({ status }) => status === "Failed");
  const refused = await Effect.runPromise(
    Effect.flip(home.registry.redriveExecution({ ...space, executionId: failed?.executionId ?? "" })),
  );
  strictEqual(refused.code, "InvalidStatus");
  match(refused.message, /child of a Map Run/);
});

test("a stopped execution's Map Run goes on with the children that were stopped", async (t) => {
  const { home, state, executionId, redriven, mapRun, stuck } = await started(t, { MaxConcurrency: 1 }, true);
  await stuck;
  await Effect.runPromise(home.engine.cancelExecution({ ...space, executionId }));
  await Effect.runPromise(home.engine.awaitExecution({ ...space, executionId }));
  deepStrictEqual([(await mapRun()).record?.status, (await mapRun()).children.map(({ status }) => status)], [
    "ABORTED",
    ["Canceled"],
  ]);
  state.isStuck = false;
  state.isBroken = false;
  const end = await redriven();
  deepStrictEqual([end.status, end.output], ["Succeeded", [10, 20, 30, 40]]);
  deepStrictEqual(state.done.prepare, [1, 2, 3, 4]);
});

test("a crash in the middle of a redrive redrives no child twice", async (t) => {
  const { home, folder, handlers, state, executionId, ended, stuck } = await started(t, { MaxConcurrency: 4 });
  await ended();
  state.isStuck = true;
  await Effect.runPromise(home.registry.redriveExecution({ ...space, executionId }));
  await stuck;
  await home.close();
  state.isStuck = false;
  state.isBroken = false;
  const again = await openEmbeddedHome({ store: folder, handlers });
  t.after(() => again.close());
  const end = await Effect.runPromise(again.engine.awaitExecution({ ...space, executionId }));
  deepStrictEqual([end.status, end.output], ["Succeeded", [10, 20, 30, 40]]);
  const [run] = await Effect.runPromise(new MapRuns(again.registry).list(space, executionId));
  const { executions } = await Effect.runPromise(
    again.registry.listDetails({ ...space, of: { mapRun: run?.id ?? "" } }),
  );
  deepStrictEqual([run?.record.redriveCount, executions.length], [1, 4]);
  strictEqual(executions.every(({ redriveCount }) => redriveCount <= 1), true);
});
