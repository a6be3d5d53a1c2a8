// Source: API_GetActivityTask; quotas of Step Functions (1,000 pollers of one activity).
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Effect, Fiber } from "effect";
import { ActivityTaskQueue, type QueuedTask } from "../../../src/aws/mod.ts";
import { taskId, timestamp } from "../../../src/values/mod.ts";

const scope = { account: "111111111111", region: "us-east-1" };
const activityArn = "arn:aws:states:us-east-1:111111111111:activity:a";

const taskOf = (number: number): QueuedTask => ({
  taskId: taskId({ tenant: scope.account, namespace: scope.region }, "0123456", timestamp(1, number)),
  token: `token ${number}`,
  resource: activityArn,
  input: number,
});

/** An engine whose tasks have begun, or ended, as the test says; `asked` has what it was told. */
function engineOf(answer: (token: string) => "ok" | "ended" | "away" = () => "ok") {
  const asked: string[] = [];
  const told = (what: string) => ({ token }: { readonly token: string }) =>
    Effect.suspend(() => {
      asked.push(`${what} ${token}`);
      const outcome = answer(token);
      if (outcome === "ok") return Effect.void;
      return Effect.fail({ code: outcome === "ended" ? "InvalidStatus" : "Unavailable", message: outcome });
    });
  return { asked, engine: { activateTask: told("activate"), heartbeatTask: told("heartbeat") } };
}

const pollOf = (queue: ActivityTaskQueue, timeoutMs = 60_000) =>
  queue.poll({ ...scope, activityArn, workerName: undefined, timeoutMs });

test("an activity's queue hands out its oldest task, and a task twice offered once", async () => {
  const { engine, asked } = engineOf();
  const queue = new ActivityTaskQueue(engine);
  for (const number of [1, 2, 1]) queue.offer(taskOf(number));
  const inputs: (string | undefined)[] = [];
  for (let taken = 0; taken < 2; taken++) inputs.push((await Effect.runPromise(pollOf(queue)))?.input);
  deepStrictEqual(inputs, ["1", "2"]);
  strictEqual(await Effect.runPromise(pollOf(queue, 1)), null);
  deepStrictEqual(asked, ["activate token 1", "activate token 2"]);
});

test("an activity's queue hands out no task that is over, and keeps one that the engine could not be told of", async () => {
  const states = new Map<string, "ok" | "ended" | "away">([["token 1", "ended"], ["token 2", "away"]]);
  const { engine } = engineOf((token) => states.get(token) ?? "ok");
  const queue = new ActivityTaskQueue(engine);
  for (const number of [1, 2, 3]) queue.offer(taskOf(number));
  queue.retract(taskOf(3).taskId);
  strictEqual(await Effect.runPromise(pollOf(queue)), null, "the engine is away");
  states.set("token 2", "ok");
  strictEqual((await Effect.runPromise(pollOf(queue)))?.input, "2");
  strictEqual(await Effect.runPromise(pollOf(queue, 1)), null);
});

test("a task that its worker did not get goes to the next, though it counts as begun", async () => {
  const { engine, asked } = engineOf();
  const queue = new ActivityTaskQueue(engine);
  queue.offer(taskOf(1));
  const lost = await Effect.runPromise(pollOf(queue));
  const next = Effect.runFork(pollOf(queue));
  lost?.giveBack();
  lost?.giveBack();
  strictEqual((await Effect.runPromise(Fiber.join(next)))?.token, "token 1");
  deepStrictEqual(asked, ["activate token 1", "heartbeat token 1"]);
  strictEqual(await Effect.runPromise(pollOf(queue, 1)), null);
});

test("a thousand workers may wait for one activity, no more; one that goes makes room", async () => {
  const queue = new ActivityTaskQueue(engineOf().engine);
  const waiting = Array.from({ length: 1_000 }, () => Effect.runFork(pollOf(queue)));
  await Effect.runPromise(Effect.yieldNow);
  strictEqual((await Effect.runPromise(Effect.flip(pollOf(queue)))).code, "ActivityWorkerLimitExceeded");
  const [first, ...rest] = waiting;
  if (first !== undefined) await Effect.runPromise(Fiber.interrupt(first));
  strictEqual(await Effect.runPromise(pollOf(queue, 1)), null);
  await Effect.runPromise(Fiber.interruptAll(rest));
});
