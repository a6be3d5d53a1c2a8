/** Objects in a folder: each folder in it is a bucket. */
import { createReadStream } from "node:fs";
import { mkdir, opendir, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { randomUUID } from "node:crypto";
import {
  checkBucket,
  keySegments,
  type ListedObject,
  type ObjectName,
  type ObjectStore,
  ObjectStoreFailed,
  type OpenedObject,
} from "./port.ts";

/** Files that are being written, or were when a process died: never listed. */
const UNFINISHED = ".weft-unfinished-";
const FOLDERS_DEPTH_MAX = 64;

/** Buckets in a folder. Nothing outside of it is read or written, symbolic links included. */
export class FileStore implements ObjectStore {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async open(name: ObjectName, signal: AbortSignal): Promise<OpenedObject> {
    const path = await this.#existing(name);
    const version = await versionAt(path);
    const bytes: AsyncIterable<Uint8Array> = createReadStream(path, { signal });
    return { version, bytes: explained(bytes) };
  }

  async versionOf(name: ObjectName): Promise<string> {
    return await versionAt(await this.#existing(name));
  }

  async *list(bucket: string, prefix: string): AsyncGenerator<ListedObject, void> {
    const folder = await this.#bucket(bucket);
    yield* listed(folder, "", prefix, 0);
  }

  async put({ bucket, key }: ObjectName, bytes: Uint8Array): Promise<void> {
    const folder = await this.#bucket(bucket);
    const path = join(folder, ...keySegments(key));
    const unfinished = join(dirname(path), `${UNFINISHED}${randomUUID()}`);
    try {
      // Behind a symbolic link the folder may be elsewhere: that is known before anything is made there.
      await this.#within(await existingFolder(dirname(path)));
      await mkdir(dirname(path), { recursive: true });
      await writeFile(unfinished, bytes, { flag: "wx" });
      await rename(unfinished, path);
    } catch (failure) {
      await rm(unfinished, { force: true });
      throw storeFailure(failure, "AccessDenied");
    }
  }

  async #existing({ bucket, key }: ObjectName): Promise<string> {
    const folder = await this.#bucket(bucket);
    return await this.#within(join(folder, ...keySegments(key)), "NoSuchKey");
  }

  async #bucket(bucket: string): Promise<string> {
    return await this.#within(join(this.#root, checkBucket(bucket)), "NoSuchBucket");
  }

  /** The real path of what is there. */
  async #within(path: string, missing = "AccessDenied"): Promise<string> {
    try {
      const [root, real] = await Promise.all([realpath(this.#root), realpath(path)]);
      if (real.startsWith(root + sep)) return real;
    } catch (failure) {
      throw storeFailure(failure, missing);
    }
    throw new ObjectStoreFailed("AccessDenied", "Access Denied");
  }
}

/** The innermost folder around a path that is there. */
async function existingFolder(path: string): Promise<string> {
  for (let folder = path;; folder = dirname(folder)) {
    try {
      await stat(folder);
      return folder;
    } catch (failure) {
      if (dirname(folder) === folder) throw failure;
    }
  }
}

async function* listed(
  folder: string,
  keyOfFolder: string,
  prefix: string,
  depth: number,
): AsyncGenerator<ListedObject, void> {
  if (depth > FOLDERS_DEPTH_MAX) {
    throw new ObjectStoreFailed("AccessDenied", "The bucket's folders are nested too deeply");
  }
  const entries: { readonly name: string; readonly isFolder: boolean }[] = [];
  for await (const entry of await opendir(folder)) {
    if (entry.name.startsWith(UNFINISHED) || !(entry.isFile() || entry.isDirectory())) continue;
    // A key sorts by what follows it: a folder's are its name, a slash and more.
    entries.push({ name: entry.isDirectory() ? `${entry.name}/` : entry.name, isFolder: entry.isDirectory() });
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name, isFolder } of entries) {
    const key = `${keyOfFolder}${name}`;
    if (isFolder) {
      if (key.startsWith(prefix) || prefix.startsWith(key)) {
        yield* listed(join(folder, name), key, prefix, depth + 1);
      }
    } else if (key.startsWith(prefix)) {
      const { size, mtimeMs } = await stat(join(folder, name));
      yield {
        Etag: JSON.stringify(versionFrom(size, mtimeMs)),
        Key: key,
        LastModified: Math.floor(mtimeMs) / 1_000,
        Size: size,
        StorageClass: "STANDARD",
      };
    }
  }
}

async function versionAt(path: string): Promise<string> {
  const { size, mtimeMs, isFile } = await statOf(path);
  if (!isFile) throw new ObjectStoreFailed("NoSuchKey", "The specified key does not exist.");
  return versionFrom(size, mtimeMs);
}

async function statOf(path: string) {
  try {
    const found = await stat(path);
    return { size: found.size, mtimeMs: found.mtimeMs, isFile: found.isFile() };
  } catch (failure) {
    throw storeFailure(failure, "NoSuchKey");
  }
}

function versionFrom(size: number, mtimeMs: number): string {
  return `${size.toString(16)}-${Math.round(mtimeMs * 1_000).toString(16)}`;
}

async function* explained(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  try {
    yield* bytes;
  } catch (failure) {
    throw storeFailure(failure, "NoSuchKey");
  }
}

function storeFailure(failure: unknown, missing: string): unknown {
  const code = failure instanceof Error && "code" in failure ? failure.code : undefined;
  if (typeof code !== "string" || failure instanceof ObjectStoreFailed) return failure;
  if (code === "ENOENT" || code === "ENOTDIR") {
    const what = missing === "NoSuchBucket" ? "bucket" : "key";
    return new ObjectStoreFailed(missing, `The specified ${what} does not exist.`);
  }
  return new ObjectStoreFailed("AccessDenied", `Access Denied (${code})`);
}
