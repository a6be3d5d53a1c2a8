/** A small S3 server in memory: signed path-style requests for objects and lists of them, three keys a page. The object `broken` breaks off. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const PAGE = 3;

/** An S3 endpoint for the time of a test. */
export interface S3Server {
  readonly endpoint: string;
  /** By bucket and key. */
  readonly buckets: Map<string, Map<string, string>>;
  close(): Promise<void>;
}

/** Starts one with these objects. */
export async function startS3(objects: Readonly<Record<string, Readonly<Record<string, string>>>>): Promise<S3Server> {
  const buckets = new Map(Object.entries(objects).map(([name, entries]) => [name, new Map(Object.entries(entries))]));
  const server = createServer((request, response) => void answer(buckets, request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    buckets,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function answer(
  buckets: ReadonlyMap<string, Map<string, string>>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "", "http://s3");
  const [bucketName = "", ...rest] = url.pathname.slice(1).split("/").map(decodeURIComponent);
  const key = rest.join("/");
  const bucket = buckets.get(bucketName);
  const fail = (status: number, code: string, message: string) => {
    response.writeHead(status, { "content-type": "application/xml" });
    response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`);
  };
  if (
    !/^AWS4-HMAC-SHA256 Credential=key\/\d{8}\/us-east-1\/s3\/aws4_request/.test(request.headers.authorization ?? "")
  ) {
    return fail(403, "AccessDenied", "Access Denied");
  }
  if (bucket === undefined) return fail(404, "NoSuchBucket", "The specified bucket does not exist");
  if (request.method === "PUT") {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    bucket.set(key, Buffer.concat(chunks).toString());
    response.end();
    return;
  }
  if (key === "") return list(bucket, url.searchParams, response);
  const object = bucket.get(key);
  if (object === undefined) return fail(404, "NoSuchKey", "The specified key does not exist.");
  response.writeHead(200, { etag: etagOf(object), "content-length": Buffer.byteLength(object) });
  if (key === "broken" && request.method === "GET") {
    response.write(object.slice(0, object.length / 2), () => response.destroy());
    return;
  }
  response.end(request.method === "HEAD" ? undefined : object);
}

function list(bucket: ReadonlyMap<string, string>, query: URLSearchParams, response: ServerResponse): void {
  const prefix = query.get("prefix") ?? "";
  const after = query.get("continuation-token") ?? "";
  const keys = [...bucket.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
  const page = keys.slice(0, PAGE);
  const contents = page.map((key) => {
    const object = bucket.get(key) ?? "";
    return `<Contents><Key>${escaped(key)}</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>${
      escaped(etagOf(object))
    }</ETag><Size>${Buffer.byteLength(object)}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
  });
  const more = keys.length > PAGE ? `<NextContinuationToken>${escaped(page.at(-1) ?? "")}</NextContinuationToken>` : "";
  response.writeHead(200, { "content-type": "application/xml" });
  response.end(
    `<?xml version="1.0"?><ListBucketResult><IsTruncated>${keys.length > PAGE}</IsTruncated>${more}${
      contents.join("")
    }</ListBucketResult>`,
  );
}

function etagOf(object: string): string {
  return JSON.stringify(createHash("md5").update(object).digest("hex"));
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
