import { fakeStandingOrders } from "./fake_standing_orders.ts";
import { Effect } from "effect";
import type {
  ClientPort,
  ConnectionOptions,
  DevOptions,
  EmbeddedHome,
  EmbeddedOptions,
  FeedSubscription,
  Homes,
  HttpOptions,
  InspectOptions,
  KeyPort,
  NatsFacts,
  ServedHome,
  ServeOptions,
  WorkerOptions,
  WorkerPort,
} from "../../../src/interfaces/cli/mod.ts";
import type { FeedMessage, RequestRefused } from "../../../src/runtime/engine.ts";
import { type FeedItem, FeedOrder } from "../../../src/sdk/mod.ts";
import type { Json, Space } from "../../../src/values/mod.ts";
import { FakeEngine } from "../fake_engine.ts";
import { runningTask } from "./running_task.ts";

/** A refusal such as the engine's. */
export function refusal(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** Homes over one {@link FakeEngine}, which note what was asked of them and what is still open. */
export class FakeHomes implements Homes {
  readonly version = "1.2.3";
  readonly engine = new FakeEngine();
  readonly embedded: EmbeddedOptions[] = [];
  readonly served: ServeOptions[] = [];
  readonly dev: DevOptions[] = [];
  readonly connections: ConnectionOptions[] = [];
  readonly workers: WorkerOptions[] = [];
  readonly workerCloses: ({ readonly abort?: boolean } | undefined)[] = [];
  readonly serverFailed = Promise.withResolvers<never>();
  readonly workerFailed = Promise.withResolvers<never>();
  /** Homes and clients that were opened and not closed. */
  openCount = 0;
  /** What the next opening or connecting fails with. */
  failure: Error | undefined;
  facts: NatsFacts | undefined;
  readonly inspected: InspectOptions[] = [];
  /** A close waits for it. */
  closing: Promise<void> = Promise.resolve();
  readonly #connections = new Set<(isConnected: boolean) => void>();
  readonly #listeners = new Set<(message: FeedMessage) => void>();

  constructor() {
    this.engine.onFeed = (message) => this.publish(message);
    this.serverFailed.promise.catch(() => {});
    this.workerFailed.promise.catch(() => {});
  }

  publish(message: FeedMessage): void {
    for (const listener of [...this.#listeners]) listener(message);
  }

  /** The connection of every client is lost, or there again. */
  connectionIs(isConnected: boolean): void {
    for (const listener of [...this.#connections]) listener(isConnected);
  }

  get subscriberCount(): number {
    return this.#listeners.size + this.#connections.size;
  }

  openKeys(): Promise<KeyPort> {
    return Promise.reject(new Error("Expected no access keys to be asked for"));
  }

  makeKeyFile(): Promise<void> {
    return Promise.reject(new Error("Expected no key file to be made"));
  }

  openEmbedded(options: EmbeddedOptions): Promise<EmbeddedHome> {
    return promised(() => this.#embedded(options));
  }

  #embedded(options: EmbeddedOptions): EmbeddedHome {
    this.#open();
    this.embedded.push(options);
    const { engine } = this;
    engine.onTask = (task) => {
      const handler = options.handlers?.[task.resource];
      if (handler === undefined) return;
      const space = { tenant: "local", namespace: "default" };
      queueMicrotask(async () => {
        try {
          const output = await handler(task.input, runningTask(task)) as Json;
          await Effect.runPromise(engine.completeTask({ ...space, token: task.token, output }));
        } catch (thrown) {
          const { name, message } = thrown as Error;
          await Effect.runPromise(engine.failTask({ ...space, token: task.token, error: name, cause: message }));
        }
      });
    };
    return {
      engine,
      onEvents: (listener) => this.#listen(listener),
      close: () => this.#close(),
    };
  }

  serveNats(options: ServeOptions): Promise<ServedHome> {
    this.served.push(options);
    return promised(() => this.#server("NATS services", options.url));
  }

  serveDev(options: DevOptions): Promise<ServedHome> {
    this.dev.push(options);
    return promised(() => this.#server("HTTP", `http://127.0.0.1:${options.port ?? 8083}`));
  }

  connectClient(options: ConnectionOptions): Promise<ClientPort> {
    return promised(() => {
      this.#open();
      this.connections.push(options);
      return this.#client({ tenant: options.tenant, namespace: options.namespace });
    });
  }

  /** Where a server answers by HTTP. */
  httpUrl: string | undefined;

  connectHttp(options: HttpOptions): Promise<Space & { readonly client: ClientPort }> {
    return promised(() => {
      if (options.url !== this.httpUrl) throw new Error("connect ECONNREFUSED");
      this.openCount += 1;
      const space = { tenant: options.tenant ?? "123456789012", namespace: options.namespace ?? "us-east-1" };
      return { ...space, client: this.#client(space) };
    });
  }

  connectWorker(options: WorkerOptions): Promise<WorkerPort> {
    return promised(() => this.#worker(options));
  }

  #worker(options: WorkerOptions): WorkerPort {
    this.#open();
    this.workers.push(options);
    return {
      failed: this.workerFailed.promise,
      close: async (how) => {
        this.workerCloses.push(how);
        if (how?.abort !== true) await this.closing;
        await this.#close();
      },
    };
  }

  inspectNats(options: InspectOptions): Promise<NatsFacts> {
    return promised(() => {
      this.inspected.push(options);
      if (this.failure !== undefined) throw this.failure;
      if (this.facts === undefined) throw new Error("no facts");
      return this.facts;
    });
  }

  #server(name: string, address: string): ServedHome {
    this.#open();
    return {
      listening: [{ name, address }],
      failed: this.serverFailed.promise,
      close: async () => {
        await this.closing;
        await this.#close();
      },
    };
  }

  readonly standing = fakeStandingOrders();

  #client(space: Space): ClientPort {
    const { engine } = this;
    const ask = <T>(answer: Effect.Effect<T, RequestRefused>) => Effect.runPromise(answer);
    return {
      standing: this.standing,
      putWorkflow: (request) => ask(engine.putWorkflow({ ...space, ...request })),
      describeWorkflow: (name) => ask(engine.describeWorkflow({ ...space, name })),
      listWorkflows: (page) => ask(engine.listWorkflows({ ...space, ...page })),
      deleteWorkflow: (name) => ask(engine.deleteWorkflow({ ...space, name })),
      startExecution: (request) => ask(engine.startExecution({ ...space, ...request })),
      awaitExecution: (executionId) => ask(engine.awaitExecution({ ...space, executionId })),
      describeExecution: (executionId, options) => ask(engine.describeExecution({ ...space, executionId, ...options })),
      executionHistory: (request) => ask(engine.executionHistory({ ...space, ...request })),
      listExecutions: (request) => ask(engine.listExecutions({ ...space, ...request })),
      cancelExecution: (request) => ask(engine.cancelExecution({ ...space, ...request })),
      redriveExecution: (executionId) => ask(engine.redriveExecution({ ...space, executionId })),
      deleteExecution: (executionId) => ask(engine.deleteExecution({ ...space, executionId })),
      subscribe: (executionId, listener) => this.#subscribe(space, executionId, listener),
      onConnection: (listener) => {
        this.#connections.add(listener);
        return () => this.#connections.delete(listener);
      },
      close: () => this.#close(),
    };
  }

  /** As the client of `src/sdk` does it: one order, over what is published and the engine's history. */
  async #subscribe(
    space: Space,
    executionId: string | undefined,
    listener: (item: FeedItem) => void,
  ): Promise<FeedSubscription> {
    const ended = Promise.withResolvers<void>();
    const order = new FeedOrder({
      history: (request) => Effect.runPromise(this.engine.executionHistory({ ...space, ...request })),
      sink: {
        events: (id, events) => {
          listener({ type: "events", executionId: id, events });
          if (id === executionId && events.some(({ type }) => type === "ExecutionCompletedEvent")) ended.resolve();
        },
        gapFound: (gap) => listener({ type: "gap", gap }),
        gapEnded: (gap, outcome) => listener({ type: "gapEnded", gap, outcome }),
      },
      followedMax: 100_000,
      fillsMax: 10,
      waitingMax: 1_000,
    });
    const close = this.#listen((message) => {
      if (executionId === undefined || message.executionId === executionId) order.accept(message);
    });
    try {
      if (executionId !== undefined) await order.begin(executionId);
    } catch (thrown) {
      close();
      throw thrown;
    }
    return { ended: ended.promise, close };
  }

  #listen(listener: (message: FeedMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #open(): void {
    if (this.failure !== undefined) throw this.failure;
    this.openCount += 1;
  }

  #close(): Promise<void> {
    this.openCount -= 1;
    return Promise.resolve();
  }
}

/** What `work` gives or throws, as a promise. */
function promised<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => resolve(work()));
}
