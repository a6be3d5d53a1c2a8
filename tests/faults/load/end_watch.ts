/** Hears from the feed that executions have ended; the feed may lose a message, so nobody waits for it alone. */
import type { NatsConnection } from "@nats-io/transport-node";

interface FeedMessage {
  readonly executionId: string;
  readonly events: readonly { readonly type: string }[];
}

/** Ends that came before anybody asked are kept, up to so many. */
const EARLY_MAX = 10_000;

/** Listens for as long as its connection is open. */
export class EndWatch {
  readonly #waiting = new Map<string, () => void>();
  readonly #early = new Set<string>();
  readonly #onEnd: (executionId: string) => void;

  /** @param onEnd called once for each message that tells of an end, maybe more than once for one end */
  constructor(connection: NatsConnection, onEnd: (executionId: string) => void) {
    this.#onEnd = onEnd;
    connection.subscribe("weft.events.default.default.*", {
      callback: (failure, message) => {
        if (failure === null) this.#onMessage(message.json<FeedMessage>());
      },
    });
  }

  /** Resolves with the end of the execution, or when `signal` is aborted. */
  ended(executionId: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (this.#early.delete(executionId) || signal.aborted) return resolve();
      const done = () => {
        this.#waiting.delete(executionId);
        signal.removeEventListener("abort", done);
        resolve();
      };
      this.#waiting.set(executionId, done);
      signal.addEventListener("abort", done);
    });
  }

  #onMessage({ executionId, events }: FeedMessage): void {
    if (!events.some(({ type }) => type === "ExecutionCompletedEvent")) return;
    this.#onEnd(executionId);
    const wake = this.#waiting.get(executionId);
    if (wake !== undefined) return wake();
    this.#early.add(executionId);
    const [oldest] = this.#early;
    if (this.#early.size > EARLY_MAX && oldest !== undefined) this.#early.delete(oldest);
  }
}
