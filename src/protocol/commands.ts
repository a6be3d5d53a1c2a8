/** Commands: wishes. Each ends in events or in a rejection; {@link outcomes} says in which. */
import { Schema } from "effect";
import type { Event } from "./events.ts";
import {
  ActivityIdField,
  ActorIdField,
  BranchIdField,
  EndStatus,
  EpochMs,
  ExecutionIdField,
  IterationIdField,
  optional,
  Payload,
  PayloadObject,
  raised,
  record,
  TaskIdField,
} from "./fields.ts";
import { ResumedState } from "./resumption.ts";
import { startFacts, startOptions } from "./start_facts.ts";

/** Start an execution of this definition. Ids and times are drawn already. */
export const StartExecutionCommand = record("StartExecutionCommand", { ...startFacts, ...startOptions });
export type StartExecutionCommand = typeof StartExecutionCommand.Type;

/** The last state is done, or a failure reached the top: end the execution so. */
export const CompleteExecutionCommand = record("CompleteExecutionCommand", {
  executionId: ExecutionIdField,
  status: EndStatus,
  output: optional(Payload),
  reason: optional(Schema.String),
  message: optional(Schema.String),
  /** The machine's own `TimeoutSeconds` ran out. */
  timedOut: optional(Schema.Boolean),
});
export type CompleteExecutionCommand = typeof CompleteExecutionCommand.Type;

/** Stop the execution from outside, with an error name and cause if the caller gave them. */
export const CancelExecutionCommand = record("CancelExecutionCommand", {
  executionId: ExecutionIdField,
  reason: optional(Schema.String),
  message: optional(Schema.String),
});
export type CancelExecutionCommand = typeof CancelExecutionCommand.Type;

/** Let an execution that did not succeed go on from where it failed. */
export const RedriveExecutionCommand = record("RedriveExecutionCommand", {
  executionId: ExecutionIdField,
  /** Which redrive this is, 1 for the first: what it goes on from was read before. */
  redriveCount: Schema.Number,
  /** The caller's word for this wish: the same again is answered as the first was. */
  clientToken: optional(Schema.String),
  resume: ResumedState,
  /** The execution's variables at that place. */
  variables: optional(PayloadObject),
  /**
   * Where its turns before this one stand in the log, each as the distance from the one before. A snapshot of what lives does not have
   * what had ended: a node that has nothing else reads them.
   */
  turns: Schema.Array(Schema.Number),
  /** The Map Run that redrives its child: nobody else may. */
  mapRun: optional(Schema.String),
});
export type RedriveExecutionCommand = typeof RedriveExecutionCommand.Type;

/** Forget an ended execution. */
export const DeleteExecutionCommand = record("DeleteExecutionCommand", { executionId: ExecutionIdField });
export type DeleteExecutionCommand = typeof DeleteExecutionCommand.Type;

/** Enter a state: begin an activity. */
export const StartStateCommand = record("StartStateCommand", {
  activityId: ActivityIdField,
  executionId: ExecutionIdField,
  stateName: Schema.String,
  input: Payload,
  parentBranchId: optional(BranchIdField),
  parentIterationId: optional(IterationIdField),
  /** The state goes on in a redriven execution. */
  resume: optional(ResumedState),
});
export type StartStateCommand = typeof StartStateCommand.Type;

/** The state has its result or its error: retry, catch, go on or end. */
export const CompleteStateCommand = record("CompleteStateCommand", {
  activityId: ActivityIdField,
  status: EndStatus,
  /** The state's result, before ResultSelector, ResultPath and OutputPath. */
  output: optional(Payload),
  /** The error's name. */
  reason: optional(Schema.String),
  /** The error's cause; of an error of the engine's own without AWS's sentence about the state. */
  message: optional(Schema.String),
  ...raised,
});
export type CompleteStateCommand = typeof CompleteStateCommand.Type;

/** The delay before a retry is over: run the state again. */
export const RetryStateCommand = record("RetryStateCommand", { activityId: ActivityIdField });
export type RetryStateCommand = typeof RetryStateCommand.Type;

/** Reclaim an activity whose parent ends. */
export const CancelStateCommand = record("CancelStateCommand", { activityId: ActivityIdField });
export type CancelStateCommand = typeof CancelStateCommand.Type;

/** Begin a branch of Parallel. */
export const StartBranchCommand = record("StartBranchCommand", {
  branchId: BranchIdField,
  executionId: ExecutionIdField,
  activityId: ActivityIdField,
  /** 0-based. */
  index: Schema.Number,
  input: Payload,
});
export type StartBranchCommand = typeof StartBranchCommand.Type;

const childEnd = {
  status: EndStatus,
  output: optional(Payload),
  reason: optional(Schema.String),
  message: optional(Schema.String),
};

/** The last state of a branch is done: its end, for the Parallel above. */
export const CompleteBranchCommand = record("CompleteBranchCommand", { branchId: BranchIdField, ...childEnd });
export type CompleteBranchCommand = typeof CompleteBranchCommand.Type;

/** Reclaim a branch whose parent ends. */
export const CancelBranchCommand = record("CancelBranchCommand", { branchId: BranchIdField });
export type CancelBranchCommand = typeof CancelBranchCommand.Type;

/** Begin an item of Map. */
export const StartIterationCommand = record("StartIterationCommand", {
  iterationId: IterationIdField,
  executionId: ExecutionIdField,
  activityId: ActivityIdField,
  /** 0-based. */
  index: Schema.Number,
  input: Payload,
});
export type StartIterationCommand = typeof StartIterationCommand.Type;

/** The last state of an iteration is done: its end, for the Map above. */
export const CompleteIterationCommand = record("CompleteIterationCommand", {
  iterationId: IterationIdField,
  ...childEnd,
});
export type CompleteIterationCommand = typeof CompleteIterationCommand.Type;

/** Reclaim an iteration whose parent ends. */
export const CancelIterationCommand = record("CancelIterationCommand", { iterationId: IterationIdField });
export type CancelIterationCommand = typeof CancelIterationCommand.Type;

/** Give work to a worker. */
export const CreateTaskCommand = record("CreateTaskCommand", {
  taskId: TaskIdField,
  activityId: ActivityIdField,
  executionId: ExecutionIdField,
  resource: Schema.String,
  input: Payload,
  timeoutSeconds: optional(Schema.Number),
  heartbeatSeconds: optional(Schema.Number),
  /** The role that the state's `Credentials` name: nothing else of them is kept. */
  roleArn: optional(Schema.String),
  /** Whoever does it starts executions for it: it ends only when none of them runs any more. */
  hasChildren: optional(Schema.Boolean),
  /** Of a Map Run that goes on: which redrive of the execution this is. */
  redrive: optional(Schema.Number),
});
export type CreateTaskCommand = typeof CreateTaskCommand.Type;

/** A worker took the task up: from now on heartbeats are due. */
export const ActivateTaskCommand = record("ActivateTaskCommand", {
  taskId: TaskIdField,
  /** As the worker calls itself. */
  workerName: optional(Schema.String),
});
export type ActivateTaskCommand = typeof ActivateTaskCommand.Type;

/** The worker still works on it. */
export const HeartbeatTaskCommand = record("HeartbeatTaskCommand", { taskId: TaskIdField });
export type HeartbeatTaskCommand = typeof HeartbeatTaskCommand.Type;

/** What was asked of the outside has been taken up there, and answered so; the task goes on. */
export const SubmitTaskCommand = record("SubmitTaskCommand", { taskId: TaskIdField, output: Payload });
export type SubmitTaskCommand = typeof SubmitTaskCommand.Type;

const byRunner = {
  /** The word of whoever does a task with children, and not of somebody else who has its token: none of them runs any more. */
  byRunner: optional(Schema.Boolean),
};

/** The worker's result. */
export const CompleteTaskCommand = record("CompleteTaskCommand", { taskId: TaskIdField, output: Payload, ...byRunner });
export type CompleteTaskCommand = typeof CompleteTaskCommand.Type;

/** The worker's failure. */
export const FailTaskCommand = record("FailTaskCommand", {
  taskId: TaskIdField,
  ...byRunner,
  reason: optional(Schema.String),
  message: optional(Schema.String),
});
export type FailTaskCommand = typeof FailTaskCommand.Type;

/** A clock of the task ran out. */
export const TimeOutTaskCommand = record("TimeOutTaskCommand", {
  taskId: TaskIdField,
  /** Which of its two clocks ran out. */
  clock: Schema.Literals(["timeout", "heartbeat"]),
});
export type TimeOutTaskCommand = typeof TimeOutTaskCommand.Type;

/** Reclaim a task whose activity ends: what its worker says later is refused. */
export const CancelTaskCommand = record("CancelTaskCommand", { taskId: TaskIdField });
export type CancelTaskCommand = typeof CancelTaskCommand.Type;

/** A deadline of this actor has come. */
export const FireTimerCommand = record("FireTimerCommand", { actorId: ActorIdField, deadlineEpochMs: EpochMs });
export type FireTimerCommand = typeof FireTimerCommand.Type;

type TypesOf<Schemas extends Readonly<Record<string, { readonly Type: unknown }>>> = Schemas[keyof Schemas]["Type"];

const executionCommands = {
  StartExecutionCommand,
  CompleteExecutionCommand,
  CancelExecutionCommand,
  RedriveExecutionCommand,
  DeleteExecutionCommand,
} as const;
/** What the execution actor decides on. */
export type ExecutionCommand = TypesOf<typeof executionCommands>;

const activityCommands = { StartStateCommand, CompleteStateCommand, RetryStateCommand, CancelStateCommand } as const;
/** What the activity actor decides on. */
export type ActivityCommand = TypesOf<typeof activityCommands>;

const branchCommands = { StartBranchCommand, CompleteBranchCommand, CancelBranchCommand } as const;
/** What the actor of a branch decides on. */
export type BranchCommand = TypesOf<typeof branchCommands>;

const iterationCommands = { StartIterationCommand, CompleteIterationCommand, CancelIterationCommand } as const;
/** What the actor of an iteration decides on. */
export type IterationCommand = TypesOf<typeof iterationCommands>;

const taskCommands = {
  CreateTaskCommand,
  ActivateTaskCommand,
  HeartbeatTaskCommand,
  SubmitTaskCommand,
  CompleteTaskCommand,
  FailTaskCommand,
  TimeOutTaskCommand,
  CancelTaskCommand,
} as const;
/** What the task actor decides on. */
export type TaskCommand = TypesOf<typeof taskCommands>;

/** Every command inside an execution, by name. */
export const commandSchemas = {
  ...executionCommands,
  ...activityCommands,
  ...branchCommands,
  ...iterationCommands,
  ...taskCommands,
  FireTimerCommand,
} as const;
/** Any command inside an execution. */
export type Command = TypesOf<typeof commandSchemas>;

/** The command is the execution actor's. */
export function isExecutionCommand(command: Command): command is ExecutionCommand {
  return command.type in executionCommands;
}

/** The command is the activity actor's. */
export function isActivityCommand(command: Command): command is ActivityCommand {
  return command.type in activityCommands;
}

/** The command is the task actor's. */
export function isTaskCommand(command: Command): command is TaskCommand {
  return command.type in taskCommands;
}

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
