import { deepStrictEqual, match, ok } from "node:assert/strict";
import { after, before, test } from "node:test";
import { Effect } from "effect";
import { openNatsHome } from "../../../src/homes/mod.ts";
import { metricsText } from "../../../src/telemetry/mod.ts";
import { type NatsServer, startNatsServer } from "../../support/nats_server.ts";

let server: NatsServer;
before(async () => {
  server = await startNatsServer();
});
after(() => server.stop());

test("a home is ready while NATS answers, is not while it is gone, and tells of a backlog that nobody works off", async () => {
  const home = await openNatsHome({ url: server.url, name: "one", version: "0.0.0" });
  try {
    const space = { tenant: "acme", namespace: "prod" };
    const definition = { StartAt: "T", States: { T: { Type: "Task", Resource: "nobody-does-it", End: true } } };
    await Effect.runPromise(home.engine.putWorkflow({ ...space, name: "waits", definition }));
    await Effect.runPromise(home.engine.startExecution({ ...space, workflow: "waits", input: {} }));
    let text = "";
    // The task is put on the stream after the start is answered.
    for (let tries = 0; tries < 50 && !text.includes("nobody-does-it"); tries++) {
      if ((await home.backlogs()).some(({ waiting }) => waiting === 1)) {
        text = await Effect.runPromise(metricsText(home.telemetry));
      }
    }
    match(text, /weft_tasks_waiting\{tenant="acme",namespace="prod",resource="nobody-does-it"\} 1\n/);
    match(text, /weft_workers_asking\{tenant="acme",namespace="prod",resource="nobody-does-it"\} 0\n/);
    match(text, /weft_nats_connected 1\n/);
    deepStrictEqual(await Effect.runPromise(home.readiness), { isReady: true, reasons: [] });

    await server.kill("SIGKILL");
    const gone = await Effect.runPromise(home.readiness);
    deepStrictEqual(gone.isReady, false);
    ok(gone.reasons.includes("NATS does not answer"), gone.reasons.join("; "));
    match(await Effect.runPromise(metricsText(home.telemetry)), /weft_nats_connected 0\n/);

    await server.restart();
    let again = await Effect.runPromise(home.readiness);
    for (const until = performance.now() + 20_000; !again.isReady && performance.now() < until;) {
      await new Promise(setImmediate);
      again = await Effect.runPromise(home.readiness);
    }
    deepStrictEqual(again, { isReady: true, reasons: [] });
  } finally {
    await home.close();
  }
});
