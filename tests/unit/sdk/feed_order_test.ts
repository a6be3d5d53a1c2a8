import { deepStrictEqual, rejects } from "node:assert/strict";
import { test } from "node:test";
import { FeedOrder, type FeedOrderOptions } from "../../../src/sdk/feed_order.ts";
import type { FeedMessage, HistoryEvent } from "../../../src/runtime/engine.ts";
import { eventsStartMs, turnsOf } from "../../support/feed_events.ts";

const executionId = "/t/n/e0000001/0000000000000001" as FeedMessage["executionId"];

/** Turns 1…`count` of two events each, the log of what came out, and an order over the history of all. */
function setUp(count: number, options: Partial<FeedOrderOptions> = {}) {
  const turns = turnsOf(executionId, count, 2);
  const all = turns.flatMap(({ events }) => events);
  const log: string[] = [];
  const asked: number[] = [];
  const order = new FeedOrder({
    history: ({ after }) => {
      asked.push(after);
      const events = all.filter((event) => event.id > after).slice(0, 3);
      const last = events.at(-1)?.id ?? after;
      return Promise.resolve({ events, ...(last < all.length ? { next: last } : {}) });
    },
    sink: {
      events: (_, events) => log.push(events.map((event: HistoryEvent) => event.id).join(",")),
      gapFound: ({ fromSequence, throughSequence }) => log.push(`gap ${fromSequence}-${throughSequence}`),
      gapEnded: (_, { filledCount, openReason }) =>
        log.push(`ended ${filledCount}${openReason === undefined ? "" : ` ${openReason}`}`),
    },
    followedMax: 10,
    fillsMax: 1,
    waitingMax: 10,
    ...options,
  });
  const accept = (...sequences: number[]) =>
    sequences.forEach((sequence) => order.accept(turns[sequence - 1] ?? never()));
  return { order, log, asked, accept };
}

test("FeedOrder passes on turns in order, and repeats never", () => {
  const { accept, log } = setUp(3);
  accept(1, 1, 2, 1, 3, 2);
  deepStrictEqual(log, ["1,2", "3,4", "5,6"]);
});

test("FeedOrder begins in the middle without calling it a gap", () => {
  const { accept, log } = setUp(5);
  accept(3, 4);
  deepStrictEqual(log, ["5,6", "7,8"]);
});

/** An execution that began so many seconds after the first turn of all those here. */
function begunAfter(seconds: number): FeedMessage["executionId"] {
  const wallTime = Math.floor(eventsStartMs / 1_000) + seconds;
  return `/t/n/e0000009/${wallTime.toString(16).padStart(8, "0")}00000001` as FeedMessage["executionId"];
}

test("FeedOrder fills the beginning of an execution that began when the feed was followed already", async () => {
  const { order, accept, log } = setUp(4, { openedAtEpochMs: eventsStartMs });
  order.accept(turnsOf(begunAfter(-9), 3, 1)[2] ?? never()); // it began before: nothing is missing
  order.accept(turnsOf(begunAfter(9), 3, 2)[1] ?? never());
  await order.settled();
  accept(1);
  deepStrictEqual(log.slice(0, 4), ["3", "gap 1-1", "1,2,3", "4,5,6"]);
});

test("FeedOrder fills what began before the first turn came, and after the feed was opened", async () => {
  const { order, log } = setUp(4, { openedAtEpochMs: eventsStartMs - 60_000 });
  order.accept(turnsOf(begunAfter(-30), 3, 2)[1] ?? never());
  await order.settled();
  deepStrictEqual(log.slice(0, 2), ["gap 1-1", "1,2,3"]);
});

test("FeedOrder does not begin anew with an execution that it has forgotten", () => {
  const { order, log } = setUp(1, { followedMax: 1, openedAtEpochMs: eventsStartMs });
  const [first, other] = [turnsOf(begunAfter(9), 3, 1), turnsOf(begunAfter(7), 3, 1)];
  for (const message of [turnsOf(executionId, 1, 1)[0], first[0], other[0], first[1]]) order.accept(message ?? never());
  deepStrictEqual(log, ["1", "1", "1", "2"]);
});

test("FeedOrder tells of a gap and fills it from the history, once, with what comes meanwhile behind it", async () => {
  const { order, accept, log, asked } = setUp(6);
  accept(1, 4, 5);
  await order.settled();
  accept(6);
  deepStrictEqual(log, ["1,2", "gap 2-3", "3,4,5", "6,7,8", "9,10,11", "12", "ended 10"]);
  deepStrictEqual(asked, [2, 5, 8, 11]);
});

test("FeedOrder goes on behind a gap that the history cannot fill", async () => {
  const { order, accept, log } = setUp(6, { history: () => Promise.reject(new Error("no answer")) });
  accept(1, 4);
  await order.settled();
  accept(5);
  deepStrictEqual(log, ["1,2", "gap 2-3", "ended 0 no answer", "7,8", "9,10"]);
});

test("FeedOrder reads a bounded number of histories at once", async () => {
  const other = "/t/n/e0000002/0000000000000002" as FeedMessage["executionId"];
  const { order, accept, log } = setUp(6);
  const others = turnsOf(other, 6, 2);
  accept(1);
  order.accept(others[0] ?? never());
  accept(4);
  order.accept(others[3] ?? never());
  await order.settled();
  deepStrictEqual(log.slice(2, 6), ["gap 2-3", "gap 2-3", "ended 0 too many gaps at once", "7,8"]);
});

test("FeedOrder keeps a bounded number of messages while it reads, and the rest comes from the history", async () => {
  const answer = Promise.withResolvers<void>();
  const turns = turnsOf(executionId, 9, 1);
  const history = async ({ after }: { readonly after: number }) => {
    await answer.promise;
    return { events: turns.flatMap(({ events }) => events).filter((event) => event.id > after && event.id <= 5) };
  };
  const { order, log } = setUp(1, { history, waitingMax: 2 });
  for (const sequence of [1, 3, 4, 5, 6]) order.accept(turns[sequence - 1] ?? never());
  answer.resolve();
  await order.settled();
  order.accept(turns[6] ?? never());
  await order.settled();
  deepStrictEqual(log.slice(0, 4), ["1", "gap 2-2", "2,3,4,5", "ended 4"]);
});

test("FeedOrder forgets the execution it heard of longest ago", () => {
  const { order, accept, log } = setUp(6, { followedMax: 1 });
  accept(1);
  order.accept(turnsOf("/t/n/e0000003/0000000000000003" as FeedMessage["executionId"], 1, 1)[0] ?? never());
  accept(4); // no gap: the execution is as new
  deepStrictEqual(log, ["1,2", "1", "7,8"]);
});

test("FeedOrder.begin() reads everything first, and what came by the feed meanwhile is not doubled", async () => {
  const { order, accept, log } = setUp(4);
  const reading = order.begin(executionId);
  accept(3, 4);
  await reading;
  deepStrictEqual(log, ["1,2,3", "4,5,6", "7,8"]);
});

test("FeedOrder.catchUp() finds the last turn that did not come, and passes on nothing when there is none", async () => {
  const { order, accept, log } = setUp(3);
  accept(1, 2);
  await order.catchUp(executionId);
  await order.catchUp(executionId);
  accept(3);
  deepStrictEqual(log, ["1,2", "3,4", "5,6"]);
});

test("FeedOrder.begin() fails with what the history failed with", async () => {
  const { order } = setUp(1, { history: () => Promise.reject(new Error("NotFound")) });
  await rejects(order.begin(executionId), /NotFound/);
});

function never(): never {
  throw new Error("no such turn");
}
