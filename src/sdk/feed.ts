/**
 * A subscription to the feed as an async iterator: what happened, in order for each execution, with gaps told and filled.
 */
import type { FeedMessage, HistoryEvent } from "../runtime/engine.ts";
import { type FeedGap, FeedOrder, type GapOutcome } from "./feed_order.ts";
import type { WeftClient } from "./weft_client.ts";
import { WeftError } from "./weft_error.ts";

/** What to follow. */
export interface FeedOptions {
  /** Absent: all executions of the client's namespace. */
  readonly executionId?: string;
  /** `start`: the history so far comes first; with an `executionId` only. Default: `now`. */
  readonly from?: "now" | "start";
  /** Milliseconds of silence after which the history of the one execution is looked at: the last message may be lost. Default: 5,000. */
  readonly silenceMs?: number;
  /** Items that wait for a slow reader; what comes beyond is read from the history later. Default: 100,000. */
  readonly itemsMax?: number;
}

/**
 * `events`: facts, in order, each once. `gap`: turns were missed and are being read from the history. `gapEnded`: they have come, as
 * `events` between the two, or say why not.
 */
export type FeedItem =
  | { readonly type: "events"; readonly executionId: string; readonly events: readonly HistoryEvent[] }
  | { readonly type: "gap"; readonly gap: FeedGap }
  | { readonly type: "gapEnded"; readonly gap: FeedGap; readonly outcome: GapOutcome };

const SILENCE_MS = 5_000;
const ITEMS_MAX = 100_000;
const FOLLOWED_MAX = 100_000;
const FILLS_MAX = 32;
const WAITING_MAX = 10_000;
/** The event after which nothing comes for an execution. */
const LAST_EVENT = "ExecutionCompletedEvent";

/** Opens a feed; resolves when the server knows of the subscription. @throws {WeftError} a history from the start cannot be read */
export async function openFeed(client: WeftClient, options: FeedOptions): Promise<Feed> {
  const feed = new Feed(client, options);
  try {
    await client.connection.flush();
    if (options.executionId !== undefined && options.from === "start") await feed.readFromStart(options.executionId);
    return feed;
  } catch (failure) {
    feed.close();
    throw failure;
  }
}

/** An open feed. Iterate over it once; it ends when it is closed, or when the one execution it follows has ended. Throws when the server refuses the subscription. */
export class Feed implements AsyncIterable<FeedItem> {
  /** Resolves when the feed has ended. */
  readonly closed: Promise<void>;
  readonly #client: WeftClient;
  readonly #options: FeedOptions;
  readonly #order: FeedOrder;
  readonly #unsubscribe: () => void;
  #items: FeedItem[] = [];
  #wake: (() => void) | undefined;
  #isEnded = false;
  #failure: WeftError | undefined;
  #settleClosed: () => void = () => {};
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: WeftClient, options: FeedOptions) {
    this.#client = client;
    this.#options = options;
    this.closed = new Promise((resolve) => this.#settleClosed = resolve);
    this.#order = new FeedOrder({
      history: (request) => client.historyPage(request),
      sink: {
        events: (executionId, events) => this.#onEvents(executionId, events),
        gapFound: (gap) => this.#push({ type: "gap", gap }),
        gapEnded: (gap, outcome) => this.#push({ type: "gapEnded", gap, outcome }),
      },
      followedMax: FOLLOWED_MAX,
      fillsMax: FILLS_MAX,
      waitingMax: WAITING_MAX,
      ...(options.executionId === undefined ? { openedAtEpochMs: Date.now() } : {}),
    });
    const last = options.executionId?.slice(options.executionId.lastIndexOf("/") + 1) ?? "*";
    const subscription = client.connection.subscribe(`weft.events.${client.tenant}.${client.namespace}.${last}`, {
      callback: (failure, message) => {
        if (failure === null) return this.#onMessage(message.data);
        this.#failure = new WeftError("Unavailable", `Cannot subscribe to the feed: ${failure.message}`);
        this.close();
      },
    });
    this.#unsubscribe = () => {
      if (!client.connection.isClosed()) subscription.unsubscribe();
    };
    void client.connection.closed().then(() => this.close());
    this.#listenForSilence();
  }

  /** Passes on the history so far; messages that come meanwhile follow behind it. */
  readFromStart(executionId: string): Promise<void> {
    return this.#order.begin(executionId);
  }

  /** Ends the feed; what was taken in can still be read. Repeats are harmless. */
  close(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    clearTimeout(this.#timer);
    this.#unsubscribe();
    this.#settleClosed();
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FeedItem> {
    try {
      for (;;) {
        const items = this.#items;
        this.#items = [];
        yield* items;
        if (this.#items.length > 0) continue;
        if (this.#failure !== undefined) throw this.#failure;
        if (this.#isEnded) return;
        await new Promise<void>((resolve) => this.#wake = resolve);
      }
    } finally {
      this.close(); // also when the reader breaks off
    }
  }

  #onMessage(bytes: Uint8Array): void {
    if (this.#isEnded || this.#items.length >= (this.#options.itemsMax ?? ITEMS_MAX)) return; // its number will be missed
    let message: FeedMessage & { readonly omitted?: number };
    try {
      message = JSON.parse(utf8.decode(bytes));
    } catch {
      return; // not the engine's
    }
    const { executionId } = this.#options;
    if (executionId !== undefined && message.executionId !== executionId) return; // another one with the same last element
    this.#listenForSilence();
    if (message.omitted !== undefined) return void this.#order.catchUp(message.executionId).catch(() => {});
    this.#order.accept(message);
  }

  #onEvents(executionId: string, events: readonly HistoryEvent[]): void {
    this.#push({ type: "events", executionId, events });
    if (executionId === this.#options.executionId && events.some(({ type }) => type === LAST_EVENT)) this.close();
  }

  #push(item: FeedItem): void {
    this.#items.push(item);
    this.#wake?.();
  }

  #listenForSilence(): void {
    const { executionId, silenceMs = SILENCE_MS } = this.#options;
    if (executionId === undefined || this.#isEnded) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#order.catchUp(executionId).catch((failure) => {
        if (failure instanceof WeftError && failure.code === "NotFound") this.close(); // deleted meanwhile
      }).finally(() => this.#listenForSilence());
    }, silenceMs);
  }
}

const utf8 = new TextDecoder();
