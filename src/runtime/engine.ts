/**
 * What surfaces see of the engine: requests in, answers out, both plain and already decoded.
 *
 * Every answer is durable before it is given. The same object stands behind NATS, HTTP and the command line.
 */
import { type Effect, Schema } from "effect";
import type { Diagnostic } from "../language/types.ts";
import type { ExecutionStatus, StartOptions } from "../protocol/mod.ts";
import type { ExecutionId, Json, Space, TaskId } from "../values/mod.ts";

export type { ExecutionStatus };

/** Stable codes of refusals; each has an entry in `docs/errors.md`. */
export const apiCodes = [
  "NotFound",
  "AlreadyExists",
  "InvalidArgument",
  "InvalidDefinition",
  "InvalidStatus",
  "InvalidToken",
  "PayloadTooLarge",
  "LimitExceeded",
  "Unavailable",
  "Internal",
] as const;
/** One of {@link apiCodes}. */
export type ApiCode = (typeof apiCodes)[number];

/** A request that came to nothing, for a reason the caller can act on. Nothing was written, unless its outcome is unknown. */
export class RequestRefused extends Schema.TaggedError<RequestRefused>()("RequestRefused", {
  code: Schema.Literals(apiCodes),
  message: Schema.String,
  /** `InvalidDefinition` only. */
  diagnostics: Schema.optional(Schema.Array(Schema.Any)),
  /** `Unavailable` only: it may have been carried out all the same. */
  outcome: Schema.optional(Schema.Literal("unknown")),
}) {}

/** A definition for a name. */
export interface PutWorkflowRequest extends Space {
  readonly name: string;
  readonly definition: string | Json;
}
/** A workflow as it stands. */
export interface WorkflowDescription {
  readonly name: string;
  /** 1 for the first definition; rises by one with each put that changes it. */
  readonly revision: number;
  /** SHA-256 of the definition's text. */
  readonly hash: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Left out in lists. */
  readonly definition?: Json;
  /** Findings of severity WARNING, when just put. */
  readonly diagnostics?: readonly Diagnostic[];
}

/** An input for a workflow. */
export interface StartExecutionRequest extends Space, Omit<StartOptions, "startAtEpochMs" | "mapRun"> {
  readonly workflow: string;
  readonly input: Json;
  /** ISO 8601 with zone: the execution is `Pending` until then. */
  readonly startAt?: string;
}

/** An execution as it stands, payloads included. */
export interface ExecutionDescription {
  readonly executionId: ExecutionId;
  readonly workflow: string;
  readonly revision: number;
  readonly key?: string;
  /** The Map Run whose child it is. */
  readonly mapRun?: string;
  readonly status: ExecutionStatus;
  readonly input: Json;
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
  /** ISO 8601, milliseconds, UTC. */
  readonly startedAt: string;
  readonly endedAt?: string;
  /** Its machine's `TimeoutSeconds` ran out: its status is `Failed`. */
  readonly timedOut?: true;
  /** Where it is asked for. */
  readonly standing?: ExecutionStanding;
}
/** The run of a state that has not ended. Times are ISO 8601, UTC. */
export interface OpenState {
  readonly activityId: string;
  readonly stateName: string;
  readonly stateType: string;
  /** Parallels and Maps around it, outermost first, each with the 0-based child that it is in. */
  readonly within?: readonly { readonly stateName: string; readonly index: number }[];
  /** `Retrying`: it failed, and is tried again at `dueAt`. `Completing`: what is below it is being reclaimed. */
  readonly status: "Running" | "Retrying" | "Completing";
  readonly enteredAt: string;
  /** 1 for the first. */
  readonly attempt: number;
  /** When a Wait ends, or what failed is tried again. */
  readonly dueAt?: string;
  /** How the attempt before failed, of what is tried again. */
  readonly error?: string;
  readonly cause?: string;
  /** Of a Parallel or Map. */
  readonly children?: { readonly max: number; readonly started: number; readonly done: number };
  /** The Map Run of a distributed Map. */
  readonly mapRun?: string;
  /** `Created`: no worker has taken it up. */
  readonly task?: {
    readonly taskId: string;
    readonly resource: string;
    readonly status: "Created" | "Activated" | "Reclaiming";
    readonly createdAt: string;
    readonly timeoutAt?: string;
    readonly heartbeatAt?: string;
    /** It was asked for, and its answer is waited for. */
    readonly isSubmitted?: boolean;
  };
}
/** The state at which an execution failed. */
export interface FailedState {
  readonly activityId: string;
  readonly stateName: string;
  readonly error?: string;
  readonly cause?: string;
}
/** Where an execution stands. */
export interface ExecutionStanding {
  /** In the order in which they began; of very many, the first. */
  readonly states: readonly OpenState[];
  /** How many there are. */
  readonly openCount: number;
  readonly failed?: FailedState;
}

/** What a description has besides the execution itself. */
export interface DescribeOptions {
  /** Where it stands: `standing`. Default: false. */
  readonly states?: boolean;
  /** Input and output. Default: true; without them `input` is `null`. */
  readonly payloads?: boolean;
}

/** As in lists: without payloads. */
export type ExecutionSummary = Omit<ExecutionDescription, "input" | "output" | "cause" | "standing">;

/** One fact of an execution's history. More fields by type: see `docs/protocol.md`. */
export interface HistoryEvent {
  /** 1-based, without gaps. */
  readonly id: number;
  readonly type: string;
  readonly timestamp: string;
  readonly [field: string]: Json;
}

/** Which page of a list. `next` is what the page before gave. */
export interface Page {
  readonly limit?: number;
  readonly next?: string;
}
/** Which executions; absent fields do not narrow. */
export interface ListExecutionsRequest extends Space, Page {
  readonly workflow?: string;
  readonly status?: ExecutionStatus;
  /** ISO 8601: only executions started after it. */
  readonly startedAfter?: string;
  /** ISO 8601: only executions started before it. */
  readonly startedBefore?: string;
  /** Only those whose machine's `TimeoutSeconds` ran out, or only others. */
  readonly timedOut?: boolean;
  /** Only the one that was started under this key. */
  readonly key?: string;
  /** In the error's name, without regard to case. */
  readonly error?: string;
  /** In name, workflow, key, error or id, without regard to case. */
  readonly text?: string;
  /** Only the children of this Map Run. Absent: no Map Run's children at all. */
  readonly mapRun?: string;
}

/** One message of the feed: the events of one turn, without payloads. */
export interface FeedMessage extends Space {
  readonly executionId: ExecutionId;
  /** Numbers the turns of one execution: 1, 2, 3 … without gaps. */
  readonly sequence: number;
  /** `id` as in the history. */
  readonly events: readonly HistoryEvent[];
}

type Answer<T> = Effect.Effect<T, RequestRefused>;

/** The engine. Every request carries its space, and sees nothing beyond it. */
export interface Engine {
  putWorkflow(request: PutWorkflowRequest): Answer<WorkflowDescription>;
  describeWorkflow(request: Space & { readonly name: string }): Answer<WorkflowDescription>;
  /** Newest revision of each, by name. */
  listWorkflows(
    request: Space & Page,
  ): Answer<{ readonly workflows: readonly WorkflowDescription[]; readonly next?: string }>;
  /** Running executions go on. */
  deleteWorkflow(request: Space & { readonly name: string }): Answer<{ readonly name: string }>;
  validateDefinition(definition: string | Json): readonly Diagnostic[];

  startExecution(
    request: StartExecutionRequest,
  ): Answer<{ readonly executionId: ExecutionId; readonly status: ExecutionStatus }>;
  /** Starts, and answers once it has ended. The caller sets a time limit of its own. */
  runExecution(request: StartExecutionRequest): Answer<ExecutionDescription>;
  /** Answers at once if it has ended, else when it ends. */
  awaitExecution(request: Space & { readonly executionId: string }): Answer<ExecutionDescription>;
  describeExecution(
    request: Space & { readonly executionId: string } & DescribeOptions,
  ): Answer<ExecutionDescription>;
  /** Events with `id > after`, oldest first; `next` is the `after` of the following page. */
  executionHistory(
    request: Space & {
      readonly executionId: string;
      readonly after?: number;
      readonly limit?: number;
      /** Default: true. */
      readonly payloads?: boolean;
    },
  ): Answer<{ readonly events: readonly HistoryEvent[]; readonly next?: number }>;
  /** Newest first. */
  listExecutions(
    request: ListExecutionsRequest,
  ): Answer<{ readonly executions: readonly ExecutionSummary[]; readonly next?: string }>;
  cancelExecution(
    request: Space & { readonly executionId: string; readonly error?: string; readonly cause?: string },
  ): Answer<{ readonly executionId: ExecutionId; readonly status: ExecutionStatus }>;
  /**
   * Lets an execution that did not succeed go on from where it failed. `InvalidStatus` says why that cannot be; the same
   * `clientToken` again, while it runs, is answered as the first was.
   */
  redriveExecution(
    request: Space & { readonly executionId: string; readonly clientToken?: string },
  ): Answer<{ readonly executionId: ExecutionId; readonly status: ExecutionStatus; readonly redriveCount: number }>;
  /** Only ended executions can be deleted. */
  deleteExecution(
    request: Space & { readonly executionId: string },
  ): Answer<{ readonly executionId: ExecutionId; readonly status: ExecutionStatus }>;

  completeTask(
    request: Space & {
      readonly token: string;
      readonly output: Json;
      /** The result of a callback task, told by whoever makes its request: not the answer to the request. */
      readonly isFinal?: boolean;
    },
  ): Answer<TaskAnswer>;
  /** The outside has taken up what was asked of it, and answered so; the task goes on. `AlreadyExists` for a repeat. */
  submitTask(request: Space & { readonly token: string; readonly output: Json }): Answer<TaskAnswer>;
  failTask(
    request: Space & { readonly token: string; readonly error?: string; readonly cause?: string },
  ): Answer<TaskAnswer>;
  heartbeatTask(request: Space & { readonly token: string }): Answer<TaskAnswer>;
  /** The worker took the task up now: starts the heartbeat's clock. */
  activateTask(request: Space & { readonly token: string; readonly workerName?: string }): Answer<TaskAnswer>;
}

/** What became of a worker's word. */
export interface TaskAnswer {
  readonly taskId: TaskId;
  readonly status: "Created" | "Activated" | "Completed" | "Failed";
}
