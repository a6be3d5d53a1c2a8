// Goal: calls of services, distributed Maps and rules of the other language are refused as AWS refuses them. Method: one table,
// one machine of one state each; "Observed" rows were seen of AWS's ValidateStateMachineDefinition.
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../../../../src/values/mod.ts";
import { findingsOf } from "../fixtures.ts";

/** Answers recorded on AWS in 2026: gabrielmoreira/tiny-asl-machine, tests/conformance, Feature.ChoiceValidation. */
const MEASURED = "Measured on AWS";
/** Operators of Choice rules in the order in which AWS's messages name them. */
const OPERATORS =
  "StringEquals, IsBoolean, StringLessThan, IsNumeric, BooleanEquals, StringLessThanEqualsPath, NumericLessThan, NumericGreaterThan, NumericLessThanPath, StringMatches, TimestampLessThanEqualsPath, NumericEquals, TimestampGreaterThan, StringGreaterThanEqualsPath, TimestampGreaterThanEqualsPath, TimestampLessThanEquals, NumericLessThanEqualsPath, TimestampEquals, BooleanEqualsPath, IsTimestamp, StringLessThanEquals, NumericLessThanEquals, StringLessThanPath, TimestampGreaterThanPath, StringGreaterThan, StringGreaterThanPath, IsString, StringEqualsPath, TimestampEqualsPath, TimestampLessThan, StringGreaterThanEquals, NumericGreaterThanPath, NumericGreaterThanEquals, NumericEqualsPath, TimestampLessThanPath, IsNull, IsPresent, TimestampGreaterThanEquals, NumericGreaterThanEqualsPath";
const OBSERVED = "Observed of AWS";
const INTEGRATIONS = "AWS: Integrating optimized services";
const DISTRIBUTED = "AWS: Using Map state in Distributed mode";
const WRITER = "AWS: ResultWriter (Map)";
const SCHEMA = "SCHEMA_VALIDATION_FAILED";

const pass = { Type: "Pass", End: true };
const one = (state: JsonObject, machine: JsonObject = {}): JsonObject => ({
  ...machine,
  StartAt: "S",
  States: {
    S: { ...state, ...(state["Type"] === "Choice" ? {} : { End: true }) },
    ...(state["Type"] === "Choice" ? { A: pass } : {}),
  },
});
const task = (Resource: string, fields: JsonObject = {}) => one({ Type: "Task", Resource, ...fields });
const jsonata = { QueryLanguage: "JSONata" };
const processor = {
  ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
  StartAt: "I",
  States: { I: pass },
};
const map = (fields: JsonObject) => one({ Type: "Map", ItemProcessor: processor, ...fields });
const s3 = { Resource: "arn:aws:states:::s3:getObject", Parameters: { Bucket: "b", Key: "k" } };
const put = "arn:aws:states:::s3:putObject";
const lambda = "arn:aws:states:::lambda:invoke";
const unknownResource = (resource: string) =>
  `${SCHEMA} /States/S/Resource: The resource provided ${resource} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.`;

const cases: readonly (readonly [when: string, definition: JsonObject, findings: readonly string[], source: string])[] =
  [
    ["a call has no Parameters", task(lambda), [
      `${SCHEMA} /States/S/Resource: Parameters field is required for resource ARN: ${lambda}`,
    ], OBSERVED],
    ["a call has no Arguments", one({ Type: "Task", Resource: lambda }, jsonata), [
      `${SCHEMA} /States/S/Resource: Arguments field is required for resource ARN: ${lambda}`,
    ], OBSERVED],
    ["a call lacks a field", task(lambda, { Parameters: { Payload: 1 } }), [
      `${SCHEMA} /States/S/Parameters: The field 'FunctionName' is required but was missing`,
    ], OBSERVED],
    ["a call's field comes from a path", task(lambda, { Parameters: { "FunctionName.$": "$.f" } }), [], OBSERVED],
    [
      "Arguments are one expression",
      one({ Type: "Task", Resource: lambda, Arguments: "{% $states.input %}" }, jsonata),
      [],
      INTEGRATIONS,
    ],
    ["a callback lacks fields", task("arn:aws:states:::sqs:sendMessage.waitForTaskToken", { Parameters: {} }), [
      `${SCHEMA} /States/S/Parameters: The field 'QueueUrl' is required but was missing`,
      `${SCHEMA} /States/S/Parameters: The field 'MessageBody' is required but was missing`,
    ], OBSERVED],
    ["a service cannot be waited for", task(`${lambda}.sync`, { Parameters: { FunctionName: "f" } }), [
      unknownResource(`${lambda}.sync`),
    ], OBSERVED],
    [
      "a service gives no token",
      task("arn:aws:states:::glue:startJobRun.waitForTaskToken", { Parameters: { JobName: "j" } }),
      [
        unknownResource("arn:aws:states:::glue:startJobRun.waitForTaskToken"),
      ],
      OBSERVED,
    ],
    [
      ".sync:2 is of nested executions alone",
      task("arn:aws:states:::glue:startJobRun.sync:2", { Parameters: { JobName: "j" } }),
      [
        unknownResource("arn:aws:states:::glue:startJobRun.sync:2"),
      ],
      OBSERVED,
    ],
    [
      "nested executions may be waited for",
      task("arn:aws:states:::states:startExecution.sync:2", { Parameters: { StateMachineArn: "m" } }),
      [],
      INTEGRATIONS,
    ],
    ["a resource is none of AWS's", task("nats:request:orders.price", { Credentials: { user: "u" } }), [], "DESIGN §8"],
    ["Credentials name no role", task("arn:aws:lambda:us-east-1:111111111111:function:f", { Credentials: {} }), [
      `${SCHEMA} /States/S/Credentials: The field 'RoleArn' is required but was missing`,
    ], OBSERVED],
    [
      "Credentials stand at an activity",
      task("arn:aws:states:us-east-1:111111111111:activity:a", { Credentials: { RoleArn: "r" } }),
      [
        `${SCHEMA} /States/S/Credentials: The field 'Credentials' is not supported for activities`,
      ],
      OBSERVED,
    ],
    ["a reader's resource is unknown", map({ ItemReader: { ...s3, Resource: "arn:aws:states:::s3:copyObject" } }), [
      `${SCHEMA} /States/S/ItemReader/Resource: The field 'Resource' does not match any of the allowed values`,
    ], OBSERVED],
    ["CSV says nothing of its headers", map({ ItemReader: { ...s3, ReaderConfig: { InputType: "CSV" } } }), [
      `${SCHEMA} /States/S/ItemReader/ReaderConfig: The field 'CSVHeaderLocation' is required`,
    ], OBSERVED],
    [
      "JSON has headers",
      map({ ItemReader: { ...s3, ReaderConfig: { InputType: "JSON", CSVHeaderLocation: "FIRST_ROW" } } }),
      [`${SCHEMA} /States/S/ItemReader/ReaderConfig: Field 'CSVHeaderLocation' is not supported`],
      OBSERVED,
    ],
    [
      "headers are promised and not given",
      map({ ItemReader: { ...s3, ReaderConfig: { InputType: "CSV", CSVHeaderLocation: "GIVEN" } } }),
      [`${SCHEMA} /States/S/ItemReader/ReaderConfig: These fields are required: [CSVHeaders]`],
      OBSERVED,
    ],
    ["a reader is of the other language", map({ ItemReader: { ...s3, Arguments: {} } }), [
      `${SCHEMA} /States/S/ItemReader: The QueryLanguage is set to 'JSONPath', but field 'Arguments' is only supported for the 'JSONata' QueryLanguage`,
    ], DISTRIBUTED],
    ["a writer is empty", map({ ResultWriter: {} }), [
      `${SCHEMA} /States/S/ResultWriter: These fields are required: [Resource, Parameters]`,
    ], WRITER],
    ["a writer says not where to", map({ ResultWriter: { Resource: put } }), [
      `${SCHEMA} /States/S/ResultWriter: These fields are required: [Parameters]`,
    ], WRITER],
    ["a writer's resource is unknown", map({ ResultWriter: { ...s3, Parameters: { Bucket: "b" } } }), [
      `${SCHEMA} /States/S/ResultWriter/Resource: The field 'Resource' does not match any of the allowed values`,
    ], WRITER],
    [
      "a writer formats alone",
      map({ ResultWriter: { WriterConfig: { Transformation: "COMPACT", OutputType: "JSON" } } }),
      [],
      WRITER,
    ],
    [
      "a writer says the form of its files alone",
      map({ ResultWriter: { WriterConfig: { OutputType: "JSONL" } } }),
      [],
      WRITER,
    ],
    ["a writer formats half", map({ ResultWriter: { WriterConfig: { Transformation: "COMPACT" } } }), [
      `${SCHEMA} /States/S/ResultWriter/WriterConfig: These fields are required: [OutputType]`,
    ], WRITER],
    ["concurrency is huge", map({ MaxConcurrency: 9_223_372_036_854_775_807 }), [], OBSERVED],
    ["a label is too long", map({ Label: "l".repeat(41) }), [
      "INVALID_LABEL_NAME /States/S/Label: Invalid Label name: Label exceeds the 40-character limit allowed by the service",
    ], OBSERVED],
    [
      "a label is there twice",
      {
        StartAt: "S",
        States: {
          S: { Type: "Map", ItemProcessor: processor, Label: "L", Next: "T" },
          T: { Type: "Map", ItemProcessor: { ...processor, StartAt: "J", States: { J: pass } }, Label: "L", End: true },
        },
      },
      ["DUPLICATE_LABEL_NAME /States/T/Label: Duplicate Label name: L"],
      OBSERVED,
    ],
    [
      "a rule of JSONata tests a variable",
      one({ Type: "Choice", Choices: [{ Variable: "$.a", IsNull: true, Next: "A" }] }, jsonata),
      [
        `${SCHEMA} /States/S/Choices[0]: The QueryLanguage is set to 'JSONata', but field 'Variable' is only supported for the 'JSONPath' QueryLanguage`,
        `${SCHEMA} /States/S/Choices[0]: The QueryLanguage is set to 'JSONata', but field 'IsNull' is only supported for the 'JSONPath' QueryLanguage`,
      ],
      OBSERVED,
    ],
    ["a rule of JSONata has no condition", one({ Type: "Choice", Choices: [{ Next: "A" }] }, jsonata), [
      `${SCHEMA} /States/S/Choices[0]: The object must have only one of the following fields, [And, Or, Not, Variable, Condition]`,
    ], OBSERVED],
    [
      "a rule tests nothing: every operator is named",
      one({ Type: "Choice", Choices: [{ Variable: "$.a", Next: "A" }] }),
      [
        `${SCHEMA} /States/S/Choices[0]: This object should have only one of the following fields: [${OPERATORS}]`,
      ],
      MEASURED,
    ],
    [
      "a rule tests twice: every operator is named",
      one({ Type: "Choice", Choices: [{ Variable: "$.a", IsNull: true, StringEquals: "a", Next: "A" }] }),
      [`${SCHEMA} /States/S/Choices[0]: There should only be one of the following fields: [${OPERATORS}]`],
      MEASURED,
    ],
    ["a rule of JSONPath has a condition", one({ Type: "Choice", Choices: [{ Condition: true, Next: "A" }] }), [
      `${SCHEMA} /States/S/Choices[0]: The QueryLanguage is set to 'JSONPath', but field 'Condition' is only supported for the 'JSONata' QueryLanguage`,
    ], OBSERVED],
    [
      "a state's language is unknown: it is taken as JSONata, and its fields are looked at first",
      one({ Type: "Pass", QueryLanguage: "jsonata", InputPath: "$.a" }),
      [
        `${SCHEMA} /States/S: The QueryLanguage is set to 'JSONata', but field 'InputPath' is only supported for the 'JSONPath' QueryLanguage`,
        `${SCHEMA} /States/S/QueryLanguage: Value should be one of the following: [JSONPath, JSONata]`,
      ],
      OBSERVED,
    ],
    [
      "a loop inside ends nowhere: only the machine itself must end",
      one({
        Type: "Map",
        ItemProcessor: { StartAt: "I", States: { I: { Type: "Pass", Next: "J" }, J: { Type: "Pass", Next: "I" } } },
      }),
      [],
      OBSERVED,
    ],
    ["a text of a Fail state looks like a path", { StartAt: "S", States: { S: { Type: "Fail", Error: "$.e" } } }, [
      "NO_PATH /States/S/Error: The value of 'Error' looks like a path. Use 'ErrorPath' to evaluate it.",
    ], "AWS: ValidateStateMachineDefinitionDiagnostic"],
    [
      "an operand looks like a path",
      one({ Type: "Choice", Choices: [{ Variable: "$.a", StringEquals: "$.b", Next: "A" }] }),
      [
        "NO_PATH /States/S/Choices[0]/StringEquals: The value of 'StringEquals' looks like a path. Use 'StringEqualsPath' to evaluate it.",
      ],
      "AWS: ValidateStateMachineDefinitionDiagnostic",
    ],
  ];

for (const [when, definition, findings, source] of cases) {
  test(`validateDefinition() finds ${findings.length} when ${when} [${source}]`, () => {
    deepStrictEqual(findingsOf(definition), findings);
  });
}
