/**
 * Events: facts. The state of an execution is what its events say, and nothing else; all that was drawn or evaluated is in them.
 */
import { Schema } from "effect";
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
  PayloadArray,
  PayloadObject,
  raised,
  record,
  TaskIdField,
} from "./fields.ts";
import { ResumedState } from "./resumption.ts";
import { startFacts } from "./start_facts.ts";

type TypesOf<Schemas extends Readonly<Record<string, { readonly Type: unknown }>>> = Schemas[keyof Schemas]["Type"];

const error = { reason: optional(Schema.String), message: optional(Schema.String) };

/** An execution exists, pinned to a definition. */
export const ExecutionStartedEvent = record("ExecutionStartedEvent", {
  ...startFacts,
  status: Schema.Literals(["Pending", "Running"]),
  startedAtEpochMs: EpochMs,
  /** `Pending`: when it begins. `Running`: when the machine's `TimeoutSeconds` runs out. */
  deadlineEpochMs: optional(EpochMs),
});
export type ExecutionStartedEvent = typeof ExecutionStartedEvent.Type;

/** A delayed start came due. */
export const ExecutionRunningEvent = record("ExecutionRunningEvent", {
  executionId: ExecutionIdField,
  deadlineEpochMs: optional(EpochMs),
});
export type ExecutionRunningEvent = typeof ExecutionRunningEvent.Type;

/** It will end so, once everything below has been reclaimed. */
export const ExecutionCompletingEvent = record("ExecutionCompletingEvent", {
  executionId: ExecutionIdField,
  status: EndStatus,
  timedOut: optional(Schema.Boolean),
  ...error,
});
export type ExecutionCompletingEvent = typeof ExecutionCompletingEvent.Type;

/** It will end as canceled, once everything below has been reclaimed. */
export const ExecutionCancelingEvent = record("ExecutionCancelingEvent", { executionId: ExecutionIdField, ...error });
export type ExecutionCancelingEvent = typeof ExecutionCancelingEvent.Type;

/** The execution has ended; nothing follows but its deletion. */
export const ExecutionCompletedEvent = record("ExecutionCompletedEvent", {
  executionId: ExecutionIdField,
  status: EndStatus,
  output: optional(Payload),
  timedOut: optional(Schema.Boolean),
  endedAtEpochMs: EpochMs,
  ...error,
});
export type ExecutionCompletedEvent = typeof ExecutionCompletedEvent.Type;

/** It goes on from where it failed. */
export const ExecutionRedrivenEvent = record("ExecutionRedrivenEvent", {
  executionId: ExecutionIdField,
  /** 1 for the first redrive. */
  redriveCount: Schema.Number,
  redrivenAtEpochMs: EpochMs,
  clientToken: optional(Schema.String),
  variables: optional(PayloadObject),
  /** When the machine's `TimeoutSeconds` runs out, counted anew. */
  deadlineEpochMs: optional(EpochMs),
});
export type ExecutionRedrivenEvent = typeof ExecutionRedrivenEvent.Type;

/** The execution is to be forgotten. */
export const ExecutionDeletingEvent = record("ExecutionDeletingEvent", { executionId: ExecutionIdField });
export type ExecutionDeletingEvent = typeof ExecutionDeletingEvent.Type;

/** A state was entered, with all that was evaluated for it. */
export const StateStartedEvent = record("StateStartedEvent", {
  activityId: ActivityIdField,
  stateName: Schema.String,
  stateType: Schema.String,
  input: Payload,
  parentBranchId: optional(BranchIdField),
  parentIterationId: optional(IterationIdField),
  enteredAtEpochMs: EpochMs,
  /** Id of its `…StateEntered` in AWS's history: causes name it. */
  historyId: Schema.Number,
  /** Wait: when it ends. */
  deadlineEpochMs: optional(EpochMs),
  /** Parallel, Map: how many children it will have. Distributed Map: how many items it brings itself. */
  max: optional(Schema.Number),
  /** Map: the items, as evaluated. */
  items: optional(PayloadArray),
  /** Map: 0 for no bound. */
  maxConcurrency: optional(Schema.Number),
  /** Distributed Map: the Map Run that it starts. Its children are executions of their own. */
  mapRun: optional(Schema.String),
  /** The state goes on in a redriven execution. */
  resume: optional(ResumedState),
});
export type StateStartedEvent = typeof StateStartedEvent.Type;

/** A JSONata expression of the state failed; what follows from that stands in the events behind it. */
export const EvaluationFailedEvent = record("EvaluationFailedEvent", {
  activityId: ActivityIdField,
  stateName: Schema.String,
  /** The field, such as `Output/total`; absent where the failure is none of one field. */
  location: optional(Schema.String),
  /** 0-based place in `Catch` of the catcher whose own expression it was. */
  catcherIndex: optional(Schema.Number),
  ...error,
});
export type EvaluationFailedEvent = typeof EvaluationFailedEvent.Type;

/** It will end so, once its children have been reclaimed. */
export const StateCompletingEvent = record("StateCompletingEvent", {
  activityId: ActivityIdField,
  status: EndStatus,
  ...raised,
  ...error,
});
export type StateCompletingEvent = typeof StateCompletingEvent.Type;

/** The state failed and will be run again at the deadline, jitter included. */
export const StateRetryScheduledEvent = record("StateRetryScheduledEvent", {
  activityId: ActivityIdField,
  /** 0-based place in `Retry`. */
  retrierIndex: Schema.Number,
  deadlineEpochMs: EpochMs,
  ...error,
});
export type StateRetryScheduledEvent = typeof StateRetryScheduledEvent.Type;

/** The state runs again; its children are counted anew. */
export const StateRetriedEvent = record("StateRetriedEvent", {
  activityId: ActivityIdField,
  /** 2 for the first retry. */
  attempt: Schema.Number,
  max: optional(Schema.Number),
  items: optional(PayloadArray),
  maxConcurrency: optional(Schema.Number),
  mapRun: optional(Schema.String),
});
export type StateRetriedEvent = typeof StateRetriedEvent.Type;

/** The state has ended: its output and variables, and which state follows. */
export const StateCompletedEvent = record("StateCompletedEvent", {
  activityId: ActivityIdField,
  stateName: Schema.String,
  status: EndStatus,
  output: optional(Payload),
  /** Variables that it set. */
  assigned: optional(PayloadObject),
  next: optional(Schema.String),
  /** 0-based place in `Catch` of the catcher that took the error. */
  catcherIndex: optional(Schema.Number),
  /** The error ends the whole execution: `States.Runtime` of the engine's own. */
  isFatal: optional(Schema.Boolean),
  ...error,
});
export type StateCompletedEvent = typeof StateCompletedEvent.Type;

/** It is taken over from before a redrive. */
const isKept = optional(Schema.Boolean);
const childStart = {
  activityId: ActivityIdField,
  index: Schema.Number,
  input: Payload,
  isKept,
  /** Those that it had before a redrive. */
  variables: optional(PayloadObject),
};
const childEnd = {
  activityId: ActivityIdField,
  index: Schema.Number,
  isKept,
  status: EndStatus,
  output: optional(Payload),
  ...error,
};

/** A branch of Parallel began. */
export const BranchStartedEvent = record("BranchStartedEvent", { branchId: BranchIdField, ...childStart });
export type BranchStartedEvent = typeof BranchStartedEvent.Type;
/** It will end as canceled, once what is below has been reclaimed. */
export const BranchCancelingEvent = record("BranchCancelingEvent", { branchId: BranchIdField });
export type BranchCancelingEvent = typeof BranchCancelingEvent.Type;
/** A branch of Parallel has ended. */
export const BranchCompletedEvent = record("BranchCompletedEvent", { branchId: BranchIdField, ...childEnd });
export type BranchCompletedEvent = typeof BranchCompletedEvent.Type;

/** An item of Map began. */
export const IterationStartedEvent = record("IterationStartedEvent", { iterationId: IterationIdField, ...childStart });
export type IterationStartedEvent = typeof IterationStartedEvent.Type;
/** It will end as canceled, once what is below has been reclaimed. */
export const IterationCancelingEvent = record("IterationCancelingEvent", { iterationId: IterationIdField });
export type IterationCancelingEvent = typeof IterationCancelingEvent.Type;
/** An item of Map has ended. */
export const IterationCompletedEvent = record("IterationCompletedEvent", {
  iterationId: IterationIdField,
  ...childEnd,
});
export type IterationCompletedEvent = typeof IterationCompletedEvent.Type;

/** There is work for a worker; it is handed out once this is durable. */
export const TaskCreatedEvent = record("TaskCreatedEvent", {
  taskId: TaskIdField,
  activityId: ActivityIdField,
  resource: Schema.String,
  input: Payload,
  /** 1 for the first try of the state. */
  attempt: Schema.Number,
  createdAtEpochMs: EpochMs,
  timeoutSeconds: optional(Schema.Number),
  heartbeatSeconds: optional(Schema.Number),
  /** When `timeoutSeconds` runs out. */
  timeoutAtEpochMs: optional(EpochMs),
  /** The role that the state's `Credentials` name: nothing else of them is kept. */
  roleArn: optional(Schema.String),
  /** Whoever does it starts executions for it. */
  hasChildren: optional(Schema.Boolean),
  /** Of a Map Run that goes on: which redrive of the execution this is. */
  redrive: optional(Schema.Number),
});
export type TaskCreatedEvent = typeof TaskCreatedEvent.Type;

/** A worker works on it; when its next heartbeat is due. */
export const TaskActivatedEvent = record("TaskActivatedEvent", {
  taskId: TaskIdField,
  activityId: ActivityIdField,
  /** As the worker calls itself. */
  workerName: optional(Schema.String),
  heartbeatAtEpochMs: optional(EpochMs),
});
export type TaskActivatedEvent = typeof TaskActivatedEvent.Type;

/** The worker gave a sign; when its next one is due. */
export const TaskHeartbeatRecordedEvent = record("TaskHeartbeatRecordedEvent", {
  taskId: TaskIdField,
  activityId: ActivityIdField,
  heartbeatAtEpochMs: optional(EpochMs),
});
export type TaskHeartbeatRecordedEvent = typeof TaskHeartbeatRecordedEvent.Type;

/** What was asked of the outside has been taken up there, and answered so. */
export const TaskSubmittedEvent = record("TaskSubmittedEvent", {
  taskId: TaskIdField,
  activityId: ActivityIdField,
  output: Payload,
});
export type TaskSubmittedEvent = typeof TaskSubmittedEvent.Type;

/** The task with children is over, but for them: it ends as `why` says when none of them runs any more. */
export const TaskReclaimingEvent = record("TaskReclaimingEvent", {
  taskId: TaskIdField,
  activityId: ActivityIdField,
  /** `canceled`, or which of its clocks ran out. */
  why: Schema.Literals(["canceled", "timeout", "heartbeat"]),
});
export type TaskReclaimingEvent = typeof TaskReclaimingEvent.Type;

/** The worker succeeded. No other outcome of this task counts any more. */
export const TaskCompletedEvent = record("TaskCompletedEvent", {
  taskId: TaskIdField,
  activityId: ActivityIdField,
  output: Payload,
});
export type TaskCompletedEvent = typeof TaskCompletedEvent.Type;

/** The worker failed. */
export const TaskFailedEvent = record("TaskFailedEvent", {
  taskId: TaskIdField,
  activityId: ActivityIdField,
  ...error,
});
export type TaskFailedEvent = typeof TaskFailedEvent.Type;

/** The worker was too slow, or silent for too long. */
export const TaskTimedOutEvent = record("TaskTimedOutEvent", {
  taskId: TaskIdField,
  activityId: ActivityIdField,
  clock: Schema.Literals(["timeout", "heartbeat"]),
});
export type TaskTimedOutEvent = typeof TaskTimedOutEvent.Type;

/** Nobody waits for this task any more. */
export const TaskCanceledEvent = record("TaskCanceledEvent", { taskId: TaskIdField, activityId: ActivityIdField });
export type TaskCanceledEvent = typeof TaskCanceledEvent.Type;

/** A deadline of this actor has passed. */
export const TimerFiredEvent = record("TimerFiredEvent", { actorId: ActorIdField, deadlineEpochMs: EpochMs });
export type TimerFiredEvent = typeof TimerFiredEvent.Type;

const executionEvents = {
  ExecutionStartedEvent,
  ExecutionRunningEvent,
  ExecutionCompletingEvent,
  ExecutionCancelingEvent,
  ExecutionCompletedEvent,
  ExecutionRedrivenEvent,
  ExecutionDeletingEvent,
} as const;
/** What happens to an execution itself, but for its clock. */
export type EventOfExecution = TypesOf<typeof executionEvents>;

const stateEvents = {
  StateStartedEvent,
  EvaluationFailedEvent,
  StateCompletingEvent,
  StateRetryScheduledEvent,
  StateRetriedEvent,
  StateCompletedEvent,
} as const;
/** What happens to a run of a state, but for its clock. */
export type EventOfState = TypesOf<typeof stateEvents>;

const branchEvents = { BranchStartedEvent, BranchCancelingEvent, BranchCompletedEvent } as const;
const iterationEvents = { IterationStartedEvent, IterationCancelingEvent, IterationCompletedEvent } as const;
/** What happens to a branch or an iteration. */
export type EventOfChild = TypesOf<typeof branchEvents> | TypesOf<typeof iterationEvents>;

const taskEvents = {
  TaskCreatedEvent,
  TaskActivatedEvent,
  TaskHeartbeatRecordedEvent,
  TaskSubmittedEvent,
  TaskReclaimingEvent,
  TaskCompletedEvent,
  TaskFailedEvent,
  TaskTimedOutEvent,
  TaskCanceledEvent,
} as const;
/** What happens to a task, but for its clocks. */
export type EventOfTask = TypesOf<typeof taskEvents>;

/** Every event inside an execution, by name. */
export const eventSchemas = {
  ...executionEvents,
  ...stateEvents,
  ...branchEvents,
  ...iterationEvents,
  ...taskEvents,
  TimerFiredEvent,
} as const;
/** Any event inside an execution. */
export type Event = TypesOf<typeof eventSchemas>;

/** What the execution machine takes. */
export type ExecutionEvent = EventOfExecution | StateCompletedEvent | TimerFiredEvent;
/** What the activity machine takes: a failed evaluation is told by what comes of it. */
export type ActivityEvent =
  | Exclude<EventOfState, EvaluationFailedEvent>
  | Exclude<EventOfChild, BranchCancelingEvent | IterationCancelingEvent>
  | TimerFiredEvent;
/** What the machine of branches and iterations takes. */
export type ChildEvent = EventOfChild | StateCompletedEvent;
/** What the task machine takes. */
export type TaskEvent = EventOfTask | TimerFiredEvent;

type Group = "execution" | "state" | "child" | "task" | "timer";
const groupOf = (group: Group, schemas: object) => Object.keys(schemas).map((type) => [type, group]);
const groups: Readonly<Record<string, Group>> = Object.fromEntries([
  ...groupOf("execution", executionEvents),
  ...groupOf("state", stateEvents),
  ...groupOf("child", { ...branchEvents, ...iterationEvents }),
  ...groupOf("task", taskEvents),
  ...groupOf("timer", { TimerFiredEvent }),
]);

/** The event happens to the execution itself. */
export function isOfExecution(event: Event): event is EventOfExecution {
  return groups[event.type] === "execution";
}

/** The event happens to a run of a state. */
export function isOfState(event: Event): event is EventOfState {
  return groups[event.type] === "state";
}

/** The event happens to a branch or an iteration. */
export function isOfChild(event: Event): event is EventOfChild {
  return groups[event.type] === "child";
}

/** The event happens to a task. */
export function isOfTask(event: Event): event is EventOfTask {
  return groups[event.type] === "task";
}
