import { type Event, payloadFieldsOf, type Turn } from "../../../protocol/mod.ts";
import type { ExecutionId, Json } from "../../../values/mod.ts";
import type { FeedMessage, HistoryEvent } from "../../engine.ts";
import { spaceOf } from "../hot_execution.ts";

/** Never told outside: a Map's items are in its input. */
const INSIDE_ONLY = "items";

/** One turn as the feed tells it. Its events are put into their outside form when somebody looks: often nobody listens. */
export class TurnFeed implements FeedMessage {
  readonly tenant: string;
  readonly namespace: string;
  readonly executionId: ExecutionId;
  readonly sequence: number;
  readonly #events: readonly Event[];
  readonly #firstId: number;
  readonly #atEpochMs: number;

  /** @param firstId number of the first event in its execution's history */
  constructor(
    executionId: ExecutionId,
    { sequence, atEpochMs }: Pick<Turn, "sequence" | "atEpochMs">,
    events: readonly Event[],
    firstId: number,
  ) {
    const { tenant, namespace } = spaceOf(executionId);
    this.tenant = tenant;
    this.namespace = namespace;
    this.executionId = executionId;
    this.sequence = sequence;
    this.#events = events;
    this.#firstId = firstId;
    this.#atEpochMs = atEpochMs;
  }

  get events(): readonly HistoryEvent[] {
    const timestamp = new Date(this.#atEpochMs).toISOString();
    return this.#events.map((event, index) => outsideEvent(this.#firstId + index, event, timestamp, false));
  }
}

/** An event as outsiders see it. `withPayloads` false: the feed's short form. */
export function outsideEvent(id: number, event: Event, timestamp: string, withPayloads: boolean): HistoryEvent {
  const shown: Record<string, Json> = { id, type: event.type, timestamp };
  const facts: Readonly<Record<string, unknown>> = event;
  const hidden = withPayloads ? [] : payloadFieldsOf(event.type);
  for (const field in facts) {
    const value = facts[field];
    if (field === "type" || field === "version" || value === undefined) continue;
    if (field === INSIDE_ONLY || hidden.includes(field)) continue;
    shown[outsideName(field)] = value as Json;
  }
  return shown as HistoryEvent;
}

/** Outsiders know the two strings of an ASL error by ASL's words. */
function outsideName(field: string): string {
  return field === "reason" ? "error" : field === "message" ? "cause" : field;
}
