/**
 * All actors of one execution, and what is derived from them: who runs below whom, which timers are due when.
 *
 * `apply` is the only way in: the same for a fact just decided and for one read back from the log.
 */
import { type ActorId, type ChildrenStatus, type Command, type Event } from "../src/protocol/mod.ts";
import type { ActivityId, BranchId, ExecutionId, IterationId, Json, TaskId } from "../src/values/mod.ts";
import { parseChildId } from "../src/values/mod.ts";
import {
  type ActivitySnapshot,
  type BranchSnapshot,
  BrokenInvariant,
  type ChildStatus,
  type ExecutionSnapshot,
  type IterationSnapshot,
  type TaskSnapshot,
} from "./actor.ts";
import { applied } from "./flat_machine.ts";
import { HistoryOfActors } from "./history_of_actors.ts";
import * as machines from "./machines.ts";

/** The live actors of one execution: takes events in, answers what stands. */
export class ExecutionActors {
  #execution: ExecutionSnapshot = machines.executions.initial;
  readonly activities = new Map<ActivityId, ActivitySnapshot>();
  readonly branches = new Map<BranchId, BranchSnapshot>();
  readonly iterations = new Map<IterationId, IterationSnapshot>();
  readonly tasks = new Map<TaskId, TaskSnapshot>();
  /** Running actors by the id of the one right above them, oldest first. */
  readonly #open = new Map<string, Set<string>>();
  /** When each actor that waits for a time is due, unix milliseconds. */
  readonly timers = new Map<ActorId, number>();
  /** Turns, events and commands so far: the numbers of the next ones are one higher. */
  turnCount = 0;
  eventCount = 0;
  commandCount = 0;
  /** Events of AWS's history so far. */
  historyCount = 0;
  readonly #history = new HistoryOfActors(this);
  /** Commands in the log that have no outcome yet, by their ordinal, oldest first. */
  readonly unprocessed = new Map<number, Command>();

  get execution(): ExecutionSnapshot {
    return this.#execution;
  }

  get hasEnded(): boolean {
    return this.#execution.context.endedAtEpochMs !== undefined;
  }

  openChildOf(id: string, except?: string): string | undefined {
    const children = this.#open.get(id);
    if (children === undefined) return undefined;
    for (const child of children) if (child !== except) return child;
    return undefined;
  }

  childOutputs(activityId: ActivityId): readonly Json[] {
    const { context } = this.#activity(activityId);
    const max = (context.branchStatus ?? context.iterationStatus)?.max ?? 0;
    const isMap = context.iterationStatus !== undefined;
    return Array.from({ length: max }, (_, index) => {
      const child = isMap
        ? this.iterations.get(`${activityId}/i${index}` as IterationId)
        : this.branches.get(`${activityId}/b${index}` as BranchId);
      return child?.context.output ?? null;
    });
  }

  /** Takes a fact in. @throws {BrokenInvariant} when it cannot follow what is known: nothing of this execution can be trusted */
  apply(event: Event): void {
    this.eventCount += 1;
    this.historyCount += this.#history.countOf(event);
    switch (event.type) {
      case "ExecutionStartedEvent":
      case "ExecutionRunningEvent":
      case "ExecutionCompletingEvent":
      case "ExecutionCancelingEvent":
      case "ExecutionRedrivenEvent":
      case "ExecutionDeletingEvent":
        return this.#setExecution(applied(machines.executions, this.#execution, event));
      case "ExecutionCompletedEvent":
        this.#expectNothingBelow(event.executionId);
        return this.#setExecution(applied(machines.executions, this.#execution, event));
      case "StateStartedEvent":
        expectNew(this.activities, event.activityId);
        this.#addChild(this.#parentOf(event), event.activityId);
        return this.#setActivity(event.activityId, applied(machines.activities, machines.activities.initial, event));
      case "EvaluationFailedEvent":
        this.#activity(event.activityId);
        return;
      case "StateCompletingEvent":
      case "StateRetriedEvent":
        return this.#tellActivity(event);
      case "StateRetryScheduledEvent":
        this.#dropChildren(event.activityId);
        return this.#tellActivity(event);
      case "StateCompletedEvent":
        return this.#completeState(event);
      case "BranchStartedEvent":
      case "BranchCancelingEvent":
      case "BranchCompletedEvent":
        return this.#applyToBranch(event);
      case "IterationStartedEvent":
      case "IterationCancelingEvent":
      case "IterationCompletedEvent":
        return this.#applyToIteration(event);
      case "TaskCreatedEvent":
        expectNew(this.tasks, event.taskId);
        this.#addChild(this.#activity(event.activityId).context.activityId, event.taskId);
        return this.#setTask(event.taskId, applied(machines.tasks, machines.tasks.initial, event));
      case "TaskActivatedEvent":
      case "TaskHeartbeatRecordedEvent":
      case "TaskSubmittedEvent":
      case "TaskReclaimingEvent":
        return this.#setTask(event.taskId, applied(machines.tasks, this.#task(event.taskId), event));
      case "TaskCompletedEvent":
      case "TaskFailedEvent":
      case "TaskTimedOutEvent":
      case "TaskCanceledEvent":
        applied(machines.tasks, this.#task(event.taskId), event);
        this.#removeChild(event.activityId, event.taskId);
        this.tasks.delete(event.taskId);
        this.timers.delete(event.taskId);
        return;
      case "TimerFiredEvent":
        return this.#fireTimer(event);
      default:
        return event satisfies never;
    }
  }

  #applyToBranch(event: Extract<Event, { readonly branchId: BranchId }>): void {
    const { branchId } = event;
    if (event.type === "BranchStartedEvent") {
      expectNext(this.#activity(event.activityId).context.branchStatus, event);
      this.#addChild(event.activityId, branchId);
    } else if (event.type === "BranchCompletedEvent") {
      this.#expectNothingBelow(branchId);
      this.#removeChild(event.activityId, branchId);
    }
    const before = event.type === "BranchStartedEvent" ? machines.branches.initial : this.#branch(branchId);
    this.branches.set(branchId, applied(machines.branches, before, event));
    if (event.type !== "BranchCancelingEvent") this.#tellActivity(event);
  }

  #applyToIteration(event: Extract<Event, { readonly iterationId: IterationId }>): void {
    const { iterationId } = event;
    if (event.type === "IterationStartedEvent") {
      expectNext(this.#activity(event.activityId).context.iterationStatus, event);
      this.#addChild(event.activityId, iterationId);
    } else if (event.type === "IterationCompletedEvent") {
      this.#expectNothingBelow(iterationId);
      this.#removeChild(event.activityId, iterationId);
    }
    const before = event.type === "IterationStartedEvent" ? machines.iterations.initial : this.#iteration(iterationId);
    this.iterations.set(iterationId, applied(machines.iterations, before, event));
    if (event.type !== "IterationCancelingEvent") this.#tellActivity(event);
  }

  #tellActivity(event: Extract<Event, { readonly activityId: ActivityId }>): void {
    this.#setActivity(event.activityId, applied(machines.activities, this.#activity(event.activityId), event));
  }

  get executionId(): ExecutionId {
    return this.#execution.context.executionId;
  }

  /** Puts actors back as they were kept; for `restoredActors` alone. */
  restore(kept: {
    readonly execution: ExecutionSnapshot;
    readonly activities: readonly ActivitySnapshot[];
    readonly branches: readonly BranchSnapshot[];
    readonly iterations: readonly IterationSnapshot[];
    readonly tasks: readonly TaskSnapshot[];
  }): void {
    this.#setExecution(kept.execution);
    for (const activity of kept.activities) {
      const { activityId, parentBranchId, parentIterationId } = activity.context;
      this.#addChild(parentBranchId ?? parentIterationId ?? this.executionId, activityId);
      this.#setActivity(activityId, activity);
    }
    for (const branch of kept.branches) {
      this.branches.set(branch.context.branchId, branch);
      if (isOpen(branch.value)) this.#addChild(branch.context.activityId, branch.context.branchId);
    }
    for (const iteration of kept.iterations) {
      this.iterations.set(iteration.context.iterationId, iteration);
      if (isOpen(iteration.value)) this.#addChild(iteration.context.activityId, iteration.context.iterationId);
    }
    for (const task of kept.tasks) {
      this.#addChild(task.context.activityId, task.context.taskId);
      this.#setTask(task.context.taskId, task);
    }
  }

  #completeState(event: Extract<Event, { type: "StateCompletedEvent" }>): void {
    const { activityId } = event;
    const activity = this.#activity(activityId);
    applied(machines.activities, activity, event);
    const { parentBranchId, parentIterationId } = activity.context;
    this.#dropChildren(activityId);
    this.#removeChild(parentBranchId ?? parentIterationId ?? this.executionId, activityId);
    this.activities.delete(activityId);
    this.timers.delete(activityId);
    if (event.assigned === undefined) return;
    if (parentBranchId !== undefined) {
      this.branches.set(parentBranchId, applied(machines.branches, this.#branch(parentBranchId), event));
    } else if (parentIterationId !== undefined) {
      this.iterations.set(parentIterationId, applied(machines.iterations, this.#iteration(parentIterationId), event));
    } else {
      this.#setExecution(applied(machines.executions, this.#execution, event));
    }
  }

  #fireTimer(event: Extract<Event, { type: "TimerFiredEvent" }>): void {
    const { actorId } = event;
    const activity = this.activities.get(actorId as ActivityId);
    if (activity !== undefined) {
      return this.#setActivity(actorId as ActivityId, applied(machines.activities, activity, event));
    }
    if (actorId === this.executionId) return this.#setExecution(applied(machines.executions, this.#execution, event));
    this.#setTask(actorId as TaskId, applied(machines.tasks, this.#task(actorId as TaskId), event));
  }

  #setExecution(execution: ExecutionSnapshot): void {
    this.#execution = execution;
    this.#setTimer(execution.context.executionId, execution.context.deadlineEpochMs);
  }

  #setActivity(id: ActivityId, activity: ActivitySnapshot): void {
    this.activities.set(id, activity);
    this.#setTimer(id, activity.context.deadlineEpochMs);
  }

  #setTask(id: TaskId, task: TaskSnapshot): void {
    this.tasks.set(id, task);
    const { timeoutAtEpochMs, heartbeatAtEpochMs } = task.context;
    this.#setTimer(
      id,
      timeoutAtEpochMs === undefined || heartbeatAtEpochMs === undefined
        ? timeoutAtEpochMs ?? heartbeatAtEpochMs
        : Math.min(timeoutAtEpochMs, heartbeatAtEpochMs),
    );
  }

  #setTimer(id: ActorId, deadlineEpochMs: number | undefined): void {
    if (deadlineEpochMs === undefined) this.timers.delete(id);
    else this.timers.set(id, deadlineEpochMs);
  }

  #addChild(parentId: string, childId: string): void {
    const children = this.#open.get(parentId);
    if (children === undefined) this.#open.set(parentId, new Set([childId]));
    else children.add(childId);
  }

  #removeChild(parentId: string, childId: string): void {
    const children = this.#open.get(parentId);
    if (children?.delete(childId) === true && children.size === 0) this.#open.delete(parentId);
  }

  /** The actor right above an activity that starts: one that runs. */
  #parentOf({ parentBranchId, parentIterationId }: Extract<Event, { type: "StateStartedEvent" }>): string {
    const parent = parentBranchId !== undefined
      ? this.#branch(parentBranchId)
      : parentIterationId !== undefined
      ? this.#iteration(parentIterationId)
      : this.#execution;
    const id = parentBranchId ?? parentIterationId ?? this.executionId;
    if (parent.value !== "Running") throw new BrokenInvariant(`Expected "${id}" to run, but it is ${parent.value}`);
    return id;
  }

  #expectNothingBelow(id: string): void {
    const open = this.openChildOf(id);
    if (open !== undefined) throw new BrokenInvariant(`Expected nothing to run below "${id}", but "${open}" does`);
  }

  /** Forgets the ended branches or iterations of an activity that is done with them. */
  #dropChildren(activityId: ActivityId): void {
    this.#expectNothingBelow(activityId);
    const { context } = this.#activity(activityId);
    const started = (context.branchStatus ?? context.iterationStatus)?.started ?? 0;
    const mark = context.branchStatus === undefined ? "i" : "b";
    for (let index = 0; index < started; index++) {
      const id = `${activityId}/${mark}${index}`;
      if (parseChildId(id)?.kind === "branch") this.branches.delete(id as BranchId);
      else this.iterations.delete(id as IterationId);
    }
  }

  #activity(id: ActivityId): ActivitySnapshot {
    return known(this.activities.get(id), id);
  }

  #branch(id: BranchId): BranchSnapshot {
    return known(this.branches.get(id), id);
  }

  #iteration(id: IterationId): IterationSnapshot {
    return known(this.iterations.get(id), id);
  }

  #task(id: TaskId): TaskSnapshot {
    return known(this.tasks.get(id), id);
  }
}

function expectNew<Id extends string>(actors: ReadonlyMap<Id, unknown>, id: Id): void {
  if (actors.has(id)) throw new BrokenInvariant(`Expected "${id}" to be new, but it is known`);
}

/** Children begin in the order of their index, and no more of them than there are to be. */
function expectNext(
  status: ChildrenStatus | undefined,
  { type, activityId, index }: Extract<Event, { type: "BranchStartedEvent" | "IterationStartedEvent" }>,
): void {
  if (status?.started === index && index < status.max) return;
  throw new BrokenInvariant(`Expected ${type} ${status?.started} of "${activityId}", but it is ${index}`);
}

function isOpen(status: ChildStatus): boolean {
  return status === "Running" || status === "Canceling";
}

function known<T>(actor: T | undefined, id: string): T {
  if (actor === undefined) throw new BrokenInvariant(`Expected "${id}" to be known, but it is not`);
  return actor;
}
