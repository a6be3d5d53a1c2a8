/** What a history has told of the states, children and tasks of its execution: what comes next depends on it. */
import type { HistoryView, StateView } from "../../protocol/mod.ts";
import type { ActivityId, IterationId, TaskId } from "../../values/mod.ts";
import type { ScopeId } from "./chain.ts";
import type { TaskResource } from "./task_resource.ts";

/** One run of one state. */
export interface KnownState extends StateView {
  readonly stateName: string;
  /** Its chain. */
  readonly scopeId: ScopeId;
  /** Its `…StateEntered`, and what that came after. */
  readonly enteredId: number;
  readonly beforeEntered: number;
  /** Parallel, Map: its newest `…StateStarted`, where its children's chains begin. */
  startedId: number;
  childrenMax: number | undefined;
  /** As its start says: children, or items of a Map Run. */
  max: number | undefined;
  maxConcurrency: number;
  succeededChildren: number;
  /** End of the chain of the child that failed first; `undefined` once the state has told of its failure. */
  failedFrom: number | undefined;
  failedIndex: number;
  /** End of the chain of the child that ended last: where the next iteration of a Map with a bound goes on. */
  lastChildEnd: number | undefined;
  /** Its `…StateSucceeded`. */
  succeededId: number | undefined;
}

/** A branch or an iteration. */
export interface KnownChild {
  readonly activityId: ActivityId;
  readonly index: number;
  isCanceling: boolean;
}

/** A task. */
export interface KnownTask {
  readonly activityId: ActivityId;
  /** As the state has it. */
  readonly whole: string;
  readonly resource: TaskResource;
  /** Of the Map Run that it stands for; empty where it stands for none. */
  readonly mapRunArn: string;
}

/** What is known so far. It is asked about an event before the event is taken in. */
export class KnownExecution implements HistoryView {
  readonly states = new Map<ActivityId, KnownState>();
  readonly tasks = new Map<TaskId, KnownTask>();
  readonly children = new Map<ScopeId, KnownChild>();
  /** It is wound up, or over. */
  isEnding = false;

  isRunning(): boolean {
    return !this.isEnding;
  }

  state(id: ActivityId): KnownState | undefined {
    return this.states.get(id);
  }

  othersHaveSucceeded(id: ActivityId): boolean {
    const state = this.states.get(id);
    return state !== undefined && state.succeededChildren + 1 === state.childrenMax;
  }

  hasFailedChild(id: ActivityId): boolean {
    return this.states.get(id)?.failedFrom !== undefined;
  }

  isCanceling(id: IterationId): boolean {
    return this.children.get(id)?.isCanceling === true;
  }

  resourceOf(id: TaskId): string | undefined {
    return this.tasks.get(id)?.whole;
  }

  /** The state whose child this is. */
  stateOfChild(id: ScopeId): KnownState | undefined {
    const child = this.children.get(id);
    return child === undefined ? undefined : this.states.get(child.activityId);
  }

  /** Where the chain of a child that is aborted is cut: the last event of that child, beside it or further up, which failed. */
  cutAt(childId: ScopeId): number | undefined {
    for (let scopeId = childId;;) {
      const state = this.stateOfChild(scopeId);
      if (state === undefined || state.failedFrom !== undefined) return state?.failedFrom;
      scopeId = state.scopeId;
    }
  }
}
