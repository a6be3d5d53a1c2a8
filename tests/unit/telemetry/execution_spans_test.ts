import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { RunEvent } from "../../../src/story/mod.ts";
import { executionSpans, spanIdOf, traceIdOf } from "../../../src/telemetry/mod.ts";
import { executionId as makeId, timestamp } from "../../../src/values/mod.ts";

const executionId = makeId({ tenant: "acme", namespace: "prod" }, "abcdef0", timestamp(1_000, 0));

function events(...facts: readonly Readonly<Record<string, string | number>>[]): readonly RunEvent[] {
  return facts.map((fact, index) => {
    const { type = "" } = fact;
    return { ...fact, id: index + 1, type: String(type), timestamp: new Date(1_000 + index).toISOString() };
  });
}

function ran(name: string, status: string): readonly Readonly<Record<string, string>>[] {
  const activityId = `${executionId}/${name}`;
  return [
    { type: "StateStartedEvent", activityId, stateName: name, stateType: "Pass" },
    { type: "StateCompletedEvent", activityId, status },
  ];
}

test("after a redrive only what has happened since is told, beneath a span of the redrive's own", () => {
  const ended = { executionId, workflow: "w", timedOut: false, startedAtEpochMs: 1_000, endedAtEpochMs: 1_009 };
  const first = [
    { type: "ExecutionStartedEvent", startedAtEpochMs: 1_000 },
    ...ran("A", "Succeeded"),
    ...ran("B", "Failed"),
  ];
  const before = executionSpans({ ...ended, status: "Failed" }, events(...first));
  const again = [...first, { type: "ExecutionRedrivenEvent" }, ...ran("C", "Succeeded")];
  const after = executionSpans({ ...ended, status: "Succeeded" }, events(...again));
  deepStrictEqual(before.map(({ name, parentSpanId }) => [name, parentSpanId]), [
    ["w", undefined],
    ["A", spanIdOf(executionId)],
    ["B", spanIdOf(executionId)],
  ]);
  deepStrictEqual(after.map(({ name, spanId, parentSpanId }) => [name, spanId, parentSpanId]), [
    ["w", spanIdOf(executionId, 1), spanIdOf(executionId)],
    ["C", after[1]?.spanId, spanIdOf(executionId, 1)],
  ]);
  deepStrictEqual(after.map(({ startTimeUnixNano }) => startTimeUnixNano), ["1005000000", "1006000000"]);
  strictEqual(before[2]?.status.code, 2);
  deepStrictEqual(new Set([...before, ...after].map(({ traceId }) => traceId)), new Set([traceIdOf(executionId)]));
});
