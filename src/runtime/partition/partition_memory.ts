/**
 * What one partition holds in memory: hot executions, claims of keys, workflows and other resources, known definitions, and its place in the log.
 *
 * Derived from the log alone. Thrown away and built again whenever the log turns out not to be what was believed.
 */
import { Result } from "effect";
import { BrokenInvariant, replayTurn } from "../../../actors/mod.ts";
import {
  type Batch,
  type Event,
  GENESIS_HASH,
  PARTITION_SUBJECT,
  type Turn,
  type TurnRecord,
} from "../../protocol/mod.ts";
import { type ExecutionId, parseExecutionId, type ResourceId, type Space, type WorkflowId } from "../../values/mod.ts";
import type { HlcSource } from "../hlc_source.ts";
import { KnownDefinitions } from "./definitions/known_definitions.ts";
import { type HotExecution, newHotExecution, spaceOf } from "./hot_execution.ts";
import type { Refusal } from "./partition_input.ts";
import type { KeyClaim, ResourceRecord, WorkflowRecord } from "./store/stored_values.ts";
import { Unstored } from "./unstored.ts";

/** A key's claim by the space and key it is found under. */
export function claimName(space: Space, key: string): string {
  return `${space.tenant}/${space.namespace}/${key}`;
}

/** What a partition has in memory; thrown away whole after a conflict. */
export class PartitionMemory {
  /** Least recently used first. */
  readonly hot = new Map<ExecutionId, HotExecution>();
  /** Claims of hot executions, and those looked up for the chunk at hand. */
  readonly claims = new Map<string, KeyClaim>();
  readonly workflows = new Map<WorkflowId, WorkflowRecord>();
  readonly definitions = new KnownDefinitions();
  readonly changedWorkflows = new Unstored<WorkflowId>();
  readonly resources = new Map<ResourceId, ResourceRecord>();
  readonly changedResources = new Unstored<ResourceId>();
  /** Executions whose memory may not be trusted: their id, and why. */
  readonly suspects = new Map<ExecutionId, string>();
  /** The index was complete when the store was asked for what the chunk at hand needs: what it did not have, nobody has. */
  isIndexComplete = true;
  /** Executions that the chunk at hand has been promised: they stay until it is decided. */
  readonly pinned = new Set<ExecutionId>();
  /** Executions that have turns which the local store has not. */
  readonly dirty = new Set<HotExecution>();
  /** Executions of which the log has later turns and the store nothing: deleted since, or lost. By the sequence of the first of them. */
  readonly orphans = new Map<ExecutionId, number>();
  /** Up to this sequence history may have been carried out of the log. */
  carriedThrough = 0;
  /** The sequence that the last batch made has or will have; while reading, that of the last entry, whosever it is. */
  lastSequence = 0;
  /** The last batch that is in the log, and its hash. */
  lastBatchSequence = 0;
  lastHash = GENESIS_HASH;
  epoch = 0;
  /** The place in the log behind which the last batch stands that was replayed. */
  before: { readonly sequence: number; readonly hash: string; readonly epoch: number } | undefined;

  execution(id: ExecutionId): HotExecution | undefined {
    const hot = this.hot.get(id);
    if (hot === undefined) return undefined;
    this.hot.delete(id);
    this.hot.set(id, hot);
    return hot;
  }

  /** The store is as far as this: what comes behind it is replayed. */
  beginFrom(
    { sequence, hash, epoch }: { readonly sequence: number; readonly hash: string; readonly epoch: number },
  ): void {
    this.lastSequence = sequence;
    this.lastBatchSequence = sequence;
    this.lastHash = hash;
    this.epoch = epoch;
  }

  add(hot: HotExecution): void {
    this.hot.set(hot.id, hot);
  }

  /** Forgets an execution that the local store has whole. */
  evict(hot: HotExecution): void {
    this.hot.delete(hot.id);
    const { key } = hot.actors.execution.context;
    if (key !== undefined && this.holds(hot)) this.claims.delete(claimName(spaceOf(hot.id), key));
  }

  /** Notes whose the key of an execution is: of two with one key it is the later one's, for the earlier has been deleted. */
  claim(hot: HotExecution): void {
    const { key, inputHash = "" } = hot.actors.execution.context;
    if (key === undefined) return;
    const name = claimName(spaceOf(hot.id), key);
    const before = this.claims.get(name);
    if (before === undefined || before.executionId < hot.id) this.claims.set(name, { executionId: hot.id, inputHash });
  }

  /** The execution that has a key. One that has been deleted has it no more, though it is in memory still. */
  claimOf(space: Space, key: string): { readonly hot: HotExecution; readonly inputHash: string } | undefined {
    const claim = this.claims.get(claimName(space, key));
    const hot = claim === undefined ? undefined : this.execution(claim.executionId);
    if (claim === undefined || hot === undefined) return undefined;
    if (hot.actors.execution.value === "Deleting" && !hot.isSuspect) return undefined;
    return { hot, inputHash: claim.inputHash };
  }

  /** The first executions in memory that cannot go on, and how many there are. */
  parked(most: number): readonly [first: readonly { executionId: ExecutionId; why: string }[], count: number] {
    const first: { executionId: ExecutionId; why: string }[] = [];
    let count = 0;
    for (const { id, parked } of this.hot.values()) {
      if (parked === undefined) continue;
      count += 1;
      if (first.length < most) first.push({ executionId: id, why: parked });
    }
    return [first, count];
  }

  /** Why an execution takes no commands. */
  defectOf(executionId: ExecutionId): Refusal {
    const why = this.hot.get(executionId)?.parked ?? this.suspects.get(executionId) ?? "a defect";
    return { code: "Unavailable", message: `Execution "${executionId}" cannot go on: ${why}` };
  }

  /** True unless another execution is known to have this one's key. */
  holds(hot: HotExecution): boolean {
    const { key } = hot.actors.execution.context;
    const claim = key === undefined ? undefined : this.claims.get(claimName(spaceOf(hot.id), key));
    return claim === undefined || claim.executionId === hot.id;
  }

  /** Takes in a fact of the partition as a whole; other records say nothing of it. */
  apply(record: TurnRecord, sequence: number): void {
    this.definitions.apply(record, sequence);
    switch (record.type) {
      case "LeaderElectedEvent":
        this.epoch = record.epoch;
        return;
      case "WorkflowPutEvent": {
        const { type: _type, version: _version, ...workflow } = record;
        this.workflows.set(workflow.workflowId, workflow);
        return this.changedWorkflows.note(workflow.workflowId, sequence);
      }
      case "WorkflowDeletedEvent":
        this.workflows.delete(record.workflowId);
        return this.changedWorkflows.note(record.workflowId, sequence);
      case "ResourcePutEvent": {
        const { type: _type, version: _version, ...resource } = record;
        this.resources.set(resource.resourceId, resource);
        return this.changedResources.note(resource.resourceId, sequence);
      }
      case "ResourceDeletedEvent":
        this.resources.delete(record.resourceId);
        return this.changedResources.note(record.resourceId, sequence);
      default:
        return;
    }
  }

  /** Takes in events of an execution that have just been applied to its actors. */
  noteTurn(hot: HotExecution, sequence: number, events: readonly Event[]): void {
    hot.turns.push([sequence, hot.actors.eventCount]);
    hot.lastSequence = sequence;
    if (hot.firstDirty === 0) hot.firstDirty = sequence;
    this.dirty.add(hot);
    if (events[0]?.type === "ExecutionStartedEvent") this.claim(hot);
  }

  /**
   * Takes in a batch read back from the log, whose executions have been loaded as far as the store has them.
   *
   * Fails with the reason when the batch cannot be the one that follows: the log is damaged or another's.
   * An execution whose own turns do not fit is parked; the others go on.
   */
  replay(batch: Batch, sequence: number, partition: number, hlc: HlcSource): Result.Result<void, string> {
    if (batch.partition !== partition) return Result.fail(`it belongs to partition ${batch.partition}`);
    if (batch.previous !== this.lastHash) return Result.fail("it does not follow the batch before it");
    if (batch.epoch < this.epoch) return Result.fail(`its epoch ${batch.epoch} is older than ${this.epoch}`);
    for (const turn of batch.turns) {
      hlc.restoreText(turn.timestamp);
      this.#replayTurn(turn, sequence);
    }
    this.before = { sequence: this.lastSequence, hash: this.lastHash, epoch: this.epoch };
    this.epoch = Math.max(this.epoch, batch.epoch);
    this.lastSequence = sequence;
    this.lastBatchSequence = sequence;
    this.lastHash = batch.hash;
    return Result.succeed(undefined);
  }

  #replayTurn(turn: Turn, sequence: number): void {
    for (const record of turn.records) this.apply(record, sequence);
    if (turn.subject === PARTITION_SUBJECT || parseExecutionId(turn.subject) === undefined) return;
    const id = turn.subject as ExecutionId;
    let hot = this.execution(id);
    if (hot === undefined) {
      // Its first turn, or one of an execution deleted since: then the store knows nothing of it, and the log tells of its end.
      if (turn.sequence !== 1) return this.#noteOrphan(id, turn, sequence);
      hot = newHotExecution(id);
      this.add(hot);
    }
    if (turn.sequence <= hot.actors.turnCount || hot.parked !== undefined) return;
    try {
      if (turn.sequence !== hot.actors.turnCount + 1) {
        throw new BrokenInvariant(
          `Expected turn ${hot.actors.turnCount + 1} of "${id}", but the log has ${turn.sequence}`,
        );
      }
      this.noteTurn(hot, sequence, replayTurn(hot.actors, turn));
    } catch (defect) {
      hot.parked = defect instanceof Error ? defect.message : String(defect);
      hot.lastSequence = sequence;
    }
  }

  #noteOrphan(id: ExecutionId, { records }: Turn, sequence: number): void {
    if (records.some(({ type }) => type === "ExecutionDeletingEvent")) this.orphans.delete(id);
    else if (!this.orphans.has(id)) this.orphans.set(id, sequence);
  }

  /** To be called when the log has been replayed to its end: an execution whose beginning is lost is parked instead of being unknown. */
  parkOrphans(): readonly HotExecution[] {
    const parked = [...this.orphans].map(([id, sequence]) => ({
      ...newHotExecution(id),
      lastSequence: sequence,
      parked: `The log has later turns of it, from sequence ${sequence} on, but its state before them is in no store`,
    }));
    for (const hot of parked) this.add(hot);
    this.orphans.clear();
    return parked;
  }
}
