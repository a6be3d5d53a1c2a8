import { deepStrictEqual, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { Effect } from "effect";
import { metricsText, newHistogram, sample, seen, Telemetry } from "../../../src/telemetry/mod.ts";
import { openEmbeddedHome } from "../../../src/homes/mod.ts";

const space = { tenant: "acme", namespace: "prod" };

test("metricsText() tells counters, gauges and histograms, with labels escaped", async () => {
  const telemetry = new Telemetry();
  const histogram = newHistogram("weft_batch_turns");
  for (const value of [1, 3, 5_000]) histogram.record(value);
  telemetry.add(() => [
    sample("weft_terms_ended_total", 7),
    sample("weft_tasks_waiting", 2, { tenant: "a", namespace: "b", resource: 'say "hi"\n' }),
    seen("weft_batch_turns", histogram),
  ]);
  const text = await Effect.runPromise(metricsText(telemetry));
  match(text, /^# TYPE weft_terms_ended_total counter\nweft_terms_ended_total 7$/m);
  ok(text.includes('weft_tasks_waiting{tenant="a",namespace="b",resource="say \\"hi\\"\\n"} 2'), text);
  ok(text.includes('weft_batch_turns_bucket{le="1"} 1\n'));
  ok(text.includes('weft_batch_turns_bucket{le="4"} 2\n'));
  ok(text.includes('weft_batch_turns_bucket{le="+Inf"} 3\n'));
  ok(text.includes("weft_batch_turns_sum 5004\n"));
});

test("a source that is gone is told no more, and a refresher that hangs holds nobody up for long", async () => {
  const telemetry = new Telemetry();
  const forget = telemetry.add(() => [sample("weft_leases_held", 4)]);
  telemetry.addRefresher(Effect.never);
  match(await Effect.runPromise(metricsText(telemetry)), /weft_leases_held 4/);
  forget();
  deepStrictEqual(await Effect.runPromise(metricsText(telemetry)), "");
});

test("a home tells of what it did: ends by status, events, batches, requests, timers, backlog, roles", async () => {
  const ended: string[] = [];
  const home = await openEmbeddedHome({
    timeScale: 0.01,
    handlers: { hang: () => new Promise(() => {}) },
    onEnded: ({ status, error = "" }) => ended.push(`${status} ${error}`),
  });
  try {
    const { engine } = home;
    const machine = (name: string, definition: object) =>
      Effect.runPromise(engine.putWorkflow({ ...space, name, definition: JSON.stringify(definition) }));
    await machine("good", {
      StartAt: "W",
      States: { W: { Type: "Wait", Seconds: 1, Next: "S" }, S: { Type: "Succeed" } },
    });
    await machine("bad", { StartAt: "F", States: { F: { Type: "Fail", Error: "E" } } });
    await machine("hung", { StartAt: "T", States: { T: { Type: "Task", Resource: "hang", End: true } } });
    await Effect.runPromise(engine.runExecution({ ...space, workflow: "good", input: {} }));
    await Effect.runPromise(engine.runExecution({ ...space, workflow: "bad", input: {} }));
    await Effect.runPromise(engine.startExecution({ ...space, workflow: "hung", input: {} }));
    await Effect.runPromise(Effect.flip(engine.describeExecution({ ...space, executionId: "none" })));
    deepStrictEqual(ended, ["Succeeded ", "Failed E"]);
    const text = await Effect.runPromise(metricsText(home.telemetry));
    for (
      const line of [
        'weft_executions_ended_total{status="Succeeded"} 1',
        'weft_executions_ended_total{status="Failed"} 1',
        'weft_events_total{type="ExecutionStartedEvent"} 3',
        'weft_request_seconds_count{operation="startExecution"} 1',
        'weft_partition_role{partition="0",role="leading"} 1',
        "weft_execution_seconds_count 2",
        "weft_leases_held 4",
        'weft_tasks_in_work{tenant="acme",namespace="prod",resource="hang"} 1',
        'weft_parked_executions{partition="0"} 0',
      ]
    ) ok(text.includes(`${line}\n`), `${line} is not in\n${text}`);
    match(text, /weft_requests_refused_total\{code="\w+"\} 1\n/);
    match(text, /weft_log_append_seconds_count [1-9]/);
    match(text, /weft_timer_late_seconds_count 1\n/);
    match(text, /weft_memory_bytes\{kind="rss"\} \d+\n/);
    const { isReady, reasons } = await Effect.runPromise(home.readiness);
    deepStrictEqual([isReady, reasons], [true, []]);
  } finally {
    await home.close();
  }
});
