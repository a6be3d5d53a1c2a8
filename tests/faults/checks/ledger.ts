/**
 * The harness's own record of a run: what it asked, what it was told, what workers were told. Nothing in it comes from the engine's
 * word about the past, so the engine's histories can be held against it.
 */
import { isDeepStrictEqual } from "node:util";
import type { HistoryEvent } from "../../../src/runtime/mod.ts";
import type { Json } from "../../../src/values/mod.ts";
import type { Violation, ViolationKind } from "./violation.ts";

/** How an execution must end. */
export interface Expectation {
  readonly status: "Succeeded" | "Canceled";
  /** Of a succeeded one. */
  readonly output?: Json;
  /** It may not have ended before, Unix milliseconds: waits and retries, counted from when its start was asked. */
  readonly notBeforeEpochMs: number;
}

/** An execution as somebody was told of it. */
export interface ToldExecution {
  readonly status: string;
  readonly output?: Json;
  readonly endedAt?: string;
}

/** One key's execution. */
export interface Entry {
  readonly key: string;
  readonly workload: string;
  readonly expected: Expectation;
  readonly askedAtEpochMs: number;
  /** By the first acknowledgement; absent until then. */
  executionId?: string;
  acknowledgedAtEpochMs?: number;
  /** When anybody was told first that it has ended. */
  endToldAtEpochMs?: number;
  /** Its end, as it was described first. */
  end?: ToldExecution;
}

/** What came of a worker's, or anybody's, try to end a task. */
export interface Completion {
  readonly executionId: string;
  readonly taskId: string;
  /** Stands in the output or the cause that was brought: no two tries share it. */
  readonly by: string;
  readonly askedAtEpochMs: number;
  readonly answeredAtEpochMs: number;
  /** `accepted`, a refusal's code, or `none`: not known. */
  readonly answer: string;
}

/** An execution as it is found when all is well again. */
export interface Found {
  readonly described: ToldExecution | "NotFound" | "unanswered";
  readonly history: readonly HistoryEvent[];
}

const ENDED = new Set(["Succeeded", "Failed", "Canceled"]);

/** True when an execution of this status has ended. */
export function isEnd(status: string): boolean {
  return ENDED.has(status);
}

/** True when both tell of one end. */
export function isSameEnd(one: ToldExecution, other: ToldExecution): boolean {
  return one.status === other.status && one.endedAt === other.endedAt && isDeepStrictEqual(one.output, other.output);
}

/** Takes down what is asked and told, and notices at once what cannot be after it. */
export class Ledger {
  readonly #entries = new Map<string, Entry>();
  readonly #byId = new Map<string, Entry>();
  readonly #completions = new Map<string, Completion[]>();
  readonly #violations: Violation[] = [];

  get entries(): Iterable<Entry> {
    return this.#entries.values();
  }

  /** By execution. */
  get completions(): ReadonlyMap<string, readonly Completion[]> {
    return this.#completions;
  }

  /** What was noticed so far. */
  get violations(): readonly Violation[] {
    return this.#violations;
  }

  get startedCount(): number {
    return this.#entries.size;
  }

  get acknowledgedCount(): number {
    return this.#byId.size;
  }

  entryOf(executionId: string): Entry | undefined {
    return this.#byId.get(executionId);
  }

  /** A start goes out. */
  asked(entry: Pick<Entry, "key" | "workload" | "expected" | "askedAtEpochMs">): void {
    this.#entries.set(entry.key, { ...entry });
  }

  /** A start, or a repeat of it, was answered. */
  acknowledged(key: string, executionId: string, atEpochMs: number): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) throw new Error(`Expected key "${key}" to have been asked`);
    if (entry.executionId === undefined) {
      entry.executionId = executionId;
      entry.acknowledgedAtEpochMs = atEpochMs;
      this.#byId.set(executionId, entry);
    } else if (entry.executionId !== executionId) {
      this.#notice(
        "duplicateResults",
        entry,
        atEpochMs,
        `its start was answered with ${entry.executionId} and with ${executionId}`,
      );
    }
  }

  /**
   * An answer about an execution, asked for at `askedAtEpochMs`: it must know what was told before that.
   *
   * @param told the execution, or the code of the refusal; `Unavailable` and `Timeout` say nothing
   */
  read(executionId: string, askedAtEpochMs: number, told: ToldExecution | string, place: string): void {
    const entry = this.#byId.get(executionId);
    if (entry?.acknowledgedAtEpochMs === undefined || told === "Unavailable" || told === "Timeout") return;
    if (typeof told === "string") {
      if (entry.acknowledgedAtEpochMs > askedAtEpochMs) return;
      this.#notice("staleReads", entry, askedAtEpochMs, `${place} answers ${told}, after its start was acknowledged`);
      return;
    }
    if (isEnd(told.status)) return this.#ended(entry, told);
    if (entry.endToldAtEpochMs === undefined || entry.endToldAtEpochMs > askedAtEpochMs) return;
    this.#notice("staleReads", entry, askedAtEpochMs, `${place} says ${told.status}, after its end was told`);
  }

  /** The end of an execution was heard of, by the feed for one. */
  heardEnd(executionId: string, atEpochMs: number): void {
    const entry = this.#byId.get(executionId);
    if (entry === undefined || entry.endToldAtEpochMs !== undefined) return;
    entry.endToldAtEpochMs = atEpochMs;
    const early = entry.expected.notBeforeEpochMs - atEpochMs;
    if (early > 0) {
      this.#notice("earlyTimers", entry, atEpochMs, `its end was told ${early} ms before it may have ended`);
    }
  }

  /** A task's end was asked for, and answered or not. */
  completed(completion: Completion): void {
    const all = this.#completions.get(completion.executionId);
    if (all === undefined) this.#completions.set(completion.executionId, [completion]);
    else all.push(completion);
  }

  /** Something that the one who saw it knows to be wrong. */
  noticed(kind: ViolationKind, executionId: string, atEpochMs: number, message: string): void {
    const entry = this.#byId.get(executionId);
    this.#violations.push({ kind, about: entry?.key ?? executionId, executionId, atEpochMs, message });
  }

  #ended(entry: Entry, told: ToldExecution): void {
    this.heardEnd(entry.executionId ?? "", Date.now());
    entry.end ??= told;
    if (isSameEnd(entry.end, told)) return;
    const ends = [entry.end, told].map((end) => JSON.stringify(end)).join(" and ");
    this.#notice("duplicateResults", entry, Date.now(), `two ends were told of it: ${ends}`);
  }

  #notice(kind: ViolationKind, entry: Entry, atEpochMs: number, message: string): void {
    this.#violations.push({ kind, about: entry.key, executionId: entry.executionId, atEpochMs, message });
  }
}
