/**
 * The chains of AWS's history: `previousEventId` names the event that came before in the same chain.
 *
 * The execution, each branch and each iteration have a chain of their own. That of a branch goes on from `ParallelStateStarted`, that of
 * an iteration from `MapIterationStarted`. Events that tell how something stands, and not that it goes on, are hung onto a chain without
 * becoming its end: `…StateSucceeded`, `MapRunSucceeded`, `MapIterationFailed`, `…Aborted`. What is aborted beside a child that failed follows that child's
 * last event. `MapRunSucceeded` is hung on as well: since November 2024 AWS has `MapStateExited` follow `MapRunStarted` or `MapRunRedriven`.
 */
import type { BranchId, ExecutionId, IterationId } from "../../values/mod.ts";

/** What has a chain. */
export type ScopeId = ExecutionId | BranchId | IterationId;

/** Ends of all chains. */
export class Chains {
  readonly #ends = new Map<ScopeId, number>();

  /** End of a chain; 0 for one that has no event yet. */
  endOf(scopeId: ScopeId): number {
    return this.#ends.get(scopeId) ?? 0;
  }

  /** `id` is the chain's end from now on. */
  advance(scopeId: ScopeId, id: number): void {
    this.#ends.set(scopeId, id);
  }
}
