/** What may follow what in one execution, checked event by event and without any of the engine's code. */
import type { Event } from "../../../src/protocol/mod.ts";
import type { Invariant } from "../checks/violation.ts";

/** A rule that an event broke. */
export interface BrokenRule {
  readonly invariant: Invariant;
  readonly message: string;
}

type Status = "Absent" | "Pending" | "Running" | "Ending" | "Ended" | "Deleting";

/** Events that begin something: none of them once the execution is ending. */
const beginnings = new Set<Event["type"]>([
  "StateStartedEvent",
  "StateRetriedEvent",
  "BranchStartedEvent",
  "IterationStartedEvent",
  "TaskCreatedEvent",
]);

/** Events that may follow an end. */
const afterEnd = new Set<Event["type"]>(["ExecutionRedrivenEvent", "ExecutionDeletingEvent"]);

interface Children {
  readonly max: number;
  readonly maxConcurrency: number;
  started: number;
  running: number;
}

export class EventRules {
  status: Status = "Absent";
  /** Deadlines that are set, by what waits for them. */
  readonly #deadlines = new Map<string, number>();
  readonly #states = new Set<string>();
  readonly #endedStates = new Set<string>();
  readonly #children = new Map<string, Children>();
  readonly #openChildren = new Set<string>();
  readonly openTasks = new Set<string>();
  readonly endedTasks = new Set<string>();
  /** Open tasks with children: how each is to end once they are reclaimed, if it is known. */
  readonly #withChildren = new Map<string, string | undefined>();

  /** Deadlines that are set. */
  get deadlineCount(): number {
    return this.#deadlines.size;
  }

  /** Takes an event in; returns the rule that it breaks. */
  take(event: Event, atEpochMs: number): BrokenRule | undefined {
    if (this.status === "Deleting" || (this.status === "Ended" && !afterEnd.has(event.type))) {
      return { invariant: "nothingAfterEnd", message: `${event.type} after the execution is ${this.status}` };
    }
    if (this.status === "Ending" && beginnings.has(event.type)) {
      return { invariant: "nothingAfterEnd", message: `${event.type} while the execution is ending` };
    }
    return this.#takeExecution(event) ?? this.#takeTimer(event, atEpochMs) ?? this.#takeState(event) ??
      this.#takeChild(event) ?? this.#takeTask(event);
  }

  #takeExecution(event: Event): BrokenRule | undefined {
    const from = (allowed: readonly Status[], to: Status): BrokenRule | undefined => {
      const before = this.status;
      this.status = to;
      return allowed.includes(before)
        ? undefined
        : { invariant: "oneOutcome", message: `${event.type} while the execution is ${before}` };
    };
    switch (event.type) {
      case "ExecutionStartedEvent":
        return from(["Absent"], event.status);
      case "ExecutionRunningEvent":
        return from(["Pending"], "Running");
      case "ExecutionCompletingEvent":
      case "ExecutionCancelingEvent":
        return from(["Running"], "Ending");
      case "ExecutionCompletedEvent":
        if (this.openTasks.size > 0 || this.#openChildren.size > 0 || this.#states.size > this.#endedStates.size) {
          return { invariant: "nothingAfterEnd", message: "The execution ends while something below it runs" };
        }
        return from(["Pending", "Running", "Ending"], "Ended");
      case "ExecutionRedrivenEvent":
        return from(["Ended"], "Running");
      case "ExecutionDeletingEvent":
        return from(["Ended"], "Deleting");
      default:
        return this.status === "Absent"
          ? { invariant: "history", message: `${event.type} before any start` }
          : undefined;
    }
  }

  /** Sets, moves and calls off deadlines; one that fires must be set, and be over. */
  #takeTimer(event: Event, atEpochMs: number): BrokenRule | undefined {
    switch (event.type) {
      case "ExecutionStartedEvent":
      case "ExecutionRunningEvent":
      case "ExecutionRedrivenEvent":
        this.#setDeadline(event.executionId, event.deadlineEpochMs);
        return undefined;
      case "ExecutionCompletingEvent":
      case "ExecutionCancelingEvent":
      case "ExecutionCompletedEvent":
        this.#setDeadline(event.executionId);
        return undefined;
      case "StateStartedEvent":
      case "StateRetryScheduledEvent":
        this.#setDeadline(event.activityId, event.deadlineEpochMs);
        return undefined;
      case "StateCompletingEvent":
      case "StateRetriedEvent":
      case "StateCompletedEvent":
        this.#setDeadline(event.activityId);
        return undefined;
      case "TimerFiredEvent":
        return this.#fire(event.actorId, event.deadlineEpochMs, atEpochMs);
      default:
        return this.#takeTaskClock(event);
    }
  }

  #takeTaskClock(event: Event): BrokenRule | undefined {
    if (event.type === "TaskCreatedEvent") this.#setDeadline(event.taskId, event.timeoutAtEpochMs);
    else if (event.type === "TaskActivatedEvent" || event.type === "TaskHeartbeatRecordedEvent") {
      this.#setDeadline(`${event.taskId} heartbeat`, event.heartbeatAtEpochMs);
    } else if (event.type === "TaskReclaimingEvent" || isTaskEnd(event)) {
      this.#setDeadline(event.taskId);
      this.#setDeadline(`${event.taskId} heartbeat`);
    }
    return undefined;
  }

  #fire(actorId: string, deadlineEpochMs: number, atEpochMs: number): BrokenRule | undefined {
    const name = [actorId, `${actorId} heartbeat`].find((name) => this.#deadlines.get(name) === deadlineEpochMs);
    if (name === undefined) {
      return { invariant: "timers", message: `A timer of "${actorId}" fires that is not set, or for the second time` };
    }
    this.#deadlines.delete(name);
    return atEpochMs >= deadlineEpochMs ? undefined : {
      invariant: "timers",
      message: `The timer of "${actorId}" fires ${deadlineEpochMs - atEpochMs} ms early`,
    };
  }

  #setDeadline(name: string, deadlineEpochMs?: number): void {
    if (deadlineEpochMs === undefined) this.#deadlines.delete(name);
    else this.#deadlines.set(name, deadlineEpochMs);
  }

  #takeState(event: Event): BrokenRule | undefined {
    if (event.type === "StateStartedEvent") {
      if (this.#states.has(event.activityId)) {
        return { invariant: "oneOutcome", message: `Activity "${event.activityId}" starts twice` };
      }
      this.#states.add(event.activityId);
      this.#setChildren(event.activityId, event);
    } else if (event.type === "StateRetriedEvent") {
      this.#setChildren(event.activityId, event);
    } else if (event.type === "StateCompletedEvent") {
      if (!this.#states.has(event.activityId) || this.#endedStates.has(event.activityId)) {
        return { invariant: "oneOutcome", message: `Activity "${event.activityId}" ends twice, or never began` };
      }
      this.#endedStates.add(event.activityId);
    }
    return undefined;
  }

  #setChildren(
    activityId: string,
    { max, maxConcurrency = 0 }: { readonly max?: number; readonly maxConcurrency?: number },
  ): void {
    if (max !== undefined) this.#children.set(activityId, { max, maxConcurrency, started: 0, running: 0 });
  }

  #takeChild(event: Event): BrokenRule | undefined {
    if (event.type === "BranchStartedEvent" || event.type === "IterationStartedEvent") {
      const id = event.type === "BranchStartedEvent" ? event.branchId : event.iterationId;
      const children = this.#children.get(event.activityId);
      if (children === undefined || children.started !== event.index || children.started >= children.max) {
        return { invariant: "childrenArithmetic", message: `"${id}" starts out of turn` };
      }
      children.started += 1;
      children.running += 1;
      this.#openChildren.add(id);
      if (children.maxConcurrency > 0 && children.running > children.maxConcurrency) {
        return {
          invariant: "childrenArithmetic",
          message: `${children.running} iterations of "${event.activityId}" run, more than ${children.maxConcurrency}`,
        };
      }
    } else if (event.type === "BranchCompletedEvent" || event.type === "IterationCompletedEvent") {
      const id = event.type === "BranchCompletedEvent" ? event.branchId : event.iterationId;
      if (!this.#openChildren.delete(id)) {
        return { invariant: "oneOutcome", message: `"${id}" ends twice, or never began` };
      }
      const children = this.#children.get(event.activityId);
      if (children !== undefined) children.running -= 1;
    }
    return undefined;
  }

  #takeTask(event: Event): BrokenRule | undefined {
    if (event.type === "TaskCreatedEvent") {
      if (this.openTasks.has(event.taskId) || this.endedTasks.has(event.taskId)) {
        return { invariant: "oneOutcome", message: `Task "${event.taskId}" is created twice` };
      }
      this.openTasks.add(event.taskId);
      if (event.hasChildren === true) this.#withChildren.set(event.taskId, undefined);
    } else if (
      event.type === "TaskActivatedEvent" || event.type === "TaskHeartbeatRecordedEvent" ||
      event.type === "TaskReclaimingEvent" || isTaskEnd(event)
    ) {
      if (!this.openTasks.has(event.taskId)) {
        return { invariant: "oneOutcome", message: `${event.type} of task "${event.taskId}", which is not open` };
      }
      const broken = this.#takeReclaiming(event);
      if (broken !== undefined || !isTaskEnd(event)) return broken;
      this.openTasks.delete(event.taskId);
      this.endedTasks.add(event.taskId);
    }
    return undefined;
  }

  /** A task with children that nobody waits for any more ends as was said when its reclaiming began, and not before that began. */
  #takeReclaiming(event: TaskEnd | Extract<Event, { readonly type: `Task${string}`; readonly taskId: string }>) {
    const { taskId, type } = event;
    if (!this.#withChildren.has(taskId)) return undefined;
    const why = this.#withChildren.get(taskId);
    if (type === "TaskReclaimingEvent") {
      this.#withChildren.set(taskId, event.why);
      return why === undefined ? undefined : oneOutcome(`Task "${taskId}" is reclaimed twice`);
    }
    const wanted = type === "TaskTimedOutEvent" ? event.clock : type === "TaskCanceledEvent" ? "canceled" : undefined;
    return wanted === why ? undefined : oneOutcome(`${type} of task "${taskId}", which is reclaimed as ${why}`);
  }
}

type TaskEnd = Extract<
  Event,
  { type: "TaskCompletedEvent" | "TaskFailedEvent" | "TaskTimedOutEvent" | "TaskCanceledEvent" }
>;

function isTaskEnd(event: Event): event is TaskEnd {
  return event.type === "TaskCompletedEvent" || event.type === "TaskFailedEvent" ||
    event.type === "TaskTimedOutEvent" || event.type === "TaskCanceledEvent";
}

function oneOutcome(message: string): BrokenRule {
  return { invariant: "oneOutcome", message };
}
