/**
 * Which events of AWS's execution history each of our events stands for, in order.
 *
 * The history itself is made where the AWS API is served. The engine needs no more of it than how many events there are: so the id of
 * a state's `…StateEntered` is known when a cause names it ("entered at the event id #7"), and AWS's limit of events is counted in
 * AWS's events.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
 */
import { MAP_RUN_RESOURCE, parseResource, type Resource } from "../values/mod.ts";
import type { Event, ExecutionCompletedEvent, IterationCompletedEvent, StateCompletedEvent } from "./events.ts";
import type { HistoryPlace } from "./history_place.ts";

/** How AWS names the events of a task. */
export type TaskFamily = "LambdaFunction" | "Activity" | "Task" | "MapRun";

const familyOfKind: Readonly<Record<Resource["kind"], TaskFamily>> = {
  Service: "Task",
  Nats: "Task",
  Function: "LambdaFunction",
  Activity: "Activity",
  Worker: "Activity",
  Engine: "Activity",
};

/** The family of a resource; a name that is no ARN is a worker's, as an activity is. */
export function taskFamily(resource: string): TaskFamily {
  if (resource === MAP_RUN_RESOURCE) return "MapRun";
  return familyOfKind[parseResource(resource).kind];
}

type EventsByType = { readonly [Type in Event["type"]]: Extract<Event, { type: Type }> };
type Tellers = {
  readonly [Type in Event["type"]]:
    | ((event: EventsByType[Type], place: HistoryPlace) => readonly string[])
    | undefined;
};

const NONE: readonly string[] = [];

/** For each event what it is told as; `undefined`: AWS says nothing of it. A new event does not compile until it is said here. */
const tellers = {
  ExecutionStartedEvent: () => ["ExecutionStarted"],
  ExecutionRunningEvent: undefined,
  ExecutionCompletingEvent: undefined,
  ExecutionCancelingEvent: undefined,
  ExecutionCompletedEvent: (event) => [executionEnd(event)],
  ExecutionRedrivenEvent: () => ["ExecutionRedriven"],
  ExecutionDeletingEvent: undefined,
  StateStartedEvent: (event, { stateType = "" }) =>
    event.resume?.historyId === undefined ? [`${stateType}StateEntered`, ...childrenStarted(event, stateType)] : NONE,
  EvaluationFailedEvent: (event, place) => {
    const { stateType = "" } = place;
    return event.catcherIndex !== undefined && hasChildren(stateType)
      ? [...failedIteration(place), `${stateType}StateFailed`, "EvaluationFailed"]
      : ["EvaluationFailed"];
  },
  StateCompletingEvent: undefined,
  StateRetryScheduledEvent: (_event, place) => failedIteration(place),
  StateRetriedEvent: (event, { stateType = "" }) => childrenStarted(event, stateType),
  StateCompletedEvent: (event, place) =>
    event.status === "Failed" && event.catcherIndex !== undefined // told with the catcher's evaluation
      ? stateEnd(event, place)
      : [...failedIteration(place), ...stateEnd(event, place)],
  BranchStartedEvent: undefined,
  BranchCancelingEvent: undefined,
  // What is taken over from before a redrive has been told.
  BranchCompletedEvent: ({ isKept = false }, { isLastChild = false }) =>
    isLastChild && !isKept ? ["ParallelStateSucceeded"] : NONE,
  IterationStartedEvent: ({ isKept = false }) => isKept ? NONE : ["MapIterationStarted"],
  IterationCancelingEvent: () => ["MapIterationAborted"],
  IterationCompletedEvent: (event, place) => event.isKept === true ? NONE : iterationEnd(event, place),
  TaskCreatedEvent: ({ redrive }, place) => {
    const family = familyIn(place);
    if (family !== "MapRun") return [`${family}Scheduled`];
    return [redrive === undefined ? "MapRunStarted" : "MapRunRedriven"];
  },
  TaskActivatedEvent: (_event, place) => unlessMapRun(place, "Started"),
  TaskHeartbeatRecordedEvent: undefined,
  TaskSubmittedEvent: (_event, place) => unlessMapRun(place, "Submitted"),
  TaskReclaimingEvent: undefined,
  TaskCompletedEvent: (_event, place) => {
    const family = familyIn(place);
    return family === "MapRun" ? ["MapRunSucceeded", "MapStateSucceeded"] : [`${family}Succeeded`];
  },
  TaskFailedEvent: (_event, place) => [`${familyIn(place)}Failed`],
  TaskTimedOutEvent: (_event, place) => {
    const family = familyIn(place);
    return [family === "MapRun" ? "MapRunFailed" : `${family}TimedOut`];
  },
  TaskCanceledEvent: (_event, place) => familyIn(place) === "MapRun" ? ["MapRunAborted"] : NONE,
  TimerFiredEvent: undefined,
} satisfies Tellers;

type UntoldType = { [Type in Event["type"]]: (typeof tellers)[Type] extends undefined ? Type : never }[Event["type"]];
/** Events that AWS's history says nothing of. */
export type UntoldEvent = Extract<Event, { readonly type: UntoldType }>;

/** Types of the events that `event` stands for, wherever its execution tells of it at all ({@link historyPlace}). */
export function historyTypes(event: Event, place: HistoryPlace): readonly string[] {
  return tell(event.type, event, place);
}

function tell<Type extends Event["type"]>(type: Type, event: EventsByType[Type], place: HistoryPlace) {
  const all: Tellers = tellers;
  return all[type]?.(event, place) ?? NONE;
}

function executionEnd({ status, timedOut }: ExecutionCompletedEvent): string {
  if (status === "Canceled") return "ExecutionAborted";
  return timedOut === true ? "ExecutionTimedOut" : `Execution${status}`;
}

function hasChildren(stateType: string): boolean {
  return stateType === "Parallel" || stateType === "Map";
}

function childrenStarted({ max }: { readonly max?: number }, stateType: string): readonly string[] {
  return max !== undefined && hasChildren(stateType) ? [`${stateType}StateStarted`] : NONE;
}

/** The first iteration that fails is told of with its Map's failure, behind those that are aborted because of it. */
function iterationEnd({ status }: IterationCompletedEvent, place: HistoryPlace): readonly string[] {
  if (status === "Succeeded") {
    return place.isLastChild === true ? ["MapIterationSucceeded", "MapStateSucceeded"] : ["MapIterationSucceeded"];
  }
  if (place.isCanceling === true || (status === "Failed" && place.hasFailedChild !== true)) return NONE;
  return ["MapIterationAborted"];
}

function failedIteration({ stateType, hasFailedChild }: HistoryPlace): readonly string[] {
  return stateType === "Map" && hasFailedChild === true ? ["MapIterationFailed"] : NONE;
}

/** A state that is left inside a branch or iteration without being exited is aborted, where its type has an event for that. */
function stateEnd(
  { status, catcherIndex, isFatal }: StateCompletedEvent,
  { stateType = "", isNested, isEmpty }: HistoryPlace,
): readonly string[] {
  if (status === "Succeeded") {
    const exited = `${stateType}StateExited`;
    if (catcherIndex !== undefined && hasChildren(stateType)) return [`${stateType}StateFailed`, exited];
    return isEmpty === true ? [`${stateType}StateSucceeded`, exited] : [exited];
  }
  if (isFatal === true) return NONE;
  if (status === "Failed" && hasChildren(stateType)) return [`${stateType}StateFailed`];
  const isAborted = isNested === true &&
    (stateType === "Task" || (status === "Canceled" && (stateType === "Wait" || hasChildren(stateType))));
  return isAborted ? [`${stateType}StateAborted`] : NONE;
}

function familyIn({ resource = "" }: HistoryPlace): TaskFamily {
  return taskFamily(resource);
}

function unlessMapRun(place: HistoryPlace, what: string): readonly string[] {
  const family = familyIn(place);
  return family === "MapRun" ? NONE : [`${family}${what}`];
}
