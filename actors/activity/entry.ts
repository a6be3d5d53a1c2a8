/** What entering a state gives: facts for its first event, and what follows. One file a state type implements it. */
import { Result } from "effect";
import type { Evaluated, State, StatesError } from "../../src/language/types.ts";
import type { Command, CompleteStateCommand } from "../../src/protocol/mod.ts";
import { type ActivityId, type ExecutionId, type Json, present } from "../../src/values/mod.ts";
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
    readonly mapRun?: string;
  };
  readonly commands: readonly Command[];
}

/** Enters states of one type; its failure is the state's. */
export type Enter<S extends State> = (entry: Entry<S>) => Evaluated<Entered>;

/** An ASL error as the fields of a command. */
export function errorFields(
  error: StatesError,
): Pick<CompleteStateCommand, "reason" | "message" | "raisedBy" | "location"> {
  return {
    ...present({ reason: error.error, message: error.cause, raisedBy: error.raisedBy, location: error.location }),
  };
}

/** The state is done with this result; it fails when that is larger than a payload may be. */
export function succeed(
  view: ExecutionView,
  { activityId, stateName }: Pick<Place, "activityId" | "stateName">,
  output: Json,
): CompleteStateCommand {
  const tooLarge = dataLimitExceeded(view, stateName, output);
  if (tooLarge !== undefined) return fail(activityId, tooLarge);
  return { type: "CompleteStateCommand", version: 1, activityId, status: "Succeeded", output };
}

/** The state has failed. */
export function fail(activityId: ActivityId, error: StatesError): CompleteStateCommand {
  return { type: "CompleteStateCommand", version: 1, activityId, status: "Failed", ...errorFields(error) };
}

/** A Map that has its items, and fails before the first of them: its history tells how many there were. */
export function startedInVain(activityId: ActivityId, max: number, error: StatesError): Entered {
  return { facts: { max }, commands: [fail(activityId, error)] };
}

/**
 * `States.DataLimitExceeded`, when a payload is larger than its limit. To be asked before a payload gets into any record: what
 * a record holds must fit into the log.
 */
export function dataLimitExceeded(view: ExecutionView, stateName: string, payload: Json): StatesError | undefined {
  return payloadBytes(payload) <= view.limits.payloadBytesMax ? undefined : tooLargeIn(stateName);
}

/** The same for an array whose elements are payloads: it is not made into text as a whole. */
export function elementsLimitExceeded(
  view: ExecutionView,
  stateName: string,
  elements: readonly Json[],
): StatesError | undefined {
  let bytes = 1;
  for (const element of elements) {
    bytes += payloadBytes(element) + 1;
    if (bytes > view.limits.payloadBytesMax) return tooLargeIn(stateName);
  }
  return undefined;
}

function tooLargeIn(stateName: string): StatesError {
  return {
    error: "States.DataLimitExceeded",
    raisedBy: "Limit",
    cause:
      `The state/task '${stateName}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  };
}

/** The value itself, or the failure of the state whose record it would be too large for. */
export function fitting(view: ExecutionView, stateName: string, payload: Json): Evaluated<Json> {
  const tooLarge = dataLimitExceeded(view, stateName, payload);
  return tooLarge === undefined ? Result.succeed(payload) : Result.fail(tooLarge);
}
