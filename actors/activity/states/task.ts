import { Result } from "effect";
import { effectiveInput, stateArguments, taskCredentials, taskTimeouts } from "../../../src/language/mod.ts";
import type { TaskState } from "../../../src/language/types.ts";
import { isJsonObject, parseResource } from "../../../src/values/mod.ts";
import { type Enter, fitting } from "../entry.ts";

/** Executions started by these are aborted when the task is. @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html */
function startsChildren(text: string): boolean {
  const resource = parseResource(text);
  return resource.kind === "Service" && resource.call === "states:startExecution" &&
    (resource.pattern === "Sync" || resource.pattern === "Sync2");
}

/** Task: work for a worker. */
export const enterTask: Enter<TaskState> = ({ view, state, scope, place, executionId }) => {
  const input = effectiveInput(state, scope);
  if (Result.isFailure(input)) return Result.fail(input.failure);
  const args = stateArguments(state, scope, input.success);
  if (Result.isFailure(args)) return Result.fail(args.failure);
  const fits = fitting(view, place.stateName, args.success);
  if (Result.isFailure(fits)) return Result.fail(fits.failure);
  const credentials = taskCredentials(state, scope, input.success);
  if (Result.isFailure(credentials)) return Result.fail(credentials.failure);
  const { RoleArn: roleArn } = isJsonObject(credentials.success) ? credentials.success : {};
  return Result.map(taskTimeouts(state, scope, input.success), (timeouts) => ({
    facts: {},
    commands: [{
      type: "CreateTaskCommand" as const,
      version: 1 as const,
      // A task's scope has its id: `decideActivity` draws it before anything is evaluated.
      taskId: scope.requiredTaskId,
      activityId: place.activityId,
      executionId,
      resource: state.Resource,
      input: args.success,
      ...timeouts,
      ...(typeof roleArn === "string" ? { roleArn } : {}),
      ...(startsChildren(state.Resource) ? { hasChildren: true } : {}),
    }],
  }));
};
