/** What the console's operations work with, and how one is put together. */
import { type Effect, Result, Schema, SchemaIssue } from "effect";
import type { AwsCaller } from "../../aws/mod.ts";
import { RequestRefused } from "../../runtime/mod.ts";
import { isSegment, type Json, type Limits, type Space } from "../../values/mod.ts";
import type { WireJson } from "./wire.ts";

/** One call of an operation, and what it may use. */
export interface ConsoleCall extends AwsCaller {
  /** Whose executions. */
  readonly space: Space;
  /** Of the engine. */
  readonly limits: Limits;
  /** Nothing of other tenants may be told; absent: the caller belongs to none. */
  readonly sealedTenant?: string;
}

/** An answer, or why there is none. */
export type ConsoleAnswer<T> = Effect.Effect<T, RequestRefused>;

/** An operation: a request's body in, an answer out. */
export interface ConsoleOperation {
  readonly accept: (body: Json) => Result.Result<(call: ConsoleCall) => ConsoleAnswer<object>, RequestRefused>;
}

const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1();

/** An operation whose requests are of this schema; fields that it does not name are let through unread. */
export function operation<S extends Schema.ConstraintDecoder<unknown>>(
  schema: S,
  run: (call: ConsoleCall, request: S["Type"]) => ConsoleAnswer<object>,
): ConsoleOperation {
  const decode = Schema.decodeUnknownResult(schema);
  return {
    accept: (body) => {
      const decoded = decode(body);
      if (Result.isSuccess(decoded)) return Result.succeed((call) => run(call, decoded.success));
      const [first] = issuesOf(decoded.failure.issue).issues;
      const field = first?.path?.map(String).join(".") ?? "";
      return Result.fail(invalid(`Cannot accept "${field}": ${first?.message ?? "another value is expected"}`));
    },
  };
}

/** The refusal of a request that says something that cannot be. */
export function invalid(message: string): RequestRefused {
  return new RequestRefused({ code: "InvalidArgument", message });
}

/** Tenant and namespace of a request's members, else those of the settings. */
export function spaceAsked(
  { tenant, namespace }: { readonly tenant?: unknown; readonly namespace?: unknown },
  settings: Space,
): Result.Result<Space, RequestRefused> {
  const space = { tenant: tenant ?? settings.tenant, namespace: namespace ?? settings.namespace };
  if (typeof space.tenant !== "string" || typeof space.namespace !== "string") {
    return Result.fail(invalid("Expected tenant and namespace to be strings"));
  }
  return isSegment(space.tenant) && isSegment(space.namespace)
    ? Result.succeed({ tenant: space.tenant, namespace: space.namespace })
    : Result.fail(invalid('Expected tenant and namespace of 1 to 64 of A-Z, a-z, 0-9, "_" and "-"'));
}

/** The engine's JSON as the wire has it: the same. */
export function onWire(value: Json): WireJson {
  return value;
}
