import type { BranchId, IterationId } from "../../src/values/mod.ts";
import type { ExecutionView } from "../actor.ts";

/** True while what an activity belongs to (a branch, an iteration, the execution itself) runs, and takes something new. */
export function parentRuns(
  view: ExecutionView,
  place: { readonly parentBranchId?: BranchId; readonly parentIterationId?: IterationId },
): boolean {
  if (view.execution().value !== "Running") return false;
  if (place.parentBranchId !== undefined) return view.branch(place.parentBranchId)?.value === "Running";
  if (place.parentIterationId !== undefined) return view.iteration(place.parentIterationId)?.value === "Running";
  return true;
}
