/** All that the logs say, taken in entry by entry as it becomes durable. What the engine shows is compared with this. */
import { Result } from "effect";
import {
  type Batch,
  decodeBatch,
  GENESIS_HASH,
  PARTITION_SUBJECT,
  type Turn,
  type TurnRecord,
} from "../../../src/protocol/mod.ts";
import type { LogEntry } from "../../../src/log/port.ts";
import {
  canonicalJson,
  type ExecutionId,
  type Json,
  parseExecutionId,
  partitionKey,
  partitionOf,
  type Space,
  type WorkflowId,
} from "../../../src/values/mod.ts";
import type { ScopeJson } from "../reference/definition.ts";
import type { SimConfig } from "../world/sim_config.ts";
import type { SimNode } from "../world/sim_node.ts";
import type { World } from "../world/world.ts";
import { keyName, spaceOf } from "../workload/space.ts";
import { ExecutionModel } from "./execution_model.ts";
import { Timeline } from "./timeline.ts";

/** How far everything was when something was asked: an answer must not be older. */
export interface LogMark {
  /** Turns of each execution. */
  readonly turns: ReadonlyMap<ExecutionId, number>;
  /** Of workflows and resources, by id: how long their timelines were. */
  readonly kept: ReadonlyMap<string, number>;
  /** Of workflows and resources: how far anybody knew them to be. */
  readonly told: ReadonlyMap<string, number>;
  /** How many executions each key had had. */
  readonly holders: ReadonlyMap<string, number>;
}

/** A start as it was asked for. */
export interface AskedStart extends Space {
  readonly key?: string;
  readonly workflow: string;
  readonly input: Json;
}

function startName({ tenant, namespace, workflow, input }: AskedStart): string {
  return `${tenant}/${namespace} ${workflow} ${canonicalJson(input)}`;
}

/** One partition's chain of batches. */
export class PartitionModel {
  readonly partition: number;
  lastSequence = 0;
  lastHash = GENESIS_HASH;
  epoch = 0;
  leader = "";
  /** Hashes of the definitions that have been added and not forgotten, and where each was added. */
  readonly definitions = new Map<string, number>();
  /** The hash of each batch, by sequence. */
  readonly hashes: string[] = [GENESIS_HASH];

  constructor(partition: number) {
    this.partition = partition;
  }
}

export class LogModel {
  readonly partitions: readonly PartitionModel[];
  readonly executions = new Map<ExecutionId, ExecutionModel>();
  /** All that there have ever been. */
  readonly definitions = new Map<string, ScopeJson>();
  /** Definitions that each workflow has or had since it is there. */
  readonly #revisions = new Map<WorkflowId, Set<string>>();
  /** Workflows and resources by id. */
  readonly kept = new Map<string, Timeline>();
  /** Whose each key was, oldest first. */
  readonly holders = new Map<string, ExecutionModel[]>();
  /** Entries of all logs. */
  entries = 0;
  /** Terms that have begun. */
  elections = 0;
  /** For each task, the number of reasons to hand anything out that were before any of its own. */
  readonly #birthCauses = new Map<string, number>();
  /** Starts without a key that have come to a node, less those that began something: by space, workflow and input. */
  readonly #startsLeft = new Map<string, number>();
  readonly #world: World;

  /** Two nodes may believe to lead at one time. */
  readonly hasRivals: boolean;

  /** Nodes know of each other: whatever one of them answers is true. */
  readonly isCluster: boolean;

  constructor(world: World, { partitionCount, hasSecondNode, isCluster }: SimConfig) {
    this.isCluster = isCluster;
    this.hasRivals = hasSecondNode;
    this.#world = world;
    this.partitions = Array.from({ length: partitionCount }, (_, partition) => new PartitionModel(partition));
  }

  /** The node believes to lead a partition whose log says that another does by now. */
  isZombie({ partitions }: Pick<SimNode, "partitions">): boolean {
    return partitions.some((partition) => {
      const status = partition.status();
      return status.kind === "leading" && status.epoch !== this.partitions[partition.partition]?.epoch;
    });
  }

  /** How far everything is now. */
  mark(): LogMark {
    return {
      turns: new Map([...this.executions].map(([id, { turns }]) => [id, turns.length])),
      kept: new Map([...this.kept].map(([id, { length }]) => [id, length])),
      told: new Map([...this.kept].map(([id, { toldLength }]) => [id, toldLength])),
      holders: new Map([...this.holders].map(([name, { length }]) => [name, length])),
    };
  }

  /** A start comes to a node: without a key it may begin one execution. */
  startAsked({ key, workflow, input, ...space }: AskedStart): void {
    if (key !== undefined) return;
    const name = startName({ workflow, input, ...space });
    this.#startsLeft.set(name, (this.#startsLeft.get(name) ?? 0) + 1);
  }

  #takeStart(id: ExecutionId, { workflow, input }: Pick<AskedStart, "workflow" | "input">): void {
    const name = startName({ ...spaceOf(id), workflow, input });
    const left = this.#startsLeft.get(name) ?? 0;
    this.#startsLeft.set(name, left - 1);
    if (left > 0) return;
    this.#world.violate("oneStart", `"${id}" is one more execution of "${workflow}" than anybody asked for`);
  }

  /** Whose a key is, or was last. */
  holderOf(name: string): ExecutionModel | undefined {
    return this.holders.get(name)?.at(-1);
  }

  /** The partition of an execution or workflow. */
  partitionOf(id: ExecutionId | WorkflowId): PartitionModel | undefined {
    return this.partitions[partitionOf(partitionKey(id), this.partitions.length)];
  }

  take(partition: number, { sequence, bytes }: LogEntry): void {
    const model = this.partitions[partition];
    const decoded = decodeBatch(bytes);
    if (model === undefined || Result.isFailure(decoded)) {
      this.#world.violate("oneLeader", `Entry ${sequence} of partition ${partition} is not a batch`);
      return;
    }
    const batch = decoded.success;
    this.entries += 1;
    const isLinked = batch.previous === model.lastHash && batch.partition === partition;
    if (!isLinked || sequence !== model.lastSequence + 1 || batch.epoch < model.epoch) {
      this.#world.violate("oneLeader", `Batch ${sequence} of partition ${partition} does not follow the one before it`);
    }
    model.lastSequence = sequence;
    model.lastHash = batch.hash;
    model.hashes[sequence] = batch.hash;
    for (const turn of batch.turns) this.#takeTurn(model, batch, turn);
  }

  #takeTurn(model: PartitionModel, batch: Batch, turn: Turn): void {
    if (turn.atEpochMs > this.#world.wall.latestEpochMs) {
      this.#world.violate("timers", `A turn says that it was decided at ${turn.atEpochMs}, which is yet to come`);
    }
    for (const record of turn.records) {
      if (record.type === "DefinitionAddedEvent") {
        this.definitions.set(record.hash, JSON.parse(record.definition));
        model.definitions.set(record.hash, model.lastSequence);
      } else if (record.type === "DefinitionForgottenEvent") this.#takeForgotten(model, record.hash);
      else if (record.type === "LeaderElectedEvent") this.#takeLeader(model, batch, record);
      else this.#takeKept(record);
    }
    if (turn.subject !== PARTITION_SUBJECT && parseExecutionId(turn.subject) !== undefined) {
      this.#takeExecutionTurn(model, turn.subject as ExecutionId, turn);
    }
  }

  /** Nobody can need it: neither a workflow that is there nor an execution that has not been deleted. */
  #takeForgotten(model: PartitionModel, hash: string): void {
    if (!model.definitions.delete(hash)) this.#world.violate("definitions", `${hash} is forgotten, but was not there`);
    for (const [id, hashes] of this.#revisions) {
      if (this.partitionOf(id) === model && hashes.has(hash)) {
        this.#world.violate("definitions", `${hash} is forgotten, but is or was one of "${id}"`);
      }
    }
    for (const { id, partition, isDeleted, started } of this.executions.values()) {
      if (partition === model.partition && !isDeleted && started?.definitionHash === hash) {
        this.#world.violate("definitions", `${hash} is forgotten, but "${id}" is pinned to it`);
      }
    }
  }

  #takeLeader(model: PartitionModel, batch: Batch, record: { readonly epoch: number; readonly node: string }): void {
    if (record.epoch <= model.epoch || batch.epoch !== record.epoch) {
      this.#world.violate("oneLeader", `Epoch ${record.epoch} follows epoch ${model.epoch}`);
    }
    this.elections += 1;
    this.#world.unsettle();
    // A new leader does again what was promised.
    this.#world.redispatchCauses += 1;
    model.epoch = record.epoch;
    model.leader = record.node;
  }

  #takeKept(record: TurnRecord): void {
    switch (record.type) {
      case "WorkflowPutEvent": {
        const { name, revision, hash, createdAtEpochMs, updatedAtEpochMs } = record;
        const createdAt = new Date(createdAtEpochMs).toISOString();
        const updatedAt = new Date(updatedAtEpochMs).toISOString();
        this.#revisions.set(record.workflowId, (this.#revisions.get(record.workflowId) ?? new Set()).add(hash));
        return this.#become(record.workflowId, canonicalJson({ name, revision, hash, createdAt, updatedAt }));
      }
      case "ResourcePutEvent": {
        const { revision, value, createdAtEpochMs, updatedAtEpochMs } = record;
        const [, , , , , ...names] = record.resourceId.split("/");
        return this.#become(
          record.resourceId,
          canonicalJson({ names, revision, value, createdAtEpochMs, updatedAtEpochMs }),
        );
      }
      case "WorkflowDeletedEvent":
        this.#revisions.delete(record.workflowId);
        return this.#become(record.workflowId, undefined);
      case "ResourceDeletedEvent":
        return this.#become(record.resourceId, undefined);
      default:
        return undefined;
    }
  }

  #become(id: string, shown: string | undefined): void {
    const timeline = this.kept.get(id) ?? new Timeline();
    this.kept.set(id, timeline);
    timeline.become(shown);
  }

  #takeExecutionTurn(model: PartitionModel, id: ExecutionId, turn: Turn): void {
    const known = this.executions.get(id);
    const execution = known ??
      new ExecutionModel(
        id,
        model.partition,
        (hash) => this.definitions.get(hash),
        (invariant, message) => this.#world.violate(invariant, message),
      );
    if (known === undefined) {
      this.executions.set(id, execution);
      if (this.partitionOf(id) !== model) {
        this.#world.violate("startsExistAndEnd", `"${id}" is in partition ${model.partition}`);
      }
    }
    execution.take(turn, model.lastSequence);
    for (const event of execution.turns.at(-1)?.events ?? []) {
      if (event.type === "ExecutionStartedEvent") {
        if (!model.definitions.has(event.definitionHash)) {
          this.#world.violate("definitions", `"${id}" is pinned to ${event.definitionHash}, which is not in the log`);
        }
        this.#claim(execution, event.key);
        if (event.key === undefined) this.#takeStart(execution.id, event);
      } else if (event.type === "TaskCreatedEvent") this.#noteTask(event.taskId);
      else if (event.type === "TaskReclaimingEvent") this.#allowDispatch(event.taskId);
    }
  }

  #claim(execution: ExecutionModel, key: string | undefined): void {
    if (key === undefined) return;
    const name = keyName(spaceOf(execution.id), key);
    const holders = this.holders.get(name) ?? [];
    const holder = holders.at(-1);
    if (holder !== undefined && !holder.isDeleted) {
      this.#world.violate("oneKeyOneExecution", `Key "${key}" of "${holder.id}" starts "${execution.id}" as well`);
    }
    this.holders.set(name, [...holders, execution]);
  }

  #noteTask(taskId: string): void {
    if (this.#birthCauses.has(taskId)) this.#world.violate("oneOutcome", `Two tasks have the id "${taskId}"`);
    // What was told just before may come up only now.
    this.#birthCauses.set(taskId, this.#world.settledCauses - 1);
  }

  /** It is handed out once more, whatever else there is. */
  #allowDispatch(taskId: string): void {
    this.#birthCauses.set(taskId, (this.#birthCauses.get(taskId) ?? 0) - 1);
  }

  /** How often there was a reason to hand this task out. */
  dispatchesMax(taskId: string): number {
    return this.#world.redispatchCauses - (this.#birthCauses.get(taskId) ?? 0);
  }
}
