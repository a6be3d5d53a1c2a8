/**
 * The engine as a program sees it, over NATS: promises, typed errors, and a bounded patience with an engine that is away.
 */
import type { Msg, NatsConnection } from "@nats-io/transport-node";
import { openConnection } from "../nats/mod.ts";
import type {
  DescribeOptions,
  ExecutionDescription,
  ExecutionSummary,
  HistoryEvent,
  TaskAnswer,
  WorkflowDescription,
} from "../runtime/engine.ts";
import { type Backoff, backoffDelayMs, isSegment, type Json, present, type Space } from "../values/mod.ts";
import type { ExecutionState, ListFilter, PageOptions, StartOptions, WeftClientOptions } from "./client_options.ts";
import { type Feed, type FeedOptions, openFeed } from "./feed.ts";
import { RequestInbox } from "./request_inbox.ts";
import { ScheduleClient, TriggerClient } from "./standing_orders.ts";
import { refusalOf, WeftError } from "./weft_error.ts";

interface Policy {
  /** The same request twice does no more than once: it may be sent again when no answer came. */
  readonly isRepeatable: boolean;
  readonly timeoutMs: number;
  /** Milliseconds that one try may take. Default: `timeoutMs`. */
  readonly tryTimeoutMs?: number;
  /** Milliseconds without an answer after which a request that is repeatable is sent to another engine as well. */
  readonly againMs?: number;
}

const TIMEOUT_MS = 10_000;
const WAIT_TIMEOUT_MS = 300_000;
const PATIENCE_MS = 10_000;
const TRY_TIMEOUT_MS = 1_000;
/** Longer than the engine lets a describe wait. */
const DESCRIBE_WAIT_TIMEOUT_MS = 40_000;
/** A describe that waits is asked for once more after so long: the engine that has it may be gone without a word, milliseconds. */
const DESCRIBE_WAIT_AGAIN_MS = 10_000;
/** How long a start with a key waits for the end before the end is asked for on its own, milliseconds. */
const RUN_TRY_TIMEOUT_MS = 5_000;
const RETRY: Backoff = { firstMs: 20, mostMs: 1_000 };

/**
 * A client of one tenant's namespace. Every method rejects with a {@link WeftError}.
 *
 * @example Put a workflow, run it, read what happened
 * ```ts
 * import { deepStrictEqual } from "node:assert/strict";
 *
 * const client = await WeftClient.connect({ servers: process.env["WEFT_NATS_URL"] ?? "nats://127.0.0.1:4222" });
 * await client.putWorkflow({
 *   name: "greet",
 *   definition: { StartAt: "Greet", States: { Greet: { Type: "Pass", Result: { hello: "world" }, End: true } } },
 * });
 * const ended = await client.run({ workflow: "greet", input: {}, key: "greeting-1" });
 * deepStrictEqual([ended.status, ended.output], ["Succeeded", { hello: "world" }]);
 * const types: string[] = [];
 * for await (const event of client.history(ended.executionId)) types.push(event.type);
 * deepStrictEqual(types.at(-1), "ExecutionCompletedEvent");
 * await client.close();
 * ```
 */
export class WeftClient implements Space {
  readonly connection: NatsConnection;
  readonly tenant: string;
  readonly namespace: string;
  /** Where requests go out; a worker on this client shares it. */
  readonly requests: RequestInbox;
  readonly schedules: ScheduleClient;
  readonly triggers: TriggerClient;
  readonly #ownsConnection: boolean;
  readonly #timeoutMs: number;
  readonly #tryTimeoutMs: number;
  readonly #waitTimeoutMs: number;
  readonly #patienceMs: number;
  readonly #feeds = new Set<Feed>();

  /** @throws {RangeError} tenant or namespace cannot be one */
  constructor(options: WeftClientOptions & { readonly connection: NatsConnection }, ownsConnection = false) {
    const { connection, tenant = "default", namespace = "default" } = options;
    for (const name of [tenant, namespace]) {
      if (!isSegment(name)) {
        throw new RangeError(
          `Expected tenant and namespace to be 1 to 64 of A-Z, a-z, 0-9, "_" and "-", but got "${name}"`,
        );
      }
    }
    this.connection = connection;
    this.#ownsConnection = ownsConnection;
    this.tenant = tenant;
    this.namespace = namespace;
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    this.#tryTimeoutMs = options.tryTimeoutMs ?? TRY_TIMEOUT_MS;
    this.#waitTimeoutMs = options.waitTimeoutMs ?? WAIT_TIMEOUT_MS;
    this.#patienceMs = options.patienceMs ?? PATIENCE_MS;
    this.requests = new RequestInbox(connection);
    this.schedules = new ScheduleClient((...asked) => this.#ask(...asked));
    this.triggers = new TriggerClient((...asked) => this.#ask(...asked));
  }

  /** Connects, or takes the connection given. @throws {WeftError} `Unavailable`: no server could be reached */
  static async connect(options: WeftClientOptions): Promise<WeftClient> {
    if (options.connection !== undefined) return new WeftClient({ ...options, connection: options.connection });
    const { servers = "nats://127.0.0.1:4222", user, password, credentialsFile } = options;
    const urls = typeof servers === "string" ? [servers] : servers;
    try {
      const connection = await openConnection({
        servers: urls,
        ...present({ user, password, credentialsFile }),
      });
      return new WeftClient({ ...options, connection }, true);
    } catch (failure) {
      const reason = failure instanceof Error ? failure.message : String(failure);
      throw new WeftError("Unavailable", `Cannot connect to NATS at ${urls.join(", ")}: ${reason}`);
    }
  }

  /** Ends feeds and what is asked; closes the connection if it was opened by `connect`. Repeats are harmless. */
  async close(): Promise<void> {
    for (const feed of this.#feeds) feed.close();
    this.requests.close();
    if (this.#ownsConnection) await this.connection.close();
  }

  /** Keeps a definition under a name; the same definition again changes nothing. */
  putWorkflow(request: { readonly name: string; readonly definition: string | Json }): Promise<WorkflowDescription> {
    return this.#ask("workflows.put", request, true);
  }

  /** The newest revision with its definition. */
  describeWorkflow(name: string): Promise<WorkflowDescription> {
    return this.#ask("workflows.describe", { name }, true);
  }

  /** One page of workflows by name, without definitions. */
  workflowsPage(
    page: PageOptions = {},
  ): Promise<{ readonly workflows: readonly WorkflowDescription[]; readonly next?: string }> {
    return this.#ask("workflows.list", page, true);
  }

  /** All workflows by name. */
  async *listWorkflows(page: Pick<PageOptions, "limit"> = {}): AsyncGenerator<WorkflowDescription> {
    for (let next: string | undefined, isFirst = true; isFirst || next !== undefined; isFirst = false) {
      const found = await this.workflowsPage(next === undefined ? page : { ...page, next });
      yield* found.workflows;
      next = found.next;
    }
  }

  /** Running executions go on. */
  deleteWorkflow(name: string): Promise<{ readonly name: string }> {
    return this.#ask("workflows.delete", { name }, false);
  }

  /** Every finding about a definition; nothing is kept. */
  validateDefinition(
    definition: string | Json,
  ): Promise<{ readonly valid: boolean; readonly diagnostics: NonNullable<WorkflowDescription["diagnostics"]> }> {
    return this.#ask("workflows.validate", { definition }, true);
  }

  /** Starts an execution. Without a key it is asked once: on `Timeout` it may have been started. */
  start(request: StartOptions): Promise<ExecutionState> {
    return this.#ask("executions.start", request, request.key !== undefined);
  }

  /**
   * Starts an execution and waits for its end, up to `timeoutMs` (default: the client's `waitTimeoutMs`). An execution that fails is an
   * answer: see its `status`. With a key, an answer that was lost on the way is found again; without, that ends in `Timeout`.
   */
  async run(request: StartOptions, { timeoutMs = this.#waitTimeoutMs } = {}): Promise<ExecutionDescription> {
    const startedMs = performance.now();
    const hasKey = request.key !== undefined;
    try {
      const policy = { isRepeatable: false, timeoutMs, tryTimeoutMs: hasKey ? RUN_TRY_TIMEOUT_MS : timeoutMs };
      return await this.#askBy("executions.start", { ...request, wait: true }, policy);
    } catch (failure) {
      if (
        !hasKey || !(failure instanceof WeftError && failure.isOutcomeUnknown && failure.code !== "ConnectionClosed")
      ) {
        throw failure;
      }
      const { executionId } = await this.start(request);
      return await this.waitFor(executionId, { timeoutMs: timeoutMs - (performance.now() - startedMs) });
    }
  }

  /** The execution once it has ended. @throws {WeftError} `Timeout`: it still runs after `timeoutMs` */
  async waitFor(executionId: string, { timeoutMs = this.#waitTimeoutMs } = {}): Promise<ExecutionDescription> {
    const deadlineMs = performance.now() + timeoutMs;
    for (;;) {
      const leftMs = deadlineMs - performance.now();
      if (leftMs <= 0) throw new WeftError("Timeout", `Execution "${executionId}" has not ended after ${timeoutMs} ms`);
      const policy = {
        isRepeatable: true,
        timeoutMs: leftMs,
        tryTimeoutMs: DESCRIBE_WAIT_TIMEOUT_MS,
        againMs: DESCRIBE_WAIT_AGAIN_MS,
      };
      const found = await this.#askBy<ExecutionDescription>("executions.describe", { executionId, wait: true }, policy);
      if (found.endedAt !== undefined) return found;
    }
  }

  describe(executionId: string, options: DescribeOptions = {}): Promise<ExecutionDescription> {
    return this.#ask("executions.describe", { executionId, ...options }, true);
  }

  /** One page of history: events with `id > after`, oldest first; `next` is the following page's `after`. */
  historyPage(
    request: {
      readonly executionId: string;
      readonly after?: number;
      readonly limit?: number;
      /** Default: true. */
      readonly payloads?: boolean;
    },
  ): Promise<{ readonly events: readonly HistoryEvent[]; readonly next?: number }> {
    return this.#ask("executions.history", request, true);
  }

  /** The history so far, oldest first, read page by page as it is asked for. */
  async *history(
    executionId: string,
    { after = 0, limit }: { readonly after?: number; readonly limit?: number } = {},
  ): AsyncGenerator<HistoryEvent> {
    for (let next: number | undefined = after; next !== undefined;) {
      const page: { readonly events: readonly HistoryEvent[]; readonly next?: number } = await this.historyPage({
        executionId,
        after: next,
        ...present({ limit }),
      });
      yield* page.events;
      next = page.next;
    }
  }

  /** One page of executions, newest first, without payloads. */
  listPage(
    request: ListFilter & PageOptions = {},
  ): Promise<{ readonly executions: readonly ExecutionSummary[]; readonly next?: string }> {
    return this.#ask("executions.list", request, true);
  }

  /** Executions, newest first, without payloads, read page by page as they are asked for. */
  async *list(filter: ListFilter & Pick<PageOptions, "limit"> = {}): AsyncGenerator<ExecutionSummary> {
    for (let next: string | undefined, isFirst = true; isFirst || next !== undefined; isFirst = false) {
      const page = await this.listPage(next === undefined ? filter : { ...filter, next });
      yield* page.executions;
      next = page.next;
    }
  }

  /** Cancels an execution and all that runs below it. */
  cancel(
    executionId: string,
    { error, cause }: { readonly error?: string; readonly cause?: string } = {},
  ): Promise<ExecutionState> {
    return this.#ask("executions.cancel", { executionId, error, cause }, false);
  }

  /** Lets an execution that did not succeed go on from where it failed. With a `clientToken` the same wish again is no second redrive. */
  redrive(
    executionId: string,
    { clientToken }: { readonly clientToken?: string } = {},
  ): Promise<ExecutionState & { readonly redriveCount: number }> {
    return this.#ask("executions.redrive", { executionId, clientToken }, clientToken !== undefined);
  }

  /** Deletes an ended execution and its history. */
  delete(executionId: string): Promise<ExecutionState> {
    return this.#ask("executions.delete", { executionId }, false);
  }

  /** Ends a task with its output, by the token that came with it: for callbacks from outside of workers. */
  completeTask(token: string, output: Json): Promise<TaskAnswer> {
    return this.#ask("tasks.complete", { token, output }, false);
  }

  /** Ends a task with an error. */
  failTask(token: string, { error, cause }: { readonly error: string; readonly cause?: string }): Promise<TaskAnswer> {
    return this.#ask("tasks.fail", { token, error, cause }, false);
  }

  /** Says that a task is still being worked on. */
  heartbeatTask(token: string): Promise<TaskAnswer> {
    return this.#ask("tasks.heartbeat", { token }, true);
  }

  /**
   * What happens, as it happens: of one execution, or of all in the namespace. In order for each execution and without silent gaps:
   * a turn that was missed is read from the history. Resolves when the server knows of the subscription.
   *
   * @example Follow one execution from its start to its end
   * ```ts
   * import { deepStrictEqual } from "node:assert/strict";
   *
   * const client = await WeftClient.connect({ servers: process.env["WEFT_NATS_URL"] ?? "nats://127.0.0.1:4222" });
   * await client.putWorkflow({
   *   name: "pause",
   *   definition: { StartAt: "Pause", States: { Pause: { Type: "Wait", Seconds: 1, End: true } } },
   * });
   * const { executionId } = await client.start({ workflow: "pause", input: {} });
   * const types: string[] = [];
   * for await (const item of await client.subscribe({ executionId, from: "start" })) {
   *   if (item.type === "gap") continue; // told, then filled
   *   if (item.type === "events") types.push(...item.events.map((event) => event.type));
   * }
   * deepStrictEqual([types[0], types.at(-1)], ["ExecutionStartedEvent", "ExecutionCompletedEvent"]);
   * await client.close();
   * ```
   */
  async subscribe(options: FeedOptions = {}): Promise<Feed> {
    const feed = await openFeed(this, options);
    this.#feeds.add(feed);
    void feed.closed.then(() => this.#feeds.delete(feed));
    return feed;
  }

  #ask<T>(operation: string, body: object, isRepeatable: boolean): Promise<T> {
    return this.#askBy(operation, body, { isRepeatable, timeoutMs: this.#timeoutMs, againMs: this.#tryTimeoutMs });
  }

  async #askBy<T>(operation: string, body: object, policy: Policy): Promise<T> {
    const startedMs = performance.now();
    const subject = `weft.api.${this.tenant}.${this.namespace}.${operation}`;
    const text = JSON.stringify(body);
    const { tryTimeoutMs = policy.timeoutMs } = policy;
    const againMs = policy.isRepeatable ? policy.againMs : undefined;
    for (let attempt = 0;; attempt++) {
      const leftMs = policy.timeoutMs - (performance.now() - startedMs);
      const answer = await this.#askOnce<T>(subject, text, Math.max(1, Math.min(tryTimeoutMs, leftMs)), againMs);
      if (!(answer instanceof WeftError)) return answer;
      const delayMs = backoffDelayMs(RETRY, attempt);
      const nextMs = performance.now() - startedMs + delayMs;
      const isPatient = answer.code === "Timeout" || nextMs < this.#patienceMs;
      if (!isPatient || nextMs >= policy.timeoutMs || !mayRepeat(answer, policy)) throw answer;
      await new Promise((resolve) => setTimeout(resolve, delayMs));
    }
  }

  #askOnce<T>(subject: string, body: string, timeoutMs: number, againMs?: number): Promise<T | WeftError> {
    return new Promise((resolve) => {
      try {
        this.requests.request(subject, body, timeoutMs, (reply, noReply) => {
          resolve(reply === undefined ? unanswered(noReply, subject, timeoutMs) : read<T>(reply));
        }, againMs);
      } catch (failure) {
        const reason = failure instanceof Error ? failure.message : String(failure);
        resolve(new WeftError("PayloadTooLarge", `Cannot send the request to "${subject}": ${reason}`));
      }
    });
  }
}

function read<T>(reply: Msg): T | WeftError {
  try {
    return refusalOf(reply) ?? reply.json<T>();
  } catch {
    return new WeftError("Internal", `The answer is no JSON, ${reply.data.length} bytes`, { isOutcomeUnknown: true });
  }
}

function mayRepeat({ code, isOutcomeUnknown }: WeftError, { isRepeatable }: Policy): boolean {
  if (code === "Unavailable") return isRepeatable || !isOutcomeUnknown;
  return isRepeatable && code === "Timeout";
}

function unanswered(noReply: string | undefined, subject: string, timeoutMs: number): WeftError {
  if (noReply === "noResponders") return new WeftError("Unavailable", `No engine answers on "${subject}"`);
  const isOutcomeUnknown = true;
  if (noReply === "timedOut") {
    return new WeftError("Timeout", `No answer on "${subject}" within ${Math.round(timeoutMs)} ms`, {
      isOutcomeUnknown,
    });
  }
  return new WeftError("ConnectionClosed", `The connection was closed before an answer on "${subject}"`, {
    isOutcomeUnknown,
  });
}
