/**
 * What the command line asks of the rest of Weft: an engine in this process, a server on NATS, a client, a worker.
 *
 * `src/homes/cli_homes.ts` makes it of the homes, which alone know the adapters, and `src/main.ts` hands it over; what needs a client
 * alone is `nats_homes.ts`. Nothing here is Effect: the command line is a shell of promises around answers that are durable before
 * they are given. Every function rejects with an `Error`; one that carries a `code` of `apiCodes` is a refusal and is shown as such, any other means that the home could not be reached or opened.
 */
import type {
  DescribeOptions,
  Engine,
  ExecutionDescription,
  ExecutionStatus,
  ExecutionSummary,
  FeedMessage,
  ListExecutionsRequest,
  WorkflowDescription,
} from "../../runtime/engine.ts";
import type { AccessKey, AccessKeyRequest } from "../../access/mod.ts";
import type {
  FeedItem,
  HistoryPage,
  ScheduleDescription,
  ScheduleRequest,
  TaskHandler,
  TriggerDescription,
  TriggerRequest,
} from "../../sdk/mod.ts";
import type { LogFormat, OtlpSettings } from "../../telemetry/mod.ts";
import type { Json, Limits, RetentionRule, Space } from "../../values/mod.ts";
import type { NatsFacts } from "./doctor/nats_facts.ts";
import type { IntegrationSettings } from "../../integrations/mod.ts";

/** How an engine inside this process is opened. */
export interface EmbeddedOptions {
  /** Folder that keeps executions; absent: in memory, gone with the process. */
  readonly store?: string;
  /** File with the root key. Default: `cluster.key` in the store, if it is there. */
  readonly keyFile?: string;
  /** By resource, as `Resource` of Task states has it. */
  readonly handlers?: Readonly<Record<string, TaskHandler>>;
  /** Of a store that is made now. Default: 4. */
  readonly partitions?: number;
  /** Factor on every wait, timeout and retry delay: 0.1 is ten times as fast. Default: 1. */
  readonly timeScale?: number;
  /** Instead of the defaults. */
  readonly limits?: Partial<Limits>;
  /** How long executions are kept after their end, where `retentionSeconds` is not to hold. */
  readonly retention?: readonly RetentionRule[];
  /** Tasks that this process does by itself, besides those of handlers. */
  readonly integrations?: IntegrationSettings;
  /** False: timers and commands go on, and tasks wait for whoever opens the store next. Default: true. */
  readonly doesTasks?: boolean;
  /** Where tasks find NATS services; no connection is made before the first of them. Absent: tasks of `nats:…` go to handlers. */
  readonly nats?: NatsSettings;
}

/** A NATS server that tasks find services on, and who asks there. */
export interface NatsSettings {
  readonly url: string;
  readonly credentialsFile?: string;
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
  /** File with a user's JWT and seed (`.creds`). */
  readonly credentialsFile?: string;
}

/** Whose calls of the AWS API are, that say nothing else: account and region, each 1–64 of `[A-Za-z0-9_-]`. */
export interface AwsApiOptions {
  readonly account: string;
  readonly region: string;
  /** Interface to listen on. Default: the loopback interface alone. */
  readonly host?: string;
  /** Without any access key, more than the loopback interface is listened on all the same. */
  readonly allowUnauthenticated?: boolean;
  /** Names that browsers may reach it by, besides `localhost`, addresses and names without a dot. */
  readonly allowedHosts?: readonly string[];
}

/** Where a server's HTTP port is, and whose executions are meant: absent parts are the server's own. */
export interface HttpOptions extends Partial<Space> {
  readonly url: string;
}

/** How a server is looked after. */
export interface MonitoringOptions {
  /** Of its log lines. Default: for people. */
  readonly logFormat?: LogFormat;
  /** A port for health and metrics alone; `port` 0 takes a free one. */
  readonly metrics?: { readonly host: string; readonly port: number };
  /** Where metrics and traces are sent. Absent: nowhere. */
  readonly otlp?: OtlpSettings;
}

/** How a server on NATS is started. Partitions and replicas count only for a cluster that is made now. */
export interface ServeOptions extends MonitoringOptions {
  /** `nats://host:port`. */
  readonly url: string;
  readonly credentialsFile?: string;
  /** What this node is called, the same after a restart. Default: the machine's name. */
  readonly name?: string;
  /** Folder of this node's local store: what it applied, by cluster. Absent: memory, and every start reads the log again. */
  readonly store?: string;
  /** File with the cluster's root key, the same on every node. Absent: secrets are not sealed, and there are no access keys. */
  readonly keyFile?: string;
  /** Of a cluster that is made now. Default: 8 where streams have replicas, else 4 (ADR 0008). */
  readonly partitions?: number;
  /** Copies of what JetStream keeps, where it is made now. Default: 1 on a single server, 3 on a cluster that has them. */
  readonly replicas?: number;
  /** Settings of the cluster that are lost are made again from what the log's streams say, with a new token secret. */
  readonly adoptStreams?: boolean;
  /** The engine makes the consumers that workers share: for workers that may not. */
  readonly makeConsumers?: boolean;
  /** Milliseconds without a sign of life after which another node takes over. Default: 2,000. */
  readonly leaseMs?: number;
  /** Nodes that follow each partition, ready to take it over. Default: 1. */
  readonly standbys?: number;
  /** As of the embedded home. */
  readonly timeScale?: number;
  /** Instead of the defaults. Every node of a cluster should have the same. */
  readonly limits?: Partial<Limits>;
  /** How long executions are kept after their end, where `retentionSeconds` is not to hold. */
  readonly retention?: readonly RetentionRule[];
  /** Tasks that the leading node does by itself. */
  readonly integrations?: IntegrationSettings;
  /** Serves the AWS API too; `port` 0 takes a free one. Other processes listen on it as well if it is shared. */
  readonly http?: AwsApiOptions & { readonly port: number; readonly isPortShared?: boolean };
}

/** How a server for development is started; `port` 0 takes a free one. */
export interface DevOptions extends AwsApiOptions, MonitoringOptions, Omit<EmbeddedOptions, "partitions"> {
  readonly port: number;
}

/** A server that is up. */
export interface ServedHome {
  /** What can be reached where, such as `{ name: "NATS services", address: "nats://127.0.0.1:4222" }`; `note` is for people. */
  readonly listening: readonly { readonly name: string; readonly address: string; readonly note?: string }[];
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

/** Which executions are listed: as `ListExecutionsRequest` without its space. */
export type ListRequest = Omit<ListExecutionsRequest, keyof Space>;

/** A start, as `StartExecutionRequest` without its space. */
export interface StartRequest {
  readonly workflow: string;
  readonly input: Json;
  readonly key?: string;
  readonly startAt?: string;
}

/** A feed that is followed. */
export interface FeedSubscription {
  /** Resolves when nothing more comes: it was closed, or the one execution has ended. */
  readonly ended: Promise<void>;
  close(): void;
}

/** Schedules and triggers as a client in one tenant's namespace sees them. */
export interface StandingOrdersPort {
  putSchedule(request: ScheduleRequest): Promise<ScheduleDescription>;
  describeSchedule(name: string): Promise<ScheduleDescription>;
  listSchedules(
    page: PageRequest,
  ): Promise<{ readonly schedules: readonly ScheduleDescription[]; readonly next?: string }>;
  deleteSchedule(name: string): Promise<{ readonly name: string }>;
  putTrigger(request: TriggerRequest): Promise<TriggerDescription>;
  describeTrigger(name: string): Promise<TriggerDescription>;
  listTriggers(
    page: PageRequest,
  ): Promise<{ readonly triggers: readonly TriggerDescription[]; readonly next?: string }>;
  deleteTrigger(name: string): Promise<{ readonly name: string }>;
}

/** The engine as a client in one tenant's namespace sees it. */
export interface ClientPort {
  /** Absent where nobody is there that would act: in a folder. */
  readonly standing?: StandingOrdersPort;
  putWorkflow(request: { readonly name: string; readonly definition: string }): Promise<WorkflowDescription>;
  describeWorkflow(name: string): Promise<WorkflowDescription>;
  listWorkflows(
    page: PageRequest,
  ): Promise<{ readonly workflows: readonly WorkflowDescription[]; readonly next?: string }>;
  deleteWorkflow(name: string): Promise<{ readonly name: string }>;
  startExecution(request: StartRequest): Promise<{ readonly executionId: string; readonly status: ExecutionStatus }>;
  /** Answers once it has ended, however long that takes; rejects when nobody answered for a minute. */
  awaitExecution(executionId: string): Promise<ExecutionDescription>;
  describeExecution(executionId: string, options?: DescribeOptions): Promise<ExecutionDescription>;
  executionHistory(
    request: {
      readonly executionId: string;
      readonly after?: number;
      readonly limit?: number;
      readonly payloads?: boolean;
    },
  ): Promise<HistoryPage>;
  listExecutions(request: ListRequest): Promise<ExecutionPage>;
  cancelExecution(request: {
    readonly executionId: string;
    readonly error?: string;
    readonly cause?: string;
  }): Promise<{ readonly executionId: string; readonly status: ExecutionStatus }>;
  redriveExecution(executionId: string): Promise<{ readonly executionId: string; readonly status: ExecutionStatus }>;
  deleteExecution(executionId: string): Promise<{ readonly executionId: string; readonly status: ExecutionStatus }>;
  /**
   * Follows the feed of the namespace, or of one execution, from its start: in order for each execution, and without silent gaps.
   * Resolves once the subscription is known to the server, and the history of the one execution was read.
   */
  subscribe(executionId: string | undefined, listener: (item: FeedItem) => void): Promise<FeedSubscription>;
  /** Hears when the connection is lost and when it is there again, until the returned function is called. */
  onConnection(listener: (isConnected: boolean) => void): () => void;
  close(): Promise<void>;
}

/** How a worker of one resource is started. */
export interface WorkerOptions extends ConnectionOptions {
  readonly resource: string;
  readonly handler: TaskHandler;
  /** Tasks at once. */
  readonly concurrency: number;
  /** Heartbeats for the handler, which does not do it itself. */
  readonly autoHeartbeat: boolean;
  /** Told of what is wrong and being seen to. */
  readonly onTrouble: (problem: string, cause?: unknown) => void;
}

/** A worker that takes tasks. Whoever started it closes it. */
export interface WorkerPort {
  /** Never resolves; rejects when the worker cannot go on. */
  readonly failed: Promise<never>;
  /** Takes no more tasks, and waits for those that run; with `abort` their signals are aborted first. */
  close(options?: { readonly abort?: boolean }): Promise<void>;
}

/** Which NATS server is looked at. */
export interface InspectOptions {
  readonly url: string;
  readonly credentialsFile?: string;
  /** `http://host:8222`: its monitoring port, which tells how it syncs. */
  readonly monitoringUrl?: string;
}

/** Where access keys are: a folder that an embedded home keeps, or a cluster on NATS. */
export interface KeyStoreOptions {
  readonly store?: string;
  readonly url?: string;
  readonly credentialsFile?: string;
  readonly keyFile?: string;
}

/** Makes, lists and revokes access keys. */
export interface KeyPort {
  create(request: AccessKeyRequest): Promise<AccessKey & { readonly secret: string }>;
  list(): Promise<readonly AccessKey[]>;
  /** `undefined`: there is no such key. */
  revoke(id: string): Promise<AccessKey | undefined>;
  close(): Promise<void>;
}

/** The port. */
export interface Homes {
  /** Of Weft, such as `0.1.0`. */
  readonly version: string;
  openEmbedded(options: EmbeddedOptions): Promise<EmbeddedHome>;
  serveNats(options: ServeOptions): Promise<ServedHome>;
  serveDev(options: DevOptions): Promise<ServedHome>;
  openKeys(options: KeyStoreOptions): Promise<KeyPort>;
  /** Rejects where the file is there already. */
  makeKeyFile(file: string): Promise<void>;
  connectClient(options: ConnectionOptions): Promise<ClientPort>;
  /** A client of a server's HTTP port; it says whose executions are meant where nobody else does. */
  connectHttp(options: HttpOptions): Promise<Space & { readonly client: ClientPort }>;
  connectWorker(options: WorkerOptions): Promise<WorkerPort>;
  /** Looks, and writes nothing. */
  inspectNats(options: InspectOptions): Promise<NatsFacts>;
}
