/** One execution as a timeline: a line for each step and, on a terminal, a last line that tells what runs now. */
import type { HistoryEvent } from "../../../runtime/engine.ts";
import type { FeedItem } from "../../../sdk/mod.ts";
import { formatDuration } from "../output/duration.ts";
import { progressBar } from "../output/progress_bar.ts";
import { gapLine, gapOutcomeLine } from "../output/feed_lines.ts";
import type { CliIo, TextSink } from "../io.ts";
import type { Paint } from "../output/paint.ts";
import { cutTo, printable } from "../output/text_width.ts";
import { stepLine } from "./step_line.ts";
import { StepTrace } from "./step_trace.ts";

/** Milliseconds between two updates of the line at the bottom. */
const STATUS_MS = 200;

/** Of the bar of a large Map, its figures included. */
const BAR_COLUMNS = 40;

/** Where a {@link Timeline} writes. */
export interface TimelineOptions {
  readonly io: CliIo;
  readonly sink: TextSink;
  readonly paint: Paint;
  readonly showTasks: boolean;
}

/** Shows the items of one execution's feed. Close it: the last line goes away. */
export class Timeline {
  readonly #options: TimelineOptions;
  readonly #trace: StepTrace;
  readonly #stopTicking: (() => void) | undefined;
  #hasStatusLine = false;

  constructor(options: TimelineOptions) {
    this.#options = options;
    this.#trace = new StepTrace({ showTasks: options.showTasks });
    if (options.sink.isTTY) this.#stopTicking = options.io.every(STATUS_MS, () => this.#showStatus());
  }

  show(item: FeedItem): void {
    const { paint } = this.#options;
    if (item.type === "events") this.#showEvents(item.events);
    else if (item.type === "gap") this.#line(paint.yellow(gapLine(item.gap)));
    else this.#line(paint.yellow(gapOutcomeLine(item.gap, item.outcome)));
  }

  close(): void {
    this.#stopTicking?.();
    this.#clearStatus();
  }

  #showEvents(events: readonly HistoryEvent[]): void {
    for (const event of events) {
      const step = this.#trace.apply(event);
      if (step !== undefined) this.#line(stepLine(step, this.#options.paint));
    }
  }

  #line(text: string): void {
    this.#clearStatus();
    this.#options.sink.write(`${text}\n`);
  }

  #showStatus(): void {
    const { sink, paint, io } = this.#options;
    const { endedStatus, startedEpochMs, runningCount, currentState, folded } = this.#trace;
    if (endedStatus !== undefined || startedEpochMs === undefined || sink.isCongested) return;
    const others = runningCount > 1 ? ` and ${runningCount - 1} more` : "";
    const age = formatDuration(io.nowEpochMs() - startedEpochMs);
    const status = folded === undefined
      ? paint.dim(`  ${age}  ${printable(currentState ?? "between states")}${others}`)
      : `  ${paint.dim(age)}  ${printable(folded.name)}  ${progressBar(folded, BAR_COLUMNS, paint)}`;
    this.#clearStatus();
    sink.write(cutTo(status, sink.columns - 1));
    this.#hasStatusLine = true;
  }

  #clearStatus(): void {
    if (this.#hasStatusLine) this.#options.sink.write("\r\x1b[K");
    this.#hasStatusLine = false;
  }
}
