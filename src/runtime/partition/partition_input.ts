import type { StateInScope } from "../../../actors/mod.ts";
import type { Command, StartExecutionCommand, StartOptions } from "../../protocol/mod.ts";
import type { ActivityId, ExecutionId, Json, ResourceId, RetentionRule, Space, WorkflowId } from "../../values/mod.ts";
import type { ApiCode, ExecutionStanding, ExecutionStatus } from "../engine.ts";
import type { ListFilter, NumberedEvent } from "../registry.ts";
import type { Candidates } from "./definitions/known_definitions.ts";
import type { ExecutionAsOf } from "./hot_execution.ts";
import type { ResourceWish } from "./decide_resource.ts";
import type { ListedExecution } from "./store/listed_execution.ts";
import type { ResourceRecord, WorkflowRecord } from "./store/stored_values.ts";

/** Why a request came to nothing. */
export interface Refusal {
  readonly code: ApiCode;
  readonly message: string;
  /** It may have been carried out all the same. */
  readonly outcome?: "unknown";
  /** Nothing was done, and nothing can be done here: the partition is not led here. Whoever leads it is asked instead. */
  readonly isElsewhere?: true;
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
  readonly options: StartOptions;
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
  /** If it has ended. It has where that was asked for, unless this node stopped leading before: whoever leads now can be asked. */
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

/** A question where one execution stands. */
export interface StandingInput {
  readonly kind: "standing";
  readonly executionId: ExecutionId;
  readonly reply: Reply<ExecutionStanding>;
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

/** A question about all resources of a kind with these outer names. */
export interface ResourcesInput {
  readonly kind: "resources";
  readonly space: Space;
  readonly of: string;
  /** The outer names. */
  readonly names: readonly string[];
  readonly reply: Reply<readonly ResourceRecord[]>;
}

/** A question what workflow a name has. */
export interface FindWorkflowInput {
  readonly kind: "findWorkflow";
  readonly workflowId: WorkflowId;
  readonly reply: Reply<WorkflowRecord>;
}

/** A question about the workflows of a space, in the order of their names. */
export interface WorkflowsInput {
  readonly kind: "workflows";
  readonly space: Space;
  /** Only names behind this one. */
  readonly after: string | undefined;
  readonly limit: number;
  readonly reply: Reply<readonly WorkflowRecord[]>;
}

/** A question for the text of a definition that this partition's log holds. */
export interface DefinitionInput {
  readonly kind: "definition";
  readonly hash: string;
  readonly reply: Reply<string>;
}

/** A question for events of one execution. */
export interface HistoryInput {
  readonly kind: "history";
  readonly executionId: ExecutionId;
  /** Only events behind this id; 0: from the first. */
  readonly after: number;
  readonly limit: number;
  readonly reply: Reply<HistoryPage>;
}

/** A page of a history; `next` is the `after` of the following one. */
export interface HistoryPage {
  readonly events: readonly NumberedEvent[];
  readonly next?: number;
}

/** A wish that an execution goes on from where it failed: what that is stands in its history. */
export interface RedriveInput {
  readonly kind: "redrive";
  readonly executionId: ExecutionId;
  readonly clientToken?: string;
  /** The Map Run that redrives its child. */
  readonly mapRun?: string;
  readonly reply: Reply<ExecutionAsOf>;
}

/** A question for a page of executions, newest first. */
export interface ListInput {
  readonly kind: "list";
  readonly space: Space;
  /** The place of the last one of the page before; behind it this page begins. */
  readonly before: string | undefined;
  readonly limit: number;
  readonly wanted: Listing;
  readonly reply: Reply<ListPage>;
}

/** Which executions are listed: plain data, for it may have to travel to another node. What is absent does not narrow. */
export interface Listing {
  /** Only these: what is not among them need not be looked at. */
  readonly statuses?: readonly ExecutionStatus[];
  readonly filter: ListFilter;
  /** None that was started before can match: a place, or the beginning of one. */
  readonly notBefore?: string;
}

/** One partition's newest matches; `lookedUntil` is "" when there are no more executions behind. */
export interface ListPage {
  readonly found: readonly { readonly place: string; readonly execution: ListedExecution }[];
  readonly lookedUntil: string;
}

/** A question for executions that have been there too long. */
export interface AgedInput {
  readonly kind: "aged";
  /** Those that ended longer ago than their retention. */
  readonly nowEpochMs: number;
  readonly retention: readonly RetentionRule[];
  /** Where no rule says otherwise. */
  readonly retentionSeconds: number;
  /** Of those that have not. */
  readonly startedBeforeEpochMs: number;
  /** The key of the page before. */
  readonly after: string | undefined;
  readonly limit: number;
  readonly reply: Reply<AgedPage>;
}

/** Executions that have been there too long; `next`: there may be more behind. */
export interface AgedPage {
  readonly aged: readonly { readonly id: ExecutionId; readonly hasEnded: boolean }[];
  readonly next?: string;
}

/** A wish that definitions be forgotten that neither a workflow nor an execution of the partition needs. Answers how many were. */
export interface ForgetDefinitionsInput {
  readonly kind: "forgetDefinitions";
  readonly reply: Reply<number>;
}

/** A search for such definitions has come to its end. */
export interface ForgetUnusedInput {
  readonly kind: "forgetUnused";
  /** Those that nobody was found to need. */
  readonly candidates: Candidates;
  readonly reply: Reply<number>;
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
  | StandingInput
  | ScopeInput
  | BarrierInput
  | TimersInput
  | ContinueInput
  | RedispatchInput
  | WorkflowInput
  | ResourceInput
  | ResourcesInput
  | KeyInput
  | FindWorkflowInput
  | WorkflowsInput
  | DefinitionInput
  | HistoryInput
  | RedriveInput
  | ListInput
  | AgedInput
  | ForgetDefinitionsInput
  | ForgetUnusedInput;
