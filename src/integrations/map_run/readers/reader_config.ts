/** `ItemReader`, evaluated: what it reads from, and how. */
import { Result, Schema } from "effect";
import type { Json } from "../../../values/mod.ts";
import { readerFailed } from "../map_run_failed.ts";

const optional = Schema.optionalKey;

const Location = Schema.Struct({
  Bucket: Schema.String,
  Key: optional(Schema.String),
  VersionId: optional(Schema.String),
  Prefix: optional(Schema.String),
});

const ReaderConfig = Schema.Struct({
  InputType: optional(Schema.Literals(["CSV", "JSON", "JSONL", "MANIFEST", "PARQUET"])),
  CSVHeaderLocation: optional(Schema.Literals(["FIRST_ROW", "GIVEN"])),
  CSVHeaders: optional(Schema.Array(Schema.String)),
  CSVDelimiter: optional(Schema.Literals(["COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"])),
  /** From a path it may come as digits. */
  MaxItems: optional(Schema.Union([Schema.Number, Schema.String.check(Schema.isPattern(/^-?[0-9]{1,15}$/))])),
  /** A JSON Pointer (RFC 6901) to the items in a JSON document. */
  ItemsPointer: optional(Schema.String),
  ManifestType: optional(Schema.Literals(["S3_INVENTORY", "ATHENA_DATA"])),
  Transformation: optional(Schema.Literals(["NONE", "LOAD_AND_FLATTEN"])),
});
/** How objects are read. */
export type ReaderConfig = typeof ReaderConfig.Type;

const ItemReader = Schema.Struct({
  Resource: Schema.String,
  Parameters: optional(Location),
  Arguments: optional(Location),
  ReaderConfig: optional(ReaderConfig),
});

/** What is read, and how. */
export interface Reading {
  readonly resource: string;
  readonly location: typeof Location.Type;
  readonly config: ReaderConfig;
}

const decode = Schema.decodeUnknownResult(ItemReader);

/** @throws {MapRunFailed} `States.ItemReaderFailed`: something is missing, or not what it must be */
export function decodeReader(reader: Json): Reading {
  const decoded = decode(reader);
  if (Result.isFailure(decoded)) throw readerFailed(`The ItemReader is not valid: ${decoded.failure.message}`);
  const { Resource, Parameters, Arguments, ReaderConfig: config = {} } = decoded.success;
  if (Number(config.MaxItems ?? 0) < 0) throw readerFailed("field MaxItems must be positive");
  const location = Arguments ?? Parameters;
  if (location === undefined) throw readerFailed("The ItemReader names no bucket");
  return { resource: Resource, location, config };
}
