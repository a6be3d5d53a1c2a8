// Goal: two homes on one NATS are one engine: whoever is asked, the answer is right at once, and one may go while others work.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { after, before, test } from "node:test";
import { Effect } from "effect";
import { spaceOf } from "../../../src/aws/mod.ts";
import { type Home, openNatsHome } from "../../../src/homes/mod.ts";
import { type ExecutionId, WEFT_VERSION } from "../../../src/values/mod.ts";
import { type NatsServer, startNatsServer } from "../../support/nats_server.ts";

const scope = { account: "123456789012", region: "us-east-1" };
const space = spaceOf(scope);
const pass = { StartAt: "A", States: { A: { Type: "Pass", End: true } } };
const activityArn = `arn:aws:states:us-east-1:${scope.account}:activity:by-hand`;
const byHand = { StartAt: "A", States: { A: { Type: "Task", Resource: activityArn, End: true } } };
const wait = { StartAt: "A", States: { A: { Type: "Wait", Seconds: 2, End: true } } };
const ask = <A, E>(effect: Effect.Effect<A, E>): Promise<A> => Effect.runPromise(effect);

let server: NatsServer;
before(async () => {
  server = await startNatsServer();
});
after(() => server.stop());

const join = (name: string): Promise<Home> =>
  openNatsHome({ url: server.url, version: "0.0.1", name, partitions: 8, hasActivities: true });

/** How many partitions each leads, once all are led and shared. */
async function shared(homes: readonly Home[]): Promise<readonly number[]> {
  for (;;) {
    const led = homes.map(({ partitions }) =>
      (partitions ?? []).filter(({ status }) => status().kind === "leading").length
    );
    if (led.reduce((sum, count) => sum + count, 0) === 8 && Math.max(...led) <= Math.ceil(8 / homes.length)) return led;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("nodes of a cluster share the partitions, and each answers for all", async () => {
  const [first, second] = [await join("a"), await join("b")];
  try {
    deepStrictEqual(await shared([first, second]), [4, 4]);
    await ask(first.engine.putWorkflow({ ...space, name: "pass", definition: pass }));
    const started: ExecutionId[] = [];
    for (let index = 0; index < 40; index++) {
      const [here, there] = index % 2 === 0 ? [first, second] : [second, first];
      const key = index % 4 < 2 ? { key: `k${index}` } : {};
      const { executionId } = await ask(
        here.engine.startExecution({ ...space, workflow: "pass", input: index, ...key }),
      );
      started.push(executionId);
      strictEqual((await ask(there.engine.describeExecution({ ...space, executionId }))).output, index);
      strictEqual((await ask(there.engine.executionHistory({ ...space, executionId }))).events.length > 0, true);
    }
    for (const { engine } of [first, second]) {
      const { executions } = await ask(engine.listExecutions({ ...space, limit: 100 }));
      deepStrictEqual(executions.map(({ executionId }) => executionId).sort(), [...started].sort());
      deepStrictEqual((await ask(engine.listWorkflows(space))).workflows.map(({ name }) => name), ["pass"]);
    }
    strictEqual((await ask(second.engine.runExecution({ ...space, workflow: "pass", input: "run" }))).output, "run");
    const unknown = started[0]?.replace(/.{16}$/, "0".repeat(16)) ?? "";
    for (const { engine } of [first, second]) {
      const refusal = await ask(Effect.flip(engine.describeExecution({ ...space, executionId: unknown })));
      strictEqual(refusal.code, "NotFound");
    }
  } finally {
    await Promise.all([first.close(), second.close()]);
  }
});

test("each node tells what all say of themselves, and what waits for workers", async () => {
  const [first, second] = [await join("a"), await join("b")];
  try {
    await shared([first, second]);
    const definition = { StartAt: "A", States: { A: { Type: "Task", Resource: "nobody", End: true } } };
    await ask(first.engine.putWorkflow({ ...space, name: "unserved", definition }));
    for (const input of [1, 2, 3]) await ask(first.engine.startExecution({ ...space, workflow: "unserved", input }));
    for (const home of [first, second]) {
      const reports = await home.nodes();
      deepStrictEqual(reports.map(({ node, version }) => [node, version]), [["a", WEFT_VERSION], ["b", WEFT_VERSION]]);
      const led = reports.flatMap(({ partitions }) => partitions.filter(({ status }) => status.kind === "leading"));
      deepStrictEqual(led.map(({ partition }) => partition).sort(), [0, 1, 2, 3, 4, 5, 6, 7]);
      ok(led.every(({ through, parkedCount }) => through > 0 && parkedCount === 0));
      ok(reports.every(({ clockOffsetMs, uncertaintyMs }) => Math.abs(clockOffsetMs) <= uncertaintyMs));
    }
    // Handing over is not waited for by who starts.
    let backlogs = await second.backlogs();
    while (backlogs.find(({ resource }) => resource === "nobody")?.waiting !== 3) backlogs = await second.backlogs();
    const { oldestAtEpochMs = 0, ...rest } = backlogs.find(({ resource }) => resource === "nobody") ?? {};
    deepStrictEqual(rest, { ...space, resource: "nobody", waiting: 3, inWork: 0, workersAsking: 0 });
    ok(Math.abs(Date.now() - oldestAtEpochMs) < 60_000);
  } finally {
    await Promise.all([first.close(), second.close()]);
  }
});

test("a worker that asks one node gets activities' tasks of executions that another leads", async () => {
  const [first, second] = [await join("a"), await join("b")];
  try {
    await shared([first, second]);
    await ask(first.engine.putWorkflow({ ...space, name: "by-hand", definition: byHand }));
    const runs = [first, second, first, second].map((home, index) =>
      ask(home.engine.runExecution({ ...space, workflow: "by-hand", input: index }))
    );
    for (const _run of runs) {
      const polled = second.activities?.poll({ ...scope, activityArn, workerName: undefined, timeoutMs: 10_000 });
      const task = polled === undefined ? undefined : await ask(polled);
      ok(task !== undefined && task !== null);
      await ask(first.engine.completeTask({ ...space, token: task.token, output: `done ${task.input}` }));
    }
    deepStrictEqual((await Promise.all(runs)).map(({ output }) => output), ["done 0", "done 1", "done 2", "done 3"]);
  } finally {
    await Promise.all([first.close(), second.close()]);
  }
});

test("a node that leaves hands over what it leads: no request fails, nothing is unknown, and timers go on", async () => {
  const [first, second] = [await join("a"), await join("b")];
  let isOver = false;
  try {
    await shared([first, second]);
    await ask(second.engine.putWorkflow({ ...space, name: "pass", definition: pass }));
    await ask(second.engine.putWorkflow({ ...space, name: "wait", definition: wait }));
    const waiting = Array.from(
      { length: 12 },
      () => ask(second.engine.runExecution({ ...space, workflow: "wait", input: {} })),
    );
    let checked = 0;
    const callers = Array.from({ length: 8 }, async (_, caller) => {
      while (!isOver) {
        const { executionId } = await ask(
          second.engine.startExecution({ ...space, workflow: "pass", input: caller, key: `${caller} ${checked}` }),
        );
        strictEqual((await ask(second.engine.describeExecution({ ...space, executionId }))).status, "Succeeded");
        checked += 1;
      }
    });
    await first.close();
    deepStrictEqual(await shared([second]), [8]);
    isOver = true;
    await Promise.all(callers);
    ok(checked > 0);
    for (const { status } of await Promise.all(waiting)) strictEqual(status, "Succeeded");
  } finally {
    isOver = true;
    await second.close();
  }
});
