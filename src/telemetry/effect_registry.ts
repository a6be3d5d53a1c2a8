/** Effect's registry of metrics over the samples of a process: what its exporters and its Prometheus text read. */
import { Context, Metric } from "effect";
import { declarationOf } from "./catalog.ts";
import { Histogram } from "./histogram.ts";
import type { Sample, Telemetry } from "./telemetry.ts";

/** A registry whose series are made of the samples each time that it is read: those that are gone are gone. */
class LiveRegistry extends Map<string, Metric.Metric.Metadata<unknown, unknown>> {
  readonly #telemetry: Telemetry;

  constructor(telemetry: Telemetry) {
    super();
    this.#telemetry = telemetry;
  }

  override values(): ReturnType<Map<string, Metric.Metric.Metadata<unknown, unknown>>["values"]> {
    this.clear();
    const context = Context.make(Metric.MetricRegistry, this);
    for (const one of this.#telemetry.samples()) register(one, context);
    return super.values();
  }
}

/** What is to be provided to whatever reads Effect's metrics. */
export function metricContext(telemetry: Telemetry): Context.Context<never> {
  return Context.make(Metric.MetricRegistry, new LiveRegistry(telemetry));
}

const unread = { update: () => {}, modify: () => {} };

function register({ name, labels, value }: Sample, context: Context.Context<never>): void {
  const { kind, unit, meaning: description } = declarationOf(name);
  const isMeasured = unit === "seconds" || unit === "bytes";
  const attributes = isMeasured ? { ...labels, unit } : labels;
  if (value instanceof Histogram) {
    const metric = Metric.histogram(name, { description, attributes, boundaries: value.bounds });
    Metric.registerUnsafe(metric, context, { ...unread, get: () => stateOf(value) });
  } else if (kind === "counter") {
    const metric = Metric.counter(name, { description, attributes, incremental: true });
    Metric.registerUnsafe(metric, context, { ...unread, get: () => ({ count: value, incremental: true }) });
  } else {
    const metric = Metric.gauge(name, { description, attributes });
    Metric.registerUnsafe(metric, context, { ...unread, get: () => ({ value }) });
  }
}

/** As Effect has it: the counts of the buckets are summed up. */
function stateOf({ bounds, counts, count, sum, min, max }: Histogram): Metric.HistogramState {
  let total = 0;
  const buckets = bounds.map((bound, index): [number, number] => {
    total += counts[index] ?? 0;
    return [bound, total];
  });
  return { buckets, count, sum, min: count === 0 ? 0 : min, max: count === 0 ? 0 : max };
}
