import { Result } from "effect";
import { effectiveInput, stateArguments } from "../../../src/language/mod.ts";
import type { ParallelState } from "../../../src/language/types.ts";
import { branchId } from "../../../src/values/mod.ts";
import { type Enter, fitting } from "../entry.ts";

/** Parallel: its first branch; each branch, once started, asks for the next. */
export const enterParallel: Enter<ParallelState> = ({ view, state, scope, place, executionId }) => {
  const { activityId } = place;
  const input = effectiveInput(state, scope);
  if (Result.isFailure(input)) return Result.fail(input.failure);
  const args = Result.flatMap(
    stateArguments(state, scope, input.success),
    (args) => fitting(view, place.stateName, args),
  );
  return Result.map(args, (input) => ({
    facts: { max: state.Branches.length },
    commands: [{
      type: "StartBranchCommand" as const,
      version: 1 as const,
      branchId: branchId(activityId, 0),
      executionId,
      activityId,
      index: 0,
      input,
    }],
  }));
};
