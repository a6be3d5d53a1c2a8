/** Which actor decides which command. */
import {
  type ActorId,
  type Command,
  type FireTimerCommand,
  isActivityCommand,
  isExecutionCommand,
  isTaskCommand,
  type StartExecutionCommand,
} from "../src/protocol/mod.ts";
import type { ActivityId, TaskId } from "../src/values/mod.ts";
import { decideActivity, decideActivityTimer } from "./activity/decide_activity.ts";
import { type Decision, type ExecutionView, reject } from "./actor.ts";
import { decideChild } from "./child/decide_child.ts";
import { decideExecution, decideExecutionTimer } from "./execution/decide_execution.ts";
import { decideTask, decideTaskTimer } from "./task/decide_task.ts";

/** Command in, events and further commands or a rejection out. Reads nothing but the view. */
export function decide(
  view: ExecutionView,
  timers: ReadonlyMap<ActorId, number>,
  command: Exclude<Command, StartExecutionCommand>,
): Decision {
  if (isTaskCommand(command)) return decideTask(view, command);
  if (isActivityCommand(command)) return decideActivity(view, command);
  if (isExecutionCommand(command)) return decideExecution(view, command);
  if (command.type === "FireTimerCommand") return decideTimer(view, timers, command);
  return decideChild(view, command);
}

/** A timer that is not due, or was put off or called off meanwhile, fires nothing. */
function decideTimer(view: ExecutionView, timers: ReadonlyMap<ActorId, number>, command: FireTimerCommand): Decision {
  const { actorId, deadlineEpochMs } = command;
  if (timers.get(actorId) !== deadlineEpochMs) {
    return reject(
      command,
      "InvalidStatus",
      `Expected a timer of "${actorId}" at ${deadlineEpochMs}, but there is none`,
    );
  }
  if (deadlineEpochMs > view.draws.nowEpochMs) {
    return reject(command, "InvalidStatus", `Expected the timer of "${actorId}" to be due, but it is not`);
  }
  const activity = view.activity(actorId as ActivityId);
  if (activity !== undefined) return decideActivityTimer(activity, view, command);
  const task = view.task(actorId as TaskId);
  return task === undefined ? decideExecutionTimer(view, command) : decideTaskTimer(task, command);
}
