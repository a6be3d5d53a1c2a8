/**
 * What stands in a partition's store, beside texts and marks, and how it is read: in every released version.
 *
 * A store is behind the log and can be made again from it. So what no Weft wrote is a defect that stops the partition instead of being guessed at, and what
 * a newer one wrote stops it by name.
 */
import { Result, Schema } from "effect";
import { keptByNewer } from "../../../../actors/mod.ts";
import {
  damaged,
  Format,
  fromNewer,
  readRecord,
  type ResourcePutEvent,
  type TurnRecord,
  type Unreadable,
  type WorkflowPutEvent,
} from "../../../protocol/mod.ts";
import type { ExecutionId, Json, WorkflowId } from "../../../values/mod.ts";
import { readStored } from "../../read_stored.ts";
import { KeptExecution } from "../hot_execution.ts";
import { ListedExecution } from "./listed_execution.ts";

const id = <T extends string>() => Schema.declare<T>((value): value is T => typeof value === "string");

/** How far the store is. */
export const Applied = Schema.Struct({
  /** Replay begins behind this sequence; turns that a kept execution has already are passed over. */
  sequence: Schema.Number,
  /** Hash of the batch at `sequence`. */
  hash: Schema.String,
  /** The newest batch that this replica saw durable: a log that ends before it, or has another one there, is not believed. */
  durableSequence: Schema.Number,
  durableHash: Schema.String,
  /** Epoch of the batch at `sequence`: the log behind it may hold later ones. */
  epoch: Schema.Number,
  /** In the snapshot bucket: the sequence of the manifest before this one. What ended since may still be there. */
  previous: Schema.optionalKey(Schema.Number),
});
export type Applied = typeof Applied.Type;

/** Whose an idempotency key is. */
export const KeyClaim = Schema.Struct({ executionId: id<ExecutionId>(), inputHash: Schema.String });
export type KeyClaim = typeof KeyClaim.Type;

/** A workflow as it stands. */
export type WorkflowRecord = Omit<WorkflowPutEvent, "type" | "version">;

/** A resource as it stands. */
export type ResourceRecord = Omit<ResourcePutEvent, "type" | "version">;

/** A definition that a workflow has or had. */
export const Revision = Schema.Struct({ workflowId: id<WorkflowId>(), hash: Schema.String });
export type Revision = typeof Revision.Type;

interface Entry {
  readonly key: string;
  readonly value: Json;
}

type Reading<T> = (value: unknown) => Result.Result<T, Unreadable>;

const stored = <T>(read: Reading<T>) => ({ key, value }: Entry): T => readStored({ read }, key, value);

/** Whatever changes in a schema makes a new version of its format, which then says so in a field `version`. */
const appliedFormat = new Format({ what: "the mark of what was applied", schema: Applied, older: [] });
const claimFormat = new Format({ what: "the claim of a key", schema: KeyClaim, older: [] });
const keptFormat = new Format({ what: "a kept execution", schema: KeptExecution, older: [] });
const revisionFormat = new Format({ what: "a revision of a workflow", schema: Revision, older: [] });
const listedFormat = new Format({ what: "a listed execution", schema: ListedExecution, older: [] });

/** @throws {StoreFromNewerVersion | RangeError} as a defect; so do all of these */
export const decodeApplied = stored((value) => appliedFormat.read(value));
/** See {@link decodeApplied}. */
export const decodeClaim = stored((value) => claimFormat.read(value));
/** See {@link decodeApplied}. Actors that are broken are left to who restores them: they park one execution, not all. */
export const decodeKept = stored((value) =>
  Result.flatMap(keptFormat.read(value), (kept) => {
    const newer = keptByNewer(kept.actors);
    return newer === undefined ? Result.succeed(kept) : Result.fail(newer);
  })
);
/** See {@link decodeApplied}. */
export const decodeListed = stored((value) => listedFormat.read(value));
/** See {@link decodeApplied}. */
export const decodeRevision = stored((value) => revisionFormat.read(value));
/** See {@link decodeApplied}. */
export const decodeWorkflow = stored((value) =>
  recordOf(value, (record): record is WorkflowPutEvent => record.type === "WorkflowPutEvent")
);
/** See {@link decodeApplied}. */
export const decodeResource = stored((value) =>
  recordOf(value, (record): record is ResourcePutEvent => record.type === "ResourcePutEvent")
);

function recordOf<T extends TurnRecord>(
  value: unknown,
  isWanted: (record: TurnRecord) => record is T,
): Result.Result<T, Unreadable> {
  return Result.flatMap(
    readRecord(value),
    (record) => isWanted(record) ? Result.succeed(record) : Result.fail(damaged(`it is a ${record.type}`)),
  );
}

/** Which indexes a store has. @param readUpTo the newest layout that is known */
export function decodeLayout(entry: Entry, readUpTo: number): number {
  return stored((value): Result.Result<number, Unreadable> => {
    if (typeof value !== "number") return Result.fail(damaged("it is no number"));
    return value <= readUpTo
      ? Result.succeed(value)
      : Result.fail(fromNewer(`the layout has version ${value}, and is read up to version ${readUpTo}`));
  })(entry);
}
