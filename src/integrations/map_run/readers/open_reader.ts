/** An `ItemReader` as a source of items. */
import { createHash } from "node:crypto";
import { Effect } from "effect";
import { type Json, type Limits, present } from "../../../values/mod.ts";
import {
  type ListedObject,
  type ObjectName,
  type ObjectStore,
  ObjectStoreFailed,
  type ObjectStores,
  storeFor,
} from "../../object_stores/mod.ts";
import { failedOrDefect, type MapRunFailed, readerFailed } from "../map_run_failed.ts";
import { type Items, type ItemSource, readItems } from "../item_source.ts";
import { itemsOf, unzipped } from "./dataset.ts";
import type { ItemBounds } from "./json_items.ts";
import { manifestItems } from "./manifest_items.ts";
import { decodeReader, type ReaderConfig, type Reading } from "./reader_config.ts";

/** Items of one dataset, as AWS has it. */
const ITEMS_MAX = 100_000_000;
/** An item may be larger than a payload before `ItemSelector` makes it smaller: by this factor, in characters. */
const ITEM_FACTOR = 16;

const changed = () =>
  readerFailed("The items have changed while the Map Run was running: their source is not what it was.");

/** What a reader needs. */
export interface ReaderOptions {
  readonly stores: ObjectStores;
  readonly limits: Limits;
}

/** Looks at what the reader reads from, and gives its items. Fails with `States.ItemReaderFailed`. */
export function openReader(
  reader: Json,
  { stores, limits }: ReaderOptions,
): Effect.Effect<ItemSource, MapRunFailed> {
  const bounds = { charactersMax: limits.payloadBytesMax * ITEM_FACTOR, depthMax: limits.jsonDepthMax };
  const open = async (signal: AbortSignal): Promise<ItemSource> => {
    const reading = decodeReader(reader);
    const { store, action } = storeFor(stores, reading.resource);
    const source = { reading, store, bounds };
    if (action === "listObjectsV2") return await listingSource(source, signal);
    if (action === "getObject") return await objectSource(source, signal);
    throw readerFailed(`The resource "${reading.resource}" reads nothing`);
  };
  return Effect.catch(Effect.tryPromise({ try: open, catch: asReaderFailure }), failedOrDefect);
}

interface Source {
  readonly reading: Reading;
  readonly store: ObjectStore;
  readonly bounds: ItemBounds;
}

async function objectSource({ reading, store, bounds }: Source, signal: AbortSignal): Promise<ItemSource> {
  const { Bucket: bucket, Key: key, VersionId: versionId } = reading.location;
  if (key === undefined) throw readerFailed("The ItemReader names no key");
  const name: ObjectName = { bucket, key, ...present({ versionId }) };
  const version = await store.versionOf(name, signal);
  return {
    fingerprint: fingerprintOf([reading.resource, bucket, key, version]),
    items: explainedItems(async function* (signal) {
      const opened = await store.open(name, signal);
      if (opened.version !== version) throw changed();
      const bytes = key.endsWith(".gz") ? unzipped(opened.bytes) : opened.bytes;
      const isManifest = reading.config.InputType === "MANIFEST" || reading.config.ManifestType !== undefined;
      const items = isManifest
        ? manifestItems(bytes, reading, { store, bounds, signal })
        : itemsOf(bytes, reading.config, bounds);
      yield* atMost(items, reading.config.MaxItems);
    }),
  };
}

/** The list is gone through twice: what it was is kept before the first child starts, and must be so at its end. */
async function listingSource({ reading, store, bounds }: Source, signal: AbortSignal): Promise<ItemSource> {
  const { Bucket: bucket, Prefix: prefix = "" } = reading.location;
  const { Transformation, MaxItems } = reading.config;
  const fingerprint = await listFingerprint(store.list(bucket, prefix, signal));
  return {
    fingerprint,
    items: explainedItems(async function* (signal) {
      const seen = createHash("sha256");
      const listed = noting(store.list(bucket, prefix, signal), seen);
      const items = Transformation === "LOAD_AND_FLATTEN"
        ? loaded(listed, bucket, { reading, store, bounds }, signal)
        : listed;
      yield* atMost(items, MaxItems);
      if (MaxItems === undefined && seen.digest("hex") !== fingerprint) throw changed();
    }),
  };
}

async function* loaded(
  listed: AsyncIterable<ListedObject>,
  bucket: string,
  { reading, store, bounds }: Source,
  signal: AbortSignal,
): AsyncGenerator<Json, void> {
  for await (const { Key: key, Size: size } of listed) {
    if (size === 0) continue; // a folder's mark
    const { bytes } = await store.open({ bucket, key }, signal);
    yield* itemsOf(key.endsWith(".gz") ? unzipped(bytes) : bytes, reading.config, bounds);
  }
}

async function listFingerprint(list: AsyncIterable<ListedObject>): Promise<string> {
  const seen = createHash("sha256");
  for await (const _object of noting(list, seen)) { /* only their hash counts */ }
  return seen.digest("hex");
}

async function* noting(list: AsyncIterable<ListedObject>, seen: ReturnType<typeof createHash>) {
  for await (const object of list) {
    seen.update(JSON.stringify([object.Key, object.Etag, object.Size]));
    yield object;
  }
}

function fingerprintOf(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

async function* atMost(items: AsyncIterable<Json>, maxItems: ReaderConfig["MaxItems"]): AsyncGenerator<Json, void> {
  const wanted = Number(maxItems ?? 0);
  const most = wanted === 0 ? ITEMS_MAX : wanted;
  let count = 0;
  for await (const item of items) {
    yield item;
    if (++count >= most) break;
  }
  if (count >= ITEMS_MAX) throw readerFailed(`The dataset has more than ${ITEMS_MAX} items.`);
}

function explainedItems(read: (signal: AbortSignal) => AsyncIterable<Json>): Items {
  return readItems(async function* (signal) {
    try {
      yield* read(signal);
    } catch (failure) {
      throw asReaderFailure(failure);
    }
  });
}

function asReaderFailure(failure: unknown): unknown {
  return failure instanceof ObjectStoreFailed ? readerFailed(failure.message) : failure;
}
