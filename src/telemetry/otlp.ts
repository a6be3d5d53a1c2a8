/** Metrics and traces to a collector, by OTLP over HTTP: Effect's exporters, flushed by whoever has something to send. */
import { randomUUID } from "node:crypto";
import { ConfigProvider, Context, Effect, Layer, type Scope } from "effect";
import { FetchHttpClient, HttpClient, HttpClientError } from "effect/http";
import { OtlpExporter, OtlpMetrics, OtlpResource, OtlpSerialization } from "effect/observability";
import { metricContext } from "./effect_registry.ts";
import type { Span } from "./execution_spans.ts";
import type { OtlpProtocol, OtlpSettings } from "./otlp_settings.ts";
import type { Telemetry } from "./telemetry.ts";

/** Takes spans. */
export interface SpanExporter {
  /** Sends them in one request, with a few more tries. False: the collector did not take them. Never fails, and is bounded. */
  readonly send: (spans: readonly Span[]) => Effect.Effect<boolean>;
}

/** The collector's answer is waited for this long, milliseconds. */
const REQUEST_MS_MAX = 10_000;
const SHUTDOWN_MS_MAX = 3_000;
/** Who has something to send says so: an exporter's own clock is not needed. */
const BY_ITSELF = "1 day";

/** Exports what the process measures, until the scope closes. @param version Weft's */
export function exportMetrics(
  settings: OtlpSettings & { readonly metricsUrl: string },
  version: string,
  telemetry: Telemetry,
): Effect.Effect<void, never, Scope.Scope> {
  return Effect.gen(function* () {
    const transport = yield* Layer.build(transportOf(settings.protocol));
    const { headers, metricsUrl: url, metricsEveryMs } = settings;
    const resource = resourceOf(settings, version);
    const exporter = OtlpMetrics.make({
      url,
      headers,
      resource,
      exportInterval: BY_ITSELF,
      shutdownTimeout: SHUTDOWN_MS_MAX,
    });
    yield* Effect.provide(withoutEnvironment(exporter), Context.merge(transport, metricContext(telemetry)));
    const { flush } = Context.get(transport, OtlpExporter.Flusher);
    const round = Effect.andThen(telemetry.refresh, flush);
    yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(metricsEveryMs), round)));
  });
}

/** An exporter of spans, until the scope closes. @param version Weft's */
export function makeSpanExporter(
  settings: OtlpSettings & { readonly tracesUrl: string },
  version: string,
): Effect.Effect<SpanExporter, never, Scope.Scope> {
  return Effect.gen(function* () {
    const transport = yield* Layer.build(transportOf(settings.protocol));
    const serialization = Context.get(transport, OtlpSerialization.OtlpSerialization);
    const resource = OtlpResource.make(resourceOf(settings, version));
    let sent = 0;
    const exporter = OtlpExporter.make({
      url: settings.tracesUrl,
      headers: settings.headers,
      label: "WeftTraces",
      exportInterval: BY_ITSELF,
      maxBatchSize: "disabled",
      shutdownTimeout: SHUTDOWN_MS_MAX,
      body: (spans: Span[]) => [
        serialization.traces({
          resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "weft", version }, spans }] }],
        }),
        Effect.sync(() => void (sent += spans.length)),
      ],
    });
    const { push } = yield* Effect.provide(exporter, transport);
    const { flush } = Context.get(transport, OtlpExporter.Flusher);
    return {
      send: (spans) =>
        Effect.suspend(() => {
          const due = sent + spans.length;
          for (const span of spans) push(span);
          return Effect.map(flush, () => sent === due);
        }),
    };
  });
}

/** What every exporter needs, each its own: a flush of one is not a flush of the other. */
function transportOf(protocol: OtlpProtocol) {
  const serialization = protocol === "http/json" ? OtlpSerialization.layerJson : OtlpSerialization.layerProtobuf;
  const client = Layer.effect(HttpClient.HttpClient, Effect.map(HttpClient.HttpClient, bounded));
  return Layer.fresh(
    Layer.mergeAll(OtlpExporter.layerFlusher, serialization, Layer.provide(client, FetchHttpClient.layer)),
  );
}

/** A collector that takes a request and never answers holds nothing up for long. */
function bounded(client: HttpClient.HttpClient): HttpClient.HttpClient {
  return HttpClient.transform(client, (answer, request) =>
    Effect.timeoutOrElse(answer, {
      duration: REQUEST_MS_MAX,
      orElse: () =>
        Effect.fail(
          new HttpClientError.HttpClientError({
            reason: new HttpClientError.TransportError({ request, description: "no answer in time" }),
          }),
        ),
    }));
}

/** Processes are told apart by an id of their own, unless they were given one. */
function resourceOf({ serviceName = "weft", attributes }: OtlpSettings, version: string) {
  return {
    serviceName,
    serviceVersion: version,
    attributes: { "service.instance.id": randomUUID(), ...attributes },
  };
}

/** All is in the settings: the environment as a whole, which Effect would go through, may not even be read here. */
function withoutEnvironment<A, R>(effect: Effect.Effect<A, never, R>): Effect.Effect<A, never, R> {
  return Effect.provideService(effect, ConfigProvider.ConfigProvider, ConfigProvider.fromUnknown({}));
}
