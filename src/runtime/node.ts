/** A node: its partitions, and the engine that surfaces see. */
import { Effect, Schedule, type Scope } from "effect";
import { type Cluster, type Confirmation, isAlive, soleMember } from "../cluster/mod.ts";
import { LogStream, type LogUnavailable, type PartitionLog } from "../log/port.ts";
import { BatchSeal } from "../protocol/mod.ts";
import { type KeyValueStore, Storage } from "../storage/port.ts";
import type { Telemetry } from "../telemetry/mod.ts";
import { TaskDispatcher, type TaskMessage } from "../tasks/port.ts";
import {
  defaultLimits,
  type ExecutionId,
  type Limits,
  partitionKey,
  partitionOf,
  present,
  type RetentionRule,
} from "../values/mod.ts";
import { type Randomness, systemClock, systemRandomness, type WallClock } from "./clock.ts";
import type { ClusterSettings } from "./cluster_settings.ts";
import { Coordinator } from "./cluster/coordinator.ts";
import { MemberCalls } from "./cluster/member_calls.ts";
import { DefinitionCache } from "./definition_cache.ts";
import type { Engine, ExecutionStatus, FeedMessage } from "./engine.ts";
import { forgetMapRuns } from "./forget_map_runs.ts";
import { HlcSource } from "./hlc_source.ts";
import { EngineMeter } from "./meter/engine_meter.ts";
import { observeNode } from "./meter/node_metrics.ts";
import { timedEngine } from "./meter/timed_engine.ts";
import { EntryTrust } from "./partition/entry_trust.ts";
import type { ExecutionAsOf } from "./partition/hot_execution.ts";
import { type Partition, runPartition } from "./partition/partition.ts";
import type { Failpoint, PartitionOptions, TermInspection } from "./partition/partition_options.ts";
import { SnapshotBucket } from "./partition/snapshots/snapshot_bucket.ts";
import { PartitionStore } from "./partition/store/partition_store.ts";
import { LedResources } from "./led_resources.ts";
import { PublishedWorkflows } from "./published_workflows.ts";
import type { Registry } from "./registry.ts";
import { ExecutionChanges } from "./requests/execution_changes.ts";
import { ExecutionReads } from "./requests/execution_reads.ts";
import { ListRequests } from "./requests/list_requests.ts";
import { PartitionHomes } from "./requests/partition_homes.ts";
import { ResourceRequests } from "./requests/resource_requests.ts";
import { StartRequests, type StartRequestsOptions } from "./requests/start_requests.ts";
import { TaskRequests } from "./requests/task_requests.ts";
import { WorkflowRequests, type WorkflowRequestsOptions } from "./requests/workflow_requests.ts";
import { sweep } from "./sweeper.ts";
import { TaskTokens } from "./task_token.ts";

/** What a node is run with. Clock, randomness and failpoints are for tests. */
export interface NodeOptions {
  readonly node: string;
  readonly settings: ClusterSettings;
  /** This node's place among others. Default: it is alone. */
  readonly cluster?: Cluster["Service"];
  /** Other nodes that follow each partition, ready to lead it. Default: 1. */
  readonly standbys?: number;
  /** How often a follower looks for what its leader has written, milliseconds. Default: 1,000. */
  readonly followMs?: number;
  readonly limits?: Partial<Limits>;
  /** How long executions are kept after their end, where `retentionSeconds` is not to hold. */
  readonly retention?: readonly RetentionRule[];
  readonly timeScale?: number;
  readonly clock?: WallClock;
  readonly randomness?: Randomness;
  /** Runs what is to be done once all that goes on now has been. Default: as a microtask. */
  readonly soon?: (run: () => void) => void;
  /** Called with each turn's events, once durable. */
  readonly feed?: (message: FeedMessage) => void;
  /** Called with each execution that this node led to its end, once that is durable. */
  readonly onEnded?: (ended: EndedExecution) => void;
  /** Where this node tells what it measures. */
  readonly telemetry?: Telemetry;
  /** Called with each term that begins. */
  readonly onTerm?: (partition: number, term: TermInspection) => void;
  readonly definitions?: DefinitionCache;
  readonly failpoint?: (point: Failpoint) => Effect.Effect<void>;
  /** The cluster's store for snapshots; absent where the local store is as durable as the log. */
  readonly snapshots?: KeyValueStore;
  readonly snapshotMs?: number;
  /** How often it is looked whether logs can be trimmed, milliseconds; `Infinity`: never. */
  readonly trimMs?: number;
  readonly checkpointMs?: number;
  readonly checkpointExecutionsMax?: number;
  /** Pause between two sweeps for what has been there too long, milliseconds; `Infinity`: none. */
  readonly sweepMs?: number;
  /** How often definitions are forgotten that neither a workflow nor an execution needs, milliseconds: with the sweep that is next by then. */
  readonly forgetMs?: number;
}

/** An execution that has ended, without payloads. */
export interface EndedExecution {
  readonly executionId: ExecutionId;
  readonly workflow: string;
  readonly status: ExecutionStatus;
  /** Its own time limit ended it. */
  readonly timedOut: boolean;
  readonly error?: string;
  readonly cause?: string;
  readonly startedAtEpochMs: number;
  readonly endedAtEpochMs: number;
}

/** A running node. */
export interface WeftNode {
  readonly engine: Engine;
  readonly registry: Registry;
  readonly partitions: readonly Partition[];
  /** What this node is to act upon by itself. */
  readonly led: LedResources;
  /** The clock that it goes by. */
  readonly clock: WallClock;
  /** Resolves when every partition is led, here or by another member, or has stopped here with an incident. */
  readonly ready: Effect.Effect<void>;
  /** Why requests may not be answered now, each a sentence: partitions that nobody leads, or that stopped here. */
  readonly unready: () => readonly string[];
  /** Hands over to other nodes what is led here, if there are any. To be done before a shutdown in order. Bounded. */
  readonly leave: Effect.Effect<void>;
}

/** Servers that make the logs of a new cluster for several nodes at once are slow to answer. */
const OPENING = { schedule: Schedule.spaced("500 millis"), times: 30 };
const STANDBYS = 1;
const FOLLOW_MS = 1_000;
/** Pause between two sweeps for what has been there too long, milliseconds. */
const SWEEP_MS = 60_000;
/** How often definitions that nobody needs are forgotten, milliseconds: all executions are gone through for it. */
const FORGET_MS = 3_600_000;

/** Runs a node until the scope closes; then what is on its way is finished first. */
export function runNode(
  options: NodeOptions,
): Effect.Effect<WeftNode, LogUnavailable, LogStream | Storage | TaskDispatcher | Scope.Scope> {
  return Effect.gen(function* () {
    const clock = options.clock ?? systemClock;
    const limits = { ...defaultLimits, ...options.limits };
    const definitions = options.definitions ?? new DefinitionCache();
    const randomness = options.randomness ?? systemRandomness;
    const tokens = new TaskTokens(options.settings.tokenSecret);
    const published = new PublishedWorkflows();
    const led = new LedResources();
    const cluster = options.cluster ?? soleMember(options.settings.partitionCount);
    const seal = new BatchSeal(options.settings.tokenSecret);
    const meter = new EngineMeter();
    const shared = { clock, limits, definitions, randomness, tokens, seal, published, meter };
    const { partitions, logs } = yield* openPartitions(options, { ...shared, cluster, led });
    if (options.telemetry !== undefined) yield* observeNode(options.telemetry, { partitions, logs, cluster, meter });
    const fork = Effect.runForkWith(yield* Effect.context<never>());
    const soon = options.soon ?? queueMicrotask;
    const calls = new MemberCalls({ cluster, clock, definitions, fork, soon }, partitions);
    yield* Effect.addFinalizer(() => Effect.sync(() => calls.close()));
    const standbys = options.standbys ?? STANDBYS;
    const coordinator = new Coordinator({ cluster, partitions, calls, clock, standbys });
    if (options.cluster !== undefined) yield* Effect.forkScoped(coordinator.run());
    else for (const { play } of partitions) play("lead");
    const homes = new PartitionHomes({ partitions, cluster, calls, clock });
    yield* Effect.addFinalizer(() => Effect.sync(() => homes.close()));
    const requests = requestsOf(homes, shared);
    const registry = registryOf(requests);
    const engine = timedEngine(engineOf(requests, registry), meter);
    const { sweepMs = SWEEP_MS, forgetMs = FORGET_MS, retention = [] } = options;
    if (sweepMs !== Infinity) {
      const { deleteExecution } = engine;
      const { changes } = requests;
      yield* Effect.forkScoped(
        sweep(partitions, { limits, retention, clock, sweepMs, forgetMs, deleteExecution, changes }),
      );
    }
    const ready = Effect.forEach(
      partitions,
      (partition) => Effect.raceFirst(partition.ready, ledElsewhere(cluster, partition.partition)),
      { discard: true },
    );
    const unready = () => partitions.flatMap((partition) => reasonAgainst(partition, cluster) ?? []);
    return { engine, registry, partitions, led, clock, ready, unready, leave: coordinator.leave() };
  });
}

interface OpenedPartitions {
  readonly partitions: readonly Partition[];
  readonly logs: readonly PartitionLog[];
}

/** Opens the node's partitions, which rest until they are given a role. */
function openPartitions(
  options: NodeOptions,
  { cluster, published, led, ...shared }:
    & Pick<PartitionOptions, "clock" | "limits" | "definitions" | "randomness" | "tokens" | "seal" | "meter">
    & {
      readonly cluster: Cluster["Service"];
      readonly published: PublishedWorkflows;
      readonly led: LedResources;
    },
): Effect.Effect<OpenedPartitions, LogUnavailable, LogStream | Storage | TaskDispatcher | Scope.Scope> {
  const { partitionCount } = options.settings;
  return Effect.gen(function* () {
    const logs = yield* LogStream;
    const storage = yield* Storage;
    const dispatcher = yield* TaskDispatcher;
    const runFork = Effect.runForkWith(yield* Effect.context<never>());
    const hlc = new HlcSource(() => shared.clock.nowEpochMs());
    const common = {
      ...shared,
      node: options.node,
      confirm: (answer: (outcome: Confirmation) => void) => cluster.confirm(answer),
      followMs: options.followMs ?? FOLLOW_MS,
      timeScale: options.timeScale ?? 1,
      dispatch: (tasks: readonly TaskMessage[]) => dispatcher.dispatch(tasks),
      redispatch: dispatcher.redispatch ?? ((tasks: readonly TaskMessage[]) => dispatcher.dispatch(tasks)),
      retract: dispatcher.retract,
      feed: unbroken(options.feed, (defect) => void runFork(Effect.logError("A listener of the feed failed", defect))),
      ended: endTeller(options.onEnded, (defect) => void runFork(Effect.logError("A listener of ends failed", defect))),
      onTerm: options.onTerm ?? (() => {}),
      failpoint: options.failpoint ?? (() => Effect.void),
      snapshotMs: options.snapshotMs ?? 30_000,
      trimMs: options.trimMs ?? 60_000,
      checkpointMs: options.checkpointMs ?? 1_000,
      checkpointExecutionsMax: options.checkpointExecutionsMax ?? 2_000,
    };
    const partitions: Partition[] = [];
    const opened: PartitionLog[] = [];
    for (let partition = 0; partition < partitionCount; partition++) {
      const log = yield* Effect.retry(logs.open(partition), OPENING);
      opened.push(log);
      const bucket = options.snapshots === undefined
        ? {}
        : { snapshots: new SnapshotBucket(options.snapshots, partition) };
      const store = new PartitionStore(storage, partition);
      const workflows = published.of(partition);
      const own = {
        hlc: hlc.lane(partition, partitionCount),
        partition,
        log,
        store,
        workflows,
        trust: new EntryTrust(partition, shared.seal, options.settings.adoptedThrough?.[partition]),
        led: led.of(partition),
        abandon: () =>
          dispatcher.abandon?.((executionId) => partitionOf(partitionKey(executionId), partitionCount) === partition),
      };
      partitions.push(yield* runPartition({ ...common, ...bucket, ...own }));
    }
    yield* Effect.addFinalizer(() =>
      Effect.forEach(partitions, ({ drain }) => drain, { concurrency: "unbounded", discard: true })
    );
    yield* dispatcher.onLost(() => {
      for (const { offer } of partitions) offer({ kind: "redispatch" });
    });
    return { partitions, logs: opened };
  });
}

/** Why requests to this partition are not answered at the moment; `undefined`: they are. */
function reasonAgainst({ partition, status }: Partition, cluster: Cluster["Service"]): string | undefined {
  const now = status();
  if (now.kind === "leading") return undefined;
  if (now.kind === "stopped") return `Partition ${partition} has stopped: ${now.incident}`;
  const { self, members, holders } = cluster.view();
  const holder = holders.get(partition);
  if (holder !== self && isAlive(members, holder)) return undefined;
  return `Partition ${partition} has no leader`;
}

/** Done when another member that is alive holds the partition. */
function ledElsewhere(cluster: Cluster["Service"], partition: number): Effect.Effect<void> {
  return Effect.callback<void>((resume) => {
    const look = () => {
      const { self, members, holders } = cluster.view();
      const holder = holders.get(partition);
      if (holder !== self && isAlive(members, holder)) resume(Effect.void);
    };
    const forget = cluster.onChange(look);
    look();
    return Effect.sync(forget);
  });
}

interface Requests {
  readonly workflows: WorkflowRequests;
  readonly resources: ResourceRequests;
  readonly starts: StartRequests;
  readonly reads: ExecutionReads;
  readonly lists: ListRequests;
  readonly changes: ExecutionChanges;
  readonly tasks: TaskRequests;
}

function requestsOf(
  homes: PartitionHomes,
  options: WorkflowRequestsOptions & StartRequestsOptions & { readonly tokens: TaskTokens },
): Requests {
  const { limits } = options;
  const workflows = new WorkflowRequests(homes, options);
  return {
    workflows,
    resources: new ResourceRequests(homes, limits),
    starts: new StartRequests(homes, workflows, options),
    reads: new ExecutionReads(homes, options),
    lists: new ListRequests(homes),
    changes: new ExecutionChanges(homes, options),
    tasks: new TaskRequests(homes, limits, options.tokens),
  };
}

function engineOf({ workflows, starts, reads, lists, changes, tasks }: Requests, registry: Registry): Engine {
  const deleteOne: Engine["deleteExecution"] = (request) => changes.delete(request);
  return {
    putWorkflow: (request) => workflows.put(request),
    describeWorkflow: (request) => workflows.describe(request),
    listWorkflows: (request) => workflows.list(request),
    deleteWorkflow: (request) => workflows.delete(request),
    validateDefinition: (definition) => workflows.validate(definition),
    startExecution: (request) =>
      Effect.map(starts.start(request), ({ executionId, status }) => ({ executionId, status })),
    runExecution: (request) => starts.run(request),
    awaitExecution: (request) => reads.await(request),
    describeExecution: (request) => reads.describe(request),
    executionHistory: (request) => reads.history(request),
    listExecutions: (request) => lists.list(request),
    cancelExecution: (request) => changes.cancel(request),
    redriveExecution: (request) =>
      Effect.map(
        changes.redrive(request),
        ({ executionId, status, redriveCount }) => ({ executionId, status, redriveCount }),
      ),
    deleteExecution: (request) => Effect.andThen(forgetMapRuns(registry, deleteOne, request), deleteOne(request)),
    completeTask: (request) => tasks.complete(request),
    submitTask: (request) => tasks.submit(request),
    failTask: (request) => tasks.fail(request),
    heartbeatTask: (request) => tasks.heartbeat(request),
    activateTask: (request) => tasks.activate(request),
  };
}

/** How ends are told; nothing is put together where nobody listens. */
function endTeller(
  listener: NodeOptions["onEnded"],
  failed: (defect: unknown) => void,
): (ended: ExecutionAsOf) => void {
  if (listener === undefined) return () => {};
  const tell = unbroken(listener, failed);
  return ({ id, execution: { value: status, context } }) => {
    const { workflow, startedAtEpochMs, endedAtEpochMs = startedAtEpochMs, ending } = context;
    const timedOut = ending?.timedOut === true;
    const { reason: error, message: cause } = ending ?? {};
    tell({
      executionId: id,
      workflow,
      status,
      timedOut,
      startedAtEpochMs,
      endedAtEpochMs,
      ...present({ error, cause }),
    });
  };
}

/** Whoever listens to the feed cannot stop the partition that feeds it. */
function unbroken<Message>(
  listen: (message: Message) => void = () => {},
  failed: (defect: unknown) => void,
): (message: Message) => void {
  return (message) => {
    try {
      listen(message);
    } catch (defect) {
      failed(defect);
    }
  };
}

function registryOf({ workflows, resources, starts, reads, lists, changes, tasks }: Requests): Registry {
  return {
    putResource: (request) => resources.put(request),
    describeResource: (request) => resources.describe(request),
    deleteResource: (request) => resources.delete(request),
    listResources: (request) => resources.list(request),
    workflow: (request) => workflows.newest(request),
    definitionText: (request) => workflows.definitionTextOf(request),
    startKeyed: (request) => starts.start(request),
    runKeyed: (request) => starts.runKeyed(request),
    startChild: (request) => starts.startChild(request),
    stateInScope: (request) => reads.stateInScope(request),
    taskToken: (request) => tasks.token(request),
    definitionOfExecution: (request) => reads.definitionOf(request),
    redriveExecution: (request) => changes.redrive(request),
    executionByKey: (request) => reads.detailByKey(request),
    awaitDetail: (request) => reads.awaitDetail(request),
    executionById: (request) => reads.detail(request),
    listDetails: (request) => lists.details(request),
    executionEvents: (request) => reads.events(request),
  };
}
