import type { State, StateMachine, Variables } from "../src/language/types.ts";
import { type ActivityId, type Json, type JsonObject, present } from "../src/values/mod.ts";
import { StateScope } from "./activity/state_scope.ts";
import { ActorsView, type TurnSurroundings } from "./actors_view.ts";
import type { ExecutionActors } from "./execution_actors.ts";

/** A state that runs, and all that its expressions may read. It stays the same for as long as this run of the state lasts. */
export interface StateInScope {
  readonly state: State;
  readonly machine: StateMachine;
  readonly rawInput: Json;
  readonly contextObject: JsonObject;
  readonly variables: Variables;
  /** A Map's items, as they were evaluated when it was entered. */
  readonly items?: readonly Json[];
}

/** The state of an activity that has not ended, for what is evaluated later and elsewhere; `undefined` when it has. */
export function stateInScope(
  actors: ExecutionActors,
  surroundings: TurnSurroundings,
  activityId: ActivityId,
): StateInScope | undefined {
  const context = actors.activities.get(activityId)?.context;
  const state = context === undefined ? undefined : surroundings.machine.allStates.get(context.stateName);
  if (context === undefined || state === undefined) return undefined;
  const { rawInput, contextObject, variables } = new StateScope(new ActorsView(actors, surroundings), context);
  const { machine } = surroundings;
  const items = present({ items: context.items });
  return { state, machine, rawInput, contextObject, variables, ...items };
}
