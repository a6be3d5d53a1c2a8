/**
 * Histories that were asked for lately.
 *
 * AWS numbers events by what came before them, so a page cannot be made without all before it: making each page of a long history from
 * the beginning would cost its length squared. What was made is kept for the pages that follow, up to a size, and goes on with the
 * execution's newer events.
 */
import { Effect } from "effect";
import type { ExecutionDetail, NumberedEvent, Registry } from "../../runtime/mod.ts";
import type { JsonObject } from "../../values/mod.ts";
import type { AwsAnswer } from "../answers.ts";
import { spaceOf } from "../aws_caller.ts";
import { HistoryWriter } from "./aws_history.ts";
import { scopeOf } from "../executions/execution_names.ts";

/** Bytes of all histories that are kept, roughly. */
const KEPT_BYTES_MAX = 33_554_432;
/** Events read of the engine at a time. */
const ENGINE_PAGE = 1_000;
/** Of an event without its texts, bytes. */
const EVENT_BYTES = 300;

interface Kept {
  readonly writer: HistoryWriter;
  /** Number of the engine's newest event that is in it. */
  after: number;
  bytes: number;
  /** Bytes of it that count as kept. */
  counted: number;
}

/** The histories of one server. */
export class KeptHistories {
  readonly #registry: Pick<Registry, "executionEvents">;
  readonly #bytesMax: number;
  /** Least recently asked for first. */
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  constructor(registry: Pick<Registry, "executionEvents">, bytesMax = KEPT_BYTES_MAX) {
    this.#registry = registry;
    this.#bytesMax = bytesMax;
  }

  /** Bytes that are kept, roughly. */
  get bytes(): number {
    return this.#bytes;
  }

  /** AWS's events of an execution, oldest first, as it stands now. */
  of(execution: ExecutionDetail): AwsAnswer<readonly JsonObject[]> {
    const { executionId } = execution;
    return Effect.gen({ self: this }, function* () {
      const kept = this.#kept.get(executionId) ??
        { writer: new HistoryWriter(execution), after: 0, bytes: 0, counted: 0 };
      for (let after: number | undefined = kept.after; after !== undefined;) {
        const page: { readonly events: readonly NumberedEvent[]; readonly next?: number } = yield* this.#registry
          .executionEvents({ ...spaceOf(scopeOf(execution)), executionId, after, limit: ENGINE_PAGE });
        add(kept, page.events);
        after = page.next;
      }
      this.#keep(executionId, kept);
      return kept.writer.written;
    });
  }

  #keep(executionId: string, kept: Kept): void {
    this.#forget(executionId);
    this.#kept.set(executionId, kept);
    kept.counted = kept.bytes;
    this.#bytes += kept.counted;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#bytesMax) return;
      this.#forget(oldest);
    }
  }

  #forget(executionId: string): void {
    const before = this.#kept.get(executionId);
    if (before === undefined) return;
    this.#kept.delete(executionId);
    this.#bytes -= before.counted;
  }
}

/** Two calls may read side by side: each event is taken in once. */
function add(kept: Kept, events: readonly NumberedEvent[]): void {
  const { written } = kept.writer;
  const before = written.length;
  for (const event of events) {
    if (event.id !== kept.after + 1) continue;
    kept.writer.add(event);
    kept.after = event.id;
  }
  for (const event of written.slice(before)) kept.bytes += EVENT_BYTES + textLength(event);
}

function textLength(event: JsonObject): number {
  let length = 0;
  for (const details of Object.values(event)) {
    if (typeof details !== "object" || details === null) continue;
    for (const value of Object.values(details)) if (typeof value === "string") length += value.length;
  }
  return length;
}
