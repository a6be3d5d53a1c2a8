/**
 * The records of branches and iterations: the two kinds of children do the same, under names of their own.
 *
 * What tells them apart is in a record's type and in the field that holds the id; both are said here, and nowhere else.
 */
import type {
  BranchCommand,
  BranchCompletedEvent,
  BranchContext,
  BranchStartedEvent,
  CancelBranchCommand,
  CancelIterationCommand,
  ChildEvent,
  CompleteBranchCommand,
  CompleteIterationCommand,
  IterationCommand,
  IterationCompletedEvent,
  IterationContext,
  IterationStartedEvent,
  StartBranchCommand,
  StartIterationCommand,
} from "../../src/protocol/mod.ts";
import { type BranchId, type IterationId, parseChildId } from "../../src/values/mod.ts";

/** A branch's or an iteration's id. */
export type ChildId = BranchId | IterationId;
/** The field that names a child in its records. */
export type ChildKey = { readonly branchId: BranchId } | { readonly iterationId: IterationId };
/** What a child remembers. */
export type ChildContext = BranchContext | IterationContext;
/** A child began. */
export type ChildStart = BranchStartedEvent | IterationStartedEvent;
/** A child has ended. */
export type ChildEnd = BranchCompletedEvent | IterationCompletedEvent;
/** What a child decides on. */
export type ChildCommand = BranchCommand | IterationCommand;
/** Begin a child. */
export type StartChildCommand = StartBranchCommand | StartIterationCommand;
/** End a child. */
export type CompleteChildCommand = CompleteBranchCommand | CompleteIterationCommand;
/** Reclaim a child. */
export type CancelChildCommand = CancelBranchCommand | CancelIterationCommand;

/** A record's facts: what it has beside its type and the id of the child. */
type Facts<T> = Omit<T, "type" | "version" | "branchId" | "iterationId">;

/** The child that a record or a context is of. */
export function childIdOf(record: ChildKey): ChildId {
  return "branchId" in record ? record.branchId : record.iterationId;
}

/** The branch or iteration that an activity is in; `undefined`: it is right below the execution. */
export function parentOf(
  { parentBranchId, parentIterationId }: {
    readonly parentBranchId?: BranchId;
    readonly parentIterationId?: IterationId;
  },
): ChildId | undefined {
  return parentBranchId ?? parentIterationId;
}

/** The field that names this child; `undefined` for an id of something else. */
export function childKey(id: string): ChildKey | undefined {
  const kind = parseChildId(id)?.kind;
  if (kind === undefined) return undefined;
  return kind === "branch" ? { branchId: id as BranchId } : { iterationId: id as IterationId };
}

/** What a message calls it. */
export function childName(key: ChildKey): "branch" | "iteration" {
  return "branchId" in key ? "branch" : "iteration";
}

/** A child began. */
export function childStarted(key: ChildKey, facts: Facts<ChildStart>): ChildStart {
  return "branchId" in key
    ? { type: "BranchStartedEvent", version: 1, branchId: key.branchId, ...facts }
    : { type: "IterationStartedEvent", version: 1, iterationId: key.iterationId, ...facts };
}

/** A child will end as canceled. */
export function childCanceling(key: ChildKey): ChildEvent {
  return "branchId" in key
    ? { type: "BranchCancelingEvent", version: 1, branchId: key.branchId }
    : { type: "IterationCancelingEvent", version: 1, iterationId: key.iterationId };
}

/** A child has ended. */
export function childCompleted(key: ChildKey, facts: Facts<ChildEnd>): ChildEnd {
  return "branchId" in key
    ? { type: "BranchCompletedEvent", version: 1, branchId: key.branchId, ...facts }
    : { type: "IterationCompletedEvent", version: 1, iterationId: key.iterationId, ...facts };
}

/** Ends a child. */
export function completeChild(key: ChildKey, facts: Facts<CompleteChildCommand>): CompleteChildCommand {
  return "branchId" in key
    ? { type: "CompleteBranchCommand", version: 1, branchId: key.branchId, ...facts }
    : { type: "CompleteIterationCommand", version: 1, iterationId: key.iterationId, ...facts };
}

/** Reclaims a child. */
export function cancelChild(key: ChildKey): CancelChildCommand {
  return "branchId" in key
    ? { type: "CancelBranchCommand", version: 1, branchId: key.branchId }
    : { type: "CancelIterationCommand", version: 1, iterationId: key.iterationId };
}
