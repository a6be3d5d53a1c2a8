/**
 * Executions as rows of the local store, in the order of their starts: small ones whole; of large ones what lists show, and the rest apart.
 * So a list reads rows that are small, and an execution that is small, as most are, costs one row.
 *
 * | key behind the partition's prefix | what |
 * |---|---|
 * | `x/{tenant}/{namespace}/{hlc16}-{hash7}` | {@link KeptExecution}, or `{ listed }` of a large one: {@link ListedExecution} |
 * | `y/{tenant}/{namespace}/{hlc16}-{hash7}` | the {@link KeptExecution} of a large one |
 * | `f/{tenant}/{namespace}/{status}/{hlc16}-{hash7}` | executions by status, but for those that succeeded: they are most of all |
 */
import { Effect, Result } from "effect";
import { restoredExecution as restoredSnapshot } from "../../../../actors/mod.ts";
import type { ExecutionStatus } from "../../../protocol/mod.ts";
import type { KeyValueStore, StorageUnavailable } from "../../../storage/port.ts";
import {
  type ExecutionId,
  isJsonObject,
  type Json,
  type JsonObject,
  present,
  retentionOf,
  type RetentionRule,
  type Space,
} from "../../../values/mod.ts";
import type { KeptExecution, TurnPlace } from "../hot_execution.ts";
import type { AgedPage } from "../partition_input.ts";
import { type ListedExecution, listedExecution } from "./listed_execution.ts";
import { decodeKept, decodeListed } from "./stored_values.ts";
import { executionPlace, idAt, partsOf, type Write } from "./store_keys.ts";

/** Rows read at a time. */
const ROWS = 500;
/** Behind every place of a space, and before the next space. */
const BEHIND_PLACES = "z";
/** How often a row and what is kept apart of it are read before they are said not to belong together. */
const APART_TRIES = 5;
/** Executions of this status are found by going through all. */
const COMMON_STATUS: ExecutionStatus = "Succeeded";

/** How an execution stands in the store, as far as the next write has to know. */
export interface StoredRow {
  readonly status: ExecutionStatus | undefined;
  readonly isLarge: boolean;
}

/** An execution to be written. */
export interface ExecutionRow {
  readonly id: ExecutionId;
  readonly kept: KeptExecution;
  /** Absent: it cannot be read, and is in no list. */
  readonly status: ExecutionStatus | undefined;
  /** Of a large one: what lists show. */
  readonly listed: ListedExecution | undefined;
}

/** An execution as lists show it, and its place among the others of its space. */
export interface ListedRow {
  /** `{hlc16}-{hash7}`: sorts by start. */
  readonly place: string;
  /** Absent: it cannot be read. */
  readonly execution: ListedExecution | undefined;
}

/** Definitions that executions are pinned to; `next`: there may be more behind. */
export interface UsedDefinitions {
  readonly hashes: ReadonlySet<string>;
  /** One of these executions does not say which. */
  readonly isUnclear: boolean;
  readonly next?: string;
}

/** Since when an execution has been there for too long. */
export interface Age {
  /** Those that ended longer ago than their retention. */
  readonly nowEpochMs: number;
  readonly retention: readonly RetentionRule[];
  /** Where no rule says otherwise. */
  readonly retentionSeconds: number;
  /** Of those that have not. */
  readonly startedBeforeEpochMs: number;
}

/** Where an execution's turns stand in the log. */
export interface PlacedExecution {
  readonly id: ExecutionId;
  readonly turns: readonly TurnPlace[];
}

interface Row {
  readonly id: ExecutionId;
  readonly value: Json | undefined;
}

/** The rows of one partition's executions. */
export class ExecutionRows {
  readonly #storage: KeyValueStore;
  readonly #prefix: string;

  /** @param prefix of all keys of the partition */
  constructor(storage: KeyValueStore, prefix: string) {
    this.#storage = storage;
    this.#prefix = prefix;
  }

  /** @param stored absent: no row but its own is written or removed */
  writes({ id, kept, status, listed }: ExecutionRow, stored: StoredRow | undefined): readonly Write[] {
    const value = { ...kept };
    if (stored === undefined) return [{ key: this.#key("x", id), value }];
    const rows: Write[] = listed === undefined
      ? [{ key: this.#key("x", id), value }]
      : [{ key: this.#key("x", id), value: { listed: { ...listed } } }, { key: this.#key("y", id), value }];
    if (listed === undefined && stored.isLarge) rows.push({ key: this.#key("y", id), value: undefined });
    if (status !== undefined && status !== stored.status) {
      rows.push(...this.#statusWrite(id, status, 1), ...this.#statusWrite(id, stored.status, undefined));
    }
    return rows;
  }

  /** Removes an execution. */
  deletion(id: ExecutionId, { status, isLarge }: StoredRow): readonly Write[] {
    const rows: Write[] = [{ key: this.#key("x", id), value: undefined }];
    if (isLarge) rows.push({ key: this.#key("y", id), value: undefined });
    return [...rows, ...this.#statusWrite(id, status, undefined)];
  }

  /** Finds an execution by its status, which a store of an earlier layout does not. */
  statusWrites({ id, kept }: Pick<ExecutionRow, "id" | "kept">): readonly Write[] {
    return this.#statusWrite(id, listedAs(kept.actors)?.status, 1);
  }

  #statusWrite(id: ExecutionId, status: ExecutionStatus | undefined, value: 1 | undefined): readonly Write[] {
    if (status === undefined || status === COMMON_STATUS) return [];
    const { tenant, namespace, hash, hlc } = partsOf(id);
    return [{ key: `${this.#prefix}f/${tenant}/${namespace}/${status}/${hlc}-${hash}`, value }];
  }

  #key(kind: "x" | "y", id: ExecutionId): string {
    return `${this.#prefix}${kind}/${executionPlace(id)}`;
  }

  /** In the order asked. */
  load(ids: readonly ExecutionId[]): Effect.Effect<readonly (KeptExecution | undefined)[], StorageUnavailable> {
    return Effect.flatMap(
      this.#storage.getMany<Json>(ids.map((id) => this.#key("x", id))),
      (entries) => this.#whole(ids.map((id, index) => ({ id, value: entries[index]?.value }))),
    );
  }

  /** A page of all executions, in the order of their keys. */
  all(after: string | undefined, limit: number) {
    const prefix = `${this.#prefix}x/`;
    return Effect.gen({ self: this }, function* () {
      const entries = yield* this.#storage.list<Json>({ prefix, limit, ...present({ after }) });
      const rows = entries.map(({ key, value }) => ({ key, id: idAt(key.slice(prefix.length)), value }));
      const kept = yield* this.#whole(rows);
      return rows.flatMap(({ key, id }, index) => {
        const one = kept[index];
        return one === undefined ? [] : [{ key, id, kept: one }];
      });
    });
  }

  /** Rows as what is kept, of large ones brought from apart. */
  #whole(
    rows: readonly Row[],
    triesLeft = APART_TRIES,
  ): Effect.Effect<readonly (KeptExecution | undefined)[], StorageUnavailable> {
    const large = rows.filter(({ value }) => isOfLarge(value));
    if (large.length === 0) return Effect.succeed(rows.map((row) => this.#decoded(row)));
    return Effect.gen({ self: this }, function* () {
      const apart = yield* this.#storage.getMany<Json>(large.map(({ id }) => this.#key("y", id)));
      const found = new Map(large.map(({ id }, index) => [id, apart[index]?.value]));
      const moved = large.filter(({ id }) => found.get(id) === undefined);
      // It has been written anew between the two reads, and is small now, or gone.
      const again = moved.length === 0 ? [] : yield* this.#loadAgain(moved, triesLeft - 1);
      const reread = new Map(moved.map(({ id }, index) => [id, again[index]]));
      return rows.map((row) => {
        if (!isOfLarge(row.value)) return this.#decoded(row);
        return reread.get(row.id) ?? this.#decoded({ id: row.id, value: found.get(row.id) });
      });
    });
  }

  #loadAgain(rows: readonly Row[], triesLeft: number) {
    const [first] = rows;
    if (triesLeft === 0 && first !== undefined) {
      throw new RangeError(
        `Cannot read "${this.#key("y", first.id)}" of the store: "${first.id}" is kept there, but is not`,
      );
    }
    return Effect.flatMap(
      this.#storage.getMany<Json>(rows.map(({ id }) => this.#key("x", id))),
      (entries) => this.#whole(rows.map(({ id }, index) => ({ id, value: entries[index]?.value })), triesLeft),
    );
  }

  #decoded({ id, value }: Row): KeptExecution | undefined {
    return value === undefined ? undefined : decodeKept({ key: this.#key("x", id), value });
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
    const prefix = `${this.#prefix}x/${space.tenant}/${space.namespace}/`;
    if (statuses !== undefined && !statuses.includes(COMMON_STATUS)) {
      return this.#pageByStatus(prefix, space, before, limit, statuses);
    }
    return Effect.map(
      this.#newestFirst(prefix, before, limit),
      (entries) =>
        entries.map(({ key, value }) => ({ place: key.slice(prefix.length), execution: listedIn({ key, value }) })),
    );
  }

  #pageByStatus(
    rowPrefix: string,
    space: Space,
    before: string | undefined,
    limit: number,
    statuses: readonly ExecutionStatus[],
  ) {
    return Effect.gen({ self: this }, function* () {
      const places: string[] = [];
      for (const status of statuses) {
        const prefix = `${this.#prefix}f/${space.tenant}/${space.namespace}/${status}/`;
        for (const { key } of yield* this.#newestFirst(prefix, before, limit)) places.push(key.slice(prefix.length));
      }
      const page = places.sort().reverse().slice(0, limit);
      const rows = yield* this.#storage.getMany<Json>(page.map((place) => `${rowPrefix}${place}`));
      return page.map((place, index) => {
        const row = rows[index];
        return { place, execution: row === undefined || row === null ? undefined : listedIn(row) };
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
  aged(age: Age, after: string | undefined, limit: number): Effect.Effect<AgedPage, StorageUnavailable> {
    const prefix = `${this.#prefix}x/`;
    const shortest = Math.min(age.retentionSeconds, ...age.retention.map(({ seconds }) => seconds));
    const newest = Math.max(age.nowEpochMs - shortest * 1_000, age.startedBeforeEpochMs);
    return Effect.gen({ self: this }, function* () {
      const aged: { readonly id: ExecutionId; readonly hasEnded: boolean }[] = [];
      let from = after;
      do {
        const page = yield* this.#storage.list<Json>({ prefix, limit: ROWS, ...present({ after: from }) });
        from = undefined;
        for (const { key, value } of page) {
          from = key;
          const listed = listedIn({ key, value });
          if (listed !== undefined && Date.parse(listed.startedAt) >= newest) {
            // Those behind it in its space are younger still.
            from = `${key.slice(0, key.lastIndexOf("/") + 1)}${BEHIND_PLACES}`;
            break;
          }
          const hasEnded = listed?.endedAt !== undefined;
          if (listed !== undefined && isAged(listed, age)) aged.push({ id: listed.executionId, hasEnded });
          if (aged.length >= limit) break;
        }
      } while (from !== undefined && aged.length < limit);
      return { aged, ...present({ next: from }) };
    });
  }

  /**
   * A page of executions that began up to a clock's value, in the order of their spaces and starts.
   *
   * @param hlc 16 hex digits
   * @param after `next` of the page before
   */
  startedUpTo(
    hlc: string,
    after: string | undefined,
    limit: number,
  ): Effect.Effect<{ readonly executions: readonly PlacedExecution[]; readonly next?: string }, StorageUnavailable> {
    const prefix = `${this.#prefix}x/`;
    return Effect.gen({ self: this }, function* () {
      const found: { readonly id: ExecutionId; readonly value: Json }[] = [];
      const page = yield* this.#storage.list<Json>({ prefix, limit, ...present({ after }) });
      let next = page.length < limit ? undefined : page.at(-1)?.key;
      for (const { key, value } of page) {
        const space = key.slice(0, key.lastIndexOf("/") + 1);
        if (key.slice(space.length, space.length + hlc.length) > hlc) {
          // Those behind it in its space are younger still.
          next = `${space}${BEHIND_PLACES}`;
          break;
        }
        found.push({ id: idAt(key.slice(prefix.length)), value });
      }
      const large = found.filter(({ value }) => isOfLarge(value)).map(({ id }) => id);
      const apart = yield* this.#storage.getMany<Json>(large.map((id) => this.#key("y", id)));
      const values = new Map(large.map((id, index) => [id, apart[index]?.value]));
      const executions = found.map(({ id, value }) => ({ id, turns: turnsIn(values.get(id) ?? value) }));
      return { executions, ...present({ next }) };
    });
  }

  /**
   * A page of the definitions that executions are pinned to.
   *
   * @param after `next` of the page before
   */
  usedDefinitions(after: string | undefined): Effect.Effect<UsedDefinitions, StorageUnavailable> {
    const prefix = `${this.#prefix}x/`;
    return Effect.map(this.#storage.list<Json>({ prefix, limit: ROWS, ...present({ after }) }), (rows) => {
      const hashes = new Set<string>();
      let isUnclear = false;
      for (const { value } of rows) {
        const hash = definitionIn(value);
        if (typeof hash === "string") hashes.add(hash);
        else isUnclear = true;
      }
      return { hashes, isUnclear, ...present({ next: rows.length < ROWS ? undefined : rows.at(-1)?.key }) };
    });
  }
}

/** The definition of a row, of whatever version it is: read as cheaply as can be, for all rows are. */
function definitionIn(value: Json): Json | undefined {
  if (isOfLarge(value)) return fieldOf(value["listed"], "definitionHash");
  return fieldOf(fieldOf(fieldOf(fieldOf(value, "actors"), "execution"), "context"), "definitionHash");
}

/** The turns of a kept execution, of whatever version it is. */
function turnsIn(value: Json): readonly TurnPlace[] {
  const turns = fieldOf(value, "turns");
  if (!Array.isArray(turns)) return [];
  return turns.flatMap((turn): readonly TurnPlace[] => {
    const [sequence, eventCount] = Array.isArray(turn) ? turn : [];
    return typeof sequence === "number" && typeof eventCount === "number" ? [[sequence, eventCount]] : [];
  });
}

function fieldOf(value: Json | undefined, name: string): Json | undefined {
  return value !== undefined && isJsonObject(value) ? value[name] : undefined;
}

/** A Map Run's children go with the execution that it belongs to, once they have ended. */
function isAged(
  listed: ListedExecution,
  { nowEpochMs, retention, retentionSeconds, startedBeforeEpochMs }: Age,
): boolean {
  const { startedAt, endedAt, mapRun } = listed;
  if (endedAt === undefined) return Date.parse(startedAt) < startedBeforeEpochMs;
  if (mapRun !== undefined) return false;
  return Date.parse(endedAt) < nowEpochMs - retentionOf(retention, listed, retentionSeconds) * 1_000;
}

function isOfLarge(value: Json | undefined): value is JsonObject {
  return value !== undefined && isJsonObject(value) && value["listed"] !== undefined;
}

/** What lists show of a row; `undefined`: it cannot be read. */
function listedIn({ key, value }: { readonly key: string; readonly value: Json }): ListedExecution | undefined {
  if (!isJsonObject(value)) return undefined;
  const listed = value["listed"];
  return listed === undefined ? listedAs(value["actors"]) : decodeListed({ key, value: listed });
}

function listedAs(actors: Json | undefined): ListedExecution | undefined {
  const snapshot = actors === undefined ? undefined : restoredSnapshot(actors);
  return snapshot !== undefined && Result.isSuccess(snapshot) ? listedExecution(snapshot.success) : undefined;
}
