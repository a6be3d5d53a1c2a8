import { Result } from "effect";
import { effectiveInput, itemInput, mapItems, mapSettings } from "../../../src/language/mod.ts";
import type { Evaluated, EvaluationScope, MapState } from "../../../src/language/types.ts";
import type { ActivityContext, StartIterationCommand } from "../../../src/protocol/mod.ts";
import { iterationId, type Json, type JsonObject } from "../../../src/values/mod.ts";
import type { ExecutionView } from "../../actor.ts";
import { elementsLimitExceeded, type Enter, fitting, startedInVain, succeed } from "../entry.ts";
import { resumedChild } from "../resumed_child.ts";
import { executionIdOf, StateScope } from "../state_scope.ts";
import { enterDistributedMap } from "./distributed_map.ts";

/**
 * Map: its first iteration; each iteration, once started, asks for the next while there is room. A distributed one hands its
 * items to a Map Run.
 */
export const enterMap: Enter<MapState> = (entry) =>
  entry.state.ItemProcessor.mode === "DISTRIBUTED" ? enterDistributedMap(entry) : enterInlineMap(entry);

const enterInlineMap: Enter<MapState> = ({ view, state, scope, place }) => {
  const input = effectiveInput(state, scope);
  if (Result.isFailure(input)) return Result.fail(input.failure);
  const items = mapItems(state, scope, input.success);
  if (Result.isFailure(items)) return Result.fail(items.failure);
  const settings = mapSettings(state, scope, input.success);
  if (Result.isFailure(settings)) {
    // Without a bound of its concurrency nothing has begun; the tolerated failures are asked for after that.
    const { ToleratedFailureCount: _count, ToleratedFailurePercentage: _percentage, ...bounded } = state;
    const bound = mapSettings(bounded, scope, input.success);
    if (Result.isFailure(bound)) return Result.fail(bound.failure);
    return Result.succeed(startedInVain(place.activityId, items.success.length, settings.failure));
  }
  if (items.success.length === 0) {
    return Result.succeed({ facts: { max: 0, items: [] }, commands: [succeed(view, place, [])] });
  }
  if (items.success.length > view.limits.mapItemsMax) {
    return Result.fail({
      error: "States.Runtime",
      raisedBy: "Runtime",
      cause:
        `The Map state '${place.stateName}' has ${items.success.length} items, more than the limit of ${view.limits.mapItemsMax}`,
    });
  }
  const tooLarge = elementsLimitExceeded(view, place.stateName, items.success);
  if (tooLarge !== undefined) return Result.fail(tooLarge);
  const first = iterationCommand(view, state, scope, place.activityId, items.success, 0);
  if (Result.isFailure(first)) {
    return Result.succeed(startedInVain(place.activityId, items.success.length, first.failure));
  }
  const { maxConcurrency } = settings.success;
  return Result.succeed({
    facts: {
      max: items.success.length,
      items: items.success,
      ...(maxConcurrency === 0 ? {} : { maxConcurrency }),
    },
    commands: [first.success],
  });
};

/** The command that starts iteration `index` of a running Map; fails as the state would: its ItemSelector found nothing. */
export function startIteration(
  view: ExecutionView,
  state: MapState,
  activity: ActivityContext,
  index: number,
): Evaluated<StartIterationCommand> {
  const before = resumedChild(activity, index);
  if (before !== undefined) return Result.succeed(startCommand(view, activity.activityId, index, before.input));
  const scope = new StateScope(view, activity);
  return iterationCommand(view, state, scope, activity.activityId, activity.items ?? [], index);
}

function iterationCommand(
  view: ExecutionView,
  state: MapState,
  scope: StateScope,
  activityId: ActivityContext["activityId"],
  items: readonly Json[],
  index: number,
) {
  const item = items[index] ?? null;
  const input = state.ItemSelector === undefined && state.Parameters === undefined
    ? Result.succeed(item)
    : Result.flatMap(
      effectiveInput(state, scope),
      (effective) => itemInput(state, withItem(scope, index, item), effective, item),
    );
  const fits = Result.flatMap(input, (input) => fitting(view, state.name, input));
  return Result.map(fits, (input) => startCommand(view, activityId, index, input));
}

function startCommand(
  view: ExecutionView,
  activityId: ActivityContext["activityId"],
  index: number,
  input: Json,
): StartIterationCommand {
  return {
    type: "StartIterationCommand",
    version: 1,
    iterationId: iterationId(activityId, index),
    executionId: executionIdOf(view),
    activityId,
    index,
    input,
  };
}

function withItem(scope: StateScope, index: number, item: Json): EvaluationScope {
  const contextObject: JsonObject = { ...scope.contextObject, Map: { Item: { Index: index, Value: item } } };
  return {
    rawInput: scope.rawInput,
    variables: scope.variables,
    draws: scope.draws,
    limits: scope.limits,
    budget: scope.budget,
    contextObject,
  };
}
