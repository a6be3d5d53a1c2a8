/** All that the logs say, taken in entry by entry as it becomes durable. What the engine shows is compared with this. */
import { Result } from "effect";
import { type Batch, decodeBatch, GENESIS_HASH, PARTITION_SUBJECT, type Turn } from "../../../src/protocol/mod.ts";
import type { LogEntry } from "../../../src/log/port.ts";
import { type ExecutionId, parseExecutionId, partitionKey, partitionOf } from "../../../src/values/mod.ts";
import type { ScopeJson } from "../reference/definition.ts";
import type { SimNode } from "../world/sim_node.ts";
import type { World } from "../world/world.ts";
import { ExecutionModel } from "./execution_model.ts";

/** A workflow as it stood behind one of its turns. */
export interface WorkflowModel {
  readonly revision: number;
  readonly hash: string;
  readonly isDeleted: boolean;
}

/** One partition's chain of batches. */
export class PartitionModel {
  readonly partition: number;
  lastSequence = 0;
  lastHash = GENESIS_HASH;
  epoch = 0;
  leader = "";
  /** The hash of each batch, by sequence. */
  readonly hashes: string[] = [GENESIS_HASH];

  constructor(partition: number) {
    this.partition = partition;
  }
}

export class LogModel {
  readonly partitions: readonly PartitionModel[];
  readonly executions = new Map<ExecutionId, ExecutionModel>();
  readonly definitions = new Map<string, ScopeJson>();
  /** By id, all that each has been, oldest first. */
  readonly workflows = new Map<string, WorkflowModel[]>();
  /** Whose each key is. */
  readonly keys = new Map<string, ExecutionModel>();
  readonly #taskIds = new Set<string>();
  readonly #world: World;

  constructor(world: World, partitionCount: number) {
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

  /** The partition of an execution or workflow. */
  partitionOf(id: ExecutionId): PartitionModel | undefined {
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
      if (record.type === "DefinitionAddedEvent") this.definitions.set(record.hash, JSON.parse(record.definition));
      else if (record.type === "LeaderElectedEvent") this.#takeLeader(model, batch, record);
      else if (record.type === "WorkflowPutEvent") {
        this.#noteWorkflow(record.workflowId, { ...record, isDeleted: false });
      } else if (record.type === "WorkflowDeletedEvent") {
        this.#noteWorkflow(record.workflowId, { revision: 0, hash: "", isDeleted: true });
      }
    }
    if (turn.subject !== PARTITION_SUBJECT && parseExecutionId(turn.subject) !== undefined) {
      this.#takeExecutionTurn(model, turn.subject as ExecutionId, turn);
    }
  }

  #takeLeader(model: PartitionModel, batch: Batch, record: { readonly epoch: number; readonly node: string }): void {
    if (record.epoch <= model.epoch || batch.epoch !== record.epoch) {
      this.#world.violate("oneLeader", `Epoch ${record.epoch} follows epoch ${model.epoch}`);
    }
    model.epoch = record.epoch;
    model.leader = record.node;
  }

  #noteWorkflow(id: string, state: WorkflowModel): void {
    const before = this.workflows.get(id);
    if (before === undefined) this.workflows.set(id, [state]);
    else before.push(state);
  }

  #takeExecutionTurn(model: PartitionModel, id: ExecutionId, turn: Turn): void {
    const known = this.executions.get(id);
    const execution = known ??
      new ExecutionModel(id, model.partition, (invariant, message) => this.#world.violate(invariant, message));
    if (known === undefined) {
      this.executions.set(id, execution);
      if (this.partitionOf(id) !== model) {
        this.#world.violate("startsExistAndEnd", `"${id}" is in partition ${model.partition}`);
      }
    }
    execution.take(turn, model.lastSequence);
    for (const event of execution.turns.at(-1)?.events ?? []) {
      if (event.type === "ExecutionStartedEvent") this.#claim(execution, event.key);
      else if (event.type === "TaskCreatedEvent") this.#noteTask(event.taskId);
    }
  }

  #claim(execution: ExecutionModel, key: string | undefined): void {
    if (key === undefined) return;
    const holder = this.keys.get(key);
    if (holder !== undefined && !holder.isDeleted) {
      this.#world.violate("oneKeyOneExecution", `Key "${key}" of "${holder.id}" starts "${execution.id}" as well`);
    }
    this.keys.set(key, execution);
  }

  #noteTask(taskId: string): void {
    if (this.#taskIds.has(taskId)) this.#world.violate("oneOutcome", `Two tasks have the id "${taskId}"`);
    this.#taskIds.add(taskId);
  }
}
