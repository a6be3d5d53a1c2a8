/** What a home sends to a collector: its metrics by a clock, and a trace of each execution that has ended here, made of its history. */
import { type Cause, Effect, Fiber, Queue, type Scope } from "effect";
import type { EndedExecution, Engine, HistoryEvent } from "../runtime/mod.ts";
import {
  executionSpans,
  loadOtlp,
  type OtlpSettings,
  sample,
  type Span,
  type SpanExporter,
  type Telemetry,
} from "../telemetry/mod.ts";
import { parseExecutionId, present } from "../values/mod.ts";

/** Executions that may wait for their trace: what ends faster than the collector takes it has none. */
const WAITING_MAX = 10_000;
/** Executions that are taken up together. */
const TOGETHER_MAX = 64;
/** Spans in one request, about a megabyte; an execution's are not parted. */
const REQUEST_SPANS = 2_000;
const PAGE = 1_000;
/** Of one execution's history; what is behind has no spans. */
const EVENTS_MAX = 50_000;
/** What waits when the home closes is sent for this long, milliseconds. */
const DRAIN_MS_MAX = 5_000;

/** What a home tells what goes out, and when. */
export interface Exports {
  /** To be called with each execution that has ended. Absent: nobody wants to know. */
  readonly onEnded?: (ended: EndedExecution) => void;
  /** Begins with the traces, once there is an engine whose histories can be read. */
  readonly start: (engine: Pick<Engine, "executionHistory">) => Effect.Effect<void, never, Scope.Scope>;
}

/** The exports of a home, for as long as the scope. Without settings nothing is done for them. */
export function makeExports(options: {
  readonly otlp?: OtlpSettings | undefined;
  readonly telemetry: Telemetry;
  readonly version: string;
  readonly onEnded?: ((ended: EndedExecution) => void) | undefined;
}): Effect.Effect<Exports, never, Scope.Scope> {
  const { otlp, telemetry, version, onEnded } = options;
  return Effect.gen(function* () {
    if (otlp === undefined) return { ...present({ onEnded }), start: () => Effect.void };
    const { tracesUrl, metricsUrl } = otlp;
    const { exportMetrics, makeSpanExporter } = yield* Effect.promise(loadOtlp);
    // Begun last, and so what is sent last has the node's numbers.
    const startMetrics = metricsUrl === undefined
      ? Effect.void
      : exportMetrics({ ...otlp, metricsUrl }, version, telemetry);
    if (tracesUrl === undefined) return { ...present({ onEnded }), start: () => startMetrics };
    const exporter = yield* makeSpanExporter({ ...otlp, tracesUrl }, version);
    const traces = new Traces(exporter, yield* Queue.dropping<EndedExecution, Cause.Done>(WAITING_MAX));
    const forget = telemetry.add(() => traces.samples());
    yield* Effect.addFinalizer(() => Effect.sync(forget));
    return {
      onEnded: (ended: EndedExecution) => {
        traces.offer(ended);
        onEnded?.(ended);
      },
      start: (engine: Pick<Engine, "executionHistory">) => Effect.andThen(startMetrics, traces.run(engine)),
    };
  });
}

/** Traces of executions that have ended, one after the other. */
class Traces {
  readonly #exporter: SpanExporter;
  readonly #waiting: Queue.Queue<EndedExecution, Cause.Done>;
  readonly #counts = { exported: 0, dropped: 0, failed: 0 };
  #isTaken = true;

  constructor(exporter: SpanExporter, waiting: Queue.Queue<EndedExecution, Cause.Done>) {
    this.#exporter = exporter;
    this.#waiting = waiting;
  }

  offer(ended: EndedExecution): void {
    if (!Queue.offerUnsafe(this.#waiting, ended)) this.#counts.dropped++;
  }

  samples() {
    return Object.entries(this.#counts).map(([outcome, count]) => sample("weft_traces_total", count, { outcome }));
  }

  /** Exports for as long as the scope; what waits when it closes is still sent, for a moment. */
  run(engine: Pick<Engine, "executionHistory">): Effect.Effect<void, never, Scope.Scope> {
    const round = Effect.flatMap(
      Queue.takeBetween(this.#waiting, 1, TOGETHER_MAX),
      (ended) => this.#export(engine, ended),
    );
    return Effect.gen({ self: this }, function* () {
      const fiber = yield* Effect.forkScoped(Effect.exit(Effect.forever(round)));
      const drained = Effect.andThen(Queue.end(this.#waiting), Fiber.await(fiber));
      yield* Effect.addFinalizer(() => Effect.asVoid(Effect.timeoutOption(drained, DRAIN_MS_MAX)));
    });
  }

  #export(engine: Pick<Engine, "executionHistory">, together: readonly EndedExecution[]): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      let spans: Span[] = [];
      let executions = 0;
      for (const ended of together) {
        const made = yield* Effect.exit(
          Effect.map(historyOf(engine, ended), (events) => executionSpans(ended, events)),
        );
        if (made._tag === "Failure") {
          this.#counts.failed++;
          continue;
        }
        if (executions > 0 && spans.length + made.value.length > REQUEST_SPANS) {
          yield* this.#send(spans, executions);
          spans = [];
          executions = 0;
        }
        spans = executions === 0 ? [...made.value] : spans.concat(made.value);
        executions++;
      }
      if (executions > 0) yield* this.#send(spans, executions);
    });
  }

  #send(spans: readonly Span[], executions: number): Effect.Effect<void> {
    return Effect.flatMap(this.#exporter.send(spans), (isTaken) => {
      this.#counts[isTaken ? "exported" : "failed"] += executions;
      const isNews = isTaken !== this.#isTaken;
      this.#isTaken = isTaken;
      if (!isNews) return Effect.void;
      return isTaken
        ? Effect.logInfo("The collector takes traces again")
        : Effect.logWarning("The collector does not take traces: those of executions that end now are lost");
    });
  }
}

/** Without payloads: nothing of them leaves the engine by this way. */
function historyOf({ executionHistory }: Pick<Engine, "executionHistory">, { executionId }: EndedExecution) {
  return Effect.gen(function* () {
    const { tenant = "", namespace = "" } = parseExecutionId(executionId) ?? {};
    const events: HistoryEvent[] = [];
    for (let after: number | undefined = 0; after !== undefined && events.length < EVENTS_MAX;) {
      const page: { readonly events: readonly HistoryEvent[]; readonly next?: number } = yield* executionHistory({
        tenant,
        namespace,
        executionId,
        after,
        limit: PAGE,
        payloads: false,
      });
      events.push(...page.events);
      after = page.next;
    }
    return events;
  });
}
