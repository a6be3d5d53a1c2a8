// Sources: API_TestState, API_InspectionData, API_TestStateConfiguration; developer guide, "Testing state machines with TestState API".
import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { after, before, test } from "node:test";
import { failureOf, roleArn, serveAwsApi, type ServedAwsApi } from "../../../support/aws_api.ts";

let api: ServedAwsApi;
before(async () => {
  api = await serveAwsApi();
});
after(() => api.close());

const testState = (state: object, more: object = {}) =>
  api.client.testState({ definition: JSON.stringify(state), ...more });
const mocked = (result: unknown, more: object = {}) => ({ mock: { result: JSON.stringify(result), ...more } });
const task = (fields: object = {}) => ({ Type: "Task", Resource: "work", End: true, ...fields });

test("TestState shows the stages between input and output at level DEBUG, and none at INFO", async () => {
  const state = {
    Type: "Task",
    Resource: "work",
    InputPath: "$.in",
    Parameters: { "x.$": "$.x" },
    ResultSelector: { "y.$": "$.y" },
    ResultPath: "$.out",
    OutputPath: "$.out",
    Assign: { "kept.$": "$.y" },
    Next: "Then",
  };
  const request = { input: '{"in":{"x":1}}', ...mocked({ y: 2, z: 3 }) };
  const info = await testState(state, request);
  deepStrictEqual([info.status, info.output, info.nextState, info.inspectionData], [
    "SUCCEEDED",
    '{"y":2}',
    "Then",
    undefined,
  ]);
  const { inspectionData = {} } = await testState(state, { ...request, inspectionLevel: "DEBUG" });
  const shown = Object.fromEntries(Object.entries(inspectionData).map(([name, text]) => [name, JSON.parse(text)]));
  deepStrictEqual(shown, {
    input: { in: { x: 1 } },
    afterInputPath: { x: 1 },
    afterParameters: { x: 1 },
    result: { y: 2, z: 3 },
    afterResultSelector: { y: 2 },
    afterResultPath: { in: { x: 1 }, out: { y: 2 } },
    variables: { kept: 2 },
  });
});

test("TestState shows of each type of state the stages that AWS shows", async () => {
  const list = JSON.stringify({ l: [1], x: 2 });
  const branch = { StartAt: "I", States: { I: { Type: "Pass", End: true } } };
  const stagesOf = async (state: object, request: object = {}) => {
    const { inspectionData = {} } = await testState({ ...state, End: true }, {
      input: list,
      inspectionLevel: "DEBUG",
      ...request,
    });
    return Object.keys(inspectionData).sort();
  };
  deepStrictEqual(await stagesOf({ Type: "Pass", Parameters: {} }), [
    "afterInputPath",
    "afterParameters",
    "afterResultPath",
    "afterResultSelector",
    "input",
  ]);
  deepStrictEqual(await stagesOf({ Type: "Pass", InputPath: "$.l", Result: 1 }), [
    "afterResultPath",
    "afterResultSelector",
    "input",
    "result",
  ]);
  deepStrictEqual(await stagesOf({ Type: "Parallel", Branches: [branch] }, mocked([1])), [
    "afterResultPath",
    "afterResultSelector",
    "input",
  ]);
  const mapped = await stagesOf({ Type: "Map", ItemsPath: "$.l", ItemProcessor: branch }, mocked([1]));
  deepStrictEqual(mapped, [
    "afterInputPath",
    "afterItemsPath",
    "afterResultPath",
    "afterResultSelector",
    "input",
    "maxConcurrency",
  ]);
});

test("TestState tells of a Map's items that are none without the state, and without its settings", async () => {
  const branch = { StartAt: "I", States: { I: { Type: "Pass", End: true } } };
  const { cause, inspectionData = {} } = await testState(
    { Type: "Map", ItemsPath: "$.x", ItemProcessor: branch, End: true },
    { input: '{"x":1}', inspectionLevel: "DEBUG", ...mocked([]) },
  );
  strictEqual(cause, 'Reference path "$.x" must point to array.');
  strictEqual(inspectionData.maxConcurrency, undefined);
});

const badContexts: readonly (readonly [string, string])[] = [
  ['{"x":1}', "Field 'x' is not allowed"],
  ['{"Execution":{"x":1}}', "Field 'x' is not allowed"],
  ['{"Execution":{"Id":1}}', "Execution.Id must be a string"],
  ['{"__proto__":{}}', "Field '__proto__' is not allowed"],
  ['{"Map":{}}', "'Map' field is not supported when mocking a Context object"],
];
for (const [context, problem] of badContexts) {
  test(`TestState refuses the context object ${context}`, async () => {
    deepStrictEqual(await failureOf(testState(task(), { ...mocked({}), context })), [
      "ValidationException",
      `Invalid Context object provided: ${problem}`,
    ]);
  });
}

test("TestState tells which retrier or catcher takes a mocked error", async () => {
  const state = task({
    Retry: [{ ErrorEquals: ["Other"] }, { ErrorEquals: ["Again"], IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 2 }],
    Catch: [{ ErrorEquals: ["Again"], ResultPath: "$.error", Next: "Caught" }],
  });
  const ask = (retrierRetryCount: number) =>
    testState(state, {
      input: "{}",
      inspectionLevel: "DEBUG",
      mock: { errorOutput: { error: "Again", cause: "why" } },
      stateConfiguration: { retrierRetryCount },
    });
  const again = await ask(1);
  deepStrictEqual([again.status, again.error, again.inspectionData?.errorDetails], [
    "RETRIABLE",
    "Again",
    { retryIndex: 1, retryBackoffIntervalSeconds: 6 },
  ]);
  const caught = await ask(2);
  deepStrictEqual([caught.status, caught.nextState, caught.inspectionData?.errorDetails], [
    "CAUGHT_ERROR",
    "Caught",
    { catchIndex: 0 },
  ]);
  deepStrictEqual(JSON.parse(caught.output ?? ""), { error: { Error: "Again", Cause: "why" } });
});

test("TestState takes variables and a context object, and makes one up where none is given", async () => {
  const state = {
    Type: "Pass",
    QueryLanguage: "JSONata",
    Output: "{% [$v, $states.context.Execution.Input, $states.context.State.Name] %}",
    End: true,
  };
  const { output } = await testState(state, { variables: '{"v":1}', input: '{"a":2}' });
  deepStrictEqual(JSON.parse(output ?? "").slice(0, 2), [1, { a: 2 }]);
  const given = await testState(
    task({ Parameters: { "name.$": "$$.Execution.Name" } }),
    { ...mocked({}), context: '{"Execution":{"Name":"mine"}}', inspectionLevel: "DEBUG" },
  );
  strictEqual(given.inspectionData?.afterParameters, '{"name":"mine"}');
});

test("TestState tests one state of a machine, at any depth, by its name", async () => {
  const machine = {
    StartAt: "Outer",
    States: {
      Outer: {
        Type: "Parallel",
        Branches: [{ StartAt: "Inner", States: { Inner: { Type: "Pass", Result: "inner", End: true } } }],
        End: true,
      },
    },
  };
  strictEqual((await testState(machine, { stateName: "Inner" })).output, '"inner"');
  deepStrictEqual(await failureOf(testState(machine, { stateName: "None" })), [
    "ValidationException",
    "State not found in definition",
  ]);
});

const distributed = (fields: object) => ({
  Type: "Map",
  ItemProcessor: {
    ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
    StartAt: "Do",
    States: { Do: { Type: "Pass", End: true } },
  },
  End: true,
  ...fields,
});
const reader = (config: object) => ({
  Resource: "arn:aws:states:::s3:getObject",
  Parameters: { Bucket: "b", Key: "k" },
  ReaderConfig: config,
});

test("TestState shows the items of a Map: as selected, and in batches", async () => {
  const { inspectionData } = await testState(
    distributed({
      ItemsPath: "$.items",
      ItemSelector: { "n.$": "$$.Map.Item.Value", "of.$": "$.of" },
      ItemBatcher: { MaxItemsPerBatch: 2, BatchInput: { b: 1 } },
      MaxConcurrency: 5,
      ToleratedFailureCount: 1,
    }),
    { input: '{"items":[1,2,3],"of":"x"}', inspectionLevel: "DEBUG", ...mocked([1]) },
  );
  const { afterItemsPath, afterItemSelector, afterItemBatcher, maxConcurrency, toleratedFailureCount } =
    inspectionData ?? {};
  const [one, two, three] = [1, 2, 3].map((n) => ({ n, of: "x" }));
  strictEqual(afterItemsPath, "[1,2,3]");
  deepStrictEqual(JSON.parse(afterItemSelector ?? ""), [one, two, three]);
  deepStrictEqual(JSON.parse(afterItemBatcher ?? ""), [
    { BatchInput: { b: 1 }, Items: [one, two] },
    { BatchInput: { b: 1 }, Items: [three] },
  ]);
  deepStrictEqual([maxConcurrency, toleratedFailureCount], [5, 1]);
});

for (
  const { what, config, dataset, pointed, items } of [
    {
      what: "a JSON document by its pointer",
      config: { InputType: "JSON", ItemsPointer: "/data/list" },
      dataset: '{"data":{"list":[1,2]}}',
      pointed: "[1,2]",
      items: [1, 2],
    },
    {
      what: "JSON Lines",
      config: { InputType: "JSONL" },
      dataset: '1\n\n{"a":2}\n',
      pointed: undefined,
      items: [1, { a: 2 }],
    },
    {
      what: "no more than MaxItems",
      config: { InputType: "JSON", MaxItems: 1 },
      dataset: "[1,2]",
      pointed: undefined,
      items: [1],
    },
  ]
) {
  test(`TestState reads ${what} in place of the ItemReader`, async () => {
    const { inspectionData } = await testState(
      distributed({ ItemReader: reader(config), ItemSelector: { "item.$": "$$.Map.Item.Value" } }),
      {
        input: "{}",
        inspectionLevel: "DEBUG",
        ...mocked([]),
        stateConfiguration: { mapItemReaderData: dataset },
      },
    );
    strictEqual(inspectionData?.afterItemsPointer, pointed);
    deepStrictEqual(JSON.parse(inspectionData?.afterItemSelector ?? ""), items.map((item) => ({ item })));
  });
}

test("TestState compares the iterations that failed with what is tolerated", async () => {
  const state = distributed({ ToleratedFailurePercentage: 50 });
  const ask = (mapIterationFailureCount: number) =>
    testState(state, { input: "[1,2,3,4]", ...mocked([1]), stateConfiguration: { mapIterationFailureCount } });
  strictEqual((await ask(2)).status, "SUCCEEDED");
  const { status, error } = await ask(3);
  deepStrictEqual([status, error], ["FAILED", "States.ExceedToleratedFailureThreshold"]);
});

test("TestState does a task for real where there is no mock, and asks for a role then", async () => {
  strictEqual((await failureOf(testState(task())))[0], "ValidationException");
  const { status, error, cause } = await testState(task(), { roleArn });
  deepStrictEqual([status, error], ["FAILED", "Weft.NoHandler"]);
  match(cause ?? "", /no handler for "work"/);
  const { stateMachines = [] } = await api.client.listStateMachines({});
  deepStrictEqual(stateMachines, [], "nothing of a test is left");
});

for (
  const [what, state, request] of [
    ["a mock with result and error", task(), { mock: { result: "1", errorOutput: { error: "E" } } }],
    ["a mock with neither", task(), { mock: {} }],
    ["a mock of a Pass state", { Type: "Pass", End: true }, mocked(1)],
    ["a mocked result that is no JSON", task(), { mock: { result: "{", fieldValidationMode: "NONE" } }],
    ["a context object without a mock", task(), { roleArn, context: "{}" }],
    ["a configuration without a mock", task(), { roleArn, stateConfiguration: { retrierRetryCount: 1 } }],
    ["variables that are no object", { Type: "Pass", End: true }, { variables: "[1]" }],
    ["a result of a Map that is no array", distributed({}), { input: "[]", ...mocked({}) }],
  ] as const
) {
  test(`TestState refuses ${what}`, async () => {
    strictEqual((await failureOf(testState(state, request)))[0], "ValidationException");
  });
}
