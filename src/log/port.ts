/**
 * The replicated log as the engine sees it: one append-only sequence of opaque batches a partition.
 *
 * Sequences are 1-based, rise by one and are never used twice. What an entry means, and whether the entry before it is the
 * one its writer believed in, is the business of `src/runtime` (checksum and hash chain): a log only keeps bytes.
 */
import { Context, type Effect, Schema, type Scope } from "effect";

/** The log moved on between our read and our append: nothing was written. Final: load the partition again and decide again. */
export class AppendConflict extends Schema.TaggedError<AppendConflict>()("AppendConflict", {
  partition: Schema.Number,
  expectedSequence: Schema.Number,
}) {
  override get message(): string {
    return `Cannot append to partition ${this.partition}: its last sequence is no longer ${this.expectedSequence}`;
  }
}

/** The log did not answer, or not in time. After an append the outcome is UNKNOWN: read back before anything else. */
export class LogUnavailable extends Schema.TaggedError<LogUnavailable>()("LogUnavailable", {
  partition: Schema.Number,
  operation: Schema.String,
  cause: Schema.optional(Schema.Defect()),
}) {
  override get message(): string {
    return `Cannot ${this.operation} partition ${this.partition}: the log is not available`;
  }
}

/** The log cannot be what we wrote: deleted, made again, or trimmed further than we asked. Final: an operator must look. */
export class LogDamaged extends Schema.TaggedError<LogDamaged>()("LogDamaged", {
  partition: Schema.Number,
  sequence: Schema.Number,
  reason: Schema.String,
}) {
  override get message(): string {
    return `Cannot trust partition ${this.partition} at sequence ${this.sequence}: ${this.reason}`;
  }
}

/** A newer Weft wrote what stands here: the log is whole, and this one cannot read it. Final for this one: nothing is dropped or overwritten. */
export class LogFromNewerVersion extends Schema.TaggedError<LogFromNewerVersion>()("LogFromNewerVersion", {
  partition: Schema.Number,
  sequence: Schema.Number,
  /** What stands there, up to which version it is read, and who can read it. */
  reason: Schema.String,
}) {
  override get message(): string {
    return `LogFromNewerVersion: cannot read partition ${this.partition} at sequence ${this.sequence}: ${this.reason}`;
  }
}

/** Why a log that answers cannot be read. */
export type LogUnreadable = LogDamaged | LogFromNewerVersion;

/** What one append wrote, and where. The bytes are shared: whoever reads them does not write to them. */
export interface LogEntry {
  /** 1-based place in the partition's log. */
  readonly sequence: number;
  readonly bytes: Uint8Array;
}

/** The part of a log that is there. */
export interface LogBounds {
  /** The oldest entry still there; `last + 1` when there is none. */
  readonly first: number;
  /** The newest entry ever appended, also when trimmed away; 0 for a log never written to. */
  readonly last: number;
}

/**
 * One partition's log.
 *
 * - `append` MUST fail with `AppendConflict` if the last sequence is not `expectedSequence`, writing nothing; MUST be durable
 *   (as far as the adapter was asked to be) before it succeeds; returns the entry's sequence, `expectedSequence + 1`.
 *   MAY fail with `LogUnavailable` although the entry was or will be written.
 *   MUST NOT retry by itself. Entries larger than `entryBytesMax` are a defect of the caller.
 * - `read` returns entries from `from` (inclusive) in order, at most `limit` and at least one if there is one; an empty array
 *   only past the end. `from` below `bounds.first` fails with `LogDamaged`. A hole inside the range fails with `LogDamaged`.
 *   MUST see every append that was acknowledged before the call.
 * - `trim` removes entries up to and including `through`; repeats are harmless; the last entry may go as well, `last` stays.
 */
export interface PartitionLog {
  readonly partition: number;
  readonly entryBytesMax: number;
  append(bytes: Uint8Array, expectedSequence: number): Effect.Effect<number, AppendConflict | LogUnavailable>;
  read(from: number, limit: number): Effect.Effect<readonly LogEntry[], LogUnavailable | LogDamaged>;
  bounds(): Effect.Effect<LogBounds, LogUnavailable>;
  trim(through: number): Effect.Effect<void, LogUnavailable>;
}

/** Opens partitions' logs; making one where there is none yet. */
export class LogStream extends Context.Service<LogStream, {
  open(partition: number): Effect.Effect<PartitionLog, LogUnavailable, Scope.Scope>;
}>()("weft/LogStream") {}
