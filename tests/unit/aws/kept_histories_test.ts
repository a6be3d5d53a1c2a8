// Goal: a history that is asked for page by page is made once, stays right while the execution goes on, and takes no more room than it may.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Effect } from "effect";
import { KeptHistories } from "../../../src/aws/history/kept_histories.ts";
import { awsHistory } from "../../../src/aws/history/aws_history.ts";
import type { Engine, ExecutionDetail, HistoryEvent } from "../../../src/runtime/mod.ts";
import { executionId, timestamp } from "../../../src/values/mod.ts";

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

/** Events of a chain of Pass states, the input of each `characters` long. */
function chain(states: number, characters = 1): HistoryEvent[] {
  const input = "x".repeat(characters);
  const told = Array.from({ length: states }, (_, index) => [
    { type: "StateStartedEvent", activityId: `a${index}`, stateName: `S${index}`, stateType: "Pass", input },
    {
      type: "StateCompletedEvent",
      activityId: `a${index}`,
      stateName: `S${index}`,
      status: "Succeeded",
      output: input,
    },
  ]).flat();
  return [{ type: "ExecutionStartedEvent", input }, ...told].map((event, index) => ({
    ...event,
    id: index + 1,
    timestamp: "2026-01-01T00:00:00.000Z",
  }));
}

/** An engine that has these events of every execution, and counts what is read of them. */
function engineOf(events: readonly HistoryEvent[]) {
  const seen = { read: 0 };
  const executionHistory: Engine["executionHistory"] = ({ after = 0, limit = 100 }) =>
    Effect.gen(function* () {
      yield* Effect.yieldNow;
      const page = events.filter(({ id }) => id > after).slice(0, limit);
      seen.read += page.length;
      const last = page.at(-1)?.id ?? after;
      return { events: page, ...(last < events.length ? { next: last } : {}) };
    });
  return { engine: { executionHistory }, seen };
}

test("KeptHistories reads an event once, however often the history is asked for", async () => {
  const events = chain(1_500);
  const { engine, seen } = engineOf(events);
  const histories = new KeptHistories(engine);
  const wanted = awsHistory({ events, execution: execution(1) });
  for (let asked = 0; asked < 3; asked++) {
    deepStrictEqual(await Effect.runPromise(histories.of(execution(1))), wanted);
  }
  strictEqual(seen.read, events.length);
});

test("KeptHistories goes on with what happened since, and stays right when it is asked side by side", async () => {
  const events = chain(3);
  const { engine } = engineOf(events);
  const histories = new KeptHistories(engine);
  await Effect.runPromise(histories.of(execution(1)));
  const more = chain(40).slice(events.length);
  events.push(...more);
  const both = await Promise.all([1, 2, 3].map(() => Effect.runPromise(histories.of(execution(1)))));
  const wanted = awsHistory({ events, execution: execution(1) });
  for (const history of both) deepStrictEqual(history, wanted);
});

test("KeptHistories keeps those asked for last, as far as there is room", async () => {
  const { engine, seen } = engineOf(chain(10, 1_000));
  const histories = new KeptHistories(engine, 100_000);
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
  const { engine } = engineOf(chain(10, 1_000));
  const histories = new KeptHistories(engine, 10);
  strictEqual((await Effect.runPromise(histories.of(execution(1)))).length, 21);
  strictEqual(histories.bytes, 0);
});
