/** What a node measures of its own work: plain numbers, read when somebody asks. */
import type { Event } from "../../protocol/mod.ts";
import { type Histogram, type MetricSource, newHistogram, type Sample, sample, seen } from "../../telemetry/mod.ts";
import type { ExecutionAsOf } from "../partition/hot_execution.ts";

const MS_PER_SECOND = 1_000;

/** The steps that an input goes through on its way to a durable answer. */
export type Phase = "queue" | "load" | "decide" | "append" | "release";

/** How an execution has ended, in the words of {@link MetricSource}s. */
type End = "Succeeded" | "Failed" | "TimedOut" | "Canceled";

/**
 * The numbers of a node: of all its partitions together.
 *
 * What it measures decides nothing: it goes by the processor's clock, also where the engine's own is a simulated one.
 */
export class EngineMeter {
  readonly #events = new Map<Event["type"], number>();
  readonly #ends: Record<End, number> = { Succeeded: 0, Failed: 0, TimedOut: 0, Canceled: 0 };
  readonly #executionSeconds = newHistogram("weft_execution_seconds");
  readonly #batchTurns = newHistogram("weft_batch_turns");
  readonly #batchBytes = newHistogram("weft_batch_bytes");
  readonly #appendSeconds = newHistogram("weft_log_append_seconds");
  readonly #timerLateSeconds = newHistogram("weft_timer_late_seconds");
  readonly #phases: Readonly<Record<Phase, Histogram>> = {
    queue: newHistogram("weft_phase_seconds"),
    load: newHistogram("weft_phase_seconds"),
    decide: newHistogram("weft_phase_seconds"),
    append: newHistogram("weft_phase_seconds"),
    release: newHistogram("weft_phase_seconds"),
  };
  readonly #requests = new Map<string, Histogram>();
  readonly #refusals = new Map<string, number>();
  #appendFailures = 0;
  #termsEnded = 0;

  /** Milliseconds that only rise, for differences. */
  nowMs(): number {
    return performance.now();
  }

  /** Notes how long a phase took, and tells the time: the next one begins there. */
  phase(phase: Phase, sinceMs: number): number {
    const nowMs = performance.now();
    this.#phases[phase].record((nowMs - sinceMs) / MS_PER_SECOND);
    return nowMs;
  }

  /** These events are durable. */
  happened(events: readonly Event[]): void {
    const counts = this.#events;
    for (const { type } of events) counts.set(type, (counts.get(type) ?? 0) + 1);
  }

  /** An execution has ended, and that is durable. */
  ended({ execution: { value, context } }: ExecutionAsOf): void {
    const { startedAtEpochMs, endedAtEpochMs = startedAtEpochMs, ending } = context;
    if (value === "Succeeded" || value === "Failed" || value === "Canceled") {
      this.#ends[ending?.timedOut === true ? "TimedOut" : value]++;
    }
    this.#executionSeconds.record((endedAtEpochMs - startedAtEpochMs) / MS_PER_SECOND);
  }

  /** A batch is durable. @param sinceMs when its append began */
  appended({ lines, bytes }: { readonly lines: readonly string[]; readonly bytes: number }, sinceMs: number): number {
    this.#batchTurns.record(lines.length);
    this.#batchBytes.record(bytes);
    const nowMs = this.phase("append", sinceMs);
    this.#appendSeconds.record((nowMs - sinceMs) / MS_PER_SECOND);
    return nowMs;
  }

  appendFailed(): void {
    this.#appendFailures++;
  }

  termEnded(): void {
    this.#termsEnded++;
  }

  /** A timer is taken up so long after its deadline. */
  timerLate(ms: number): void {
    this.#timerLateSeconds.record(ms / MS_PER_SECOND);
  }

  /** A request was answered or refused. */
  answered(operation: string, sinceMs: number): void {
    let histogram = this.#requests.get(operation);
    if (histogram === undefined) this.#requests.set(operation, histogram = newHistogram("weft_request_seconds"));
    histogram.record((performance.now() - sinceMs) / MS_PER_SECOND);
  }

  refused(code: string): void {
    this.#refusals.set(code, (this.#refusals.get(code) ?? 0) + 1);
  }

  readonly samples: MetricSource = (): readonly Sample[] => [
    ...[...this.#events].map(([type, count]) => sample("weft_events_total", count, { type })),
    ...Object.entries(this.#ends).map(([status, count]) => sample("weft_executions_ended_total", count, { status })),
    seen("weft_execution_seconds", this.#executionSeconds),
    seen("weft_batch_turns", this.#batchTurns),
    seen("weft_batch_bytes", this.#batchBytes),
    seen("weft_log_append_seconds", this.#appendSeconds),
    sample("weft_log_append_failures_total", this.#appendFailures),
    seen("weft_timer_late_seconds", this.#timerLateSeconds),
    ...Object.entries(this.#phases).map(([phase, histogram]) => seen("weft_phase_seconds", histogram, { phase })),
    ...[...this.#requests].map(([operation, histogram]) => seen("weft_request_seconds", histogram, { operation })),
    ...[...this.#refusals].map(([code, count]) => sample("weft_requests_refused_total", count, { code })),
    sample("weft_terms_ended_total", this.#termsEnded),
  ];
}
