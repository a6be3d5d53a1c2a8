/**
 * The NATS services: three of them, found and measured by every NATS tool, over one desk that takes the requests.
 */
import { type Service, Svcm } from "@nats-io/services";
import type { NatsConnection } from "@nats-io/transport-node";
import { Effect, type Scope } from "effect";
import type { Engine } from "../../runtime/engine.ts";
import { type Backoff, backoffDelayMs, defaultLimits } from "../../values/mod.ts";
import type { StandingOrders } from "./standing_endpoints.ts";
import { type ApiLimits, type Endpoint, endpoints, type ServiceName } from "./endpoints.ts";
import { RequestDesk, type RequestDeskOptions } from "./request_desk.ts";
import { jsonSchemaText } from "./requests.ts";

/** Settings of the services. Defaults: 50,000 in flight, 50,000 waiters, AWS's limits. */
export interface NatsApiOptions extends Partial<Omit<RequestDeskOptions, "log">> {
  /** Semantic version that the services show. */
  readonly version: string;
  /** Instances with the same one share the requests. Default: `weft`. */
  readonly queueGroup?: string;
  readonly limits?: ApiLimits;
  /** Milliseconds after which `describe` with `wait` answers although the execution still runs. Default: 30,000. */
  readonly describeWaitMs?: number;
  /** Default: schedules and triggers are not served. */
  readonly standing?: StandingOrders;
  /** On closing: milliseconds that requests in work have to end. Default: 5,000. */
  readonly drainTimeoutMs?: number;
}

const descriptions: Readonly<Record<ServiceName, string>> = {
  "weft-executions": "Starts, shows and ends executions of workflows",
  "weft-workflows": "Keeps workflows: state machines in Amazon States Language, by name",
  "weft-tasks": "Takes the outcome of tasks from workers",
  "weft-schedules": "Keeps schedules: they start executions at their times",
  "weft-triggers": "Keeps triggers: they start an execution for each message of a subject",
};
const serviceNames = ["weft-executions", "weft-workflows", "weft-tasks", "weft-schedules", "weft-triggers"] as const;

const IN_FLIGHT_MAX = 50_000;
const WAITERS_MAX = 50_000;
const RESTART: Backoff = { firstMs: 100, mostMs: 30_000 };
const DRAIN_TIMEOUT_MS = 5_000;
const DESCRIBE_WAIT_MS = 30_000;

/**
 * Serves `engine` on `weft.api.*.*.…` until the scope closes.
 *
 * Succeeds when the subscriptions have reached the server. On closing, no new request is taken, those in work are answered
 * for up to `drainTimeoutMs`, and callers that wait for an execution's end are told `Unavailable` with `outcome: "unknown"`.
 * A service that loses its subscriptions is started again, at growing intervals, and each time logged.
 */
export const serveNatsApi = Effect.fnUntraced(function* (
  connection: NatsConnection,
  engine: Engine,
  options: NatsApiOptions,
): Effect.fn.Return<void, never, Scope.Scope> {
  const runFork = Effect.runForkWith(yield* Effect.context<never>());
  const desk = new RequestDesk(connection, {
    inFlightMax: options.inFlightMax ?? IN_FLIGHT_MAX,
    waitersMax: options.waitersMax ?? WAITERS_MAX,
    log: (entry) => void runFork(entry),
  });
  const { limits = defaultLimits, describeWaitMs = DESCRIBE_WAIT_MS, standing } = options;
  const table = endpoints(engine, limits, describeWaitMs, standing);
  yield* Effect.addFinalizer(() => desk.close(options.drainTimeoutMs ?? DRAIN_TIMEOUT_MS));
  for (const name of serviceNames) {
    const own = table.filter(({ service }) => service === name);
    if (own.length === 0) continue;
    yield* superviseService(connection, name, () => startService(connection, desk, name, own, options));
  }
  yield* Effect.promise(() => connection.flush());
});

/** Starts a service, and starts it again when it ends of itself; stops it with the scope. */
const superviseService = Effect.fnUntraced(function* (
  connection: NatsConnection,
  name: ServiceName,
  start: () => Promise<Service>,
): Effect.fn.Return<void, never, Scope.Scope> {
  let service = yield* Effect.promise(start);
  // Without its server a connection never drains.
  yield* Effect.addFinalizer(() => Effect.timeoutOption(Effect.promise(() => service.stop()), DRAIN_TIMEOUT_MS));
  const restarts = Effect.gen(function* () {
    for (let attempt = 0;; attempt++) {
      const delayMs = backoffDelayMs(RESTART, attempt);
      const reason = yield* Effect.promise(() => service.stopped);
      if (connection.isClosed()) return;
      yield* Effect.logError("A NATS service ended of itself and is started again", reason).pipe(
        Effect.annotateLogs({ service: name, delayMs }),
      );
      yield* Effect.sleep(delayMs);
      service = yield* Effect.promise(start);
    }
  });
  yield* Effect.forkScoped(restarts);
});

async function startService(
  connection: NatsConnection,
  desk: RequestDesk,
  name: ServiceName,
  table: readonly Endpoint[],
  options: NatsApiOptions,
): Promise<Service> {
  const service = await new Svcm(connection).add({
    name,
    version: options.version,
    description: descriptions[name],
    queue: options.queueGroup ?? "weft",
    statsHandler: ({ subject }) => Promise.resolve(desk.countsOf(subject)),
  });
  for (const endpoint of table) {
    service.addEndpoint(endpoint.name, {
      subject: endpoint.subject,
      metadata: metadataOf(endpoint),
      handler: (failure, message) => {
        if (failure === null) desk.take(endpoint, message);
      },
    });
  }
  return service;
}

function metadataOf({ description, request, reply }: Endpoint): Record<string, string> {
  return { description, request_schema: jsonSchemaText(request), reply_schema: jsonSchemaText(reply) };
}
