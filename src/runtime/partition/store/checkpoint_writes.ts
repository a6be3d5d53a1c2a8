import type { ResourcePutEvent, WorkflowPutEvent } from "../../../protocol/mod.ts";
import type { ExecutionId, ResourceId, WorkflowId } from "../../../values/mod.ts";
import type { DefinitionChanges } from "../definitions/known_definitions.ts";
import type { StoredExecution } from "../hot_execution.ts";
import type { ExecutionRow } from "./execution_rows.ts";
import type { Applied, KeyClaim, ResourceRecord, WorkflowRecord } from "./stored_values.ts";
import { resourceKey, revisionKey, workflowKey, type Write } from "./store_keys.ts";

/** What one checkpoint writes. */
export interface Checkpoint {
  /** Absent: the store stays where it was, and only gains. */
  readonly applied?: Applied;
  readonly executions: readonly (ExecutionRow & {
    readonly key: { readonly key: string; readonly claim: KeyClaim } | undefined;
    readonly stored: StoredExecution;
  })[];
  readonly deleted: readonly {
    readonly id: ExecutionId;
    readonly key: string | undefined;
    readonly stored: StoredExecution;
  }[];
  readonly definitions: DefinitionChanges["definitions"];
  readonly forgottenDefinitions: DefinitionChanges["forgottenDefinitions"];
  /** Of the definitions: those that are never forgotten. */
  readonly keptDefinitions?: readonly string[];
  readonly revisions: DefinitionChanges["revisions"];
  readonly forgottenRevisions: DefinitionChanges["forgottenRevisions"];
  readonly workflows: readonly WorkflowRecord[];
  readonly deletedWorkflows: readonly WorkflowId[];
  readonly resources: readonly ResourceRecord[];
  readonly deletedResources: readonly ResourceId[];
  /** Rows as they are, by keys behind the partition's prefix. */
  readonly rows?: readonly Write[];
  /** What ended up to this sequence is not in the store yet, and must be looked for in the log; 0: it is now. */
  readonly rebuildThrough?: number;
}

/** A checkpoint of nothing. */
export const nothing = {
  definitions: [],
  forgottenDefinitions: [],
  revisions: [],
  forgottenRevisions: [],
  workflows: [],
  deletedWorkflows: [],
  resources: [],
  deletedResources: [],
  executions: [],
  deleted: [],
};

/**
 * What a checkpoint writes besides executions, by keys behind the partition's prefix, in the order in which it is to be written: definitions before
 * the executions that need them.
 */
export function sharedWrites(checkpoint: Omit<Checkpoint, "executions" | "deleted">): readonly (readonly Write[])[] {
  const removal = (key: string): Write[] => [{ key, value: undefined }];
  return [
    ...checkpoint.definitions.map(({ hash, text }) => [{ key: `def/${hash}`, value: text }]),
    ...checkpoint.forgottenDefinitions.map((hash) => removal(`def/${hash}`)),
    ...(checkpoint.keptDefinitions ?? []).map((hash) => [{ key: `kept/${hash}`, value: 1 }]),
    ...checkpoint.revisions.map((revision) => [{ key: revisionKey(revision), value: { ...revision } }]),
    ...checkpoint.forgottenRevisions.map((revision) => removal(revisionKey(revision))),
    ...checkpoint.workflows.map((workflow) => [{
      key: workflowKey(workflow.workflowId),
      value: { ...workflow, type: "WorkflowPutEvent", version: 1 } satisfies WorkflowPutEvent,
    }]),
    ...checkpoint.deletedWorkflows.map((id) => removal(workflowKey(id))),
    ...checkpoint.resources.map((resource) => [{
      key: resourceKey(resource.resourceId),
      value: { ...resource, type: "ResourcePutEvent", version: 1 } satisfies ResourcePutEvent,
    }]),
    ...checkpoint.deletedResources.map((id) => removal(resourceKey(id))),
    ...(checkpoint.rows ?? []).map((row) => [row]),
  ];
}
