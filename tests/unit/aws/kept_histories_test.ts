// Goal: a history that is asked for page by page is made once, stays right while the execution goes on, and takes no more room than it may.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Effect } from "effect";
import { KeptHistories } from "../../../src/aws/history/kept_histories.ts";
import { awsHistory } from "../../../src/aws/history/aws_history.ts";
import type { Event } from "../../../src/protocol/mod.ts";
import type { ExecutionDetail, NumberedEvent, Registry } from "../../../src/runtime/mod.ts";
import { activityId, executionId, timestamp, workflowId } from "../../../src/values/mod.ts";

const AT_EPOCH_MS = 1_767_225_600_000;
const space = { tenant: "111111111111", namespace: "us-east-1" };

function execution(number: number): ExecutionDetail {
  return {
    executionId: executionId(space, "0123456", timestamp(1, number)),
    workflow: "m",
    revision: 1,
    status: "Running",
    startedAt: "2026-01-01T00:00:00.000Z",
    input: null,
    definitionHash: "",
    redriveCount: 0,
  };
}

const root = executionId(space, "0123456", timestamp(1, 1));

/** Events of a chain of Pass states, the input of each `characters` long. */
function chain(states: number, characters = 1): NumberedEvent[] {
  const input = "x".repeat(characters);
  const events = Array.from({ length: states }, (_, index): readonly Event[] => {
    const state = { version: 1, activityId: activityId(root, timestamp(2, index)), stateName: `S${index}` } as const;
    const historyId = 2 + 2 * index;
    return [
      { ...state, type: "StateStartedEvent", stateType: "Pass", input, historyId, enteredAtEpochMs: AT_EPOCH_MS },
      { ...state, type: "StateCompletedEvent", status: "Succeeded", output: input },
    ];
  }).flat();
  const started: Event = {
    type: "ExecutionStartedEvent",
    version: 1,
    executionId: root,
    workflowId: workflowId(space, "m"),
    workflow: "m",
    revision: 1,
    definitionHash: "",
    input,
    status: "Running",
    startedAtEpochMs: AT_EPOCH_MS,
  };
  return [started, ...events].map((event, index) => ({ id: index + 1, atEpochMs: AT_EPOCH_MS, event }));
}

/** A registry that has these events of every execution, and counts what is read of them. */
function registryOf(events: readonly NumberedEvent[]) {
  const seen = { read: 0 };
  const executionEvents: Registry["executionEvents"] = ({ after = 0, limit = 100 }) =>
    Effect.gen(function* () {
      yield* Effect.yieldNow;
      const page = events.filter(({ id }) => id > after).slice(0, limit);
      seen.read += page.length;
      const last = page.at(-1)?.id ?? after;
      return { events: page, ...(last < events.length ? { next: last } : {}) };
    });
  return { registry: { executionEvents }, seen };
}

test("KeptHistories reads an event once, however often the history is asked for", async () => {
  const events = chain(1_500);
  const { registry, seen } = registryOf(events);
  const histories = new KeptHistories(registry);
  const wanted = awsHistory({ events, execution: execution(1) });
  for (let asked = 0; asked < 3; asked++) {
    deepStrictEqual(await Effect.runPromise(histories.of(execution(1))), wanted);
  }
  strictEqual(seen.read, events.length);
});

test("KeptHistories goes on with what happened since, and stays right when it is asked side by side", async () => {
  const events = chain(3);
  const { registry } = registryOf(events);
  const histories = new KeptHistories(registry);
  await Effect.runPromise(histories.of(execution(1)));
  const more = chain(40).slice(events.length);
  events.push(...more);
  const both = await Promise.all([1, 2, 3].map(() => Effect.runPromise(histories.of(execution(1)))));
  const wanted = awsHistory({ events, execution: execution(1) });
  for (const history of both) deepStrictEqual(history, wanted);
});

test("KeptHistories keeps those asked for last, as far as there is room", async () => {
  const { registry, seen } = registryOf(chain(10, 1_000));
  const histories = new KeptHistories(registry, 100_000);
  for (let number = 1; number <= 20; number++) {
    await Effect.runPromise(histories.of(execution(number)));
    ok(histories.bytes <= 100_000, `${histories.bytes} bytes are kept`);
  }
  ok(histories.bytes > 0);
  const before = seen.read;
  await Effect.runPromise(histories.of(execution(20)));
  strictEqual(seen.read, before);
  await Effect.runPromise(histories.of(execution(1)));
  strictEqual(seen.read, before + 21);
});

test("KeptHistories gives a history that is too large to keep", async () => {
  const { registry } = registryOf(chain(10, 1_000));
  const histories = new KeptHistories(registry, 10);
  strictEqual((await Effect.runPromise(histories.of(execution(1)))).length, 21);
  strictEqual(histories.bytes, 0);
});
