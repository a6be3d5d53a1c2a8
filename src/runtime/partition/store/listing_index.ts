/** What lists are answered from: a row for each execution, in the order of their starts, and a way to the rarer statuses. */
import { Effect } from "effect";
import type { ExecutionStatus } from "../../../protocol/mod.ts";
import type { KeyValueStore, StorageUnavailable } from "../../../storage/port.ts";
import { type ExecutionId, type Json, present, type Space } from "../../../values/mod.ts";
import type { AgedPage } from "../partition_input.ts";
import type { ListedExecution } from "./listed_execution.ts";
import { decodeListed } from "./stored_values.ts";
import { executionPlace, partsOf, type Write } from "./store_keys.ts";

/** Rows read at a time. */
const ROWS = 500;
/** Behind every place of a space, and before the next space. */
const BEHIND_PLACES = "z";
/** Executions of this status are found by going through all. */
const COMMON_STATUS: ExecutionStatus = "Succeeded";

/** An execution as lists show it, and its place among the others of its space. */
export interface ListedRow {
  /** `{hlc16}-{hash7}`: sorts by start. */
  readonly place: string;
  readonly execution: ListedExecution;
}

/** Since when an execution has been there for too long. */
export interface Age {
  /** Of those that have ended. */
  readonly endedBeforeEpochMs: number;
  /** Of those that have not. */
  readonly startedBeforeEpochMs: number;
}

/** The rows behind `l/` and `f/` of one partition. */
export class ListingIndex {
  readonly #storage: KeyValueStore;
  readonly #prefix: string;

  /** @param prefix of all keys of the partition */
  constructor(storage: KeyValueStore, prefix: string) {
    this.#storage = storage;
    this.#prefix = prefix;
  }

  /** @param storedStatus what the index says of it now */
  writes(id: ExecutionId, listed: ListedExecution, storedStatus: ExecutionStatus | undefined): readonly Write[] {
    const row: Write = { key: this.#rowKey(id), value: { ...listed } };
    if (listed.status === storedStatus) return [row];
    return [row, ...this.#statusWrite(id, listed.status, 1), ...this.#statusWrite(id, storedStatus, undefined)];
  }

  /** Removes an execution. */
  deletion(id: ExecutionId, storedStatus: ExecutionStatus | undefined): readonly Write[] {
    return [{ key: this.#rowKey(id), value: undefined }, ...this.#statusWrite(id, storedStatus, undefined)];
  }

  #statusWrite(id: ExecutionId, status: ExecutionStatus | undefined, value: 1 | undefined): readonly Write[] {
    if (status === undefined || status === COMMON_STATUS) return [];
    const { tenant, namespace, hash, hlc } = partsOf(id);
    return [{ key: `${this.#prefix}f/${tenant}/${namespace}/${status}/${hlc}-${hash}`, value }];
  }

  #rowKey(id: ExecutionId): string {
    return `${this.#prefix}l/${executionPlace(id)}`;
  }

  /**
   * A page of a space's executions as lists show them, newest first. `before`: the place of the last one of the page before.
   *
   * @param statuses only these; absent: any
   */
  page(
    space: Space,
    before: string | undefined,
    limit: number,
    statuses?: readonly ExecutionStatus[],
  ): Effect.Effect<readonly ListedRow[], StorageUnavailable> {
    if (statuses !== undefined && !statuses.includes(COMMON_STATUS)) {
      return this.#listByStatus(space, before, limit, statuses);
    }
    const prefix = `${this.#prefix}l/${space.tenant}/${space.namespace}/`;
    return Effect.map(
      this.#newestFirst(prefix, before, limit),
      (entries) =>
        entries.map(({ key, value }) => ({ place: key.slice(prefix.length), execution: decodeListed({ key, value }) })),
    );
  }

  #listByStatus(space: Space, before: string | undefined, limit: number, statuses: readonly ExecutionStatus[]) {
    return Effect.gen({ self: this }, function* () {
      const places: string[] = [];
      for (const status of statuses) {
        const prefix = `${this.#prefix}f/${space.tenant}/${space.namespace}/${status}/`;
        for (const { key } of yield* this.#newestFirst(prefix, before, limit)) places.push(key.slice(prefix.length));
      }
      const page = places.sort().reverse().slice(0, limit);
      const start = `${this.#prefix}l/${space.tenant}/${space.namespace}/`;
      const rows = yield* this.#storage.getMany<Json>(page.map((place) => `${start}${place}`));
      return page.flatMap((place, index) => {
        const row = rows[index] ?? undefined;
        return row === undefined ? [] : [{ place, execution: decodeListed(row) }];
      });
    });
  }

  #newestFirst(prefix: string, before: string | undefined, limit: number) {
    const after = before === undefined ? undefined : `${prefix}${before}`;
    return this.#storage.list<Json>({ prefix, limit, reverse: true, ...present({ after }) });
  }

  /**
   * A page of executions that have been there too long, in the order of their spaces and starts.
   *
   * @param after `next` of the page before
   */
  aged(
    { endedBeforeEpochMs, startedBeforeEpochMs }: Age,
    after: string | undefined,
    limit: number,
  ): Effect.Effect<AgedPage, StorageUnavailable> {
    const prefix = `${this.#prefix}l/`;
    const newest = Math.max(endedBeforeEpochMs, startedBeforeEpochMs);
    return Effect.gen({ self: this }, function* () {
      const aged: { readonly id: ExecutionId; readonly hasEnded: boolean }[] = [];
      let from = after;
      while (aged.length < limit) {
        const page = yield* this.#storage.list<Json>({ prefix, limit: ROWS, ...present({ after: from }) });
        from = undefined;
        for (const { key, value } of page) {
          const { executionId: id, startedAt, endedAt, mapRun } = decodeListed({ key, value });
          from = key;
          if (Date.parse(startedAt) >= newest) {
            // Those behind it in its space are younger still.
            from = `${key.slice(0, key.lastIndexOf("/") + 1)}${BEHIND_PLACES}`;
            break;
          }
          const isOld = endedAt === undefined
            ? Date.parse(startedAt) < startedBeforeEpochMs
            : Date.parse(endedAt) < endedBeforeEpochMs;
          // A Map Run's children go with the execution that it belongs to.
          if (isOld && (endedAt === undefined || mapRun === undefined)) {
            aged.push({ id, hasEnded: endedAt !== undefined });
          }
          if (aged.length >= limit) break;
        }
        if (from === undefined) break;
      }
      return { aged, ...present({ next: from }) };
    });
  }
}
