/**
 * From a message's bytes and subject to a request that the engine can be given, or the refusal that says what is wrong.
 * Everything that comes in is hostile until it went through here.
 */
import { Result, Schema, SchemaIssue } from "effect";
import { RequestRefused } from "../../runtime/engine.ts";
import {
  isSegment,
  type Json,
  jsonDepthExceeds,
  type Limits,
  parseJson,
  payloadBytes,
  type Space,
} from "../../values/mod.ts";

/** What came in, checked; or the refusal that its sender gets. */
export type Decoded<T> = Result.Result<T, RequestRefused>;

const utf8 = new TextDecoder("utf-8", { fatal: true });
const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1();
/** The body itself is one level around its fields. */
const BODY_DEPTH = 1;

/** A refusal as a decoding's outcome. */
export function refuse(code: RequestRefused["code"], message: string): Decoded<never> {
  return Result.fail(new RequestRefused({ code, message }));
}

/** Tenant and namespace of `weft.api.{tenant}.{namespace}.…`. */
export function decodeSpace(subject: string): Decoded<Space> {
  const [, , tenant = "", namespace = ""] = subject.split(".", 4);
  if (isSegment(tenant) && isSegment(namespace)) return Result.succeed({ tenant, namespace });
  return refuse(
    "InvalidArgument",
    `Expected tenant and namespace in the subject to be 1 to 64 of A-Z, a-z, 0-9, "_" and "-", but got "${tenant}" and "${namespace}"`,
  );
}

/**
 * A decoder for one endpoint's body: UTF-8, JSON no deeper than the limit, an object, then `schema`. Refuses with
 * `InvalidArgument`, naming the first field that is wrong. A body without bytes is taken as `{}`.
 */
export function bodyDecoder<S extends Schema.ConstraintDecoder<unknown>>(
  schema: S,
  limits: Pick<Limits, "jsonDepthMax">,
): (bytes: Uint8Array) => Decoded<S["Type"]> {
  const decode = Schema.decodeUnknownResult(schema);
  return (bytes) => {
    const parsed = parseBody(bytes, limits.jsonDepthMax + BODY_DEPTH);
    if (Result.isFailure(parsed)) return Result.fail(parsed.failure);
    const decoded = decode(parsed.success);
    if (Result.isSuccess(decoded)) return Result.succeed(decoded.success);
    return refuse("InvalidArgument", describeIssue(decoded.failure.issue, parsed.success));
  };
}

function parseBody(bytes: Uint8Array, depthMax: number): Decoded<Json> {
  if (bytes.length === 0) return Result.succeed({});
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return refuse("InvalidArgument", "Expected the request to be JSON in UTF-8, but its bytes are no UTF-8");
  }
  if (jsonDepthExceeds(text, depthMax)) {
    return refuse("InvalidArgument", `Expected the request to nest at most ${depthMax} levels deep, but it is deeper`);
  }
  try {
    return Result.succeed(parseJson(text));
  } catch (failure) {
    const reason = failure instanceof Error ? failure.message : String(failure);
    return refuse("InvalidArgument", `Expected the request to be JSON, but it is not: ${reason}`);
  }
}

function describeIssue(issue: SchemaIssue.Issue, body: Json): string {
  const [first] = issuesOf(issue).issues;
  const field = first?.path?.map(String).join(".") ?? "";
  const expectation = first?.message ?? "another value";
  if (field === "") return `Expected the request to be a JSON object, but got ${kindOf(body)}`;
  const value = Object.getOwnPropertyDescriptor(body, field)?.value as Json | undefined;
  if (value === undefined) return `Expected "${field}" in the request, but it is missing`;
  return `Cannot accept "${field}": ${lowerFirst(expectation)}, but got ${kindOf(value)}`;
}

/** What a value is, short, without showing payloads: callers may log the message. */
function kindOf(value: Json): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value === "string") return `a string of ${value.length} characters`;
  return "an object";
}

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

/** Compact JSON grows in print only where a number was short: `1e20` becomes 21 digits. */
const GROWTH_MAX = 6;

/**
 * Refuses a payload of more than `bytesMax` bytes of compact JSON. `bodyBytes`, the size of the message it came in, spares
 * small payloads the measuring.
 */
export function checkPayload(
  field: string,
  payload: Json,
  bodyBytes: number,
  bytesMax: number,
): RequestRefused | undefined {
  if (bodyBytes * GROWTH_MAX <= bytesMax) return undefined;
  const bytes = payloadBytes(payload);
  if (bytes <= bytesMax) return undefined;
  return new RequestRefused({
    code: "PayloadTooLarge",
    message: `Expected "${field}" to be at most ${bytesMax} bytes of JSON, but it has ${bytes}`,
  });
}
