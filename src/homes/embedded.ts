/** The embedded home: the engine in one process, on SQLite in a folder, or in memory alone. */
import { join } from "node:path";
import { Context, Deferred, Effect, Layer, Schema, type Scope } from "effect";
import { AccessKeys, type RootKey } from "../access/mod.ts";
import { ActivityTaskQueue } from "../aws/mod.ts";
import type { EmbeddedOptions as CliEmbeddedOptions } from "../interfaces/cli/mod.ts";
import { layerMemory as layerMemoryLog } from "../log/memory/mod.ts";
import { layerSqlite, type LogFileUnusable } from "../log/sqlite/mod.ts";
import { LogStream, type LogUnavailable } from "../log/mod.ts";
import {
  type ClusterSealed,
  type EndedExecution,
  loadClusterSettings,
  readClusterSettings,
  runNode,
  type WallClock,
  type WeftNode,
} from "../runtime/mod.ts";
import { keepSchedules, Schedules } from "../schedules/mod.ts";
import { layerKeyv, layerKeyvShared, type StorageFileUnusable } from "../storage/keyv/mod.ts";
import { layerMemory, layerMemoryShared } from "../storage/memory/mod.ts";
import { type KeyValueStore, SharedStorage, type StorageUnavailable } from "../storage/mod.ts";
import { layerHandlers, type TaskOutcomes } from "../tasks/handlers/mod.ts";
import { TaskDispatcher } from "../tasks/mod.ts";
import { makeExports } from "./exports.ts";
import { FeedListeners, type Home, homeLimits, nodeReport, opened } from "./home.ts";
import { observeHome } from "./home_metrics.ts";
import { startIntegrations } from "./integrations.ts";
import { type KeyFileUnusable, rootKeyOf } from "./root_key_file.ts";
import { routeTasks } from "./task_route.ts";
import { type LogFormat, type OtlpSettings, readinessOf, Telemetry } from "../telemetry/mod.ts";
import { type LimitsInvalid, present, WEFT_VERSION } from "../values/mod.ts";

/** What the embedded home is opened with: what the command line asks for, and more for programs. */
export interface EmbeddedOptions extends CliEmbeddedOptions {
  /** Handlers at work at once. Default: 256. */
  readonly concurrency?: number;
  /** Tasks of activities wait for workers that ask for them, instead of failing where no handler has their ARN. */
  readonly hasActivities?: boolean;
  /** `FULL` (default): on the disk before an answer is given. `NORMAL`: the last moments may be lost in a power cut. */
  readonly synchronous?: "FULL" | "NORMAL";
  /** Called with each execution that has ended. */
  readonly onEnded?: (ended: EndedExecution) => void;
  /** Where metrics and traces are sent. Absent: nowhere, and nothing is done for it. */
  readonly otlp?: OtlpSettings;
  /** Of log lines. Default: for people. */
  readonly logFormat?: LogFormat;
  /** For tests that do not wait. Default: the machine's. */
  readonly clock?: WallClock;
}

/** The log is there, and the settings that it was written with are not. Final: an operator must act. */
export class StoreSettingsLost extends Schema.TaggedError<StoreSettingsLost>()("StoreSettingsLost", {
  store: Schema.String,
}) {
  override get message(): string {
    return `StoreSettingsLost: "${this.store}" has a log, but cluster.db with its settings is gone: restore it from a backup`;
  }
}

/** Why the embedded home could not be opened. */
export type EmbeddedFailure =
  | LogFileUnusable
  | StorageFileUnusable
  | LogUnavailable
  | StorageUnavailable
  | ClusterSealed
  | StoreSettingsLost
  | KeyFileUnusable
  | LimitsInvalid;

const PARTITIONS = 4;
/** Hands nothing out: tasks stay open, and whoever opens the store next finds them. */
const idleDispatcher: Context.Service.Shape<typeof TaskDispatcher> = {
  dispatch: () => {},
  retract: () => {},
  onLost: () => Effect.void,
};

/** Opens the embedded home. @throws {EmbeddedFailure} the store is another process's, or cannot be used */
export async function openEmbeddedHome(options: EmbeddedOptions = {}): Promise<Home> {
  const { value, close } = await opened(embedded(options), options.logFormat);
  return { ...value, close };
}

/** The embedded home for as long as the scope. */
export function embedded(
  options: EmbeddedOptions,
): Effect.Effect<Omit<Home, "close">, EmbeddedFailure, Scope.Scope> {
  return Effect.gen(function* () {
    const limits = yield* homeLimits(options.limits);
    const outcomes = yield* Deferred.make<TaskOutcomes>();
    const tasks = layerHandlers(options.handlers ?? {}, outcomes, {
      limits,
      ...present({ concurrency: options.concurrency }),
    });
    const built = yield* Layer.build(Layer.merge(stores(options), tasks));
    const activities = new ActivityTaskQueue({
      activateTask: (request) => Effect.flatMap(Deferred.await(outcomes), (engine) => engine.activateTask(request)),
      heartbeatTask: (request) => Effect.flatMap(Deferred.await(outcomes), (engine) => engine.heartbeatTask(request)),
    });
    const integrations = yield* startIntegrations(limits, options.integrations, options.nats);
    const routed = options.doesTasks === false ? idleDispatcher : routeTasks({
      isServed: (resource) => Object.hasOwn(options.handlers ?? {}, resource),
      ...integrations,
      workers: Context.get(built, TaskDispatcher),
      ...(options.hasActivities === true ? { activities } : {}),
    });
    const telemetry = new Telemetry();
    const backlogs = () => Promise.resolve(routed.backlog?.() ?? []);
    yield* observeHome({ telemetry, version: WEFT_VERSION, home: "embedded", backlogs });
    const { timeScale, retention, clock, partitions = PARTITIONS } = options;
    const exports = yield* makeExports({ ...options, telemetry, version: WEFT_VERSION });
    const feed = new FeedListeners();
    const rootKey = yield* rootKeyOf(options.keyFile, options.store);
    const shared = Context.get(built, SharedStorage);
    const node = yield* Effect.provide(
      Effect.gen(function* () {
        yield* settingsBelong(shared, options.store ?? "", rootKey);
        const settings = yield* loadClusterSettings(shared, partitions, present({ sealing: rootKey }));
        return yield* runNode({
          node: "embedded",
          settings,
          limits,
          feed: feed.publish,
          telemetry,
          ...present({ timeScale, retention, clock, onEnded: exports.onEnded }),
        });
      }),
      Context.add(built, TaskDispatcher, routed),
    );
    yield* Deferred.succeed(outcomes, node.engine);
    yield* exports.start(node.engine);
    integrations.start(node);
    yield* keepSchedules(node);
    yield* node.ready;
    return {
      engine: node.engine,
      registry: node.registry,
      partitions: node.partitions,
      activities,
      nodes: () => Promise.resolve([soleReport(node)]),
      backlogs,
      schedules: new Schedules(node.registry, node.clock, limits),
      traceHttp: integrations.traceHttp,
      limits,
      ...present({ keys: rootKey === undefined ? undefined : new AccessKeys(shared, rootKey) }),
      telemetry,
      readiness: readinessOf(Effect.sync(node.unready)),
      onEvents: (listener) => feed.add(listener),
      watch: (_, listener) => feed.add(listener),
    };
  });
}

/** Settings are made with the log, and never anew beside one: what is sealed there could not be read with another secret. */
function settingsBelong(
  shared: KeyValueStore,
  store: string,
  sealing: RootKey | undefined,
): Effect.Effect<void, StoreSettingsLost | ClusterSealed | StorageUnavailable | LogUnavailable, LogStream> {
  return Effect.gen(function* () {
    if ((yield* readClusterSettings(shared, sealing)) !== undefined) return;
    const logs = yield* LogStream;
    const { last } = yield* Effect.scoped(Effect.flatMap(logs.open(0), (log) => log.bounds()));
    if (last > 0) return yield* Effect.fail(new StoreSettingsLost({ store }));
  });
}

function stores({ store, synchronous = "FULL" }: EmbeddedOptions) {
  if (store === undefined) return Layer.mergeAll(layerMemoryLog(), layerMemory, layerMemoryShared);
  return Layer.mergeAll(
    layerSqlite({ file: join(store, "log.db"), synchronous }),
    layerKeyv({ file: join(store, "state.db") }),
    layerKeyvShared({ file: join(store, "cluster.db"), synchronous: "FULL" }),
  );
}

/** There is no clock but this process's. */
function soleReport({ partitions }: Pick<WeftNode, "partitions">) {
  return { ...nodeReport("embedded", partitions), clockOffsetMs: 0, uncertaintyMs: 0 };
}
