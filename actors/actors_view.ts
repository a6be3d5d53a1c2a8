/** What decisions read: the actors of an execution and what its turn is decided with. */
import type { StateMachine, WorkMeter } from "../src/language/types.ts";
import type { ActivityId, ExecutionId, Limits, TaskId } from "../src/values/mod.ts";
import type { ExecutionView, TurnDraws } from "./actor.ts";
import type { ChildId } from "./child/child_records.ts";
import type { ExecutionActors } from "./execution_actors.ts";

/** What a turn is decided with. */
export interface TurnSurroundings {
  readonly machine: StateMachine;
  readonly limits: Limits;
  readonly draws: TurnDraws;
}

/** The actors as they stand at any moment of a turn. */
export class ActorsView implements ExecutionView {
  readonly #actors: ExecutionActors;
  readonly machine: StateMachine;
  readonly limits: Limits;
  readonly draws: TurnDraws;
  readonly meter: WorkMeter = { steps: 0 };

  constructor(actors: ExecutionActors, { machine, limits, draws }: TurnSurroundings) {
    this.#actors = actors;
    this.machine = machine;
    this.limits = limits;
    this.draws = draws;
  }

  execution() {
    return this.#actors.execution;
  }
  activity(id: ActivityId) {
    return this.#actors.activities.get(id);
  }
  child(id: ChildId) {
    return this.#actors.children.get(id);
  }
  task(id: TaskId) {
    return this.#actors.tasks.get(id);
  }
  historyCount() {
    return this.#actors.historyCount;
  }
  openChildOf(id: ExecutionId | ActivityId | ChildId, except?: string) {
    return this.#actors.openChildOf(id, except);
  }
  childOutputs(activityId: ActivityId) {
    return this.#actors.childOutputs(activityId);
  }
}
