/**
 * The turn: one outside command and all that follows from it inside one execution, in order; and its text in the log.
 *
 * In the text a payload stands once, in a table; records refer to it by index. So a turn in which one input passes through
 * five records is little longer than the input. Ids of the turn's own actors begin with `~` for its subject.
 */
import { Result, Schema } from "effect";
import { type Json, type JsonObject, present } from "../values/mod.ts";
import {
  isCommandType,
  recordFormatOf,
  type ShortenedFields,
  shortenedFieldsOf,
  type TurnRecord,
  unknownName,
} from "./records.ts";
import { damaged, type Unreadable } from "./versions.ts";

/** One turn, decoded. */
export interface Turn {
  /** Whose turn: an execution's, a workflow's or a resource's id, or `/partition`. */
  readonly subject: string;
  /** Numbers the subject's turns: 1, 2, 3 … without gaps. */
  readonly sequence: number;
  /** Wall time at which it was decided, unix milliseconds. */
  readonly atEpochMs: number;
  /** The last hybrid logical clock value drawn when it had been decided, 16 hex digits. */
  readonly timestamp: string;
  /**
   * Commands, each followed by its outcome (events, or a rejection). A command without an outcome is left for the next turn.
   */
  readonly records: readonly TurnRecord[];
  /** Outcomes of commands of earlier turns: index of the record here, ordinal of the command in its execution (1-based). */
  readonly carried?: readonly (readonly [recordIndex: number, commandOrdinal: number])[];
}

/** The subject of turns that concern a partition as a whole. */
export const PARTITION_SUBJECT = "/partition";

/** Stands for the turn's subject at the beginning of an id; ids themselves begin with `/`. */
const SUBJECT_MARK = "~";

/** One line of JSON. Inverse of {@link decodeTurn}. */
export function encodeTurn(turn: Turn): string {
  const texts: string[] = [];
  const places = new Map<Json, number>();
  const place = (payload: Json): number => {
    const before = places.get(payload);
    if (before !== undefined) return before;
    places.set(payload, texts.length);
    return texts.push(JSON.stringify(payload)) - 1;
  };
  const records = turn.records.map((record) => shortened(record, turn.subject, place));
  const head = {
    subject: turn.subject,
    sequence: turn.sequence,
    at: turn.atEpochMs,
    timestamp: turn.timestamp,
    ...present({ carried: turn.carried }),
    records,
  };
  return `${JSON.stringify(head).slice(0, -1)},"payloads":[${texts.join(",")}]}`;
}

function shortened(record: TurnRecord, subject: string, place: (payload: Json) => number): object | string {
  if (record.type === "TakenUpCommand") return record.command;
  const encoded: Record<string, unknown> = { ...record };
  const { payloads, actorIds } = shortenedFieldsOf(record.type);
  for (const field of payloads) {
    const value = encoded[field];
    if (value !== undefined) encoded[field] = place(value as Json);
  }
  for (const field of actorIds) {
    const id = encoded[field];
    if (typeof id === "string" && id.startsWith(subject)) encoded[field] = SUBJECT_MARK + id.slice(subject.length);
  }
  return encoded;
}

const TurnHead = Schema.Struct({
  subject: Schema.String,
  sequence: Schema.Number,
  at: Schema.Number,
  timestamp: Schema.String,
  carried: Schema.optionalKey(Schema.Array(Schema.Tuple([Schema.Number, Schema.Number]))),
  records: Schema.Array(
    Schema.declare<JsonObject | string>((value): value is JsonObject | string =>
      typeof value === "string" || (typeof value === "object" && value !== null)
    ),
  ),
  payloads: Schema.Array(Schema.declare<Json>((value): value is Json => value !== undefined)),
});
const decodeHead = Schema.decodeUnknownResult(TurnHead, { onExcessProperty: "error" });

/** The text, as {@link encodeTurn} wrote it, is a turn of this subject. */
export function isTurnOf(line: string, subject: string): boolean {
  return line.startsWith(`{"subject":${JSON.stringify(subject)},`);
}

/** Decodes strictly: an unknown type or version, a missing or an unknown field fails with what was wrong. Of older versions it makes current ones. */
export function decodeTurn(line: string): Result.Result<Turn, Unreadable> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return Result.fail(damaged("a turn is not JSON"));
  }
  const head = decodeHead(parsed);
  if (Result.isFailure(head)) return Result.fail(damaged(`a turn is not shaped as one: ${head.failure.message}`));
  const { subject, sequence, at, timestamp, carried, payloads } = head.success;
  const records: TurnRecord[] = [];
  for (const encoded of head.success.records) {
    const record = decodeRecord(encoded, subject, payloads);
    if (Result.isFailure(record)) {
      const { reason, isNewer } = record.failure;
      return Result.fail({ reason: `${reason} in turn ${sequence} of "${subject}"`, isNewer });
    }
    records.push(record.success);
  }
  return Result.succeed({
    subject,
    sequence,
    atEpochMs: at,
    timestamp,
    records,
    ...present({ carried }),
  });
}

function decodeRecord(
  encoded: JsonObject | string,
  subject: string,
  payloads: readonly Json[],
): Result.Result<TurnRecord, Unreadable> {
  if (typeof encoded === "string") {
    return isCommandType(encoded)
      ? Result.succeed({ type: "TakenUpCommand", command: encoded })
      : Result.fail(unknownName("command", encoded));
  }
  const found = recordFormatOf(String(encoded["type"]));
  if (Result.isFailure(found)) return Result.fail(found.failure);
  const { format, versions } = found.success;
  const version = format.known(encoded["version"]);
  if (Result.isFailure(version)) return Result.fail(version.failure);
  const fields = versions[version.success - 1] as ShortenedFields;
  const record: Record<string, Json> = { ...encoded };
  for (const field of fields.actorIds) {
    const id = record[field];
    if (typeof id === "string" && id.startsWith(SUBJECT_MARK)) record[field] = subject + id.slice(SUBJECT_MARK.length);
  }
  for (const field of fields.payloads) {
    const index = record[field];
    if (index === undefined) continue;
    const payload = typeof index === "number" ? payloads[index] : undefined;
    if (payload === undefined) return Result.fail(damaged(`payload "${field}" is missing`));
    record[field] = payload;
  }
  return format.readAs(version.success, record);
}
