/**
 * Where in its execution an event happens, as far as AWS's history tells events apart by that.
 *
 * Two read it: the engine, which counts AWS's events, and whoever writes them. Each brings a view of what it knows of the actors, and
 * asks before it takes the event in.
 */
import type { ActivityId, IterationId, TaskId } from "../values/mod.ts";
import { type Event, type EventOfExecution, type EventOfTask, isOfExecution, isOfTask } from "./events.ts";
import type { UntoldEvent } from "./history_types.ts";

/** Where in the execution the event happened. */
export interface HistoryPlace {
  /** Type of the state that the event's activity runs. */
  readonly stateType?: string;
  /** It runs inside a branch or an iteration. */
  readonly isNested?: boolean;
  /** Of the event's task. */
  readonly resource?: string;
  /** The child that ends is the last, and all before it have succeeded. */
  readonly isLastChild?: boolean;
  /** The child that ends has been told to. */
  readonly isCanceling?: boolean;
  /** A child of the state, another one than that which ends, has failed. */
  readonly hasFailedChild?: boolean;
  /** The Map has no items. */
  readonly isEmpty?: boolean;
}

/** A state that runs, as far as places need it. */
export interface StateView {
  readonly stateType: string;
  /** It runs inside a branch or an iteration. */
  readonly isNested: boolean;
  /** Branches or iterations that there are to be; `undefined` where there are none, or a Map Run has them. */
  readonly childrenMax: number | undefined;
}

/** What is known of an execution before the event in question. Asked only for what the event's type needs. */
export interface HistoryView {
  /** False from when it is wound up, or before it begins. */
  isRunning(): boolean;
  state(id: ActivityId): StateView | undefined;
  /** All children that the state is to have, but for the one of this index, have succeeded in this attempt. */
  othersHaveSucceeded(id: ActivityId, index: number): boolean;
  /** A child has failed, and the state has not told of it yet. */
  hasFailedChild(id: ActivityId): boolean;
  /** The iteration has been told to end. */
  isCanceling(id: IterationId): boolean;
  resourceOf(id: TaskId): string | undefined;
}

/** Of events that need none to be told. */
const NOWHERE: HistoryPlace = {};

/**
 * The place of an event, for {@link historyTypes}; `undefined`: it is not told, as nothing is while an execution is wound up but for
 * its end.
 *
 * Pure. The engine counts with it (`actors/history_of_actors.ts` is its view); a writer of the history gives a view of the states,
 * children and tasks that it has read of, asks before it takes the event in, and writes the types that {@link historyTypes} then
 * gives: so both number the history alike.
 */
export function historyPlace(event: Event, view: HistoryView): HistoryPlace | undefined {
  if (isOfExecution(event)) return NOWHERE;
  if (!view.isRunning()) return undefined;
  return isOfTask(event) ? placeOfTask(event, view) : placeBelow(event, view);
}

function placeOfTask(event: EventOfTask, view: HistoryView): HistoryPlace {
  if (event.type === "TaskCreatedEvent") return event;
  const resource = view.resourceOf(event.taskId);
  return resource === undefined ? NOWHERE : { resource };
}

function placeBelow(event: Exclude<Event, EventOfExecution | EventOfTask>, view: HistoryView): HistoryPlace {
  switch (event.type) {
    case "StateStartedEvent":
      return event;
    case "IterationStartedEvent":
    case "IterationCancelingEvent":
      return NOWHERE;
    case "EvaluationFailedEvent":
    case "StateRetryScheduledEvent":
    case "StateRetriedEvent":
    case "StateCompletedEvent":
      return placeOfState(event, view);
    case "BranchCompletedEvent":
      return { isLastChild: isLastChild(event, view) };
    case "IterationCompletedEvent":
      if (event.status === "Succeeded") return { isLastChild: isLastChild(event, view) };
      return {
        isCanceling: view.isCanceling(event.iterationId),
        hasFailedChild: event.status === "Failed" && view.hasFailedChild(event.activityId),
      };
    default:
      event satisfies UntoldEvent;
      return NOWHERE;
  }
}

type StateEvent = Extract<
  Event,
  { type: "EvaluationFailedEvent" | "StateRetryScheduledEvent" | "StateRetriedEvent" | "StateCompletedEvent" }
>;

function placeOfState(event: StateEvent, view: HistoryView): HistoryPlace {
  const state = view.state(event.activityId);
  if (state === undefined) return NOWHERE;
  const { stateType, isNested, childrenMax } = state;
  return {
    stateType,
    isNested,
    isEmpty: childrenMax === 0,
    hasFailedChild: mayTellOfChild(event) && view.hasFailedChild(event.activityId),
  };
}

/** A state tells of the child that failed with its own failure, caught or not, or with its retry. */
function mayTellOfChild(event: StateEvent): boolean {
  if (event.type === "StateRetriedEvent") return false;
  return event.type !== "StateCompletedEvent" || event.status !== "Succeeded" || event.catcherIndex !== undefined;
}

function isLastChild(
  { activityId, index, status }: Extract<Event, { type: "BranchCompletedEvent" | "IterationCompletedEvent" }>,
  view: HistoryView,
): boolean {
  return status === "Succeeded" && view.othersHaveSucceeded(activityId, index);
}
