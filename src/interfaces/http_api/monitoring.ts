/**
 * What looks after a process asks it: is it there, can it answer, what does it measure. On the API's port, or on one of its own.
 *
 * `GET /healthz`: the process runs. `GET /readyz`: it can answer requests, or 503 with the reasons. `GET /metrics`: Prometheus text.
 */
import { createServer, type ServerResponse } from "node:http";
import { Effect, type Scope } from "effect";
import { METRICS_TYPE, metricsText, type Readiness, type Telemetry } from "../../telemetry/mod.ts";
import { HttpUnavailable } from "./http_unavailable.ts";

/** What is told. */
export interface Monitored {
  readonly version: string;
  /** Absent: there are no metrics. */
  readonly telemetry?: Telemetry;
  /** Absent: it is as ready as it is there. */
  readonly readiness?: Effect.Effect<Readiness>;
}

const HEALTH: readonly string[] = ["/", "/health", "/healthz"];
const READY = "/readyz";
const METRICS = "/metrics";

/** Answers a GET or HEAD. Never fails. */
export function answerMonitoring(monitored: Monitored, path: string, response: ServerResponse): Effect.Effect<void> {
  const { version, telemetry, readiness = Effect.succeed({ isReady: true, reasons: [] }) } = monitored;
  if (HEALTH.includes(path)) return sendJson(response, 200, { status: "ok", service: "weft", version });
  if (path === READY) {
    return Effect.flatMap(
      readiness,
      ({ isReady, reasons }) => sendJson(response, isReady ? 200 : 503, { ready: isReady, reasons, version }),
    );
  }
  if (path === METRICS && telemetry !== undefined) {
    return Effect.flatMap(metricsText(telemetry), (text) => send(response, 200, METRICS_TYPE, text));
  }
  return sendJson(response, 404, { message: "Not found" });
}

function sendJson(response: ServerResponse, status: number, body: object): Effect.Effect<void> {
  return send(response, status, "application/json", JSON.stringify(body));
}

function send(response: ServerResponse, status: number, type: string, text: string): Effect.Effect<void> {
  return Effect.sync(() => {
    if (response.headersSent || response.destroyed) return;
    response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(text);
  });
}

/** Where a port of its own is. */
export interface MonitoringPort {
  /** 0 takes a free one. */
  readonly port: number;
  readonly host: string;
}

/** Serves monitoring alone, for as long as the scope: nothing that changes anything is to be had there. */
export function serveMonitoring(
  monitored: Monitored,
  { port, host }: MonitoringPort,
): Effect.Effect<{ readonly address: string }, HttpUnavailable, Scope.Scope> {
  return Effect.gen(function* () {
    const runFork = Effect.runForkWith(yield* Effect.context<never>());
    const server = createServer((request, response) => {
      const path = (request.url ?? "/").split("?", 1)[0] ?? "";
      request.resume();
      const isRead = request.method === "GET" || request.method === "HEAD";
      runFork(
        isRead ? answerMonitoring(monitored, path, response) : sendJson(response, 405, { message: "Expected GET" }),
      );
    });
    const listening = Effect.callback<void, HttpUnavailable>((resume) => {
      server.once(
        "error",
        (failure) =>
          resume(Effect.fail(new HttpUnavailable({ message: `Cannot listen on ${host}:${port}: ${failure.message}` }))),
      );
      server.listen({ port, host }, () => resume(Effect.void));
    });
    const closing = Effect.callback<void>((resume) => {
      server.close(() => resume(Effect.void));
      server.closeAllConnections();
    });
    yield* Effect.acquireRelease(listening, () => closing);
    const bound = server.address();
    const actual = typeof bound === "object" && bound !== null ? bound.port : port;
    return { address: `http://${host.includes(":") ? `[${host}]` : host}:${actual}` };
  });
}
