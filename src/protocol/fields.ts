/** The field types that records share. */
import { Schema } from "effect";
import type {
  ActivityId,
  BranchId,
  ExecutionId,
  IterationId,
  Json,
  JsonObject,
  ResourceId,
  TaskId,
  WorkflowId,
} from "../values/mod.ts";
import { isJsonObject } from "../values/mod.ts";
import type { OlderVersion } from "./versions.ts";

const text = <T extends string>() => Schema.declare<T>((value): value is T => typeof value === "string");

/** How a field stands in the log: as an index into the turn's table of payloads, or as an id that may begin with the turn's subject. */
export type FieldMark = "payload" | "actorId";
const MARK = "weftFieldMark";
const payload = { [MARK]: "payload" satisfies FieldMark };
const actorId = { [MARK]: "actorId" satisfies FieldMark };

/** An execution's id. Checked as text only: what comes from outside was parsed before. */
export const ExecutionIdField = text<ExecutionId>().annotate(actorId);
/** An activity's id. */
export const ActivityIdField = text<ActivityId>().annotate(actorId);
/** A branch's id. */
export const BranchIdField = text<BranchId>().annotate(actorId);
/** An iteration's id. */
export const IterationIdField = text<IterationId>().annotate(actorId);
/** A task's id. */
export const TaskIdField = text<TaskId>();
/** A resource's id. */
export const ResourceIdField = text<ResourceId>();
/** A workflow's id. */
export const WorkflowIdField = text<WorkflowId>();

/** What has a deadline or can be addressed by a timer. */
export type ActorId = ExecutionId | ActivityId | TaskId;
/** Id of an actor that has a deadline. */
export const ActorIdField = text<ActorId>().annotate(actorId);

/** A user's JSON. In the log it stands once a turn, in the turn's payload table. */
export const Payload = Schema.declare<Json>((value): value is Json => value !== undefined).annotate(payload);
/** A user's JSON object. */
export const PayloadObject = Schema.declare<JsonObject>((value): value is JsonObject => isJsonObject(value as Json))
  .annotate(payload);
/** A user's JSON array. */
export const PayloadArray = Schema.declare<readonly Json[]>((value): value is readonly Json[] => Array.isArray(value))
  .annotate(payload);

/** A schema whose values hold a user's JSON: a field of it stands in the log as a payload does. */
export function asPayload<S extends Schema.Top>(schema: S): S["Rebuild"] {
  return schema.annotate(payload);
}

/** Unix time in milliseconds. */
export const EpochMs = Schema.Number;
/** How an activity, branch or iteration ended. */
export const EndStatus = Schema.Literals(["Succeeded", "Failed", "Canceled"]);
export type EndStatus = typeof EndStatus.Type;

/** A field that may be absent, but never `undefined`. */
export const optional = Schema.optionalKey;

/** Of an error that the engine itself raised: by what of it, and in which field if it was an expression of JSONata. */
export const raised = {
  raisedBy: optional(Schema.Literals(["Runtime", "Query", "Limit", "Heartbeat"])),
  location: optional(Schema.String),
};

/** A record: `type` is its TypeScript name, `version` the version of its meaning; this is its first. */
export function record<const Name extends string, const Fields extends Schema.Struct.Fields>(
  name: Name,
  fields: Fields,
) {
  return revisedRecord(name, 1, fields, []);
}

const OLDER_VERSIONS = "weftOlderVersions";

/**
 * A record whose meaning has changed since it was released.
 *
 * @param older every released version before `version`, the first one first: see {@link olderRecord}
 *
 * @example
 * ```ts ignore
 * export const TaskCanceledEvent = revisedRecord("TaskCanceledEvent", 2, { taskId: TaskIdField, why: Schema.String }, [
 *   olderRecord("TaskCanceledEvent", 1, { taskId: TaskIdField }, (first) => ({ ...first, version: 2, why: "canceled" })),
 * ]);
 * ```
 */
export function revisedRecord<
  const Name extends string,
  const Version extends number,
  const Fields extends Schema.Struct.Fields,
>(name: Name, version: Version, fields: Fields, older: readonly OlderRecord[]) {
  if (older.length + 1 !== version) {
    throw new RangeError(`Expected ${version - 1} older versions of "${name}", but there are ${older.length}`);
  }
  const schema = Schema.Struct({ type: Schema.Literal(name), version: Schema.Literal(version), ...fields });
  return older.length === 0 ? schema : schema.annotate({ [OLDER_VERSIONS]: older });
}

/** The schema of a record, or of one of its versions. */
export type RecordSchema = Schema.Codec<unknown, unknown> & { readonly fields: Schema.Struct.Fields };

/** A released version of a record, which is no longer written. */
export interface OlderRecord extends OlderVersion {
  readonly fields: Schema.Struct.Fields;
}

/** A released version of a record, which is no longer written, and how the next one says the same. */
export function olderRecord<
  const Name extends string,
  const Version extends number,
  const Fields extends Schema.Struct.Fields,
>(
  name: Name,
  version: Version,
  fields: Fields,
  upcast: (older: { readonly type: Name; readonly version: Version } & Schema.Struct.Type<Fields>) => object,
): OlderRecord {
  const schema = Schema.Struct({ type: Schema.Literal(name), version: Schema.Literal(version), ...fields });
  return { schema, upcast, fields };
}

/** The released versions of a record's schema before the current one. */
export function olderVersionsOf(schema: RecordSchema): readonly OlderRecord[] {
  return (schema.ast.annotations?.[OLDER_VERSIONS] ?? []) as readonly OlderRecord[];
}

/** Names of the fields that have this mark. */
export function fieldsMarked(fields: Schema.Struct.Fields, mark: FieldMark): readonly string[] {
  return Object.keys(fields).filter((name) => fields[name]?.ast.annotations?.[MARK] === mark);
}
