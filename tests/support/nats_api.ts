import { Effect, Exit, Layer, Logger, Scope } from "effect";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { type NatsApiOptions, natsFeed, serveNatsApi } from "../../src/interfaces/nats_api/mod.ts";
import { type JetStreamTasksOptions, layerJetStreamTasks } from "../../src/tasks/jetstream/mod.ts";
import { TaskDispatcher } from "../../src/tasks/port.ts";
import { FakeEngine } from "./fake_engine.ts";
import { type NatsServer, startNatsServer } from "./nats_server.ts";

/** A nats-server, a fake engine behind the real services, and a connection for the test's own requests. */
export interface ServedApi {
  readonly server: NatsServer;
  readonly engine: FakeEngine;
  /** The engine's connection: close it to take the engine away. */
  readonly engineConnection: NatsConnection;
  readonly connection: NatsConnection;
  /** What the engine logged. */
  readonly logged: string[];
  /** Stops serving; the server goes on. */
  stopServing(): Promise<void>;
  /** Serves the same engine again after `stopServing`. */
  serveAgain(): Promise<void>;
  close(): Promise<void>;
}

/** Starts all of it. Whoever starts one closes it. */
export async function serveFakeEngine(
  options: Partial<NatsApiOptions> = {},
  configuration?: string,
): Promise<ServedApi> {
  const server = await startNatsServer(configuration === undefined ? {} : { configuration });
  const settings = { servers: server.url, reconnectTimeWait: 50, maxReconnectAttempts: -1, noAsyncTraces: true };
  const [engineConnection, connection] = await Promise.all([connect(settings), connect(settings)]);
  const engine = new FakeEngine({ onFeed: natsFeed(engineConnection) });
  const logged: string[] = [];
  const serve = async () => {
    const scope = Scope.makeUnsafe();
    const serving = serveNatsApi(engineConnection, engine, { version: "0.0.1", ...options }).pipe(
      Effect.provide(Logger.layer([Logger.map(Logger.formatJson, (line) => logged.push(line))])),
    );
    await Effect.runPromise(Scope.provide(serving, scope));
    return scope;
  };
  let scope = await serve();
  const stopServing = () => Effect.runPromise(Scope.close(scope, Exit.void));
  return {
    server,
    engine,
    engineConnection,
    connection,
    logged,
    stopServing,
    async serveAgain() {
      scope = await serve();
    },
    async close() {
      await stopServing();
      await Promise.all([engineConnection.close(), connection.close()]);
      await server.stop();
    },
  };
}

/** The tasks of the served engine go out on the stream `WEFT_TASKS`, until the returned function is called. */
export async function dispatchTasks(
  { engine, engineConnection }: ServedApi,
  options: Partial<JetStreamTasksOptions> = {},
): Promise<() => Promise<void>> {
  const scope = Scope.makeUnsafe();
  const layer = layerJetStreamTasks({
    connection: engineConnection,
    checkIntervalMs: 50,
    retryDelayMs: 5,
    answerTimeoutMs: 300,
    ...options,
  });
  const quiet = Logger.layer([]);
  const context = await Effect.runPromise(Layer.buildWithScope(layer, scope).pipe(Effect.provide(quiet)));
  const dispatcher = Effect.runSync(Effect.provide(Effect.service(TaskDispatcher), context));
  engine.onTask = (task) => dispatcher.dispatch([task]);
  const isOpen = (status: string) => status === "Created" || status === "Activated";
  Effect.runSync(dispatcher.onLost(() => {
    dispatcher.dispatch(
      [...engine.tasks.values()].filter(({ status }) => isOpen(status)).map(({ message }) => message),
    );
  }));
  return () => Effect.runPromise(Scope.close(scope, Exit.void));
}

/** A definition that the fake engine runs as one task of this resource. */
export function oneTask(resource: string, fields: { readonly [field: string]: number } = {}) {
  return { StartAt: "Work", States: { Work: { Type: "Task", Resource: resource, End: true, ...fields } } };
}
