/** Objects of the NATS object store: a bucket there is a bucket here. */
import { type ObjectInfo, type ObjectStore as NatsBucket, Objm } from "@nats-io/obj";
import type { NatsConnection } from "@nats-io/transport-node";
import {
  checkBucket,
  keySegments,
  type ListedObject,
  type ObjectName,
  type ObjectStore,
  ObjectStoreFailed,
  type OpenedObject,
} from "./port.ts";

/** The client takes in whatever the server sends, however slowly it is read: an object must fit into memory. */
const OBJECT_BYTES_MAX = 256 * 1_024 * 1_024;

/** Buckets of the object store of a NATS connection. */
export class NatsObjectStore implements ObjectStore {
  readonly #objects: Objm;

  constructor(connection: NatsConnection) {
    this.#objects = new Objm(connection);
  }

  async open({ bucket, key }: ObjectName): Promise<OpenedObject> {
    keySegments(key);
    const found = await reached((await this.#bucket(bucket)).get(key));
    if (found === null) throw noSuchKey();
    const { size } = found.info;
    if (size > OBJECT_BYTES_MAX) {
      await found.data.cancel();
      throw new ObjectStoreFailed(
        "EntityTooLarge",
        `An object of the NATS object store may have ${OBJECT_BYTES_MAX} bytes to be read, but this one has ${size}`,
      );
    }
    return { version: versionIn(found.info), bytes: whole(found.data, found.error) };
  }

  async versionOf({ bucket, key }: ObjectName): Promise<string> {
    keySegments(key);
    const info = await reached((await this.#bucket(bucket)).info(key));
    if (info === null || info.deleted) throw noSuchKey();
    return versionIn(info);
  }

  async *list(bucket: string, prefix: string): AsyncGenerator<ListedObject, void> {
    const infos = await reached((await this.#bucket(bucket)).list());
    const there = infos.filter(({ name, deleted }) => !deleted && name.startsWith(prefix));
    there.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const { name, size, mtime, digest } of there) {
      yield {
        Etag: JSON.stringify(digest),
        Key: name,
        LastModified: Date.parse(mtime) / 1_000,
        Size: size,
        StorageClass: "STANDARD",
      };
    }
  }

  async put({ bucket, key }: Pick<ObjectName, "bucket" | "key">, bytes: Uint8Array): Promise<void> {
    keySegments(key);
    await reached((await this.#bucket(bucket)).putBlob({ name: key }, bytes));
  }

  async #bucket(bucket: string): Promise<NatsBucket> {
    try {
      return await this.#objects.open(checkBucket(bucket));
    } catch (failure) {
      if (failure instanceof ObjectStoreFailed) throw failure;
      throw new ObjectStoreFailed("NoSuchBucket", "The specified bucket does not exist.");
    }
  }
}

function noSuchKey(): ObjectStoreFailed {
  return new ObjectStoreFailed("NoSuchKey", "The specified key does not exist.");
}

function versionIn({ digest, size, mtime }: ObjectInfo): string {
  return `${digest} ${size} ${mtime}`.slice(0, 200);
}

async function reached<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch {
    throw new ObjectStoreFailed("ServiceUnavailable", "The object store cannot be reached");
  }
}

/** The object's bytes. One that does not have the digest that it was put with fails at its end. */
async function* whole(data: ReadableStream<Uint8Array>, error: Promise<unknown>): AsyncGenerator<Uint8Array, void> {
  error.catch(() => {}); // the stream below fails by the same
  const reader = data.getReader();
  let isDone = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      isDone = done;
      if (done) return;
      yield value;
    }
  } catch {
    isDone = true;
    throw new ObjectStoreFailed("InternalError", "The object is damaged, or the object store cannot be reached");
  } finally {
    if (!isDone) await reader.cancel();
  }
}
