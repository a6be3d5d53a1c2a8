import type { StateInScope } from "../../../actors/mod.ts";
import type { Command, StartExecutionCommand } from "../../protocol/mod.ts";
import type { ActivityId, ExecutionId, Json, JsonObject, ResourceId, Space, WorkflowId } from "../../values/mod.ts";
import type { ApiCode, ExecutionStatus } from "../engine.ts";
import type { ExecutionAsOf } from "./hot_execution.ts";
import type { ResourceWish } from "./decide_resource.ts";
import type { ResourceRecord, WorkflowRecord } from "./partition_store.ts";

/** Why a request came to nothing. */
export interface Refusal {
  readonly code: ApiCode;
  readonly message: string;
}

/** Answers once, when what the answer speaks of is durable. */
export interface Reply<T> {
  readonly succeed: (answer: T) => void;
  readonly refuse: (refusal: Refusal) => void;
}

/** A start whose partition is known and whose id is not: the partition's leader draws it. */
export interface StartInput {
  readonly kind: "start";
  readonly space: Space;
  /** The `hash7` of the id. */
  readonly hash: string;
  readonly workflow: Pick<WorkflowRecord, "workflowId" | "name" | "revision" | "hash">;
  readonly definitionText: string;
  readonly input: Json;
  readonly key?: string;
  readonly startAtEpochMs?: number;
  readonly shownAs?: JsonObject;
  readonly secondsMax?: number;
  /** The Map Run whose child it is. */
  readonly mapRun?: string;
  /** Answer with how it ended, once it has. */
  readonly untilEnded: boolean;
  readonly reply: Reply<StartAnswer>;
}

/** What a start came to. */
export interface StartAnswer {
  readonly executionId: ExecutionId;
  readonly status: ExecutionStatus;
  readonly startedAtEpochMs: number;
  /** An earlier start had this key, workflow and input already. */
  readonly isRepeat: boolean;
  /** If it has ended: where that was asked for it has. */
  readonly ended?: ExecutionAsOf;
}

/** A wish of an outsider for an execution that should exist. */
export interface CommandInput {
  readonly kind: "command";
  readonly executionId: ExecutionId;
  readonly command: Exclude<Command, StartExecutionCommand>;
  readonly reply: Reply<ExecutionAsOf>;
}

/** A question about one execution, answered from its state or, with `untilEnded`, once it has ended. */
export interface ReadInput {
  readonly kind: "read";
  readonly executionId: ExecutionId;
  readonly untilEnded: boolean;
  readonly reply: Reply<ExecutionAsOf>;
}

/** A question what the expressions of a running state may read. */
export interface ScopeInput {
  readonly kind: "scope";
  readonly executionId: ExecutionId;
  readonly activityId: ActivityId;
  readonly reply: Reply<StateInScope>;
}

/** A question about the partition as a whole, answered when all decided so far is durable. */
export interface BarrierInput {
  readonly kind: "barrier";
  readonly reply: Reply<void>;
}

/** Timers of this execution may be due. */
export interface TimersInput {
  readonly kind: "timers";
  readonly executionId: ExecutionId;
}

/** Earlier turns of this execution left commands, or a new leader must see to its promises. */
export interface ContinueInput {
  readonly kind: "continue";
  readonly executionId: ExecutionId;
}

/** Tasks that were handed out may be lost: hand out every open one again. */
export interface RedispatchInput {
  readonly kind: "redispatch";
}

/** A workflow is put or deleted. */
export interface WorkflowInput {
  readonly kind: "workflow";
  readonly workflowId: WorkflowId;
  /** Absent: delete it. */
  readonly put?: { readonly name: string; readonly hash: string; readonly definitionText: string };
  readonly reply: Reply<WorkflowRecord>;
}

/** A wish for one resource. */
export interface ResourceInput {
  readonly kind: "resource";
  readonly resourceId: ResourceId;
  readonly wish: ResourceWish;
  readonly reply: Reply<ResourceRecord>;
}

/** A question about all resources whose id fits. */
export interface ResourcesInput {
  readonly kind: "resources";
  readonly fits: (id: ResourceId) => boolean;
  readonly reply: Reply<readonly ResourceRecord[]>;
}

/** A question whose execution a key stands for. */
export interface KeyInput {
  readonly kind: "key";
  readonly space: Space;
  readonly key: string;
  readonly reply: Reply<ExecutionId>;
}

/** Anything that a partition takes up. */
export type PartitionInput =
  | StartInput
  | CommandInput
  | ReadInput
  | ScopeInput
  | BarrierInput
  | TimersInput
  | ContinueInput
  | RedispatchInput
  | WorkflowInput
  | ResourceInput
  | ResourcesInput
  | KeyInput;
