/**
 * The rows of a Parquet file, as items.
 *
 * Such a file is read from its end, so it is laid down in a temporary file first. Rows are made out of it a slice at a time; the library is
 * loaded when the first file is read.
 *
 * @see https://parquet.apache.org/docs/file-format/
 */
import { Buffer } from "node:buffer";
import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AsyncBuffer, Compressors } from "hyparquet";
import { type Json, setOwn } from "../../../values/mod.ts";
import { MapRunFailed, readerFailed } from "../map_run_failed.ts";
import { type ItemBounds, tooDeep } from "./json_items.ts";

/** Bytes of a file. */
const FILE_BYTES_MAX = 5 * 1_024 ** 3;
/** Bytes of what a file says of itself at its end. */
const FOOTER_BYTES_MAX = 5 * 1_024 ** 2;
/** Bytes of a group of rows, which are in memory at once: packed and unpacked. */
const ROW_GROUP_BYTES_MAX = 256 * 1_024 ** 2;
/** Rows that are made into items at once. */
const SLICE_ROWS = 16_384;
/** A footer's length and the letters `PAR1`. */
const TAIL_BYTES = 8;

/** @throws {MapRunFailed} `States.ItemReaderFailed`: no Parquet file, or one that is too large */
export async function* parquetItems(
  bytes: AsyncIterable<Uint8Array>,
  bounds: ItemBounds,
): AsyncGenerator<Json, void> {
  const folder = await mkdtemp(join(tmpdir(), "weft-parquet-"));
  try {
    const file = await open(join(folder, "dataset"), "wx+", 0o600);
    try {
      const byteLength = await lay(bytes, file);
      yield* rowsOf(file, byteLength, bounds);
    } finally {
      await file.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function lay(bytes: AsyncIterable<Uint8Array>, file: FileHandle): Promise<number> {
  let byteLength = 0;
  for await (const chunk of bytes) {
    byteLength += chunk.length;
    if (byteLength > FILE_BYTES_MAX) throw readerFailed(`The dataset has more than ${FILE_BYTES_MAX} bytes.`);
    await file.writeFile(chunk);
  }
  return byteLength;
}

async function* rowsOf(file: FileHandle, byteLength: number, bounds: ItemBounds): AsyncGenerator<Json, void> {
  const buffer: AsyncBuffer = {
    byteLength,
    slice: (start, end = byteLength) => part(file, start < 0 ? byteLength + start : start, Math.min(end, byteLength)),
  };
  await checkTail(buffer);
  const { parquetMetadataAsync, parquetReadObjects } = await import("hyparquet");
  const compressors = await boundedCompressors();
  const metadata = await understood(() => parquetMetadataAsync(buffer));
  let groupStart = 0;
  for (const { num_rows, total_byte_size } of metadata.row_groups) {
    if (total_byte_size > ROW_GROUP_BYTES_MAX) throw groupTooLarge();
    const groupEnd = groupStart + Number(num_rows);
    for (let rowStart = groupStart; rowStart < groupEnd; rowStart += SLICE_ROWS) {
      const rowEnd = Math.min(rowStart + SLICE_ROWS, groupEnd);
      const rows = await understood(() =>
        parquetReadObjects({ file: buffer, metadata, rowStart, rowEnd, compressors: compressors() })
      );
      for (const row of rows) yield new RowReader(bounds).read(row);
    }
    groupStart = groupEnd;
  }
}

async function part(file: FileHandle, start: number, end: number): Promise<ArrayBuffer> {
  const length = end - start;
  if (!(length >= 0 && length <= ROW_GROUP_BYTES_MAX)) throw groupTooLarge();
  const bytes = new Uint8Array(length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await file.read(bytes, read, length - read, start + read);
    if (bytesRead === 0) throw notOne("it ends too early");
    read += bytesRead;
  }
  return bytes.buffer;
}

async function checkTail({ byteLength, slice }: AsyncBuffer): Promise<void> {
  if (byteLength < TAIL_BYTES) throw notOne("it is too short");
  const tail = new DataView(await slice(byteLength - TAIL_BYTES));
  if (tail.getUint32(4) !== 0x50415231) throw notOne("it does not end as one");
  const footerBytes = tail.getUint32(0, true);
  if (footerBytes > FOOTER_BYTES_MAX) throw readerFailed(`The footer has more than ${FOOTER_BYTES_MAX} bytes.`);
}

/** Those of the library, each refusing to unpack more than a group of rows may have: pages say by themselves how large they become. */
async function boundedCompressors(): Promise<() => Compressors> {
  const { compressors } = await import("hyparquet-compressors");
  return () => {
    let unpackedBytes = 0;
    return Object.fromEntries(
      Object.entries(compressors).map(([name, unpack]) => [name, (input: Uint8Array, outputLength: number) => {
        unpackedBytes += outputLength;
        if (unpackedBytes > ROW_GROUP_BYTES_MAX) throw groupTooLarge();
        return unpack(input, outputLength);
      }]),
    );
  };
}

const notOne = (why: string) => readerFailed(`The dataset is no valid Parquet file: ${why}`);
const groupTooLarge = () => readerFailed(`A group of rows has more than ${ROW_GROUP_BYTES_MAX} bytes.`);

/** What the library throws is about the file. */
async function understood<A>(read: () => Promise<A>): Promise<A> {
  try {
    return await read();
  } catch (thrown) {
    if (thrown instanceof MapRunFailed) throw thrown;
    throw notOne(thrown instanceof Error ? thrown.message.slice(0, 200) : "it cannot be read");
  }
}

/** A row as JSON: instants as texts, whole numbers that a double cannot hold as texts, what is no number as `null`. */
class RowReader {
  readonly #bounds: ItemBounds;
  #characters = 0;

  constructor(bounds: ItemBounds) {
    this.#bounds = bounds;
  }

  read(value: unknown, depth = 1): Json {
    switch (typeof value) {
      case "string":
        return this.#counted(value);
      case "number":
        return this.#counted(Number.isFinite(value) ? value : null);
      case "bigint":
        return this.#counted(Number.isSafeInteger(Number(value)) ? Number(value) : String(value));
      case "boolean":
        return this.#counted(value);
      case "object":
        return value === null ? null : this.#readObject(value, depth);
      default:
        return null;
    }
  }

  #readObject(value: object, depth: number): Json {
    if (value instanceof Date) return this.#counted(Number.isNaN(value.getTime()) ? null : value.toISOString());
    if (value instanceof Uint8Array) return this.#counted(Buffer.from(value).toString("base64"));
    if (depth > this.#bounds.depthMax) throw tooDeep(this.#bounds.depthMax);
    if (Array.isArray(value)) return value.map((item) => this.read(item, depth + 1));
    const object: Record<string, Json> = {};
    for (const [name, field] of Object.entries(value)) {
      this.#counted(name);
      setOwn(object, name, this.read(field, depth + 1));
    }
    return object;
  }

  #counted<J extends Json>(value: J): J {
    this.#characters += typeof value === "string" ? value.length : 8;
    const { charactersMax } = this.#bounds;
    if (this.#characters > charactersMax) {
      throw readerFailed(`An item of the dataset has more than ${charactersMax} characters.`);
    }
    return value;
  }
}
