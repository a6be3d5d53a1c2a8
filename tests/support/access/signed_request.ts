/** Requests that AWS's own signer has signed: what verification is held against. */
import { Buffer } from "node:buffer";
import { createHash, createHmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import type { HttpRequest } from "@smithy/types";
import type { PresentedRequest } from "../../../src/access/mod.ts";

/** Who signs. */
export interface SignerCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What is signed. */
export interface RequestToSign {
  readonly method?: string;
  /** As it goes over the wire. */
  readonly path?: string;
  readonly query?: Record<string, string | string[]>;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly at: Date;
  readonly region?: string;
  readonly service?: string;
  /** Seconds: signed in the query. */
  readonly expiresIn?: number;
}

/** A signed request as a server gets it. */
export interface SignedRequest extends PresentedRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

class Sha256 {
  readonly #secret: string | Uint8Array | undefined;
  readonly #chunks: Uint8Array[] = [];

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#secret = secret === undefined || typeof secret === "string" ? secret : bytesOf(secret);
  }

  update(chunk: string | ArrayBuffer | ArrayBufferView): void {
    this.#chunks.push(typeof chunk === "string" ? Buffer.from(chunk) : bytesOf(chunk));
  }

  digest(): Promise<Uint8Array> {
    const digest = this.#secret === undefined ? createHash("sha256") : createHmac("sha256", this.#secret);
    return Promise.resolve(digest.update(Buffer.concat(this.#chunks)).digest());
  }

  reset(): void {
    this.#chunks.length = 0;
  }
}

function bytesOf(bytes: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(bytes)
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes);
}

/** Signs with `@smithy/signature-v4`, in a header or in the query. */
export async function signedRequest(credentials: SignerCredentials, given: RequestToSign): Promise<SignedRequest> {
  const { method = "POST", path = "/", query = {}, headers = {}, body = "", at } = given;
  const { region = "us-east-1", service = "states", expiresIn } = given;
  const signer = new SignatureV4({ credentials, region, service, sha256: Sha256 });
  const request: HttpRequest = {
    method,
    protocol: "http:",
    hostname: "127.0.0.1",
    path,
    query,
    headers: { host: "127.0.0.1:8083", ...headers },
    body,
  };
  const signed = expiresIn === undefined
    ? await signer.sign(request, { signingDate: at })
    : await signer.presign(request, { signingDate: at, expiresIn });
  const target = path + queryText(signed.query ?? {});
  return presented(method, target, signed.headers, Buffer.from(body));
}

/** A request as a server sees it. */
export function presented(
  method: string,
  target: string,
  given: Readonly<Record<string, string>>,
  body: Uint8Array,
): SignedRequest {
  const headers = Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
  return {
    method,
    target,
    headers,
    body,
    headerNames: Object.keys(headers),
    header: (name) => Object.hasOwn(headers, name) ? headers[name] : undefined,
  };
}

function queryText(query: Readonly<Record<string, string | readonly string[] | null>>): string {
  const encode = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (it) => `%${it.charCodeAt(0).toString(16).toUpperCase()}`);
  const parts = Object.entries(query).flatMap(([name, values]) =>
    (typeof values === "string" || values === null ? [values ?? ""] : values)
      .map((value) => `${encode(name)}=${encode(value)}`)
  );
  return parts.length === 0 ? "" : `?${parts.join("&")}`;
}
