/**
 * One partition in the replica's local store: written behind the log, with the sequence from which the log must be replayed in
 * the same transaction. All of it can be rebuilt from the log.
 *
 * | key behind `p{partition}/` | what |
 * |---|---|
 * | `applied` | {@link Applied} |
 * | `layout` | which indexes the executions have: `LAYOUT` |
 * | `x/…`, `y/…`, `f/…` | executions: {@link ExecutionRows} |
 * | `d/{deadline, 14 digits}/{tenant}/…` | executions with a timer, by when it is due |
 * | `o/{tenant}/…` | executions with open tasks or unprocessed commands |
 * | `k/{tenant}/{namespace}/{SHA-256 of the key}` | idempotency keys |
 * | `r/{tenant}/{namespace}/{SHA-256 of the id}` | resources |
 * | `def/{hash}`, `w/{tenant}/{namespace}/{SHA-256 of the name}` | definitions' texts, workflows |
 * | `v/{tenant}/{namespace}/{SHA-256 of the name}/{hash}` | {@link Revision}: which definitions a workflow has or had |
 * | `kept/{hash}` | definitions of before that was written down: they are never forgotten |
 */
import { Effect } from "effect";
import type { AtomicOperation, KeyValueStore, StorageUnavailable } from "../../../storage/port.ts";
import { type ExecutionId, type Json, present, sha256Hex, type Space } from "../../../values/mod.ts";
import type { ExecutionStatus } from "../../engine.ts";
import type { KeptExecution } from "../hot_execution.ts";
import { type Age, ExecutionRows, type ListedRow, type UsedDefinitions } from "./execution_rows.ts";
import {
  type Applied,
  decodeApplied,
  decodeClaim,
  decodeLayout,
  decodeResource,
  decodeRevision,
  decodeWorkflow,
  type KeyClaim,
  type ResourceRecord,
  type Revision,
  type WorkflowRecord,
} from "./stored_values.ts";
import { type Checkpoint, sharedWrites } from "./checkpoint_writes.ts";
import { deadlineDigits, dueKey, executionKey, partsOf, type Write } from "./store_keys.ts";
import { HistoryRows } from "../trim/history_rows.ts";
import type { SnapshotRow } from "../snapshots/run_text.ts";
import type { AgedPage } from "../partition_input.ts";

/** What a snapshot has besides executions, in the order of its keys, which come behind these. */
const SNAPSHOT_PREFIXES = ["carried", "def/", "h/", "kept/", "r/", "v/", "w/"];
/** What rows and indexes there are: 2 since executions are found by status, large ones are kept apart, and revisions of workflows are written down. */
const LAYOUT = 2;
/** Rows read at a time. */
const ROWS = 500;
/** Writes under way at once to a store whose transactions hold one key. */
const WRITES_AT_ONCE = 64;

/** One partition's part of a store: its keys, and how what is kept is read and written. */
export class PartitionStore {
  readonly #storage: KeyValueStore;
  readonly #prefix: string;
  readonly #hasIndexes: boolean;
  readonly #rows: ExecutionRows;
  /** What was carried out of the log. */
  readonly history: HistoryRows;

  /** @param hasIndexes false in the snapshot bucket: who copies a snapshot makes them, and the claims of keys */
  constructor(storage: KeyValueStore, partition: number, hasIndexes = true) {
    this.#storage = storage;
    this.#prefix = `p${partition}/`;
    this.#hasIndexes = hasIndexes;
    this.#rows = new ExecutionRows(storage, this.#prefix);
    this.history = new HistoryRows(storage, this.#prefix);
  }

  loadApplied(): Effect.Effect<Applied | undefined, StorageUnavailable> {
    return Effect.map(
      this.#storage.get<Json>(`${this.#prefix}applied`),
      (entry) => entry === null ? undefined : decodeApplied(entry),
    );
  }

  loadExecutions(
    ids: readonly ExecutionId[],
  ): Effect.Effect<readonly (KeptExecution | undefined)[], StorageUnavailable> {
    return this.#rows.load(ids);
  }

  loadKeys(
    keys: readonly (Space & { readonly key: string })[],
  ): Effect.Effect<readonly (KeyClaim | undefined)[], StorageUnavailable> {
    return Effect.map(
      this.#storage.getMany<Json>(keys.map(({ key, ...space }) => this.#claimKey(space, key))),
      (entries) => entries.map((entry) => entry === null ? undefined : decodeClaim(entry)),
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

  /** Definitions that are never forgotten. */
  loadKeptDefinitions(): Effect.Effect<readonly string[], StorageUnavailable> {
    const prefix = `${this.#prefix}kept/`;
    return Effect.map(this.#all(prefix), (entries) => entries.map(({ key }) => key.slice(prefix.length)));
  }

  /** Which definitions workflows have or had. */
  loadRevisions(): Effect.Effect<readonly Revision[], StorageUnavailable> {
    return Effect.map(this.#all(`${this.#prefix}v/`), (entries) => entries.map(decodeRevision));
  }

  loadWorkflows(): Effect.Effect<readonly WorkflowRecord[], StorageUnavailable> {
    return Effect.map(
      this.#all(`${this.#prefix}w/`),
      (entries) => entries.map(decodeWorkflow),
    );
  }

  loadResources(): Effect.Effect<readonly ResourceRecord[], StorageUnavailable> {
    return Effect.map(
      this.#all(`${this.#prefix}r/`),
      (entries) =>
        entries.map((entry) => {
          const { type: _type, version: _version, ...resource } = decodeResource(entry);
          return resource;
        }),
    );
  }

  /** The log up to this sequence holds ended executions that the store has not; `undefined`: it has all. */
  loadRebuildThrough(): Effect.Effect<number | undefined, StorageUnavailable> {
    return Effect.map(this.#storage.get<number>(`${this.#prefix}rebuild`), (entry) => entry?.value);
  }

  /** A page of all executions, in the order of their keys. */
  allExecutions(after: string | undefined, limit: number) {
    return this.#rows.all(after, limit);
  }

  /** What stands at these keys behind the partition's prefix, in the order asked. */
  loadRows(keys: readonly string[]): Effect.Effect<readonly (Json | undefined)[], StorageUnavailable> {
    return Effect.map(
      this.#storage.getMany<Json>(keys.map((key) => `${this.#prefix}${key}`)),
      (entries) => entries.map((entry) => entry?.value),
    );
  }

  /** All that a snapshot needs to make this store again, in the order of the keys, page by page. */
  eachRow<E>(
    take: (rows: readonly SnapshotRow[]) => Effect.Effect<void, E>,
  ): Effect.Effect<void, E | StorageUnavailable> {
    return Effect.gen({ self: this }, function* () {
      for (const prefix of SNAPSHOT_PREFIXES) {
        let after: string | undefined;
        do {
          const selector = { prefix: `${this.#prefix}${prefix}`, limit: ROWS, ...present({ after }) };
          const page = yield* this.#storage.list<Json>(selector);
          yield* take(
            page.map(({ key, value }) => ({ key: key.slice(this.#prefix.length), text: JSON.stringify(value) })),
          );
          after = page.length < ROWS ? undefined : page.at(-1)?.key;
        } while (after !== undefined);
      }
      let after: string | undefined;
      do {
        const page = yield* this.allExecutions(after, ROWS);
        yield* take(page.map(({ id, kept }) => ({ key: executionKey(id), text: JSON.stringify(kept) })));
        after = page.length < ROWS ? undefined : page.at(-1)?.key;
      } while (after !== undefined);
    });
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
      this.#storage.list<Json>({ prefix: `${prefix}/`, limit, ...present({ after }) }),
      (entries) => entries.map(({ key }) => ({ key, id: key.slice(prefix.length) as ExecutionId })),
    );
  }

  /**
   * A page of a space's executions as lists show them, newest first. `before`: the place of the last one of the page before.
   *
   * @param statuses only these; absent: any
   */
  listExecutions(
    space: Space,
    before: string | undefined,
    limit: number,
    statuses?: readonly ExecutionStatus[],
  ): Effect.Effect<readonly ListedRow[], StorageUnavailable> {
    return this.#rows.page(space, before, limit, statuses);
  }

  /**
   * A page of executions that have been there too long, in the order of their spaces and starts.
   *
   * @param after `next` of the page before
   */
  agedExecutions(age: Age, after: string | undefined, limit: number): Effect.Effect<AgedPage, StorageUnavailable> {
    return this.#rows.aged(age, after, limit);
  }

  /** A page of executions that began up to a clock's value, with the places of their turns. See {@link ExecutionRows.startedUpTo}. */
  startedUpTo(hlc: string, after: string | undefined, limit: number) {
    return this.#rows.startedUpTo(hlc, after, limit);
  }

  /** All that was written is on the disk. */
  sync(): Effect.Effect<void, StorageUnavailable> {
    return this.#storage.sync();
  }

  /** Removes all that it has. */
  clear(): Effect.Effect<void, StorageUnavailable> {
    return Effect.gen({ self: this }, function* () {
      for (;;) {
        const page = yield* this.#storage.list<Json>({ prefix: this.#prefix, limit: ROWS });
        const keys = page.map(({ key }) => key).filter((key) => key !== `${this.#prefix}layout`);
        if (keys.length === 0) return;
        yield* this.#commitInParts(keys.map((key) => [{ key, value: undefined }]), []);
      }
    });
  }

  /**
   * A page of the definitions that executions are pinned to, in the order of their keys.
   *
   * @param after `next` of the page before
   */
  usedDefinitions(after: string | undefined): Effect.Effect<UsedDefinitions, StorageUnavailable> {
    return this.#rows.usedDefinitions(after);
  }

  /**
   * Makes the indexes of a store that an earlier version has left. To be done before anything else is asked of it. Which of its
   * definitions workflows had nobody knows: all of them are kept for ever.
   */
  upgrade(): Effect.Effect<void, StorageUnavailable> {
    return Effect.gen({ self: this }, function* () {
      const layout = yield* this.#storage.get<number>(`${this.#prefix}layout`);
      if (layout !== null && decodeLayout(layout, LAYOUT) === LAYOUT) return;
      const definitions = yield* this.loadDefinitionHashes();
      yield* this.#commitInParts(definitions.map((hash) => [this.#write(`kept/${hash}`, 1)]), []);
      let after: string | undefined;
      do {
        if (!this.#hasIndexes) break;
        const page = yield* this.allExecutions(after, ROWS);
        const writes = page.flatMap((row) => this.#rows.statusWrites(row));
        if (writes.length > 0) yield* this.#commitInParts([writes], []);
        after = page.length < ROWS ? undefined : page.at(-1)?.key;
      } while (after !== undefined);
      yield* this.#commit([this.#write("layout", LAYOUT)]);
    });
  }

  /**
   * Writes a checkpoint: all of it or, where a store's transactions are small, the applied sequence last. What belongs to one
   * execution is in one transaction as far as it fits, so that its indexes say what it says.
   */
  commit(checkpoint: Checkpoint): Effect.Effect<void, StorageUnavailable> {
    const groups: (readonly Write[])[] = [
      ...sharedWrites(checkpoint).map((group) => group.map(({ key, value }) => this.#write(key, value))),
      ...checkpoint.executions.map((execution) => this.#executionWrites(execution)),
      ...checkpoint.deleted.map((deleted) => this.#deletionWrites(deleted)),
    ];
    const { rebuildThrough, applied } = checkpoint;
    if (rebuildThrough !== undefined) groups.push([this.#write("rebuild", rebuildThrough || undefined)]);
    const last = applied === undefined ? [] : [this.#write("applied", applied)];
    const writes = groups.flat();
    if (writes.length + last.length === 0) return Effect.void;
    return this.#storage.atomicKeysMax >= writes.length + last.length
      ? this.#commit([...writes, ...last])
      : this.#commitInParts(groups, last);
  }

  /** Sets what stands at a key of this partition or, without a value, removes it. */
  #write(key: string, value?: Json): Write {
    return { key: `${this.#prefix}${key}`, value };
  }

  #executionWrites(execution: Checkpoint["executions"][number]): readonly Write[] {
    const { id, kept, key, stored } = execution;
    if (!this.#hasIndexes) return this.#rows.writes(execution, undefined);
    const writes: Write[] = [...this.#rows.writes(execution, stored)];
    if (key !== undefined) writes.push({ key: this.#claimKey(partsOf(id), key.key), value: { ...key.claim } });
    const dueAt = kept.dueAt ?? undefined;
    if (stored.dueAt !== undefined && stored.dueAt !== dueAt) writes.push(this.#write(dueKey(stored.dueAt, id)));
    if (dueAt !== undefined && dueAt !== stored.dueAt) writes.push(this.#write(dueKey(dueAt, id), 1));
    if (kept.attention && !stored.attention) writes.push(this.#write(`o${id}`, 1));
    if (!kept.attention && stored.attention) writes.push(this.#write(`o${id}`));
    return writes;
  }

  #deletionWrites({ id, key, stored }: Checkpoint["deleted"][number]): readonly Write[] {
    const writes: Write[] = [...this.#rows.deletion(id, stored)];
    if (!this.#hasIndexes) return writes;
    if (key !== undefined) writes.push({ key: this.#claimKey(partsOf(id), key), value: undefined });
    if (stored.dueAt !== undefined) writes.push(this.#write(dueKey(stored.dueAt, id)));
    return [...writes, this.#write(`o${id}`)];
  }

  #commit(writes: readonly Write[]): Effect.Effect<void, StorageUnavailable> {
    return Effect.asVoid(
      writes.reduce<AtomicOperation>(
        (atomic, { key, value }) => value === undefined ? atomic.delete(key) : atomic.set(key, value),
        this.#storage.atomic(),
      ).commit(),
    );
  }

  #commitInParts(
    groups: readonly (readonly Write[])[],
    last: readonly Write[],
  ): Effect.Effect<void, StorageUnavailable> {
    return Effect.andThen(
      Effect.forEach(chunksOf(groups, this.#storage.atomicKeysMax), (chunk) => this.#commit(chunk), {
        concurrency: WRITES_AT_ONCE,
        discard: true,
      }),
      last.length === 0 ? Effect.void : this.#commit(last),
    );
  }

  #all(prefix: string) {
    const storage = this.#storage;
    return Effect.gen(function* () {
      const all: { readonly key: string; readonly value: Json }[] = [];
      let after: string | undefined;
      for (;;) {
        const page = yield* storage.list<Json>({ prefix, limit: 1_000, ...present({ after }) });
        all.push(...page);
        after = page.at(-1)?.key;
        if (after === undefined || page.length < 1_000) return all;
      }
    });
  }

  #claimKey(space: Space, key: string): string {
    return `${this.#prefix}k/${space.tenant}/${space.namespace}/${sha256Hex(key)}`;
  }
}

/** Transactions of at most `size` writes; a group is in one of them unless it is larger itself. */
function chunksOf(groups: readonly (readonly Write[])[], size: number): readonly (readonly Write[])[] {
  const chunks: Write[][] = [];
  for (const group of groups) {
    const open = chunks.at(-1);
    if (open !== undefined && open.length + group.length <= size) {
      open.push(...group);
      continue;
    }
    for (let from = 0; from < group.length; from += size) chunks.push(group.slice(from, from + size));
  }
  return chunks;
}
