/** The runner of integrations on an embedded home: results, failures, callbacks, children that are reclaimed. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { Effect } from "effect";
import { openEmbeddedHome } from "../../src/homes/mod.ts";
import type { Integration } from "../../src/integrations/mod.ts";
import type { Json } from "../../src/values/mod.ts";

const space = { tenant: "acme", namespace: "shop" };

function taskMachine(fields: Record<string, Json>): Json {
  return { StartAt: "Do", States: { Do: { Type: "Task", End: true, ...fields } } };
}

async function homeWith(t: TestContext, integration: Partial<Integration> & Pick<Integration, "run">) {
  const home = await openEmbeddedHome({
    integrations: {
      own: [{ name: "test", handles: (resource) => resource.startsWith("test:"), ...integration }],
    },
  });
  t.after(() => home.close());
  const start = async (definition: Json, input: Json = {}) => {
    await Effect.runPromise(home.engine.putWorkflow({ ...space, name: "machine", definition }));
    const { executionId } = await Effect.runPromise(
      home.engine.startExecution({ ...space, workflow: "machine", input }),
    );
    return executionId;
  };
  const ended = (executionId: string) => Effect.runPromise(home.engine.awaitExecution({ ...space, executionId }));
  return { home, start, ended };
}

test("an integration's result is the task's output, its failure the task's failure", async (t) => {
  const { start, ended } = await homeWith(t, {
    run: ({ input }) =>
      Promise.resolve(
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
  const { home, start, ended } = await homeWith(t, {
    run: ({ input }) => {
      tokens.push(String((input as { token: Json }).token));
      return Promise.resolve({ kind: "Completed", output: "taken up" });
    },
  });
  const executionId = await start(
    taskMachine({ Resource: "test:x.waitForTaskToken", Parameters: { "token.$": "$$.Task.Token" } }),
  );
  const submitted = await seen(home, executionId, "TaskSubmittedEvent");
  strictEqual(submitted["output"], "taken up");
  const [token = ""] = tokens;
  await Effect.runPromise(home.engine.completeTask({ ...space, token, output: "by token" }));
  const end = await ended(executionId);
  deepStrictEqual([end.status, end.output], ["Succeeded", "by token"]);
});

type Home = Awaited<ReturnType<typeof openEmbeddedHome>>;

/** The first event of this type in an execution's history, once it is there. */
async function seen(home: Home, executionId: string, type: string) {
  for (;;) {
    const told = new Promise<void>((resolve) => {
      const off = home.onEvents((message) => {
        if (message.executionId !== executionId) return;
        off();
        resolve();
      });
    });
    const { events } = await Effect.runPromise(home.engine.executionHistory({ ...space, executionId }));
    const found = events.find((event) => event.type === type);
    if (found !== undefined) return found;
    await told;
  }
}

test("a waiting task takes no place from those that it waits for", async (t) => {
  const inner = Promise.withResolvers<void>();
  const { start, ended } = await homeWith(t, {
    concurrencyMax: 1,
    run: async (task, run) => {
      if (task.resource === "test:inner") {
        inner.resolve();
        return { kind: "Completed", output: "inner" };
      }
      run.onlyWaits();
      await inner.promise;
      return { kind: "Completed", output: "outer" };
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

test("a task that times out has its signal aborted", async (t) => {
  let aborted = false;
  const { start, ended } = await homeWith(t, {
    run: (_task, { signal }) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener("abort", () => {
          aborted = true;
          reject(signal.reason);
        })
      ),
  });
  const end = await ended(await start(taskMachine({ Resource: "test:x", TimeoutSeconds: 1 })));
  deepStrictEqual([end.status, end.error], ["Failed", "States.Timeout"]);
  ok(aborted);
});
