/** What a Map Run counts, and whether it still may fail no more than it tolerates. Pure. */
import type { ExecutionDetail, MapRunCounts, MapRunSettings } from "../../runtime/mod.ts";

/** How a child has ended, as Map Runs count. */
export type ChildEnd = "succeeded" | "failed" | "timedOut" | "aborted";

/** How an ended execution counts. */
export function endOf({ status, timedOut }: Pick<ExecutionDetail, "status" | "timedOut">): ChildEnd {
  if (status === "Succeeded") return "succeeded";
  if (status === "Failed") return timedOut === true ? "timedOut" : "failed";
  return "aborted";
}

/** No items or executions at all. */
export const noCounts: MapRunCounts = {
  pending: 0,
  running: 0,
  succeeded: 0,
  failed: 0,
  timedOut: 0,
  aborted: 0,
  total: 0,
  resultsWritten: 0,
};

type Numbers = { -readonly [Name in keyof MapRunCounts]: MapRunCounts[Name] };

/** Counts items and executions as they begin and end. */
export class Progress {
  readonly #items: Numbers = { ...noCounts };
  readonly #executions: Numbers = { ...noCounts };
  /** Items in all, once that is known. */
  #itemTotal: number | undefined;
  /** Rises with every change. */
  version = 0;

  constructor(itemTotal: number | undefined) {
    this.#itemTotal = itemTotal;
    this.#items.total = itemTotal ?? 0;
    this.#items.pending = this.#items.total;
  }

  /** A child begins. */
  began(itemCount: number): void {
    this.version += 1;
    if (this.#itemTotal === undefined) {
      this.#items.total += itemCount;
    } else this.#items.pending -= itemCount;
    this.#items.running += itemCount;
    this.#executions.total += 1;
    this.#executions.running += 1;
  }

  ended(itemCount: number, end: ChildEnd): void {
    this.version += 1;
    this.#items.running -= itemCount;
    this.#items[end] += itemCount;
    this.#executions.running -= 1;
    this.#executions[end] += 1;
  }

  /** All items have been read. */
  readAll(): void {
    this.#itemTotal ??= this.#items.total;
  }

  wrote(): void {
    this.version += 1;
    this.#items.resultsWritten = this.#items.total;
    this.#executions.resultsWritten = this.#executions.total;
  }

  get itemCounts(): MapRunCounts {
    return { ...this.#items };
  }

  get executionCounts(): MapRunCounts {
    return { ...this.#executions };
  }

  /**
   * More items have failed or timed out than are tolerated. Each of the two bounds holds by itself where it is set; none set means
   * none tolerated. A share of the items can be told only once all are known.
   */
  exceeds({ toleratedFailureCount, toleratedFailurePercentage }: Omit<MapRunSettings, "maxConcurrency">): boolean {
    const failed = this.#items.failed + this.#items.timedOut;
    if (failed === 0) return false;
    if (toleratedFailureCount > 0 && failed > toleratedFailureCount) return true;
    if (toleratedFailurePercentage > 0) {
      return this.#itemTotal !== undefined && failed * 100 > toleratedFailurePercentage * this.#itemTotal;
    }
    return toleratedFailureCount === 0;
  }
}
