/**
 * Takes task messages off the stream: a durable pull consumer that all workers of one resource share, and a loop that asks
 * it for as many messages as there are hands free, no more.
 *
 * What can go wrong with a consumer goes wrong in silence (it is deleted, its leader moves, it stops delivering), so silence is
 * watched: heartbeats that stay out, messages that wait although we ask.
 */
import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { type Msg, nanos, type NatsConnection } from "@nats-io/transport-node";
import { ensureTaskConsumer, newInbox, TASK_ACK_PENDING_MAX, TASK_STREAM, type TaskQueue } from "../nats/mod.ts";
import { type Backoff, backoffDelayMs } from "../values/mod.ts";

/** What a consumer is for, and whom it tells. */
export interface TaskConsumerOptions extends TaskQueue {
  readonly connection: NatsConnection;
  /** Messages that may be asked for now, those already asked for included. */
  readonly wanted: () => number;
  readonly onTask: (message: Msg) => void;
  /** Something is wrong and is being seen to. */
  readonly onTrouble: (problem: string, cause?: unknown) => void;
  /** Milliseconds between the server's signs of life while we wait. */
  readonly heartbeatMs: number;
}

/** How long the server may take to make the consumer or to tell of it, milliseconds: longer than it takes to elect a leader. */
const ANSWER_MS_MAX = 2_000;
const PULL_EXPIRES_MS = 30_000;
/** A delay of 200 to 400 ms. */
const RECOVERIES_AT_RECONNECT = 3;
const HEARTBEATS_MISSED_MAX = 2;
const STUCK_CHECK_HEARTBEATS = 6;
const RECOVERY: Backoff = { firstMs: 50, mostMs: 5_000 };
const utf8 = new TextEncoder();

interface Delivered {
  readonly sequence: number;
  readonly waiting: number;
}

/** Asks and takes, from `start` until `close`. */
export class TaskConsumer {
  /** Durable name of the consumer, once it is known. */
  #name = "";
  readonly #options: TaskConsumerOptions;
  readonly #inbox: string;
  readonly #unsubscribe: () => void;
  #manager: JetStreamManager | undefined;
  /** Asked for and neither delivered nor given up by the server. */
  #asked = 0;
  #isReady = false;
  #isRecovering = false;
  #isPaused = false;
  #isClosed = false;
  #isPullScheduled = false;
  /** In a row, without a message between them. */
  #recoveries = 0;
  #lastHeardMs = performance.now();
  #lastDelivered: Delivered | undefined;
  #ticks = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(options: TaskConsumerOptions) {
    const { connection } = options;
    this.#inbox = newInbox(connection);
    this.#options = options;
    const subscription = connection.subscribe(this.#inbox, {
      callback: (failure, message) => {
        if (failure === null) this.#onMessage(message);
        else options.onTrouble("The subscription for tasks failed", failure);
      },
    });
    this.#unsubscribe = () => {
      if (!connection.isClosed()) subscription.unsubscribe();
    };
  }

  /** Begins to ask; makes the consumer where there is none, and waits for the stream where there is none yet. */
  start(): void {
    this.#timer = setInterval(() => this.#tick(), this.#options.heartbeatMs);
    void this.#followConnection();
    this.#recover();
  }

  /** Asks for more if hands are free; many calls in a row become one request. */
  pull(): void {
    if (this.#isPullScheduled || !this.#isReady || this.#isPaused) return;
    this.#isPullScheduled = true;
    queueMicrotask(() => {
      this.#isPullScheduled = false;
      this.#pullNow();
    });
  }

  /** Asks for nothing more; what was asked for may still come. */
  pause(): void {
    this.#isPaused = true;
  }

  /** Stops listening. Repeats are harmless. */
  close(): void {
    if (this.#isClosed) return;
    this.#isPaused = true;
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#unsubscribe();
  }

  #pullNow(): void {
    const { connection, wanted, heartbeatMs } = this.#options;
    if (!this.#isReady || this.#isPaused || connection.isClosed() || connection.isDraining()) return;
    const most = wanted();
    const batch = most - this.#asked;
    // A quarter at a time: not a request for each message.
    if (batch <= 0 || (this.#asked > 0 && batch * 4 < most)) return;
    if (this.#asked === 0) this.#lastHeardMs = performance.now();
    this.#asked += batch;
    const request = { batch, expires: nanos(PULL_EXPIRES_MS), idle_heartbeat: nanos(heartbeatMs) };
    const subject = `$JS.API.CONSUMER.MSG.NEXT.${TASK_STREAM}.${this.#name}`;
    connection.publish(subject, utf8.encode(JSON.stringify(request)), { reply: this.#inbox });
  }

  #onMessage(message: Msg): void {
    this.#lastHeardMs = performance.now();
    const { headers } = message;
    if (headers !== undefined && message.subject === this.#inbox) return this.#onStatus(headers.code, headers);
    if (this.#asked > 0) this.#asked--;
    this.#recoveries = 0;
    this.#options.onTask(message);
    this.pull();
  }

  /** What the server says of a pull request, in place of a message. */
  #onStatus(code: number, headers: NonNullable<Msg["headers"]>): void {
    if (code === 100) return; // a sign of life
    const left = Number(headers.get("Nats-Pending-Messages"));
    const isOver = code === 404 || code === 408;
    if (left > 0) this.#asked = Math.max(0, this.#asked - left);
    if (isOver || (code === 409 && left > 0)) return this.pull();
    // No such consumer, deleted, its leader or the server goes: all that was asked is void.
    this.#recover();
  }

  #tick(): void {
    if (this.#isRecovering && this.#asked === 0) this.#pullAnyway();
    if (!this.#isReady || this.#isPaused || this.#asked === 0) return;
    const silentMs = performance.now() - this.#lastHeardMs;
    if (silentMs > HEARTBEATS_MISSED_MAX * this.#options.heartbeatMs) {
      this.#options.onTrouble("The consumer of tasks is silent; asking again");
      return this.#recover();
    }
    if (++this.#ticks % STUCK_CHECK_HEARTBEATS === 0) void this.#checkStuck();
  }

  /** Looks for the consumer until it is there, then asks anew; meanwhile too, for who makes consumers may be away longer than the consumer. */
  #recover(): void {
    this.#asked = 0;
    this.#isReady = false;
    if (this.#isRecovering || this.#isClosed) return;
    this.#isRecovering = true;
    this.#pullAnyway();
    void this.#ensureConsumer().then((isThere) => {
      this.#isRecovering = false;
      this.#isReady = isThere;
      this.#lastHeardMs = performance.now();
      if (isThere) this.#pullNow();
    });
  }

  #pullAnyway(): void {
    if (this.#name === "") return;
    this.#isReady = true;
    this.#pullNow();
  }

  async #ensureConsumer(): Promise<boolean> {
    for (let isTold = false; !this.#isClosed && !this.#options.connection.isClosed(); this.#recoveries++) {
      if (this.#recoveries > 0) await this.#delay();
      try {
        await this.#add();
        this.#recoveries++;
        return true;
      } catch (failure) {
        if (!isTold) this.#options.onTrouble("The consumer of tasks cannot be made; trying again", failure);
        isTold = true;
      }
    }
    return false;
  }

  /** Longer each time, and not the same for all workers that lost their server at once. */
  async #delay(): Promise<void> {
    const delayMs = backoffDelayMs(RECOVERY, this.#recoveries);
    await new Promise((resolve) => setTimeout(resolve, delayMs * (0.5 + Math.random() / 2)));
  }

  /** Makes the consumer; where it is already, nothing changes. */
  async #add(): Promise<void> {
    this.#manager ??= await jetstreamManager(this.#options.connection, { checkAPI: false, timeout: ANSWER_MS_MAX });
    this.#name = await ensureTaskConsumer(this.#manager, this.#options);
  }

  /** Messages wait, we ask, and nothing moves between two looks: the consumer is made anew. Unacknowledged messages come again. */
  async #checkStuck(): Promise<void> {
    const before = this.#lastDelivered;
    try {
      const found = await this.#manager?.consumers.info(TASK_STREAM, this.#name);
      if (found === undefined) return;
      const { delivered, num_pending, num_ack_pending, paused } = found;
      const waiting = paused !== true && num_ack_pending < TASK_ACK_PENDING_MAX ? num_pending : 0;
      this.#lastDelivered = { sequence: delivered.stream_seq, waiting };
      if (before === undefined || before.waiting === 0 || waiting === 0) return;
      if (before.sequence !== delivered.stream_seq || this.#asked === 0 || this.#isPaused) return;
      this.#options.onTrouble("The consumer of tasks delivers nothing although tasks wait; making it anew");
      await this.#manager?.consumers.delete(TASK_STREAM, this.#name);
    } catch (failure) {
      this.#options.onTrouble("The consumer of tasks cannot be looked at", failure);
    }
    this.#recover();
  }

  async #followConnection(): Promise<void> {
    for await (const { type } of this.#options.connection.status()) {
      if (this.#isClosed) return;
      if (type !== "reconnect") continue;
      // All workers are here at once: not all at the same moment.
      this.#recoveries = Math.max(this.#recoveries, RECOVERIES_AT_RECONNECT);
      this.#recover();
    }
  }
}
