/**
 * History that was carried out of the log before the log was trimmed: the turns of executions that are there longer than what stands around them.
 *
 * | key behind the partition's prefix | what |
 * |---|---|
 * | `h/{tenant}/{namespace}/{hlc16}-{hash7}/{sequence of the first turn, 16 digits}` | {@link CarriedTurns} |
 * | `carried` | up to which sequence history may be here |
 */
import { Effect, Schema } from "effect";
import { decodeTurn, encodeTurn, Format, type Turn } from "../../../protocol/mod.ts";
import type { KeyValueStore, StorageUnavailable } from "../../../storage/port.ts";
import { type ExecutionId, type Json, present } from "../../../values/mod.ts";
import { readStored } from "../../read_stored.ts";
import { executionPlace, type Write } from "../store/store_keys.ts";

/** A turn, and the sequence at which it stood in the log. */
export interface PlacedTurn {
  readonly sequence: number;
  readonly turn: Turn;
}

/** Turns of one execution, as the log had them. */
export const CarriedTurns = Schema.Struct({ turns: Schema.Array(Schema.Tuple([Schema.Number, Schema.String])) });

const carriedFormat = new Format({ what: "carried history", schema: CarriedTurns, older: [] });
/** UTF-16 units of a row, beyond which the next turn begins another. */
const ROW_UNITS = 131_072;
const PAGE = 16;
/** Rows of one execution that are listed at a time. */
const KEYS = 1_000;

/** The rows that hold these turns of an execution, which are in order. */
export function historyWrites(id: ExecutionId, turns: readonly PlacedTurn[]): readonly Write[] {
  const rows: [number, string][][] = [];
  let units = Infinity;
  for (const { sequence, turn } of turns) {
    const line = encodeTurn(turn);
    if (units >= ROW_UNITS && rows.at(-1)?.at(-1)?.[0] !== sequence) {
      rows.push([]);
      units = 0;
    }
    rows.at(-1)?.push([sequence, line]);
    units += line.length;
  }
  return rows.map((row) => ({ key: historyKey(id, row[0]?.[0] ?? 0), value: { turns: row } }));
}

function historyKey(id: ExecutionId, sequence: number): string {
  return `h/${executionPlace(id)}/${String(sequence).padStart(16, "0")}`;
}

/** The carried history of one partition. */
export class HistoryRows {
  readonly #storage: KeyValueStore;
  readonly #prefix: string;

  /** @param prefix of all keys of the partition */
  constructor(storage: KeyValueStore, prefix: string) {
    this.#storage = storage;
    this.#prefix = prefix;
  }

  /** Up to which sequence turns may be here. */
  carriedThrough(): Effect.Effect<number, StorageUnavailable> {
    return Effect.map(this.#storage.get<number>(`${this.#prefix}carried`), (entry) => entry?.value ?? 0);
  }

  /** Turns of an execution that are here, of those from one sequence to another. */
  load(id: ExecutionId, first: number, last: number): Effect.Effect<readonly PlacedTurn[], StorageUnavailable> {
    const prefix = `${this.#prefix}h/${executionPlace(id)}/`;
    const end = `${this.#prefix}${historyKey(id, last + 1)}`;
    const behindFirst = `${this.#prefix}${historyKey(id, first + 1)}`;
    return Effect.gen({ self: this }, function* () {
      const [before] = yield* this.#storage.list<Json>({ prefix, end: behindFirst, reverse: true, limit: 1 });
      const found = new Map<number, Turn[]>();
      let page = before === undefined ? [] : [before];
      for (let after = before?.key;;) {
        for (const { key, value } of page) {
          const { turns } = readStored(carriedFormat, key, value);
          for (const [sequence, line] of turns) {
            if (sequence < first || sequence > last) continue;
            const turn = readStored({ read: () => decodeTurn(line) }, key, line);
            const there = found.get(sequence);
            // Carried again after it was broken off.
            if (there?.some((other) => other.sequence === turn.sequence) === true) continue;
            if (there === undefined) found.set(sequence, [turn]);
            else there.push(turn);
          }
        }
        page = [...yield* this.#storage.list<Json>({ prefix, end, limit: PAGE, ...present({ after }) })];
        after = page.at(-1)?.key;
        if (page.length === 0) break;
      }
      return [...found].sort(([a], [b]) => a - b)
        .flatMap(([sequence, turns]) => turns.map((turn) => ({ sequence, turn })));
    });
  }

  /** What removes all of an execution's. */
  removals(id: ExecutionId): Effect.Effect<readonly Write[], StorageUnavailable> {
    const prefix = `${this.#prefix}h/${executionPlace(id)}/`;
    return Effect.gen({ self: this }, function* () {
      const removals: Write[] = [];
      let after: string | undefined;
      do {
        const page = yield* this.#storage.list<Json>({ prefix, limit: KEYS, ...present({ after }) });
        for (const { key } of page) removals.push({ key: key.slice(this.#prefix.length), value: undefined });
        after = page.length < KEYS ? undefined : page.at(-1)?.key;
      } while (after !== undefined);
      return removals;
    });
  }
}

/** A place that holds no such turn any more. @throws always */
export function historyLost(id: ExecutionId, sequence: number): never {
  throw new RangeError(
    `Cannot read the history of "${id}": its turn at ${sequence} was trimmed away, and is in no store`,
  );
}
