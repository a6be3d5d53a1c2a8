/** The feed as plain lines: one an event, and what is said of gaps. */
import type { HistoryEvent } from "../../../runtime/engine.ts";
import type { FeedGap, FeedItem, GapOutcome } from "../../../sdk/mod.ts";
import { errorField, numberField, shortExecutionId, textField } from "./feed_fields.ts";
import { printable } from "./text_width.ts";

/** The lines of one item. */
export function itemLines(item: FeedItem): string[] {
  if (item.type === "events") return item.events.map((event) => eventLine(item.executionId, event));
  return [item.type === "gap" ? gapLine(item.gap) : gapOutcomeLine(item.gap, item.outcome)];
}

/** The same as JSON: `{ executionId, …event }`, and `{ executionId, gap }` once a gap has ended. */
export function itemJsonLines(item: FeedItem): string[] {
  if (item.type === "events") {
    return item.events.map((event) => JSON.stringify({ executionId: item.executionId, ...event }));
  }
  if (item.type === "gap") return [];
  const { executionId, ...gap } = item.gap;
  return [JSON.stringify({ executionId, gap: { ...gap, ...item.outcome } })];
}

/** Such as `2026-01-31T10:00:00.000Z e1a2b3c4/0123456789abcdef StateStartedEvent Charge Task`. */
export function eventLine(executionId: string, event: HistoryEvent): string {
  const index = numberField(event, "index");
  const max = numberField(event, "max");
  const next = textField(event, "next");
  const parts = [
    event.timestamp,
    shortExecutionId(executionId),
    event.type,
    textField(event, "workflow"),
    textField(event, "stateName"),
    textField(event, "stateType"),
    max === undefined ? undefined : `max=${max}`,
    index === undefined ? undefined : `[${index}]`,
    textField(event, "resource"),
    textField(event, "status"),
    errorField(event),
    next === undefined ? undefined : `→ ${next}`,
  ];
  return printable(parts.filter((part) => part !== undefined).join(" "));
}

/** What of the feed did not come. */
export function gapLine({ executionId, fromSequence, throughSequence }: FeedGap): string {
  const which = throughSequence === 0
    ? "some turns"
    : fromSequence === throughSequence
    ? `turn ${fromSequence}`
    : `turns ${fromSequence} to ${throughSequence}`;
  return `! ${shortExecutionId(executionId)} the feed left out ${which}; reading the history`;
}

/** What became of it. */
export function gapOutcomeLine({ executionId }: FeedGap, { filledCount, openReason }: GapOutcome): string {
  const events = filledCount === 1 ? "1 event" : `${filledCount} events`;
  const outcome = openReason === undefined ? `filled with ${events}` : `still open (${events} found): ${openReason}`;
  return printable(`! ${shortExecutionId(executionId)} gap ${outcome}`);
}
