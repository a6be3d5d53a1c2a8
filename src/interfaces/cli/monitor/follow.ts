/** One execution as a timeline: its history first, then what happens, until it ends. */
import type { FeedMessage, HistoryEvent } from "../../../runtime/engine.ts";
import { formatDuration } from "../duration.ts";
import { FeedOrder } from "../feed_order.ts";
import type { HistoryPage } from "../homes.ts";
import type { CliIo, TextSink } from "../io.ts";
import type { Paint } from "../paint.ts";
import { stepLine } from "../steps/step_line.ts";
import { StepTrace } from "../steps/step_trace.ts";
import { cutTo, printable } from "../text_width.ts";
import { gapLine, gapOutcomeLine } from "./plain.ts";

/** Milliseconds between two updates of the line at the bottom. */
const STATUS_MS = 200;

/** Where a {@link Timeline} reads and writes. */
export interface TimelineOptions {
  readonly io: CliIo;
  readonly sink: TextSink;
  readonly paint: Paint;
  readonly history: (request: { readonly executionId: string; readonly after: number }) => Promise<HistoryPage>;
  readonly showTasks: boolean;
  /** One JSON object an event instead of lines for people. */
  readonly json?: boolean;
}

/**
 * Writes one line a step, and on a terminal a last line that tells what runs now.
 *
 * Give it messages from before the execution's id is known: `accept` keeps them until `begin` says which one is meant.
 */
export class Timeline {
  readonly #options: TimelineOptions;
  readonly #trace: StepTrace;
  readonly #order: FeedOrder;
  readonly #ended = Promise.withResolvers<string>();
  readonly #stopTicking: (() => void) | undefined;
  #early: FeedMessage[] = [];
  #executionId: string | undefined;
  #hasStatusLine = false;

  constructor(options: TimelineOptions) {
    this.#options = options;
    this.#trace = new StepTrace({ showTasks: options.showTasks });
    this.#order = new FeedOrder({
      history: options.history,
      sink: {
        events: (_, events) => this.#write(events),
        gapFound: (gap) => this.#line(options.paint.yellow(gapLine(gap))),
        gapEnded: (gap, outcome) => this.#line(options.paint.yellow(gapOutcomeLine(gap, outcome))),
      },
      followedMax: 1,
      fillsMax: 1,
      waitingMax: 10_000,
    });
    if (options.sink.isTTY && options.json !== true) {
      this.#stopTicking = options.io.every(STATUS_MS, () => this.#showStatus());
    }
  }

  /** The final status, once the execution has ended. */
  get ended(): Promise<string> {
    return this.#ended.promise;
  }

  /** Takes a message of the feed; those of other executions are ignored. */
  accept(message: FeedMessage): void {
    if (this.#executionId === undefined) {
      if (this.#early.length < EARLY_MAX) this.#early.push(message);
      return;
    }
    if (message.executionId === this.#executionId) this.#order.accept(message);
  }

  /** Reads the history and goes on with the feed. Fails when the history cannot be read. */
  async begin(executionId: string): Promise<void> {
    this.#executionId = executionId;
    const reading = this.#order.begin(executionId);
    for (const message of this.#early.splice(0)) this.accept(message);
    await reading;
  }

  /** Resolves when every gap is closed. */
  settled(): Promise<void> {
    return this.#order.settled();
  }

  close(): void {
    this.#stopTicking?.();
    this.#clearStatus();
  }

  #write(events: readonly HistoryEvent[]): void {
    const { json, paint, sink } = this.#options;
    for (const event of events) {
      const step = this.#trace.apply(event);
      if (json === true) sink.write(`${JSON.stringify({ executionId: this.#executionId, ...event })}\n`);
      else if (step !== undefined) this.#line(stepLine(step, paint));
    }
    if (this.#trace.endedStatus !== undefined) this.#ended.resolve(this.#trace.endedStatus);
  }

  #line(text: string): void {
    this.#clearStatus();
    (this.#options.json === true ? this.#options.io.stderr : this.#options.sink).write(`${text}\n`);
  }

  #showStatus(): void {
    const { sink, paint, io } = this.#options;
    const { endedStatus, startedEpochMs, runningCount, currentState } = this.#trace;
    if (endedStatus !== undefined || startedEpochMs === undefined || sink.isCongested) return;
    const others = runningCount > 1 ? ` and ${runningCount - 1} more` : "";
    const age = formatDuration(io.nowEpochMs() - startedEpochMs);
    const status = `  ${age}  ${printable(currentState ?? "between states")}${others}`;
    this.#clearStatus();
    sink.write(paint.dim(cutTo(status, sink.columns - 1)));
    this.#hasStatusLine = true;
  }

  #clearStatus(): void {
    if (this.#hasStatusLine) this.#options.sink.write("\r\x1b[K");
    this.#hasStatusLine = false;
  }
}

/** Messages kept before the id is known. */
const EARLY_MAX = 10_000;
