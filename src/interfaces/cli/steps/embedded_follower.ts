/** Follows one execution of an engine in this process: the same items as a client's feed gives. */
import type { FeedMessage } from "../../../runtime/engine.ts";
import { type FeedItem, FeedOrder, type FeedOrderOptions } from "../../../sdk/mod.ts";

/** Messages kept before the id is known; what comes beyond is read from the history. */
const EARLY_MAX = 10_000;

/** Give it every message from before the start on: `begin` says which execution is meant. Nothing to close. */
export class EmbeddedFollower {
  readonly #order: FeedOrder;
  #early: FeedMessage[] = [];
  #executionId: string | undefined;

  constructor(history: FeedOrderOptions["history"], listener: (item: FeedItem) => void) {
    this.#order = new FeedOrder({
      history,
      sink: {
        events: (executionId, events) => listener({ type: "events", executionId, events }),
        gapFound: (gap) => listener({ type: "gap", gap }),
        gapEnded: (gap, outcome) => listener({ type: "gapEnded", gap, outcome }),
      },
      followedMax: 1,
      fillsMax: 1,
      waitingMax: EARLY_MAX,
    });
  }

  accept(message: FeedMessage): void {
    if (this.#executionId === undefined) {
      if (this.#early.length < EARLY_MAX) this.#early.push(message);
    } else if (message.executionId === this.#executionId) this.#order.accept(message);
  }

  /** Passes on the history so far, then what comes. Fails when the history cannot be read. */
  async begin(executionId: string): Promise<void> {
    this.#executionId = executionId;
    const reading = this.#order.begin(executionId);
    for (const message of this.#early.splice(0)) this.accept(message);
    await reading;
  }

  /** Passes on everything that is durable now, and resolves when that is done. */
  async catchUp(): Promise<void> {
    await this.#order.settled();
    if (this.#executionId !== undefined) await this.#order.catchUp(this.#executionId);
  }
}
