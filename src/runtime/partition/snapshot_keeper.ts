/**
 * Snapshots of live executions in the cluster's bucket, so that a node with an empty disk can lead.
 *
 * The bucket has the layout of a local store, with live executions alone: its `applied` is the manifest, from which the log is
 * replayed. It is written last, so a snapshot that was broken off leaves an older manifest, and newer executions, whose known turns
 * the replay passes over. An execution that ends before the next snapshot is never in it.
 */
import { Effect, Result } from "effect";
import type { StorageUnavailable } from "../../storage/port.ts";
import { type ExecutionId, payloadBytes, type ResourceId, type WorkflowId } from "../../values/mod.ts";
import { checkpointEntry, type Collected } from "./checkpoint.ts";
import { restoredExecution } from "./hot_execution.ts";
import type { PartitionMemory } from "./partition_memory.ts";
import type { Applied, Checkpoint, PartitionStore } from "./partition_store.ts";

/** Executions read from the local store and written to the bucket at a time. */
const PAGE = 500;
/** Largest execution in the bucket, bytes of JSON: below what NATS takes in one message. */
const SNAPSHOT_BYTES_MAX = 900_000;

/** Keeps the snapshot bucket behind the local store, so that the log can be trimmed. */
export class SnapshotKeeper {
  readonly #bucket: PartitionStore;
  readonly #local: PartitionStore;
  readonly #memory: PartitionMemory;
  /** Live executions that changed since the last snapshot. */
  readonly #changed = new Set<ExecutionId>();
  readonly #ended = new Map<ExecutionId, string | undefined>();
  readonly #definitions = new Set<string>();
  readonly #workflows = new Set<WorkflowId>();
  readonly #resources = new Set<ResourceId>();
  #applied: Applied | undefined;

  constructor(bucket: PartitionStore, local: PartitionStore, memory: PartitionMemory) {
    this.#bucket = bucket;
    this.#local = local;
    this.#memory = memory;
  }

  /** Takes note of what a checkpoint has written to the local store. */
  note({ checkpoint, written }: Collected): void {
    this.#applied = checkpoint.applied;
    for (const { hash } of checkpoint.definitions) this.#definitions.add(hash);
    for (const { workflowId } of checkpoint.workflows) this.#workflows.add(workflowId);
    for (const id of checkpoint.deletedWorkflows) this.#workflows.add(id);
    for (const { resourceId } of checkpoint.resources) this.#resources.add(resourceId);
    for (const id of checkpoint.deletedResources) this.#resources.add(id);
    for (const hot of written) {
      const { id, actors, snapshotted } = hot;
      if (!actors.hasEnded) {
        this.#changed.add(id);
      } else {
        this.#changed.delete(id);
        if (snapshotted) this.#ended.set(id, this.#memory.holds(hot) ? actors.execution.context.key : undefined);
      }
    }
  }

  /** Writes a snapshot of all that was noted. To be repeated when it fails: nothing noted is forgotten before it is written. */
  write(): Effect.Effect<void, StorageUnavailable> {
    const applied = this.#applied;
    if (applied === undefined) return Effect.void;
    const keeper = this;
    return Effect.gen(function* () {
      const definitions = [...keeper.#definitions];
      const texts = yield* keeper.#local.loadDefinitions(definitions);
      const workflows = [...keeper.#workflows];
      const resources = [...keeper.#resources];
      const shared = {
        definitions: definitions.flatMap((hash, index) => {
          const text = texts[index];
          return text === undefined ? [] : [{ hash, text }];
        }),
        workflows: workflows.flatMap((id) => keeper.#memory.workflows.get(id) ?? []),
        deletedWorkflows: workflows.filter((id) => !keeper.#memory.workflows.has(id)),
        resources: resources.flatMap((id) => keeper.#memory.resources.get(id) ?? []),
        deletedResources: resources.filter((id) => !keeper.#memory.resources.has(id)),
      };
      const changed = [...keeper.#changed];
      for (let from = 0; from < changed.length; from += PAGE) {
        const executions = yield* keeper.#entries(changed.slice(from, from + PAGE));
        const tooLarge = executions.find(({ kept }) => payloadBytes(kept.actors) > SNAPSHOT_BYTES_MAX);
        if (tooLarge !== undefined) {
          // Without it the manifest must not move: the log is replayed from further back until this one has ended.
          return yield* Effect.logWarning("An execution is too large for the snapshot bucket").pipe(
            Effect.annotateLogs({ executionId: tooLarge.id }),
          );
        }
        yield* keeper.#bucket.commit({ ...nothing, executions });
      }
      const ended = [...keeper.#ended];
      const deleted = ended.map(([id, key]) => ({ id, key, storedDueAt: undefined }));
      yield* keeper.#bucket.commit({ ...shared, applied, executions: [], deleted });
      for (const hash of definitions) keeper.#definitions.delete(hash);
      for (const id of workflows) keeper.#workflows.delete(id);
      for (const id of resources) keeper.#resources.delete(id);
      for (const id of changed) keeper.#changed.delete(id);
      for (const [id] of ended) keeper.#ended.delete(id);
      if (keeper.#applied === applied) keeper.#applied = undefined;
    });
  }

  #entries(ids: readonly ExecutionId[]): Effect.Effect<Checkpoint["executions"], StorageUnavailable> {
    return Effect.map(this.#local.loadExecutions(ids), (keptOnes) =>
      ids.flatMap((id, index) => {
        const kept = keptOnes[index];
        const restored = kept === undefined ? undefined : restoredExecution(id, kept);
        if (restored === undefined || Result.isFailure(restored) || restored.success.actors.hasEnded) return [];
        // The bucket has no indexes by time: whoever restores it makes them.
        return [checkpointEntry({ ...restored.success, storedDueAt: undefined, storedAttention: false })];
      }));
  }
}

/** A checkpoint of nothing. */
export const nothing = {
  definitions: [],
  workflows: [],
  deletedWorkflows: [],
  resources: [],
  deletedResources: [],
  executions: [],
  deleted: [],
};

/**
 * Copies a snapshot into an empty local store. What ended before it is not in it: the store is marked as to be completed from the
 * log. Returns the manifest, or `undefined` when the bucket has none.
 */
export function restoreSnapshot(
  bucket: PartitionStore,
  local: PartitionStore,
): Effect.Effect<Applied | undefined, StorageUnavailable> {
  return Effect.gen(function* () {
    const applied = yield* bucket.loadApplied();
    if (applied === undefined) return undefined;
    const hashes = yield* bucket.loadDefinitionHashes();
    const texts = yield* bucket.loadDefinitions(hashes);
    const definitions = hashes.flatMap((hash, index) => {
      const text = texts[index];
      return text === undefined ? [] : [{ hash, text }];
    });
    yield* local.commit({
      ...nothing,
      definitions,
      workflows: yield* bucket.loadWorkflows(),
      resources: yield* bucket.loadResources(),
    });
    let after: string | undefined;
    for (;;) {
      const page = yield* bucket.allExecutions(after, PAGE);
      const executions = page.flatMap(({ id, kept }) => {
        const restored = restoredExecution(id, kept);
        if (Result.isFailure(restored)) return [];
        return [checkpointEntry({ ...restored.success, storedDueAt: undefined, storedAttention: false })];
      });
      yield* local.commit({ ...nothing, executions });
      after = page.at(-1)?.key;
      if (after === undefined || page.length < PAGE) break;
    }
    // Last: a copy that was broken off is begun anew.
    yield* local.commit({ ...nothing, applied, rebuildThrough: applied.sequence });
    return applied;
  });
}
