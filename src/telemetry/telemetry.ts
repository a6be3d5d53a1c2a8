/**
 * What a process can say of itself in numbers, put together when somebody asks.
 *
 * Whoever measures keeps plain numbers and adds a source that reads them: nothing is computed between two questions. Effect's own metrics are made
 * of the samples only then, so that its exporters and its Prometheus text see a registry like any other.
 */
import { Effect } from "effect";
import type { HistogramName, MetricName, NumberName } from "./catalog.ts";
import type { Histogram } from "./histogram.ts";

/** One series of a metric, as it stands. */
export interface Sample {
  readonly name: MetricName;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number | Histogram;
}

/** Tells the series of whoever measures, now. Synchronous and quick: it may walk what is in memory once. */
export type MetricSource = () => readonly Sample[];

/** A series that is one number. */
export function sample(name: NumberName, value: number, labels: Readonly<Record<string, string>> = {}): Sample {
  return { name, labels, value };
}

/** A series that is a histogram. */
export function seen(name: HistogramName, value: Histogram, labels: Readonly<Record<string, string>> = {}): Sample {
  return { name, labels, value };
}

/** What must be asked of others before it can be told is asked this long at most, milliseconds: else what was told last holds. */
const REFRESH_MS_MAX = 2_000;
/** Answers of others hold this long, milliseconds: several who ask do not ask them several times. */
const FRESH_MS = 4_000;

/** The sources of one process. */
export class Telemetry {
  readonly #sources = new Set<MetricSource>();
  readonly #refreshers = new Set<Effect.Effect<void>>();
  #refreshedAtMs = -Infinity;

  /** Adds a source until the returned function is called. */
  add(source: MetricSource): () => void {
    this.#sources.add(source);
    return () => void this.#sources.delete(source);
  }

  /** Adds what brings a source's numbers up to date that lie elsewhere. It may not fail; how long it takes is bounded here. */
  addRefresher(refresh: Effect.Effect<void>): () => void {
    this.#refreshers.add(refresh);
    return () => void this.#refreshers.delete(refresh);
  }

  /** Every series, as it stands. */
  samples(): readonly Sample[] {
    return [...this.#sources].flatMap((source) => source());
  }

  /** Brings up to date what lies elsewhere, unless that was done just now. Bounded. */
  get refresh(): Effect.Effect<void> {
    return Effect.suspend(() => {
      const nowMs = performance.now();
      if (nowMs - this.#refreshedAtMs < FRESH_MS) return Effect.void;
      this.#refreshedAtMs = nowMs;
      return Effect.asVoid(Effect.timeoutOption(
        Effect.forEach(this.#refreshers, (refresh) => refresh, { concurrency: "unbounded", discard: true }),
        REFRESH_MS_MAX,
      ));
    });
  }
}
