import { type TaskFamily, taskFamily } from "../../protocol/mod.ts";
import { parseResource, patternSuffix } from "../../values/mod.ts";

/** A task's resource as the history tells it. */
export interface TaskResource {
  readonly family: TaskFamily;
  /** The whole resource; of `Task` only what follows its type. */
  readonly resource: string;
  /** `Task` only: the integration's name, such as `sqs` or `aws-sdk:dynamodb`. */
  readonly resourceType?: string;
}

/** Takes a resource apart. */
export function taskResource(text: string): TaskResource {
  const family = taskFamily(text);
  const resource = parseResource(text);
  switch (resource.kind) {
    case "Service": {
      const resourceType = resource.isSdk ? `aws-sdk:${resource.service}` : resource.service;
      return { family, resourceType, resource: resource.action + patternSuffix[resource.pattern] };
    }
    case "Nats":
      return { family, resourceType: "nats", resource: text.slice("nats:".length) };
    default:
      return { family, resource: text };
  }
}
