/** Items that a manifest leads to: the rows of an S3 inventory, or those of what Athena has unloaded. */
import { Result, Schema } from "effect";
import type { Json } from "../../../values/mod.ts";
import type { ObjectStore } from "../../object_stores/mod.ts";
import { readerFailed } from "../map_run_failed.ts";
import { itemsOf, unzipped } from "./dataset.ts";
import type { ItemBounds } from "./json_items.ts";
import type { ReaderConfig, Reading } from "./reader_config.ts";
import { linesOf, textOf } from "./text.ts";

const MANIFEST_CHARACTERS_MAX = 16 * 1_024 * 1_024;

const Inventory = Schema.Struct({
  /** An ARN, or the name itself. */
  destinationBucket: Schema.String,
  fileFormat: Schema.String,
  /** `Bucket, Key, Size, …` */
  fileSchema: Schema.String,
  files: Schema.Array(Schema.Struct({ key: Schema.String })),
});
const decodeInventory = Schema.decodeUnknownResult(Inventory);

interface Source {
  readonly store: ObjectStore;
  readonly bounds: ItemBounds;
  readonly signal: AbortSignal;
}

/** @throws {MapRunFailed} `States.ItemReaderFailed` */
export function manifestItems(
  manifest: AsyncIterable<Uint8Array>,
  { config }: Reading,
  source: Source,
): AsyncIterable<Json> {
  return config.ManifestType === "ATHENA_DATA"
    ? unloadedItems(manifest, config, source)
    : inventoryItems(manifest, source);
}

/** Each line of the manifest names an object: `s3://bucket/key`. */
async function* unloadedItems(
  manifest: AsyncIterable<Uint8Array>,
  { ManifestType: _type, ...config }: ReaderConfig,
  source: Source,
): AsyncGenerator<Json, void> {
  const dataConfig: ReaderConfig = config.InputType === "MANIFEST" ? { ...config, InputType: "JSONL" } : config;
  for await (const line of linesOf(textOf(manifest), MANIFEST_CHARACTERS_MAX)) {
    const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(line.trim()) ?? [];
    if (bucket === undefined || key === undefined) {
      throw readerFailed(`The manifest has a line that names no object: ${line.slice(0, 100)}`);
    }
    yield* itemsOf(await bytesAt(bucket, key, source), dataConfig, source.bounds);
  }
}

async function* inventoryItems(manifest: AsyncIterable<Uint8Array>, source: Source): AsyncGenerator<Json, void> {
  const inventory = await readInventory(manifest);
  if (inventory.fileFormat !== "CSV") {
    throw readerFailed(`This engine does not read inventories in the format ${inventory.fileFormat}`);
  }
  const bucket = inventory.destinationBucket.slice(inventory.destinationBucket.lastIndexOf(":") + 1);
  const config: ReaderConfig = {
    InputType: "CSV",
    CSVHeaderLocation: "GIVEN",
    CSVHeaders: inventory.fileSchema.split(",").map((name) => name.trim()),
  };
  for (const { key } of inventory.files) {
    yield* itemsOf(await bytesAt(bucket, key, source), config, source.bounds);
  }
}

async function readInventory(manifest: AsyncIterable<Uint8Array>): Promise<typeof Inventory.Type> {
  let text = "";
  for await (const chunk of textOf(manifest)) {
    text += chunk;
    if (text.length > MANIFEST_CHARACTERS_MAX) throw readerFailed("The manifest is too long.");
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw readerFailed("The manifest is no valid JSON.");
  }
  const decoded = decodeInventory(parsed);
  if (Result.isFailure(decoded)) throw readerFailed(`The manifest is not one: ${decoded.failure.message}`);
  return decoded.success;
}

async function bytesAt(bucket: string, key: string, { store, signal }: Source): Promise<AsyncIterable<Uint8Array>> {
  const { bytes } = await store.open({ bucket, key }, signal);
  return key.endsWith(".gz") ? unzipped(bytes) : bytes;
}
