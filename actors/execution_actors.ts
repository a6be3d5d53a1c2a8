/**
 * All actors of one execution, and what is derived from them: who runs below whom, which timers are due when.
 *
 * `apply` is the only way in: the same for a fact just decided and for one read back from the log.
 */
import type {
  ActivityContext,
  ActivityEvent,
  ActorId,
  ChildrenStatus,
  ChildStatus,
  Command,
  Event,
  EventOfChild,
  EventOfExecution,
  EventOfState,
  EventOfTask,
  StateCompletedEvent,
  TimerFiredEvent,
} from "../src/protocol/mod.ts";
import { isOfChild, isOfExecution, isOfState, isOfTask } from "../src/protocol/mod.ts";
import { type ActivityId, branchId, type ExecutionId, iterationId, type Json, type TaskId } from "../src/values/mod.ts";
import {
  type ActivitySnapshot,
  type BranchSnapshot,
  BrokenInvariant,
  type ChildSnapshot,
  type ExecutionSnapshot,
  type IterationSnapshot,
  takesNew,
  type TaskSnapshot,
} from "./actor.ts";
import { type ChildEnd, type ChildId, childIdOf, childName, type ChildStart, parentOf } from "./child/child_records.ts";
import { applied } from "./flat_machine.ts";
import { HistoryOfActors } from "./history_of_actors.ts";
import * as machines from "./machines.ts";

/** The live actors of one execution: takes events in, answers what stands. */
export class ExecutionActors {
  #execution: ExecutionSnapshot = machines.executions.initial;
  readonly activities = new Map<ActivityId, ActivitySnapshot>();
  /** Branches and iterations. */
  readonly children = new Map<ChildId, ChildSnapshot>();
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
    return Array.from({ length: max }, (_, index) => this.childAt(activityId, index)?.context.output ?? null);
  }

  /** The child of this index of an activity that has children now. */
  childAt(activityId: ActivityId, index: number): ChildSnapshot | undefined {
    const context = this.activities.get(activityId)?.context;
    return context === undefined ? undefined : this.children.get(childIdAt(context, index));
  }

  /** As they are kept: the branches by themselves. */
  get branches(): readonly BranchSnapshot[] {
    return [...this.children.values()].filter(isBranch);
  }

  /** As they are kept: the iterations by themselves. */
  get iterations(): readonly IterationSnapshot[] {
    return [...this.children.values()].filter(isIteration);
  }

  /** Takes a fact in. @throws {BrokenInvariant} when it cannot follow what is known: nothing of this execution can be trusted */
  apply(event: Event): void {
    this.eventCount += 1;
    this.historyCount += this.#history.countOf(event);
    if (isOfState(event)) return this.#takeState(event);
    if (isOfTask(event)) return this.#takeTask(event);
    if (isOfChild(event)) return this.#takeChild(event);
    if (isOfExecution(event)) return this.#takeExecution(event);
    return this.#fireTimer(event);
  }

  #takeExecution(event: EventOfExecution): void {
    if (event.type === "ExecutionCompletedEvent") this.#expectNothingBelow(event.executionId);
    this.#setExecution(applied(machines.executions, this.#execution, event));
  }

  #takeState(event: EventOfState): void {
    const { activityId } = event;
    switch (event.type) {
      case "StateStartedEvent":
        expectNew(this.activities, activityId);
        this.#addChild(this.#parentOf(event), activityId);
        return this.#setActivity(activityId, applied(machines.activities, machines.activities.initial, event));
      case "EvaluationFailedEvent":
        this.#activity(activityId);
        return;
      case "StateRetryScheduledEvent":
        this.#dropChildren(activityId);
        return this.#tellActivity(event);
      case "StateCompletedEvent":
        return this.#completeState(event);
      default:
        return this.#tellActivity(event);
    }
  }

  #takeChild(event: EventOfChild): void {
    switch (event.type) {
      case "BranchStartedEvent":
      case "IterationStartedEvent":
        return this.#startChild(event);
      case "BranchCompletedEvent":
      case "IterationCompletedEvent":
        return this.#endChild(event);
      default:
        return this.#tellChild(event);
    }
  }

  /** A task is there from its creation until its end. */
  #takeTask(event: EventOfTask): void {
    const { taskId, activityId } = event;
    const before = this.tasks.get(taskId);
    if (before === undefined) this.#activity(activityId);
    const task = applied(machines.tasks, before ?? machines.tasks.initial, event);
    if (before === undefined) this.#addChild(activityId, taskId);
    if (task.value !== "Ended") return this.#setTask(taskId, task);
    this.#removeChild(activityId, taskId);
    this.tasks.delete(taskId);
    this.timers.delete(taskId);
  }

  #startChild(event: ChildStart): void {
    const id = childIdOf(event);
    const { branchStatus, iterationStatus } = this.#activity(event.activityId).context;
    expectNext(event.type === "BranchStartedEvent" ? branchStatus : iterationStatus, event);
    this.#addChild(event.activityId, id);
    this.children.set(id, applied(machines.children, machines.children.initial, event));
    this.#tellActivity(event);
  }

  #endChild(event: ChildEnd): void {
    const id = childIdOf(event);
    this.#expectNothingBelow(id);
    this.#removeChild(event.activityId, id);
    this.#tellChild(event);
    this.#tellActivity(event);
  }

  #tellChild(event: Exclude<EventOfChild, ChildStart>): void {
    const id = childIdOf(event);
    const child = this.#child(id);
    if (childName(event) !== childName(child.context)) {
      throw new BrokenInvariant(`Expected an event of a ${childName(child.context)}, but got ${event.type} of "${id}"`);
    }
    this.children.set(id, applied(machines.children, child, event));
  }

  #tellActivity(event: Exclude<ActivityEvent, TimerFiredEvent>): void {
    this.#setActivity(event.activityId, applied(machines.activities, this.#activity(event.activityId), event));
  }

  get executionId(): ExecutionId {
    return this.#execution.context.executionId;
  }

  /** Puts actors back as they were kept; for `restoredActors` alone. */
  restore(kept: {
    readonly execution: ExecutionSnapshot;
    readonly activities: readonly ActivitySnapshot[];
    readonly children: readonly ChildSnapshot[];
    readonly tasks: readonly TaskSnapshot[];
  }): void {
    this.#setExecution(kept.execution);
    for (const activity of kept.activities) {
      const { activityId } = activity.context;
      this.#addChild(parentOf(activity.context) ?? this.executionId, activityId);
      this.#setActivity(activityId, activity);
    }
    for (const child of kept.children) {
      const id = childIdOf(child.context);
      this.children.set(id, child);
      if (isOpen(child.value)) this.#addChild(child.context.activityId, id);
    }
    for (const task of kept.tasks) {
      this.#addChild(task.context.activityId, task.context.taskId);
      this.#setTask(task.context.taskId, task);
    }
  }

  #completeState(event: StateCompletedEvent): void {
    const { activityId } = event;
    const activity = this.#activity(activityId);
    applied(machines.activities, activity, event);
    const parentId = parentOf(activity.context);
    this.#dropChildren(activityId);
    this.#removeChild(parentId ?? this.executionId, activityId);
    this.activities.delete(activityId);
    this.timers.delete(activityId);
    if (event.assigned === undefined) return;
    if (parentId === undefined) this.#setExecution(applied(machines.executions, this.#execution, event));
    else this.children.set(parentId, applied(machines.children, this.#child(parentId), event));
  }

  #fireTimer(event: TimerFiredEvent): void {
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

  /** The actor right above an activity that starts: one that takes something new. */
  #parentOf(event: Extract<Event, { type: "StateStartedEvent" }>): string {
    const parentId = parentOf(event);
    const parent = parentId === undefined ? this.#execution : this.#child(parentId);
    const id = parentId ?? this.executionId;
    if (!takesNew(parent)) throw new BrokenInvariant(`Expected "${id}" to run, but it is ${parent.value}`);
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
    for (let index = 0; index < started; index++) this.children.delete(childIdAt(context, index));
  }

  #activity(id: ActivityId): ActivitySnapshot {
    return known(this.activities.get(id), id);
  }

  #child(id: ChildId): ChildSnapshot {
    return known(this.children.get(id), id);
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
  { type, activityId, index }: ChildStart,
): void {
  if (status?.started === index && index < status.max) return;
  throw new BrokenInvariant(`Expected ${type} ${status?.started} of "${activityId}", but it is ${index}`);
}

function childIdAt({ activityId, branchStatus }: ActivityContext, index: number): ChildId {
  return branchStatus === undefined ? iterationId(activityId, index) : branchId(activityId, index);
}

function isBranch(child: ChildSnapshot): child is BranchSnapshot {
  return "branchId" in child.context;
}

function isIteration(child: ChildSnapshot): child is IterationSnapshot {
  return "iterationId" in child.context;
}

function isOpen(status: ChildStatus): boolean {
  return status === "Running" || status === "Canceling";
}

function known<T>(actor: T | undefined, id: string): T {
  if (actor === undefined) throw new BrokenInvariant(`Expected "${id}" to be known, but it is not`);
  return actor;
}
