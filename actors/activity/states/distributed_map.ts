/** A distributed Map: its items are done by child executions, which a Map Run of the engine starts and awaits. */
import { Result } from "effect";
import { distributedMapFields, effectiveInput, mapItems, mapSettings } from "../../../src/language/mod.ts";
import type { Evaluated, MapState } from "../../../src/language/types.ts";
import type { MapRunOrder } from "../../../src/protocol/mod.ts";
import { type Json, MAP_RUN_RESOURCE, mapRunId, present, sha256Hex, uuidText } from "../../../src/values/mod.ts";
import type { ExecutionView } from "../../actor.ts";
import { drawTaskId } from "../draw_task_id.ts";
import { type Enter, fitting, startedInVain } from "../entry.ts";

/**
 * Evaluates what the Map Run needs and creates the task that stands for it. In a redriven execution the Map Run goes on: over the
 * items that it had, whatever their expression would give now.
 */
export const enterDistributedMap: Enter<MapState> = ({ view, state, scope, place, executionId }) => {
  const input = effectiveInput(state, scope);
  if (Result.isFailure(input)) return Result.fail(input.failure);
  const before = place.resume?.mapRun;
  const kept = place.resume?.items;
  const items: Evaluated<readonly Json[] | undefined> = kept === undefined && state.ItemReader === undefined
    ? mapItems(state, scope, input.success)
    : Result.succeed(kept);
  if (Result.isFailure(items)) return Result.fail(items.failure);
  const settings = mapSettings(state, scope, input.success);
  if (Result.isFailure(settings)) {
    return Result.succeed(startedInVain(place.activityId, items.success?.length ?? 0, settings.failure));
  }
  const fields = distributedMapFields(state, scope, input.success);
  if (Result.isFailure(fields)) return Result.fail(fields.failure);
  const redrive = before === undefined ? {} : { redrive: view.execution().context.redriveCount ?? 1 };
  const taskId = drawTaskId(view, MAP_RUN_RESOURCE);
  const order: MapRunOrder = {
    mapRun: before ?? mapRunId(executionId, taskId),
    ...redrive,
    label: labelOf(view, state),
    executionType: state.ItemProcessor.executionType ?? "STANDARD",
    ...settings.success,
    ...fields.success,
  };
  const fits = fitting(view, place.stateName, order as Json);
  if (Result.isFailure(fits)) return Result.fail(fits.failure);
  return Result.succeed({
    facts: {
      max: items.success?.length ?? 0,
      ...present({ items: items.success }),
      mapRun: order.mapRun,
    },
    commands: [{
      type: "CreateTaskCommand",
      version: 1,
      taskId,
      activityId: place.activityId,
      executionId,
      resource: MAP_RUN_RESOURCE,
      input: fits.success,
      hasChildren: true,
      ...redrive,
    }],
  });
};

/** `Label`, or one that stays the same as long as the definition does. */
function labelOf(view: ExecutionView, { Label, name }: MapState): string {
  return Label ?? uuidText(sha256Hex(`${view.execution().context.definitionHash}/${name}`));
}
