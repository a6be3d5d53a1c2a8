/**
 * JetStream publishes, many in flight at a time over one reply inbox.
 *
 * The client's own `js.publish` makes a timer, a promise and an error trace for each message, which costs several times the
 * message itself. Here one subscription takes all answers, one timer sweeps for those that did not come, and a bounded window
 * keeps a slow server from filling our memory.
 */
import { createInbox, headers, type Msg, type MsgHdrs, type NatsConnection } from "@nats-io/transport-node";

/** What JetStream is asked to do with a message besides storing it. */
export interface PublishOptions {
  /** Refuse unless the stream's last sequence is this one. */
  readonly expectedLastSequence?: number;
  /** Refuse unless the last sequence of the message's subject is this one; 0: the subject has no message. */
  readonly expectedLastSubjectSequence?: number;
  /** A repeat within the stream's duplicate window is not stored again. */
  readonly messageId?: string;
  /** Seconds after which the server removes the message; the stream must allow it. */
  readonly ttlSeconds?: number;
  /** More headers, taken as they are. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
}

/** The server answered that it did not take the message. `code` is JetStream's (10071: another last sequence). */
export interface PublishRefused {
  readonly _tag: "PublishRefused";
  readonly code: number;
  readonly description: string;
}

/** No answer came: whether the message was or will be stored is UNKNOWN. */
export interface PublishUnknown {
  readonly _tag: "PublishUnknown";
  readonly reason: "timedOut" | "noResponders" | "disconnected" | "closed" | "unreadableAnswer";
}

/** Why a message was not acknowledged. */
export type PublishFailure = PublishRefused | PublishUnknown;

/** Called once for each message that was taken in: `failure` is `undefined` when it is stored, `sequence` is then its place in the stream, else 0. */
export type OnPublished = (failure: PublishFailure | undefined, sequence: number) => void;

/** A publish that failed, as an error to throw: what the promise form rejects with. */
export class PublishFailed extends Error {
  override readonly name = "PublishFailed";
  readonly failure: PublishFailure;

  constructor(subject: string, failure: PublishFailure) {
    const why = failure._tag === "PublishRefused" ? `${failure.description} (${failure.code})` : failure.reason;
    super(`Cannot publish to "${subject}": ${why}`);
    this.failure = failure;
  }
}

/** Settings of a publisher. */
export interface PublisherOptions {
  /** Messages in flight. Default: 4,096. */
  readonly inFlightMax?: number;
  /** Milliseconds to wait for an answer, to within a tenth. Default: 5,000. */
  readonly timeoutMs?: number;
}

const SWEEPS_PER_TIMEOUT = 10;
const unknown = {
  timedOut: { _tag: "PublishUnknown", reason: "timedOut" },
  noResponders: { _tag: "PublishUnknown", reason: "noResponders" },
  disconnected: { _tag: "PublishUnknown", reason: "disconnected" },
  closed: { _tag: "PublishUnknown", reason: "closed" },
  unreadableAnswer: { _tag: "PublishUnknown", reason: "unreadableAnswer" },
} as const satisfies Record<PublishUnknown["reason"], PublishUnknown>;

interface InFlight {
  readonly onPublished: OnPublished;
  /** Sweep after which it has waited long enough. Sweeps are counted, not milliseconds: a process that was stopped for a minute hears its answers first. */
  readonly lastSweep: number;
}

interface PublishAnswer {
  readonly seq?: number;
  readonly error?: { readonly code?: number; readonly err_code?: number; readonly description?: string };
}

/**
 * Publishes to JetStream, in the order of the calls, up to `inFlightMax` at a time.
 *
 * While the connection is down nothing is sent and nothing is kept for later: what was in flight fails as unknown
 * when the connection goes, and new messages fail at once. Nothing is tried again. Close it before the connection.
 */
export class PipelinedPublisher {
  readonly #connection: NatsConnection;
  readonly #inFlightMax: number;
  readonly #sweepMs: number;
  readonly #inbox = `${createInbox()}.`;
  readonly #inFlight = new Map<number, InFlight>();
  readonly #unsubscribe: () => void;
  #waiting: (() => void)[] = [];
  #state: "open" | "disconnected" | "closed" = "open";
  #nextToken = 0;
  #sweep = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(connection: NatsConnection, options: PublisherOptions = {}) {
    this.#connection = connection;
    this.#inFlightMax = options.inFlightMax ?? 4_096;
    this.#sweepMs = Math.max(1, Math.ceil((options.timeoutMs ?? 5_000) / SWEEPS_PER_TIMEOUT));
    const callback = (failure: Error | null, message: Msg) => {
      if (failure === null) this.#onAnswer(message);
    };
    const subscription = connection.subscribe(`${this.#inbox}*`, { callback });
    this.#unsubscribe = () => subscription.unsubscribe();
    void this.#followConnection();
  }

  /** Messages that may be sent before the window is full. */
  get room(): number {
    return this.#inFlightMax - this.#inFlight.size;
  }

  /**
   * Sends one message and hears of its outcome by a call, never within this one. Allocates next to nothing.
   *
   * @returns false if the window is full: nothing was done; try again after `whenRoom`
   * @throws {Error} the message is larger than the server takes: a defect of the caller
   */
  send(subject: string, bytes: Uint8Array, options: PublishOptions | undefined, onPublished: OnPublished): boolean {
    if (this.room <= 0) return false;
    const token = this.#nextToken++;
    if (this.#state !== "open") {
      const failure = unknown[this.#state];
      queueMicrotask(() => onPublished(failure, 0));
      return true;
    }
    const reply = this.#inbox + token.toString(36);
    try {
      const sent = options === undefined ? { reply } : { reply, headers: headersOf(options) };
      this.#connection.publish(subject, bytes, sent);
    } catch (failure) {
      if (!this.#connection.isClosed() && !this.#connection.isDraining()) throw failure;
      queueMicrotask(() => onPublished(unknown.closed, 0));
      return true;
    }
    this.#inFlight.set(token, { onPublished, lastSweep: this.#sweep + SWEEPS_PER_TIMEOUT });
    this.#timer ??= setInterval(() => this.#onSweep(), this.#sweepMs);
    return true;
  }

  /**
   * Sends one message and waits for room and for the answer.
   *
   * @returns the message's sequence in its stream
   * @throws {PublishFailed} refused, or unknown
   */
  async publish(subject: string, bytes: Uint8Array, options?: PublishOptions): Promise<number> {
    while (this.room <= 0) await this.whenRoom();
    return await new Promise((resolve, reject) => {
      this.send(subject, bytes, options, (failure, sequence) => {
        if (failure === undefined) resolve(sequence);
        else reject(new PublishFailed(subject, failure));
      });
    });
  }

  /** Resolves when the window has room again. Someone else may have taken it by then: ask again. */
  whenRoom(): Promise<void> {
    if (this.room > 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Stops listening; what is in flight fails as unknown. Repeats are harmless. */
  close(): void {
    if (this.#state !== "closed" && !this.#connection.isClosed()) this.#unsubscribe();
    this.#state = "closed";
    this.#failAll(unknown.closed);
    this.#stopSweeping();
  }

  #onAnswer(message: Msg): void {
    const token = parseInt(message.subject.slice(this.#inbox.length), 36);
    const sent = this.#inFlight.get(token);
    if (sent === undefined) return; // too late: it was given up
    this.#inFlight.delete(token);
    const answer = message.data.length === 0 ? noAnswer(message) : parseAnswer(message);
    if (typeof answer === "number") sent.onPublished(undefined, answer);
    else sent.onPublished(answer, 0);
    if (this.#waiting.length > 0) this.#wakeWaiting();
  }

  #onSweep(): void {
    this.#sweep++;
    for (const [token, sent] of this.#inFlight) {
      if (sent.lastSweep >= this.#sweep) break; // in order of sending: the rest is younger
      this.#inFlight.delete(token);
      sent.onPublished(unknown.timedOut, 0);
    }
    this.#wakeWaiting();
    if (this.#inFlight.size === 0) this.#stopSweeping();
  }

  #stopSweeping(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #failAll(failure: PublishUnknown): void {
    const sent = [...this.#inFlight.values()];
    this.#inFlight.clear();
    for (const { onPublished } of sent) onPublished(failure, 0);
    this.#wakeWaiting();
  }

  #wakeWaiting(): void {
    if (this.#waiting.length === 0 || this.room <= 0) return;
    const woken = this.#waiting;
    this.#waiting = [];
    for (const wake of woken) wake();
  }

  async #followConnection(): Promise<void> {
    for await (const { type } of this.#connection.status()) {
      if (this.#state === "closed") return;
      if (type === "disconnect") {
        this.#state = "disconnected";
        this.#failAll(unknown.disconnected);
      } else if (type === "reconnect") this.#state = "open";
    }
    this.close();
  }
}

function noAnswer(message: Msg): PublishUnknown {
  return message.headers?.code === 503 ? unknown.noResponders : unknown.unreadableAnswer;
}

function parseAnswer(message: Msg): number | PublishFailure {
  let answer: PublishAnswer;
  try {
    answer = message.json<PublishAnswer>();
  } catch {
    return unknown.unreadableAnswer;
  }
  const { error, seq } = answer;
  if (error !== undefined) {
    const code = error.err_code ?? error.code ?? 0;
    return { _tag: "PublishRefused", code, description: error.description ?? "" };
  }
  return typeof seq === "number" && seq > 0 ? seq : unknown.unreadableAnswer;
}

function headersOf(options: PublishOptions): MsgHdrs {
  const made = headers();
  const { expectedLastSequence, expectedLastSubjectSequence, messageId, ttlSeconds } = options;
  if (expectedLastSequence !== undefined) made.set("Nats-Expected-Last-Sequence", String(expectedLastSequence));
  if (expectedLastSubjectSequence !== undefined) {
    made.set("Nats-Expected-Last-Subject-Sequence", String(expectedLastSubjectSequence));
  }
  if (messageId !== undefined) made.set("Nats-Msg-Id", messageId);
  if (ttlSeconds !== undefined) made.set("Nats-TTL", `${ttlSeconds}s`);
  for (const [name, value] of options.headers ?? []) made.set(name, value);
  return made;
}
