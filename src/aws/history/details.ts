/** The details of each event of AWS's history, from the event of ours that it stands for. */
import type { HistoryEvent } from "../../runtime/mod.ts";
import { type JsonObject, present } from "../../values/mod.ts";
import { errorOf, number, object, payload, text } from "./facts.ts";
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
  /** ARN of the Map Run that the event tells of. */
  readonly mapRunArn: string;
}

/** `{ [name of the details]: details }` of an event of this type; `{}` where AWS has none for it. */
export function eventDetails(type: string, event: HistoryEvent, around: DetailSurroundings): JsonObject {
  if (type.endsWith("StateEntered")) {
    return { stateEnteredEventDetails: { name: around.stateName, ...payload("input", event["input"]) } };
  }
  if (type.endsWith("StateExited")) return { stateExitedEventDetails: exited(event, around) };
  if (type.startsWith("MapIteration")) {
    return named(type, { name: around.stateName, index: number(event, "index") ?? 0 });
  }
  switch (type) {
    case "MapStateStarted":
      return named(type, { length: around.length });
    case "EvaluationFailed": {
      const location = text(event, "location");
      return named(type, {
        state: around.stateName,
        ...errorOf(event),
        ...present({ location }),
      });
    }
    case "MapRunStarted":
      return named(type, { mapRunArn: around.mapRunArn });
    case "MapRunRedriven":
      return named(type, { mapRunArn: around.mapRunArn, redriveCount: number(event, "redrive") ?? 1 });
    case "MapRunFailed":
      return named(type, errorOf(event));
    default:
      return type.startsWith("Execution") ? named(type, execution(type, event, around)) : task(type, event, around);
  }
}

function named(type: string, details: JsonObject): JsonObject {
  return { [`${type[0]?.toLowerCase()}${type.slice(1)}EventDetails`]: details };
}

function exited(event: HistoryEvent, { stateName }: DetailSurroundings): JsonObject {
  const assigned = object(event, "assigned");
  return {
    name: stateName,
    ...payload("output", event["output"]),
    ...(assigned === undefined ? {} : {
      assignedVariables: Object.fromEntries(
        Object.entries(assigned).map(([name, value]) => [name, JSON.stringify(value)]),
      ),
      assignedVariablesDetails: { truncated: false },
    }),
  };
}

function execution(type: string, event: HistoryEvent, { roleArn }: DetailSurroundings): JsonObject {
  if (type === "ExecutionStarted") return { ...payload("input", event["input"]), roleArn };
  if (type === "ExecutionRedriven") return { redriveCount: number(event, "redriveCount") ?? 0 };
  return type === "ExecutionSucceeded" ? payload("output", event["output"]) : errorOf(event);
}

function task(type: string, event: HistoryEvent, around: DetailSurroundings): JsonObject {
  const { resource } = around;
  if (resource === undefined) return {};
  const { family } = resource;
  const what = family === "Task"
    ? { resourceType: resource.resourceType ?? "", resource: resource.resource }
    : undefined;
  switch (type) {
    case `${family}Scheduled`:
      return named(type, scheduled(event, around, resource));
    case `${family}Started`:
      return started(type, event, what);
    case `${family}Succeeded`:
    case `${family}Submitted`:
      return named(type, { ...what, ...payload("output", event["output"]) });
    case `${family}Failed`:
      return named(type, { ...what, ...errorOf(event) });
    case `${family}TimedOut`:
      return named(type, { ...what, error: "States.Timeout" });
    default:
      return {};
  }
}

function scheduled(event: HistoryEvent, { region }: DetailSurroundings, what: TaskResource): JsonObject {
  const timeoutInSeconds = number(event, "timeoutSeconds");
  const heartbeatInSeconds = number(event, "heartbeatSeconds");
  const credentials = text(event, "roleArn");
  return {
    resource: what.resource,
    ...(what.family === "Task"
      ? { resourceType: what.resourceType ?? "", region, parameters: JSON.stringify(event["input"] ?? null) }
      : payload("input", event["input"])),
    ...present({ timeoutInSeconds }),
    // AWS's event of a Lambda function has no place for it.
    ...(heartbeatInSeconds === undefined || what.family === "LambdaFunction" ? {} : { heartbeatInSeconds }),
    ...(credentials === undefined ? {} : { taskCredentials: { roleArn: credentials } }),
  };
}

function started(type: string, event: HistoryEvent, what: JsonObject | undefined): JsonObject {
  if (what !== undefined) return named(type, what);
  const workerName = text(event, "workerName");
  return type === "ActivityStarted" ? named(type, present({ workerName })) : {};
}
