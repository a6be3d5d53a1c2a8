/**
 * What the command line asks of the rest of Weft: an engine in this process, a server on NATS, a client, a worker.
 *
 * `src/main.ts` provides it, since only that file knows the adapters. Nothing here is Effect: the command line is a shell of promises
 * around answers that are durable before they are given. Every function rejects with an `Error`; one that carries a `code` of
 * `apiCodes` is a refusal and is shown as such, any other means that the home could not be reached or opened.
 */
import type {
  Engine,
  ExecutionDescription,
  ExecutionStatus,
  ExecutionSummary,
  FeedMessage,
  HistoryEvent,
  WorkflowDescription,
} from "../../runtime/engine.ts";
import type { Json } from "../../values/mod.ts";
import type { NatsFacts } from "./doctor/nats_facts.ts";

/** What a handler may know of the task it was given. */
export interface TaskCall {
  readonly taskId: string;
  readonly executionId: string;
  readonly stateName: string;
  readonly resource: string;
  /** 1 for the first try, 2 for the first retry … */
  readonly attempt: number;
  readonly timeoutSeconds?: number;
  readonly heartbeatSeconds?: number;
  /** Aborted when the worker stops without waiting or the task has timed out. */
  readonly signal?: AbortSignal;
}

/**
 * Does a task: input in, output out. Throwing fails the task: the thrown value's `error` (else its `name`) is the error that
 * `Retry` and `Catch` match, its `cause` text (else its `message`) the cause.
 */
export type Handler = (input: Json, task: TaskCall) => Json | Promise<Json>;

/** How an engine inside this process is opened. */
export interface EmbeddedOptions {
  /** Folder that keeps executions; absent: in memory, gone with the process. */
  readonly store?: string;
  /** By resource, as `Resource` of Task states has it. */
  readonly handlers?: Readonly<Record<string, Handler>>;
  readonly partitions?: number;
  /** Factor on every wait, timeout and retry delay: 0.1 is ten times as fast. Default 1. */
  readonly timeScale?: number;
}

/** An engine inside this process. Whoever opened it closes it. */
export interface EmbeddedHome {
  readonly engine: Engine;
  /** Hears every turn's events after they are durable, until the returned function is called. */
  onEvents(listener: (message: FeedMessage) => void): () => void;
  /** Ends after the batch in flight; everything acknowledged stays in the store. */
  close(): Promise<void>;
}

/** Where a server is, and whose executions are meant: tenant and namespace are 1–64 of `[A-Za-z0-9_-]`. */
export interface ConnectionOptions {
  readonly url: string;
  readonly tenant: string;
  readonly namespace: string;
}

/** How a server on NATS is started. Partitions and replicas count only for a cluster that is made now. */
export interface ServeOptions {
  readonly url: string;
  readonly partitions?: number;
  readonly replicas?: number;
  readonly timeScale?: number;
}

/** How a server for development is started; `port` 0 takes a free one. */
export interface DevOptions {
  readonly store?: string;
  readonly port?: number;
  readonly handlers?: Readonly<Record<string, Handler>>;
  readonly timeScale?: number;
}

/** A server that is up. */
export interface ServedHome {
  /** What can be reached where, such as `{ name: "NATS services", address: "nats://127.0.0.1:4222" }`. */
  readonly listening: readonly { readonly name: string; readonly address: string }[];
  /** Never resolves; rejects when the server fails for good. */
  readonly failed: Promise<never>;
  /** Hands over in order: no new work, the batch in flight, then the connection. */
  close(): Promise<void>;
}

/** A page of a list: `limit` from 1, `next` as the page before gave it. */
export interface PageRequest {
  readonly limit?: number;
  readonly next?: string;
}

/** Executions, newest first; `next` is absent on the last page. */
export interface ExecutionPage {
  readonly executions: readonly ExecutionSummary[];
  readonly next?: string;
}

/** Events of one execution, oldest first. */
export interface HistoryPage {
  readonly events: readonly HistoryEvent[];
  /** The `after` of the following page; absent on the last. */
  readonly next?: number;
}

/** A start, as `StartExecutionRequest` without its space. */
export interface StartRequest {
  readonly workflow: string;
  readonly input: Json;
  readonly key?: string;
  readonly startAt?: string;
}

/** The engine as a client in one tenant's namespace sees it. */
export interface ClientPort {
  putWorkflow(request: { readonly name: string; readonly definition: string }): Promise<WorkflowDescription>;
  describeWorkflow(name: string): Promise<WorkflowDescription>;
  listWorkflows(
    page: PageRequest,
  ): Promise<{ readonly workflows: readonly WorkflowDescription[]; readonly next?: string }>;
  deleteWorkflow(name: string): Promise<{ readonly name: string }>;
  startExecution(request: StartRequest): Promise<{ readonly executionId: string; readonly status: ExecutionStatus }>;
  /** Starts, and answers once it has ended, however long that takes. */
  runExecution(request: StartRequest): Promise<ExecutionDescription>;
  describeExecution(executionId: string): Promise<ExecutionDescription>;
  executionHistory(
    request: { readonly executionId: string; readonly after?: number; readonly limit?: number },
  ): Promise<HistoryPage>;
  listExecutions(
    request: PageRequest & {
      readonly workflow?: string;
      readonly status?: ExecutionStatus;
      readonly startedAfter?: string;
    },
  ): Promise<ExecutionPage>;
  cancelExecution(request: {
    readonly executionId: string;
    readonly error?: string;
    readonly cause?: string;
  }): Promise<{ readonly executionId: string; readonly status: ExecutionStatus }>;
  deleteExecution(executionId: string): Promise<{ readonly executionId: string; readonly status: ExecutionStatus }>;
  /**
   * Hears the feed of the namespace, or of one execution. Resolves once the subscription is known to the server.
   * The listener is called in the order of arrival; messages may be missing (see `sequence`) or come twice.
   */
  subscribe(listener: (message: FeedMessage) => void, executionId?: string): Promise<() => void>;
  close(): Promise<void>;
}

/** How a worker of one resource is started. */
export interface WorkerOptions extends ConnectionOptions {
  readonly resource: string;
  readonly handler: Handler;
  /** Tasks at once. */
  readonly concurrency: number;
}

/** A worker that takes tasks. Whoever started it closes it. */
export interface WorkerPort {
  /** Never resolves; rejects when the worker cannot go on. */
  readonly failed: Promise<never>;
  /** Takes no more tasks, and waits for those that run; with `abort` their signals are aborted first. */
  close(options?: { readonly abort?: boolean }): Promise<void>;
}

/** The port. */
export interface Homes {
  /** Of Weft, such as `0.1.0`. */
  readonly version: string;
  openEmbedded(options: EmbeddedOptions): Promise<EmbeddedHome>;
  serveNats(options: ServeOptions): Promise<ServedHome>;
  serveDev(options: DevOptions): Promise<ServedHome>;
  connectClient(options: ConnectionOptions): Promise<ClientPort>;
  connectWorker(options: WorkerOptions): Promise<WorkerPort>;
  /** Looks, and writes nothing. */
  inspectNats(options: { readonly url: string; readonly monitoringUrl?: string }): Promise<NatsFacts>;
}
