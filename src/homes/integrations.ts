/** Which tasks a home does by itself, and with what. */
import { Effect, FiberSet, Scope } from "effect";
import type { NatsConnection } from "@nats-io/transport-node";
import {
  catalog,
  type HttpIntegration,
  IntegrationRunner,
  type IntegrationSettings,
  MockIntegration,
  objectStores,
  type RunnerEngine,
  type SettingsFile,
  type Surroundings,
} from "../integrations/mod.ts";
import type { NatsSettings } from "../interfaces/cli/mod.ts";
import { connect } from "../nats/mod.ts";
import { type Limits, present } from "../values/mod.ts";
import type { TaskMessage } from "../tasks/mod.ts";
import type { TaskRoute } from "./task_route.ts";

/** The NATS server of a home: its own connection, or one that is made when a task first needs it. */
export type NatsOfHome = { readonly connection: NatsConnection } | NatsSettings;

/**
 * The integrations of a home; what they have in hand is aborted when the scope closes.
 *
 * @param limits of the home
 * @param nats of a home on NATS: its object store is one of those that Map Runs use
 * @throws {ConnectionsInvalid | MockConfigInvalid | RangeError} as a defect: settings that cannot be
 */
export function startIntegrations(
  limits: Limits,
  settings: IntegrationSettings = {},
  nats?: NatsOfHome,
): Effect.Effect<HomeIntegrations, never, Scope.Scope> {
  return Effect.gen(function* () {
    const connection = nats === undefined ? undefined : yield* natsConnection(nats);
    const { own = [], mockConfig, objects = {} } = settings;
    const stores = objectStores(objects, nats !== undefined && "connection" in nats ? nats.connection : undefined);
    const surroundings: Surroundings = { limits, stores, ...present({ nats: connection }) };
    const { http: httpEntry, mapped: mappedEntry, ...others } = catalog;
    const mapped = mappedEntry.setUp(settings, surroundings);
    const http = httpEntry.setUp(settings, surroundings);
    const made = Object.values(others).flatMap(({ setUp }) => setUp(settings, surroundings) ?? []);
    const integrations = yield* IntegrationRunner.make([
      ...own,
      ...(mapped === undefined ? [] : [mapped]),
      http,
      ...made,
    ], { limits });
    const mocks = mockConfig === undefined ? undefined : yield* startMocks(limits, mockConfig);
    return {
      integrations,
      mocks,
      ...(mapped === undefined ? {} : { forWorker: (task: TaskMessage) => mapped.forWorker(task) }),
      traceHttp: (task, signal) => http.trace(task, signal),
      start: (engine) => {
        integrations.start(engine);
        mocks?.start(engine);
      },
    };
  });
}

/** What of a task route a home's integrations are. */
export interface HomeIntegrations extends Pick<TaskRoute, "integrations" | "mocks" | "forWorker"> {
  /** Does an HTTP task outside any execution, and shows what was sent and came. */
  readonly traceHttp: HttpIntegration["trace"];
  /** To be called with the node, once that runs. */
  start(engine: RunnerEngine): void;
}

/** Mocked tasks, and how it is found out which they are. */
function startMocks(limits: Limits, file: SettingsFile) {
  return Effect.gen(function* () {
    const integration = yield* MockIntegration.make(file);
    const runner = yield* IntegrationRunner.make([integration], { limits });
    const fork = yield* FiberSet.makeRuntime();
    return {
      runner,
      whether: (task: TaskMessage, then: (isMocked: boolean) => void) =>
        void fork(Effect.map(integration.isMocked(task), then)),
      start: (engine: RunnerEngine) => {
        integration.start(engine);
        runner.start(engine);
      },
    };
  });
}

/** How tasks get at the connection. One that is made here is closed with the scope. */
function natsConnection(nats: NatsOfHome): Effect.Effect<() => Promise<NatsConnection>, never, Scope.Scope> {
  if ("connection" in nats) return Effect.succeed(() => Promise.resolve(nats.connection));
  return Effect.map(Effect.scope, (scope) => {
    const { url, credentialsFile } = nats;
    const open = connect({
      servers: [url],
      name: "weft tasks",
      ...present({ credentialsFile }),
    });
    let made: Promise<NatsConnection> | undefined;
    return () =>
      made ??= Effect.runPromise(Effect.provideService(open, Scope.Scope, scope)).catch((failure) => {
        made = undefined; // the next task tries again
        throw failure;
      });
  });
}
