/** The details of each event of AWS's history, from the event of ours that it stands for. */
import type { Event, TaskActivatedEvent, TaskCreatedEvent, UntoldEvent } from "../../protocol/mod.ts";
import { type JsonObject, present } from "../../values/mod.ts";
import { assignedOf, errorOf, payload } from "./shown_values.ts";
import type { TaskResource } from "./task_resource.ts";

/** What an event's details say besides what stands in the event. */
export interface DetailSurroundings {
  readonly region: string;
  readonly roleArn: string;
  /** Name of the state that the event's activity runs. */
  readonly stateName: string;
  /** Of the event's task. */
  readonly resource: TaskResource | undefined;
  /** Items of the Map. */
  readonly length: number;
  /** Of the iteration that the event tells of. */
  readonly index: number;
  /** ARN of the Map Run that the event tells of. */
  readonly mapRunArn: string;
}

/** `{ [name of the details]: details }` of an event of this type; `{}` where AWS has none for it. */
export function eventDetails(type: string, event: Event, around: DetailSurroundings): JsonObject {
  if (type.startsWith("MapIteration")) return named(type, { name: around.stateName, index: around.index });
  if (type === "MapStateStarted") return named(type, { length: around.length });
  switch (event.type) {
    case "ExecutionStartedEvent":
      return named(type, { ...payload("input", event.input), roleArn: around.roleArn });
    case "ExecutionRedrivenEvent":
      return named(type, { redriveCount: event.redriveCount });
    case "ExecutionCompletedEvent":
      return named(type, type === "ExecutionSucceeded" ? payload("output", event.output) : errorOf(event));
    case "StateStartedEvent":
      return type.endsWith("StateEntered")
        ? { stateEnteredEventDetails: { name: around.stateName, ...payload("input", event.input) } }
        : {};
    case "EvaluationFailedEvent": {
      if (type !== "EvaluationFailed") return {};
      const { location } = event;
      return named(type, { state: around.stateName, ...errorOf(event), ...present({ location }) });
    }
    case "StateCompletedEvent":
      return type.endsWith("StateExited")
        ? {
          stateExitedEventDetails: {
            name: around.stateName,
            ...payload("output", event.output),
            ...assignedOf(event),
          },
        }
        : {};
    case "TaskCreatedEvent":
    case "TaskActivatedEvent":
    case "TaskSubmittedEvent":
    case "TaskCompletedEvent":
    case "TaskFailedEvent":
    case "TaskTimedOutEvent":
    case "TaskCanceledEvent":
      return around.resource === undefined ? {} : taskDetails(type, event, around, around.resource);
    case "StateRetryScheduledEvent":
    case "StateRetriedEvent":
    case "BranchCompletedEvent":
    case "IterationStartedEvent":
    case "IterationCancelingEvent":
    case "IterationCompletedEvent":
      return {}; // AWS has none, but for the two above
    default:
      event satisfies UntoldEvent;
      return {};
  }
}

function named(type: string, details: JsonObject): JsonObject {
  return { [`${type[0]?.toLowerCase()}${type.slice(1)}EventDetails`]: details };
}

type ToldOfTask = Exclude<Extract<Event, { readonly type: `Task${string}` }>, UntoldEvent>;

function taskDetails(
  type: string,
  event: ToldOfTask,
  around: DetailSurroundings,
  resource: TaskResource,
): JsonObject {
  const { family } = resource;
  const what = family === "Task"
    ? { resourceType: resource.resourceType ?? "", resource: resource.resource }
    : undefined;
  switch (event.type) {
    case "TaskCreatedEvent":
      return named(type, family === "MapRun" ? mapRunStarted(type, event, around) : scheduled(event, around, resource));
    case "TaskActivatedEvent":
      return started(type, event, what);
    case "TaskSubmittedEvent":
      return named(type, { ...what, ...payload("output", event.output) });
    case "TaskCompletedEvent":
      return type === "MapStateSucceeded" ? {} : named(type, { ...what, ...payload("output", event.output) });
    case "TaskFailedEvent":
      return named(type, { ...what, ...errorOf(event) });
    case "TaskTimedOutEvent":
      return named(type, family === "MapRun" ? {} : { ...what, error: "States.Timeout" });
    case "TaskCanceledEvent":
      return {};
    default:
      return event satisfies never;
  }
}

function mapRunStarted(type: string, { redrive = 1 }: TaskCreatedEvent, { mapRunArn }: DetailSurroundings): JsonObject {
  return type === "MapRunRedriven" ? { mapRunArn, redriveCount: redrive } : { mapRunArn };
}

function scheduled(event: TaskCreatedEvent, { region }: DetailSurroundings, what: TaskResource): JsonObject {
  const { timeoutSeconds: timeoutInSeconds, heartbeatSeconds: heartbeatInSeconds, roleArn, input } = event;
  return {
    resource: what.resource,
    ...(what.family === "Task"
      ? { resourceType: what.resourceType ?? "", region, parameters: JSON.stringify(input) }
      : payload("input", input)),
    ...present({ timeoutInSeconds }),
    // AWS's event of a Lambda function has no place for it.
    ...(what.family === "LambdaFunction" ? {} : present({ heartbeatInSeconds })),
    ...(roleArn === undefined ? {} : { taskCredentials: { roleArn } }),
  };
}

function started(type: string, { workerName }: TaskActivatedEvent, what: JsonObject | undefined): JsonObject {
  if (what !== undefined) return named(type, what);
  return type === "ActivityStarted" ? named(type, present({ workerName })) : {};
}
