/** Decisions of a task: work given to a worker. */
import type {
  Command,
  CreateTaskCommand,
  FireTimerCommand,
  TaskCommand,
  TaskContext,
  TaskEvent,
} from "../../src/protocol/mod.ts";
import { present } from "../../src/values/mod.ts";
import { parentRuns } from "../activity/parent_runs.ts";
import { accept, type Decision, type ExecutionView, reject, takesNew, type TaskSnapshot } from "../actor.ts";
import { can } from "../flat_machine.ts";
import { tasks } from "../machines.ts";

/** What a command comes to, if the task takes it as it stands. */
interface Outcome {
  readonly events: readonly [TaskEvent, ...TaskEvent[]];
  readonly commands?: readonly Command[];
}

/** Decides a command to a task. Pure but for the draws. */
export function decideTask(view: ExecutionView, command: TaskCommand): Decision {
  if (command.type === "CreateTaskCommand") return decideCreate(view, command);
  const task = view.task(command.taskId);
  if (task === undefined) {
    return reject(command, "InvalidStatus", `Expected task "${command.taskId}" to be open, but it has ended`);
  }
  const { events, commands } = outcomeOf(view, task, command);
  if (!can(tasks, task, events[0])) {
    const { taskId } = task.context;
    return reject(
      command,
      "InvalidStatus",
      task.context.why === undefined
        ? `Expected task "${taskId}" to be Created, but it is ${task.value}`
        : `Expected task "${taskId}" to be open, but it is being reclaimed`,
    );
  }
  if (command.type === "SubmitTaskCommand" && task.context.isSubmitted === true) {
    return reject(command, "AlreadyExists", `Expected task "${command.taskId}" not to be submitted twice`);
  }
  return accept(events, commands);
}

function outcomeOf(view: ExecutionView, task: TaskSnapshot, command: Exclude<TaskCommand, CreateTaskCommand>): Outcome {
  const { taskId, activityId, why } = task.context;
  switch (command.type) {
    case "ActivateTaskCommand":
      return { events: [activated(view, task.context, command.workerName)] };
    case "HeartbeatTaskCommand":
      return {
        events: [
          can(tasks, task, ACTIVATION)
            ? activated(view, task.context)
            : { ...beat(view, task.context), type: "TaskHeartbeatRecordedEvent" },
        ],
      };
    case "SubmitTaskCommand": {
      const submitted = { type: "TaskSubmittedEvent", version: 1, taskId, activityId, output: command.output } as const;
      return { events: withActivation(view, task, submitted) };
    }
    case "CompleteTaskCommand": {
      // Its runner's result says that none of its children runs any more: it is for that alone that a reclaimed task is still there.
      if (why !== undefined && command.byRunner === true) return endedBy(task.context, why);
      const { output } = command;
      return {
        events: withActivation(view, task, { type: "TaskCompletedEvent", version: 1, taskId, activityId, output }),
        commands: [{ type: "CompleteStateCommand", version: 1, activityId, status: "Succeeded", output }],
      };
    }
    case "FailTaskCommand": {
      if (why !== undefined && command.byRunner === true) return endedBy(task.context, why);
      const told = present({ reason: command.reason, message: command.message });
      return {
        events: withActivation(view, task, { type: "TaskFailedEvent", version: 1, taskId, activityId, ...told }),
        commands: [{ type: "CompleteStateCommand", version: 1, activityId, status: "Failed", ...told }],
      };
    }
    case "TimeOutTaskCommand":
      return overBy(task.context, command.clock);
    case "CancelTaskCommand":
      return overBy(task.context, "canceled");
    default:
      return command satisfies never;
  }
}

const ACTIVATION = { type: "TaskActivatedEvent" } as const;

/** A worker need not say that it took a task up: then that rides with the end. */
function withActivation(view: ExecutionView, task: TaskSnapshot, event: TaskEvent): Outcome["events"] {
  return can(tasks, task, ACTIVATION) ? [activated(view, task.context), event] : [event];
}

type Why = NonNullable<TaskContext["why"]>;

/** Nobody waits for a result any more. What has children ends when they are reclaimed, anything else at once. */
function overBy(task: TaskContext, why: Why): Outcome {
  const { taskId, activityId } = task;
  if (task.hasChildren !== true) return endedBy(task, why);
  return { events: [{ type: "TaskReclaimingEvent", version: 1, taskId, activityId, why }] };
}

function endedBy({ taskId, activityId }: TaskContext, why: Why): Outcome {
  if (why === "canceled") {
    return {
      events: [{ type: "TaskCanceledEvent", version: 1, taskId, activityId }],
      commands: [{ type: "CompleteStateCommand", version: 1, activityId, status: "Canceled" }],
    };
  }
  // A missed heartbeat is a timeout too: only Retry and Catch may tell it apart.
  const raisedBy = why === "heartbeat" ? { raisedBy: "Heartbeat" as const } : {};
  return {
    events: [{ type: "TaskTimedOutEvent", version: 1, taskId, activityId, clock: why }],
    commands: [{
      type: "CompleteStateCommand",
      version: 1,
      activityId,
      status: "Failed",
      reason: "States.Timeout",
      ...raisedBy,
    }],
  };
}

function decideCreate(view: ExecutionView, command: CreateTaskCommand): Decision {
  const { taskId, activityId, resource, input, timeoutSeconds, heartbeatSeconds, hasChildren, redrive, roleArn } =
    command;
  const activity = view.activity(activityId);
  if (activity === undefined || !takesNew(activity) || !parentRuns(view, activity.context)) {
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

function activated(view: ExecutionView, task: TaskContext, workerName?: string): TaskEvent {
  return { ...beat(view, task), type: "TaskActivatedEvent", ...present({ workerName }) };
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
