/**
 * Facts of a partition as a whole: who leads it, which definitions its executions are pinned to, which workflows and other
 * resources live in it.
 */
import { Schema } from "effect";
import { EpochMs, optional, Payload, record, ResourceIdField, WorkflowIdField } from "./fields.ts";

/** A leader began. After it nothing of an older leader can be appended. */
export const LeaderElectedEvent = record("LeaderElectedEvent", {
  /** Rises with every leader of this partition. */
  epoch: Schema.Number,
  node: Schema.String,
});
export type LeaderElectedEvent = typeof LeaderElectedEvent.Type;

/** A definition's text, once a partition, before the first execution that is pinned to it. */
export const DefinitionAddedEvent = record("DefinitionAddedEvent", {
  hash: Schema.String,
  /** The text, or a part of it. */
  definition: Schema.String,
  /** A text too long for one log entry comes in parts, one after the other: which of them, 0-based, and how many there are. */
  part: optional(Schema.Number),
  parts: optional(Schema.Number),
});
export type DefinitionAddedEvent = typeof DefinitionAddedEvent.Type;

/** Neither a workflow nor an execution of the partition needs this definition any more: its next use adds it again. */
export const DefinitionForgottenEvent = record("DefinitionForgottenEvent", { hash: Schema.String });
export type DefinitionForgottenEvent = typeof DefinitionForgottenEvent.Type;

/** Give a name this definition. */
export const PutWorkflowCommand = record("PutWorkflowCommand", {
  workflowId: WorkflowIdField,
  name: Schema.String,
  hash: Schema.String,
});
export type PutWorkflowCommand = typeof PutWorkflowCommand.Type;

/** The name's newest revision. */
export const WorkflowPutEvent = record("WorkflowPutEvent", {
  workflowId: WorkflowIdField,
  name: Schema.String,
  revision: Schema.Number,
  hash: Schema.String,
  createdAtEpochMs: EpochMs,
  updatedAtEpochMs: EpochMs,
});
export type WorkflowPutEvent = typeof WorkflowPutEvent.Type;

/** Forget a name; its executions go on. */
export const DeleteWorkflowCommand = record("DeleteWorkflowCommand", { workflowId: WorkflowIdField });
export type DeleteWorkflowCommand = typeof DeleteWorkflowCommand.Type;

/** The name is free again. */
export const WorkflowDeletedEvent = record("WorkflowDeletedEvent", { workflowId: WorkflowIdField });
export type WorkflowDeletedEvent = typeof WorkflowDeletedEvent.Type;

/** Keep this value under this name. */
export const PutResourceCommand = record("PutResourceCommand", {
  resourceId: ResourceIdField,
  value: Payload,
  /** Only if it has this revision now; 0: only if it is not there. Absent: whatever is there. */
  expectedRevision: optional(Schema.Number),
});
export type PutResourceCommand = typeof PutResourceCommand.Type;

/** The resource has this value. */
export const ResourcePutEvent = record("ResourcePutEvent", {
  resourceId: ResourceIdField,
  /** 1 for the first value; rises by one with each put. */
  revision: Schema.Number,
  value: Payload,
  createdAtEpochMs: EpochMs,
  updatedAtEpochMs: EpochMs,
});
export type ResourcePutEvent = typeof ResourcePutEvent.Type;

/** Forget a resource. */
export const DeleteResourceCommand = record("DeleteResourceCommand", {
  resourceId: ResourceIdField,
  expectedRevision: optional(Schema.Number),
});
export type DeleteResourceCommand = typeof DeleteResourceCommand.Type;

/** The resource is not there any more: its revisions begin anew if it comes back. */
export const ResourceDeletedEvent = record("ResourceDeletedEvent", { resourceId: ResourceIdField });
export type ResourceDeletedEvent = typeof ResourceDeletedEvent.Type;

/** Every record of a partition as a whole, by name. */
export const partitionSchemas = {
  LeaderElectedEvent,
  DefinitionAddedEvent,
  DefinitionForgottenEvent,
  PutWorkflowCommand,
  WorkflowPutEvent,
  DeleteWorkflowCommand,
  WorkflowDeletedEvent,
  PutResourceCommand,
  ResourcePutEvent,
  DeleteResourceCommand,
  ResourceDeletedEvent,
} as const;
/** Any record of a partition as a whole. */
export type PartitionRecord = (typeof partitionSchemas)[keyof typeof partitionSchemas]["Type"];
