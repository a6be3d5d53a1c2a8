/** Decisions of a task: work given to a worker. */
import type { CreateTaskCommand, Event, FireTimerCommand, TaskCommand, TaskContext } from "../../src/protocol/mod.ts";
import { parentRuns } from "../activity/parent_runs.ts";
import { accept, BrokenInvariant, type Decision, type ExecutionView, reject, type TaskSnapshot } from "../actor.ts";
import { present } from "../../src/values/mod.ts";

/** Decides a command to a task. Pure but for the draws. */
export function decideTask(view: ExecutionView, command: TaskCommand): Decision {
  if (command.type === "CreateTaskCommand") return decideCreate(view, command);
  const task = view.task(command.taskId);
  if (task === undefined) {
    return reject(command, "InvalidStatus", `Expected task "${command.taskId}" to be open, but it has ended`);
  }
  const { taskId, activityId } = task.context;
  if (task.value === "Reclaiming") return decideReclaiming(task.context, command);
  switch (command.type) {
    case "ActivateTaskCommand":
      if (task.value !== "Created") {
        return reject(command, "InvalidStatus", `Expected task "${taskId}" to be Created, but it is ${task.value}`);
      }
      return accept([activated(view, task.context, command.workerName)]);
    case "HeartbeatTaskCommand":
      if (task.value === "Created") return accept([activated(view, task.context)]);
      return accept([{ ...beat(view, task.context), type: "TaskHeartbeatRecordedEvent" }]);
    case "SubmitTaskCommand":
      if (task.context.isSubmitted === true) {
        return reject(command, "AlreadyExists", `Expected task "${taskId}" not to be submitted twice`);
      }
      return accept([
        ...activation(view, task),
        { type: "TaskSubmittedEvent", version: 1, taskId, activityId, output: command.output },
      ]);
    case "CompleteTaskCommand": {
      const { output } = command;
      return accept(
        [...activation(view, task), { type: "TaskCompletedEvent", version: 1, taskId, activityId, output }],
        [{ type: "CompleteStateCommand", version: 1, activityId, status: "Succeeded", output }],
      );
    }
    case "FailTaskCommand": {
      const why = {
        ...present({ reason: command.reason, message: command.message }),
      };
      return accept(
        [...activation(view, task), { type: "TaskFailedEvent", version: 1, taskId, activityId, ...why }],
        [{ type: "CompleteStateCommand", version: 1, activityId, status: "Failed", ...why }],
      );
    }
    case "TimeOutTaskCommand":
      return overBy(task.context, command.clock);
    case "CancelTaskCommand":
      return overBy(task.context, "canceled");
    default:
      return command satisfies never;
  }
}

type Why = NonNullable<TaskContext["why"]>;

/** Nobody waits for a result any more. What has children ends when they are reclaimed, anything else at once. */
function overBy(task: TaskContext, why: Why): Decision {
  const { taskId, activityId } = task;
  if (task.hasChildren !== true) return endedBy(task, why);
  return accept([{ type: "TaskReclaimingEvent", version: 1, taskId, activityId, why }]);
}

function endedBy({ taskId, activityId }: TaskContext, why: Why): Decision {
  if (why === "canceled") {
    return accept(
      [{ type: "TaskCanceledEvent", version: 1, taskId, activityId }],
      [{ type: "CompleteStateCommand", version: 1, activityId, status: "Canceled" }],
    );
  }
  // A missed heartbeat is a timeout too: only Retry and Catch may tell it apart.
  const raisedBy = why === "heartbeat" ? { raisedBy: "Heartbeat" as const } : {};
  return accept(
    [{ type: "TaskTimedOutEvent", version: 1, taskId, activityId, clock: why }],
    [{ type: "CompleteStateCommand", version: 1, activityId, status: "Failed", reason: "States.Timeout", ...raisedBy }],
  );
}

/** Its runner's result says that none of its children runs any more: it is for that alone that the task is still there. */
function decideReclaiming(task: TaskContext, command: Exclude<TaskCommand, CreateTaskCommand>): Decision {
  const isResult = command.type === "CompleteTaskCommand" || command.type === "FailTaskCommand";
  if (isResult && command.byRunner === true) {
    if (task.why === undefined) throw new BrokenInvariant(`Task "${task.taskId}" is being reclaimed for no reason`);
    return endedBy(task, task.why);
  }
  return reject(command, "InvalidStatus", `Expected task "${task.taskId}" to be open, but it is being reclaimed`);
}

function decideCreate(view: ExecutionView, command: CreateTaskCommand): Decision {
  const { taskId, activityId, resource, input, timeoutSeconds, heartbeatSeconds, hasChildren, redrive, roleArn } =
    command;
  const activity = view.activity(activityId);
  if (activity?.value !== "Running" || !parentRuns(view, activity.context)) {
    return reject(command, "InvalidStatus", `Expected activity "${activityId}" to be Running, but it is not`);
  }
  const { nowEpochMs } = view.draws;
  return accept([{
    type: "TaskCreatedEvent",
    version: 1,
    taskId,
    activityId,
    resource,
    input,
    attempt: activity.context.attempt,
    createdAtEpochMs: nowEpochMs,
    ...present({ heartbeatSeconds }),
    ...(timeoutSeconds === undefined
      ? {}
      : { timeoutSeconds, timeoutAtEpochMs: nowEpochMs + view.draws.delayMs(timeoutSeconds) }),
    ...present({ roleArn, hasChildren, redrive }),
  }]);
}

function beat(view: ExecutionView, task: TaskContext) {
  const { taskId, activityId, heartbeatSeconds } = task;
  return {
    version: 1,
    taskId,
    activityId,
    ...(heartbeatSeconds === undefined
      ? {}
      : { heartbeatAtEpochMs: view.draws.nowEpochMs + view.draws.delayMs(heartbeatSeconds) }),
  } as const;
}

function activated(view: ExecutionView, task: TaskContext, workerName?: string): Event {
  return { ...beat(view, task), type: "TaskActivatedEvent", ...present({ workerName }) };
}

/** A worker need not say that it took a task up: then that rides with the end. */
function activation(view: ExecutionView, task: TaskSnapshot): readonly Event[] {
  return task.value === "Created" ? [activated(view, task.context)] : [];
}

/** One of the task's clocks ran out. */
export function decideTaskTimer(task: TaskSnapshot, command: FireTimerCommand): Decision {
  const { taskId, timeoutAtEpochMs } = task.context;
  const clock = timeoutAtEpochMs === command.deadlineEpochMs ? "timeout" : "heartbeat";
  return accept(
    [{ type: "TimerFiredEvent", version: 1, actorId: taskId, deadlineEpochMs: command.deadlineEpochMs }],
    [{ type: "TimeOutTaskCommand", version: 1, taskId, clock }],
  );
}
