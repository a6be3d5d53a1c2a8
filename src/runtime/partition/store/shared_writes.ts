import type { ResourcePutEvent, WorkflowPutEvent } from "../../../protocol/mod.ts";
import type { Checkpoint } from "./partition_store.ts";
import { resourceKey, revisionKey, workflowKey, type Write } from "./store_keys.ts";

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
