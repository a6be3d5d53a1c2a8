import {
  type ExecutionId,
  type Json,
  parseExecutionId,
  type ResourceId,
  sha256Hex,
  type WorkflowId,
} from "../../../values/mod.ts";
import type { Revision } from "./stored_values.ts";

/** Sets a key of a store, or removes it. */
export type Write = { readonly key: string; readonly value: Json | undefined };

/** The parts of an execution's id. */
export function partsOf(id: ExecutionId) {
  const parsed = parseExecutionId(id);
  if (parsed === undefined) throw new RangeError(`Expected an execution's id, but got "${id}"`);
  return parsed;
}

/** `{tenant}/{namespace}/{hlc16}-{hash7}`: sorts by start within a space. */
export function executionPlace(id: ExecutionId): string {
  const { tenant, namespace, hash, hlc } = partsOf(id);
  return `${tenant}/${namespace}/${hlc}-${hash}`;
}

/** Where an execution is. */
export function executionKey(id: ExecutionId): string {
  return `x/${executionPlace(id)}`;
}

/** The id of the execution at a place, {@link executionPlace}. */
export function idAt(executionPlace: string): ExecutionId {
  const [tenant, namespace, place = ""] = executionPlace.split("/");
  const [hlc, hash] = place.split("-");
  return `/${tenant}/${namespace}/e${hash}/${hlc}` as ExecutionId;
}

/** A time in keys that sort by it: unix milliseconds, 14 digits. */
export function deadlineDigits(epochMs: number): string {
  return String(Math.max(0, Math.ceil(epochMs))).padStart(14, "0");
}

/** Where an execution is found by when its earliest timer is due. */
export function dueKey(epochMs: number, id: ExecutionId): string {
  return `d/${deadlineDigits(epochMs)}${id}`;
}

/** Where a workflow is. */
export function workflowKey(id: WorkflowId): string {
  const [, tenant, namespace, , name = ""] = id.split("/");
  return `w/${tenant}/${namespace}/${sha256Hex(name)}`;
}

/** Where it stands that a workflow has or had a definition. */
export function revisionKey({ workflowId, hash }: Revision): string {
  return `v${workflowKey(workflowId).slice(1)}/${hash}`;
}

/** Where a resource is. */
export function resourceKey(id: ResourceId): string {
  const [, tenant, namespace] = id.split("/");
  return `r/${tenant}/${namespace}/${sha256Hex(id)}`;
}
