// Goal: a distributed Map runs each item in an execution of its own, in order and within its settings, and tells of its Map Run.
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { Effect } from "effect";
import { openEmbeddedHome } from "../../../src/homes/mod.ts";
import { MapRuns } from "../../../src/runtime/mod.ts";
import type { TaskHandler } from "../../../src/tasks/mod.ts";
import type { Json, JsonObject } from "../../../src/values/mod.ts";
import { detailsOf } from "../../support/integrations/details_of.ts";

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
  const children = await ask(home.registry.listDetails({ ...space, of: { mapRun: mapRun.id } }));
  deepStrictEqual(
    (await detailsOf(home.registry, space, children.executions)).map(({ output }) => output).toSorted((a, b) =>
      Number(a) - Number(b)
    ),
    [
      2,
      4,
      6,
      8,
      10,
    ],
  );
  const listed = await ask(home.engine.listExecutions(space));
  deepStrictEqual(listed.executions.map(({ workflow }) => workflow), ["machine"]);
});

test("items are selected and batched; what is drawn for them comes out the same again", async (t) => {
  const { run } = await homeOf(t);
  const selected = await run(
    mapMachine({
      ItemSelector: { "n.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index", "all.$": "$.length" },
      ItemsPath: "$.n",
    }),
    { n: [5, 6], length: 2 },
  );
  deepStrictEqual(selected.output, [{ n: 5, i: 0, all: 2 }, { n: 6, i: 1, all: 2 }]);
  const batched = await run(
    mapMachine({ ItemBatcher: { MaxItemsPerBatch: 2, BatchInput: { "of.$": "$[0]" } } }),
    [1, 2, 3],
  );
  deepStrictEqual(batched.output, [{ BatchInput: { of: 1 }, Items: [1, 2] }, { BatchInput: { of: 1 }, Items: [3] }]);
  const bytes = JSON.stringify({ Items: ["aaa", "bbb"] }).length + 1;
  const bySize = await run(mapMachine({ ItemBatcher: { MaxInputBytesPerBatch: bytes } }), ["aaa", "bbb", "c"]);
  deepStrictEqual(bySize.output, [{ Items: ["aaa", "bbb"] }, { Items: ["c"] }]);
  const tooLarge = await run(mapMachine({ ItemBatcher: { MaxInputBytesPerBatch: 20 } }), ["a".repeat(30)]);
  strictEqual(tooLarge.error, "States.DataLimitExceeded");
});

test("JSONata selects items, with the variables and context of the Map state", async (t) => {
  const { run } = await homeOf(t);
  const map = mapMachine({
    QueryLanguage: "JSONata",
    Items: "{% $states.input.n %}",
    ItemSelector: "{% { 'v': $states.context.Map.Item.Value * $factor, 'r': $random() < 1, 'u': $length($uuid()) } %}",
    Output: "{% $sum($states.result.v) %}",
  }) as { readonly States: JsonObject };
  const definition = {
    StartAt: "Set",
    States: {
      Set: { Type: "Pass", QueryLanguage: "JSONata", Assign: { factor: 10 }, Next: "Map" },
      ...map.States,
    },
  };
  deepStrictEqual((await run(definition, { n: [1, 2] })).output, 30);
});

test("a Map over nothing has an empty result and a Map Run all the same", async (t) => {
  const { ask, run, runs } = await homeOf(t);
  const ended = await run(mapMachine({}), []);
  deepStrictEqual([ended.status, ended.output], ["Succeeded", []]);
  deepStrictEqual((await ask(runs.list(space, ended.executionId))).map(({ record }) => record.status), ["SUCCEEDED"]);
});

const failing: Record<string, TaskHandler> = {
  double: (input) => {
    if (Number(input) < 0) throw new Error("negative");
    return Number(input) * 2;
  },
};
const exceeded = [
  "Failed",
  "States.ExceedToleratedFailureThreshold",
  "The specified tolerated failure threshold was exceeded",
];
const thresholds: readonly {
  readonly fields: JsonObject;
  readonly items: readonly number[];
  readonly fails: boolean;
}[] = [
  { fields: {}, items: [1, -1], fails: true },
  { fields: { ToleratedFailureCount: 1 }, items: [1, -1], fails: false },
  { fields: { ToleratedFailureCount: 1 }, items: [-1, -1], fails: true },
  { fields: { ToleratedFailurePercentage: 50 }, items: [1, -1], fails: false },
  { fields: { ToleratedFailurePercentage: 49 }, items: [1, -1], fails: true },
  { fields: { ToleratedFailurePercentage: 100, ToleratedFailureCount: 1 }, items: [-1, -1], fails: true },
  { fields: { ToleratedFailurePercentage: 100 }, items: [-1, -1], fails: false },
];
for (const { fields, items, fails } of thresholds) {
  test(`${JSON.stringify(fields)} ${fails ? "does not tolerate" : "tolerates"} the failures of ${items} [AWS: maprun-fail-threshold]`, async (t) => {
    const { run } = await homeOf(t, failing);
    const { status, error, cause } = await run(mapMachine(fields, double), items);
    deepStrictEqual([status, error, cause], fails ? exceeded : ["Succeeded", undefined, undefined]);
  });
}

test("a tolerated failure is told of in full among the results [AWS: ResultWriter]", async (t) => {
  const { run } = await homeOf(t, failing);
  const { output } = await run(mapMachine({ ToleratedFailureCount: 1 }, double), [1, -1]);
  const [good, bad] = output as readonly [number, JsonObject];
  deepStrictEqual([good, bad["Status"], bad["Error"], bad["Input"]], [2, "FAILED", "Error", "-1"]);
});

test("results too large together fail the state; flat ones are made so", async (t) => {
  const { run } = await homeOf(t, { double: () => "x".repeat(100_000) });
  const large = await run(mapMachine({}, double), [1, 2, 3]);
  deepStrictEqual([large.status, large.error, large.cause], [
    "Failed",
    "States.DataLimitExceeded",
    "The state/task 'Map' returned a result with a size exceeding the maximum number of bytes service limit.",
  ]);
  const flat = await run(
    mapMachine({ ResultWriter: { WriterConfig: { Transformation: "FLATTEN", OutputType: "JSON" } } }),
    [[1, 2], 3, [[4]]],
  );
  deepStrictEqual(flat.output, [1, 2, 3, [4]]);
});

test("each retry of the state is a Map Run of its own, whose children begin anew", async (t) => {
  let failures = 0;
  const { ask, run, runs } = await homeOf(t, {
    double: (input) => {
      if (input === 2 && failures++ === 0) throw new Error("once");
      return input;
    },
  });
  const Retry = [{ ErrorEquals: ["States.ExceedToleratedFailureThreshold"], IntervalSeconds: 1, MaxAttempts: 1 }];
  const ended = await run(mapMachine({ Retry }, double), [1, 2]);
  deepStrictEqual([ended.status, ended.output], ["Succeeded", [1, 2]]);
  const statuses = (await ask(runs.list(space, ended.executionId))).map(({ record }) => record.status);
  deepStrictEqual(statuses, ["FAILED", "SUCCEEDED"]);
});

test("children may have Map Runs of their own; their machines are named after the outermost", async (t) => {
  const { home, ask, run, runs } = await homeOf(t);
  const inner = (mapMachine({ Label: "Inner" }, { StartAt: "Last", States: { Last: { Type: "Pass", End: true } } }) as {
    readonly States: { readonly Map: JsonObject };
  }).States.Map;
  const ended = await run(mapMachine({}, { StartAt: "In", States: { In: inner } }), [[1, 2], [3]]);
  deepStrictEqual(ended.output, [[1, 2], [3]]);
  const [outer] = await ask(runs.list(space, ended.executionId));
  const children = await ask(
    home.registry.listDetails({ ...space, of: { mapRun: outer?.id ?? "" } }),
  );
  const nested = await ask(runs.list(space, children.executions[0]?.executionId ?? ""));
  deepStrictEqual(nested.map(({ record }) => [record.workflow, record.label]), [["machine", "Inner"]]);
});

test("an item that cannot be selected fails the state, and the children that run are stopped", async (t) => {
  const { home, ask, run, runs } = await homeOf(t, {
    double: (_input, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  });
  const ended = await run(mapMachine({ ItemSelector: { "x.$": "$$.Map.Item.Value.x" } }, double), [
    { x: 1 },
    { x: 2 },
    {},
  ]);
  deepStrictEqual([ended.status, ended.error], ["Failed", "States.Runtime"]);
  const [mapRun] = await ask(runs.list(space, ended.executionId));
  const { executions } = await ask(
    home.registry.listDetails({ ...space, of: { mapRun: mapRun?.id ?? "" } }),
  );
  deepStrictEqual(executions.map(({ status }) => status), ["Canceled", "Canceled"]);
  deepStrictEqual([mapRun?.record.status, mapRun?.record.itemCounts.aborted, mapRun?.record.itemCounts.pending], [
    "FAILED",
    2,
    1,
  ]);
});

test("deleting an execution deletes its Map Runs and their children, nested ones included", async (t) => {
  const { home, ask, run, runs } = await homeOf(t);
  const inner = (mapMachine({ Label: "Inner" }, { StartAt: "Last", States: { Last: { Type: "Pass", End: true } } }) as {
    readonly States: { readonly Map: JsonObject };
  }).States.Map;
  const { executionId } = await run(mapMachine({}, { StartAt: "In", States: { In: inner } }), [[1, 2], [3]]);
  const [outer] = await ask(runs.list(space, executionId));
  const children = () =>
    ask(home.registry.listDetails({ ...space, of: { mapRun: outer?.id ?? "" } })).then(
      ({ executions }) => executions.filter(({ status }) => status !== "Deleting"),
    );
  const [child] = await children();
  strictEqual((await ask(runs.list(space, child?.executionId ?? ""))).length, 1);
  await ask(home.engine.deleteExecution({ ...space, executionId }));
  deepStrictEqual([await ask(runs.list(space, executionId)), await children()], [[], []]);
  deepStrictEqual(await ask(runs.list(space, child?.executionId ?? "")), []);
  const another = `${executionId.slice(0, -1)}${executionId.endsWith("0") ? "1" : "0"}`;
  const refused = await ask(Effect.flip(home.engine.deleteExecution({ ...space, executionId: another })));
  strictEqual(refused.code, "NotFound");
});

test("no definition may name the resource of Map Runs", async (t) => {
  const { home } = await homeOf(t);
  const definition = { StartAt: "A", States: { A: { Type: "Task", Resource: "weft:mapRun", End: true } } };
  const [finding] = home.engine.validateDefinition(definition);
  deepStrictEqual([finding?.severity, finding?.location], ["ERROR", "/States/A/Resource"]);
});
