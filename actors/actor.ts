/**
 * What all actors have in common: the form of a decision, and what a decision may read.
 *
 * An actor is two pure parts. `decide…` takes a command and gives events and further commands, or a rejection; the XState
 * machine takes events and gives the next snapshot. Time, randomness and ids come in by {@link TurnDraws}.
 */
import type { ExpressionDraws, StateMachine, WorkMeter } from "../src/language/types.ts";
import {
  type ActivityContext,
  type ActivityStatus,
  type BranchContext,
  type ChildStatus,
  type Command,
  type Event,
  type ExecutionContext,
  type ExecutionStatus,
  type IterationContext,
  type Rejection,
  rejectionOf,
  type RejectionReason,
  type TaskContext,
  type TaskStatus,
} from "../src/protocol/mod.ts";
import type { ActivityId, ExecutionId, Json, Limits, TaskId, Timestamp } from "../src/values/mod.ts";
import type { ChildContext, ChildId } from "./child/child_records.ts";

export type { ExecutionStatus };

/** An actor as it stands: of XState's snapshot what is kept. */
export interface ActorSnapshot<Status extends string, Context> {
  readonly value: Status;
  readonly context: Context;
}

/** An execution as it stands. */
export type ExecutionSnapshot = ActorSnapshot<ExecutionStatus, ExecutionContext>;
/** An activity as it stands. */
export type ActivitySnapshot = ActorSnapshot<ActivityStatus, ActivityContext>;
/** A branch as it stands. */
export type BranchSnapshot = ActorSnapshot<ChildStatus, BranchContext>;
/** An iteration as it stands. */
export type IterationSnapshot = ActorSnapshot<ChildStatus, IterationContext>;
/** A branch or an iteration as it stands. */
export type ChildSnapshot = ActorSnapshot<ChildStatus, ChildContext>;
/** A task as it stands. */
export type TaskSnapshot = ActorSnapshot<TaskStatus, TaskContext>;

/** True while something new may begin below the actor: a state, a child or a task. */
export function takesNew(actor: ActorSnapshot<string, unknown> | undefined): boolean {
  return actor?.value === "Running";
}

/** What one turn may draw. Everything drawn ends in an event. */
export interface TurnDraws extends ExpressionDraws {
  /** The next value of the hybrid logical clock: ids are made of it. */
  timestamp(): Timestamp;
  /** The bearer secret with which a worker may end this task. */
  taskToken(executionId: ExecutionId, activityId: ActivityId, taskId: TaskId): string;
  /** Milliseconds that so many seconds of a definition take (the time scale of tests and local runs). */
  delayMs(seconds: number): number;
}

/** What a decision may read of its execution. */
export interface ExecutionView {
  readonly machine: StateMachine;
  readonly limits: Limits;
  readonly draws: TurnDraws;
  /** Counts the steps of expressions in this turn. */
  readonly meter: WorkMeter;
  execution(): ExecutionSnapshot;
  activity(id: ActivityId): ActivitySnapshot | undefined;
  child(id: ChildId): ChildSnapshot | undefined;
  task(id: TaskId): TaskSnapshot | undefined;
  /** Events of AWS's history so far. */
  historyCount(): number;
  /** The oldest running actor right below this one, other than `except`; `undefined` when there is none. */
  openChildOf(id: ExecutionId | ActivityId | ChildId, except?: string): string | undefined;
  /** Outputs of an activity's children in the order of their index. */
  childOutputs(activityId: ActivityId): readonly Json[];
}

/** A command that is done. */
export interface Accepted {
  readonly events: readonly Event[];
  /** What follows, in order. */
  readonly commands: readonly Command[];
}
/** A command that comes to nothing. */
export interface Refused {
  readonly rejection: Rejection;
}
/** What an actor makes of a command. */
export type Decision = Accepted | Refused;

/** The command is done: these are the facts, and this follows. */
export function accept(events: readonly Event[], commands: readonly Command[] = []): Accepted {
  return { events, commands };
}

/** The command comes to nothing. */
export function reject(command: Command, reason: RejectionReason, message: string): Refused {
  return { rejection: rejectionOf(command, reason, message) };
}

/** A bug of ours, or a log that is not ours: the actor stops, the others run on. */
export class BrokenInvariant extends Error {
  override readonly name = "BrokenInvariant";
}

/** What a machine has before its first event. */
export function absentContext<Context>(): Context {
  return {} as Context;
}
