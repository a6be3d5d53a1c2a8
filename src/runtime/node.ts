/** A node: its partitions, and the engine that surfaces see. */
import { Effect, type Scope } from "effect";
import { LogStream, type LogUnavailable } from "../log/port.ts";
import { type KeyValueStore, Storage } from "../storage/port.ts";
import { TaskDispatcher, type TaskMessage } from "../tasks/port.ts";
import { defaultLimits, type Limits } from "../values/mod.ts";
import { type Randomness, systemClock, systemRandomness, type WallClock } from "./clock.ts";
import type { ClusterSettings } from "./cluster_settings.ts";
import { DefinitionCache } from "./definition_cache.ts";
import type { Engine, FeedMessage } from "./engine.ts";
import { ExecutionRequests } from "./execution_requests.ts";
import { forgetMapRuns } from "./forget_map_runs.ts";
import { HlcSource } from "./hlc_source.ts";
import { type Partition, runPartition } from "./partition/partition.ts";
import type { Failpoint } from "./partition/partition_options.ts";
import { PartitionStore } from "./partition/partition_store.ts";
import type { Registry } from "./registry.ts";
import { ResourceRequests } from "./resource_requests.ts";
import { TaskTokens } from "./task_token.ts";
import { WorkflowRequests } from "./workflow_requests.ts";

/** What a node is run with. Clock, randomness and failpoints are for tests. */
export interface NodeOptions {
  readonly node: string;
  readonly settings: ClusterSettings;
  readonly limits?: Partial<Limits>;
  readonly timeScale?: number;
  readonly clock?: WallClock;
  readonly randomness?: Randomness;
  /** Called with each turn's events, once durable. */
  readonly feed?: (message: FeedMessage) => void;
  readonly failpoint?: (point: Failpoint) => Effect.Effect<void>;
  /** The cluster's store for snapshots; absent where the local store is as durable as the log. */
  readonly snapshots?: KeyValueStore;
  readonly snapshotMs?: number;
  readonly checkpointMs?: number;
  readonly checkpointExecutionsMax?: number;
}

/** A running node. */
export interface WeftNode {
  readonly engine: Engine;
  readonly registry: Registry;
  readonly partitions: readonly Partition[];
  /** Resolves when every partition is led here (or has stopped with an incident). */
  readonly ready: Effect.Effect<void>;
}

/** How often `ready` looks, milliseconds. */
const READY_POLL_MS = 5;

/** Runs all partitions on this node until the scope closes; then what is on its way is finished first. */
export function runNode(
  options: NodeOptions,
): Effect.Effect<WeftNode, LogUnavailable, LogStream | Storage | TaskDispatcher | Scope.Scope> {
  return Effect.gen(function* () {
    const logs = yield* LogStream;
    const storage = yield* Storage;
    const dispatcher = yield* TaskDispatcher;
    const clock = options.clock ?? systemClock;
    const limits = { ...defaultLimits, ...options.limits };
    const runFork = Effect.runForkWith(yield* Effect.context<never>());
    const hlc = new HlcSource(() => clock.nowEpochMs());
    const { partitionCount } = options.settings;
    const shared = {
      node: options.node,
      clock,
      limits,
      randomness: options.randomness ?? systemRandomness,
      tokens: new TaskTokens(options.settings.tokenSecret),
      timeScale: options.timeScale ?? 1,
      definitions: new DefinitionCache(),
      dispatch: (tasks: readonly TaskMessage[]) => dispatcher.dispatch(tasks),
      retract: dispatcher.retract,
      feed: unbroken(options.feed, (defect) => void runFork(Effect.logError("A listener of the feed failed", defect))),
      failpoint: options.failpoint ?? (() => Effect.void),
      snapshotMs: options.snapshotMs ?? 30_000,
      checkpointMs: options.checkpointMs ?? 1_000,
      checkpointExecutionsMax: options.checkpointExecutionsMax ?? 2_000,
    };
    const partitions: Partition[] = [];
    for (let partition = 0; partition < partitionCount; partition++) {
      const log = yield* logs.open(partition);
      const bucket = options.snapshots === undefined
        ? {}
        : { snapshots: new PartitionStore(options.snapshots, partition, false) };
      const store = new PartitionStore(storage, partition);
      partitions.push(
        yield* runPartition({ ...shared, ...bucket, hlc: hlc.lane(partition, partitionCount), partition, log, store }),
      );
    }
    yield* Effect.addFinalizer(() =>
      Effect.forEach(partitions, ({ drain }) => drain, { concurrency: "unbounded", discard: true })
    );
    yield* dispatcher.onLost(() => {
      for (const { offer } of partitions) offer({ kind: "redispatch" });
    });
    const isReady = () => partitions.every(({ status }) => status().kind !== "starting");
    const ready = Effect.suspend(function wait(): Effect.Effect<void> {
      return isReady() ? Effect.void : Effect.andThen(Effect.sleep(READY_POLL_MS), Effect.suspend(wait));
    });
    const workflows = new WorkflowRequests(partitions, shared.definitions, limits);
    const executions = new ExecutionRequests(partitions, workflows, { ...shared, storage });
    const registry = registryOf(partitions, executions, workflows, limits);
    return { engine: engineOf(workflows, executions, registry), registry, partitions, ready };
  });
}

function engineOf(workflows: WorkflowRequests, executions: ExecutionRequests, registry: Registry): Engine {
  const deleteOne: Engine["deleteExecution"] = (request) => executions.delete(request);
  return {
    putWorkflow: (request) => workflows.put(request),
    describeWorkflow: (request) => workflows.describe(request),
    listWorkflows: (request) => workflows.list(request),
    deleteWorkflow: (request) => workflows.delete(request),
    validateDefinition: (definition) => workflows.validate(definition),
    startExecution: (request) => executions.start(request),
    runExecution: (request) => executions.run(request),
    awaitExecution: (request) => executions.await(request),
    describeExecution: (request) => executions.describe(request),
    executionHistory: (request) => executions.history(request),
    listExecutions: (request) => executions.list(request),
    cancelExecution: (request) => executions.cancel(request),
    redriveExecution: (request) =>
      Effect.map(
        executions.redrive(request),
        ({ executionId, status, redriveCount }) => ({ executionId, status, redriveCount }),
      ),
    deleteExecution: (request) => Effect.andThen(forgetMapRuns(registry, deleteOne, request), deleteOne(request)),
    completeTask: (request) => executions.completeTask(request),
    submitTask: (request) => executions.submitTask(request),
    failTask: (request) => executions.failTask(request),
    heartbeatTask: (request) => executions.heartbeatTask(request),
    activateTask: (request) => executions.activateTask(request),
  };
}

/** Whoever listens to the feed cannot stop the partition that feeds it. */
function unbroken(
  feed: NodeOptions["feed"] = () => {},
  failed: (defect: unknown) => void,
): (message: FeedMessage) => void {
  return (message) => {
    try {
      feed(message);
    } catch (defect) {
      failed(defect);
    }
  };
}

function registryOf(
  partitions: readonly Partition[],
  executions: ExecutionRequests,
  workflows: WorkflowRequests,
  limits: Limits,
): Registry {
  const resources = new ResourceRequests(partitions, limits);
  return {
    putResource: (request) => resources.put(request),
    describeResource: (request) => resources.describe(request),
    deleteResource: (request) => resources.delete(request),
    listResources: (request) => resources.list(request),
    workflow: (request) => workflows.newest(request),
    definitionText: (request) => workflows.definitionTextOf(request),
    startKeyed: (request) => executions.startKeyed(request),
    runKeyed: (request) => executions.runKeyed(request),
    startChild: (request) => executions.startChild(request),
    stateInScope: (request) => executions.stateInScope(request),
    definitionOfExecution: (request) => executions.definitionOf(request),
    redriveExecution: (request) => executions.redrive(request),
    executionByKey: (request) => executions.detailByKey(request),
    awaitDetail: (request) => executions.awaitDetail(request),
    executionById: (request) => executions.detailById(request),
    listDetails: (request) => executions.listDetails(request),
  };
}
