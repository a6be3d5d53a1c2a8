/** A schedule as the log keeps it: what was asked for, and how far it has come. */
import { Schema } from "effect";
import { Format } from "../protocol/mod.ts";

const optional = Schema.optionalKey;

/** Kind of schedules among resources. */
export const SCHEDULE_KIND = "schedule";

/**
 * What becomes of a due time while the execution that the one before it started still runs: `allow` starts beside it, `skip` starts none,
 * `buffer-one` lets one wait and `buffer-all` every one, `cancel-other` cancels what runs and starts when that has ended.
 */
export const overlapPolicies = ["allow", "skip", "buffer-one", "buffer-all", "cancel-other"] as const;
/** One of them. */
export type OverlapPolicy = (typeof overlapPolicies)[number];

/** How far a schedule has come. */
export const Progress = Schema.Struct({
  /** Every time due up to this one, inclusive, has been dealt with or waits: Unix milliseconds. */
  throughEpochMs: Schema.Number,
  /** Due times that wait for an execution to end, oldest first. */
  waiting: Schema.Array(Schema.Number),
  /** What was started last, by the key that it is found with. */
  last: optional(Schema.Struct({ dueEpochMs: Schema.Number, key: Schema.String, executionArn: Schema.String })),
  started: Schema.Number,
  /** Not started, because another one ran. */
  skipped: Schema.Number,
  /** Not started, because nobody was there in time. */
  missed: Schema.Number,
  /** Refused, such as for a state machine that is not there. */
  failed: Schema.Number,
  /** Why the last one was refused that was. */
  failure: optional(Schema.Struct({ dueEpochMs: Schema.Number, code: Schema.String, message: Schema.String })),
});
/** One of it. */
export type Progress = typeof Progress.Type;

/** What a schedule is to do, and when. */
export const ScheduleRecord = Schema.Struct({
  expression: Schema.String,
  timezone: Schema.String,
  /** When the first interval of a rate begins, and what due times come not before: Unix milliseconds. */
  sinceEpochMs: Schema.Number,
  /** As it was asked for. */
  startEpochMs: optional(Schema.Number),
  endEpochMs: optional(Schema.Number),
  /** Each start is somewhere in so many minutes after its due time. */
  flexibleMinutes: optional(Schema.Number),
  isEnabled: Schema.Boolean,
  /** Deleted as soon as nothing is due any more. */
  deletesItself: Schema.Boolean,
  overlap: Schema.Literals(overlapPolicies),
  /** A due time older than this is missed, not made up for. */
  catchUpSeconds: Schema.Number,
  /** ARN of a state machine, a version or an alias, or the name of a workflow of the same space. */
  stateMachine: Schema.String,
  /** JSON text; may have `<aws.scheduler.…>` in it. */
  input: optional(Schema.String),
  description: optional(Schema.String),
  /** What another API was told beside it, and is to tell again. */
  told: optional(Schema.String),
  progress: Progress,
});
/** One of it. */
export type ScheduleRecord = typeof ScheduleRecord.Type;

const format = new Format({ what: "a schedule", schema: ScheduleRecord, older: [] });

/** @throws when the registry holds something else: a defect, or a newer Weft's */
export const decodeSchedule = (value: unknown): ScheduleRecord => format.decode(value);
