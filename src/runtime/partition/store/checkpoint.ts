/** What a checkpoint writes to the local store, and what may leave memory after it. */
import { type ExecutionStatus, executionStatuses, GENESIS_HASH } from "../../../protocol/mod.ts";
import { Result } from "effect";
import {
  heldBytes,
  type HotExecution,
  type KeptExecution,
  keptExecution,
  notStored,
  restoredExecution,
} from "../hot_execution.ts";
import { listedExecution } from "./listed_execution.ts";
import type { PartitionMemory } from "../partition_memory.ts";
import { type ExecutionId, isJsonObject, type Json, type Limits } from "../../../values/mod.ts";
import type { Checkpoint } from "./checkpoint_writes.ts";

/** A place in the log that is known to be durable. */
export interface Mark {
  readonly sequence: number;
  readonly hash: string;
  /** The epoch of the batch there. */
  readonly epoch: number;
}

/** A checkpoint, and the executions in it. */
export interface Collected {
  readonly checkpoint: Checkpoint;
  readonly written: readonly HotExecution[];
}

/** An execution with more bytes of payloads than this is kept apart from what lists read. */
const LARGE_BYTES = 4_096;

/** An execution as a checkpoint writes it. */
export function checkpointEntry(hot: HotExecution): Checkpoint["executions"][number] {
  const { id, stored } = hot;
  const { execution } = hot.actors;
  const { key, inputHash } = execution.context;
  const claim = key === undefined ? undefined : { key, claim: { executionId: id, inputHash: inputHash ?? "" } };
  const listed = heldBytes(hot) > LARGE_BYTES ? listedExecution(execution) : undefined;
  return { id, kept: keptExecution(hot), key: claim, status: execution.value, listed, stored };
}

/**
 * An execution as another store has it, for a store that has nothing of it yet. What cannot be read is taken over as it is: it is parked
 * where it is loaded, and a version that can read it finds it.
 *
 * @param units UTF-16 units of its text, where that is known: what is small is not restored for it, for there may be very many
 */
export function keptEntry(id: ExecutionId, kept: KeptExecution, units = Infinity): Checkpoint["executions"][number] {
  const status = units <= LARGE_BYTES ? statusIn(kept.actors) : undefined;
  if (status !== undefined) {
    return { id, kept, key: claimIn(id, kept.actors), status, listed: undefined, stored: notStored };
  }
  const restored = restoredExecution(id, kept);
  if (Result.isSuccess(restored)) return { ...checkpointEntry(restored.success), kept, stored: notStored };
  return { id, kept, key: claimIn(id, kept.actors), status: undefined, listed: undefined, stored: notStored };
}

function statusIn(actors: Json): ExecutionStatus | undefined {
  const execution = isJsonObject(actors) ? actors["execution"] : undefined;
  const value = isJsonObject(execution) ? execution["value"] : undefined;
  return executionStatuses.find((status) => status === value);
}

/** The key of an execution that cannot be read, where it stands as far as anybody has ever written it. */
function claimIn(id: ExecutionId, actors: Json): Checkpoint["executions"][number]["key"] {
  const execution = isJsonObject(actors) ? actors["execution"] : undefined;
  const context = isJsonObject(execution) ? execution["context"] : undefined;
  const { key, inputHash } = isJsonObject(context) ? context : {};
  if (typeof key !== "string") return undefined;
  return { key, claim: { executionId: id, inputHash: typeof inputHash === "string" ? inputHash : "" } };
}

/** Writes what was applied to the local store, behind the log. */
export class Checkpointer {
  readonly #memory: PartitionMemory;
  /** Durable places, oldest first: from one of them the log will be replayed. */
  #marks: Mark[];

  constructor(memory: PartitionMemory, replayedFrom: Mark) {
    this.#memory = memory;
    this.#marks = [replayedFrom];
  }

  /** There is something that the store has not. */
  get isDue(): boolean {
    const { dirty, definitions, changedWorkflows, changedResources } = this.#memory;
    return dirty.size > 0 || definitions.unstored > 0 || changedWorkflows.size > 0 || changedResources.size > 0;
  }

  /**
   * Collects all changes that are durable in whole, and marks them as written: on a failed commit, call again is wrong,
   * commit the same checkpoint again.
   *
   * An execution with a turn still on its way stays dirty; the log is replayed from before its oldest unwritten turn.
   */
  collect(durable: Mark): Collected {
    const memory = this.#memory;
    if (durable.sequence > (this.#marks.at(-1)?.sequence ?? 0)) this.#marks.push(durable);
    let replayFrom = durable.sequence;
    const written: HotExecution[] = [];
    for (const hot of memory.dirty) {
      if (hot.lastSequence > durable.sequence || hot.parked !== undefined || hot.isSuspect) {
        replayFrom = Math.min(replayFrom, hot.firstDirty - 1);
      } else {
        written.push(hot);
      }
    }
    const { replayFrom: ofDefinitions, ...definitions } = memory.definitions.collect(durable.sequence);
    const workflows = memory.changedWorkflows.take(durable.sequence);
    const resources = memory.changedResources.take(durable.sequence);
    replayFrom = Math.min(replayFrom, ofDefinitions, workflows.replayFrom, resources.replayFrom);
    const from = this.#markBefore(replayFrom);
    const checkpoint: Checkpoint = {
      applied: {
        sequence: from.sequence,
        hash: from.hash,
        durableSequence: durable.sequence,
        durableHash: durable.hash,
        epoch: from.epoch,
      },
      ...definitions,
      workflows: workflows.names.flatMap((id) => memory.workflows.get(id) ?? []),
      deletedWorkflows: workflows.names.filter((id) => !memory.workflows.has(id)),
      resources: resources.names.flatMap((id) => memory.resources.get(id) ?? []),
      deletedResources: resources.names.filter((id) => !memory.resources.has(id)),
      ...this.#executions(written),
    };
    return { checkpoint, written };
  }

  /** To be called when the store has it: until then memory is where definitions are found. */
  committed({ checkpoint }: Collected): void {
    this.#memory.definitions.committed(checkpoint.definitions);
  }

  /**
   * Evicts what has ended, and of the rest, oldest first, what is over `hotExecutionsMax` or `hotBytesMax`. Returns the live ones
   * that left.
   */
  evict(
    written: readonly HotExecution[],
    { hotExecutionsMax, hotBytesMax }: Pick<Limits, "hotExecutionsMax" | "hotBytesMax">,
    durableSequence: number,
  ): readonly HotExecution[] {
    const memory = this.#memory;
    for (const hot of written) {
      if (hot.firstDirty !== 0 || !hot.actors.hasEnded || memory.pinned.has(hot.id) || hot.isSuspect) continue;
      if (memory.hot.get(hot.id) === hot) memory.evict(hot);
    }
    const left: HotExecution[] = [];
    let bytes = 0;
    for (const hot of memory.hot.values()) bytes += heldBytes(hot);
    for (const hot of memory.hot.values()) {
      if (memory.hot.size <= hotExecutionsMax && bytes <= hotBytesMax) break;
      if (hot.firstDirty !== 0 || hot.lastSequence > durableSequence || hot.parked !== undefined) continue;
      if (memory.pinned.has(hot.id) || hot.isSuspect) continue;
      memory.evict(hot);
      bytes -= heldBytes(hot);
      if (!hot.actors.hasEnded) left.push(hot);
    }
    return left;
  }

  #executions(written: readonly HotExecution[]): Pick<Checkpoint, "executions" | "deleted"> {
    const executions: Checkpoint["executions"][number][] = [];
    const deleted: Checkpoint["deleted"][number][] = [];
    for (const hot of written) {
      const { id, stored } = hot;
      const { value, context: { key } } = hot.actors.execution;
      hot.firstDirty = 0;
      this.#memory.dirty.delete(hot);
      if (value === "Deleting") {
        deleted.push({ id, key: this.#memory.holds(hot) ? key : undefined, stored });
        continue;
      }
      const entry = checkpointEntry(hot);
      executions.push(entry);
      hot.stored = {
        status: value,
        isLarge: entry.listed !== undefined,
        dueAt: entry.kept.dueAt ?? undefined,
        attention: entry.kept.attention,
      };
    }
    return { executions, deleted };
  }

  /** The newest mark at or before `sequence`; older ones are needed no more. */
  #markBefore(sequence: number): Mark {
    const index = this.#marks.findLastIndex((mark) => mark.sequence <= sequence);
    this.#marks = this.#marks.slice(Math.max(0, index));
    return this.#marks[0] ?? { sequence: 0, hash: GENESIS_HASH, epoch: 0 };
  }
}
