/** The NATS home: the log replicated on JetStream, tasks for workers anywhere, requests and feed as NATS services. */
import { join } from "node:path";
import { hostname } from "node:os";
import { Context, Deferred, Effect, Layer, type Scope } from "effect";
import type { NatsConnection } from "@nats-io/transport-node";
import { AccessKeys, type RootKey } from "../access/mod.ts";
import type { ServeOptions } from "../interfaces/cli/mod.ts";
import { listenToFeed, natsFeed, serveNatsApi, serveNodeReports } from "../interfaces/nats_api/mod.ts";
import { makeJetStreamCluster } from "../cluster/jetstream/mod.ts";
import type { ClusterUnavailable } from "../cluster/mod.ts";
import { layerJetStream } from "../log/jetstream/mod.ts";
import type { LogUnavailable } from "../log/mod.ts";
import { connect, type JetStreamUnfit, type NatsUnavailable } from "../nats/mod.ts";
import { type ClusterSettings, type EndedExecution, type Engine, runNode } from "../runtime/mod.ts";
import { nodeReports, taskBacklogs } from "../sdk/mod.ts";
import { keepSchedules, Schedules } from "../schedules/mod.ts";
import { layerKeyv, type StorageFileUnusable } from "../storage/keyv/mod.ts";
import { layerMemory } from "../storage/memory/mod.ts";
import type { KeyValueStore, StorageUnavailable } from "../storage/mod.ts";
import { layerJetStreamTasks, type TaskStreamUnavailable } from "../tasks/jetstream/mod.ts";
import { TaskDispatcher } from "../tasks/mod.ts";
import { type ClusterFailure, openCluster } from "./cluster_identity.ts";
import { observeHome, reasonsAgainst } from "./home_metrics.ts";
import { makeExports } from "./exports.ts";
import { FeedListeners, type Home, homeLimits, nodeReport, opened } from "./home.ts";
import { startIntegrations } from "./integrations.ts";
import { StreamActivities } from "./stream_activities.ts";
import { type KeyFileUnusable, rootKeyOf } from "./root_key_file.ts";
import { routeTasks } from "./task_route.ts";
import { keepTriggers, Triggers } from "../triggers/mod.ts";
import { WorkerConsumers } from "./worker_consumers.ts";
import { readinessOf, Telemetry } from "../telemetry/mod.ts";
import { type LimitsInvalid, present } from "../values/mod.ts";

/** What the NATS home is opened with: what the command line asks for, but for its HTTP side. */
export interface NatsHomeOptions extends Omit<ServeOptions, "http" | "metrics"> {
  /** Workers ask for tasks of activities by the AWS API. */
  readonly hasActivities?: boolean;
  /** Shown by the services. */
  readonly version: string;
  /** Called with each execution that this node led to its end. */
  readonly onEnded?: (ended: EndedExecution) => void;
}

/** Why the NATS home could not be opened. */
export type NatsHomeFailure =
  | NatsUnavailable
  | JetStreamUnfit
  | LogUnavailable
  | ClusterUnavailable
  | StorageUnavailable
  | StorageFileUnusable
  | TaskStreamUnavailable
  | ClusterFailure
  | KeyFileUnusable
  | LimitsInvalid;

/** Fixed for a cluster's life: as many as it may ever have nodes (ADR 0008). */
const PARTITIONS = 16;
/** Bucket of cluster settings and snapshots. */
export const SHARED_BUCKET = "WEFT_SNAPSHOTS";

/** Opens the NATS home. @throws {NatsHomeFailure} no server, one that is too old, or a store that cannot be used */
export async function openNatsHome(options: NatsHomeOptions): Promise<Home> {
  const { value, close } = await opened(natsHome(options), options.logFormat);
  return { ...value, close };
}

/** The NATS home for as long as the scope. */
export function natsHome(options: NatsHomeOptions): Effect.Effect<Omit<Home, "close">, NatsHomeFailure, Scope.Scope> {
  return Effect.gen(function* () {
    const { url, credentialsFile, version, name = hostname(), leaseMs: sessionMs, standbys, timeScale } = options;
    const limits = yield* homeLimits(options.limits);
    const connection = yield* connect({ servers: [url], name: `weft ${name}`, ...present({ credentialsFile }) });
    const rootKey = yield* rootKeyOf(options.keyFile, undefined);
    const { settings, snapshots, identity, replicas } = yield* clusterOf(options, connection, rootKey);
    const built = yield* Layer.build(Layer.mergeAll(
      layerJetStream({ connection, replicas, identity }),
      layerJetStreamTasks({ connection, replicas }),
      localStore(options, settings),
    ));
    const { clusterId } = settings;
    const cluster = yield* makeJetStreamCluster({ connection, clusterId, replicas, name, ...present({ sessionMs }) });
    const activation = yield* Deferred.make<Engine>();
    const activities = activitiesOf(connection, Deferred.await(activation));
    const integrations = yield* startIntegrations(limits, options.integrations, { connection });
    const workers = workersOf(Context.get(built, TaskDispatcher), connection, options);
    const adapters = Context.add(built, TaskDispatcher, routeTasks({ ...integrations, workers }));
    const telemetry = new Telemetry();
    yield* observeHome({ telemetry, version, home: "NATS", backlogs: () => taskBacklogs(connection), connection });
    const exports = yield* makeExports({ ...options, telemetry });
    const listeners = new FeedListeners();
    listeners.add(natsFeed(connection));
    const node = yield* Effect.provide(
      runNode({
        node: name,
        cluster,
        settings,
        snapshots,
        limits,
        feed: listeners.publish,
        telemetry,
        ...present({ timeScale, standbys, retention: options.retention, onEnded: exports.onEnded }),
      }),
      adapters,
    );
    yield* Deferred.succeed(activation, node.engine);
    yield* exports.start(node.engine);
    integrations.start(node);
    const { engine, registry, led } = node;
    const schedules = new Schedules(registry, node.clock, limits);
    const triggers = new Triggers(registry, limits);
    yield* keepSchedules(node);
    yield* keepTriggers({ engine, registry, led, connection, limits });
    yield* node.ready;
    yield* serveNatsApi(connection, node.engine, { version, limits, standing: { schedules, triggers } });
    yield* serveNodeReports(connection, () => nodeReport(name, node.partitions));
    // The first that is done on closing: requests are still taken, and find whoever leads now.
    yield* Effect.addFinalizer(() => node.leave);
    return {
      engine: node.engine,
      registry: node.registry,
      partitions: node.partitions,
      ...(options.hasActivities === true ? { activities } : {}),
      nodes: () => nodeReports(connection),
      backlogs: () => taskBacklogs(connection),
      schedules,
      triggers,
      traceHttp: integrations.traceHttp,
      limits,
      ...keysOf(snapshots, rootKey),
      telemetry,
      readiness: readinessOf(reasonsAgainst(node, connection)),
      onEvents: (listener) => listeners.add(listener),
      watch: (part, listener) => listenToFeed(connection, part, listener),
    };
  });
}

/** Tasks for workers; where workers may not make their consumers, these are made before. */
function workersOf(
  workers: Context.Service.Shape<typeof TaskDispatcher>,
  connection: NatsConnection,
  { makeConsumers = false }: NatsHomeOptions,
): Context.Service.Shape<typeof TaskDispatcher> {
  if (!makeConsumers) return workers;
  const consumers = new WorkerConsumers(connection);
  return {
    ...workers,
    dispatch: (tasks) => {
      consumers.ensure(tasks);
      workers.dispatch(tasks);
    },
    redispatch: (tasks) => {
      consumers.ensure(tasks);
      (workers.redispatch ?? workers.dispatch)(tasks);
    },
    onLost: (again) =>
      workers.onLost(() => {
        consumers.forget();
        again();
      }),
  };
}

function keysOf(store: KeyValueStore, rootKey: RootKey | undefined): Pick<Home, "keys"> {
  return rootKey === undefined ? {} : { keys: new AccessKeys(store, rootKey) };
}

/** Activities' tasks, activated by an engine that runs a little later. */
function activitiesOf(connection: NatsConnection, engine: Effect.Effect<Engine>): StreamActivities {
  return new StreamActivities(connection, {
    activateTask: (request) => Effect.flatMap(engine, ({ activateTask }) => activateTask(request)),
    heartbeatTask: (request) => Effect.flatMap(engine, ({ heartbeatTask }) => heartbeatTask(request)),
  });
}

/** The settings of the cluster, and what is kept beside its log. */
function clusterOf(options: NatsHomeOptions, connection: NatsConnection, rootKey: RootKey | undefined) {
  return openCluster({
    connection,
    ...present({ sealing: rootKey }),
    bucket: SHARED_BUCKET,
    ...present({ replicas: options.replicas }),
    partitions: options.partitions ?? PARTITIONS,
    adoptStreams: options.adoptStreams === true,
  });
}

function localStore({ store }: NatsHomeOptions, { clusterId }: ClusterSettings) {
  return store === undefined ? layerMemory : layerKeyv({ file: join(store, clusterId, "state.db") });
}
