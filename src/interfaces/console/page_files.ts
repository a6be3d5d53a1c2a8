/** The page's files: built by `npm run console`, read once, sent compressed and with what a browser must not do with them. */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { gunzipSync, gzipSync } from "node:zlib";

/** One file as it is sent. */
interface PageFile {
  readonly type: string;
  readonly plain: Buffer;
  readonly gzipped: Buffer;
  readonly etag: string;
}

const files: Readonly<Record<string, string>> = {
  "index.html": "text/html; charset=utf-8",
  "console.js": "text/javascript; charset=utf-8",
  "console.css": "text/css; charset=utf-8",
  "icon.svg": "image/svg+xml",
};

/** Scripts, styles and images of this server alone, nothing inline, no frames, no plugins, no text that becomes markup. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

/** What goes with every answer of the console. */
export const securityHeaders: Readonly<Record<string, string>> = {
  "content-security-policy": CONTENT_SECURITY_POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

/** The files by name. */
export class PageFiles {
  readonly #known = new Map<string, PageFile>();

  /** Answers a GET or HEAD for the file of this name; the page itself for "". */
  answer(name: string, request: IncomingMessage, response: ServerResponse): void {
    const file = this.#file(name === "" ? "index.html" : name);
    if (file === undefined) {
      response.writeHead(404, { ...securityHeaders, "content-type": "application/json" });
      response.end(JSON.stringify({ code: "NotFound", message: "The console has no such file" }));
      return;
    }
    const headers = {
      ...securityHeaders,
      "content-type": file.type,
      "cache-control": "no-cache",
      vary: "accept-encoding",
      etag: file.etag,
    };
    if (request.headers["if-none-match"] === file.etag) {
      response.writeHead(304, headers).end();
      return;
    }
    const isGzipped = /\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""));
    const body = isGzipped ? file.gzipped : file.plain;
    response.writeHead(200, {
      ...headers,
      "content-length": body.length,
      ...(isGzipped ? { "content-encoding": "gzip" } : {}),
    });
    response.end(request.method === "HEAD" ? undefined : body);
  }

  #file(name: string): PageFile | undefined {
    const type = Object.hasOwn(files, name) ? files[name] : undefined;
    const known = this.#known.get(name);
    if (known !== undefined || type === undefined) return known;
    const plain = bytesOf(new URL(`built/${name}`, import.meta.url));
    const etag = `"${createHash("sha256").update(plain).digest("base64url").slice(0, 22)}"`;
    const file = { type, plain, gzipped: gzipSync(plain, { level: 9 }), etag };
    this.#known.set(name, file);
    return file;
  }
}

/** A file's bytes; in the package, which is small, it stands compressed. */
function bytesOf(place: URL): Buffer {
  return existsSync(place) ? readFileSync(place) : gunzipSync(readFileSync(new URL(`${place.href}.gz`)));
}
