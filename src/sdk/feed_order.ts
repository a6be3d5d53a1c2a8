/**
 * Puts the feed in order: without repeats, and without silent gaps.
 *
 * The feed numbers the turns of each execution, 1, 2, 3 …, and delivers at most once or, after a failover, twice. What is missing is read
 * from the history, which has every event by `id`. While that runs, newer messages of the same execution wait; others go on.
 * Memory is bounded: the executions heard of longest ago are forgotten first, and so many histories are read at once and no more.
 *
 * Of an execution that is heard of first in its middle, the beginning is missing if it began when the feed was followed already: its id says when.
 */
import type { FeedMessage, HistoryEvent } from "../runtime/engine.ts";

/** Of the 16 digits of an id's clock: the seconds. */
const WALL_TIME_DIGITS = 8;

/** One page of a history, oldest event first; `next` is the `after` of the following page. */
export interface HistoryPage {
  readonly events: readonly HistoryEvent[];
  readonly next?: number;
}

/** Turns of one execution that did not come. */
export interface FeedGap {
  readonly executionId: string;
  /** The first and the last of them, inclusive. Both 0 where only the ids of events tell that something is missing. */
  readonly fromSequence: number;
  readonly throughSequence: number;
}

/** How a gap ended. */
export interface GapOutcome {
  /** Events that the history had for it. */
  readonly filledCount: number;
  /** Why it stays open, wholly or in part. */
  readonly openReason?: string;
}

/** Takes what a {@link FeedOrder} puts in order. */
export interface FeedSink {
  /** Events in order, each once; those that fill a gap come between its two calls. */
  events(executionId: string, events: readonly HistoryEvent[]): void;
  gapFound(gap: FeedGap): void;
  gapEnded(gap: FeedGap, outcome: GapOutcome): void;
}

/** Where a {@link FeedOrder} reads, writes and stops remembering. */
export interface FeedOrderOptions {
  readonly history: (request: { readonly executionId: string; readonly after: number }) => Promise<HistoryPage>;
  readonly sink: FeedSink;
  /** Executions whose position is remembered. */
  readonly followedMax: number;
  /** Histories read at once. A gap beyond is told and left open. */
  readonly fillsMax: number;
  /** Messages of one execution that wait while its history is read; those beyond come from the history later. */
  readonly waitingMax: number;
  /** Since when turns of all executions are passed to it. Absent: of one, whose beginning is not asked for. */
  readonly openedAtEpochMs?: number;
}

interface Position {
  /** Of the last turn passed on; `undefined` when unknown, as after reading the history. */
  sequence: number | undefined;
  /** Of the last event passed on; 0 before the first. */
  eventId: number;
  waiting: FeedMessage[] | undefined;
}

/** Puts messages of many executions in order; see the head of this file. Nothing to close. */
export class FeedOrder {
  readonly #options: FeedOrderOptions;
  readonly #positions = new Map<string, Position>();
  readonly #fills = new Set<Promise<void>>();
  readonly #openedAtSeconds: number | undefined;
  /** Executions that began later than this were followed from their first turn on, and are remembered; unix seconds. */
  #sinceSeconds: number | undefined;

  constructor(options: FeedOrderOptions) {
    this.#options = options;
    const { openedAtEpochMs } = options;
    this.#openedAtSeconds = openedAtEpochMs === undefined ? undefined : Math.floor(openedAtEpochMs / 1_000);
  }

  /** Takes one message. Passes its events on at once if it is the next of its execution, or the first that is heard of it. */
  accept(message: FeedMessage): void {
    const position = this.#positionOf(message);
    if (position.waiting !== undefined) {
      if (position.waiting.length < this.#options.waitingMax) position.waiting.push(message);
      return;
    }
    if (!this.#passOn(position, message)) this.#fillBefore(position, message);
  }

  /** Reads an execution's history from the start and passes it on; messages meanwhile follow behind it. */
  begin(executionId: string): Promise<void> {
    const position: Position = { sequence: undefined, eventId: 0, waiting: [] };
    this.#positions.set(executionId, position);
    return this.#track(
      this.#readHistory(executionId, position).then((outcome) => {
        if (outcome.thrown !== undefined) {
          this.#positions.delete(executionId);
          throw outcome.thrown;
        }
        this.#flush(position);
      }),
    );
  }

  /**
   * Reads what the history has behind the last event passed on, and passes it on: finds a last message that did not come, which
   * no later number gives away. Does nothing for an execution that is not followed or is being read.
   */
  catchUp(executionId: string): Promise<void> {
    const position = this.#positions.get(executionId);
    if (position === undefined || position.waiting !== undefined) return Promise.resolve();
    position.waiting = [];
    return this.#track(
      this.#readHistory(executionId, position).then(({ thrown }) => {
        this.#flush(position);
        if (thrown !== undefined) throw thrown;
      }),
    );
  }

  /** Resolves when no history is being read any more. */
  async settled(): Promise<void> {
    while (this.#fills.size > 0) await Promise.allSettled(this.#fills);
  }

  #positionOf(message: FeedMessage): Position {
    const known = this.#positions.get(message.executionId);
    if (known !== undefined) {
      // Heard of last, forgotten last.
      this.#positions.delete(message.executionId);
      this.#positions.set(message.executionId, known);
      return known;
    }
    const isFromItsStart = this.#isFollowed(message);
    const position: Position = {
      sequence: isFromItsStart ? 0 : message.sequence - 1,
      eventId: isFromItsStart ? 0 : (message.events[0]?.id ?? 1) - 1,
      waiting: undefined,
    };
    this.#positions.set(message.executionId, position);
    if (this.#positions.size > this.#options.followedMax) this.#forgetOldest();
    return position;
  }

  /** It began when this feed was followed already. */
  #isFollowed({ executionId, events }: FeedMessage): boolean {
    if (this.#openedAtSeconds === undefined) return false;
    const heardAtSeconds = Math.floor(Date.parse(events[0]?.timestamp ?? "") / 1_000);
    if (!Number.isNaN(heardAtSeconds)) this.#sinceSeconds ??= Math.min(heardAtSeconds, this.#openedAtSeconds);
    return this.#sinceSeconds !== undefined && begunAtSeconds(executionId) > this.#sinceSeconds;
  }

  #forgetOldest(): void {
    for (const [executionId, position] of this.#positions) {
      if (position.waiting !== undefined) continue;
      this.#positions.delete(executionId);
      // What it told already would be told again if its beginning counted as missing.
      this.#sinceSeconds = Math.max(this.#sinceSeconds ?? 0, begunAtSeconds(executionId));
      return;
    }
  }

  /** False when something before the message is missing. A repeat is swallowed. */
  #passOn(position: Position, message: FeedMessage): boolean {
    if (position.sequence !== undefined && message.sequence <= position.sequence) return true;
    const fresh = message.events.filter((event) => !(event.id <= position.eventId));
    const isNext = position.sequence === undefined
      ? (fresh[0]?.id ?? position.eventId + 1) === position.eventId + 1
      : message.sequence === position.sequence + 1;
    if (!isNext) return false;
    this.#deliver(position, message, fresh);
    return true;
  }

  #deliver(position: Position, message: FeedMessage, fresh: readonly HistoryEvent[]): void {
    position.sequence = message.sequence;
    position.eventId = fresh.at(-1)?.id ?? position.eventId;
    if (fresh.length > 0) this.#options.sink.events(message.executionId, fresh);
  }

  #fillBefore(position: Position, message: FeedMessage): void {
    const gap = gapBefore(position, message);
    const { sink, fillsMax } = this.#options;
    sink.gapFound(gap);
    if (this.#fills.size >= fillsMax) {
      sink.gapEnded(gap, { filledCount: 0, openReason: "too many gaps at once" });
      return this.#skipTo(position, message);
    }
    position.waiting = [message];
    void this.#track(
      this.#readHistory(message.executionId, position).then(({ filledCount, thrown }) => {
        sink.gapEnded(gap, { filledCount, ...(thrown === undefined ? {} : { openReason: reasonOf(thrown) }) });
        // Told of already: the message behind the gap does not ask a second time.
        if (thrown !== undefined) this.#skipTo(position, message);
        this.#flush(position);
      }),
    );
  }

  /** Goes on behind a gap that stays open. */
  #skipTo(position: Position, message: FeedMessage): void {
    this.#deliver(position, message, message.events.filter((event) => !(event.id <= position.eventId)));
  }

  async #readHistory(
    executionId: string,
    position: Position,
  ): Promise<{ readonly filledCount: number; readonly thrown?: unknown }> {
    let filledCount = 0;
    let after: number | undefined = position.eventId;
    try {
      while (after !== undefined) {
        const page: HistoryPage = await this.#options.history({ executionId, after });
        const events = page.events.filter((event) => event.id > position.eventId);
        if (events.length > 0) {
          position.eventId = events.at(-1)?.id ?? position.eventId;
          position.sequence = undefined;
          filledCount += events.length;
          this.#options.sink.events(executionId, events);
        }
        after = events.length > 0 ? page.next : undefined;
      }
      return { filledCount };
    } catch (thrown) {
      return { filledCount, thrown };
    }
  }

  /** Passes on what waited; what is still not the next one is passed on all the same, behind its gap. */
  #flush(position: Position): void {
    const waiting = position.waiting ?? [];
    position.waiting = undefined;
    for (const message of waiting) {
      if (this.#passOn(position, message)) continue;
      const gap = gapBefore(position, message);
      this.#options.sink.gapFound(gap);
      this.#options.sink.gapEnded(gap, { filledCount: 0, openReason: "the history does not have it" });
      this.#skipTo(position, message);
    }
  }

  #track(fill: Promise<void>): Promise<void> {
    this.#fills.add(fill);
    const done = fill.finally(() => this.#fills.delete(fill));
    done.catch(() => {}); // whoever awaits the fill hears of it
    return done;
  }
}

/** When an execution began, by its id, unix seconds; 0 where that is no id. */
function begunAtSeconds(executionId: string): number {
  const clock = executionId.slice(executionId.lastIndexOf("/") + 1);
  return parseInt(clock.slice(0, WALL_TIME_DIGITS), 16) || 0;
}

function gapBefore(position: Position, message: FeedMessage): FeedGap {
  const { executionId, sequence } = message;
  if (position.sequence === undefined) return { executionId, fromSequence: 0, throughSequence: 0 };
  return { executionId, fromSequence: position.sequence + 1, throughSequence: sequence - 1 };
}

function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
