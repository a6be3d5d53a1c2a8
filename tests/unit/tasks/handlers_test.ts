import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { Deferred, Effect, Exit, Layer, Logger, Scope } from "effect";
import { layerHandlers, type OutcomeRefused, type TaskOutcomes } from "../../../src/tasks/handlers/mod.ts";
import { type RunningTask, TaskDispatcher, TaskFailure, type TaskHandler } from "../../../src/tasks/mod.ts";
import { type Json, present, type Space } from "../../../src/values/mod.ts";
import { type HandedOut, testTaskContract } from "../../support/contracts/tasks.ts";
import { taskMessage } from "../../support/task_messages.ts";

interface Outcome extends Space {
  readonly operation: string;
  readonly token: string;
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
}

/** Notes what it is told, in order; `refusals` are given before anything is taken. */
class RecordingEngine implements TaskOutcomes {
  readonly told: Outcome[] = [];
  readonly refusals: (OutcomeRefused & { readonly operation: string })[] = [];
  #watching: (() => void)[] = [];

  completeTask(request: Space & { readonly token: string; readonly output: Json }) {
    return this.#note({ operation: "complete", ...request });
  }
  failTask(request: Space & { readonly token: string; readonly error?: string; readonly cause?: string }) {
    return this.#note({ operation: "fail", ...request });
  }
  heartbeatTask(request: Space & { readonly token: string }) {
    return this.#note({ operation: "heartbeat", ...request });
  }
  activateTask(request: Space & { readonly token: string }) {
    return this.#note({ operation: "activate", ...request });
  }

  /** Resolves once it was told `count` times. */
  async toldTimes(count: number): Promise<readonly Outcome[]> {
    while (this.told.length < count) await new Promise<void>((resolve) => this.#watching.push(resolve));
    return this.told;
  }

  #note(outcome: Outcome): Effect.Effect<unknown, OutcomeRefused> {
    return Effect.suspend(() => {
      const at = this.refusals.findIndex(({ operation }) => operation === outcome.operation);
      const [refusal] = at < 0 ? [] : this.refusals.splice(at, 1);
      this.told.push(outcome);
      for (const wake of this.#watching.splice(0)) wake();
      return refusal === undefined ? Effect.succeed(outcome) : Effect.fail(refusal);
    });
  }
}

async function start(
  t: TestContext,
  handlers: Record<string, TaskHandler>,
  options: Parameters<typeof layerHandlers>[2] = {},
) {
  const engine = new RecordingEngine();
  const logged: string[] = [];
  const late = Deferred.makeUnsafe<TaskOutcomes>();
  const scope = Scope.makeUnsafe();
  const layer = layerHandlers(handlers, late, options);
  const context = await Effect.runPromise(
    Layer.buildWithScope(layer, scope).pipe(
      Effect.provide(Logger.layer([Logger.map(Logger.formatJson, (line) => logged.push(line))])),
    ),
  );
  const close = () => Effect.runPromise(Scope.close(scope, Exit.void));
  t.after(close);
  const dispatcher = Effect.runSync(Effect.provide(Effect.service(TaskDispatcher), context));
  return {
    engine,
    logged,
    close,
    dispatcher,
    attach: () => Effect.runSync(Deferred.succeed(late, engine)),
  };
}

const space = { tenant: "acme", namespace: "shop" };

testTaskContract({
  name: "layerHandlers()",
  place: async (t) => {
    const seen: HandedOut[] = [];
    let wake = () => {};
    const see: TaskHandler = (input, task) => {
      const { taskId, executionId, activityId, stateName, resource, attempt, createdAt } = task;
      const { timeoutSeconds, heartbeatSeconds } = task;
      const facts = { taskId, executionId, activityId, stateName, resource, input, attempt, createdAt };
      seen.push({ ...facts, ...present({ timeoutSeconds, heartbeatSeconds }) });
      wake();
    };
    const { dispatcher, attach, close } = await start(t, { charge: see, ship: see });
    return {
      dispatcher,
      kept: () => Promise.resolve(), // in this process, and at once
      open: attach,
      handedOut: async (isEnough) => {
        while (!isEnough(seen)) await new Promise<void>((resolve) => wake = resolve);
        return seen;
      },
      close,
    };
  },
});

test("layerHandlers() completes a task with what its handler returns, in the task's own space", async (t) => {
  const { engine, dispatcher, attach } = await start(t, { charge: (input) => ({ doubled: Number(input) * 2 }) });
  attach();
  dispatcher.dispatch([taskMessage(21)]);
  deepStrictEqual(await engine.toldTimes(1), [
    { operation: "complete", ...space, token: "token-21", output: { doubled: 42 } },
  ]);
});

test("layerHandlers() calls no handler before the engine is there, and none within a call of dispatch", async (t) => {
  const calls: Json[] = [];
  const { engine, dispatcher, attach } = await start(t, { charge: (input) => void calls.push(input) });
  dispatcher.dispatch([taskMessage(1), taskMessage(2)]);
  await Promise.resolve();
  deepStrictEqual(calls, []);
  attach();
  await engine.toldTimes(2);
  dispatcher.dispatch([taskMessage(3)]);
  deepStrictEqual(calls, [1, 2]);
  await engine.toldTimes(3);
  deepStrictEqual(calls, [1, 2, 3]);
});

const outcomes: readonly { readonly when: string; readonly handler: TaskHandler; readonly told: object }[] = [
  { when: "it returns a promise", handler: () => Promise.resolve([1]), told: { operation: "complete", output: [1] } },
  { when: "it returns nothing", handler: () => undefined, told: { operation: "complete", output: null } },
  {
    when: "its result has fields without value",
    handler: () => ({ a: undefined, b: [undefined], c: new Date(0) }),
    told: { operation: "complete", output: { b: [null], c: "1970-01-01T00:00:00.000Z" } },
  },
  {
    when: "it throws an error",
    handler: () => {
      throw new RangeError("too far");
    },
    told: { operation: "fail", error: "RangeError", cause: "too far" },
  },
  {
    when: "its promise rejects with a task's failure",
    handler: () => Promise.reject(new TaskFailure("CardDeclined", "no cover")),
    told: { operation: "fail", error: "CardDeclined", cause: "no cover" },
  },
  {
    when: "it throws a word",
    handler: () => {
      throw "oh";
    },
    told: { operation: "fail", error: "Error", cause: "oh" },
  },
  {
    when: "it throws what cannot be shown",
    handler: () => {
      throw Object.create(null);
    },
    told: { operation: "fail", error: "Error", cause: "The handler threw a value that cannot be shown" },
  },
  {
    when: "its cause is too long",
    handler: () => {
      throw new Error("c".repeat(40_000));
    },
    told: { operation: "fail", error: "Error", cause: "c".repeat(32_768) },
  },
];
for (const { when, handler, told } of outcomes) {
  test(`layerHandlers() gives back the outcome when ${when}`, async (t) => {
    const { engine, dispatcher, attach } = await start(t, { charge: handler });
    attach();
    dispatcher.dispatch([taskMessage(1)]);
    deepStrictEqual(await engine.toldTimes(1), [{ ...space, token: "token-1", ...told }]);
  });
}

function nested(depth: number): Json {
  let value: Json = 0;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

const cyclic: { self?: unknown } = {};
cyclic.self = cyclic;
const invalid: readonly { readonly when: string; readonly result: unknown; readonly error: string }[] = [
  { when: "has a cycle", result: cyclic, error: "Weft.InvalidResult" },
  { when: "is a function", result: () => 1, error: "Weft.InvalidResult" },
  { when: "is a bigint", result: 1n, error: "Weft.InvalidResult" },
  { when: "nests too deep", result: nested(257), error: "Weft.InvalidResult" },
  { when: "nests deeper than the stack", result: nested(100_000), error: "Weft.InvalidResult" },
  { when: "has one byte too many", result: "x".repeat(262_143), error: "States.DataLimitExceeded" },
];
for (const { when, result, error } of invalid) {
  test(`layerHandlers() fails the task with ${error} when the result ${when}`, async (t) => {
    const { engine, dispatcher, attach } = await start(t, { charge: () => result });
    attach();
    dispatcher.dispatch([taskMessage(1)]);
    const [told] = await engine.toldTimes(1);
    deepStrictEqual([told?.operation, told?.error], ["fail", error]);
  });
}

test("layerHandlers() takes a result that is as large and as deep as allowed", async (t) => {
  const results = ["x".repeat(262_142), nested(256)];
  const { engine, dispatcher, attach } = await start(t, { charge: (n) => results[Number(n)] });
  attach();
  dispatcher.dispatch([taskMessage(0), taskMessage(1)]);
  deepStrictEqual((await engine.toldTimes(2)).map(({ operation }) => operation), ["complete", "complete"]);
});

test("layerHandlers() fails a task that nobody handles, and says what there is", async (t) => {
  const { engine, dispatcher, attach } = await start(t, { ship: () => 1, pack: () => 2 });
  attach();
  dispatcher.dispatch([taskMessage(1), taskMessage(2, { resource: "toString" })]);
  const [first, second] = await engine.toldTimes(2);
  deepStrictEqual([first?.error, second?.error], ["Weft.NoHandler", "Weft.NoHandler"]);
  match(first?.cause ?? "", /"charge".*"ship", "pack"/);
});

test("layerHandlers() gives handlers a copy of the input, whatever they do with it", async (t) => {
  const input = { list: [1] };
  const { engine, dispatcher, attach } = await start(t, {
    charge: (given) => {
      (given as { list: number[] }).list.push(2);
      return given;
    },
  });
  attach();
  dispatcher.dispatch([taskMessage(1, { input })]);
  deepStrictEqual((await engine.toldTimes(1))[0]?.output, { list: [1, 2] });
  deepStrictEqual(input, { list: [1] });
});

test("layerHandlers() runs at most `concurrency` handlers at once, and each task once", async (t) => {
  const ends: (() => void)[] = [];
  let most = 0;
  const handler = () => {
    const ended = new Promise<void>((resolve) => ends.push(resolve));
    most = Math.max(most, ends.length);
    return ended;
  };
  const { engine, dispatcher, attach } = await start(t, { charge: handler }, { concurrency: 3 });
  attach();
  const tasks = Array.from({ length: 10 }, (_, n) => taskMessage(n));
  dispatcher.dispatch(tasks);
  dispatcher.dispatch(tasks); // dispatched again while they wait or run
  for (let done = 0; done < 10; done++) {
    while (ends.length === 0) await new Promise((resolve) => setImmediate(resolve));
    ends.shift()?.();
    await engine.toldTimes(done + 1);
  }
  deepStrictEqual([most, engine.told.length], [3, 10]);
});

test("layerHandlers() lets the event loop run between many handlers that end at once", async (t) => {
  let calls = 0;
  const { engine, dispatcher, attach } = await start(t, { charge: () => calls++ });
  attach();
  dispatcher.dispatch(Array.from({ length: 1_000 }, (_, n) => taskMessage(n)));
  await new Promise((resolve) => setImmediate(resolve));
  ok(calls < 1_000, "the loop had its turn before all were done");
  await engine.toldTimes(1_000);
});

test("layerHandlers() activates first when the task has a timeout or a heartbeat, and heartbeats when asked", async (t) => {
  const { engine, dispatcher, attach } = await start(t, { charge: async (_, task) => await task.heartbeat() });
  attach();
  dispatcher.dispatch([taskMessage(1, { heartbeatSeconds: 5 })]);
  const told = await engine.toldTimes(3);
  deepStrictEqual(told.map(({ operation }) => operation), ["activate", "heartbeat", "complete"]);
  strictEqual(told[2]?.output, true);
});

test("layerHandlers() does not begin a task that is over when it is activated", async (t) => {
  let calls = 0;
  const { engine, dispatcher, attach } = await start(t, { charge: () => calls++, ship: () => 1 });
  attach();
  engine.refusals.push({ operation: "activate", code: "InvalidStatus", message: "timed out" });
  dispatcher.dispatch([taskMessage(1, { timeoutSeconds: 5 }), taskMessage(2, { resource: "ship" })]);
  await engine.toldTimes(2);
  strictEqual(calls, 0);
});

test("layerHandlers() aborts the handler of a task that was retracted, and forgets its result", async (t) => {
  let running: RunningTask | undefined;
  const { engine, dispatcher, attach } = await start(t, {
    charge: (_, task) => {
      running = task;
      return new Promise((resolve) => task.signal.addEventListener("abort", () => resolve("late")));
    },
    ship: () => "in time",
  }, { concurrency: 1 });
  attach();
  const [first, second, third] = [taskMessage(1), taskMessage(2), taskMessage(3, { resource: "ship" })];
  dispatcher.dispatch([first, second, third]);
  await new Promise((resolve) => setImmediate(resolve));
  dispatcher.retract([first, second]);
  deepStrictEqual((await engine.toldTimes(1)).map(({ token }) => token), [third.token]);
  strictEqual(running?.signal.aborted, true);
  strictEqual(await running?.heartbeat(), false);
});

test("layerHandlers() aborts the signal when a heartbeat learns that the task is over", async (t) => {
  const aborted = Promise.withResolvers<boolean>();
  const { engine, dispatcher, attach } = await start(t, {
    charge: async (_, task) => {
      await task.heartbeat();
      aborted.resolve(task.signal.aborted);
    },
  });
  attach();
  engine.refusals.push({ operation: "heartbeat", code: "InvalidStatus", message: "timed out" });
  dispatcher.dispatch([taskMessage(1)]);
  strictEqual(await aborted.promise, true);
});

test("layerHandlers() gives an outcome back again while the engine is not available", async (t) => {
  const { engine, dispatcher, attach } = await start(t, { charge: () => 1 });
  attach();
  for (const code of ["Unavailable", "Unavailable", "Internal"]) {
    engine.refusals.push({ operation: "complete", code, message: "later" });
  }
  dispatcher.dispatch([taskMessage(1)]);
  const told = await engine.toldTimes(4);
  deepStrictEqual(new Set(told.map(({ operation }) => operation)), new Set(["complete"]));
  strictEqual(engine.refusals.length, 0);
});

test("layerHandlers() fails the task when the engine does not take its output", async (t) => {
  const { engine, dispatcher, attach } = await start(t, { charge: () => 1 });
  attach();
  engine.refusals.push({ operation: "complete", code: "PayloadTooLarge", message: "too large" });
  dispatcher.dispatch([taskMessage(1)]);
  const [, second] = await engine.toldTimes(2);
  deepStrictEqual([second?.operation, second?.error, second?.cause], ["fail", "States.DataLimitExceeded", "too large"]);
});

test("layerHandlers() logs an outcome that is refused for good, and works on", async (t) => {
  const { engine, dispatcher, attach, logged } = await start(t, { charge: () => 1 });
  attach();
  engine.refusals.push({ operation: "complete", code: "InvalidToken", message: "not signed by us" });
  dispatcher.dispatch([taskMessage(1)]);
  await engine.toldTimes(1);
  dispatcher.dispatch([taskMessage(2)]);
  await engine.toldTimes(2);
  ok(logged.some((line) => line.includes("InvalidToken")));
});

test("layerHandlers() aborts what runs when its scope closes, and tells the engine nothing more", async (t) => {
  const aborted = Promise.withResolvers<unknown>();
  const { engine, dispatcher, attach, close } = await start(t, {
    charge: (_, task) => {
      task.signal.addEventListener("abort", () => aborted.resolve(task.signal.reason));
      return aborted.promise;
    },
  });
  attach();
  dispatcher.dispatch([taskMessage(1)]);
  await new Promise((resolve) => setImmediate(resolve));
  await close();
  match(String(await aborted.promise), /engine stops/);
  dispatcher.dispatch([taskMessage(2)]);
  await new Promise((resolve) => setImmediate(resolve));
  deepStrictEqual(engine.told, []);
});
