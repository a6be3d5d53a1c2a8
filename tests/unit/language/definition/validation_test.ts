// Goal: each thing wrong with a definition is found, with AWS's code, words and place. Method: one table, one machine each.
import { deepStrictEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { parseDefinition, validateDefinition } from "../../../../src/language/mod.ts";
import { Result } from "effect";
import type { Json, JsonObject } from "../../../../src/values/mod.ts";
import { findingsOf, machineOf, shownFinding } from "../fixtures.ts";

const STRUCTURE = "AWS: State machine structure";
const CODES = "AWS: ValidateStateMachineDefinitionDiagnostic";
const OBSERVED = "Observed of AWS";
const SCHEMA = "SCHEMA_VALIDATION_FAILED";
const pass = { Type: "Pass", End: true };
const inner = { StartAt: "I", States: { I: pass } };

/** A machine of one state. */
const one = (state: Json): JsonObject => ({ StartAt: "S", States: { S: state } });

const wholes:
  readonly (readonly [when: string, definition: Json | string, findings: readonly string[], source: string])[] = [
    ["it is empty", {}, [`${SCHEMA} /: These fields are required: [States, StartAt]`], OBSERVED],
    ["StartAt is missing", { States: { S: pass } }, [`${SCHEMA} /: These fields are required: [StartAt]`], OBSERVED],
    ["it is blank", " ", [`${SCHEMA} -: Definition must be a valid JSON object`], OBSERVED],
    ["it is no object", [], [`${SCHEMA} -: Definition must be a valid JSON object`], OBSERVED],
    [
      "it is no JSON",
      "not a definition",
      [
        `INVALID_JSON_DESCRIPTION [Source: (String)"not a definition"; line: 1, column: 4]: Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at [Source: (String)"not a definition"; line: 1, column: 4]`,
      ],
      OBSERVED,
    ],
    [
      "a state is there twice",
      '{"StartAt":"S","States":{"S":{"Type":"Pass","End":true},"S":{"Type":"Succeed"}}}',
      ["DUPLICATE_STATE_NAME /States/S: Duplicate State name: S"],
      CODES,
    ],
    ["a key is there twice", '{"StartAt":"S","States":{"S":{"Type":"Pass","End":true,"End":true}}}', [
      "INVALID_JSON_DESCRIPTION /States/S/End: Duplicate field 'End'",
    ], CODES],
    ["a field is unknown", { ...one(pass), Foo: 1, startAt: "S" }, [
      `${SCHEMA} /: Field 'Foo' is not supported`,
      `${SCHEMA} /: Field 'startAt' is not supported`,
    ], OBSERVED],
    ["Version is not 1.0", { ...one(pass), Version: "2.0" }, [
      `${SCHEMA} /Version: Value should be one of the following: [1.0]`,
    ], OBSERVED],
    ["TimeoutSeconds is negative", { ...one(pass), TimeoutSeconds: -1 }, [
      `${SCHEMA} /TimeoutSeconds: Minimum value is 0`,
    ], OBSERVED],
    ["QueryLanguage is unknown", { ...one(pass), QueryLanguage: "JQ" }, [
      `${SCHEMA} /QueryLanguage: Value should be one of the following: [JSONPath, JSONata]`,
    ], OBSERVED],
    ["there are no states", { StartAt: "S", States: {} }, [
      `${SCHEMA} /States: Value cannot be empty`,
      "MISSING_TRANSITION_TARGET /StartAt: Missing 'Next' target: S",
    ], STRUCTURE],
    ["StartAt names no state", { StartAt: "X", States: { S: pass } }, [
      "MISSING_TRANSITION_TARGET /StartAt: Missing 'Next' target: X",
      'MISSING_TRANSITION_TARGET /States/S: State "S" is not reachable.',
    ], OBSERVED],
    [
      "nothing leads to a state, and a target is missing",
      { StartAt: "A", States: { A: { Type: "Pass", Next: "C" }, B: pass } },
      [
        "MISSING_TRANSITION_TARGET /States/A/Next: Missing 'Next' target: C",
        'MISSING_TRANSITION_TARGET /States/B: State "B" is not reachable.',
      ],
      OBSERVED,
    ],
    ["nothing ends it", { StartAt: "A", States: { A: { Type: "Pass", Next: "B" }, B: { Type: "Pass", Next: "A" } } }, [
      "MISSING_END_STATE -: Workflow has no terminal state",
    ], OBSERVED],
    [
      "a target is missing and nothing ends it",
      one({ Type: "Pass", Next: "NOPE" }),
      [
        "MISSING_TRANSITION_TARGET /States/S/Next: Missing 'Next' target: NOPE",
        "MISSING_END_STATE -: Workflow has no terminal state",
      ],
      OBSERVED,
    ],
    [
      "targets of rules, Default and catchers are missing",
      {
        StartAt: "C",
        States: {
          C: { Type: "Choice", Choices: [{ Variable: "$.a", IsNull: true, Next: "X" }], Default: "Y" },
          T: { Type: "Task", Resource: "r", End: true, Catch: [{ ErrorEquals: ["E"], Next: "Z" }] },
        },
      },
      [
        "MISSING_TRANSITION_TARGET /States/C/Choices[0]/Next: Missing 'Next' target: X",
        "MISSING_TRANSITION_TARGET /States/C/Default: Missing 'Next' target: Y",
        "MISSING_TRANSITION_TARGET /States/T/Catch[0]/Next: Missing 'Next' target: Z",
        'MISSING_TRANSITION_TARGET /States/T: State "T" is not reachable.',
      ],
      OBSERVED,
    ],
    [
      "a name is used inside and outside",
      {
        StartAt: "S",
        States: { S: { Type: "Parallel", Branches: [{ StartAt: "S", States: { S: pass } }], End: true } },
      },
      ["DUPLICATE_STATE_NAME /States/S/Branches[0]/States/S: Duplicate State name: S"],
      CODES,
    ],
    [
      "a state's name is too long",
      { StartAt: "N".repeat(81), States: { ["N".repeat(81)]: pass } },
      [
        `INVALID_STATE_NAME /States/${
          "N".repeat(81)
        }: Invalid State name: State exceeds the 80-character limit allowed by the service`,
      ],
      "ASL: Top-level fields",
    ],
    [
      "a variable is set inside and outside",
      {
        StartAt: "A",
        States: {
          A: { Type: "Pass", Assign: { x: 1 }, Next: "M" },
          M: {
            Type: "Map",
            ItemProcessor: { StartAt: "I", States: { I: { ...pass, Assign: { x: 2, y: 1 } } } },
            Assign: { y: 2 },
            End: true,
          },
        },
      },
      [
        "DUPLICATE_VARIABLE_NAME /States/M/ItemProcessor/States/I/Assign/x: The variable name 'x' was already defined in a parent scope.",
        "DUPLICATE_VARIABLE_NAME /States/M/ItemProcessor/States/I/Assign/y: The variable name 'y' was already defined in a parent scope.",
      ],
      "AWS: Workflow variables, scope",
    ],
  ];

for (const [when, definition, findings, source] of wholes) {
  test(`a definition is refused when ${when} [${source}]`, () => {
    deepStrictEqual(findingsOf(definition), findings);
    ok(Result.isFailure(parseDefinition(definition)));
  });
}

const at = (place: string, ...messages: string[]) =>
  messages.map((message) => `${SCHEMA} /States/S${place}: ${message}`);
const states: readonly (readonly [when: string, state: Json, findings: readonly string[], source: string])[] = [
  ["it is no object", 1, at("", "Expected value of type [OBJECT]"), STRUCTURE],
  ["it has no Type", { End: true }, at("", "These fields are required: [Type]"), STRUCTURE],
  [
    "its Type is unknown",
    { Type: "Foo", End: true },
    at(
      "/Type",
      "The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]",
    ),
    OBSERVED,
  ],
  [
    "it has neither Next nor End",
    { Type: "Pass" },
    at("", "This object should have only one of the following fields: [Next, End]"),
    OBSERVED,
  ],
  [
    "it has Next and End",
    { ...pass, Next: "S" },
    at("", "There should only be one of the following fields: [Next, End]"),
    OBSERVED,
  ],
  ["End is no boolean", { Type: "Pass", End: "true" }, [
    ...at("/End", "Expected value of type [BOOLEAN]"),
    ...at("", "This object should have only one of the following fields: [Next, End]"),
  ], STRUCTURE],
  [
    "a field belongs to another type",
    { ...pass, TimeoutSeconds: 1, Catch: [] },
    at("", "Field 'TimeoutSeconds' is not supported", "Field 'Catch' is not supported"),
    OBSERVED,
  ],
  ["Succeed has End", { Type: "Succeed", End: true }, at("", "Field 'End' is not supported"), "ASL: Succeed State"],
  [
    "ResultPath is no reference path",
    { ...pass, ResultPath: "$.a[*]" },
    at("/ResultPath", "Value is not a Reference Path"),
    OBSERVED,
  ],
  [
    "ResultPath is in the context object",
    { ...pass, ResultPath: "$$.a" },
    at("/ResultPath", "Value is not a Reference Path"),
    "ASL: Reference Paths",
  ],
  [
    "InputPath is no path",
    { ...pass, InputPath: 1 },
    at("/InputPath", "Expected value of type [STRING]"),
    "ASL: Paths",
  ],
  [
    "a template's field is no path",
    { ...pass, Parameters: { a: { "b.$": "x" } } },
    at("/Parameters/a", "The value for the field 'b.$' must be a valid JSONPath or a valid intrinsic function call"),
    OBSERVED,
  ],
  [
    "a template's field is given twice",
    { ...pass, Parameters: { b: 1, "b.$": "$.x" } },
    at("/Parameters", "The field 'b' is given twice: as 'b' and as 'b.$'"),
    "ASL: Payload Template",
  ],
  ["Assign is reserved", { ...pass, Assign: { states: 1 } }, [
    "RESERVED_VARIABLE_NAME /States/S/Assign/states: Cannot assign to reserved variable '$states'.",
  ], OBSERVED],
  ["Assign names no variable", { ...pass, Assign: { "a b": 1 } }, [
    "INVALID_VARIABLE_NAME /States/S/Assign/a b: Invalid variable name 'a b': the variable name contains invalid characters.",
  ], OBSERVED],
  [
    "Resource is missing",
    { Type: "Task", End: true },
    at("", "These fields are required: [Resource]"),
    "ASL: Task State",
  ],
  [
    "TimeoutSeconds is zero",
    { Type: "Task", Resource: "r", TimeoutSeconds: 0, End: true },
    at("/TimeoutSeconds", "Minimum value is 1"),
    OBSERVED,
  ],
  [
    "TimeoutSeconds is too large",
    { Type: "Task", Resource: "r", TimeoutSeconds: 100_000_000, End: true },
    at("/TimeoutSeconds", "Maximum value is 99999999"),
    OBSERVED,
  ],
  [
    "TimeoutSeconds is a text",
    { Type: "Task", Resource: "r", TimeoutSeconds: "5", End: true },
    at("/TimeoutSeconds", "Expected value of type Integer"),
    OBSERVED,
  ],
  [
    "a number stands beside its path",
    { Type: "Task", Resource: "r", TimeoutSeconds: 5, TimeoutSecondsPath: "$.t", End: true },
    at("", "There should only be one of the following fields: [TimeoutSeconds, TimeoutSecondsPath]"),
    OBSERVED,
  ],
  [
    "the heartbeat is not below the timeout",
    { Type: "Task", Resource: "r", TimeoutSeconds: 5, HeartbeatSeconds: 5, End: true },
    at("", "HeartbeatSeconds must be smaller than TimeoutSeconds"),
    "ASL: Timeouts and heartbeats",
  ],
  [
    "a path reads the context object where it may not",
    { Type: "Task", Resource: "r", TimeoutSecondsPath: "$$.x", End: true },
    at("/TimeoutSecondsPath", "Value is not a Reference Path"),
    OBSERVED,
  ],
  [
    "Wait has no time",
    { Type: "Wait", End: true },
    at(
      "",
      "This object should have only one of the following fields: [SecondsPath, Seconds, TimestampPath, Timestamp]",
    ),
    OBSERVED,
  ],
  [
    "Wait has two times",
    { Type: "Wait", Seconds: 1, SecondsPath: "$.s", End: true },
    at("", "There should only be one of the following fields: [SecondsPath, Seconds, TimestampPath, Timestamp]"),
    OBSERVED,
  ],
  ["Seconds is negative", { Type: "Wait", Seconds: -1, End: true }, at("/Seconds", "Minimum value is 0"), OBSERVED],
  [
    "Timestamp is none",
    { Type: "Wait", Timestamp: "2016-12-05 21:29:29Z", End: true },
    at("/Timestamp", "String does not match RFC3339 timestamp"),
    OBSERVED,
  ],
  [
    "Error stands beside ErrorPath",
    { Type: "Fail", Error: "E", ErrorPath: "$.e" },
    at("", "There should only be one of the following fields: [Error, ErrorPath]"),
    OBSERVED,
  ],
  [
    "Branches are empty",
    { Type: "Parallel", Branches: [], End: true },
    at("/Branches", "Value cannot be empty"),
    OBSERVED,
  ],
  [
    "a branch has no StartAt",
    { Type: "Parallel", Branches: [{ States: { I: pass } }], End: true },
    at("/Branches[0]", "These fields are required: [StartAt]"),
    STRUCTURE,
  ],
  [
    "a branch has a language",
    { Type: "Parallel", Branches: [{ ...inner, QueryLanguage: "JSONata" }], End: true },
    at("/Branches[0]", "Field 'QueryLanguage' is not supported"),
    OBSERVED,
  ],
  [
    "Map has no processor",
    { Type: "Map", End: true },
    at("", "This object should have only one of the following fields: [ItemProcessor, Iterator]"),
    OBSERVED,
  ],
  [
    "Map has two processors",
    { Type: "Map", ItemProcessor: inner, Iterator: inner, End: true },
    at("", "There should only be one of the following fields: [ItemProcessor, Iterator]"),
    OBSERVED,
  ],
  [
    "a distributed Map has no ExecutionType",
    { Type: "Map", ItemProcessor: { ProcessorConfig: { Mode: "DISTRIBUTED" }, ...inner }, End: true },
    at("/ItemProcessor/ProcessorConfig", "These fields are required: [ExecutionType]"),
    OBSERVED,
  ],
  [
    "an inline Map has ExecutionType",
    {
      Type: "Map",
      ItemProcessor: { ProcessorConfig: { Mode: "INLINE", ExecutionType: "STANDARD" }, ...inner },
      End: true,
    },
    at("/ItemProcessor/ProcessorConfig", "Field 'ExecutionType' is not supported"),
    OBSERVED,
  ],
  [
    "Mode is unknown",
    { Type: "Map", ItemProcessor: { ProcessorConfig: { Mode: "X" }, ...inner }, End: true },
    at("/ItemProcessor/ProcessorConfig/Mode", "Value should be one of the following: [INLINE, DISTRIBUTED]"),
    OBSERVED,
  ],
  [
    "MaxConcurrency is negative",
    { Type: "Map", MaxConcurrency: -1, ItemProcessor: inner, End: true },
    at("/MaxConcurrency", "Minimum value is 0"),
    OBSERVED,
  ],
  [
    "the tolerated percentage is above 100",
    { Type: "Map", ToleratedFailurePercentage: 101, ItemProcessor: inner, End: true },
    at("/ToleratedFailurePercentage", "Maximum value is 100.0"),
    OBSERVED,
  ],
  ["Label is none", { Type: "Map", Label: "a b", ItemProcessor: inner, End: true }, [
    "INVALID_LABEL_NAME /States/S/Label: Invalid Label name: a b",
  ], CODES],
  ["Choices are empty", { Type: "Choice", Choices: [] }, at("/Choices", "Value cannot be empty"), OBSERVED],
  ["Choices are missing", { Type: "Choice" }, at("", "These fields are required: [Choices]"), "ASL: Choice State"],
];

for (const [when, state, findings, source] of states) {
  test(`a state is refused when ${when} [${source}]`, () => {
    deepStrictEqual(findingsOf(one(state)).filter((finding) => !finding.startsWith("MISSING_")), findings);
  });
}

const rule = (fields: JsonObject) => one({ Type: "Choice", Choices: [{ Next: "A", ...fields }] });
const rules: readonly (readonly [when: string, fields: JsonObject, place: string, message: string])[] = [
  [
    "it tests nothing",
    {},
    "",
    "The object must have only one of the following fields, [And, Or, Not, Variable, Condition]",
  ],
  [
    "it is two things",
    { Not: { Variable: "$.a", IsNull: true }, Variable: "$.a", IsNull: true },
    "",
    "The object must have only one of the following fields, [And, Or, Not, Variable, Condition]",
  ],
  [
    "Variable is no path",
    { Variable: "a", IsNull: true },
    "/Variable",
    "Value is not a Reference Path: Reference path didn't start with '$'",
  ],
  [
    "the operand has the wrong type",
    { Variable: "$.a", NumericEquals: "1" },
    "/NumericEquals",
    "Expected value of type [NUMBER]",
  ],
  [
    "the operand is no timestamp",
    { Variable: "$.a", TimestampEquals: "today" },
    "/TimestampEquals",
    "String does not match RFC3339 timestamp",
  ],
  ["IsNull is no boolean", { Variable: "$.a", IsNull: "yes" }, "/IsNull", "Expected value of type [BOOLEAN]"],
  [
    "an inner rule has Next",
    { And: [{ Variable: "$.a", IsNull: true, Next: "A" }] },
    "/And[0]",
    "Field 'Next' is not supported",
  ],
  ["And is empty", { And: [] }, "/And", "Value cannot be empty"],
  [
    "it is in JSONata",
    { Condition: true },
    "",
    "The QueryLanguage is set to 'JSONPath', but field 'Condition' is only supported for the 'JSONata' QueryLanguage",
  ],
];

for (const [when, fields, place, message] of rules) {
  test(`a choice rule is refused when ${when} [${OBSERVED}]`, () => {
    const [first] = findingsOf(rule(fields));
    deepStrictEqual(first, `${SCHEMA} /States/S/Choices[0]${place}: ${message}`);
  });
}

const retriers: readonly (readonly [when: string, list: Json, place: string, message: string])[] = [
  ["ErrorEquals is missing", [{}], "[0]", "These fields are required: [ErrorEquals]"],
  ["ErrorEquals is empty", [{ ErrorEquals: [] }], "[0]/ErrorEquals", "Value cannot be empty"],
  [
    "States.ALL is not alone",
    [{ ErrorEquals: ["States.ALL", "E"] }],
    "[0]/ErrorEquals",
    "States.ALL must appear alone and at end of list",
  ],
  [
    "States.ALL is not last",
    [{ ErrorEquals: ["States.ALL"] }, { ErrorEquals: ["E"] }],
    "[0]/ErrorEquals",
    "States.ALL must appear alone and at end of list",
  ],
  ["MaxAttempts is negative", [{ ErrorEquals: ["E"], MaxAttempts: -1 }], "[0]/MaxAttempts", "Minimum value is 0"],
  ["BackoffRate is below one", [{ ErrorEquals: ["E"], BackoffRate: 0.5 }], "[0]/BackoffRate", "Minimum value is 1.0"],
  [
    "MaxDelaySeconds is too large",
    [{ ErrorEquals: ["E"], MaxDelaySeconds: 31_622_401 }],
    "[0]/MaxDelaySeconds",
    "Maximum value is 31622400",
  ],
  [
    "JitterStrategy is unknown",
    [{ ErrorEquals: ["E"], JitterStrategy: "HALF" }],
    "[0]/JitterStrategy",
    "Value should be one of the following: [NONE, FULL]",
  ],
];

for (const [when, list, place, message] of retriers) {
  test(`a retrier is refused when ${when} [${OBSERVED}]`, () => {
    deepStrictEqual(
      findingsOf(one({ Type: "Task", Resource: "r", Retry: list, End: true })),
      at(`/Retry${place}`, message),
    );
  });
}

test("every finding is given, not the first alone", () => {
  const definition = {
    StartAt: "A",
    States: { A: { Type: "Pass", Foo: 1 }, B: { Type: "Wait", End: true }, C: { Type: "Nope" } },
  };
  deepStrictEqual(findingsOf(definition).length, 6);
});

const warnings: readonly (readonly [when: string, state: JsonObject, finding: string])[] = [
  [
    "a template's text looks like a path",
    { ...pass, Parameters: { a: "$.b" } },
    "NO_DOLLAR /States/S/Parameters/a: The value of 'a' looks like a JSONPath or intrinsic function. Use 'a.$' to evaluate it.",
  ],
  [
    "a Result looks like a path",
    { ...pass, Result: { a: "$.b" } },
    "PASS_RESULT_IS_STATIC /States/S/Result: The Result of a Pass state is static: it is not evaluated as a path or intrinsic function.",
  ],
  [
    "a variable is read that nothing sets",
    { ...pass, InputPath: "$nope.x" },
    "POSSIBLY_UNDEFINED_VARIABLE /States/S/InputPath: Variable 'nope' is possibly not defined.",
  ],
];

for (const [when, state, finding] of warnings) {
  test(`a definition is accepted with a warning when ${when} [${CODES}]`, () => {
    deepStrictEqual(findingsOf(one(state)), [finding]);
    deepStrictEqual(validateDefinition(one(state)).map(({ severity }) => severity), ["WARNING"]);
    ok(machineOf(one(state)));
  });
}

const express: readonly (readonly [resource: string, message: string])[] = [
  [
    "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
    "Express state machine does not support '.waitForTaskToken' service integration ",
  ],
  ["arn:aws:states:::states:startExecution.sync", "Express state machine does not support '.sync' service integration"],
  [
    "arn:aws:states:::states:startExecution.sync:2",
    "Express state machine does not support '.sync' service integration",
  ],
  ["arn:aws:states:us-east-1:111111111111:activity:work", "Express state machine does not support Activity ARN"],
];

for (const [resource, message] of express) {
  test(`an express machine may not wait for ${resource} [${OBSERVED}]`, () => {
    const definition = one({
      Type: "Task",
      Resource: resource,
      ...(resource.includes(":::") ? { Parameters: { QueueUrl: "q", MessageBody: "b", StateMachineArn: "m" } } : {}),
      End: true,
    });
    deepStrictEqual(findingsOf(definition, "EXPRESS"), at("/Resource", message));
    deepStrictEqual(findingsOf(definition), []);
  });
}

test("limits of the definition: bytes, states, nesting, names [AWS: Quotas]", () => {
  const limits = { definitionBytesMax: 1_000, statesMax: 3, nestingMax: 1, nameCharactersMax: 10 };
  const long = { StartAt: "01234567890", States: { "01234567890": pass } };
  const tooLong = "Invalid State name: State exceeds the 10-character limit allowed by the service";
  deepStrictEqual(validateDefinition(long, "STANDARD", limits).map(shownFinding), [
    `INVALID_STATE_NAME /States/01234567890: ${tooLong}`,
  ]);
  deepStrictEqual(validateDefinition(long), []);
  const codes = (definition: Json | string) => {
    const parsed = parseDefinition(definition, limits);
    return Result.isFailure(parsed) ? parsed.failure.map(({ code, message }) => `${code}: ${message}`) : [];
  };
  deepStrictEqual(codes(JSON.stringify({ ...one(pass), Comment: "x".repeat(1_000) })), [
    `${SCHEMA}: The definition is longer than 1000 bytes`,
  ]);
  const four = {
    A: { Type: "Pass", Next: "B" },
    B: { Type: "Pass", Next: "C" },
    C: { Type: "Pass", Next: "D" },
    D: pass,
  };
  deepStrictEqual(codes({ StartAt: "A", States: four }), [`${SCHEMA}: The definition has more than 3 states`]);
  const nested = (depth: number): JsonObject =>
    depth === 0 ? pass : {
      Type: "Parallel",
      End: true,
      Branches: [{ StartAt: `N${depth}`, States: { [`N${depth}`]: nested(depth - 1) } }],
    };
  deepStrictEqual(codes(one(nested(1))), []);
  deepStrictEqual(codes(one(nested(2))), ["TOO_DEEPLY_NESTED: The states are too deeply nested"]);
});

test("allStates has the states of branches and processors; source is what was parsed", () => {
  const definition = {
    StartAt: "P",
    States: {
      P: { Type: "Parallel", Branches: [{ StartAt: "B", States: { B: pass } }], Next: "M" },
      M: { Type: "Map", ItemProcessor: inner, End: true },
    },
  };
  const machine = machineOf(JSON.stringify(definition));
  deepStrictEqual([...machine.allStates.keys()].sort(), ["B", "I", "M", "P"]);
  deepStrictEqual(machine.source, definition);
});
