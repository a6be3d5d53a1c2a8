// Goal: states in JSONata read `$states` and variables, build their output, and fail as AWS words it.
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Result } from "effect";
import {
  catcherOutcome,
  choose,
  failure,
  itemInput,
  mapItems,
  mapSettings,
  stateArguments,
  stateOutcome,
  taskTimeouts,
  waitEnd,
} from "../../../../src/language/mod.ts";
import type { Json, JsonObject } from "../../../../src/values/mod.ts";
import { findingsOf, outcomeOf, scopeOf, stateOf } from "../fixtures.ts";

const JSONATA = { QueryLanguage: "JSONata" };
const DOCS = "AWS: Transforming data with JSONata";
const input = { name: "Ada", n: 3, list: [1, 2, 3], nothing: null };
const scope = scopeOf(input, { variables: { x: 1, deep: { y: [2] } } });

const outputs: readonly (readonly [when: string, output: Json, value: Json])[] = [
  ["an expression stands alone", "{% $states.input.n + $x %}", 4],
  ["expressions stand anywhere in a template", {
    a: ["{% $states.input.name %}", 1, { b: "{% $deep.y[0] %}" }],
    c: "plain",
  }, { a: ["Ada", 1, { b: 2 }], c: "plain" }],
  ["it reads the context object", "{% $states.context.Execution.Id %}", "execution-1"],
  ["it reads the context object from its side", "{% $states.input.n.%.%.context.State.Name %}", "S"],
  ["it reads the context object by a name put together", '{% $lookup($states, "con" & "text").State.Name %}', "S"],
  ["it reads all of $states", "{% $count($states.*.State) %}", 1],
  [
    "it reads the input and then all of $states",
    '{% $states.input.name & $join($keys($states), ",") %}',
    "Adainput,context",
  ],
  ["null is a value", { v: "{% $states.input.nothing %}" }, { v: null }],
  ["it is a constant", { v: [1, "a"] }, { v: [1, "a"] }],
  ["paths of JSONPath are plain texts", { "a.$": "$.n", b: "$$.Execution.Id" }, { "a.$": "$.n", b: "$$.Execution.Id" }],
  ["a text has blanks around the delimiters", " {% 1 %} ", " {% 1 %} "],
  ["a text only ends like an expression", "100 %}", "100 %}"],
  ["the expression has line breaks", "{%\n  $states.input.n\n%}", 3],
];

for (const [when, output, value] of outputs) {
  test(`Output of a Pass state gives its value when ${when} [${DOCS}]`, () => {
    const state = stateOf("Pass", { Output: output }, JSONATA);
    deepStrictEqual(outcomeOf(stateOutcome(state, scope, input, input)), { output: value });
  });
}

test("a state without Output passes its input, a Task its result [AWS: Transforming data with JSONata]", () => {
  deepStrictEqual(outcomeOf(stateOutcome(stateOf("Pass", {}, JSONATA), scope, input, input)), { output: input });
  deepStrictEqual(outcomeOf(stateOutcome(stateOf("Task", { Resource: "r" }, JSONATA), scope, input, 7)), { output: 7 });
});

test("Output and Assign of a Task read its result, both with the variables as they were on entry [AWS: Workflow variables]", () => {
  const fields = {
    Resource: "r",
    Output: { sum: "{% $states.result.v + $x %}" },
    Assign: { x: "{% $states.result.v %}", old: "{% $x %}" },
  };
  deepStrictEqual(outcomeOf(stateOutcome(stateOf("Task", fields, JSONATA), scope, input, { v: 40 })), {
    output: { sum: 41 },
    assigned: { x: 40, old: 1 },
  });
});

test("Arguments are what a Task gets, its input where there are none [AWS: Task state]", () => {
  const task = stateOf("Task", { Resource: "r", Arguments: { who: "{% $states.input.name %}" } }, JSONATA);
  deepStrictEqual(outcomeOf(stateArguments(task, scope, input)), { who: "Ada" });
  deepStrictEqual(outcomeOf(stateArguments(stateOf("Task", { Resource: "r" }, JSONATA), scope, input)), input);
});

test("a state of a JSONPath machine can be in JSONata [AWS: Transforming data with JSONata, mixing]", () => {
  const state = stateOf("Pass", { ...JSONATA, Output: "{% $states.input.n %}" });
  deepStrictEqual(outcomeOf(stateOutcome(state, scope, input, input)), { output: 3 });
});

test("Condition decides, and a rule brings its own Output and Assign [AWS: Choice state]", () => {
  const state = stateOf("Choice", {
    Choices: [
      { Condition: "{% $states.input.n > 5 %}", Next: "A" },
      {
        Condition: "{% $states.input.n = 3 and $x = 1 %}",
        Next: "B",
        Output: { was: "{% $states.input.n %}" },
        Assign: { rule: 1 },
      },
    ],
    Default: "C",
    Output: "default",
    Assign: { rule: 0 },
  }, JSONATA);
  deepStrictEqual(outcomeOf(choose(state, scope, input)), { output: { was: 3 }, assigned: { rule: 1 }, next: "B" });
  const other = scopeOf({ n: 4 }, { variables: { x: 1 } });
  deepStrictEqual(outcomeOf(choose(state, other, { n: 4 })), { output: "default", assigned: { rule: 0 }, next: "C" });
});

test("Seconds, Timestamp, timeouts, Error and Cause take expressions [AWS: Wait, Task and Fail states]", () => {
  deepStrictEqual(
    outcomeOf(waitEnd(stateOf("Wait", { Seconds: "{% $states.input.n * 2 %}" }, JSONATA), scope, input)),
    { seconds: 6 },
  );
  deepStrictEqual(
    outcomeOf(waitEnd(stateOf("Wait", { Timestamp: "{% '2026-01-02T00:00:00Z' %}" }, JSONATA), scope, input)),
    { epochMs: Date.UTC(2026, 0, 2) },
  );
  const task = stateOf(
    "Task",
    { Resource: "r", TimeoutSeconds: "{% 60 %}", HeartbeatSeconds: "{% $states.input.n %}" },
    JSONATA,
  );
  deepStrictEqual(outcomeOf(taskTimeouts(task, scope, input)), { timeoutSeconds: 60, heartbeatSeconds: 3 });
  const fail = stateOf("Fail", { Error: "{% 'E' & $states.input.n %}", Cause: "plain" }, JSONATA);
  deepStrictEqual(outcomeOf(failure(fail, scope, input)), { error: "E3", cause: "plain" });
});

const processor = { StartAt: "I", States: { I: { Type: "Pass", End: true } } };

test("Items, ItemSelector and the settings of a Map take expressions [AWS: Map state]", () => {
  const map = stateOf("Map", {
    Items: "{% $states.input.list %}",
    ItemSelector: { value: "{% $states.context.Map.Item.Value %}", who: "{% $states.input.name %}" },
    MaxConcurrency: "{% $states.input.n %}",
    ToleratedFailurePercentage: "{% 10 %}",
    ItemProcessor: processor,
  }, JSONATA);
  deepStrictEqual(outcomeOf(mapItems(map, scope, input)), [1, 2, 3]);
  deepStrictEqual(outcomeOf(mapSettings(map, scope, input)), { maxConcurrency: 3, toleratedFailurePercentage: 10 });
  const iteration = { ...scope, contextObject: { Map: { Item: { Index: 0, Value: 1 } } } };
  deepStrictEqual(outcomeOf(itemInput(map, iteration, input, 1)), { value: 1, who: "Ada" });
});

test("a Map without Items iterates over its input, which must be an array [Observed of AWS]", () => {
  const map = stateOf("Map", { ItemProcessor: processor }, JSONATA);
  deepStrictEqual(outcomeOf(mapItems(map, scopeOf([1, 2]), [1, 2])), [1, 2]);
  deepStrictEqual(outcomeOf(mapItems(map, scopeOf("text"), "text")), {
    failed: { error: "States.QueryEvaluationError", cause: 'Map state input must be an array but was: "text"' },
  });
});

test("a catcher reads $states.errorOutput, which is also its output where it has none [AWS: Error handling]", () => {
  const task = stateOf("Task", {
    Resource: "r",
    Catch: [
      {
        ErrorEquals: ["E"],
        Next: "A",
        Output: { why: "{% $states.errorOutput.Cause %}", n: "{% $states.input.n %}" },
        Assign: { last: "{% $states.errorOutput.Error %}" },
      },
      { ErrorEquals: ["States.ALL"], Next: "B" },
    ],
  }, JSONATA);
  const [first, second] = task.Catch;
  if (first === undefined || second === undefined) throw new Error("Expected two catchers");
  const error = { error: "E", cause: "because" };
  deepStrictEqual(outcomeOf(catcherOutcome(task, first, scope, error)), {
    output: { why: "because", n: 3 },
    assigned: { last: "E" },
  });
  deepStrictEqual(outcomeOf(catcherOutcome(task, second, scope, error)), { output: { Error: "E", Cause: "because" } });
});

const failing: readonly (readonly [field: string, output: Json, cause: string])[] = [
  [
    "Output/v",
    { v: "{% $states.input.missing %}" },
    "The JSONata expression '$states.input.missing' specified for the field 'Output/v' returned nothing (undefined).",
  ],
  [
    "Output/a[1]/b",
    { a: [1, { b: "{% $nope %}" }] },
    "The JSONata expression '$nope' specified for the field 'Output/a[1]/b' returned nothing (undefined).",
  ],
  [
    "Output",
    "{% $nope() %}",
    "The JSONata expression '$nope()' specified for the field 'Output' threw an error during evaluation. T1006: Attempted to invoke a non-function",
  ],
];

for (const [location, output, cause] of failing) {
  test(`an expression fails with States.QueryEvaluationError at ${location} [AWS: EvaluationFailed; observed]`, () => {
    const state = stateOf("Pass", { Output: output }, JSONATA);
    deepStrictEqual(outcomeOf(stateOutcome(state, scope, input, input)), {
      failed: { error: "States.QueryEvaluationError", cause, location },
    });
  });
}

const typed:
  readonly (readonly [type: string, run: (source: string) => Result.Result<unknown, unknown>, field: string])[] = [
    [
      "array",
      (source) => mapItems(stateOf("Map", { Items: source, ItemProcessor: processor }, JSONATA), scope, input),
      "Items",
    ],
    ["number", (source) => waitEnd(stateOf("Wait", { Seconds: source }, JSONATA), scope, input), "Seconds"],
    [
      "boolean",
      (source) => choose(stateOf("Choice", { Choices: [{ Condition: source, Next: "A" }] }, JSONATA), scope, input),
      "Choices[0]/Condition",
    ],
    ["string", (source) => failure(stateOf("Fail", { Error: source }, JSONATA), scope, input), "Error"],
  ];

for (const [type, run, location] of typed) {
  test(`an expression for ${location} must give a ${type} [Observed of AWS]`, () => {
    const cause =
      `The JSONata expression '$states.input' specified for the field '${location}' returned an unexpected result type. ` +
      `Expected '${type}', but was 'object' for value: ${JSON.stringify(input)}`;
    deepStrictEqual(outcomeOf(run("{% $states.input %}")), {
      failed: { error: "States.QueryEvaluationError", cause, location },
    });
  });
}

const refused: readonly (readonly [expression: string, code: string, message: string])[] = [
  ["phone", "UNSUPPORTED_JSONATA_EXPRESSION", "Reference to 'phone' at the top level is not supported."],
  ["a.b + 1", "UNSUPPORTED_JSONATA_EXPRESSION", "Reference to 'a' at the top level is not supported."],
  [
    "$map($states.input.list, function($i) { b })",
    "UNSUPPORTED_JSONATA_EXPRESSION",
    "Reference to 'b' at the top level is not supported.",
  ],
  ["$$", "UNSUPPORTED_JSONATA_EXPRESSION", "Reference to '$$' is not supported."],
  ["$states.errorOutput", "UNSUPPORTED_JSONATA_EXPRESSION", "Field '$states.errorOutput' does not exist."],
  ["$states.result", "UNSUPPORTED_JSONATA_EXPRESSION", "Field '$states.result' does not exist."],
  ["a[1,2)", "INVALID_JSONATA_EXPRESSION", 'Expected "]", got ","'],
  ["1 +", "INVALID_JSONATA_EXPRESSION", "Unexpected end of expression"],
];

for (const [expression, code, message] of refused) {
  test(`{% ${expression} %} is refused at creation [Observed of AWS]`, () => {
    const definition = {
      ...JSONATA,
      StartAt: "E",
      States: { E: { Type: "Pass", Output: { v: `{% ${expression} %}` }, End: true } },
    };
    deepStrictEqual(findingsOf(definition), [`${code} /States/E/Output/v: ${message}`]);
  });
}

const accepted = [
  "$states.input.items[value > 3]",
  "$states.input.items^(price).{ 'n': name }",
  "$states.input.items{ kind: $sum(price) }",
  "($f := function($a) { $a + 1 }; $f(2))",
  "$map($states.input.list, function($v, $i) { $v * $i })",
  "$states.input.list ~> $sum()",
  "$states.input.items.(name & $string(price))",
  "$states.input ~> |items|{ 'price': price * 2 }|",
  "$partition([1..4], 2)",
];

for (const expression of accepted) {
  test(`{% ${expression} %} is accepted: names behind a step are looked up there [Observed of AWS]`, () => {
    const definition = {
      ...JSONATA,
      StartAt: "E",
      States: { E: { Type: "Pass", Output: `{% ${expression} %}`, End: true } },
    };
    deepStrictEqual(findingsOf(definition), []);
  });
}

for (const text of ["{% 1", "{% 1 %} ", " {% 1 %}"]) {
  test(`"${text}" is refused: it opens or closes alone [${DOCS}]`, () => {
    const definition = { ...JSONATA, StartAt: "E", States: { E: { Type: "Pass", Output: text, End: true } } };
    deepStrictEqual(findingsOf(definition), [
      "SCHEMA_VALIDATION_FAILED /States/E/Output: JSONata string must start with {% and end with %}",
    ]);
  });
}

const mixing: readonly (readonly [when: string, machine: JsonObject, state: JsonObject, finding: string])[] = [
  [
    "a JSONata field in JSONPath",
    {},
    { Output: 1 },
    "The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage",
  ],
  [
    "a JSONPath field in JSONata",
    JSONATA,
    { InputPath: "$" },
    "The QueryLanguage is set to 'JSONata', but field 'InputPath' is only supported for the 'JSONPath' QueryLanguage",
  ],
  [
    "Result in JSONata",
    JSONATA,
    { Result: 1 },
    "The QueryLanguage is set to 'JSONata', but field 'Result' is only supported for the 'JSONPath' QueryLanguage",
  ],
  [
    "JSONPath in a JSONata machine",
    JSONATA,
    { QueryLanguage: "JSONPath" },
    "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
  ],
];

for (const [when, machine, state, finding] of mixing) {
  test(`${when} is refused, at the state [Observed of AWS]`, () => {
    const definition = { ...machine, StartAt: "P", States: { P: { Type: "Pass", End: true, ...state } } };
    deepStrictEqual(findingsOf(definition), [`SCHEMA_VALIDATION_FAILED /States/P: ${finding}`]);
  });
}
