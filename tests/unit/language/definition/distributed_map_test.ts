// Goal: reader, batcher and writer of a distributed Map are evaluated, their paths and expressions checked at creation.
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import { distributedMapFields, taskCredentials } from "../../../../src/language/mod.ts";
import type { JsonObject } from "../../../../src/values/mod.ts";
import { findingsOf, outcomeOf, scopeOf, stateOf } from "../fixtures.ts";

const processor = {
  ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
  StartAt: "I",
  States: { I: { Type: "Pass", End: true } },
};
const input = { bucket: "b", max: 10, batch: { id: 1 } };
const scope = scopeOf(input);

test("paths of reader, batcher and writer are evaluated, numbers under their own name [AWS: Map state, Distributed mode]", () => {
  const state = stateOf("Map", {
    ItemProcessor: processor,
    ItemReader: {
      Resource: "arn:aws:states:::s3:getObject",
      ReaderConfig: { InputType: "CSV", CSVHeaderLocation: "FIRST_ROW", MaxItemsPath: "$.max" },
      Parameters: { "Bucket.$": "$.bucket", Key: "k" },
    },
    ItemBatcher: { MaxItemsPerBatch: 5, MaxInputBytesPerBatchPath: "$.max", BatchInput: { "id.$": "$.batch.id" } },
    ResultWriter: { Resource: "arn:aws:states:::s3:putObject", Parameters: { "Bucket.$": "$.bucket", Prefix: "p" } },
  });
  deepStrictEqual(outcomeOf(distributedMapFields(state, scope, input)), {
    ItemReader: {
      Resource: "arn:aws:states:::s3:getObject",
      ReaderConfig: { InputType: "CSV", CSVHeaderLocation: "FIRST_ROW", MaxItems: 10 },
      Parameters: { Bucket: "b", Key: "k" },
    },
    ItemBatcher: { MaxItemsPerBatch: 5, BatchInput: { id: 1 }, MaxInputBytesPerBatch: 10 },
    ResultWriter: { Resource: "arn:aws:states:::s3:putObject", Parameters: { Bucket: "b", Prefix: "p" } },
  });
  deepStrictEqual(outcomeOf(distributedMapFields(stateOf("Map", { ItemProcessor: processor }), scope, input)), {});
});

test("expressions of reader and batcher are evaluated [AWS: Map state, Distributed mode]", () => {
  const state = stateOf("Map", {
    ItemProcessor: processor,
    ItemReader: {
      Resource: "arn:aws:states:::s3:getObject",
      ReaderConfig: { MaxItems: "{% $states.input.max %}" },
      Arguments: { Bucket: "{% $states.input.bucket %}" },
    },
    ItemBatcher: { MaxItemsPerBatch: "{% 2 %}" },
  }, { QueryLanguage: "JSONata" });
  deepStrictEqual(outcomeOf(distributedMapFields(state, scope, input)), {
    ItemReader: {
      Resource: "arn:aws:states:::s3:getObject",
      ReaderConfig: { MaxItems: 10 },
      Arguments: { Bucket: "b" },
    },
    ItemBatcher: { MaxItemsPerBatch: 2 },
  });
});

const refused: readonly (readonly [fields: JsonObject, finding: string])[] = [
  [{ ItemReader: {} }, "/States/S/ItemReader: These fields are required: [Resource]"],
  [
    { ItemReader: { Resource: "r", ReaderConfig: { MaxItems: 1, MaxItemsPath: "$.m" } } },
    "/States/S/ItemReader/ReaderConfig: There should only be one of the following fields: [MaxItems, MaxItemsPath]",
  ],
  [
    { ItemReader: { Resource: "r", ReaderConfig: { MaxItems: 100_000_001 } } },
    "/States/S/ItemReader/ReaderConfig/MaxItems: Maximum value is 100000000",
  ],
  [
    { ItemReader: { Resource: "r", ReaderConfig: { InputType: "CSV", CSVHeaderLocation: "GIVEN" } } },
    "/States/S/ItemReader/ReaderConfig: These fields are required: [CSVHeaders]",
  ],
  [
    { ItemBatcher: { MaxItemsPerBatchPath: "$$.x" } },
    "/States/S/ItemBatcher/MaxItemsPerBatchPath: Value is not a Reference Path",
  ],
  [{ ItemBatcher: { MaxItemsPerBatch: -1 } }, "/States/S/ItemBatcher/MaxItemsPerBatch: Minimum value is 0"],
];

for (const [fields, finding] of refused) {
  test(`a distributed Map is refused: ${finding} [Observed of AWS]`, () => {
    const definition = { StartAt: "S", States: { S: { Type: "Map", ItemProcessor: processor, End: true, ...fields } } };
    deepStrictEqual(findingsOf(definition), [`SCHEMA_VALIDATION_FAILED ${finding}`]);
  });
}

test("Credentials are evaluated, null where there are none [AWS: Task state]", () => {
  const state = stateOf("Task", { Resource: "r", Credentials: { "RoleArn.$": "$.bucket" } });
  deepStrictEqual(outcomeOf(taskCredentials(state, scope, input)), { RoleArn: "b" });
  deepStrictEqual(outcomeOf(taskCredentials(stateOf("Task", { Resource: "r" }), scope, input)), null);
});
