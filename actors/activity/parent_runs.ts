import type { BranchId, IterationId } from "../../src/values/mod.ts";
import { parentOf } from "../child/child_records.ts";
import { type ExecutionView, takesNew } from "../actor.ts";

/** True while what an activity belongs to (a branch, an iteration, the execution itself) runs, and takes something new. */
export function parentRuns(
  view: ExecutionView,
  place: { readonly parentBranchId?: BranchId; readonly parentIterationId?: IterationId },
): boolean {
  if (!takesNew(view.execution())) return false;
  const parentId = parentOf(place);
  return parentId === undefined || takesNew(view.child(parentId));
}
