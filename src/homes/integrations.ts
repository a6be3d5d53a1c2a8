/** Which tasks a home does by itself, and with what. */
import { Effect, FiberSet, Scope } from "effect";
import type { NatsConnection } from "@nats-io/transport-node";
import {
  type AwsKeys,
  FileStore,
  HttpIntegration,
  type Integration,
  IntegrationRunner,
  LambdaIntegration,
  MapRunIntegration,
  MockIntegration,
  NatsIntegration,
  NatsObjectStore,
  NestedIntegration,
  type ObjectStores,
  type RunnerEngine,
  type S3Options,
  S3Store,
} from "../integrations/mod.ts";
import { connect } from "../nats/mod.ts";
import { defaultLimits, present } from "../values/mod.ts";
import type { TaskMessage } from "../tasks/mod.ts";
import type { TaskRoute } from "./task_route.ts";

/** A settings file as it was read. */
export interface SettingsFile {
  /** For messages. */
  readonly path: string;
  readonly text: string;
}

/** What the integrations of a home are set up with; what is absent is not there. */
export interface IntegrationSettings {
  /** Further ones, asked first. */
  readonly own?: readonly Integration[];
  /** `http://host:port` of a Lambda Invoke API. Absent: tasks of functions go to workers by the function's ARN. */
  readonly lambdaEndpoint?: string;
  /** Functions are called with these keys. Absent: calls are not signed. Secret. */
  readonly lambdaKeys?: AwsKeys;
  /** Credentials of HTTP endpoints, by the ARN of their connection. Secret. */
  readonly httpConnections?: SettingsFile;
  /** Internal networks that HTTP tasks may reach all the same: hosts, addresses, `address/bits`, or `*`. */
  readonly httpInternal?: readonly string[];
  /** Step Functions Local's mock configuration. */
  readonly mockConfig?: SettingsFile;
  /** What Map Runs read items from and write results to. */
  readonly objects?: ObjectSettings;
}

/** A NATS server that tasks find services on, and who asks there. */
export interface NatsSettings {
  readonly url: string;
  readonly credentialsFile?: string;
}

/** The NATS server of a home: its own connection, or one that is made when a task first needs it. */
export type NatsOfHome = { readonly connection: NatsConnection } | NatsSettings;

/** Where objects are, besides the NATS object store of a home on NATS. */
export interface ObjectSettings {
  readonly s3?: S3Options;
  /** A folder: each folder in it is a bucket. */
  readonly folder?: string;
}

/**
 * The integrations of a home; what they have in hand is aborted when the scope closes.
 *
 * @param nats of a home on NATS: its object store is one of those that Map Runs use
 * @throws {ConnectionsInvalid | MockConfigInvalid | RangeError} as a defect: settings that cannot be
 */
export function startIntegrations(
  settings: IntegrationSettings = {},
  nats?: NatsOfHome,
): Effect.Effect<HomeIntegrations, never, Scope.Scope> {
  return Effect.gen(function* () {
    const connection = nats === undefined ? undefined : yield* natsConnection(nats);
    const stores = objectStores(settings, nats !== undefined && "connection" in nats ? nats.connection : undefined);
    const http = httpIntegration(settings);
    const integrations = yield* runnerOf(integrationsOf(settings, http, stores, connection));
    const { mockConfig } = settings;
    const mocks = mockConfig === undefined ? undefined : yield* startMocks(mockConfig);
    return {
      integrations,
      mocks,
      traceHttp: (task, signal) => http.trace(task, signal),
      start: (engine) => {
        integrations.start(engine);
        mocks?.start(engine);
      },
    };
  });
}

/** What of a task route a home's integrations are. */
export interface HomeIntegrations extends Pick<TaskRoute, "integrations" | "mocks"> {
  /** Does an HTTP task outside any execution, and shows what was sent and came. */
  readonly traceHttp: HttpIntegration["trace"];
  /** To be called with the node, once that runs. */
  start(engine: RunnerEngine): void;
}

/** A runner whose work is interrupted when the scope closes. */
function runnerOf(integrations: readonly Integration[]): Effect.Effect<IntegrationRunner, never, Scope.Scope> {
  return IntegrationRunner.make(integrations, { limits: defaultLimits });
}

/** Mocked tasks, and how it is found out which they are. */
function startMocks(file: SettingsFile) {
  return Effect.gen(function* () {
    const integration = yield* MockIntegration.make(file);
    const runner = yield* runnerOf([integration]);
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

function objectStores({ objects: { s3, folder } = {} }: IntegrationSettings, nats?: NatsConnection): ObjectStores {
  return {
    ...(s3 === undefined ? {} : { s3: new S3Store(s3) }),
    ...(folder === undefined ? {} : { files: new FileStore(folder) }),
    ...(nats === undefined ? {} : { nats: new NatsObjectStore(nats) }),
  };
}

function httpIntegration({ httpConnections, httpInternal }: IntegrationSettings): HttpIntegration {
  return new HttpIntegration({
    limits: defaultLimits,
    ...present({ connections: httpConnections, internal: httpInternal }),
  });
}

function integrationsOf(
  { own = [], lambdaEndpoint, lambdaKeys }: IntegrationSettings,
  http: HttpIntegration,
  stores: ObjectStores,
  nats: (() => Promise<NatsConnection>) | undefined,
): readonly Integration[] {
  return [
    ...own,
    new MapRunIntegration({ limits: defaultLimits, stores }),
    new NestedIntegration(),
    http,
    ...(nats === undefined ? [] : [new NatsIntegration({ connection: nats, limits: defaultLimits })]),
    ...(lambdaEndpoint === undefined ? [] : [
      new LambdaIntegration({
        endpoint: lambdaEndpoint,
        limits: defaultLimits,
        ...present({ keys: lambdaKeys }),
      }),
    ]),
  ];
}
