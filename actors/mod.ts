export type { ActivitySnapshot, ExecutionSnapshot, TaskSnapshot, TurnDraws } from "./actor.ts";
export { BrokenInvariant } from "./actor.ts";
export { ExecutionActors } from "./execution_actors.ts";
export { keptActors, keptByNewer, restoredActors, restoredExecution } from "./kept_actors.ts";
export type { TurnSurroundings } from "./actors_view.ts";
export { notRedrivable } from "./execution/redrivable.ts";
export { type RedrivePlan, redrivePlan } from "./execution/redrive_plan.ts";
export { replayTurn, runTurn, type TurnOutcome } from "./run_turn.ts";
export { type StateInScope, stateInScope } from "./state_in_scope.ts";
