/** What an execution's events say, folded as they come: its states' runs, their tasks and children, the path taken. */
import { numberOf, type RunEvent, textOf } from "./run_event.ts";

/** How a run of a state stands. `Waiting`: nothing is done for it now. */
export type Phase = "Running" | "Waiting" | "Succeeded" | "Failed" | "Caught" | "Canceled";

/** A stretch of time in a state's run. Times are unix milliseconds; no end: it goes on. */
export interface Stretch {
  readonly kind: "work" | "queue" | "wait" | "retry";
  readonly from: number;
  to?: number;
  readonly attempt: number;
  error?: string;
  cause?: string;
}

/** A piece of work given to a worker. */
export interface TaskRun {
  readonly taskId: string;
  readonly resource: string;
  readonly createdEvent: number;
  readonly attempt: number;
  readonly createdAt: number;
  timeoutAt?: number;
  heartbeatAt?: number;
  worker?: string;
  isTaken: boolean;
  submittedEvent?: number;
  endedEvent?: number;
  outcome?: string;
}

/** One run of a state. */
export interface Activity {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  /** The branch or iteration that it is in. */
  readonly parent: string | undefined;
  readonly startedEvent: number;
  readonly startedAt: number;
  phase: Phase;
  endedAt?: number;
  endedEvent?: number;
  deadline?: number;
  attempt: number;
  error?: string;
  cause?: string;
  next?: string;
  mapRun?: string;
  /** Children: how many there will be, have begun, ended and failed. */
  max: number;
  begun: number;
  ended: number;
  failed: number;
  readonly stretches: Stretch[];
  readonly tasks: TaskRun[];
}

/** All runs of one state, counted. */
export interface StateCount {
  running: number;
  waiting: number;
  succeeded: number;
  failed: number;
  caught: number;
  canceled: number;
  retries: number;
  /** Newest last; the oldest of very many are left out. */
  readonly activities: Activity[];
}

const ACTIVITIES_KEPT = 1_000;
const keyOf: Readonly<Record<Phase, "running" | "waiting" | "succeeded" | "failed" | "caught" | "canceled">> = {
  Running: "running",
  Waiting: "waiting",
  Succeeded: "succeeded",
  Failed: "failed",
  Caught: "caught",
  Canceled: "canceled",
};

/** An execution as its events tell it. */
export class RunModel {
  readonly events: RunEvent[] = [];
  readonly activities = new Map<string, Activity>();
  readonly open = new Set<Activity>();
  readonly states = new Map<string, StateCount>();
  /** `from\nto` of transitions that were made. */
  readonly taken = new Set<string>();
  readonly #tasks = new Map<string, TaskRun>();
  status = "Running";
  startedAt = 0;
  endedAt: number | undefined;

  /** The number of the newest event. */
  get lastId(): number {
    return this.events.at(-1)?.id ?? 0;
  }

  /** Takes events in order; those that are known are left out. False: some are missing before these. */
  add(events: readonly RunEvent[]): boolean {
    for (const event of events) {
      if (event.id <= this.lastId) continue;
      if (event.id > this.lastId + 1) return false;
      this.events.push(event);
      this.#apply(event, Date.parse(event.timestamp));
    }
    return true;
  }

  #apply(event: RunEvent, at: number): void {
    switch (event.type) {
      case "ExecutionStartedEvent":
        this.startedAt = numberOf(event, "startedAtEpochMs") ?? at;
        this.status = textOf(event, "status") ?? "Running";
        return;
      case "ExecutionRunningEvent":
      case "ExecutionRedrivenEvent":
        this.status = "Running";
        this.endedAt = undefined;
        return;
      case "ExecutionCompletingEvent":
        this.status = "Completing";
        return;
      case "ExecutionCancelingEvent":
        this.status = "Canceling";
        return;
      case "ExecutionCompletedEvent":
        this.status = textOf(event, "status") ?? "Succeeded";
        this.endedAt = numberOf(event, "endedAtEpochMs") ?? at;
        return;
      case "StateStartedEvent":
        return this.#started(event, at);
      default:
        this.#happened(event, at);
    }
  }

  #started(event: RunEvent, at: number): void {
    const id = textOf(event, "activityId") ?? "";
    const type = textOf(event, "stateType") ?? "";
    const activity: Activity = {
      id,
      name: textOf(event, "stateName") ?? "",
      type,
      parent: textOf(event, "parentBranchId") ?? textOf(event, "parentIterationId"),
      startedEvent: event.id,
      startedAt: numberOf(event, "enteredAtEpochMs") ?? at,
      phase: type === "Wait" ? "Waiting" : "Running",
      attempt: 1,
      max: numberOf(event, "max") ?? 0,
      begun: 0,
      ended: 0,
      failed: 0,
      stretches: [],
      tasks: [],
    };
    const deadline = numberOf(event, "deadlineEpochMs");
    if (deadline !== undefined) activity.deadline = deadline;
    const mapRun = textOf(event, "mapRun");
    if (mapRun !== undefined) activity.mapRun = mapRun;
    activity.stretches.push({ kind: type === "Wait" ? "wait" : "work", from: activity.startedAt, attempt: 1 });
    this.activities.set(id, activity);
    this.open.add(activity);
    const count = this.#count(activity.name);
    count[keyOf[activity.phase]]++;
    count.activities.push(activity);
    if (count.activities.length > ACTIVITIES_KEPT * 2) count.activities.splice(0, ACTIVITIES_KEPT);
  }

  #count(name: string): StateCount {
    let count = this.states.get(name);
    if (count === undefined) {
      const none = { running: 0, waiting: 0, succeeded: 0, failed: 0, caught: 0, canceled: 0, retries: 0 };
      count = { ...none, activities: [] };
      this.states.set(name, count);
    }
    return count;
  }

  #happened(event: RunEvent, at: number): void {
    const activity = this.activities.get(textOf(event, "activityId") ?? "");
    if (activity === undefined) return;
    switch (event.type) {
      case "StateRetryScheduledEvent":
        return this.#retryScheduled(activity, event, at);
      case "StateRetriedEvent":
        activity.attempt = numberOf(event, "attempt") ?? activity.attempt + 1;
        activity.begun = activity.ended = activity.failed = 0;
        activity.max = numberOf(event, "max") ?? activity.max;
        delete activity.deadline;
        this.#next(activity, "work", at);
        return this.#enter(activity, "Running");
      case "StateCompletedEvent":
        return this.#completed(activity, event, at);
      case "BranchStartedEvent":
      case "IterationStartedEvent":
        activity.begun++;
        return;
      case "BranchCompletedEvent":
      case "IterationCompletedEvent":
        activity.ended++;
        if (textOf(event, "status") === "Failed") activity.failed++;
        return;
      default:
        this.#taskHappened(activity, event, at);
    }
  }

  #retryScheduled(activity: Activity, event: RunEvent, at: number): void {
    this.#count(activity.name).retries++;
    const stretch = activity.stretches.at(-1);
    if (stretch !== undefined) Object.assign(stretch, failureOf(event));
    activity.deadline = numberOf(event, "deadlineEpochMs") ?? at;
    this.#next(activity, "retry", at);
    this.#enter(activity, "Waiting");
  }

  #completed(activity: Activity, event: RunEvent, at: number): void {
    const status = textOf(event, "status");
    const next = textOf(event, "next");
    Object.assign(activity, failureOf(event), { endedAt: at, endedEvent: event.id });
    const last = activity.stretches.at(-1);
    if (last !== undefined) last.to = at;
    if (last !== undefined && status === "Failed") Object.assign(last, failureOf(event));
    if (next !== undefined) {
      activity.next = next;
      this.taken.add(`${activity.name}\n${next}`);
    }
    this.open.delete(activity);
    const isCaught = numberOf(event, "catcherIndex") !== undefined;
    this.#enter(
      activity,
      isCaught ? "Caught" : status === "Succeeded" ? "Succeeded" : status === "Canceled" ? "Canceled" : "Failed",
    );
  }

  #taskHappened(activity: Activity, event: RunEvent, at: number): void {
    const taskId = textOf(event, "taskId");
    if (taskId === undefined) return;
    if (event.type === "TaskCreatedEvent") {
      const task: TaskRun = {
        taskId,
        resource: textOf(event, "resource") ?? "",
        createdEvent: event.id,
        attempt: numberOf(event, "attempt") ?? activity.attempt,
        createdAt: numberOf(event, "createdAtEpochMs") ?? at,
        isTaken: false,
      };
      const timeoutAt = numberOf(event, "timeoutAtEpochMs");
      if (timeoutAt !== undefined) task.timeoutAt = timeoutAt;
      this.#tasks.set(taskId, task);
      activity.tasks.push(task);
      this.#next(activity, "queue", at);
      return this.#enter(activity, "Waiting");
    }
    const task = this.#tasks.get(taskId);
    if (task === undefined) return;
    const heartbeatAt = numberOf(event, "heartbeatAtEpochMs");
    if (heartbeatAt !== undefined) task.heartbeatAt = heartbeatAt;
    if (event.type === "TaskActivatedEvent") {
      task.isTaken = true;
      task.worker = textOf(event, "workerName") ?? "";
      this.#next(activity, "work", at);
      return this.#enter(activity, "Running");
    }
    if (event.type === "TaskSubmittedEvent") {
      task.submittedEvent = event.id;
      return;
    }
    if (!["TaskCompletedEvent", "TaskFailedEvent", "TaskTimedOutEvent", "TaskCanceledEvent"].includes(event.type)) {
      return;
    }
    task.endedEvent = event.id;
    task.outcome = event.type.slice("Task".length, -"Event".length);
    this.#enter(activity, "Running");
  }

  #next(activity: Activity, kind: Stretch["kind"], at: number): void {
    const last = activity.stretches.at(-1);
    if (last !== undefined) last.to = at;
    if (last !== undefined && last.kind === "work" && last.from === at && kind === "queue") activity.stretches.pop();
    activity.stretches.push({ kind, from: at, attempt: activity.attempt });
  }

  #enter(activity: Activity, phase: Phase): void {
    const count = this.#count(activity.name);
    count[keyOf[activity.phase]]--;
    count[keyOf[phase]]++;
    activity.phase = phase;
  }
}

function failureOf(event: RunEvent): { error?: string; cause?: string } {
  const error = textOf(event, "error");
  const cause = textOf(event, "cause");
  return { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
}
