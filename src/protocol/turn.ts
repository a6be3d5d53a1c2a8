/**
 * The turn: one outside command and all that follows from it inside one execution, in order; and its text in the log.
 *
 * In the text a payload stands once, in a table; records refer to it by index. So a turn in which one input passes through
 * five records is little longer than the input. Ids of the turn's own actors begin with `~` for its subject.
 */
import { Result, Schema } from "effect";
import { type Json, type JsonObject, present } from "../values/mod.ts";
import { type Command, commandSchemas } from "./commands.ts";
import { type Event, eventSchemas } from "./events.ts";
import { type PartitionRecord, partitionSchemas } from "./partition_events.ts";
import { Rejection } from "./rejections.ts";

/**
 * A command that followed from another one in the same turn, and was taken up there: its outcome, right behind it, holds what it
 * wished. In the text it is its name alone.
 */
export type TakenUpCommand = { readonly type: "TakenUpCommand"; readonly command: Command["type"] };

/** Whatever can stand in a turn. */
export type TurnRecord = Command | TakenUpCommand | Event | Rejection | PartitionRecord;

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

/** Fields that hold a user's JSON, in whichever record they stand. */
export const payloadFields = [
  "input",
  "output",
  "items",
  "assigned",
  "shownAs",
  "value",
  "resume",
  "variables",
] as const;
/** Fields that hold ids of actors, most of them below the turn's subject. */
const actorIdFields = [
  "executionId",
  "activityId",
  "branchId",
  "iterationId",
  "parentBranchId",
  "parentIterationId",
  "actorId",
] as const;
/** Stands for the turn's subject at the beginning of an id; ids themselves begin with `/`. */
const SUBJECT_MARK = "~";
const shortenedFields: ReadonlyMap<string, "payload" | "id"> = new Map([
  ...payloadFields.map((field) => [field, "payload"] as const),
  ...actorIdFields.map((field) => [field, "id"] as const),
]);

/** The record is a wish, in whole. */
export function isCommand(record: TurnRecord): record is Command {
  return isCommandType(record.type);
}

function isCommandType(name: string): name is Command["type"] {
  return name.endsWith("Command") && Object.hasOwn(commandSchemas, name);
}

/** The record is a fact inside an execution. */
export function isEvent(record: TurnRecord): record is Event {
  return record.type in eventSchemas;
}

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
  for (const field in encoded) {
    const kind = shortenedFields.get(field);
    const value = encoded[field];
    if (kind === undefined || value === undefined) continue;
    if (kind === "payload") encoded[field] = place(value as Json);
    else if (typeof value === "string" && value.startsWith(subject)) {
      encoded[field] = SUBJECT_MARK + value.slice(subject.length);
    }
  }
  return encoded;
}

/** A field that this version does not know is a fact that it would lose. */
const strictly = { onExcessProperty: "error" } as const;
const decoders = new Map(
  Object.entries({ ...commandSchemas, ...eventSchemas, ...partitionSchemas }).map(([name, schema]) =>
    [name, Schema.decodeUnknownResult(schema as Schema.Codec<TurnRecord, unknown>, strictly)] as const
  ),
);
const decodeRejection = Schema.decodeUnknownResult(Rejection, strictly);

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
const decodeHead = Schema.decodeUnknownResult(TurnHead, strictly);

/** The text, as {@link encodeTurn} wrote it, is a turn of this subject. */
export function isTurnOf(line: string, subject: string): boolean {
  return line.startsWith(`{"subject":${JSON.stringify(subject)},`);
}

/** Decodes strictly: an unknown type, another version, a missing or an unknown field fails with what was wrong. */
export function decodeTurn(line: string): Result.Result<Turn, string> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return Result.fail("a turn is not JSON");
  }
  const head = decodeHead(parsed);
  if (Result.isFailure(head)) return Result.fail(`a turn is not shaped as one: ${head.failure.message}`);
  const { subject, sequence, at, timestamp, carried, payloads } = head.success;
  const records: TurnRecord[] = [];
  for (const encoded of head.success.records) {
    const record = decodeRecord(encoded, subject, payloads);
    if (Result.isFailure(record)) return Result.fail(`${record.failure} in turn ${sequence} of "${subject}"`);
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
): Result.Result<TurnRecord, string> {
  if (typeof encoded === "string") {
    return isCommandType(encoded)
      ? Result.succeed({ type: "TakenUpCommand", command: encoded })
      : Result.fail(`command "${encoded}" is unknown`);
  }
  const record: Record<string, Json> = { ...encoded };
  for (const field of actorIdFields) {
    const id = record[field];
    if (typeof id === "string" && id.startsWith(SUBJECT_MARK)) record[field] = subject + id.slice(SUBJECT_MARK.length);
  }
  for (const field of payloadFields) {
    const index = record[field];
    if (index === undefined) continue;
    const payload = typeof index === "number" ? payloads[index] : undefined;
    if (payload === undefined) return Result.fail(`payload "${field}" is missing`);
    record[field] = payload;
  }
  const type = String(record["type"]);
  const decode = decoders.get(type) ?? (type.endsWith("Rejection") ? decodeRejection : undefined);
  if (decode === undefined) return Result.fail(`record type "${type}" is unknown`);
  return Result.mapError(
    decode(record) as Result.Result<TurnRecord, Schema.SchemaError>,
    (error) => `record "${type}": ${error.message}`,
  );
}
