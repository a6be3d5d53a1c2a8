import { Result } from "effect";
import { effectiveInput, stateArguments } from "../../../src/language/mod.ts";
import type { ParallelState } from "../../../src/language/types.ts";
import { branchId } from "../../../src/values/mod.ts";
import type { Enter } from "../entry.ts";

/** Parallel: its first branch; each branch, once started, asks for the next. */
export const enterParallel: Enter<ParallelState> = ({ state, scope, place, executionId }) => {
  const { activityId } = place;
  const input = effectiveInput(state, scope);
  if (Result.isFailure(input)) return Result.fail(input.failure);
  return Result.map(stateArguments(state, scope, input.success), (args) => ({
    facts: { max: state.Branches.length },
    commands: [{
      type: "StartBranchCommand" as const,
      version: 1 as const,
      branchId: branchId(activityId, 0),
      executionId,
      activityId,
      index: 0,
      input: args,
    }],
  }));
};
