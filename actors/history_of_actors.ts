/** What the actors of an execution know of AWS's history: how many of its events each event of ours stands for. */
import { type Event, historyPlace, historyTypes, type HistoryView, type StateView } from "../src/protocol/mod.ts";
import { type ActivityId, type IterationId, type TaskId } from "../src/values/mod.ts";
import { parentOf } from "./child/child_records.ts";
import type { ExecutionActors } from "./execution_actors.ts";

/** Counts AWS's events. Asked before the event is applied. */
export class HistoryOfActors implements HistoryView {
  readonly #actors: ExecutionActors;

  constructor(actors: ExecutionActors) {
    this.#actors = actors;
  }

  /** How many events of AWS's history this one stands for. */
  countOf(event: Event): number {
    const place = historyPlace(event, this);
    return place === undefined ? 0 : historyTypes(event, place).length;
  }

  isRunning(): boolean {
    return this.#actors.execution.value === "Running";
  }

  state(id: ActivityId): StateView | undefined {
    const context = this.#actors.activities.get(id)?.context;
    if (context === undefined) return undefined;
    const { stateType, branchStatus, iterationStatus } = context;
    return {
      stateType,
      isNested: parentOf(context) !== undefined,
      childrenMax: (branchStatus ?? iterationStatus)?.max,
    };
  }

  othersHaveSucceeded(id: ActivityId, index: number): boolean {
    const { branchStatus, iterationStatus } = this.#actors.activities.get(id)?.context ?? {};
    const status = branchStatus ?? iterationStatus;
    if (status === undefined || status.done + 1 !== status.max) return false;
    for (let other = 0; other < status.max; other++) {
      if (other !== index && this.#actors.childAt(id, other)?.value !== "Succeeded") return false;
    }
    return true;
  }

  /** Looks at all children: asked only for events with which their state may tell of the one that failed. */
  hasFailedChild(id: ActivityId): boolean {
    const started = this.#actors.activities.get(id)?.context.iterationStatus?.started ?? 0;
    for (let index = 0; index < started; index++) if (this.#actors.childAt(id, index)?.value === "Failed") return true;
    return false;
  }

  isCanceling(id: IterationId): boolean {
    return this.#actors.children.get(id)?.value === "Canceling";
  }

  resourceOf(id: TaskId): string | undefined {
    return this.#actors.tasks.get(id)?.context.resource;
  }
}
