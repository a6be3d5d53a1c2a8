/** An `ItemReader` as a source of items. */
import { createHash } from "node:crypto";
import { type Json, type Limits, present } from "../../../values/mod.ts";
import {
  type ListedObject,
  type ObjectName,
  type ObjectStore,
  ObjectStoreFailed,
  type ObjectStores,
  storeFor,
} from "../../object_stores/mod.ts";
import { MapRunFailed, readerFailed } from "../failed.ts";
import type { ItemSource } from "../item_source.ts";
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
  readonly signal: AbortSignal;
}

/** Looks at what the reader reads from, and gives its items. @throws {MapRunFailed} `States.ItemReaderFailed` */
export async function openReader(reader: Json, { stores, limits, signal }: ReaderOptions): Promise<ItemSource> {
  const bounds = { charactersMax: limits.payloadBytesMax * ITEM_FACTOR, depthMax: limits.jsonDepthMax };
  return await explained(async () => {
    const reading = decodeReader(reader);
    const { store, action } = storeFor(stores, reading.resource);
    const source = { reading, store, bounds, signal };
    if (action === "listObjectsV2") return await listingSource(source);
    if (action === "getObject") return await objectSource(source);
    throw readerFailed(`The resource "${reading.resource}" reads nothing`);
  });
}

interface Source {
  readonly reading: Reading;
  readonly store: ObjectStore;
  readonly bounds: ItemBounds;
  readonly signal: AbortSignal;
}

async function objectSource({ reading, store, bounds, signal }: Source): Promise<ItemSource> {
  const { Bucket: bucket, Key: key, VersionId: versionId } = reading.location;
  if (key === undefined) throw readerFailed("The ItemReader names no key");
  const name: ObjectName = { bucket, key, ...present({ versionId }) };
  const version = await store.versionOf(name, signal);
  return {
    fingerprint: fingerprintOf([reading.resource, bucket, key, version]),
    items: () =>
      explainedItems(async function* () {
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
async function listingSource({ reading, store, bounds, signal }: Source): Promise<ItemSource> {
  const { Bucket: bucket, Prefix: prefix = "" } = reading.location;
  const { Transformation, MaxItems } = reading.config;
  const list = () => store.list(bucket, prefix, signal);
  const fingerprint = await listFingerprint(list());
  return {
    fingerprint,
    items: () =>
      explainedItems(async function* () {
        const seen = createHash("sha256");
        const listed = noting(list(), seen);
        const items = Transformation === "LOAD_AND_FLATTEN"
          ? loaded(listed, bucket, { reading, store, bounds, signal })
          : listed;
        yield* atMost(items, MaxItems);
        if (MaxItems === undefined && seen.digest("hex") !== fingerprint) throw changed();
      }),
  };
}

async function* loaded(
  listed: AsyncIterable<ListedObject>,
  bucket: string,
  { reading, store, bounds, signal }: Source,
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

async function* explainedItems(items: () => AsyncIterable<Json>): AsyncGenerator<Json, void> {
  try {
    yield* items();
  } catch (failure) {
    throw asReaderFailure(failure);
  }
}

async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (failure) {
    throw asReaderFailure(failure);
  }
}

function asReaderFailure(failure: unknown): unknown {
  if (failure instanceof MapRunFailed || !(failure instanceof ObjectStoreFailed)) return failure;
  return readerFailed(failure.message);
}
