/**
 * The canonical form of a request, over which AWS's Signature Version 4 is computed: by AWS's rules for all services but S3 (the path is
 * made plain and encoded a second time).
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
 */
import { sha256Hex } from "../../values/mod.ts";

/** What of a request is signed. */
export interface SignableRequest {
  readonly method: string;
  /** Path and query, as they came. */
  readonly target: string;
  /** By lower-case name; several of one name are joined by ", ". */
  header(name: string): string | undefined;
}

/** What AWS leaves as it is when it encodes: RFC 3986's unreserved characters. */
const RESERVED = /[!'()*]/g;

/** Percent-encodes all but unreserved characters. @throws {URIError} text that is no Unicode */
export function encodeAws(text: string): string {
  return encodeURIComponent(text).replace(RESERVED, (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** A query's parameters as they were meant, in order; `undefined`: it is not percent-encoded UTF-8. */
export function queryParameters(target: string): readonly (readonly [name: string, value: string])[] | undefined {
  const at = target.indexOf("?");
  if (at === -1) return [];
  try {
    return target.slice(at + 1).split("&").filter((part) => part !== "").map((part) => {
      const equals = part.indexOf("=");
      const decode = (coded: string) => decodeURIComponent(coded.replaceAll("+", " "));
      return equals === -1 ? [decode(part), ""] : [decode(part.slice(0, equals)), decode(part.slice(equals + 1))];
    });
  } catch {
    return undefined;
  }
}

/** The path without `.`, `..` and empty segments, encoded once more. */
export function canonicalPath(target: string): string {
  const [path = ""] = target.split("?", 1);
  if (path === "/" || path === "") return "/";
  const kept: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment === "..") kept.pop();
    else kept.push(segment);
  }
  const end = kept.length > 0 && path.endsWith("/") ? "/" : "";
  return `/${kept.map(encodeAws).join("/")}${end}`;
}

/** Encoded, sorted by name and then by value. */
export function canonicalQuery(parameters: readonly (readonly [string, string])[]): string {
  return parameters.map(([name, value]) => [encodeAws(name), encodeAws(value)] as const)
    .sort(([leftName, left], [rightName, right]) => compare(leftName, rightName) || compare(left, right))
    .map(([name, value]) => `${name}=${value}`).join("&");
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** SHA-256 of the canonical request. @param payloadHash SHA-256 of the body, hex digits @throws {URIError} text that is no Unicode */
export function canonicalRequestHash(
  request: SignableRequest,
  parameters: readonly (readonly [string, string])[],
  signedHeaders: readonly string[],
  payloadHash: string,
): string {
  const headers = signedHeaders.map((name) => `${name}:${canonicalValue(request.header(name) ?? "")}\n`).join("");
  return sha256Hex(
    `${request.method}\n${canonicalPath(request.target)}\n${canonicalQuery(parameters)}\n${headers}\n` +
      `${signedHeaders.join(";")}\n${payloadHash}`,
  );
}

/** Without white space at its ends, and with one blank for many. */
function canonicalValue(value: string): string {
  return value.trim().replace(/\s+/g, " ");
}
