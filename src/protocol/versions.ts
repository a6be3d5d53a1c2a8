/**
 * Formats that change: what an earlier Weft wrote is read for ever, and what a later one wrote is known as such.
 *
 * A format has a current version, and for every released version before it a schema and an upcaster. Reading takes the schema of the
 * version that stands there, decodes with it, and brings the value up step by step; so nobody else ever sees an older version. The
 * current version costs one comparison.
 */
import { Result, Schema } from "effect";
import { isJsonObject, type Json, WEFT_VERSION } from "../values/mod.ts";

/** Why something that was written cannot be read. */
export interface Unreadable {
  readonly reason: string;
  /** A newer Weft wrote it: nothing is damaged, and nothing may be dropped or overwritten. */
  readonly isNewer: boolean;
}

/** It is not what any Weft would have written. */
export function damaged(reason: string): Unreadable {
  return { reason, isNewer: false };
}

/** A newer Weft wrote it. @param what reads "record … has version 2" */
export function fromNewer(what: string): Unreadable {
  return { reason: `${what} (this is Weft ${WEFT_VERSION})`, isNewer: true };
}

/** A released version of a format that is no longer written. */
export interface OlderVersion {
  readonly schema: Schema.Top;
  /** Pure: what this version said, as the next one says it. */
  readonly upcast: (older: never) => unknown;
}

/** One released version before the current one. */
export function olderVersion<Older, Encoded>(
  schema: Schema.Codec<Older, Encoded>,
  upcast: (older: Older) => unknown,
): OlderVersion {
  return { schema, upcast };
}

/** A format, and how it is read. */
export interface FormatOptions<T> {
  /** As messages name it, such as `record "TaskCreatedEvent"`. */
  readonly what: string;
  /** Of the current version. */
  readonly schema: Schema.Codec<T, unknown>;
  /** Version 1 first, without gaps. */
  readonly older?: readonly OlderVersion[];
  /** A field that no version knows is refused, not passed over: it may be a fact. */
  readonly isStrict?: boolean;
}

type Decode = (value: unknown) => Result.Result<unknown, Schema.SchemaError>;

/** Reads every released version of one format. */
export class Format<T> {
  readonly what: string;
  /** The current version: the one that is written. */
  readonly version: number;
  readonly #decoders: readonly Decode[];
  readonly #upcasts: readonly OlderVersion["upcast"][];

  constructor({ what, schema, older = [], isStrict = false }: FormatOptions<T>) {
    this.what = what;
    this.version = older.length + 1;
    const options = { onExcessProperty: isStrict ? "error" : "ignore" } as const;
    const schemas = [...older.map((version) => version.schema), schema];
    this.#decoders = schemas.map((each) => Schema.decodeUnknownResult(each as Schema.Codec<unknown, unknown>, options));
    this.#upcasts = older.map(({ upcast }) => upcast);
  }

  /** What stands there, as the current version has it. What carries no version is of version 1. */
  read(value: unknown): Result.Result<T, Unreadable> {
    return this.readAs(versionOf(value), value);
  }

  /** @throws {RangeError} it cannot be read: a defect of whoever kept it, or a newer Weft's */
  decode(value: unknown): T {
    const read = this.read(value);
    if (Result.isFailure(read)) throw new RangeError(`Cannot read ${read.failure.reason}`);
    return read.success;
  }

  /** What stands there in this version. */
  readAs(version: unknown, value: unknown): Result.Result<T, Unreadable> {
    if (version === this.version) return this.#decode(this.version, value);
    const known = this.known(version);
    if (Result.isFailure(known)) return Result.fail(known.failure);
    let decoded: Result.Result<unknown, Unreadable> = this.#decode(known.success, value);
    for (let from = known.success; from < this.version && Result.isSuccess(decoded); from++) {
      const upcast = this.#upcasts[from - 1] as (older: unknown) => unknown;
      decoded = this.#decode(from + 1, upcast(decoded.success));
    }
    return decoded as Result.Result<T, Unreadable>;
  }

  /** The version, if this Weft can read it. */
  known(version: unknown): Result.Result<number, Unreadable> {
    if (typeof version !== "number" || !Number.isSafeInteger(version) || version < 1) {
      return Result.fail(damaged(`${this.what} has ${JSON.stringify(version)} as its version`));
    }
    if (version > this.version) {
      return Result.fail(fromNewer(`${this.what} has version ${version}, and is read up to version ${this.version}`));
    }
    return Result.succeed(version);
  }

  #decode(version: number, value: unknown): Result.Result<T, Unreadable> {
    const decode = this.#decoders[version - 1] as Decode;
    return Result.mapError(
      decode(value) as Result.Result<T, Schema.SchemaError>,
      (error) => damaged(`${this.what}: ${error.message}`),
    );
  }
}

function versionOf(value: unknown): unknown {
  return isJsonObject(value as Json) ? (value as { readonly version?: unknown }).version ?? 1 : 1;
}

/** A file of a version that only a newer Weft knows. */
export class FileFromNewerVersion extends Error {
  override readonly name = "FileFromNewerVersion";

  constructor(version: number, readUpTo: number) {
    super(`The file has version ${version}, and is read up to version ${readUpTo} (this is Weft ${WEFT_VERSION})`);
  }
}

/**
 * A file can be read by its version: 0 stands in one that was made just now, or before versions were written.
 *
 * @throws {FileFromNewerVersion} a newer Weft wrote it
 * @throws {RangeError} it is no version
 */
export function assertFileVersion(version: unknown, readUpTo: number): void {
  if (typeof version !== "number" || version < 0) throw new RangeError(`The file has ${version} as its version`);
  if (version > readUpTo) throw new FileFromNewerVersion(version, readUpTo);
}
