/** What may follow what in one execution, checked event by event and without any of the engine's code. */
import type { Event } from "../../../src/protocol/mod.ts";
import type { Invariant } from "../checks/violation.ts";

/** A rule that an event broke. */
export interface BrokenRule {
  readonly invariant: Invariant;
  readonly message: string;
}

type Status = "Absent" | "Pending" | "Running" | "Ending" | "Ended" | "Deleting";

/** What an event may have to do with: each has its rules. */
type Aspect =
  | "execution"
  | "deadline"
  | "state"
  | "child"
  | "task"
  /** Begins something: not once the execution is ending. */
  | "beginning"
  /** May follow an end. */
  | "afterEnd";

/** For each event what it has to do with. A new event does not compile until it is said here, and then until its rules are written. */
const aspects = {
  ExecutionStartedEvent: ["execution", "deadline"],
  ExecutionRunningEvent: ["execution", "deadline"],
  ExecutionCompletingEvent: ["execution", "deadline"],
  ExecutionCancelingEvent: ["execution", "deadline"],
  ExecutionCompletedEvent: ["execution", "deadline"],
  ExecutionRedrivenEvent: ["execution", "deadline", "afterEnd"],
  ExecutionDeletingEvent: ["execution", "afterEnd"],
  StateStartedEvent: ["state", "deadline", "beginning"],
  EvaluationFailedEvent: [],
  StateCompletingEvent: ["deadline"],
  StateRetryScheduledEvent: ["deadline"],
  StateRetriedEvent: ["state", "deadline", "beginning"],
  StateCompletedEvent: ["state", "deadline"],
  BranchStartedEvent: ["child", "beginning"],
  BranchCancelingEvent: [],
  BranchCompletedEvent: ["child"],
  IterationStartedEvent: ["child", "beginning"],
  IterationCancelingEvent: [],
  IterationCompletedEvent: ["child"],
  TaskCreatedEvent: ["task", "deadline", "beginning"],
  TaskActivatedEvent: ["task", "deadline"],
  TaskHeartbeatRecordedEvent: ["task", "deadline"],
  TaskSubmittedEvent: [],
  TaskReclaimingEvent: ["task", "deadline"],
  TaskCompletedEvent: ["task", "deadline"],
  TaskFailedEvent: ["task", "deadline"],
  TaskTimedOutEvent: ["task", "deadline"],
  TaskCanceledEvent: ["task", "deadline"],
  TimerFiredEvent: ["deadline"],
} as const satisfies Record<Event["type"], readonly Aspect[]>;

/** The events that have to do with it. */
type Of<Wanted extends Aspect> = {
  [Type in Event["type"]]: Wanted extends (typeof aspects)[Type][number] ? Extract<Event, { type: Type }> : never;
}[Event["type"]];

function has<Wanted extends Aspect>(wanted: Wanted, event: Event): event is Of<Wanted> {
  const own: readonly Aspect[] = aspects[event.type];
  return own.includes(wanted);
}

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
    if (this.status === "Deleting" || (this.status === "Ended" && !has("afterEnd", event))) {
      return { invariant: "nothingAfterEnd", message: `${event.type} after the execution is ${this.status}` };
    }
    if (this.status === "Ending" && has("beginning", event)) {
      return { invariant: "nothingAfterEnd", message: `${event.type} while the execution is ending` };
    }
    if (this.status === "Absent" && !has("execution", event)) {
      return { invariant: "history", message: `${event.type} before any start` };
    }
    return (has("execution", event) ? this.#takeExecution(event) : undefined) ??
      (has("deadline", event) ? this.#takeTimer(event, atEpochMs) : undefined) ??
      (has("state", event) ? this.#takeState(event) : undefined) ??
      (has("child", event) ? this.#takeChild(event) : undefined) ??
      (has("task", event) ? this.#takeTask(event) : undefined);
  }

  #takeExecution(event: Of<"execution">): BrokenRule | undefined {
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
        return event satisfies never;
    }
  }

  /** Sets, moves and calls off deadlines; one that fires must be set, and be over. */
  #takeTimer(event: Of<"deadline">, atEpochMs: number): BrokenRule | undefined {
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
      case "TaskCreatedEvent":
        this.#setDeadline(event.taskId, event.timeoutAtEpochMs);
        return undefined;
      case "TaskActivatedEvent":
      case "TaskHeartbeatRecordedEvent":
        this.#setDeadline(`${event.taskId} heartbeat`, event.heartbeatAtEpochMs);
        return undefined;
      case "TaskReclaimingEvent":
      case "TaskCompletedEvent":
      case "TaskFailedEvent":
      case "TaskTimedOutEvent":
      case "TaskCanceledEvent":
        this.#setDeadline(event.taskId);
        this.#setDeadline(`${event.taskId} heartbeat`);
        return undefined;
      default:
        return event satisfies never;
    }
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

  #takeState(event: Of<"state">): BrokenRule | undefined {
    switch (event.type) {
      case "StateStartedEvent":
        if (this.#states.has(event.activityId)) {
          return { invariant: "oneOutcome", message: `Activity "${event.activityId}" starts twice` };
        }
        this.#states.add(event.activityId);
        this.#setChildren(event.activityId, event);
        return undefined;
      case "StateRetriedEvent":
        this.#setChildren(event.activityId, event);
        return undefined;
      case "StateCompletedEvent":
        if (!this.#states.has(event.activityId) || this.#endedStates.has(event.activityId)) {
          return { invariant: "oneOutcome", message: `Activity "${event.activityId}" ends twice, or never began` };
        }
        this.#endedStates.add(event.activityId);
        return undefined;
      default:
        return event satisfies never;
    }
  }

  #setChildren(
    activityId: string,
    { max, maxConcurrency = 0 }: { readonly max?: number; readonly maxConcurrency?: number },
  ): void {
    if (max !== undefined) this.#children.set(activityId, { max, maxConcurrency, started: 0, running: 0 });
  }

  #takeChild(event: Of<"child">): BrokenRule | undefined {
    const id = "branchId" in event ? event.branchId : event.iterationId;
    const children = this.#children.get(event.activityId);
    switch (event.type) {
      case "BranchStartedEvent":
      case "IterationStartedEvent":
        return this.#startChild(id, event, children);
      case "BranchCompletedEvent":
      case "IterationCompletedEvent":
        if (!this.#openChildren.delete(id)) return oneOutcome(`"${id}" ends twice, or never began`);
        if (children !== undefined) children.running -= 1;
        return undefined;
      default:
        return event satisfies never;
    }
  }

  #startChild(
    id: string,
    { activityId, index }: { readonly activityId: string; readonly index: number },
    children: Children | undefined,
  ): BrokenRule | undefined {
    if (children === undefined || children.started !== index || children.started >= children.max) {
      return { invariant: "childrenArithmetic", message: `"${id}" starts out of turn` };
    }
    children.started += 1;
    children.running += 1;
    this.#openChildren.add(id);
    return children.maxConcurrency === 0 || children.running <= children.maxConcurrency ? undefined : {
      invariant: "childrenArithmetic",
      message: `${children.running} iterations of "${activityId}" run, more than ${children.maxConcurrency}`,
    };
  }

  #takeTask(event: Of<"task">): BrokenRule | undefined {
    if (event.type === "TaskCreatedEvent") {
      if (this.openTasks.has(event.taskId) || this.endedTasks.has(event.taskId)) {
        return oneOutcome(`Task "${event.taskId}" is created twice`);
      }
      this.openTasks.add(event.taskId);
      if (event.hasChildren === true) this.#withChildren.set(event.taskId, undefined);
      return undefined;
    }
    if (!this.openTasks.has(event.taskId)) {
      return oneOutcome(`${event.type} of task "${event.taskId}", which is not open`);
    }
    const broken = this.#takeReclaiming(event);
    if (broken !== undefined) return broken;
    switch (event.type) {
      case "TaskActivatedEvent":
      case "TaskHeartbeatRecordedEvent":
      case "TaskReclaimingEvent":
        return undefined;
      case "TaskCompletedEvent":
      case "TaskFailedEvent":
      case "TaskTimedOutEvent":
      case "TaskCanceledEvent":
        this.openTasks.delete(event.taskId);
        this.endedTasks.add(event.taskId);
        return undefined;
      default:
        return event satisfies never;
    }
  }

  /** A task with children that nobody waits for any more ends as was said when its reclaiming began, and not before that began. */
  #takeReclaiming(event: Exclude<Of<"task">, { type: "TaskCreatedEvent" }>): BrokenRule | undefined {
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

function oneOutcome(message: string): BrokenRule {
  return { invariant: "oneOutcome", message };
}
