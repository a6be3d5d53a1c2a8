/** Decisions of a branch of Parallel or an iteration of Map. */
import { Result } from "effect";
import type { ActivityContext, Command } from "../../src/protocol/mod.ts";
import { type ActivityId, activityId, branchId, type Json } from "../../src/values/mod.ts";
import { accept, type ActivitySnapshot, BrokenInvariant, type Decision, type ExecutionView, reject } from "../actor.ts";
import { afterChild, afterLastChild } from "../activity/after_child.ts";
import { fail } from "../activity/entry.ts";
import { parentRuns } from "../activity/parent_runs.ts";
import { childStart, keptChild, resumedChild, variablesOf } from "../activity/resumed_child.ts";
import { startIteration } from "../activity/states/map.ts";
import { can } from "../flat_machine.ts";
import { activities, children } from "../machines.ts";
import {
  type CancelChildCommand,
  childCanceling,
  type ChildCommand,
  childCompleted,
  childIdOf,
  childName,
  childStarted,
  type CompleteChildCommand,
  type StartChildCommand,
} from "./child_records.ts";

/** Decides a command to a branch or an iteration. Pure. */
export function decideChild(view: ExecutionView, command: ChildCommand): Decision {
  switch (command.type) {
    case "StartBranchCommand":
    case "StartIterationCommand":
      return decideStart(view, command);
    case "CompleteBranchCommand":
    case "CompleteIterationCommand":
      return decideComplete(view, command);
    case "CancelBranchCommand":
    case "CancelIterationCommand":
      return decideCancel(view, command);
    default:
      return command satisfies never;
  }
}

function decideComplete(
  view: ExecutionView,
  command: CompleteChildCommand | (CancelChildCommand & Pick<CompleteChildCommand, "status">),
): Decision {
  const id = childIdOf(command);
  const child = view.child(id);
  if (child === undefined) return ended(command);
  const { activityId, index } = child.context;
  const { type: _type, version: _version, ...end } = command;
  const event = childCompleted(command, { activityId, index, ...end });
  if (!can(children, child, event)) return ended(command);
  return accept([event], afterChild(view, activityId, id, command));
}

/** With nothing below it ends at once; else what is below is reclaimed first. */
function decideCancel(view: ExecutionView, command: CancelChildCommand): Decision {
  const id = childIdOf(command);
  const below = view.openChildOf(id) as ActivityId | undefined;
  if (below === undefined) return decideComplete(view, { ...command, status: "Canceled" });
  const child = view.child(id);
  const event = childCanceling(command);
  if (child === undefined || !can(children, child, event)) {
    return reject(
      command,
      "InvalidStatus",
      `Expected ${childName(command)} "${id}" to be Running, but it is Canceling`,
    );
  }
  return accept([event], [{ type: "CancelStateCommand", version: 1, activityId: below }]);
}

function ended(command: ChildCommand): Decision {
  return reject(
    command,
    "InvalidStatus",
    `Expected ${childName(command)} "${childIdOf(command)}" to be Running, but it has ended`,
  );
}

function decideStart(view: ExecutionView, command: StartChildCommand): Decision {
  const { type: _type, version: _version, executionId, ...facts } = command;
  const { index, input } = facts;
  const activity = view.activity(facts.activityId);
  const status = activity === undefined ? undefined : progress(activity.context, command);
  const event = childStarted(command, facts);
  if (
    activity === undefined || status?.started !== index || !can(activities, activity, event) ||
    !parentRuns(view, activity.context)
  ) {
    return reject(
      command,
      "InvalidStatus",
      `Expected "${facts.activityId}" to wait for ${childName(command)} ${index}, but it does not`,
    );
  }
  const before = resumedChild(activity.context, index);
  const hasMore = index + 1 < status.max;
  if (before?.output !== undefined) {
    const events = keptChild(event, before.output);
    if (status.done + 1 === status.max) {
      return accept(events, [afterLastChild(view, activity, childIdOf(command), before.output)]);
    }
    // One that succeeded before a redrive takes no room of those that run.
    return accept(events, hasMore ? [startNext(view, activity, command)] : []);
  }
  const first: Command = {
    type: "StartStateCommand",
    version: 1,
    activityId: activityId(executionId, view.draws.timestamp()),
    executionId,
    ...childStart(before, startAtOf(view, activity.context, index), input),
    ...parentOf(command),
  };
  const { maxConcurrency = 0 } = activity.context;
  const hasRoom = maxConcurrency === 0 || index + 1 - status.done < maxConcurrency;
  return accept(
    [{ ...event, ...variablesOf(before) }],
    hasMore && hasRoom ? [first, startNext(view, activity, command)] : [first],
  );
}

/** What is known of the children of this kind; `undefined`: the state has none such. */
function progress({ branchStatus, iterationStatus }: ActivityContext, command: StartChildCommand) {
  return command.type === "StartBranchCommand" ? branchStatus : iterationStatus;
}

function parentOf(command: StartChildCommand) {
  return command.type === "StartBranchCommand"
    ? { parentBranchId: command.branchId }
    : { parentIterationId: command.iterationId };
}

function startAtOf(view: ExecutionView, { stateName }: ActivityContext, index: number): string {
  const state = view.machine.allStates.get(stateName);
  const machine = state?.Type === "Parallel"
    ? state.Branches[index]
    : state?.Type === "Map"
    ? state.ItemProcessor
    : undefined;
  if (machine === undefined) throw new BrokenInvariant(`Child ${index} of "${stateName}" is not defined`);
  return machine.StartAt;
}

/** Branches have one input, iterations one each: if that cannot be evaluated, the state fails. */
function startNext(view: ExecutionView, { context }: ActivitySnapshot, command: StartChildCommand): Command {
  const index = command.index + 1;
  if (command.type === "StartBranchCommand") return { ...command, ...nextBranch(context, index, command.input) };
  const state = view.machine.allStates.get(context.stateName);
  if (state?.Type !== "Map") throw new BrokenInvariant(`"${context.stateName}" is not a Map`);
  const next = startIteration(view, state, context, index);
  return Result.isSuccess(next) ? next.success : fail(context.activityId, next.failure);
}

function nextBranch(context: ActivityContext, index: number, input: Json) {
  return {
    branchId: branchId(context.activityId, index),
    index,
    input: resumedChild(context, index)?.input ?? input,
  };
}
