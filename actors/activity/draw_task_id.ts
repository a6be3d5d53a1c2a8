import { hash7, parseExecutionId, type TaskId, taskId } from "../../src/values/mod.ts";
import { BrokenInvariant, type ExecutionView } from "../actor.ts";
import { executionIdOf } from "./state_scope.ts";

/** A new task's id, for work of this resource. */
export function drawTaskId(view: ExecutionView, resource: string): TaskId {
  const space = parseExecutionId(executionIdOf(view));
  if (space === undefined) throw new BrokenInvariant(`"${executionIdOf(view)}" is not an execution's id`);
  return taskId(space, hash7(resource), view.draws.timestamp());
}
