/**
 * What a surface that translates another API needs beside the engine: things kept by name that the engine itself does not know,
 * executions by their idempotency key, and earlier definitions.
 */
import type { Effect } from "effect";
import type { StateInScope } from "../../actors/mod.ts";
import type { Event } from "../protocol/mod.ts";
import type { Json, JsonObject, ResourceName, Space } from "../values/mod.ts";
import type {
  ExecutionDescription,
  ExecutionStatus,
  Page,
  RequestRefused,
  StartExecutionRequest,
  WorkflowDescription,
} from "./engine.ts";
import type { ListedExecution } from "./partition/store/listed_execution.ts";
import type { ExecutionId } from "../values/mod.ts";

export type { ListedExecution };

/** A resource as it stands. */
export interface ResourceDescription {
  readonly names: readonly string[];
  /** 1 for the first value; rises by one with each put. */
  readonly revision: number;
  readonly value: Json;
  readonly createdAtEpochMs: number;
  readonly updatedAtEpochMs: number;
}

/** A definition of a workflow, not necessarily its newest. */
export interface PinnedDefinition {
  readonly revision: number;
  /** SHA-256 of the text. */
  readonly hash: string;
}

/** A start that has come out, and whether an earlier one with this key and input is what it came to. */
export interface KeyedStart {
  readonly executionId: ExecutionId;
  readonly status: ExecutionStatus;
  readonly startedAtEpochMs: number;
  readonly isRepeat: boolean;
}

/** A start that has come out; `ended` when the execution had ended by then. */
export interface ChildStart extends KeyedStart {
  readonly ended?: ExecutionDetail;
}

/** The start of a Map Run's child: an execution of a definition that no workflow has. */
export interface StartChildRequest extends Space {
  /** What it is listed and shown under: no workflow can have that name. */
  readonly workflow: string;
  /** `hash`: SHA-256 of the text, which must have been validated. */
  readonly definition: { readonly hash: string; readonly text: string };
  readonly mapRun: string;
  readonly input: Json;
  readonly key: string;
  readonly shownAs: JsonObject;
}

/** All that is known of an execution but its history. */
export interface ExecutionDetail extends ExecutionDescription, ListedExecution {
  /** Why it cannot be redriven now, in AWS's words; absent: it can. */
  readonly notRedrivable?: string;
}

/** One event of an execution's history. */
export interface NumberedEvent {
  /** 1-based, without gaps. */
  readonly id: number;
  readonly atEpochMs: number;
  readonly event: Event;
}

/** Which executions are listed, newest first: of a workflow, the children of a Map Run, or all but such children. */
export interface ListDetailsRequest extends Space, Page {
  readonly of: { readonly workflow: string } | { readonly mapRun: string } | "all";
  /** Only these; absent: any. */
  readonly statuses?: readonly ExecutionStatus[];
  readonly filter?: Omit<ListFilter, "mapRun" | "workflow">;
  /** None that was started before can fit: the beginning of a place in the index. */
  readonly notBefore?: string;
}

/** What an execution must be like to be listed; what is absent does not narrow. */
export interface ListFilter {
  readonly workflow?: string;
  /** Only the children of this Map Run; `null`: no Map Run's children. */
  readonly mapRun?: string | null;
  readonly startedAfterEpochMs?: number;
  readonly startedBeforeEpochMs?: number;
  readonly isRedriven?: boolean;
  /** It has ended because it had no time left, or not so. */
  readonly hasTimedOut?: boolean;
  /** In the object `under` of what it is shown as, one of these fields has this value. */
  readonly shown?: { readonly under: string; readonly fields: readonly string[]; readonly value: string };
  /** Its name begins so, its error has this in it, and one of name, workflow, key, error and id has that: all in lower case. */
  readonly nameBegins?: string;
  readonly errorHas?: string;
  readonly text?: string;
  /** It was started under this key. */
  readonly key?: string;
}

type Answer<T> = Effect.Effect<T, RequestRefused>;

/** Every answer is durable before it is given. */
export interface Registry {
  /**
   * Keeps a value under a name. `expectedRevision` 0: refused with `AlreadyExists` if there is one; else with `InvalidStatus` if the
   * revision is another, `NotFound` if there is none. The same put again is answered as the first one was.
   */
  putResource(
    request: ResourceName & { readonly value: Json; readonly expectedRevision?: number },
  ): Answer<ResourceDescription>;
  describeResource(request: ResourceName): Answer<ResourceDescription>;
  /** Answers with what it was. */
  deleteResource(request: ResourceName & { readonly expectedRevision?: number }): Answer<ResourceDescription>;
  /** Of this kind and with these outer names, sorted by name; all of them. */
  listResources(request: ResourceName): Answer<readonly ResourceDescription[]>;

  /** A workflow's newest revision, without its definition. */
  workflow(request: Space & { readonly name: string }): Answer<WorkflowDescription>;
  /** The text of a definition that this workflow has or had. */
  definitionText(request: Space & { readonly name: string; readonly hash: string }): Answer<string>;
  /** Starts an execution, of an earlier definition where one is named. */
  startKeyed(request: StartExecutionRequest & { readonly pinned?: PinnedDefinition }): Answer<KeyedStart>;
  /** Answers once the execution has ended. */
  runKeyed(request: StartExecutionRequest & { readonly pinned?: PinnedDefinition }): Answer<ExecutionDetail>;
  /** Starts a Map Run's child; the same key and input again are answered as the first were. */
  startChild(request: StartChildRequest): Answer<ChildStart>;
  /** A state that runs, and what its expressions may read. Fails with `InvalidStatus` when it has ended. */
  stateInScope(request: Space & { readonly executionId: string; readonly activityId: string }): Answer<StateInScope>;
  /**
   * The token of an open task, for whoever ends it by hand. Fails with `NotFound` where the ids are none of one execution of the space; whether
   * the task is open turns out when the token is used.
   */
  taskToken(
    request: Space & { readonly executionId: string; readonly activityId: string; readonly taskId: string },
  ): Answer<string>;
  /** The text of the definition that an execution is pinned to. */
  definitionOfExecution(request: Space & { readonly executionId: string }): Answer<string>;
  /**
   * Lets an execution that did not succeed go on from where it failed. `InvalidStatus` says why that cannot be; the same
   * `clientToken` again is answered as the first was.
   */
  redriveExecution(
    request: Space & {
      readonly executionId: string;
      readonly clientToken?: string;
      /** The Map Run that redrives its child: nobody else may. */
      readonly mapRun?: string;
    },
  ): Answer<ExecutionDetail>;
  executionByKey(request: Space & { readonly key: string }): Answer<ExecutionDetail>;
  /** Answers once the execution has ended. */
  awaitDetail(request: Space & { readonly executionId: string }): Answer<ExecutionDetail>;
  executionById(request: Space & { readonly executionId: string }): Answer<ExecutionDetail>;
  listDetails(
    request: ListDetailsRequest,
  ): Answer<{ readonly executions: readonly ListedExecution[]; readonly next?: string }>;
  /** Events with `id > after`, oldest first, payloads included; `next` is the `after` of the following page. */
  executionEvents(
    request: Space & { readonly executionId: string; readonly after?: number; readonly limit?: number },
  ): Answer<{ readonly events: readonly NumberedEvent[]; readonly next?: number }>;
}
