import { type Event, isEvent, type Turn } from "../../protocol/mod.ts";
import type { Json } from "../../values/mod.ts";
import type { HistoryEvent } from "../engine.ts";

const payloadNames = new Set(["input", "output", "items", "assigned", "shownAs"]);

/** An event as outsiders see it. `withPayloads` false: the feed's short form. */
export function historyEvent(id: number, event: Event, atEpochMs: number, withPayloads: boolean): HistoryEvent {
  const shown: Record<string, Json> = { id, type: event.type, timestamp: new Date(atEpochMs).toISOString() };
  for (const [field, value] of Object.entries(event)) {
    if (field === "type" || field === "version" || value === undefined) continue;
    if (field === "items" || (!withPayloads && payloadNames.has(field))) continue;
    shown[outsideName(field)] = value as Json;
  }
  return shown as HistoryEvent;
}

/** Outsiders know the two strings of an ASL error by ASL's words. */
function outsideName(field: string): string {
  return field === "reason" ? "error" : field === "message" ? "cause" : field;
}

/** The events of a turn, numbered from `firstId`. */
export function turnEvents(turn: Turn, firstId: number): readonly HistoryEvent[] {
  let id = firstId;
  return turn.records.filter(isEvent).map((event) => historyEvent(id++, event, turn.atEpochMs, true));
}
