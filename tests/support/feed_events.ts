import type { FeedMessage, HistoryEvent } from "../../src/runtime/engine.ts";

const startMs = Date.parse("2026-01-31T10:00:00Z");

/** Turns 1…`count` of an execution, each of `size` events of no particular type, with ids without gaps. */
export function turnsOf(executionId: FeedMessage["executionId"], count: number, size: number): FeedMessage[] {
  return Array.from({ length: count }, (_, index) => ({
    tenant: "t",
    namespace: "n",
    executionId,
    sequence: index + 1,
    events: Array.from({ length: size }, (_, place) => ({
      id: index * size + place + 1,
      type: "TimerFiredEvent",
      timestamp: new Date(startMs + index).toISOString(),
    })),
  }));
}

/** Fields of an event and when it is, milliseconds after the start. */
export type EventDraft = { readonly type: string; readonly atMs?: number } & {
  readonly [field: string]: string | number | undefined;
};

/** Events with ids from 1. */
export function eventsOf(drafts: readonly EventDraft[]): HistoryEvent[] {
  return drafts.map(({ atMs = 0, ...fields }, index) => ({
    ...JSON.parse(JSON.stringify(fields)) as { readonly type: string },
    id: index + 1,
    timestamp: new Date(startMs + atMs).toISOString(),
  }));
}

/** When {@link eventsOf} begins, unix milliseconds. */
export const eventsStartMs = startMs;
