/** One object as items, by its format. */
import { createGunzip } from "node:zlib";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Json, jsonDepthExceeds } from "../../../values/mod.ts";
import { readerFailed } from "../map_run_failed.ts";
import { csvItems } from "./csv_items.ts";
import { type ItemBounds, jsonItems, tooDeep } from "./json_items.ts";
import { parquetItems } from "./parquet_items.ts";
import type { ReaderConfig } from "./reader_config.ts";
import { linesOf, textOf } from "./text.ts";

/** @throws {MapRunFailed} `States.ItemReaderFailed` */
export function itemsOf(
  bytes: AsyncIterable<Uint8Array>,
  config: ReaderConfig,
  bounds: ItemBounds,
): AsyncIterable<Json> {
  switch (config.InputType) {
    case "CSV":
      return csvItems(textOf(bytes), config, bounds.charactersMax);
    case "JSONL":
      return jsonLines(textOf(bytes), bounds);
    case undefined:
    case "JSON":
      return jsonItems(textOf(bytes), config.ItemsPointer ?? "", bounds);
    case "PARQUET":
      return parquetItems(bytes, bounds);
    case "MANIFEST":
      throw readerFailed(`This engine does not read datasets of InputType ${config.InputType} here`);
    default:
      return config.InputType satisfies never;
  }
}

async function* jsonLines(
  text: AsyncIterable<string>,
  { charactersMax, depthMax }: ItemBounds,
): AsyncGenerator<Json, void> {
  let number = 0;
  for await (const line of linesOf(text, charactersMax)) {
    number += 1;
    if (jsonDepthExceeds(line, depthMax)) throw tooDeep(depthMax);
    try {
      yield JSON.parse(line) as Json;
    } catch {
      throw readerFailed(`Line ${number} of the dataset is no valid JSON.`);
    }
  }
}

/** The bytes of an object whose key ends in `.gz`. */
export async function* unzipped(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const gunzip = createGunzip();
  const done = pipeline(Readable.from(bytes), gunzip);
  done.catch(() => {}); // the iteration below tells of it
  try {
    yield* gunzip as AsyncIterable<Uint8Array>;
  } catch (failure) {
    if (failure instanceof Error && "code" in failure && String(failure.code).startsWith("Z_")) {
      throw readerFailed("The dataset is compressed, but damaged.");
    }
    throw failure;
  } finally {
    gunzip.destroy();
  }
}
