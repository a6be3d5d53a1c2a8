/** Objects of anything that speaks the S3 API: `{endpoint}/{bucket}/{key}`, signed. */
import { parseXml, XmlElement } from "@rgrove/parse-xml";
import { AwsClient } from "aws4fetch";
import {
  checkBucket,
  keySegments,
  type ListedObject,
  type ObjectName,
  type ObjectStore,
  ObjectStoreFailed,
  type OpenedObject,
} from "./port.ts";

/** Where S3 is, and by whose keys. */
export interface S3Options {
  /** Such as `http://127.0.0.1:9000`. */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  /** Secret. */
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Bytes of an answer in XML: a page of a list has 1,000 keys of at most 1,024 bytes. */
const XML_BYTES_MAX = 8 * 1_024 * 1_024;
/** Until an answer begins, milliseconds. */
const ANSWER_MS_MAX = 60_000;
/** Between two pieces of an object, milliseconds. */
const SILENCE_MS_MAX = 60_000;
/** How often a request is made again that failed by itself, at growing distances. */
const RETRIES = 3;

/** Buckets of an S3 endpoint, by path-style requests. */
export class S3Store implements ObjectStore {
  readonly #endpoint: string;
  readonly #client: AwsClient;

  constructor({ endpoint, ...credentials }: S3Options) {
    this.#endpoint = endpoint.replace(/\/+$/, "");
    this.#client = new AwsClient({ ...credentials, service: "s3", retries: RETRIES });
  }

  async open(name: ObjectName, signal: AbortSignal): Promise<OpenedObject> {
    const response = await this.#ask("GET", this.#objectUrl(name), signal);
    const { body } = response;
    return { version: versionIn(response), bytes: body === null ? nothing() : readableBytes(body) };
  }

  async versionOf(name: ObjectName, signal: AbortSignal): Promise<string> {
    return versionIn(await this.#ask("HEAD", this.#objectUrl(name), signal));
  }

  async *list(bucket: string, prefix: string, signal: AbortSignal): AsyncGenerator<ListedObject, void> {
    let token: string | undefined;
    do {
      const url = new URL(`${this.#endpoint}/${checkBucket(bucket)}`);
      url.searchParams.set("list-type", "2");
      if (prefix !== "") url.searchParams.set("prefix", prefix);
      if (token !== undefined) url.searchParams.set("continuation-token", token);
      const page = await xmlOf(await this.#ask("GET", url, signal));
      for (const entry of childrenOf(page, "Contents")) yield listedObject(entry);
      const before = token;
      token = textOf(page, "IsTruncated") === "true" ? textOf(page, "NextContinuationToken") : undefined;
      if (token !== undefined && token === before) {
        throw new ObjectStoreFailed("InternalError", "The list of objects does not go on");
      }
    } while (token !== undefined);
  }

  async put(name: Pick<ObjectName, "bucket" | "key">, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const response = await this.#ask("PUT", this.#objectUrl(name), signal, bytes);
    await response.body?.cancel();
  }

  #objectUrl({ bucket, key, versionId }: ObjectName): URL {
    const path = keySegments(key).map(encodeURIComponent).join("/");
    const url = new URL(`${this.#endpoint}/${checkBucket(bucket)}/${path}`);
    if (versionId !== undefined) url.searchParams.set("versionId", versionId);
    return url;
  }

  async #ask(method: string, url: URL, signal: AbortSignal, body?: Uint8Array): Promise<Response> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), ANSWER_MS_MAX);
    let response: Response;
    try {
      const init = { method, signal: AbortSignal.any([signal, late.signal]), redirect: "error" as const };
      response = await this.#client.fetch(url, body === undefined ? init : { ...init, body: new Uint8Array(body) });
    } catch (failure) {
      if (signal.aborted) throw failure;
      // What a failed connection says may hold the endpoint's address: that is the operator's, not the user's.
      throw new ObjectStoreFailed("ServiceUnavailable", "The object store cannot be reached");
    } finally {
      clearTimeout(timer);
    }
    if (response.ok) return response;
    throw await failureOf(response);
  }
}

/** Of answers that say no more than their status, as those to HEAD. */
const bareFailures: Readonly<Record<number, readonly [code: string, message: string]>> = {
  403: ["AccessDenied", "Access Denied"],
  404: ["NoSuchKey", "The specified key does not exist."],
};

async function failureOf(response: Response): Promise<ObjectStoreFailed> {
  const { status } = response;
  const [code, message] = bareFailures[status] ??
    [`Status${status}`, `The object store answered with status ${status}`];
  if (response.body === null) return new ObjectStoreFailed(code, message);
  try {
    const error = await xmlOf(response);
    const told = textOf(error, "Code") ?? code;
    return new ObjectStoreFailed(told, textOf(error, "Message") ?? told);
  } catch {
    return new ObjectStoreFailed(code, message);
  }
}

function versionIn({ headers }: Response): string {
  const parts = ["etag", "content-length", "last-modified"].map((name) => headers.get(name) ?? "");
  return parts.join(" ").slice(0, 200);
}

function listedObject(entry: XmlElement): ListedObject {
  const modified = Date.parse(textOf(entry, "LastModified") ?? "");
  return {
    Etag: textOf(entry, "ETag") ?? "",
    Key: textOf(entry, "Key") ?? "",
    LastModified: Number.isNaN(modified) ? 0 : modified / 1_000,
    Size: Number(textOf(entry, "Size") ?? 0),
    StorageClass: textOf(entry, "StorageClass") ?? "STANDARD",
  };
}

async function xmlOf(response: Response): Promise<XmlElement> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body === null ? nothing() : readableBytes(response.body)) {
    length += chunk.length;
    if (length > XML_BYTES_MAX) throw new ObjectStoreFailed("InternalError", "The object store's answer is too long");
    chunks.push(chunk);
  }
  const text = new TextDecoder().decode(concatenated(chunks, length));
  try {
    const { root } = parseXml(text);
    if (root !== null) return root;
  } catch {
    // told below
  }
  throw new ObjectStoreFailed("InternalError", "The object store's answer is no XML");
}

function concatenated(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

function childrenOf(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.filter((child) => child instanceof XmlElement && child.name === name) as XmlElement[];
}

function textOf(element: XmlElement, name: string): string | undefined {
  return childrenOf(element, name)[0]?.text;
}

async function* nothing(): AsyncGenerator<Uint8Array, void> {}

/** A web stream as what every runtime iterates; given up, it is canceled. */
async function* readableBytes(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await readInTime(reader);
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {}); // an ended or broken stream has nothing to cancel
  }
}

/** @throws {ObjectStoreFailed} it broke off, or nothing came for too long */
async function readInTime(reader: ReadableStreamDefaultReader<Uint8Array>) {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("nothing came")), SILENCE_MS_MAX);
  try {
    return await Promise.race([reader.read(), late.promise]);
  } catch {
    throw new ObjectStoreFailed("ServiceUnavailable", "The object store broke off in the middle of an object");
  } finally {
    clearTimeout(timer);
  }
}
