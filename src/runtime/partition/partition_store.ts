/**
 * One partition in the replica's local store: written behind the log, with the sequence from which the log must be replayed in
 * the same transaction. All of it can be rebuilt from the log.
 *
 * | key behind `p{partition}/` | what |
 * |---|---|
 * | `applied` | {@link Applied} |
 * | `x/{tenant}/{namespace}/{hlc16}-{hash7}` | an execution, {@link KeptExecution}; in order of their start |
 * | `d/{deadline, 14 digits}/{tenant}/…` | executions with a timer, by when it is due |
 * | `o/{tenant}/…` | executions with open tasks or unprocessed commands |
 * | `k/{tenant}/{namespace}/{SHA-256 of the key}` | idempotency keys |
 * | `def/{hash}`, `w/{tenant}/{namespace}/{SHA-256 of the name}` | definitions' texts, workflows |
 */
import { Effect, Schema } from "effect";
import { WorkflowPutEvent } from "../../protocol/mod.ts";
import type { AtomicOperation, KeyValueStore, StorageUnavailable } from "../../storage/port.ts";
import {
  type ExecutionId,
  type Json,
  parseExecutionId,
  sha256Hex,
  type Space,
  type WorkflowId,
} from "../../values/mod.ts";
import { KeptExecution } from "./hot_execution.ts";

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
  epoch: Schema.Number,
});
export type Applied = typeof Applied.Type;

/** Whose an idempotency key is. */
export const KeyClaim = Schema.Struct({ executionId: id<ExecutionId>(), inputHash: Schema.String });
export type KeyClaim = typeof KeyClaim.Type;

/** A workflow as it stands. */
export type WorkflowRecord = Omit<WorkflowPutEvent, "type" | "version">;

/** The store holds what this version never wrote: a defect, so the partition stops instead of guessing. */
const decodeApplied = Schema.decodeUnknownSync(Applied);
const decodeClaim = Schema.decodeUnknownSync(KeyClaim);
const decodeKept = Schema.decodeUnknownSync(KeptExecution);
const decodeWorkflow = Schema.decodeUnknownSync(WorkflowPutEvent);

/** What one checkpoint writes. */
export interface Checkpoint {
  readonly applied: Applied;
  readonly executions: readonly {
    readonly id: ExecutionId;
    readonly kept: KeptExecution;
    readonly key: { readonly key: string; readonly claim: KeyClaim } | undefined;
    readonly storedDueAt: number | undefined;
    readonly storedAttention: boolean;
  }[];
  readonly deleted: readonly {
    readonly id: ExecutionId;
    readonly key: string | undefined;
    readonly storedDueAt: number | undefined;
  }[];
  readonly definitions: readonly { readonly hash: string; readonly text: string }[];
  readonly workflows: readonly WorkflowRecord[];
  readonly deletedWorkflows: readonly WorkflowId[];
}

type Write = { readonly key: string; readonly value: Json | undefined };

export class PartitionStore {
  readonly #storage: KeyValueStore;
  readonly #prefix: string;

  constructor(storage: KeyValueStore, partition: number) {
    this.#storage = storage;
    this.#prefix = `p${partition}/`;
  }

  loadApplied(): Effect.Effect<Applied | undefined, StorageUnavailable> {
    return Effect.map(
      this.#storage.get<Json>(`${this.#prefix}applied`),
      (entry) => entry === null ? undefined : decodeApplied(entry.value),
    );
  }

  loadExecutions(
    ids: readonly ExecutionId[],
  ): Effect.Effect<readonly (KeptExecution | undefined)[], StorageUnavailable> {
    return Effect.map(
      this.#storage.getMany<Json>(ids.map((id) => this.#executionKey(id))),
      (entries) => entries.map((entry) => entry === null ? undefined : decodeKept(entry.value)),
    );
  }

  loadKeys(
    keys: readonly (Space & { readonly key: string })[],
  ): Effect.Effect<readonly (KeyClaim | undefined)[], StorageUnavailable> {
    return Effect.map(
      this.#storage.getMany<Json>(keys.map(({ key, ...space }) => this.#claimKey(space, key))),
      (entries) => entries.map((entry) => entry === null ? undefined : decodeClaim(entry.value)),
    );
  }

  loadDefinitions(hashes: readonly string[]): Effect.Effect<readonly (string | undefined)[], StorageUnavailable> {
    return Effect.map(
      this.#storage.getMany<string>(hashes.map((hash) => `${this.#prefix}def/${hash}`)),
      (entries) => entries.map((entry) => entry?.value),
    );
  }

  loadDefinitionHashes(): Effect.Effect<readonly string[], StorageUnavailable> {
    const prefix = `${this.#prefix}def/`;
    return Effect.map(this.#all(prefix), (entries) => entries.map(({ key }) => key.slice(prefix.length)));
  }

  loadWorkflows(): Effect.Effect<readonly WorkflowRecord[], StorageUnavailable> {
    return Effect.map(
      this.#all(`${this.#prefix}w/`),
      (entries) => entries.map(({ value }) => decodeWorkflow(value)),
    );
  }

  /** Executions whose earliest timer is due before `deadlineEpochMs`, with that time. */
  dueBefore(
    deadlineEpochMs: number,
    limit: number,
  ): Effect.Effect<readonly { readonly id: ExecutionId; readonly dueAt: number }[], StorageUnavailable> {
    const prefix = `${this.#prefix}d/`;
    return Effect.map(
      this.#storage.list<Json>({ prefix, end: `${prefix}${deadlineDigits(deadlineEpochMs)}`, limit }),
      (entries) =>
        entries.map(({ key }) => {
          const rest = key.slice(prefix.length);
          const slash = rest.indexOf("/");
          return { dueAt: Number(rest.slice(0, slash)), id: rest.slice(slash) as ExecutionId };
        }),
    );
  }

  /** A page of executions that a new leader must see to at once. */
  needingAttention(after: string | undefined, limit: number) {
    const prefix = `${this.#prefix}o`;
    return Effect.map(
      this.#storage.list<Json>({ prefix: `${prefix}/`, limit, ...(after === undefined ? {} : { after }) }),
      (entries) => entries.map(({ key }) => ({ key, id: key.slice(prefix.length) as ExecutionId })),
    );
  }

  /** A page of executions of a space, newest first. `before`: the last id element and hash of the page before. */
  listExecutions(space: Space, before: string | undefined, limit: number) {
    const prefix = `${this.#prefix}x/${space.tenant}/${space.namespace}/`;
    return Effect.map(
      this.#storage.list<Json>({
        prefix,
        limit,
        reverse: true,
        ...(before === undefined ? {} : { after: `${prefix}${before}` }),
      }),
      (entries) =>
        entries.map(({ key, value }) => ({
          place: key.slice(prefix.length),
          kept: decodeKept(value),
        })),
    );
  }

  /** Writes a checkpoint: all of it or, where a store's transactions are small, the applied sequence last. */
  commit(checkpoint: Checkpoint): Effect.Effect<void, StorageUnavailable> {
    const writes: Write[] = [];
    const set = (key: string, value: Json) => writes.push({ key: `${this.#prefix}${key}`, value });
    const remove = (key: string) => writes.push({ key: `${this.#prefix}${key}`, value: undefined });
    for (const { hash, text } of checkpoint.definitions) set(`def/${hash}`, text);
    for (const workflow of checkpoint.workflows) {
      set(workflowKey(workflow.workflowId), { ...workflow, type: "WorkflowPutEvent", version: 1 });
    }
    for (const id of checkpoint.deletedWorkflows) remove(workflowKey(id));
    for (const { id, kept, key, storedDueAt, storedAttention } of checkpoint.executions) {
      writes.push({ key: this.#executionKey(id), value: { ...kept } });
      if (key !== undefined) writes.push({ key: this.#claimKey(parts(id), key.key), value: { ...key.claim } });
      const dueAt = kept.dueAt ?? undefined;
      if (storedDueAt !== undefined && storedDueAt !== dueAt) remove(`d/${deadlineDigits(storedDueAt)}${id}`);
      if (dueAt !== undefined && dueAt !== storedDueAt) set(`d/${deadlineDigits(dueAt)}${id}`, 1);
      if (kept.attention && !storedAttention) set(`o${id}`, 1);
      if (!kept.attention && storedAttention) remove(`o${id}`);
    }
    for (const { id, key, storedDueAt } of checkpoint.deleted) {
      writes.push({ key: this.#executionKey(id), value: undefined });
      if (key !== undefined) writes.push({ key: this.#claimKey(parts(id), key), value: undefined });
      if (storedDueAt !== undefined) remove(`d/${deadlineDigits(storedDueAt)}${id}`);
      remove(`o${id}`);
    }
    set("applied", checkpoint.applied);
    return this.#write(writes);
  }

  #write(writes: readonly Write[]): Effect.Effect<void, StorageUnavailable> {
    const storage = this.#storage;
    return Effect.gen(function* () {
      for (let from = 0; from < writes.length; from += storage.atomicKeysMax) {
        const operation = writes.slice(from, from + storage.atomicKeysMax).reduce<AtomicOperation>(
          (atomic, { key, value }) => value === undefined ? atomic.delete(key) : atomic.set(key, value),
          storage.atomic(),
        );
        yield* operation.commit();
      }
    });
  }

  #all(prefix: string) {
    const storage = this.#storage;
    return Effect.gen(function* () {
      const all: { readonly key: string; readonly value: Json }[] = [];
      for (let after: string | undefined;;) {
        const page = yield* storage.list<Json>({ prefix, limit: 1_000, ...(after === undefined ? {} : { after }) });
        all.push(...page);
        after = page.at(-1)?.key;
        if (after === undefined || page.length < 1_000) return all;
      }
    });
  }

  #executionKey(id: ExecutionId): string {
    return `${this.#prefix}x/${executionPlace(id)}`;
  }

  #claimKey(space: Space, key: string): string {
    return `${this.#prefix}k/${space.tenant}/${space.namespace}/${sha256Hex(key)}`;
  }
}

function parts(id: ExecutionId) {
  const parsed = parseExecutionId(id);
  if (parsed === undefined) throw new RangeError(`Expected an execution's id, but got "${id}"`);
  return parsed;
}

/** `{tenant}/{namespace}/{hlc16}-{hash7}`: sorts by start within a space. */
export function executionPlace(id: ExecutionId): string {
  const { tenant, namespace, hash, hlc } = parts(id);
  return `${tenant}/${namespace}/${hlc}-${hash}`;
}

function deadlineDigits(epochMs: number): string {
  return String(Math.max(0, Math.ceil(epochMs))).padStart(14, "0");
}

function workflowKey(id: WorkflowId): string {
  const [, tenant, namespace, , name = ""] = id.split("/");
  return `w/${tenant}/${namespace}/${sha256Hex(name)}`;
}
