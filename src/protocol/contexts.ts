/** What each actor remembers: the contexts of the XState machines in `actors/`, as they are kept in snapshots. */
import { Schema } from "effect";
import {
  ActivityIdField,
  BranchIdField,
  EndStatus,
  EpochMs,
  IterationIdField,
  optional,
  Payload,
  PayloadArray,
  PayloadObject,
  raised,
  TaskIdField,
} from "./fields.ts";
import { ResumedState } from "./resumption.ts";
import { startFacts } from "./start_facts.ts";

/** A field that an event may clear. */
const clearable = Schema.optional;

/** How an actor will end, once what is below it has been reclaimed. */
export const Ending = Schema.Struct({
  status: EndStatus,
  reason: optional(Schema.String),
  message: optional(Schema.String),
  timedOut: optional(Schema.Boolean),
  ...raised,
});
export type Ending = typeof Ending.Type;

/** An execution's phases, first to last, as everyone sees them. */
export const executionStatuses = [
  "Pending",
  "Running",
  "Completing",
  "Succeeded",
  "Failed",
  "Canceling",
  "Canceled",
  "Deleting",
] as const;
/** One of {@link executionStatuses}. */
export type ExecutionStatus = (typeof executionStatuses)[number];

/** An activity's phases until it has ended. */
export const openActivityStatuses = ["Running", "Retrying", "Completing"] as const;
/** An activity's phase; how it ended stands in its last event. */
export type ActivityStatus = (typeof openActivityStatuses)[number] | "Ended";

/** A branch's or an iteration's phases. */
export const childStatuses = ["Running", "Canceling", "Succeeded", "Failed", "Canceled"] as const;
/** One of {@link childStatuses}. */
export type ChildStatus = (typeof childStatuses)[number];

/** A task's phases until it has ended. */
export const openTaskStatuses = ["Created", "Activated", "Reclaiming"] as const;
/** A task's phase; how it ended stands in its last event. */
export type TaskStatus = (typeof openTaskStatuses)[number] | "Ended";

/** What an execution remembers. */
export const ExecutionContext = Schema.Struct({
  ...startFacts,
  startedAtEpochMs: EpochMs,
  deadlineEpochMs: clearable(EpochMs),
  variables: clearable(PayloadObject),
  ending: clearable(Ending),
  output: optional(Payload),
  endedAtEpochMs: clearable(EpochMs),
  redriveCount: optional(Schema.Number),
  redrivenAtEpochMs: optional(EpochMs),
  /** Of the newest redrive, if it came with one. */
  clientToken: clearable(Schema.String),
});
export type ExecutionContext = typeof ExecutionContext.Type;

/** Progress of the children of Parallel (branches) or Map (iterations). */
export const ChildrenStatus = Schema.Struct({
  max: Schema.Number,
  started: Schema.Number,
  done: Schema.Number,
});
export type ChildrenStatus = typeof ChildrenStatus.Type;

/** What an activity (one run of one state) remembers. */
export const ActivityContext = Schema.Struct({
  activityId: ActivityIdField,
  stateName: Schema.String,
  stateType: Schema.String,
  input: Payload,
  parentBranchId: optional(BranchIdField),
  parentIterationId: optional(IterationIdField),
  enteredAtEpochMs: EpochMs,
  historyId: Schema.Number,
  attempt: Schema.Number,
  /** Retries made by each retrier, by its place in `Retry`. */
  retryCounts: Schema.Array(Schema.Number),
  deadlineEpochMs: clearable(EpochMs),
  branchStatus: clearable(ChildrenStatus),
  iterationStatus: clearable(ChildrenStatus),
  items: clearable(PayloadArray),
  maxConcurrency: clearable(Schema.Number),
  mapRun: clearable(Schema.String),
  ending: clearable(Ending),
  resume: clearable(ResumedState),
});
export type ActivityContext = typeof ActivityContext.Type;

const child = {
  activityId: ActivityIdField,
  index: Schema.Number,
  input: Payload,
  variables: clearable(PayloadObject),
  output: optional(Payload),
  isKept: optional(Schema.Boolean),
};

/** What a branch of Parallel remembers. */
export const BranchContext = Schema.Struct({ branchId: BranchIdField, ...child });
export type BranchContext = typeof BranchContext.Type;

/** What an item of Map remembers. */
export const IterationContext = Schema.Struct({ iterationId: IterationIdField, ...child });
export type IterationContext = typeof IterationContext.Type;

/** What a task remembers. */
export const TaskContext = Schema.Struct({
  taskId: TaskIdField,
  activityId: ActivityIdField,
  resource: Schema.String,
  input: Payload,
  attempt: Schema.Number,
  createdAtEpochMs: EpochMs,
  timeoutSeconds: optional(Schema.Number),
  heartbeatSeconds: optional(Schema.Number),
  timeoutAtEpochMs: clearable(EpochMs),
  heartbeatAtEpochMs: clearable(EpochMs),
  hasChildren: optional(Schema.Boolean),
  redrive: optional(Schema.Number),
  /** The outside has taken the request up. */
  isSubmitted: optional(Schema.Boolean),
  /** How it ends once its children are reclaimed. */
  why: optional(Schema.Literals(["canceled", "timeout", "heartbeat"])),
});
export type TaskContext = typeof TaskContext.Type;
