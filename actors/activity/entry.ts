/** What entering a state gives: facts for its first event, and what follows. One file a state type implements it. */
import type { Evaluated, State, StatesError } from "../../src/language/types.ts";
import type { Command, CompleteStateCommand } from "../../src/protocol/mod.ts";
import type { ActivityId, ExecutionId, Json } from "../../src/values/mod.ts";
import { payloadBytes } from "../../src/values/mod.ts";
import type { ExecutionView } from "../actor.ts";
import type { Place, StateScope } from "./state_scope.ts";

/** An activity about to run its state: for the first time, or again. */
export interface Entry<S extends State> {
  readonly view: ExecutionView;
  readonly state: S;
  readonly place: Place;
  readonly scope: StateScope;
  readonly executionId: ExecutionId;
}

/** A state that was entered. */
export interface Entered {
  readonly facts: {
    readonly deadlineEpochMs?: number;
    readonly max?: number;
    readonly items?: readonly Json[];
    readonly maxConcurrency?: number;
  };
  readonly commands: readonly Command[];
}

/** Enters states of one type; its failure is the state's. */
export type Enter<S extends State> = (entry: Entry<S>) => Evaluated<Entered>;

/** An ASL error as the fields of a command or event. */
export function errorFields(error: StatesError): { readonly reason?: string; readonly message?: string } {
  return {
    ...(error.error === undefined ? {} : { reason: error.error }),
    ...(error.cause === undefined ? {} : { message: error.cause }),
  };
}

/** The state is done with this result. */
export function succeed(activityId: ActivityId, output: Json): CompleteStateCommand {
  return { type: "CompleteStateCommand", version: 1, activityId, status: "Succeeded", output };
}

/** The state has failed. */
export function fail(activityId: ActivityId, error: StatesError): CompleteStateCommand {
  return { type: "CompleteStateCommand", version: 1, activityId, status: "Failed", ...errorFields(error) };
}

/** `States.DataLimitExceeded`, when a payload is larger than its limit. */
export function dataLimitExceeded(view: ExecutionView, stateName: string, payload: Json): StatesError | undefined {
  if (payloadBytes(payload) <= view.limits.payloadBytesMax) return undefined;
  return {
    error: "States.DataLimitExceeded",
    cause:
      `The state/task '${stateName}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  };
}
