// Goal: a distributed Map runs each item in an execution of its own, in order and within its settings, and tells of its Map Run.
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { Effect } from "effect";
import { openEmbeddedHome } from "../../src/homes/mod.ts";
import { MapRuns } from "../../src/runtime/mod.ts";
import type { TaskHandler } from "../../src/tasks/mod.ts";
import type { Json, JsonObject } from "../../src/values/mod.ts";

const space = { tenant: "111111111111", namespace: "us-east-1" };
const double = {
  StartAt: "Double",
  States: { Double: { Type: "Task", Resource: "double", End: true } },
};
const pass = { StartAt: "Keep", States: { Keep: { Type: "Pass", End: true } } };

/** A machine of one distributed Map. */
function mapMachine(fields: JsonObject, processor: JsonObject = pass, executionType = "STANDARD"): Json {
  const config = { Mode: "DISTRIBUTED", ExecutionType: executionType };
  return {
    StartAt: "Map",
    States: {
      Map: {
        Type: "Map",
        Label: "Each",
        ItemProcessor: { ProcessorConfig: config, ...processor },
        End: true,
        ...fields,
      },
    },
  };
}

async function homeOf(t: TestContext, handlers: Readonly<Record<string, TaskHandler>> = {}) {
  const home = await openEmbeddedHome({ handlers });
  t.after(() => home.close());
  const ask = Effect.runPromise;
  const run = async (definition: Json, input: Json) => {
    await ask(home.engine.putWorkflow({ ...space, name: "machine", definition }));
    return await ask(home.engine.runExecution({ ...space, workflow: "machine", input }));
  };
  const runs = new MapRuns(home.registry);
  return { home, ask, run, runs };
}

test("each item is an execution of its own, and the result keeps the order of the items", async (t) => {
  const { home, ask, run, runs } = await homeOf(t, { double: (input) => Number(input) * 2 });
  const ended = await run(mapMachine({ MaxConcurrency: 2 }, double), [1, 2, 3, 4, 5]);
  deepStrictEqual([ended.status, ended.output], ["Succeeded", [2, 4, 6, 8, 10]]);
  const [mapRun] = await ask(runs.list(space, ended.executionId));
  deepStrictEqual(mapRun?.record.status, "SUCCEEDED");
  strictEqual(mapRun.record.itemCounts.succeeded, 5);
  strictEqual(mapRun.record.executionCounts.total, 5);
  const children = await ask(home.registry.listDetails({ ...space, of: { mapRun: mapRun.id }, fits: () => true }));
  deepStrictEqual(children.executions.map(({ output }) => output).toSorted((a, b) => Number(a) - Number(b)), [
    2,
    4,
    6,
    8,
    10,
  ]);
  const listed = await ask(home.engine.listExecutions(space));
  deepStrictEqual(listed.executions.map(({ workflow }) => workflow), ["machine"]);
});
