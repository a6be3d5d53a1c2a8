/** Which action each operation of each surface is. A test holds that none is missing. */
import type { Action } from "./roles.ts";

function table(groups: Partial<Readonly<Record<Action, readonly string[]>>>): ReadonlyMap<string, Action> {
  const found = new Map<string, Action>();
  for (const [action, operations] of Object.entries(groups)) {
    for (const operation of operations) found.set(operation, action as Action);
  }
  return found;
}

/** Operations of the AWS API. */
export const awsActions = table({
  "workflows:read": [
    "DescribeActivity",
    "DescribeStateMachine",
    "DescribeStateMachineAlias",
    "ListActivities",
    "ListStateMachineAliases",
    "ListStateMachineVersions",
    "ListStateMachines",
    "ListTagsForResource",
    "ValidateStateMachineDefinition",
  ],
  "workflows:write": [
    "CreateActivity",
    "CreateStateMachine",
    "CreateStateMachineAlias",
    "DeleteActivity",
    "DeleteStateMachine",
    "DeleteStateMachineAlias",
    "DeleteStateMachineVersion",
    "PublishStateMachineVersion",
    "TagResource",
    "UntagResource",
    "UpdateStateMachine",
    "UpdateStateMachineAlias",
  ],
  "executions:read": [
    "DescribeExecution",
    "DescribeMapRun",
    "DescribeStateMachineForExecution",
    "GetExecutionHistory",
    "ListExecutions",
    "ListMapRuns",
  ],
  "executions:start": ["StartExecution", "StartSyncExecution"],
  "executions:control": ["RedriveExecution", "StopExecution", "UpdateMapRun"],
  "tasks:work": ["GetActivityTask", "SendTaskFailure", "SendTaskHeartbeat", "SendTaskSuccess"],
  "states:test": ["TestState"],
});

/** Operations of the console, as they stand behind `/weft/`. */
export const consoleActions = table({
  "executions:read": [
    "executions/counts",
    "executions/describe",
    "executions/event",
    "executions/find",
    "executions/history",
    "executions/list",
    "feed",
    "stream",
  ],
  "executions:control": ["executions/redrive", "executions/stop"],
  "executions:delete": ["executions/delete"],
  "tasks:work": ["tasks/complete", "tasks/fail"],
  "engine:read": ["engine", "overview"],
});

/** Requests of EventBridge Scheduler's API, by their method. */
export const schedulerActions = table({
  "workflows:read": ["GET"],
  "workflows:write": ["DELETE", "POST", "PUT"],
});

/** Requests on NATS, by what stands behind tenant and namespace. There the server checks, by permissions that are made of this table. */
export const natsActions = table({
  "workflows:read": [
    "schedules.describe",
    "schedules.list",
    "triggers.describe",
    "triggers.list",
    "workflows.describe",
    "workflows.list",
    "workflows.validate",
  ],
  "workflows:write": [
    "schedules.delete",
    "schedules.put",
    "workflows.delete",
    "workflows.put",
  ],
  "executions:read": ["executions.describe", "executions.history", "executions.list"],
  "executions:start": ["executions.start"],
  "executions:control": ["executions.cancel", "executions.redrive"],
  "executions:delete": ["executions.delete"],
  // A trigger may listen to any stream of the engines' account, and write its dead letters anywhere: no tenant's user may say so.
  "engine:manage": ["triggers.delete", "triggers.put"],
  "tasks:work": ["tasks.activate", "tasks.complete", "tasks.fail", "tasks.heartbeat"],
});
