/** From a task's parameters to the request that is sent. */
import { isJsonObject, type Json, type JsonObject, present } from "../../values/mod.ts";
import type { ConnectionPart } from "./connections.ts";

/** Why a request cannot be: a fault of the definition or its input. */
export class RequestInvalid extends Error {
  override readonly name = "RequestInvalid";
}

/** A request, but for what is the client's business. */
export interface BuiltRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

const methods = new Set(["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"]);
/** @see https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html, "Unsupported headers" */
const reserved = new Set(
  ("a-im accept-charset accept-datetime accept-encoding authorization cache-control connection content-encoding content-length " +
    "content-md5 date expect forwarded from host http2-settings if-match if-modified-since if-none-match if-range " +
    "if-unmodified-since max-forwards origin pragma proxy-authorization range referer server te trailer transfer-encoding upgrade " +
    "user-agent via warning").split(" "),
);
const reservedPrefixes = ["x-forwarded-", "x-amz-", "x-amzn-"];
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const FORM = "application/x-www-form-urlencoded";

/** @throws {RequestInvalid} */
export function buildRequest(parameters: JsonObject, connection: ConnectionPart | undefined): BuiltRequest {
  const url = endpointOf(parameters);
  const method = parameters["Method"];
  if (typeof method !== "string" || !methods.has(method)) {
    throw new RequestInvalid(`The field 'Method' must be one of ${[...methods].join(", ")}`);
  }
  addQuery(url, parameters["QueryParameters"]);
  for (const [name, value] of Object.entries(connection?.query ?? {})) url.searchParams.set(name, value);
  const headers = withOverrides(headersOf(parameters["Headers"]), connection?.headers ?? {});
  const body = bodyOf(parameters, contentTypeOf(headers), connection?.body ?? {});
  const typed = body === undefined || contentTypeOf(headers) !== undefined
    ? headers
    : { ...headers, "Content-Type": isForm(parameters) ? FORM : "application/json" };
  return { url, method, headers: typed, ...present({ body }) };
}

function endpointOf({ ApiEndpoint: endpoint }: JsonObject): URL {
  if (typeof endpoint !== "string" || !URL.canParse(endpoint)) {
    throw new RequestInvalid("The field 'ApiEndpoint' must be a URL");
  }
  const url = new URL(endpoint);
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new RequestInvalid("The field 'ApiEndpoint' must begin with https://");
  }
  if (url.username !== "" || url.password !== "") {
    throw new RequestInvalid("The field 'ApiEndpoint' must not have credentials: they belong into a connection");
  }
  return url;
}

function addQuery(url: URL, parameters: Json | undefined): void {
  if (parameters === undefined || parameters === null) return;
  if (!isJsonObject(parameters)) throw new RequestInvalid("The field 'QueryParameters' must be an object");
  for (const [name, value] of Object.entries(parameters)) {
    for (const item of Array.isArray(value) ? value as readonly Json[] : [value as Json]) {
      url.searchParams.append(name, textOf(item));
    }
  }
}

function headersOf(given: Json | undefined): Readonly<Record<string, string>> {
  if (given === undefined || given === null) return {};
  if (!isJsonObject(given)) throw new RequestInvalid("The field 'Headers' must be an object");
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const lower = name.toLowerCase();
      if (reserved.has(lower) || reservedPrefixes.some((prefix) => lower.startsWith(prefix))) {
        throw new RequestInvalid(`The 'Headers' field contains unsupported values: [${lower}]`);
      }
      const text = Array.isArray(value) ? (value as readonly Json[]).map(textOf).join(", ") : textOf(value as Json);
      // A line break would begin a header of the user's own choosing.
      if (!token.test(name) || /[^\t\x20-\x7e\x80-\xff]/.test(text)) {
        throw new RequestInvalid(
          `The header '${name}' cannot be sent: its name or value has characters that headers must not have`,
        );
      }
      return [name, text];
    }),
  );
}

/** The connection's headers in place of the definition's, whatever their spelling. */
function withOverrides(
  headers: Readonly<Record<string, string>>,
  overrides: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const names = new Set(Object.keys(overrides).map((name) => name.toLowerCase()));
  const kept = Object.entries(headers).filter(([name]) => !names.has(name.toLowerCase()));
  return { ...Object.fromEntries(kept), ...overrides };
}

function contentTypeOf(headers: Readonly<Record<string, string>>): string | undefined {
  return Object.entries(headers).find(([name]) => name.toLowerCase() === "content-type")?.[1];
}

function isForm({ Transform: transform }: JsonObject): boolean {
  return isJsonObject(transform ?? null) && (transform as JsonObject)["RequestBodyEncoding"] === "URL_ENCODED";
}

function bodyOf(
  parameters: JsonObject,
  contentType: string | undefined,
  added: Readonly<Record<string, string>>,
): string | undefined {
  const given = parameters["RequestBody"];
  const hasAdded = Object.keys(added).length > 0;
  if ((given === undefined || given === null) && !hasAdded) return undefined;
  const body: Json = hasAdded && isJsonObject(given ?? {}) ? { ...given as JsonObject, ...added } : given ?? null;
  if (isForm(parameters)) {
    if (!isJsonObject(body)) throw new RequestInvalid("A URL-encoded 'RequestBody' must be an object");
    const options = (parameters["Transform"] as JsonObject)["RequestEncodingOptions"];
    const format = isJsonObject(options ?? null) ? (options as JsonObject)["ArrayFormat"] : undefined;
    return formEncoded(body, typeof format === "string" ? format : "INDICES");
  }
  const isText = typeof body === "string" && contentType !== undefined && !/\bjson\b/i.test(contentType);
  return isText ? body : JSON.stringify(body);
}

/** Nested names in brackets; arrays as `ArrayFormat` says: INDICES `a[0]=x`, REPEAT `a=x`, COMMAS `a=x,y`, BRACKETS `a[]=x`. */
function formEncoded(body: JsonObject, format: string): string {
  const pairs: string[] = [];
  const add = (name: string, value: Json): void => {
    if (Array.isArray(value)) {
      const items = value as readonly Json[];
      if (format === "COMMAS") {
        pairs.push(`${encodeURIComponent(name)}=${items.map(textOf).map(encodeURIComponent).join(",")}`);
      } else {
        items.forEach((item, index) =>
          add(format === "REPEAT" ? name : format === "BRACKETS" ? `${name}[]` : `${name}[${index}]`, item)
        );
      }
    } else if (isJsonObject(value)) {
      for (const [key, inner] of Object.entries(value)) add(`${name}[${key}]`, inner as Json);
    } else pairs.push(`${encodeURIComponent(name)}=${encodeURIComponent(textOf(value))}`);
  };
  for (const [name, value] of Object.entries(body)) add(name, value as Json);
  return pairs.join("&");
}

function textOf(value: Json): string {
  return typeof value === "string" ? value : value === null ? "" : JSON.stringify(value);
}
