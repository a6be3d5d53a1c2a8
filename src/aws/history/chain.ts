/**
 * The chains of AWS's history: `previousEventId` names the event that came before in the same chain.
 *
 * The execution, each branch and each iteration have a chain of their own. That of a branch goes on from `ParallelStateStarted`, that of
 * an iteration from `MapIterationStarted`. Events that tell how something stands, and not that it goes on, are hung onto a chain without
 * becoming its end: `…StateSucceeded`, `MapIterationFailed`, `…Aborted`. What is aborted beside a child that failed follows that child's
 * last event. (Of `MapRunSucceeded` AWS has had it both ways: in histories
 * since 2025 `MapStateExited` follows `MapRunStarted`, in earlier ones `MapRunSucceeded`, as here.)
 */

/** One run of one state, as far as the chains need it. */
export interface ChainedState {
  readonly stateType: string;
  readonly stateName: string;
  /** Its chain: the id of an execution, branch or iteration. */
  readonly scopeId: string;
  readonly isNested: boolean;
  /** Its `…StateEntered`, and what that came after. */
  readonly enteredId: number;
  readonly beforeEntered: number;
  /** Parallel, Map: its newest `…StateStarted`, where its children's chains begin. */
  startedId: number;
  max: number | undefined;
  maxConcurrency: number;
  /** It has a Map Run in place of iterations. */
  mapRun: string | undefined;
  succeededChildren: number;
  /** End of the chain of the child that failed first; `undefined` once the state has told of its failure. */
  failedFrom: number | undefined;
  failedIndex: number;
  /** End of the chain of the child that ended last: where the next iteration of a Map with a bound goes on. */
  lastChildEnd: number | undefined;
  /** Its `…StateSucceeded`. */
  succeededId: number | undefined;
}

/** Ends of all chains. */
export class Chains {
  readonly #ends = new Map<string, number>();

  /** End of a chain; 0 for one that has no event yet. */
  endOf(scopeId: string): number {
    return this.#ends.get(scopeId) ?? 0;
  }

  /** `id` is the chain's end from now on. */
  advance(scopeId: string, id: number): void {
    this.#ends.set(scopeId, id);
  }
}
