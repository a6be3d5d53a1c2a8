/** Decisions of an iteration of Map. */
import { Result } from "effect";
import type {
  Command,
  CompleteIterationCommand,
  IterationCommand,
  IterationStartedEvent,
  StartIterationCommand,
} from "../../src/protocol/mod.ts";
import type { MapState } from "../../src/language/types.ts";
import { type ActivityId, activityId, type Json } from "../../src/values/mod.ts";
import { accept, type ActivitySnapshot, BrokenInvariant, type Decision, type ExecutionView, reject } from "../actor.ts";
import { afterChild, afterLastChild } from "../activity/after_child.ts";
import { fail } from "../activity/entry.ts";
import { parentRuns } from "../activity/parent_runs.ts";
import { childStart, keptChild, resumedChild, variablesOf } from "../activity/resumed_child.ts";
import { startIteration } from "../activity/states/map.ts";

/** Decides a command to an iteration. Pure. */
export function decideIteration(view: ExecutionView, command: IterationCommand): Decision {
  if (command.type === "StartIterationCommand") return decideStart(view, command);
  const { iterationId } = command;
  const iteration = view.iteration(iterationId);
  if (iteration?.value !== "Running" && iteration?.value !== "Canceling") {
    return reject(command, "InvalidStatus", `Expected iteration "${iterationId}" to be Running, but it has ended`);
  }
  if (command.type === "CompleteIterationCommand") return decideEnd(view, command);
  const child = view.openChildOf(iterationId) as ActivityId | undefined;
  if (child === undefined) return decideEnd(view, { ...command, type: "CompleteIterationCommand", status: "Canceled" });
  if (iteration.value === "Canceling") {
    return reject(command, "InvalidStatus", `Expected iteration "${iterationId}" to be Running, but it is Canceling`);
  }
  return accept(
    [{ type: "IterationCancelingEvent", version: 1, iterationId }],
    [{ type: "CancelStateCommand", version: 1, activityId: child }],
  );
}

function decideStart(view: ExecutionView, command: StartIterationCommand): Decision {
  const { executionId, input, index } = command;
  const activity = view.activity(command.activityId);
  const status = activity?.context.iterationStatus;
  if (activity?.value !== "Running" || status?.started !== index || !parentRuns(view, activity.context)) {
    return reject(
      command,
      "InvalidStatus",
      `Expected "${command.activityId}" to wait for iteration ${index}, but it does not`,
    );
  }
  const state = view.machine.allStates.get(activity.context.stateName);
  if (state?.Type !== "Map") throw new BrokenInvariant(`"${activity.context.stateName}" is not a Map`);
  const { type: _type, version: _version, executionId: _executionId, ...facts } = command;
  const before = resumedChild(activity.context, index);
  if (before?.output !== undefined) return decideKept(view, activity, state, facts, before.output);
  const first: Command = {
    type: "StartStateCommand",
    version: 1,
    activityId: activityId(executionId, view.draws.timestamp()),
    executionId,
    ...childStart(before, state.ItemProcessor.StartAt, input),
    parentIterationId: command.iterationId,
  };
  const running = index + 1 - status.done;
  const { maxConcurrency = 0 } = activity.context;
  const mayStartNext = index + 1 < status.max && (maxConcurrency === 0 || running < maxConcurrency);
  const next = mayStartNext ? [startIteration(view, state, activity.context, index + 1)] : [];
  return accept([{ type: "IterationStartedEvent", version: 1, ...facts, ...variablesOf(before) }], [
    first,
    ...next.map((command) => Result.isSuccess(command) ? command.success : fail(facts.activityId, command.failure)),
  ]);
}

/** An iteration that succeeded before a redrive takes no room of those that run. */
function decideKept(
  view: ExecutionView,
  activity: ActivitySnapshot,
  state: MapState,
  facts: Omit<IterationStartedEvent, "type" | "version">,
  output: Json,
): Decision {
  const { activityId, iterationStatus: status } = activity.context;
  const events = keptChild({ type: "IterationStartedEvent", version: 1, ...facts }, output);
  const next = facts.index + 1;
  if (status !== undefined && status.done + 1 === status.max) {
    return accept(events, [afterLastChild(view, activity, facts.iterationId, output)]);
  }
  if (next === status?.max) return accept(events);
  const command = startIteration(view, state, activity.context, next);
  return accept(events, [Result.isSuccess(command) ? command.success : fail(activityId, command.failure)]);
}

function decideEnd(view: ExecutionView, command: CompleteIterationCommand): Decision {
  const context = view.iteration(command.iterationId)?.context;
  if (context === undefined) throw new BrokenInvariant(`Iteration "${command.iterationId}" is not known`);
  const { activityId, index } = context;
  const { type: _type, version: _version, ...end } = command;
  return accept(
    [{ type: "IterationCompletedEvent", version: 1, activityId, index, ...end }],
    afterChild(view, activityId, command.iterationId, command),
  );
}
