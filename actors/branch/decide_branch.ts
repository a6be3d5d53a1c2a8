/** Decisions of a branch of Parallel. */
import type { BranchCommand, CompleteBranchCommand, StartBranchCommand } from "../../src/protocol/mod.ts";
import { type ActivityId, activityId, branchId } from "../../src/values/mod.ts";
import { accept, BrokenInvariant, type Decision, type ExecutionView, reject } from "../actor.ts";
import { afterChild, afterLastChild } from "../activity/after_child.ts";
import { parentRuns } from "../activity/parent_runs.ts";
import { childStart, keptChild, resumedChild, variablesOf } from "../activity/resumed_child.ts";

/** Decides a command to a branch. Pure. */
export function decideBranch(view: ExecutionView, command: BranchCommand): Decision {
  if (command.type === "StartBranchCommand") return decideStart(view, command);
  const branch = view.branch(command.branchId);
  if (branch?.value !== "Running" && branch?.value !== "Canceling") {
    return reject(command, "InvalidStatus", `Expected branch "${command.branchId}" to be Running, but it has ended`);
  }
  if (command.type === "CompleteBranchCommand") return decideEnd(view, command);
  const child = view.openChildOf(command.branchId) as ActivityId | undefined;
  if (child === undefined) return decideEnd(view, { ...command, type: "CompleteBranchCommand", status: "Canceled" });
  if (branch.value === "Canceling") {
    return reject(command, "InvalidStatus", `Expected branch "${command.branchId}" to be Running, but it is Canceling`);
  }
  return accept(
    [{ type: "BranchCancelingEvent", version: 1, branchId: command.branchId }],
    [{ type: "CancelStateCommand", version: 1, activityId: child }],
  );
}

function decideStart(view: ExecutionView, command: StartBranchCommand): Decision {
  const { executionId, input, index } = command;
  const activity = view.activity(command.activityId);
  const status = activity?.context.branchStatus;
  if (activity?.value !== "Running" || status?.started !== index || !parentRuns(view, activity.context)) {
    return reject(
      command,
      "InvalidStatus",
      `Expected "${command.activityId}" to wait for branch ${index}, but it does not`,
    );
  }
  const state = view.machine.allStates.get(activity.context.stateName);
  const branch = state?.Type === "Parallel" ? state.Branches[index] : undefined;
  if (branch === undefined) {
    throw new BrokenInvariant(`Branch ${index} of "${activity.context.stateName}" is not defined`);
  }
  const { type: _type, version: _version, executionId: _executionId, ...facts } = command;
  const { context } = activity;
  const next = index + 1 < status.max
    ? [{
      ...command,
      branchId: branchId(command.activityId, index + 1),
      index: index + 1,
      input: resumedChild(context, index + 1)?.input ?? input,
    }]
    : [];
  const before = resumedChild(context, index);
  if (before?.output !== undefined) {
    const isLast = status.done + 1 === status.max;
    return accept(
      keptChild({ type: "BranchStartedEvent", version: 1, ...facts }, before.output),
      isLast ? [afterLastChild(view, activity, command.branchId, before.output)] : next,
    );
  }
  return accept([{ type: "BranchStartedEvent", version: 1, ...facts, ...variablesOf(before) }], [
    {
      type: "StartStateCommand",
      version: 1,
      activityId: activityId(executionId, view.draws.timestamp()),
      executionId,
      ...childStart(before, branch.StartAt, input),
      parentBranchId: command.branchId,
    },
    ...next,
  ]);
}

function decideEnd(view: ExecutionView, command: CompleteBranchCommand): Decision {
  const context = view.branch(command.branchId)?.context;
  if (context === undefined) throw new BrokenInvariant(`Branch "${command.branchId}" is not known`);
  const { activityId, index } = context;
  const { type: _type, version: _version, ...end } = command;
  return accept(
    [{ type: "BranchCompletedEvent", version: 1, activityId, index, ...end }],
    afterChild(view, activityId, command.branchId, command),
  );
}
