/** A feed put in order for a command, whatever its messages come by. */
import type { FeedMessage } from "../../../runtime/engine.ts";
import { type FeedItem, FeedOrder, type FeedOrderOptions } from "../../../sdk/mod.ts";
import type { FeedSubscription } from "../homes.ts";

/** Executions whose place in the feed is remembered, histories read at once, turns that wait for one. */
const FOLLOWED_MAX = 100_000;
const FILLS_MAX = 8;
const WAITING_MAX = 10_000;
const LAST_EVENT = "ExecutionCompletedEvent";

/** Where messages come from. */
export interface FeedSource {
  readonly history: FeedOrderOptions["history"];
  /** Hears messages until the returned function is called; `again` after a loss: what came in between has to be read. */
  readonly listen: (message: (message: FeedMessage) => void, again: () => void) => Promise<() => void>;
}

/** Follows a namespace, or one execution from its start until it has ended. */
export async function followFeed(
  { history, listen }: FeedSource,
  executionId: string | undefined,
  listener: (item: FeedItem) => void,
): Promise<FeedSubscription> {
  const ended = Promise.withResolvers<void>();
  const order = new FeedOrder({
    history,
    sink: {
      events: (id, events) => {
        listener({ type: "events", executionId: id, events });
        if (id === executionId && events.some(({ type }) => type === LAST_EVENT)) ended.resolve();
      },
      gapFound: (gap) => listener({ type: "gap", gap }),
      gapEnded: (gap, outcome) => listener({ type: "gapEnded", gap, outcome }),
    },
    followedMax: FOLLOWED_MAX,
    fillsMax: FILLS_MAX,
    waitingMax: WAITING_MAX,
  });
  const stop = await listen(
    (message) => {
      if (executionId === undefined || message.executionId === executionId) order.accept(message);
    },
    () => {
      if (executionId !== undefined) void order.catchUp(executionId).catch(() => {}); // asked again after the next loss
    },
  );
  const close = () => {
    stop();
    ended.resolve();
  };
  try {
    if (executionId !== undefined) await order.begin(executionId);
  } catch (thrown) {
    close();
    throw thrown;
  }
  return { ended: ended.promise, close };
}
