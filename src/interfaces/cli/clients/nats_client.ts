/** Client and worker on NATS, over `src/sdk`. */
import type { NatsConnection } from "@nats-io/transport-node";
import type { ExecutionDescription } from "../../../runtime/engine.ts";
import { openConnection } from "../../../nats/mod.ts";
import { WeftClient, WeftError, WeftWorker } from "../../../sdk/mod.ts";
import type { ClientPort, ConnectionOptions, StandingOrdersPort, WorkerOptions, WorkerPort } from "../homes.ts";
import { present } from "../../../values/mod.ts";

/** Milliseconds that a command asks on while no engine answers: a person waits for it. */
const PATIENCE_MS = 3_000;
/** Milliseconds that somebody who waits for an execution's end bears an engine that is away. */
const AWAY_MS_MAX = 60_000;

/** A client of the engine behind a NATS server. Rejects when NATS cannot be reached. */
export async function connectNatsClient(options: ConnectionOptions): Promise<ClientPort> {
  return clientPort(await connected(options));
}

/** A worker on a NATS server. Rejects when NATS cannot be reached. */
export async function connectNatsWorker(options: WorkerOptions): Promise<WorkerPort> {
  return workerPort(await connected(options), options);
}

/** `nats://a,nats://b` are two addresses of one cluster. */
export function serversOf(url: string): string[] {
  return url.split(",").map((one) => one.trim()).filter((one) => one !== "");
}

async function connected(options: ConnectionOptions): Promise<WeftClient> {
  const { url, tenant, namespace, credentialsFile } = options;
  const connection = await openConnection({
    servers: serversOf(url),
    name: "weft cli",
    ...present({ credentialsFile }),
  });
  return new WeftClient({ connection, tenant, namespace, patienceMs: PATIENCE_MS }, true);
}

function clientPort(client: WeftClient): ClientPort {
  return {
    putWorkflow: (request) => client.putWorkflow(request),
    describeWorkflow: (name) => client.describeWorkflow(name),
    listWorkflows: (page) => client.workflowsPage(page),
    deleteWorkflow: (name) => client.deleteWorkflow(name),
    standing: standingOrders(client),
    startExecution: (request) => client.start(request),
    awaitExecution: (executionId) => awaitEnd(client, executionId),
    describeExecution: (executionId, options) => client.describe(executionId, options),
    executionHistory: (request) => client.historyPage(request),
    listExecutions: (request) => client.listPage(request),
    cancelExecution: ({ executionId, ...why }) => client.cancel(executionId, why),
    redriveExecution: (executionId) => client.redrive(executionId),
    deleteExecution: (executionId) => client.delete(executionId),
    async subscribe(executionId, listener) {
      const feed = await client.subscribe(executionId === undefined ? {} : { executionId, from: "start" });
      const ended = (async () => {
        for await (const item of feed) listener(item);
      })();
      return { ended, close: () => feed.close() };
    },
    onConnection: (listener) => listenToConnection(client.connection, listener),
    close: () => client.close(),
  };
}

function standingOrders({ schedules, triggers }: WeftClient): StandingOrdersPort {
  return {
    putSchedule: (request) => schedules.put(request),
    describeSchedule: (name) => schedules.describe(name),
    listSchedules: (page) => schedules.page(page),
    deleteSchedule: (name) => schedules.delete(name),
    putTrigger: (request) => triggers.put(request),
    describeTrigger: (name) => triggers.describe(name),
    listTriggers: (page) => triggers.page(page),
    deleteTrigger: (name) => triggers.delete(name),
  };
}

/** Waits over restarts of the engine: an answer within a minute starts the minute anew. */
async function awaitEnd(client: WeftClient, executionId: string): Promise<ExecutionDescription> {
  for (let awaySinceMs: number | undefined;;) {
    try {
      const found = await client.describe(executionId);
      awaySinceMs = undefined;
      if (found.endedAt !== undefined) return found;
      return await client.waitFor(executionId, { timeoutMs: Infinity });
    } catch (thrown) {
      const isAway = thrown instanceof WeftError && (thrown.code === "Unavailable" || thrown.code === "Timeout");
      awaySinceMs ??= performance.now();
      if (!isAway || performance.now() - awaySinceMs > AWAY_MS_MAX) throw thrown;
    }
  }
}

function listenToConnection(connection: NatsConnection, listener: (isConnected: boolean) => void): () => void {
  let isListening = true;
  void (async () => {
    for await (const { type } of connection.status()) {
      if (!isListening) return;
      if (type === "disconnect") listener(false);
      if (type === "reconnect") listener(true);
    }
  })();
  return () => {
    isListening = false;
  };
}

function workerPort(client: WeftClient, options: WorkerOptions): WorkerPort {
  const { resource, handler, concurrency, autoHeartbeat, onTrouble } = options;
  const worker = new WeftWorker({ client, resource, handler, concurrency, autoHeartbeat, onTrouble });
  let isStopping = false;
  const failed = worker.run().then((): Promise<never> => {
    if (isStopping) return new Promise(() => {});
    throw new WeftError("ConnectionClosed", "The connection to NATS is closed: the worker cannot go on");
  });
  failed.catch(() => {}); // whoever waits for it hears of it
  return {
    failed,
    async close({ abort = false } = {}) {
      isStopping = true;
      await worker.stop({ abort });
      await client.close();
    },
  };
}
