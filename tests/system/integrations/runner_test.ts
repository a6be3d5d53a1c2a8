/** The runner of integrations on an embedded home: results, failures, callbacks, children that are reclaimed. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { Effect, Exit, Scope } from "effect";
import { openEmbeddedHome } from "../../../src/homes/mod.ts";
import { type Integration, IntegrationRunner } from "../../../src/integrations/mod.ts";
import { type Registry, RequestRefused } from "../../../src/runtime/mod.ts";
import { defaultLimits, type Json } from "../../../src/values/mod.ts";
import { FakeEngine } from "../../support/fake_engine.ts";
import { taskMessage } from "../../support/task_messages.ts";
import { seenEvent, taskMachine, underTest } from "../../support/integrations/both_homes.ts";

async function homeWith(t: TestContext, integration: Partial<Integration> & Pick<Integration, "run">) {
  const home = await openEmbeddedHome({
    integrations: {
      own: [{ name: "test", handles: (resource) => resource.startsWith("test:"), ...integration }],
    },
  });
  return underTest(t, home);
}

test("an integration's result is the task's output, its failure the task's failure", async (t) => {
  const { start, ended } = await homeWith(t, {
    run: ({ input }) =>
      Effect.succeed(
        input === "fail" ? { kind: "Failed", error: "Own", cause: "why" } : { kind: "Completed", output: [input] },
      ),
  });
  const good = await ended(await start(taskMachine({ Resource: "test:x" }), "in"));
  deepStrictEqual([good.status, good.output], ["Succeeded", ["in"]]);
  const bad = await ended(await start(taskMachine({ Resource: "test:x" }), "fail"));
  deepStrictEqual([bad.status, bad.error, bad.cause], ["Failed", "Own", "why"]);
});

test("a request of a callback resource leaves its task to the holder of the token", async (t) => {
  const tokens: string[] = [];
  const { home, space, start, ended } = await homeWith(t, {
    run: ({ input }) => {
      tokens.push(String((input as { token: Json }).token));
      return Effect.succeed({ kind: "Completed", output: "taken up" });
    },
  });
  const executionId = await start(
    taskMachine({ Resource: "test:x.waitForTaskToken", Parameters: { "token.$": "$$.Task.Token" } }),
  );
  const submitted = await seenEvent({ home, space }, executionId, "TaskSubmittedEvent");
  strictEqual(submitted["output"], "taken up");
  const [token = ""] = tokens;
  await Effect.runPromise(home.engine.completeTask({ ...space, token, output: "by token" }));
  const end = await ended(executionId);
  deepStrictEqual([end.status, end.output], ["Succeeded", "by token"]);
});

test("a waiting task takes no place from those that it waits for", async (t) => {
  const inner = Promise.withResolvers<void>();
  const { start, ended } = await homeWith(t, {
    concurrencyMax: 1,
    run: (task, run) => {
      if (task.resource === "test:inner") {
        inner.resolve();
        return Effect.succeed({ kind: "Completed", output: "inner" });
      }
      const waited = Effect.andThen(run.onlyWaits, Effect.promise(() => inner.promise));
      return Effect.as(waited, { kind: "Completed", output: "outer" });
    },
  });
  const branch = (name: string) => ({
    StartAt: name,
    States: { [name]: { Type: "Task", Resource: `test:${name}`, End: true } },
  });
  const id = await start({
    StartAt: "Both",
    States: { Both: { Type: "Parallel", Branches: [branch("outer"), branch("inner")], End: true } },
  });
  deepStrictEqual((await ended(id)).output, ["outer", "inner"]);
});

test("a task at work is told of in the history before it has ended", async (t) => {
  const { home, space, start } = await homeWith(t, { run: () => Effect.never });
  const id = await start(taskMachine({ Resource: "test:x" }));
  await seenEvent({ home, space }, id, "TaskActivatedEvent");
  await Effect.runPromise(home.engine.cancelExecution({ ...space, executionId: id }));
});

test("a task that times out is interrupted, and the signal of a promise in it aborted", async (t) => {
  let aborted = false;
  const { start, ended } = await homeWith(t, {
    run: () =>
      Effect.promise((signal) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener("abort", () => {
            aborted = true;
            reject(signal.reason);
          })
        )
      ),
  });
  const end = await ended(await start(taskMachine({ Resource: "test:x", TimeoutSeconds: 1 })));
  deepStrictEqual([end.status, end.error], ["Failed", "States.Timeout"]);
  ok(aborted);
});

test("an integration that fails by itself fails its task by name, and shows no reason", async (t) => {
  const { runTask } = await homeWith(t, { run: () => Effect.die(new Error("a secret of the node")) });
  const end = await runTask({ Resource: "test:x" });
  strictEqual(end.error, "Weft.IntegrationFailed");
  ok(!JSON.stringify(end).includes("secret"));
});

test("a result that is too large is States.DataLimitExceeded", async (t) => {
  const { runTask } = await homeWith(t, {
    run: () => Effect.succeed({ kind: "Completed", output: "a".repeat(300_000) }),
  });
  strictEqual((await runTask({ Resource: "test:x" })).error, "States.DataLimitExceeded");
});

test("no more tasks are at work at once than the integration allows, and all are done", async (t) => {
  let atWork = 0;
  let most = 0;
  const { start, ended } = await homeWith(t, {
    concurrencyMax: 3,
    run: ({ input }) =>
      Effect.promise(async () => {
        most = Math.max(most, ++atWork);
        await turnOfTheLoop();
        atWork -= 1;
        return { kind: "Completed", output: input };
      }),
  });
  const items = Array.from({ length: 20 }, (_, index) => index);
  const inner = taskMachine({ Resource: "test:x" });
  const id = await start({ StartAt: "All", States: { All: { Type: "Map", ItemProcessor: inner, End: true } } }, items);
  deepStrictEqual((await ended(id)).output, items);
  strictEqual(most, 3);
});

const turnOfTheLoop = () => new Promise((resolve) => setImmediate(resolve));

/** A runner whose tasks never end, before an engine that knows them. */
async function stuckRunner(t: TestContext, queueMax: number) {
  const engine = new FakeEngine();
  const begun: string[] = [];
  const stuck: Integration = {
    name: "stuck",
    concurrencyMax: 1,
    handles: () => true,
    run: ({ taskId }) => {
      begun.push(taskId);
      return Effect.never;
    },
  };
  const scope = Scope.makeUnsafe();
  t.after(() => Effect.runPromise(Scope.close(scope, Exit.void)));
  const made = IntegrationRunner.make([stuck], { limits: defaultLimits, queueMax });
  const runner = await Effect.runPromise(Effect.provideService(made, Scope.Scope, scope));
  runner.start({ engine, registry: {} as Registry });
  return { runner, engine, begun };
}

test("more tasks than may wait are failed by name", async (t) => {
  const { runner, engine, begun } = await stuckRunner(t, 2);
  runner.dispatch([taskMessage(1)]);
  await turnOfTheLoop(); // the first one is begun
  runner.dispatch([taskMessage(2), taskMessage(3), taskMessage(4)]);
  const failed = engine.requests.filter(({ operation }) => operation === "failTask");
  deepStrictEqual(
    failed.map(({ request }) => (request as { token: string; error: string })).map(
      ({ token, error }) => [token, error],
    ),
    [["token-4", "Weft.TooManyTasks"]],
  );
  deepStrictEqual(begun, [taskMessage(1).taskId]);
});

test("tasks that another node does from now on are broken off, and forgotten where they wait; others go on", async (t) => {
  const { runner, begun } = await stuckRunner(t, 10);
  const [gone, waiting, other] = [taskMessage(1), taskMessage(2), taskMessage(3)];
  runner.dispatch([gone, waiting, other]);
  await turnOfTheLoop();
  deepStrictEqual(begun, [gone.taskId]);
  runner.abandon((executionId) => executionId !== other.executionId);
  await turnOfTheLoop();
  await turnOfTheLoop();
  deepStrictEqual(begun, [gone.taskId, other.taskId]);
});

test("a result that is known already is reported, whoever does the tasks from now on", async (t) => {
  const engine = new FakeEngine();
  engine.answers.set("completeTask", Effect.fail(new RequestRefused({ code: "Unavailable", message: "later" })));
  const done: Integration = {
    name: "done",
    handles: () => true,
    run: () => Effect.succeed({ kind: "Completed", output: 1 }),
  };
  const scope = Scope.makeUnsafe();
  t.after(() => Effect.runPromise(Scope.close(scope, Exit.void)));
  const made = IntegrationRunner.make([done], { limits: defaultLimits });
  const runner = await Effect.runPromise(Effect.provideService(made, Scope.Scope, scope));
  runner.start({ engine, registry: {} as Registry });
  runner.dispatch([taskMessage(1)]);
  const told = () => engine.requests.filter(({ operation }) => operation === "completeTask").length;
  while (told() === 0) await turnOfTheLoop();
  runner.abandon(() => true);
  engine.answers.clear();
  while (told() < 2) await turnOfTheLoop();
});

test("a task that is dispatched again while it is in hand or waits is done once", async (t) => {
  const { runner, begun } = await stuckRunner(t, 10);
  runner.dispatch([taskMessage(1), taskMessage(2)]);
  await turnOfTheLoop();
  runner.dispatch([taskMessage(1), taskMessage(2)]);
  runner.retract(taskMessage(2).taskId); // it waits: it is never begun
  await turnOfTheLoop();
  deepStrictEqual(begun, [taskMessage(1).taskId]);
});

test("what a task with children left is reclaimed before it ends by a failure of ours, and not when somebody else ended it", async (t) => {
  const reclaimed: string[] = [];
  const { start, ended, home, space } = await homeWith(t, {
    handles: (resource) => resource.endsWith("startExecution.sync"),
    run: ({ input }, run) => {
      const { token } = input as { token?: string };
      if (token === undefined) throw new Error("in the middle of it");
      return home.engine.completeTask({ ...space, token, output: "from outside" }).pipe(
        Effect.andThen(run.submitted("too late")),
        Effect.as({ kind: "Completed", output: null }),
      );
    },
    reclaim: ({ taskId }) => Effect.sync(() => void reclaimed.push(taskId)),
  });
  const resource = "arn:aws:states:::states:startExecution.sync";
  const child = { StateMachineArn: "arn:aws:states:us-east-1:123456789012:stateMachine:child" };
  const byOther = await start(
    taskMachine({ Resource: resource, Parameters: { ...child, "token.$": "$$.Task.Token" } }),
  ).catch((failure) => failure);
  strictEqual(typeof byOther, "string");
  strictEqual((await ended(byOther)).output, "from outside");
  deepStrictEqual(reclaimed, []);
  const failing = await ended(await start(taskMachine({ Resource: resource, Parameters: child })));
  strictEqual(failing.error, "Weft.IntegrationFailed");
  strictEqual(reclaimed.length, 1);
});

test("a task in hand when the node stops is done by the next one", async (t) => {
  const store = mkdtempSync(join(tmpdir(), "weft-runner-"));
  t.after(() => rmSync(store, { recursive: true, force: true }));
  const begun = Promise.withResolvers<string>();
  const integration = (run: Integration["run"]): Integration => ({ name: "test", handles: (r) => r === "test:x", run });
  const aborted: unknown[] = [];
  const first = await openEmbeddedHome({
    store,
    integrations: {
      own: [integration(({ taskId }) => {
        begun.resolve(taskId);
        return Effect.promise((signal) =>
          new Promise((_resolve, reject) =>
            signal.addEventListener("abort", () => {
              aborted.push(signal.reason);
              reject(signal.reason);
            })
          )
        );
      })],
    },
  });
  const before = underTest(t, first);
  const id = await before.start(taskMachine({ Resource: "test:x" }));
  const taskId = await begun.promise;
  await first.close();
  strictEqual(aborted.length, 1);
  const second = await openEmbeddedHome({
    store,
    integrations: { own: [integration((task) => Effect.succeed({ kind: "Completed", output: task.taskId }))] },
  });
  t.after(() => second.close());
  const end = await Effect.runPromise(second.engine.awaitExecution({ ...before.space, executionId: id }));
  deepStrictEqual([end.status, end.output], ["Succeeded", taskId]);
});
