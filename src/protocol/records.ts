/** All records by their type: which there are, how each of them is read, and which of its fields hold payloads and ids. */
import { Result, type Schema } from "effect";
import { type Command, commandSchemas } from "./commands.ts";
import { type Event, eventSchemas } from "./events.ts";
import { fieldsMarked, olderVersionsOf, type RecordSchema } from "./fields.ts";
import { type PartitionRecord, partitionSchemas } from "./partition_events.ts";
import { Rejection } from "./rejections.ts";
import { damaged, Format, fromNewer, type Unreadable } from "./versions.ts";

/**
 * A command that followed from another one in the same turn, and was taken up there: its outcome, right behind it, holds what it
 * wished. In the text it is its name alone.
 */
export type TakenUpCommand = { readonly type: "TakenUpCommand"; readonly command: Command["type"] };

/** Whatever can stand in a turn. */
export type TurnRecord = Command | TakenUpCommand | Event | Rejection | PartitionRecord;

/** What of a version of a record is shortened in the log. */
export interface ShortenedFields {
  /** Fields that hold a user's JSON. */
  readonly payloads: readonly string[];
  /** Fields that hold ids of actors, most of them below the turn's subject. */
  readonly actorIds: readonly string[];
}

/** A type of record: how it is read, and what of it is shortened. */
export interface RecordFormat extends ShortenedFields {
  readonly format: Format<TurnRecord>;
  /** The same of every version, the first one first; the last is the current one. */
  readonly versions: readonly ShortenedFields[];
}

/** How records of this type are read and written. A field that no version knows would be a fact that is lost: it is refused. */
export function recordFormat(name: string, schema: RecordSchema): RecordFormat {
  const older = olderVersionsOf(schema);
  const format = new Format({
    what: `record "${name}"`,
    schema: schema as Schema.Codec<TurnRecord, unknown>,
    older,
    isStrict: true,
  });
  const current = shortenedFields(schema.fields);
  return { ...current, format, versions: [...older.map(({ fields }) => shortenedFields(fields)), current] };
}

function shortenedFields(fields: Schema.Struct.Fields): ShortenedFields {
  return { payloads: fieldsMarked(fields, "payload"), actorIds: fieldsMarked(fields, "actorId") };
}

const recordFormats: ReadonlyMap<string, RecordFormat> = new Map(
  Object.entries({ ...commandSchemas, ...eventSchemas, ...partitionSchemas }).map(([name, schema]) =>
    [name, recordFormat(name, schema)] as const
  ),
);
const rejectionFormat = recordFormat("…Rejection", Rejection);
const nothing: ShortenedFields = { payloads: [], actorIds: [] };

/** What of the current version of a record is shortened in the log. */
export function shortenedFieldsOf(type: TurnRecord["type"]): ShortenedFields {
  return recordFormats.get(type) ?? nothing;
}

/** Fields of this type of record that hold a user's JSON: they count, and are not told to everybody. */
export function payloadFieldsOf(type: TurnRecord["type"]): readonly string[] {
  return shortenedFieldsOf(type).payloads;
}

/** How a record of this type is read; the failure says that nobody knows it, or only a newer Weft. */
export function recordFormatOf(type: string): Result.Result<RecordFormat, Unreadable> {
  const format = recordFormats.get(type) ?? (type.endsWith("Rejection") ? rejectionFormat : undefined);
  return format === undefined ? Result.fail(unknownName("record type", type)) : Result.succeed(format);
}

/** A record as it stands outside the log: in whole. Of an older version it makes the current one. */
export function readRecord(value: unknown): Result.Result<TurnRecord, Unreadable> {
  const type = typeof value === "object" && value !== null && "type" in value ? String(value.type) : "";
  return Result.flatMap(recordFormatOf(type), ({ format }) => format.read(value));
}

/** @param kind of the name, such as "command" */
export function unknownName(kind: string, name: string): Unreadable {
  const reason = `${kind} "${name}" is unknown`;
  return /^[A-Z][A-Za-z]*(Command|Event)$/.test(name) ? fromNewer(reason) : damaged(reason);
}

/** The record is a wish, in whole. */
export function isCommand(record: TurnRecord): record is Command {
  return isCommandType(record.type);
}

/** The name is one of a command. */
export function isCommandType(name: string): name is Command["type"] {
  return name.endsWith("Command") && Object.hasOwn(commandSchemas, name);
}

/** The record is a fact inside an execution. */
export function isEvent(record: TurnRecord): record is Event {
  return record.type in eventSchemas;
}
