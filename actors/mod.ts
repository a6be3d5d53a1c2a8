export type { ActivitySnapshot, ExecutionSnapshot, ExecutionStatus, TaskSnapshot, TurnDraws } from "./actor.ts";
export { BrokenInvariant } from "./actor.ts";
export { ExecutionActors } from "./execution_actors.ts";
export { keptActors, restoredActors } from "./kept_actors.ts";
export { replayTurn, runTurn, type TurnOutcome, type TurnSurroundings } from "./run_turn.ts";
