/** A Parallel or Map that goes on in a redriven execution: children that succeeded are kept, the others go on where they were. */
import { Result } from "effect";
import type { Evaluated, State } from "../../src/language/types.ts";
import type { ActivityContext, ResumedState } from "../../src/protocol/mod.ts";
import { branchId, present } from "../../src/values/mod.ts";
import type { ExecutionView } from "../actor.ts";
import { type Entered, succeed } from "./entry.ts";
import { executionIdOf, type Place } from "./state_scope.ts";
import { startIteration } from "./states/map.ts";

/** Enters such a state: nothing is evaluated again. */
export function resumed(view: ExecutionView, state: State, place: Place, resume: ResumedState): Evaluated<Entered> {
  const { max = 0, items, maxConcurrency } = resume;
  const facts = {
    max,
    ...present({ items, maxConcurrency }),
  };
  if (max === 0) return Result.succeed({ facts, commands: [succeed(view, place, [])] });
  const { activityId } = place;
  if (state.Type === "Map") {
    const context: ActivityContext = { ...place, stateType: "Map", historyId: 0, retryCounts: [], resume, ...facts };
    return Result.map(startIteration(view, state, context, 0), (first) => ({ facts, commands: [first] }));
  }
  return Result.succeed({
    facts,
    commands: [{
      type: "StartBranchCommand",
      version: 1,
      branchId: branchId(activityId, 0),
      executionId: executionIdOf(view),
      activityId,
      index: 0,
      input: resume.children?.[0]?.input ?? place.input,
    }],
  });
}
