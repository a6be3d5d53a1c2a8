import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createServer } from "node:http";
import { test } from "node:test";
import { Effect } from "effect";
import { openEmbeddedHome } from "../../../src/homes/mod.ts";
import { otlpOf } from "../../../src/interfaces/cli/options/otlp_options.ts";
import { metricsText, spanIdOf, traceIdOf } from "../../../src/telemetry/mod.ts";
import { type ExecutionId, parseExecutionId } from "../../../src/values/mod.ts";

const space = { tenant: "acme", namespace: "prod" };

interface Received {
  readonly path: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
  readonly events: readonly { readonly name: string }[];
  readonly status: { readonly code: number; readonly message?: string };
}

/** A collector that keeps what it gets. */
async function collector(statusCode = 200) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const parts: Uint8Array[] = [];
    request.on("data", (part: Uint8Array) => parts.push(part));
    request.on("end", () => {
      const { url: path = "", headers } = request;
      received.push({ path, headers, body: Buffer.concat(parts).toString("latin1") });
      response.writeHead(statusCode, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    received,
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function settings(endpoint: string, protocol = "http/json") {
  const found = otlpOf({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_HEADERS: "x-key=a%20secret",
      OTEL_SERVICE_NAME: "orders",
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test",
    },
  });
  ok(found);
  return found;
}

function spansIn(received: readonly Received[]): readonly ReceivedSpan[] {
  return received.filter(({ path }) => path === "/v1/traces").flatMap(({ body }) =>
    JSON.parse(body).resourceSpans[0].scopeSpans[0].spans
  );
}

const task = { Type: "Task", Resource: "flaky", Retry: [{ ErrorEquals: ["States.ALL"] }], End: true };
const definition = {
  StartAt: "Both",
  States: {
    Both: {
      Type: "Parallel",
      Branches: [{ StartAt: "Work", States: { Work: task } }, {
        StartAt: "P",
        States: { P: { Type: "Pass", End: true } },
      }],
      Next: "Done",
    },
    Done: { Type: "Fail", Error: "Late", Cause: "it was" },
  },
};

test("a collector gets one trace of each execution, its states and the attempts of its tasks, and the metrics", async () => {
  const there = await collector();
  let calls = 0;
  const home = await openEmbeddedHome({
    timeScale: 0.01,
    otlp: settings(there.url),
    handlers: {
      flaky: () => {
        if (calls++ === 0) throw new Error("not yet");
        return { secret: "s3cret" };
      },
    },
  });
  const { engine } = home;
  let id = "";
  try {
    await Effect.runPromise(engine.putWorkflow({ ...space, name: "w", definition: JSON.stringify(definition) }));
    const ended = await Effect.runPromise(
      engine.runExecution({ ...space, workflow: "w", input: { secret: "s3cret" } }),
    );
    id = ended.executionId;
  } finally {
    await home.close();
    await there.close();
  }
  const spans = spansIn(there.received);
  const named = (name: string) => spans.filter((span) => span.name === name);
  const [root] = named("w");
  ok(root);
  deepStrictEqual(new Set(spans.map(({ traceId }) => traceId)), new Set([traceIdOf(idOf(root))]));
  strictEqual(root.spanId, spanIdOf(idOf(root)));
  strictEqual(idOf(root), id);
  strictEqual(root.parentSpanId, undefined);
  deepStrictEqual(root.status, { code: 2, message: "it was" });
  const [both] = named("Both");
  strictEqual(both?.parentSpanId, root.spanId);
  strictEqual(named("Done")[0]?.parentSpanId, root.spanId);
  const [work] = named("Work");
  strictEqual(work?.parentSpanId, both.spanId);
  strictEqual(named("P")[0]?.parentSpanId, both.spanId);
  deepStrictEqual(work.events.map(({ name }) => name), ["retry scheduled"]);
  const attempts = named("flaky");
  deepStrictEqual(attempts.map(({ status, parentSpanId }) => [status.code, parentSpanId]), [
    [2, work.spanId],
    [1, work.spanId],
  ]);
  deepStrictEqual(attempts.map(({ events }) => events.map(({ name }) => name)), [["taken"], ["taken"]]);
  strictEqual(spans.length, 7);
  strictEqual(new Set(spans.map(({ spanId }) => spanId)).size, 7);
  for (const span of spans) {
    match(span.startTimeUnixNano, /^\d{19}$/);
    ok(BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano), span.name);
    ok(span.startTimeUnixNano >= root.startTimeUnixNano && span.endTimeUnixNano <= root.endTimeUnixNano, span.name);
  }
  const all = there.received.map(({ body }) => body).join("\n");
  ok(!all.includes("s3cret"), "payloads stay in the engine");
  for (const { headers } of there.received) strictEqual(headers["x-key"], "a secret");
  const metrics = there.received.filter(({ path }) => path === "/v1/metrics").map(({ body }) => body).join("\n");
  for (
    const what of ["weft_executions_ended_total", '"orders"', '"deployment.environment.name"', "service.instance.id"]
  ) {
    ok(metrics.includes(what), what);
  }
});

test("a collector that refuses costs its traces and nothing else, and they are counted", async () => {
  const there = await collector(400);
  const home = await openEmbeddedHome({ otlp: settings(there.url, "http/protobuf") });
  try {
    const definition = JSON.stringify({ StartAt: "S", States: { S: { Type: "Succeed" } } });
    await Effect.runPromise(home.engine.putWorkflow({ ...space, name: "w", definition }));
    const ended = await Effect.runPromise(home.engine.runExecution({ ...space, workflow: "w", input: {} }));
    let text = "";
    for (
      const until = performance.now() + 20_000;
      !text.includes('outcome="failed"} 1') && performance.now() < until;
    ) {
      await new Promise(setImmediate);
      text = await Effect.runPromise(metricsText(home.telemetry));
    }
    match(text, /weft_traces_total\{outcome="failed"\} 1\n/);
    match(text, /weft_traces_total\{outcome="exported"\} 0\n/);
    const [first] = there.received.filter(({ path }) => path === "/v1/traces");
    strictEqual(first?.headers["content-type"], "application/x-protobuf");
    ok(first.body.includes(Buffer.from(traceIdOf(ended.executionId), "hex").toString("latin1")));
    const again = await Effect.runPromise(home.engine.runExecution({ ...space, workflow: "w", input: {} }));
    strictEqual(again.status, "Succeeded");
  } finally {
    await home.close();
    await there.close();
  }
});

test("OpenTelemetry's variables say what is exported, and what they cannot be is said without their value", () => {
  strictEqual(otlpOf({ env: {} }), undefined);
  const on = { OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector:4318/base/" };
  deepStrictEqual(otlpOf({ env: on }), {
    tracesUrl: "https://collector:4318/base/v1/traces",
    metricsUrl: "https://collector:4318/base/v1/metrics",
    headers: {},
    attributes: {},
    protocol: "http/protobuf",
    metricsEveryMs: 60_000,
  });
  strictEqual(otlpOf({ env: { ...on, OTEL_SDK_DISABLED: "true" } }), undefined);
  const alone = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://t/x", OTEL_METRICS_EXPORTER: "none" };
  const found = otlpOf({ env: { ...on, ...alone } });
  deepStrictEqual([found?.tracesUrl, found?.metricsUrl], ["http://t/x", undefined]);
  const wrong: Readonly<Record<string, string>> = {
    OTEL_EXPORTER_OTLP_ENDPOINT: "ftp://s3cret",
    OTEL_EXPORTER_OTLP_HEADERS: "authorization=%s3cret",
    OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
    OTEL_METRIC_EXPORT_INTERVAL: "s3cret",
  };
  for (const [variable, text] of Object.entries(wrong)) {
    let message = "";
    try {
      otlpOf({ env: { ...on, [variable]: text } });
    } catch (failure) {
      message = failure instanceof Error ? failure.message : "";
    }
    match(message, new RegExp(`^Expected ${variable} to be`));
    ok(!message.includes("s3cret"), message);
  }
});

function idOf({ attributes }: ReceivedSpan) {
  const text = attributes.find(({ key }) => key === "weft.execution.id")?.value.stringValue ?? "";
  return parseExecutionId(text) === undefined ? never() : text as ExecutionId;
}

function never(): never {
  throw new Error("there is no execution's id");
}
