/**
 * A worker: takes tasks of one resource, calls a handler for each, and brings the outcomes to the engine.
 */
import type { Msg } from "@nats-io/transport-node";
import {
  type EncodedResult,
  type OutcomeLimits,
  RecentMap,
  runHandler,
  type TaskHandler,
  type TaskMessage,
  TaskRun,
} from "../tasks/mod.ts";
import { TASK_ACK_WAIT_MS } from "../nats/mod.ts";
import { defaultLimits, type TaskId } from "../values/mod.ts";
import { TaskConsumer } from "./task_consumer.ts";
import { TaskSettlement } from "./task_settlement.ts";
import type { WeftClient } from "./weft_client.ts";

/** What a worker is made of. */
export interface WeftWorkerOptions {
  /** Its connection, tenant and namespace are the worker's. It must stay open for as long as the worker runs. */
  readonly client: WeftClient;
  /** The `Resource` of the Task states that it works for. */
  readonly resource: string;
  readonly handler: TaskHandler;
  /** Handlers that run at once. Default: 32. */
  readonly concurrency?: number;
  /** Heartbeats by itself, three times as often as the task asks for. Default: false, the handler calls `task.heartbeat()`. */
  readonly autoHeartbeat?: boolean;
  readonly limits?: OutcomeLimits;
  /** Milliseconds for one request to the engine. Default: 5,000. */
  readonly timeoutMs?: number;
  /** Milliseconds between the server's signs of life while the worker waits for tasks. Default: 1,000. */
  readonly idleHeartbeatMs?: number;
  /** Told of what is wrong and being seen to, and of tasks whose outcome was refused. */
  readonly onTrouble?: (problem: string, cause?: unknown) => void;
}

/** One task in the worker's hands. */
interface InHand {
  readonly run: TaskRun;
  /** The newest delivery of it: the one that can be acknowledged. */
  message: Msg;
  /** Its handler has returned, and holds no place any more. */
  isReturned: boolean;
  timers: ReturnType<typeof setInterval>[] | undefined;
}

const CONCURRENCY = 32;
const TIMEOUT_MS = 5_000;
const IDLE_HEARTBEAT_MS = 1_000;
/** The lease is extended three times before it would end. */
const LEASE_MS = TASK_ACK_WAIT_MS / 3;
/** Outcomes on their way at once, for each place of `concurrency`; beyond it no more tasks are taken. */
const SETTLING_PER_PLACE = 8;
/** Tasks that are remembered when they are done: a second delivery of one is acknowledged and not done again. */
const SETTLED_KEPT_MAX = 10_000;

const utf8 = new TextEncoder();
const ACK = utf8.encode("+ACK");
const NAK = utf8.encode("-NAK");
const NAK_LATER = utf8.encode('-NAK {"delay":1000000000}'); // nanoseconds
const IN_PROGRESS = utf8.encode("+WPI");
const TERMINATE = utf8.encode("+TERM");

/**
 * Takes tasks of one resource from `run` until `stop`. Workers of one resource share its tasks, in one process or many.
 *
 * A task is acknowledged when the engine has answered for its outcome. A worker that dies leaves its tasks to others after 30 s; a
 * handler may run for as long as it likes, its lease is extended. What a handler returns is the output, what it throws the failure
 * (see `TaskHandler`). A result that is no JSON or too large fails the task.
 *
 * @example A worker that charges cards
 * ```ts
 * import { TaskFailure } from "../tasks/mod.ts";
 * import { WeftClient } from "./weft_client.ts";
 *
 * const client = await WeftClient.connect({ servers: process.env["WEFT_NATS_URL"] ?? "nats://127.0.0.1:4222" });
 * const worker = new WeftWorker({
 *   client,
 *   resource: "charge",
 *   concurrency: 64,
 *   handler: async (input, task) => {
 *     const { cents } = input as { readonly cents: number };
 *     if (cents > 100_000) throw new TaskFailure("CardDeclined", `No cover for ${cents} cents`);
 *     await task.heartbeat();
 *     return { charged: cents, receipt: task.taskId };
 *   },
 * });
 * const running = worker.run();
 * await worker.stop(); // takes no more, and ends what runs
 * await running;
 * await client.close();
 * ```
 */
export class WeftWorker {
  readonly #options: WeftWorkerOptions;
  readonly #concurrency: number;
  readonly #limits: OutcomeLimits;
  readonly #consumer: TaskConsumer;
  readonly #settlement: TaskSettlement;
  readonly #inHand = new Map<TaskId, InHand>();
  readonly #settled = new RecentMap<true>(SETTLED_KEPT_MAX);
  /** Handlers that run, or wait for their activation. */
  #activeCount = 0;
  #state: "new" | "running" | "draining" | "stopped" = "new";
  #leaseTimer: ReturnType<typeof setInterval> | undefined;
  readonly #stopped: Promise<void>;
  #settleStopped: () => void = () => {};

  constructor(options: WeftWorkerOptions) {
    const { client, resource, idleHeartbeatMs = IDLE_HEARTBEAT_MS, timeoutMs = TIMEOUT_MS } = options;
    const { tenant, namespace, connection, requests } = client;
    this.#options = options;
    this.#concurrency = options.concurrency ?? CONCURRENCY;
    this.#limits = options.limits ?? defaultLimits;
    this.#stopped = new Promise((resolve) => this.#settleStopped = resolve);
    this.#settlement = new TaskSettlement({
      requests,
      subject: `weft.api.${tenant}.${namespace}.tasks`,
      timeoutMs,
      isGivenUp: () => this.#state === "stopped",
    });
    this.#consumer = new TaskConsumer({
      connection,
      tenant,
      namespace,
      resource,
      heartbeatMs: idleHeartbeatMs,
      wanted: () => this.#places(),
      onTask: (message) => this.#onTask(message),
      onTrouble: (problem, cause) => this.#trouble(problem, cause),
    });
  }

  /** Tasks taken and not settled. */
  get taskCount(): number {
    return this.#inHand.size;
  }

  /** Works until `stop` has ended, or the client's connection is closed. Waits for the stream of tasks where there is none yet. */
  run(): Promise<void> {
    if (this.#state !== "new") return this.#stopped;
    this.#state = "running";
    this.#leaseTimer = setInterval(() => this.#extendLeases(), LEASE_MS);
    void this.#options.client.connection.closed().then(() => this.#end());
    this.#consumer.start();
    return this.#stopped;
  }

  /**
   * Takes no more tasks and waits until those in hand are settled; with `abort` their signals are aborted and they are left to
   * other workers at once. A second call may still abort.
   */
  stop({ abort = false }: { readonly abort?: boolean } = {}): Promise<void> {
    if (this.#state === "new") this.#end();
    if (this.#state === "running") {
      this.#state = "draining";
      this.#consumer.pause();
    }
    if (abort) {
      for (const { run, message } of this.#inHand.values()) {
        run.abort("the worker stops");
        respond(message, NAK);
      }
      this.#end();
    }
    this.#endIfDrained();
    return this.#stopped;
  }

  #places(): number {
    const settlingCount = this.#inHand.size - this.#activeCount;
    return settlingCount > this.#concurrency * SETTLING_PER_PLACE ? 0 : this.#concurrency - this.#activeCount;
  }

  #onTask(message: Msg): void {
    const task = readTask(message);
    if (task === undefined) {
      this.#trouble("A message on the stream of tasks is no task; it is taken off");
      return respond(message, TERMINATE);
    }
    if (this.#settled.has(task.taskId)) return respond(message, ACK);
    const known = this.#inHand.get(task.taskId);
    if (known !== undefined) {
      known.message = message; // delivered again while we work on it: the work is not done twice
      return;
    }
    const { resource, client: { tenant, namespace } } = this.#options;
    if (task.resource !== resource || !task.taskId.startsWith(`/${tenant}/${namespace}/`)) {
      this.#trouble(`A task came that is another worker's: "${task.taskId}" of resource "${task.resource}"`);
      return respond(message, NAK_LATER); // to its own worker, sooner or later
    }
    if (this.#state !== "running") return respond(message, NAK);
    this.#begin(task, message);
  }

  #begin(task: TaskMessage, message: Msg): void {
    const run = new TaskRun(
      task,
      (beating) => new Promise((resolve) => this.#settlement.heartbeat(beating.message, resolve)),
    );
    const inHand: InHand = { run, message, isReturned: false, timers: undefined };
    this.#inHand.set(task.taskId, inHand);
    this.#activeCount++;
    if (task.timeoutSeconds === undefined && task.heartbeatSeconds === undefined) return this.#call(inHand);
    // The task's clock must start before the work does.
    this.#settlement.activate(task, (goesOn) => {
      if (!goesOn) return this.#settle(inHand);
      this.#keepTime(inHand);
      this.#call(inHand);
    });
  }

  #keepTime(inHand: InHand): void {
    const { run } = inHand;
    const { timeoutSeconds, heartbeatSeconds } = run;
    const timers: ReturnType<typeof setInterval>[] = [];
    if (timeoutSeconds !== undefined && timeoutSeconds < TIMER_SECONDS_MAX) {
      timers.push(setTimeout(() => run.abort(`it has timed out after ${timeoutSeconds} s`), timeoutSeconds * 1_000));
    }
    if (this.#options.autoHeartbeat === true && heartbeatSeconds !== undefined) {
      const everyMs = Math.min(heartbeatSeconds, TIMER_SECONDS_MAX) * 1_000 / 3;
      timers.push(setInterval(() => void run.heartbeat(), everyMs));
    }
    inHand.timers = timers;
  }

  #call(inHand: InHand): void {
    const { run } = inHand;
    const { handler } = this.#options;
    runHandler(handler, run.message.input, run, this.#limits, (outcome) => this.#returned(inHand, outcome));
  }

  #returned(inHand: InHand, outcome: EncodedResult): void {
    this.#release(inHand);
    if (this.#state === "stopped") return; // it was left to others
    this.#settlement.settle(inHand.run.message, outcome, (settled, refusal) => {
      if (settled === "givenUp") {
        respond(inHand.message, NAK);
        this.#inHand.delete(inHand.run.taskId);
        return this.#endIfDrained();
      }
      if (settled === "refused") this.#trouble(`The outcome of task "${inHand.run.taskId}" was refused`, refusal);
      this.#settle(inHand);
    });
  }

  /** The place is free: another task may come while the outcome is on its way. */
  #release(inHand: InHand): void {
    if (inHand.isReturned) return;
    inHand.isReturned = true;
    this.#activeCount--;
    for (const timer of inHand.timers ?? []) clearInterval(timer);
    this.#consumer.pull();
  }

  #settle(inHand: InHand): void {
    this.#release(inHand);
    const { taskId } = inHand.run;
    respond(inHand.message, ACK);
    this.#inHand.delete(taskId);
    this.#settled.set(taskId, true);
    if (this.#state === "running") this.#consumer.pull();
    else this.#endIfDrained();
  }

  #extendLeases(): void {
    for (const { message } of this.#inHand.values()) respond(message, IN_PROGRESS);
  }

  #endIfDrained(): void {
    if (this.#state === "draining" && this.#inHand.size === 0) this.#end();
  }

  #end(): void {
    if (this.#state === "stopped") return;
    this.#state = "stopped";
    clearInterval(this.#leaseTimer);
    this.#consumer.close();
    for (const inHand of this.#inHand.values()) {
      inHand.run.abort("the worker has stopped");
      for (const timer of inHand.timers ?? []) clearInterval(timer);
    }
    this.#settleStopped();
  }

  #trouble(problem: string, cause?: unknown): void {
    this.#options.onTrouble?.(problem, cause);
  }
}

/** Longer ones do not fit in a timer, and outlive any worker. */
const TIMER_SECONDS_MAX = 2_000_000;

function readTask(message: Msg): TaskMessage | undefined {
  try {
    const task = message.json<TaskMessage>();
    return typeof task.taskId === "string" && typeof task.token === "string" ? task : undefined;
  } catch {
    return undefined;
  }
}

/** Answers a delivery; on a connection that is gone it comes again, to someone. */
function respond(message: Msg, answer: Uint8Array): void {
  try {
    message.respond(answer);
  } catch {
    // closed: nothing can be said any more
  }
}
