// Goal: retriers and catchers match, count and wait as documented.
import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { test } from "node:test";
import {
  catcherOutcome,
  causeInState,
  findCatcher,
  findRetrier,
  jitteredDelaySeconds,
  retryDelaySeconds,
} from "../../../../src/language/mod.ts";
import { errorMatches } from "../../../../src/language/evaluation/error_handling.ts";
import type { JsonObject } from "../../../../src/values/mod.ts";
import { outcomeOf, scopeOf, stateOf } from "../fixtures.ts";

const ERRORS = "AWS: Error handling";
const matches: readonly (readonly [name: string, error: string | undefined, matches: boolean])[] = [
  ["Custom", "Custom", true],
  ["Custom", "custom", false],
  ["States.ALL", "Custom", true],
  ["States.ALL", undefined, true],
  ["States.ALL", "States.Timeout", true],
  ["States.ALL", "States.QueryEvaluationError", true],
  ["States.ALL", "States.DataLimitExceeded", true],
  ["States.ALL", "States.Runtime", false],
  ["States.Runtime", "States.Runtime", false],
  ["States.DataLimitExceeded", "States.DataLimitExceeded", true],
  ["States.TaskFailed", "Custom", true],
  ["States.TaskFailed", "States.Timeout", false],
  ["States.TaskFailed", "States.Runtime", false],
  ["States.Timeout", "States.Timeout", true],
  ["States.Timeout", "States.HeartbeatTimeout", true],
  ["States.HeartbeatTimeout", "States.HeartbeatTimeout", true],
  ["States.HeartbeatTimeout", "States.Timeout", false],
];

// "States.ALL … can't catch the States.DataLimitExceeded terminal error type"; executions on AWS show that it does catch that of a
// task whose result is too large.
test(`no wildcard stands for the limit of a state's own data [${ERRORS}]`, () => {
  for (const name of ["States.ALL", "States.TaskFailed"]) {
    strictEqual(errorMatches(name, "States.DataLimitExceeded", "Limit"), false);
  }
  strictEqual(errorMatches("States.DataLimitExceeded", "States.DataLimitExceeded", "Limit"), true);
});

test(`a missed heartbeat is a timeout, and has a name of its own in Retry and Catch [${ERRORS}]`, () => {
  const stands = ["States.Timeout", "States.HeartbeatTimeout", "States.ALL", "States.TaskFailed"].filter(
    (name) => errorMatches(name, "States.Timeout", "Heartbeat"),
  );
  strictEqual(stands.join(), "States.Timeout,States.HeartbeatTimeout,States.ALL");
});

for (const [name, error, expected] of matches) {
  test(`"${name}" ${expected ? "stands" : "does not stand"} for ${error ?? "an error without a name"} [${ERRORS}]`, () => {
    strictEqual(errorMatches(name, error), expected);
  });
}

const retry = [
  { ErrorEquals: ["A", "B"], MaxAttempts: 2, IntervalSeconds: 3, BackoffRate: 2 },
  { ErrorEquals: ["Never"], MaxAttempts: 0 },
  { ErrorEquals: ["States.ALL"], MaxDelaySeconds: 10, IntervalSeconds: 2, BackoffRate: 3, JitterStrategy: "FULL" },
];
const task = stateOf("Task", {
  Resource: "r",
  Retry: retry,
  Catch: [{ ErrorEquals: ["A"], Next: "X", ResultPath: "$.error" }, { ErrorEquals: ["States.ALL"], Next: "Y" }],
});

const finds: readonly (readonly [error: string, counts: readonly number[], index: number | undefined])[] = [
  ["A", [], 0],
  ["B", [1, 0, 0], 0],
  ["A", [2, 0, 0], undefined],
  ["Never", [], undefined],
  ["C", [2, 0, 2], 2],
  ["C", [0, 0, 3], undefined],
  ["States.Runtime", [], undefined],
];

for (const [error, counts, index] of finds) {
  test(`findRetrier() gives ${index ?? "none"} for ${error} after ${JSON.stringify(counts)} retries [ASL: Retrying after error]`, () => {
    strictEqual(findRetrier(task.Retry, error, counts)?.index, index);
  });
}

test("a retrier has its defaults: three attempts, one second, doubled [ASL: Retrying after error]", () => {
  const [retrier] = stateOf("Task", { Resource: "r", Retry: [{ ErrorEquals: ["E"] }] }).Retry;
  deepStrictEqual(retrier, {
    ErrorEquals: ["E"],
    IntervalSeconds: 1,
    MaxAttempts: 3,
    BackoffRate: 2,
    JitterStrategy: "NONE",
  });
});

const delays: readonly (readonly [
  when: string,
  retrier: { IntervalSeconds: number; BackoffRate: number; MaxDelaySeconds?: number },
  seconds: readonly number[],
])[] = [
  ["it doubles", { IntervalSeconds: 3, BackoffRate: 2 }, [3, 6, 12]],
  ["MaxDelaySeconds caps it", { IntervalSeconds: 3, BackoffRate: 2, MaxDelaySeconds: 10 }, [3, 6, 10]],
  ["the rate is 1", { IntervalSeconds: 5, BackoffRate: 1 }, [5, 5, 5]],
  ["the rate has a fraction", { IntervalSeconds: 2, BackoffRate: 1.5 }, [2, 3, 4.5]],
];

for (const [when, retrier, seconds] of delays) {
  test(`retryDelaySeconds() returns ${seconds.join(", ")} when ${when} [ASL: Retrying after error]`, () => {
    deepStrictEqual([0, 1, 2].map((index) => retryDelaySeconds(retrier, index)), seconds);
  });
}

test("retryDelaySeconds() stays finite, and refuses an index that is none", () => {
  strictEqual(retryDelaySeconds({ IntervalSeconds: 99_999_999, BackoffRate: 1_000 }, 500), 31_622_400);
  throws(() => retryDelaySeconds({ IntervalSeconds: 1, BackoffRate: 2 }, -1), RangeError);
});

test("jitteredDelaySeconds() draws below the delay with FULL, and leaves it with NONE [AWS: Error handling, JitterStrategy]", () => {
  strictEqual(jitteredDelaySeconds({ JitterStrategy: "FULL" }, 10, 0.25), 2.5);
  strictEqual(jitteredDelaySeconds({ JitterStrategy: "NONE" }, 10, 0.25), 10);
});

test("the first catcher that matches is taken; its ResultPath places the error onto the raw input [ASL: Fallback States]", () => {
  const scope = scopeOf({ in: 1 });
  const error = { error: "A", cause: "why" };
  const caught = findCatcher(task.Catch, "A");
  if (caught === undefined) throw new Error("Expected a catcher");
  strictEqual(caught.index, 0);
  deepStrictEqual(outcomeOf(catcherOutcome(task, caught.catcher, scope, error)), {
    output: { in: 1, error: { Error: "A", Cause: "why" } },
  });
  strictEqual(findCatcher(task.Catch, "Z")?.catcher.Next, "Y");
  strictEqual(findCatcher(task.Catch, "States.Runtime"), undefined);
});

const catchers: readonly (readonly [when: string, fields: JsonObject, outcome: unknown])[] = [
  ["it has no ResultPath", {}, { output: { Error: "E", Cause: "why" } }],
  ["ResultPath is null", { ResultPath: null }, { output: { in: 1 } }],
  ["Assign reads the error", { Assign: { "last.$": "$.Error" } }, {
    output: { Error: "E", Cause: "why" },
    assigned: { last: "E" },
  }],
];

for (const [when, fields, outcome] of catchers) {
  test(`a catcher gives its output when ${when} [ASL: Fallback States; AWS: Workflow variables]`, () => {
    const state = stateOf("Task", { Resource: "r", Catch: [{ ErrorEquals: ["E"], Next: "X", ...fields }] });
    const [catcher] = state.Catch;
    if (catcher === undefined) throw new Error("Expected a catcher");
    deepStrictEqual(
      outcomeOf(catcherOutcome(state, catcher, scopeOf({ in: 1 }), { error: "E", cause: "why" })),
      outcome,
    );
  });
}

test("causeInState() puts AWS's sentence in front [Observed of AWS]", () => {
  strictEqual(
    causeInState("Reason.", "Pay", 7),
    "An error occurred while executing the state 'Pay' (entered at the event id #7). Reason.",
  );
});
