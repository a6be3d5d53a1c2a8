// Goal: Map finds its items, makes each iteration's input, and reads its settings.
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import {
  distributedMapFields,
  itemInput,
  mapItems,
  mapSettings,
  stateArguments,
} from "../../../../src/language/mod.ts";
import type { JsonObject } from "../../../../src/values/mod.ts";
import { outcomeOf, scopeOf, stateOf } from "../fixtures.ts";

const processor = { StartAt: "I", States: { I: { Type: "Pass", End: true } } };
const input = {
  list: ["a", "b"],
  limit: 4,
  courier: "UQS",
  percent: 12.5,
  none: -1,
  text: "NoNumber",
  written: "2",
  share: "12.5",
  most: 101,
};
const scope = scopeOf(input, { variables: { mine: [7] } });
const map = (fields: JsonObject) => stateOf("Map", { ItemProcessor: processor, ...fields });
const runtime = (cause: string) => ({ failed: { error: "States.Runtime", cause } });

test("the items are at ItemsPath, or are the effective input [ASL: Map State]", () => {
  deepStrictEqual(outcomeOf(mapItems(map({ ItemsPath: "$.list" }), scope, input)), ["a", "b"]);
  deepStrictEqual(outcomeOf(mapItems(map({}), scope, input.list)), ["a", "b"]);
  deepStrictEqual(outcomeOf(mapItems(map({ ItemsPath: "$mine" }), scope, input)), [7]);
  deepStrictEqual(outcomeOf(mapItems(map({ ItemsPath: "$$.Execution.Input.list" }), scope, {})), ["a", "b"]);
});

test("what is no array cannot be iterated over [AWS: Map state]", () => {
  deepStrictEqual(
    outcomeOf(mapItems(map({ ItemsPath: "$.limit" }), scope, input)),
    runtime('Reference path "$.limit" must point to array.'),
  );
  deepStrictEqual(
    outcomeOf(mapItems(map({ ItemsPath: "$$.Execution.Input.limit" }), scope, input)),
    runtime('Reference path "$.Execution.Input.limit" must point to array.'),
  );
  deepStrictEqual(
    outcomeOf(mapItems(map({ ItemsPath: "$.gone" }), scope, input)),
    runtime("Invalid path '$.gone' : No results for path: $['gone']"),
  );
});

for (const field of ["ItemSelector", "Parameters"]) {
  test(`${field} makes an iteration's input [ASL: Map State input/output processing]`, () => {
    const state = map({
      [field]: { "parcel.$": "$$.Map.Item.Value", "index.$": "$$.Map.Item.Index", "courier.$": "$.courier" },
    });
    const iteration = { ...scope, contextObject: { Map: { Item: { Index: 1, Value: "b" } } } };
    deepStrictEqual(outcomeOf(itemInput(state, iteration, input, "b")), { parcel: "b", index: 1, courier: "UQS" });
    deepStrictEqual(outcomeOf(stateArguments(state, scope, input)), input);
  });
}

test("an iteration gets its item where there is no selector [ASL: Map State]", () => {
  deepStrictEqual(outcomeOf(itemInput(map({}), scope, input, "b")), "b");
});

const settings: readonly (readonly [fields: JsonObject, outcome: unknown])[] = [
  [{}, { maxConcurrency: 0 }],
  [{ MaxConcurrency: 2, ToleratedFailureCount: 1, ToleratedFailurePercentage: 12.5 }, {
    maxConcurrency: 2,
    toleratedFailureCount: 1,
    toleratedFailurePercentage: 12.5,
  }],
  [{ MaxConcurrencyPath: "$.limit" }, { maxConcurrency: 4 }],
  [{ ToleratedFailurePercentagePath: "$.percent" }, { maxConcurrency: 0, toleratedFailurePercentage: 12.5 }],
  [
    { ToleratedFailureCountPath: "$.text" },
    runtime('The ToleratedFailureCountPath field refers to value "NoNumber" which is not a valid integer: $.text'),
  ],
  [{
    MaxConcurrencyPath: "$.written",
    ToleratedFailureCountPath: "$.written",
    ToleratedFailurePercentagePath: "$.share",
  }, {
    maxConcurrency: 2,
    toleratedFailureCount: 2,
    toleratedFailurePercentage: 12.5,
  }],
  [
    { MaxConcurrencyPath: "$.share" },
    runtime('The MaxConcurrencyPath field refers to value "12.5" which is not a valid integer: $.share'),
  ],
  [
    { ToleratedFailurePercentagePath: "$.text" },
    runtime('The ToleratedFailurePercentagePath field refers to value "NoNumber" which is not a valid float: $.text'),
  ],
  [
    { ToleratedFailurePercentagePath: "$.most" },
    runtime("ToleratedFailurePercentage must be between 0 and 100."),
  ],
  [
    { ToleratedFailurePercentagePath: "$.none" },
    runtime("ToleratedFailurePercentage must be between 0 and 100."),
  ],
  [{ ToleratedFailureCountPath: "$.none" }, runtime("ToleratedFailureCount cannot be negative.")],
  [
    { ToleratedFailureCountPath: "$.list" },
    runtime('The ToleratedFailureCountPath field refers to value "["a","b"]" which is not a valid integer: $.list'),
  ],
];

for (const [fields, outcome] of settings) {
  test(`a Map with ${JSON.stringify(fields)} has its settings [AWS: Map state, Distributed mode]`, () => {
    deepStrictEqual(outcomeOf(mapSettings(map(fields), scope, input)), outcome);
  });
}

test("MaxItemsPath leads to a whole number [Observed of AWS]", () => {
  const read = (value: number) => {
    const reader = { Resource: "arn:aws:states:::s3:getObject", Parameters: { Bucket: "b", Key: "k" } };
    const distributed = { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "EXPRESS" }, ...processor };
    const config = { InputType: "JSON", MaxItemsPath: "$.most" };
    const state = map({ ItemProcessor: distributed, ItemReader: { ...reader, ReaderConfig: config } });
    return outcomeOf(distributedMapFields(state, scopeOf({ most: value }), { most: value }));
  };
  deepStrictEqual(
    read(1.5),
    runtime('The MaxItemsPath field refers to value "1.5" which is not a valid integer: $.most'),
  );
  deepStrictEqual(Object.keys(read(1) as object), ["ItemReader"]);
});

test("the processor says how the Map runs [AWS: Map state]", () => {
  const inline = map({});
  deepStrictEqual([inline.ItemProcessor.mode, inline.ItemProcessor.executionType, [
    ...inline.ItemProcessor.States.keys(),
  ]], ["INLINE", undefined, [
    "I",
  ]]);
  const config = { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "EXPRESS" } };
  const distributed = stateOf("Map", { ItemProcessor: { ...config, ...processor }, Label: "Label" });
  deepStrictEqual([distributed.ItemProcessor.mode, distributed.ItemProcessor.executionType, distributed.Label], [
    "DISTRIBUTED",
    "EXPRESS",
    "Label",
  ]);
  deepStrictEqual(stateOf("Map", { Iterator: processor }).ItemProcessor.StartAt, "I");
});
