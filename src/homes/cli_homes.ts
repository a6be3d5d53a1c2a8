/** What the command line asks for, made of the homes and the client. */
import type { NatsConnection } from "@nats-io/transport-node";
import type {
  ClientPort,
  ConnectionOptions,
  DevOptions,
  EmbeddedHome,
  Homes,
  ServedHome,
  ServeOptions,
  WorkerOptions,
  WorkerPort,
} from "../interfaces/cli/mod.ts";
import type { FeedMessage } from "../runtime/mod.ts";
import { WeftClient, WeftWorker } from "../sdk/mod.ts";
import { openEmbeddedHome } from "./embedded.ts";
import { inspectNats } from "./inspect_nats.ts";
import { openNatsHome } from "./nats.ts";

/** The command line's port, for this version of Weft. */
export function cliHomes(version: string): Homes {
  return {
    version,
    openEmbedded: (options): Promise<EmbeddedHome> => openEmbeddedHome(options),
    serveNats: (options) => serveNats(options, version),
    serveDev,
    connectClient,
    connectWorker,
    inspectNats: ({ url, monitoringUrl }) => inspectNats(url, monitoringUrl),
  };
}

const never = new Promise<never>(() => {});

async function serveNats({ url, ...options }: ServeOptions, version: string): Promise<ServedHome> {
  const home = await openNatsHome({ url, ...options, version });
  return {
    listening: [{ name: "NATS services", address: url }],
    failed: never,
    close: () => home.close(),
  };
}

async function serveDev(options: DevOptions): Promise<ServedHome> {
  const { store, handlers, timeScale } = options;
  const home = await openEmbeddedHome({
    ...(store === undefined ? {} : { store }),
    ...(handlers === undefined ? {} : { handlers }),
    ...(timeScale === undefined ? {} : { timeScale }),
  });
  return { listening: [], failed: never, close: () => home.close() };
}

async function connectClient({ url, tenant, namespace }: ConnectionOptions): Promise<ClientPort> {
  const client = await WeftClient.connect({ servers: url.split(","), tenant, namespace });
  return {
    putWorkflow: (request) => client.putWorkflow(request),
    describeWorkflow: (name) => client.describeWorkflow(name),
    listWorkflows: (page) => client.workflowsPage(page),
    deleteWorkflow: (name) => client.deleteWorkflow(name),
    startExecution: (request) => client.start(request),
    // However long it takes: the longest timer there is.
    runExecution: (request) => client.run(request, { timeoutMs: 2 ** 31 - 1 }),
    describeExecution: (executionId) => client.describe(executionId),
    executionHistory: ({ executionId, ...page }) => client.historyPage({ executionId, ...page }),
    listExecutions: (filter) => client.listPage(filter),
    cancelExecution: ({ executionId, ...why }) => client.cancel(executionId, why),
    deleteExecution: (executionId) => client.delete(executionId),
    subscribe: (listener, executionId) => subscribe(client.connection, { tenant, namespace }, listener, executionId),
    close: () => client.close(),
  };
}

/** The bare feed: the monitor sees gaps and fills them by itself. */
async function subscribe(
  connection: NatsConnection,
  { tenant, namespace }: Pick<ConnectionOptions, "tenant" | "namespace">,
  listener: (message: FeedMessage) => void,
  executionId: string | undefined,
): Promise<() => void> {
  const last = executionId === undefined ? "*" : executionId.slice(executionId.lastIndexOf("/") + 1);
  const subscription = connection.subscribe(`weft.events.${tenant}.${namespace}.${last}`, {
    callback: (failure, message) => {
      if (failure !== null) return;
      const body = message.json<Omit<FeedMessage, "tenant" | "namespace">>();
      if (executionId === undefined || body.executionId === executionId) listener({ tenant, namespace, ...body });
    },
  });
  await connection.flush();
  return () => subscription.unsubscribe();
}

async function connectWorker(options: WorkerOptions): Promise<WorkerPort> {
  const { url, tenant, namespace, resource, handler, concurrency } = options;
  const client = await WeftClient.connect({ servers: url.split(","), tenant, namespace });
  const worker = new WeftWorker({ client, resource, handler, concurrency, autoHeartbeat: true });
  const running = worker.run();
  const failed = Promise.withResolvers<never>();
  running.catch(failed.reject);
  failed.promise.catch(() => {}); // whoever awaits it is told; nobody has to
  return {
    failed: failed.promise,
    close: async ({ abort = false } = {}) => {
      await worker.stop({ abort });
      await running;
      await client.close();
    },
  };
}
