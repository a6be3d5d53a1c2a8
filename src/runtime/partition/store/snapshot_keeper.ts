/**
 * Snapshots of live executions in the cluster's bucket, so that a node with an empty disk can lead.
 *
 * The bucket holds executions, definitions, workflows and resources as a local store does, without its indexes. Its `applied` is the
 * manifest: the sequence from which the log is replayed. What makes a crash between two writes harmless:
 *
 * 1. an execution that lives at the manifest's sequence is in the bucket, as it was there or later: replay passes over known turns;
 * 2. one that has ended by then is not, or is there as it ended: its end is written before the manifest, and removed after the next;
 * 3. one that was deleted is removed at once: the log says so, and replay passes over what it does not know;
 * 4. one that is redriven after the manifest need not be: the redrive says where its turns stand in the log;
 * 5. the manifest never goes back, for what it speaks of would be overwritten with what was before.
 *
 * An execution that ends before the sequence of the next snapshot is never in it.
 */
import { Effect, Result } from "effect";
import type { LogUnavailable, LogUnreadable, PartitionLog } from "../../../log/port.ts";
import type { Turn } from "../../../protocol/mod.ts";
import type { StorageUnavailable } from "../../../storage/port.ts";
import {
  type ExecutionId,
  parseExecutionId,
  payloadBytes,
  type ResourceId,
  type WorkflowId,
} from "../../../values/mod.ts";
import { type Collected, keptEntry } from "./checkpoint.ts";
import { notStored, restoredExecution } from "../hot_execution.ts";
import type { Checkpoint, PartitionStore } from "./partition_store.ts";
import type { Applied, Revision } from "./stored_values.ts";
import { revisionKey } from "./store_keys.ts";
import { readEntry } from "../read_entry.ts";

/** Executions read from the local store and written to the bucket at a time. */
const PAGE = 500;
/** Entries of the log looked through at a time. */
const PAGE_ENTRIES = 64;
/** Largest execution in the bucket, bytes of JSON: below what NATS takes in one message. */
const SNAPSHOT_BYTES_MAX = 900_000;

/** A checkpoint of nothing. */
export const nothing = {
  definitions: [],
  forgottenDefinitions: [],
  revisions: [],
  forgottenRevisions: [],
  workflows: [],
  deletedWorkflows: [],
  resources: [],
  deletedResources: [],
  executions: [],
  deleted: [],
};

/** What the replay at a term's beginning has brought into memory, and how far it went. */
export interface Replayed {
  readonly through: number;
  readonly ids: ReadonlySet<ExecutionId>;
}

/** What is different from the last snapshot. */
class Changes {
  applied: Applied | undefined;
  readonly live = new Set<ExecutionId>();
  /** Those that may be in the bucket, with the sequence of their last turn. */
  readonly ended = new Map<ExecutionId, number>();
  readonly deleted = new Set<ExecutionId>();
  /** Ended behind the sequence that the manifest would have, and not in the bucket: needed there as long as that is so. */
  readonly fresh = new Map<ExecutionId, number>();
  readonly definitions = new Set<string>();
  readonly workflows = new Set<WorkflowId>();
  readonly resources = new Set<ResourceId>();

  /** Also of one that had ended: it may have been redriven. */
  noteLive(id: ExecutionId): void {
    this.ended.delete(id);
    this.fresh.delete(id);
    this.deleted.delete(id);
    this.live.add(id);
  }

  noteEnded(id: ExecutionId, sequence: number): void {
    this.live.delete(id);
    this.fresh.delete(id);
    if (!this.deleted.has(id)) this.ended.set(id, sequence);
  }

  /** What was noted since counts more, here and in the next two. */
  noteOlderLive(id: ExecutionId): void {
    if (!this.#isNoted(id)) this.noteLive(id);
  }

  noteOlderEnd(id: ExecutionId, sequence: number): void {
    if (!this.#isNoted(id)) this.noteEnded(id, sequence);
  }

  noteOlderDeletion(id: ExecutionId): void {
    if (!this.#isNoted(id)) this.noteDeleted(id);
  }

  noteDeleted(id: ExecutionId): void {
    this.live.delete(id);
    this.ended.delete(id);
    this.fresh.delete(id);
    this.deleted.add(id);
  }

  /** Takes in what was noted before these and did not come into the bucket. */
  addOlder(older: Changes): void {
    this.applied ??= older.applied;
    for (const id of older.deleted) this.noteOlderDeletion(id);
    for (const [id, sequence] of older.ended) this.noteOlderEnd(id, sequence);
    for (const id of older.live) this.noteOlderLive(id);
    for (const [id, sequence] of older.fresh) if (!this.#isNoted(id)) this.fresh.set(id, sequence);
    for (const hash of older.definitions) this.definitions.add(hash);
    for (const id of older.workflows) this.workflows.add(id);
    for (const id of older.resources) this.resources.add(id);
  }

  #isNoted(id: ExecutionId): boolean {
    return this.live.has(id) || this.ended.has(id) || this.deleted.has(id) || this.fresh.has(id);
  }

  /** Definitions, workflows and resources that a turn speaks of. */
  noteRecords({ records }: Turn): void {
    for (const record of records) {
      if (record.type === "DefinitionAddedEvent" || record.type === "DefinitionForgottenEvent") {
        this.definitions.add(record.hash);
      } else if (record.type === "WorkflowPutEvent" || record.type === "WorkflowDeletedEvent") {
        this.workflows.add(record.workflowId);
      } else if (record.type === "ResourcePutEvent" || record.type === "ResourceDeletedEvent") {
        this.resources.add(record.resourceId);
      }
    }
  }
}

/** Keeps the snapshot bucket behind the local store, so that the log can be trimmed. */
export class SnapshotKeeper {
  readonly #bucket: PartitionStore;
  readonly #local: PartitionStore;
  readonly #log: PartitionLog;
  #changes = new Changes();
  /** Sequence of the manifest in the bucket. */
  #manifestAt = 0;

  constructor(bucket: PartitionStore, local: PartitionStore, log: PartitionLog) {
    this.#bucket = bucket;
    this.#local = local;
    this.#log = log;
  }

  /** Takes note of what a checkpoint has written to the local store. */
  note({ checkpoint, fates }: Collected): void {
    const changes = this.#changes;
    changes.applied = checkpoint.applied;
    const appliedSequence = checkpoint.applied?.sequence ?? 0;
    for (const { hash } of checkpoint.definitions) changes.definitions.add(hash);
    for (const hash of checkpoint.forgottenDefinitions) changes.definitions.add(hash);
    for (const { workflowId } of checkpoint.workflows) changes.workflows.add(workflowId);
    for (const id of checkpoint.deletedWorkflows) changes.workflows.add(id);
    for (const { resourceId } of checkpoint.resources) changes.resources.add(resourceId);
    for (const id of checkpoint.deletedResources) changes.resources.add(id);
    for (const { id, fate, sequence, snapshotted } of fates) {
      if (fate === "live") changes.noteLive(id);
      else if (fate === "deleted" && snapshotted) changes.noteDeleted(id);
      else if (fate === "ended" && snapshotted) changes.noteEnded(id, sequence);
      else if (fate === "ended" && sequence > appliedSequence) changes.fresh.set(id, sequence);
      else changes.fresh.delete(id);
    }
    for (const [id, sequence] of changes.fresh) if (sequence <= appliedSequence) changes.fresh.delete(id);
  }

  /**
   * Notes what earlier terms have written to the local store and may not have brought into the bucket: all that the log speaks of
   * since the manifest before the last. To be done before the first {@link write}.
   */
  lookBack(
    { through, ids: replayed }: Replayed,
  ): Effect.Effect<void, StorageUnavailable | LogUnavailable | LogUnreadable> {
    return Effect.gen({ self: this }, function* () {
      const manifest = yield* this.#bucket.loadApplied();
      this.#manifestAt = manifest?.sequence ?? 0;
      const { first } = yield* this.#log.bounds();
      for (let from = Math.max(first, (manifest?.previous ?? 0) + 1); from <= through;) {
        const entries = yield* this.#log.read(from, Math.min(PAGE_ENTRIES, through - from + 1));
        const last = entries.at(-1);
        if (last === undefined) return;
        const ids = new Set<ExecutionId>();
        for (const entry of entries) {
          const batch = yield* readEntry(this.#log.partition, entry);
          for (const turn of batch.turns) {
            this.#changes.noteRecords(turn);
            if (parseExecutionId(turn.subject) !== undefined) ids.add(turn.subject as ExecutionId);
          }
        }
        yield* this.#noteAsStored([...ids], replayed);
        from = last.sequence + 1;
      }
    });
  }

  /**
   * What is not stored has been deleted, or was replayed: then a checkpoint is going to tell of it. Or it had ended before the snapshot
   * from which the store was made, and is as little in the bucket.
   */
  #noteAsStored(
    ids: readonly ExecutionId[],
    replayed: ReadonlySet<ExecutionId>,
  ): Effect.Effect<void, StorageUnavailable> {
    return Effect.gen({ self: this }, function* () {
      const keptOnes = yield* this.#local.loadExecutions(ids);
      const ended = new Map<ExecutionId, number>();
      ids.forEach((id, index) => {
        const kept = keptOnes[index];
        if (kept === undefined) {
          if (!replayed.has(id)) this.#changes.noteOlderDeletion(id);
          return;
        }
        const restored = restoredExecution(id, kept);
        // One that cannot be read may live: it stays where it is, for a version that can.
        if (Result.isFailure(restored)) return this.#changes.noteOlderLive(id);
        const { actors, snapshotted, lastSequence } = restored.success;
        if (!actors.hasEnded) this.#changes.noteOlderLive(id);
        else if (snapshotted) this.#changes.noteOlderEnd(id, lastSequence);
        else ended.set(id, lastSequence);
      });
      // Of those that ended soon a few may have been needed there, because the manifest was behind their end.
      const asked = [...ended.keys()];
      const inBucket = yield* this.#bucket.loadExecutions(asked);
      asked.forEach((id, index) => {
        if (inBucket[index] !== undefined) this.#changes.noteOlderEnd(id, ended.get(id) ?? 0);
      });
    });
  }

  /** Writes a snapshot of all that was noted. To be repeated when it fails: what did not come into the bucket is noted still. */
  write(): Effect.Effect<void, StorageUnavailable> {
    return Effect.suspend(() => {
      const { applied } = this.#changes;
      // A local store that lost its last transactions is behind the bucket: what it has is older than what the manifest speaks of.
      if (applied === undefined || applied.sequence < this.#manifestAt) return Effect.void;
      const changes = this.#changes;
      this.#changes = new Changes();
      return Effect.flatMap(
        Effect.tapError(this.#write(changes, applied), () => Effect.sync(() => this.#changes.addOlder(changes))),
        (isWritten) => {
          if (!isWritten) this.#changes.addOlder(changes);
          return Effect.void;
        },
      );
    });
  }

  /** False when something does not fit into the bucket. */
  #write(changes: Changes, applied: Applied): Effect.Effect<boolean, StorageUnavailable> {
    return Effect.gen({ self: this }, function* () {
      // Before the executions that need them.
      yield* this.#bucket.commit(yield* this.#shared(changes));
      const gone = new Set(changes.deleted);
      const fresh = [...changes.fresh].filter(([, sequence]) => sequence > applied.sequence);
      const ids = [...changes.live, ...changes.ended.keys(), ...fresh.map(([id]) => id)];
      for (let from = 0; from < ids.length; from += PAGE) {
        const executions = yield* this.#entries(ids.slice(from, from + PAGE), gone);
        const tooLarge = executions.find(({ kept }) => payloadBytes(kept.actors) > SNAPSHOT_BYTES_MAX);
        if (tooLarge !== undefined) {
          // Without it the manifest must not move: the log is replayed from further back until this one has ended.
          yield* Effect.annotateLogs(Effect.logWarning("An execution is too large for the snapshot bucket"), {
            executionId: tooLarge.id,
          });
          return false;
        }
        yield* this.#bucket.commit({ ...nothing, executions });
      }
      yield* this.#bucket.commit({ ...nothing, deleted: removed(gone) });
      yield* this.#bucket.commit({ ...nothing, applied: { ...applied, previous: this.#manifestAt } });
      this.#manifestAt = applied.sequence;
      const isPast = new Set<ExecutionId>();
      for (const [id, sequence] of [...changes.ended, ...fresh]) {
        if (sequence <= applied.sequence) isPast.add(id);
        else this.#changes.noteOlderEnd(id, sequence);
      }
      yield* this.#bucket.commit({ ...nothing, deleted: removed(isPast) });
      return true;
    });
  }

  /** As the local store has them, which is never ahead of the log. What it has no more has been deleted. */
  #entries(
    ids: readonly ExecutionId[],
    gone: Set<ExecutionId>,
  ): Effect.Effect<Checkpoint["executions"], StorageUnavailable> {
    return Effect.map(this.#local.loadExecutions(ids), (keptOnes) =>
      ids.flatMap((id, index) => {
        const kept = keptOnes[index];
        if (kept !== undefined) return [keptEntry(id, kept)];
        gone.add(id);
        return [];
      }));
  }

  /** Definitions, workflows and resources, as the local store has them. */
  #shared({ definitions, workflows, resources }: Changes) {
    const local = this.#local;
    return Effect.gen({ self: this }, function* () {
      const knownWorkflows = workflows.size === 0 ? [] : yield* local.loadWorkflows();
      const knownResources = resources.size === 0 ? [] : yield* local.loadResources();
      const workflowIds = new Set(knownWorkflows.map(({ workflowId }) => workflowId));
      const resourceIds = new Set(knownResources.map(({ resourceId }) => resourceId));
      return {
        ...nothing,
        ...yield* this.#definitions(definitions),
        ...yield* this.#revisions(workflows),
        workflows: knownWorkflows.filter(({ workflowId }) => workflows.has(workflowId)),
        deletedWorkflows: [...workflows].filter((id) => !workflowIds.has(id)),
        resources: knownResources.filter(({ resourceId }) => resources.has(resourceId)),
        deletedResources: [...resources].filter((id) => !resourceIds.has(id)),
      };
    });
  }

  #definitions(noted: ReadonlySet<string>) {
    const local = this.#local;
    return Effect.gen(function* () {
      const hashes = [...noted];
      const texts = yield* local.loadDefinitions(hashes);
      const kept = hashes.length === 0 ? [] : yield* local.loadKeptDefinitions();
      return {
        definitions: hashes.flatMap((hash, index) => {
          const text = texts[index];
          return text === undefined ? [] : [{ hash, text }];
        }),
        // Not later than the manifest: who replays from there must know no definition that the log says is forgotten.
        forgottenDefinitions: hashes.filter((_, index) => texts[index] === undefined),
        keptDefinitions: kept.filter((hash) => noted.has(hash)),
      };
    });
  }

  #revisions(noted: ReadonlySet<WorkflowId>) {
    return Effect.gen({ self: this }, function* () {
      if (noted.size === 0) return {};
      const isNoted = ({ workflowId }: Revision) => noted.has(workflowId);
      const known = (yield* this.#local.loadRevisions()).filter(isNoted);
      const there = (yield* this.#bucket.loadRevisions()).filter(isNoted);
      return { revisions: without(known, there), forgottenRevisions: without(there, known) };
    });
  }
}

function without(revisions: readonly Revision[], others: readonly Revision[]): readonly Revision[] {
  const keys = new Set(others.map(revisionKey));
  return revisions.filter((revision) => !keys.has(revisionKey(revision)));
}

function removed(ids: ReadonlySet<ExecutionId>): Checkpoint["deleted"] {
  return [...ids].map((id) => ({ id, key: undefined, stored: notStored }));
}
