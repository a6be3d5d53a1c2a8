import { Effect } from "effect";
import { metricContext } from "./effect_registry.ts";
import type { Telemetry } from "./telemetry.ts";

/** The media type of {@link metricsText}. */
export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Everything that a process can say of itself, in the text format of Prometheus. Asks others first, for a bounded while. */
export function metricsText(telemetry: Telemetry): Effect.Effect<string> {
  return Effect.gen(function* () {
    yield* telemetry.refresh;
    // Brings half of an HTTP server along: who never asks for metrics does not load it.
    const { formatUnsafe } = yield* Effect.promise(() => import("effect/observability/PrometheusMetrics"));
    return formatUnsafe(metricContext(telemetry));
  });
}
