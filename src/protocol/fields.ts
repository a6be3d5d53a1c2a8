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

const text = <T extends string>() => Schema.declare<T>((value): value is T => typeof value === "string");

/** An execution's id. Checked as text only: what comes from outside was parsed before. */
export const ExecutionIdField = text<ExecutionId>();
/** An activity's id. */
export const ActivityIdField = text<ActivityId>();
/** A branch's id. */
export const BranchIdField = text<BranchId>();
/** An iteration's id. */
export const IterationIdField = text<IterationId>();
/** A task's id. */
export const TaskIdField = text<TaskId>();
/** A resource's id. */
export const ResourceIdField = text<ResourceId>();
/** A workflow's id. */
export const WorkflowIdField = text<WorkflowId>();

/** What has a deadline or can be addressed by a timer. */
export type ActorId = ExecutionId | ActivityId | TaskId;
/** Id of an actor that has a deadline. */
export const ActorIdField = text<ActorId>();

/** A user's JSON. In the log it stands once a turn, in the turn's payload table. */
export const Payload = Schema.declare<Json>((value): value is Json => value !== undefined);
/** A user's JSON object. */
export const PayloadObject = Schema.declare<JsonObject>((value): value is JsonObject => isJsonObject(value as Json));
/** A user's JSON array. */
export const PayloadArray = Schema.declare<readonly Json[]>((value): value is readonly Json[] => Array.isArray(value));

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

/** A record: `type` is its TypeScript name, `version` the version of its meaning. */
export function record<const Name extends string, const Fields extends Schema.Struct.Fields>(
  name: Name,
  fields: Fields,
) {
  return Schema.Struct({ type: Schema.Literal(name), version: Schema.Literal(1), ...fields });
}
