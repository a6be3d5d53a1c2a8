/**
 * Which events of AWS's execution history each of our events stands for, in order.
 *
 * The history itself is made where the AWS API is served. The engine needs no more of it than how many events there are: so the id of
 * a state's `…StateEntered` is known when a cause names it ("entered at the event id #7"), and AWS's limit of events is counted in
 * AWS's events.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
 */
import { MAP_RUN_RESOURCE } from "./map_run_order.ts";

/** What of an event decides: every event of the protocol has these fields by these names, or has not. */
export interface HistoryFacts {
  readonly type: string;
  readonly status?: string;
  /** Parallel, Map: how many children there will be. */
  readonly max?: number;
  /** The catcher that took the error, or whose own expression failed. */
  readonly catcherIndex?: number;
  readonly isFatal?: boolean;
  readonly timedOut?: boolean;
  /** The state goes on in a redriven execution. */
  readonly resume?: { readonly historyId?: number };
  /** The Map Run of the task goes on in a redriven execution. */
  readonly redrive?: number;
  /** The child is taken over from before a redrive. */
  readonly isKept?: boolean;
}

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

/** How AWS names the events of a task. */
export type TaskFamily = "LambdaFunction" | "Activity" | "Task" | "MapRun";

/** The family of a resource; a name that is no ARN is a worker's, as an activity is. */
export function taskFamily(resource: string): TaskFamily {
  if (resource === MAP_RUN_RESOURCE) return "MapRun";
  if (/^arn:[a-z-]+:lambda:/.test(resource)) return "LambdaFunction";
  return /^(arn:[a-z-]+:states:::|nats:)/.test(resource) ? "Task" : "Activity";
}

/** Types of the events that `event` stands for; none while its execution is being wound up, but for its end. */
export function historyTypes(event: HistoryFacts, place: HistoryPlace): readonly string[] {
  const { stateType = "" } = place;
  if (event.isKept === true) return [];
  switch (event.type) {
    case "ExecutionRedrivenEvent":
      return ["ExecutionRedriven"];
    case "ExecutionStartedEvent":
      return ["ExecutionStarted"];
    case "ExecutionCompletedEvent":
      return [executionEnd(event)];
    case "StateStartedEvent":
      if (event.resume?.historyId !== undefined) return [];
      return [`${stateType}StateEntered`, ...childrenStarted(event, stateType)];
    case "StateRetriedEvent":
      return childrenStarted(event, stateType);
    case "StateRetryScheduledEvent":
      return failedIteration(place);
    case "EvaluationFailedEvent":
      return event.catcherIndex !== undefined && hasChildren(stateType)
        ? [...failedIteration(place), `${stateType}StateFailed`, "EvaluationFailed"]
        : ["EvaluationFailed"];
    case "StateCompletedEvent":
      return event.status === "Failed" && event.catcherIndex !== undefined // told with the catcher's evaluation
        ? stateEnd(event, place)
        : [...failedIteration(place), ...stateEnd(event, place)];
    case "BranchCompletedEvent":
      return place.isLastChild === true ? ["ParallelStateSucceeded"] : [];
    case "IterationStartedEvent":
      return ["MapIterationStarted"];
    case "IterationCancelingEvent":
      return ["MapIterationAborted"];
    case "IterationCompletedEvent":
      return iterationEnd(event, place);
    default:
      return taskEvents(event, taskFamily(place.resource ?? ""));
  }
}

function executionEnd({ status, timedOut }: HistoryFacts): string {
  if (status === "Canceled") return "ExecutionAborted";
  return timedOut === true ? "ExecutionTimedOut" : `Execution${status}`;
}

function hasChildren(stateType: string): boolean {
  return stateType === "Parallel" || stateType === "Map";
}

function childrenStarted({ max }: HistoryFacts, stateType: string): readonly string[] {
  return max !== undefined && hasChildren(stateType) ? [`${stateType}StateStarted`] : [];
}

/** The first iteration that fails is told of with its Map's failure, behind those that are aborted because of it. */
function iterationEnd({ status }: HistoryFacts, place: HistoryPlace): readonly string[] {
  if (status === "Succeeded") {
    return place.isLastChild === true ? ["MapIterationSucceeded", "MapStateSucceeded"] : ["MapIterationSucceeded"];
  }
  if (place.isCanceling === true || (status === "Failed" && place.hasFailedChild !== true)) return [];
  return ["MapIterationAborted"];
}

function failedIteration({ stateType, hasFailedChild }: HistoryPlace): readonly string[] {
  return stateType === "Map" && hasFailedChild === true ? ["MapIterationFailed"] : [];
}

/** A state that is left inside a branch or iteration without being exited is aborted, where its type has an event for that. */
function stateEnd(
  { status, catcherIndex, isFatal }: HistoryFacts,
  { stateType = "", isNested, isEmpty }: HistoryPlace,
): readonly string[] {
  if (status === "Succeeded") {
    const exited = `${stateType}StateExited`;
    if (catcherIndex !== undefined && hasChildren(stateType)) return [`${stateType}StateFailed`, exited];
    return isEmpty === true ? [`${stateType}StateSucceeded`, exited] : [exited];
  }
  if (isFatal === true) return [];
  if (status === "Failed" && hasChildren(stateType)) return [`${stateType}StateFailed`];
  const isAborted = isNested === true &&
    (stateType === "Task" || (status === "Canceled" && (stateType === "Wait" || hasChildren(stateType))));
  return isAborted ? [`${stateType}StateAborted`] : [];
}

function taskEvents({ type, redrive }: HistoryFacts, family: TaskFamily): readonly string[] {
  switch (type) {
    case "TaskCreatedEvent":
      if (family !== "MapRun") return [`${family}Scheduled`];
      return [redrive === undefined ? "MapRunStarted" : "MapRunRedriven"];
    case "TaskActivatedEvent":
      return family === "MapRun" ? [] : [`${family}Started`];
    case "TaskSubmittedEvent":
      return family === "MapRun" ? [] : [`${family}Submitted`];
    case "TaskCompletedEvent":
      return family === "MapRun" ? ["MapRunSucceeded", "MapStateSucceeded"] : [`${family}Succeeded`];
    case "TaskFailedEvent":
      return [`${family}Failed`];
    case "TaskTimedOutEvent":
      return [family === "MapRun" ? "MapRunFailed" : `${family}TimedOut`];
    case "TaskCanceledEvent":
      return family === "MapRun" ? ["MapRunAborted"] : [];
    default:
      return [];
  }
}
