export { declarationOf, type HistogramName, type MetricDeclaration, type MetricName, metrics } from "./catalog.ts";
export { metricContext } from "./effect_registry.ts";
export { Histogram, newHistogram } from "./histogram.ts";
export { lineLogger, type LogFormat, logFormats } from "./log_lines.ts";
export { METRICS_TYPE, metricsText } from "./metrics_text.ts";
export { processMetrics } from "./process_metrics.ts";
export { type Readiness, readinessOf } from "./readiness.ts";
export { type MetricSource, type Sample, sample, seen, Telemetry } from "./telemetry.ts";
