/**
 * Ids are paths that carry tenant and namespace. Printed by the functions here, taken apart by the `parse…` ones,
 * which answer `undefined` for anything that is not exactly such an id: use them on everything from outside.
 *
 * | what | id |
 * |---|---|
 * | execution | `/{tenant}/{namespace}/e{hash7}/{hlc16}` |
 * | activity | `{executionId}/{hlc16}` |
 * | branch, iteration | `{activityId}/b{index}`, `{activityId}/i{index}` |
 * | task | `/{tenant}/{namespace}/t{hash7 of the resource}/{hlc16}` |
 * | workflow | `/{tenant}/{namespace}/w{hash7 of the name}/{name}` |
 * | resource | `/{tenant}/{namespace}/r{hash7 of the first name}/{kind}/{name}`, further names behind it |
 */
import { hash32, hash7 } from "./hash.ts";
import { asString, type Timestamp } from "./timestamp.ts";

/** One run of a workflow. */
export type ExecutionId = string & { readonly _id: "ExecutionId" };
/** One run of one state. */
export type ActivityId = string & { readonly _id: "ActivityId" };
/** One branch of a Parallel state's run. */
export type BranchId = string & { readonly _id: "BranchId" };
/** One item of a Map state's run. */
export type IterationId = string & { readonly _id: "IterationId" };
/** One piece of work given to a worker. */
export type TaskId = string & { readonly _id: "TaskId" };
/** A named definition, all its revisions. */
export type WorkflowId = string & { readonly _id: "WorkflowId" };

/** Something else that is kept by name: see {@link resourceId}. */
export type ResourceId = string & { readonly _id: "ResourceId" };

/** A tenant's namespace: the space in which names are unique and beyond which nothing is seen. */
export interface Space {
  readonly tenant: string;
  readonly namespace: string;
}

const SEGMENT = "[A-Za-z0-9_-]{1,64}";
const segmentPattern = new RegExp(`^${SEGMENT}$`);
const executionPattern = new RegExp(`^/(${SEGMENT})/(${SEGMENT})/e([0-9a-f]{7})/([0-9a-f]{16})$`);
const activityPattern = new RegExp(`^(/${SEGMENT}/${SEGMENT}/e[0-9a-f]{7}/[0-9a-f]{16})/([0-9a-f]{16})$`);
const childPattern = new RegExp(
  `^(/${SEGMENT}/${SEGMENT}/e[0-9a-f]{7}/[0-9a-f]{16}/[0-9a-f]{16})/([bi])(0|[1-9][0-9]{0,8})$`,
);
const taskPattern = new RegExp(`^/(${SEGMENT})/(${SEGMENT})/t([0-9a-f]{7})/([0-9a-f]{16})$`);

/** True when `text` can be a tenant or a namespace. */
export function isSegment(text: string): boolean {
  return segmentPattern.test(text);
}

/** @param hash the `hash7` of the idempotency key, or of the execution before where there is none */
export function executionId(space: Space, hash: string, at: Timestamp): ExecutionId {
  return `/${space.tenant}/${space.namespace}/e${hash}/${asString(at)}` as ExecutionId;
}

/** The activity of `execution` that began `at`: unique while no two of them share a timestamp. */
export function activityId(execution: ExecutionId, at: Timestamp): ActivityId {
  return `${execution}/${asString(at)}` as ActivityId;
}

/** @param index 0-based position in `Branches` */
export function branchId(activity: ActivityId, index: number): BranchId {
  return `${activity}/b${index}` as BranchId;
}

/** @param index 0-based position among the Map's items */
export function iterationId(activity: ActivityId, index: number): IterationId {
  return `${activity}/i${index}` as IterationId;
}

/** @param resourceHash the `hash7` of the resource */
export function taskId(space: Space, resourceHash: string, at: Timestamp): TaskId {
  return `/${space.tenant}/${space.namespace}/t${resourceHash}/${asString(at)}` as TaskId;
}

/** The id of the workflow called `name`, which must be a valid name already. */
export function workflowId(space: Space, name: string): WorkflowId {
  return `/${space.tenant}/${space.namespace}/w${hash7(name)}/${name}` as WorkflowId;
}

/** What a resource's id says. */
export interface ResourceName extends Space {
  /** What sort of thing it is: lower-case letters and `_`. */
  readonly kind: string;
  /** One name or more, from the outermost to the innermost; none is empty or has a slash. */
  readonly names: readonly string[];
}

/**
 * The id of a resource. All with one first name are of one partition, whatever their kinds.
 *
 * @throws {RangeError} a kind or name that cannot be: check names from outside before
 */
export function resourceId({ tenant, namespace, kind, names }: ResourceName): ResourceId {
  const [first] = names;
  if (first === undefined || !/^[a-z_]{1,32}$/.test(kind) || names.some((name) => name === "" || name.includes("/"))) {
    throw new RangeError(`Expected a resource's kind and names, but got "${kind}" and "${names.join(" ")}"`);
  }
  return `/${tenant}/${namespace}/r${hash7(first)}/${kind}/${names.join("/")}` as ResourceId;
}

/** What a resource's id says; `undefined` for anything that is none. */
export function parseResourceId(text: string): ResourceName | undefined {
  const [before, tenant, namespace, partition, kind, ...names] = text.split("/");
  if (before !== "" || tenant === undefined || namespace === undefined || kind === undefined) return undefined;
  return names.length > 0 && partition === `r${hash7(names[0] ?? "")}` ? { tenant, namespace, kind, names } : undefined;
}

/** What an execution's or a task's id says. */
export interface ExecutionIdParts extends Space {
  readonly hash: string;
  /** The last element, 16 hex digits. */
  readonly hlc: string;
}

/** The parts of an execution's id. */
export function parseExecutionId(text: string): ExecutionIdParts | undefined {
  return idParts(executionPattern.exec(text));
}

function idParts(match: RegExpExecArray | null): ExecutionIdParts | undefined {
  if (match === null) return undefined;
  const [, tenant = "", namespace = "", hash = "", hlc = ""] = match;
  return { tenant, namespace, hash, hlc };
}

/** True when `text` is an execution id of this very space. */
export function isExecutionIdOf(space: Space, text: string): text is ExecutionId {
  const parts = parseExecutionId(text);
  return parts !== undefined && parts.tenant === space.tenant && parts.namespace === space.namespace;
}

/** Whose activity it is, and its last element. */
export function parseActivityId(text: string): { readonly executionId: ExecutionId; readonly hlc: string } | undefined {
  const match = activityPattern.exec(text);
  if (match === null) return undefined;
  return { executionId: match[1] as ExecutionId, hlc: match[2] as string };
}

/** A branch's or an iteration's id: whose child, and which. */
export function parseChildId(
  text: string,
): { readonly activityId: ActivityId; readonly kind: "branch" | "iteration"; readonly index: number } | undefined {
  const match = childPattern.exec(text);
  if (match === null) return undefined;
  return {
    activityId: match[1] as ActivityId,
    kind: match[2] === "b" ? "branch" : "iteration",
    index: Number(match[3]),
  };
}

/** The parts of a task's id; `hash` is that of the resource. */
export function parseTaskId(text: string): ExecutionIdParts | undefined {
  return idParts(taskPattern.exec(text));
}

/** The part of an id that decides its partition: its first three elements. */
export function partitionKey(id: ExecutionId | WorkflowId | ResourceId): string {
  const end = id.indexOf("/", id.indexOf("/", id.indexOf("/", 1) + 1) + 1);
  return id.slice(0, end);
}

/** The partition, 0-based, of all ids with this {@link partitionKey}. */
export function partitionOf(key: string, partitionCount: number): number {
  return hash32(key) % partitionCount;
}
