// Goal: Wait, Fail and Task read their paths, and refuse what is no number, text or timestamp.
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import { failure, taskTimeouts, waitEnd } from "../../../../src/language/mod.ts";
import type { Json, JsonObject } from "../../../../src/values/mod.ts";
import { outcomeOf, scopeOf, stateOf } from "../fixtures.ts";

const input = {
  seconds: 5,
  half: 0.5,
  negative: -1,
  text: "x",
  at: "2026-01-01T00:01:00Z",
  far: "2095-01-01T00:00:00Z",
  huge: 3e9,
};
const scope = scopeOf(input, { variables: { v: 9 } });
const runtime = (cause: string) => ({ failed: { error: "States.Runtime", cause } });
const query = (location: string, cause: string) => ({
  failed: { error: "States.QueryEvaluationError", cause, location },
});

const waits: readonly (readonly [fields: JsonObject, outcome: unknown, source: string])[] = [
  [{ Seconds: 10 }, { seconds: 10 }, "ASL: Wait State"],
  [{ Seconds: 0 }, { seconds: 0 }, "ASL: Wait State"],
  [{ SecondsPath: "$.seconds" }, { seconds: 5 }, "ASL: Wait State"],
  [{ SecondsPath: "$v" }, { seconds: 9 }, "AWS: Workflow variables"],
  [{ Timestamp: "2026-01-01T00:00:10Z" }, { epochMs: Date.UTC(2026, 0, 1, 0, 0, 10) }, "ASL: Wait State"],
  [{ TimestampPath: "$.at" }, { epochMs: Date.UTC(2026, 0, 1, 0, 1) }, "ASL: Wait State"],
  [{ Timestamp: "1999-01-01T00:00:00Z" }, { epochMs: Date.UTC(1999, 0, 1) }, "A time in the past"],
  [
    { SecondsPath: "$.gone" },
    runtime("The SecondsPath parameter does not reference an input value: $.gone"),
    "Observed of AWS",
  ],
  [
    { TimestampPath: "$.gone" },
    runtime("The TimestampPath parameter does not reference an input value: $.gone"),
    "Observed of AWS",
  ],
  [
    { SecondsPath: "$.half" },
    runtime("The SecondsPath parameter cannot be parsed as a long value: $.half == 0.5"),
    "AWS: States.Runtime",
  ],
  [
    { SecondsPath: "$.text" },
    runtime("The SecondsPath parameter cannot be parsed as a long value: $.text == x"),
    "AWS: States.Runtime",
  ],
  [
    { SecondsPath: "$.negative" },
    runtime("The SecondsPath parameter cannot be negative: $.negative == -1"),
    "AWS: States.Runtime",
  ],
  [{ SecondsPath: "$.huge" }, runtime("Wait state delay is too long."), "Observed of AWS"],
  [{ TimestampPath: "$.far" }, runtime("Wait state delay is too long."), "Observed of AWS"],
];

for (const [fields, outcome, source] of waits) {
  test(`Wait ${JSON.stringify(fields)} ends as it must [${source}]`, () => {
    deepStrictEqual(outcomeOf(waitEnd(stateOf("Wait", fields), scope, input)), outcome);
  });
}

test("TimestampPath to what is no timestamp fails [AWS: States.Runtime]", () => {
  const outcome = outcomeOf(waitEnd(stateOf("Wait", { TimestampPath: "$.text" }), scope, input)) as {
    failed: { error: string };
  };
  deepStrictEqual(outcome.failed.error, "States.Runtime");
});

// AWS records an EvaluationFailed for these: https://github.com/localstack/localstack/pull/12074
for (const field of [{ Seconds: "{% 1.5 %}" }, { Seconds: "{% -1 %}" }, { Timestamp: "{% 'soon' %}" }]) {
  test(`Wait ${JSON.stringify(field)} is a failed evaluation [AWS: Transforming data]`, () => {
    const outcome = outcomeOf(waitEnd(stateOf("Wait", { QueryLanguage: "JSONata", ...field }), scope, input)) as {
      failed: { error: string };
    };
    deepStrictEqual(outcome.failed.error, "States.QueryEvaluationError");
  });
}

test("an expression of a Wait that gives no timestamp is told of with what it gave [Observed of AWS]", () => {
  const state = stateOf("Wait", { QueryLanguage: "JSONata", Timestamp: "{% 'soon' %}" });
  deepStrictEqual(
    outcomeOf(waitEnd(state, scope, input)),
    query(
      "Timestamp",
      "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: soon",
    ),
  );
});

const failures: readonly (readonly [fields: JsonObject, outcome: unknown, source: string])[] = [
  [{}, {}, "ASL: Fail State"],
  [{ Error: "E", Cause: "why" }, { error: "E", cause: "why" }, "ASL: Fail State"],
  [{ ErrorPath: "$.text", Cause: "why" }, { error: "x", cause: "why" }, "AWS: Fail state"],
  [{ CausePath: "States.Format('{} at {}', $.text, $.at)" }, { cause: "x at 2026-01-01T00:01:00Z" }, "AWS: Fail state"],
  [
    { ErrorPath: "$.seconds" },
    runtime("The ErrorPath field must reference a string value: $.seconds"),
    "AWS: Fail state",
  ],
  [
    { ErrorPath: "$.gone" },
    runtime(
      `The JSONPath '$.gone' specified for the field 'ErrorPath' could not be found in the input '${
        JSON.stringify(input)
      }'`,
    ),
    "AWS: Fail state",
  ],
];

for (const [fields, outcome, source] of failures) {
  test(`Fail ${JSON.stringify(fields)} has its error and cause [${source}]`, () => {
    deepStrictEqual(outcomeOf(failure(stateOf("Fail", fields), scope, input)), outcome);
  });
}

const timeouts: readonly (readonly [fields: JsonObject, outcome: Json])[] = [
  [{}, {}],
  [{ TimeoutSeconds: 60, HeartbeatSeconds: 10 }, { timeoutSeconds: 60, heartbeatSeconds: 10 }],
  [{ TimeoutSecondsPath: "$.seconds" }, { timeoutSeconds: 5 }],
  [{ HeartbeatSecondsPath: "$v" }, { heartbeatSeconds: 9 }],
  [
    { TimeoutSecondsPath: "$.text" },
    runtime('The TimeoutSecondsPath field refers to value "x" which is not a valid integer: $.text'),
  ],
  [{ TimeoutSecondsPath: "$.negative" }, runtime("TimeoutSeconds must be between 0 and 99999999 but was: -1")],
  [
    { QueryLanguage: "JSONata", TimeoutSeconds: "{% -1 %}" },
    query("TimeoutSeconds", "TimeoutSeconds must be between 0 and 99999999 but was: -1"),
  ],
  [
    { QueryLanguage: "JSONata", HeartbeatSeconds: "{% 1.6 %}" },
    query("HeartbeatSeconds", "The HeartbeatSeconds field cannot be parsed as an integer: 1.6"),
  ],
  [
    { QueryLanguage: "JSONata", TimeoutSeconds: "{% '3' %}" },
    query(
      "TimeoutSeconds",
      "The JSONata expression ''3'' specified for the field 'TimeoutSeconds' returned an unexpected result type. " +
        "Expected 'number', but was 'string' for value: \"3\"",
    ),
  ],
  [{ TimeoutSecondsPath: "$.gone" }, runtime("Invalid path '$.gone' : No results for path: $['gone']")],
];

for (const [fields, outcome] of timeouts) {
  test(`a Task with ${JSON.stringify(fields)} has its timeouts [AWS: Task state]`, () => {
    deepStrictEqual(outcomeOf(taskTimeouts(stateOf("Task", { Resource: "r", ...fields }), scope, input)), outcome);
  });
}
