/** What an activity does when one of its children has ended. */
import { Result } from "effect";
import type { Command, CompleteStateCommand, EndStatus } from "../../src/protocol/mod.ts";
import { type ActivityId, type Json, parseChildId, present, type TaskId } from "../../src/values/mod.ts";
import { type ActivitySnapshot, BrokenInvariant, type ExecutionView } from "../actor.ts";
import { cancelChild, type ChildId, childKey } from "../child/child_records.ts";
import { elementsLimitExceeded, fail } from "./entry.ts";
import { startIteration } from "./states/map.ts";

interface End {
  readonly status: EndStatus;
  readonly output?: Json;
  readonly reason?: string;
  readonly message?: string;
}

/**
 * The commands that follow the end of `childId`, decided before the end is applied.
 *
 * While the activity runs: a failure ends it, the last success ends it, and a Map that was full starts its next iteration.
 * While it is completing: the next child is reclaimed, or, when none is left, the end that was put off comes.
 */
export function afterChild(
  view: ExecutionView,
  activityId: ActivityId,
  childId: ChildId,
  end: End,
): readonly Command[] {
  const activity = view.activity(activityId);
  if (activity === undefined) throw new BrokenInvariant(`Activity "${activityId}" of "${childId}" is not known`);
  const status = activity.context.branchStatus ?? activity.context.iterationStatus;
  if (status === undefined) throw new BrokenInvariant(`Activity "${activityId}" has no children`);
  if (activity.value === "Completing") return reclaimNext(view, activity, childId);
  if (end.status !== "Succeeded") return [completeState(activityId, end)];
  if (status.done + 1 === status.max) return [afterLastChild(view, activity, childId, end.output)];
  const { maxConcurrency = 0 } = activity.context;
  const wasFull = maxConcurrency > 0 && status.started - status.done >= maxConcurrency && status.started < status.max;
  if (!wasFull) return [];
  const state = view.machine.allStates.get(activity.context.stateName);
  if (state?.Type !== "Map") throw new BrokenInvariant(`"${activity.context.stateName}" is not a Map`);
  const next = startIteration(view, state, activity.context, status.started);
  return [Result.isSuccess(next) ? next.success : fail(activityId, next.failure)];
}

/** What follows from the success of the last child, decided before its end is applied. */
export function afterLastChild(
  view: ExecutionView,
  { context: { activityId, stateName } }: ActivitySnapshot,
  childId: ChildId,
  lastOutput: Json | undefined,
): CompleteStateCommand {
  const output = outputsWith(view, activityId, childId, lastOutput);
  const tooLarge = elementsLimitExceeded(view, stateName, output);
  return tooLarge === undefined
    ? completeState(activityId, { status: "Succeeded", output })
    : fail(activityId, tooLarge);
}

/** Children's outputs in the order of their index, `childId`'s being `output`: its end is not applied yet. */
function outputsWith(
  view: ExecutionView,
  activityId: ActivityId,
  childId: ChildId,
  output: Json | undefined,
): readonly Json[] {
  const outputs = [...view.childOutputs(activityId)];
  outputs[parseChildId(childId)?.index ?? outputs.length] = output ?? null;
  return outputs;
}

function reclaimNext(view: ExecutionView, activity: ActivitySnapshot, ended: string): readonly Command[] {
  const { activityId, ending } = activity.context;
  const next = view.openChildOf(activityId, ended);
  if (next !== undefined) return [cancelBelow(next)];
  if (ending === undefined) throw new BrokenInvariant(`Activity "${activityId}" is completing to no end`);
  return [completeState(activityId, ending)];
}

function completeState(activityId: ActivityId, end: End): CompleteStateCommand {
  return {
    type: "CompleteStateCommand",
    version: 1,
    activityId,
    status: end.status,
    ...present({ output: end.output, reason: end.reason, message: end.message }),
  };
}

/** Reclaims a branch, an iteration or a task. */
export function cancelBelow(id: string): Command {
  const child = childKey(id);
  return child === undefined ? { type: "CancelTaskCommand", version: 1, taskId: id as TaskId } : cancelChild(child);
}
