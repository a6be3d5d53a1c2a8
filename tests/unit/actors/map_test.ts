import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { Json, JsonObject } from "../../../src/values/mod.ts";
import { oneState, started } from "../../support/execution_run.ts";
import { SeededRandom } from "../../support/seeded_random.ts";

const work = { StartAt: "I", States: { I: { Type: "Task", Resource: "work", End: true } } };
const map = (rest: JsonObject = {}, processor: JsonObject = work): JsonObject =>
  oneState({ Type: "Map", ItemProcessor: processor, End: true, ...rest });
const items = (count: number): readonly Json[] => Array.from({ length: count }, (_, index) => index);

for (const seed of [1, 2, 3]) {
  for (const MaxConcurrency of [0, 1, 2, 5, 7, 100]) {
    test(`a Map with MaxConcurrency ${MaxConcurrency} keeps order and bound, however its items end (seed ${seed})`, () => {
      const random = new SeededRandom(seed);
      const count = 12;
      const bound = MaxConcurrency === 0 ? count : Math.min(MaxConcurrency, count);
      const run = started(map({ MaxConcurrency }), items(count));
      for (let ended = 0; ended < count; ended++) {
        strictEqual(run.openTasks.length, Math.min(bound, count - ended));
        const task = run.openTasks[random.below(run.openTasks.length)];
        ok(task !== undefined);
        run.complete(task, [task.context.input]);
      }
      deepStrictEqual(run.end, ["Succeeded", items(count).map((item) => [item])]);
      run.checkEmpty();
    });
  }
}

test("a Map never has more iterations than allowed, when they end within the turn that starts them", () => {
  const chain = {
    StartAt: "A",
    States: { A: { Type: "Pass", Next: "B" }, B: { Type: "Pass", Next: "C" }, C: { Type: "Pass", End: true } },
  };
  for (const MaxConcurrency of [1, 2, 3, 0]) {
    const run = started(map({ MaxConcurrency }, chain), items(20));
    deepStrictEqual(run.end, ["Succeeded", items(20)]);
    let [open, most] = [0, 0];
    for (const { type } of run.events) {
      if (type === "IterationStartedEvent") most = Math.max(most, ++open);
      if (type === "IterationCompletedEvent") open -= 1;
    }
    if (MaxConcurrency > 0) strictEqual(most, MaxConcurrency);
  }
});

test("iterations begin in the order of their items", () => {
  const run = started(map({ MaxConcurrency: 3 }), items(9));
  while (run.status === "Running") run.complete(run.openTasks.at(-1) ?? run.task("I"), 0);
  const begun = run.events.flatMap((event) => event.type === "IterationStartedEvent" ? [event.index] : []);
  deepStrictEqual(begun, items(9));
});

for (
  const [what, rest, input] of [
    ["an empty array", {}, []],
    ["an empty array at ItemsPath", { ItemsPath: "$.none" }, { none: [] }],
  ] as const
) {
  test(`a Map over ${what} succeeds at once with an empty array`, () => {
    const run = started(map(rest), input);
    deepStrictEqual(run.end, ["Succeeded", []]);
    strictEqual(run.lines.length, 1);
  });
}

test("a Map over what is no array fails", () => {
  const run = started(map({ ItemsPath: "$.n" }), { n: 1 });
  strictEqual((run.end as Json[])[0], "Failed");
});

test("ItemSelector sees input, item and index", () => {
  const run = started(
    map({
      ItemsPath: "$.all",
      ItemSelector: { "shop.$": "$.shop", "item.$": "$$.Map.Item.Value", "index.$": "$$.Map.Item.Index" },
    }),
    { all: ["a", "b"], shop: "s" },
  );
  deepStrictEqual(run.openTasks.map(({ context }) => context.input), [
    { shop: "s", item: "a", index: 0 },
    { shop: "s", item: "b", index: 1 },
  ]);
});

test("the context object knows the item throughout an iteration, and the inner one in a nested Map", () => {
  const seeing = { Type: "Pass", Parameters: { "i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value" }, End: true };
  const inner = {
    StartAt: "M",
    States: { M: { Type: "Map", ItemProcessor: { StartAt: "P", States: { P: seeing } }, End: true } },
  };
  deepStrictEqual(started(map({}, inner), [["a"], ["b", "c"]]).end, ["Succeeded", [
    [{ i: 0, v: "a" }],
    [{ i: 0, v: "b" }, { i: 1, v: "c" }],
  ]]);
});

for (const MaxConcurrency of [0, 1, 2]) {
  test(`an ItemSelector that fails midway fails the Map and reclaims what runs (MaxConcurrency ${MaxConcurrency})`, () => {
    const run = started(
      map({ MaxConcurrency, ItemSelector: { "x.$": "$$.Map.Item.Value.x" }, Catch: [], Retry: [] }),
      [{ x: 1 }, { x: 2 }, { y: 3 }, { x: 4 }],
    );
    while (run.status === "Running") run.complete(run.openTasks[0] ?? run.task("I"), 0);
    deepStrictEqual((run.end as Json[]).slice(0, 2), ["Failed", "States.Runtime"]);
    run.checkEmpty();
  });
}

test("an ItemSelector that fails for the first item fails the state before anything runs", () => {
  const run = started(map({ ItemSelector: { "x.$": "$$.Map.Item.Value.x" } }), [{ y: 1 }]);
  strictEqual((run.end as Json[])[0], "Failed");
  strictEqual(run.events.filter(({ type }) => type === "IterationStartedEvent").length, 0);
});

test("a Map with more items than the limit fails with a named error", () => {
  const run = started(map(), items(11), { limits: { mapItemsMax: 10 } });
  deepStrictEqual((run.end as Json[]).slice(0, 2), ["Failed", "States.Runtime"]);
});

test("a failed iteration ends the Map, and no further one begins", () => {
  const run = started(map({ MaxConcurrency: 2 }), items(6));
  run.complete(run.task("I", 0), 0);
  run.fail(run.task("I", 2), "E");
  deepStrictEqual(run.end, ["Failed", "E"]);
  run.checkEmpty();
  strictEqual(run.events.filter(({ type }) => type === "IterationStartedEvent").length, 3);
});

for (const [field, starts] of [["MaxConcurrencyPath", false], ["ToleratedFailureCountPath", true]] as const) {
  test(`a Map whose ${field} finds no integer fails, and ${starts ? "has" : "has not"} started [Observed of AWS]`, () => {
    const run = started(map({ ItemsPath: "$.all", [field]: "$.most" }), { all: items(2), most: "many" });
    const [entered] = run.events.filter((event) => event.type === "StateStartedEvent");
    deepStrictEqual([entered?.max !== undefined, run.status], [starts, "Failed"]);
  });
}

test("MaxConcurrencyPath bounds the Map by a value of its input", () => {
  const run = started(map({ ItemsPath: "$.all", MaxConcurrencyPath: "$.most" }), { all: items(5), most: 2 });
  strictEqual(run.openTasks.length, 2);
});
