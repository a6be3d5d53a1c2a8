/**
 * Objects by bucket and key: where datasets are read from and results are written to. One port for a folder, the NATS object store
 * and anything that speaks the S3 API.
 *
 * Buckets and keys come from state machines, thus from anybody: an adapter must not let them lead out of what it was set up with.
 */
import type { Json } from "../../values/mod.ts";

/** An object whose bytes can be read, once. */
export interface OpenedObject {
  /** Another one whenever the object's bytes may be others. At most 200 characters. */
  readonly version: string;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** An object as `ListObjectsV2` tells of it. */
export interface ListedObject {
  readonly Etag: string;
  readonly Key: string;
  /** Unix time, seconds. */
  readonly LastModified: number;
  /** Bytes. */
  readonly Size: number;
  readonly StorageClass: string;
  readonly [field: string]: Json;
}

/** One object of a bucket. */
export interface ObjectName {
  readonly bucket: string;
  readonly key: string;
  /** Where the bucket keeps versions; absent: the newest. */
  readonly versionId?: string;
}

/** Reads, lists and writes objects. Every failure is an {@link ObjectStoreFailed}. */
export interface ObjectStore {
  open(name: ObjectName, signal: AbortSignal): Promise<OpenedObject>;
  /** The version that {@link open} would give, without reading. */
  versionOf(name: ObjectName, signal: AbortSignal): Promise<string>;
  /** In the order of their keys; all of them, however many. */
  list(bucket: string, prefix: string, signal: AbortSignal): AsyncIterable<ListedObject>;
  /** Puts an object there whole or not at all, in place of one that was there. */
  put(name: Pick<ObjectName, "bucket" | "key">, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
}

/** Why an object cannot be read, listed or written. */
export class ObjectStoreFailed extends Error {
  override readonly name = "ObjectStoreFailed";
  /** `NoSuchBucket`, `NoSuchKey`, `AccessDenied`, or another code of the S3 API. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const BUCKET_CHARACTERS_MAX = 63;
const KEY_BYTES_MAX = 1_024;

/** A bucket's name that can stand in a path or a URL. @throws {ObjectStoreFailed} `InvalidBucketName` */
export function checkBucket(bucket: string): string {
  if (
    /^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(bucket) && bucket.length <= BUCKET_CHARACTERS_MAX && !bucket.includes("..")
  ) {
    return bucket;
  }
  throw new ObjectStoreFailed("InvalidBucketName", `The specified bucket is not valid: ${bucket.slice(0, 100)}`);
}

/** The segments of a key, none of which leads upwards. @throws {ObjectStoreFailed} `InvalidKey` */
export function keySegments(key: string): readonly string[] {
  const segments = key.split("/");
  const isBad = segments.some((segment) => segment === "." || segment === ".." || segment.includes("\0"));
  if (key !== "" && !isBad && new TextEncoder().encode(key).length <= KEY_BYTES_MAX) return segments;
  throw new ObjectStoreFailed("InvalidKey", `The specified key is not valid: ${key.slice(0, 100)}`);
}
