import { type TaskFamily, taskFamily } from "../../protocol/mod.ts";

/** A task's resource as the history tells it. */
export interface TaskResource {
  readonly family: TaskFamily;
  /** The whole resource; of `Task` only what follows its type. */
  readonly resource: string;
  /** `Task` only: the integration's name, such as `sqs` or `aws-sdk:dynamodb`. */
  readonly resourceType?: string;
}

/** Takes a resource apart. */
export function taskResource(resource: string): TaskResource {
  const family = taskFamily(resource);
  if (family !== "Task") return { family, resource };
  const [first = "", ...rest] = resource.replace(/^arn:[a-z-]+:states:::/, "").split(":");
  if (first !== "aws-sdk") return { family, resourceType: first, resource: rest.join(":") };
  const [service = "", ...action] = rest;
  return { family, resourceType: `${first}:${service}`, resource: action.join(":") };
}
