import type { Command } from "./commands.ts";
import type { Event } from "./events.ts";

/**
 * What comes of each command where it is not rejected: events of these types, one or more. A new command does not compile until it is
 * said here, nor does an event that comes of none.
 */
export const outcomes = {
  StartExecutionCommand: ["ExecutionStartedEvent"],
  CompleteExecutionCommand: ["ExecutionCompletingEvent", "ExecutionCompletedEvent"],
  CancelExecutionCommand: ["ExecutionCancelingEvent", "ExecutionCompletedEvent"],
  RedriveExecutionCommand: ["ExecutionRedrivenEvent"],
  DeleteExecutionCommand: ["ExecutionDeletingEvent"],
  StartStateCommand: ["StateStartedEvent"],
  CompleteStateCommand: [
    "EvaluationFailedEvent",
    "StateCompletingEvent",
    "StateRetryScheduledEvent",
    "StateCompletedEvent",
  ],
  RetryStateCommand: ["StateRetriedEvent"],
  CancelStateCommand: ["StateCompletingEvent", "StateCompletedEvent"],
  /** One that is kept from before a redrive ends at once. */
  StartBranchCommand: ["BranchStartedEvent", "BranchCompletedEvent"],
  CompleteBranchCommand: ["BranchCompletedEvent"],
  CancelBranchCommand: ["BranchCancelingEvent", "BranchCompletedEvent"],
  StartIterationCommand: ["IterationStartedEvent", "IterationCompletedEvent"],
  CompleteIterationCommand: ["IterationCompletedEvent"],
  CancelIterationCommand: ["IterationCancelingEvent", "IterationCompletedEvent"],
  CreateTaskCommand: ["TaskCreatedEvent"],
  ActivateTaskCommand: ["TaskActivatedEvent"],
  HeartbeatTaskCommand: ["TaskActivatedEvent", "TaskHeartbeatRecordedEvent"],
  SubmitTaskCommand: ["TaskActivatedEvent", "TaskSubmittedEvent"],
  /** It may be the first word of the worker; and one that is reclaimed ends as it was to. */
  CompleteTaskCommand: ["TaskActivatedEvent", "TaskCompletedEvent", "TaskTimedOutEvent", "TaskCanceledEvent"],
  FailTaskCommand: ["TaskActivatedEvent", "TaskFailedEvent", "TaskTimedOutEvent", "TaskCanceledEvent"],
  TimeOutTaskCommand: ["TaskTimedOutEvent", "TaskReclaimingEvent"],
  CancelTaskCommand: ["TaskCanceledEvent", "TaskReclaimingEvent"],
  /** A delayed start comes due at once. */
  FireTimerCommand: ["TimerFiredEvent", "ExecutionRunningEvent"],
} as const satisfies Record<Command["type"], readonly Event["type"][]>;

/** An event that comes of no command would stand here, and not be `true`. */
type Unaccounted = Exclude<Event["type"], (typeof outcomes)[Command["type"]][number]>;
true satisfies [Unaccounted] extends [never] ? true : Unaccounted;
