/**
 * Requests over one reply inbox, many at a time: one subscription takes all replies and one timer sweeps for those that did
 * not come. The client's own `request` makes a timer and three promises for each, which costs more than the request.
 */
import type { Msg, NatsConnection } from "@nats-io/transport-node";
import { newInbox } from "../nats/mod.ts";

/** Why no reply came. `noResponders`: nobody got the request. The others: it may have been carried out. */
export type NoReply = "noResponders" | "timedOut" | "closed";

/** Called once a request: with the reply, or with why there is none. */
export type OnReply = (reply: Msg | undefined, noReply: NoReply | undefined) => void;

interface Pending {
  readonly onReply: OnReply;
  readonly lastSweep: number;
  readonly again: Again | undefined;
}

/** A request that is sent again while nobody has answered it. */
interface Again {
  readonly subject: string;
  readonly body: string | Uint8Array;
  nextSweep: number;
  /** Until the next time. */
  sweeps: number;
  readonly sweepsMax: number;
}

const SWEEP_MS = 100;
/** The longest pause before a request is sent again, in its first ones. */
const AGAIN_PARTS_MAX = 4;
const NO_RESPONDERS = 503;

/** Sends requests and pairs them with their replies. Close it before the connection. */
export class RequestInbox {
  readonly #connection: NatsConnection;
  readonly #inbox: string;
  readonly #pending = new Map<number, Pending>();
  readonly #unsubscribe: () => void;
  #nextToken = 0;
  #sweep = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  #isClosed = false;

  constructor(connection: NatsConnection) {
    this.#connection = connection;
    this.#inbox = `${newInbox(connection)}.`;
    const subscription = connection.subscribe(`${this.#inbox}*`, {
      callback: (failure, message) => {
        if (failure === null) this.#onMessage(message);
      },
    });
    this.#unsubscribe = () => subscription.unsubscribe();
    void connection.closed().then(() => this.close());
  }

  /**
   * Sends one request; `onReply` is called later, never within this call.
   *
   * With `againMs` it is sent again when nobody has answered for so long, the next time twice as long later, up to four times: whoever had it first may have
   * been stopped, or cut off, and another engine gets it. The first answer counts, whichever it is. For requests that may be carried out twice.
   *
   * @param timeoutMs counted in tenths of a second, from 100, as is `againMs`
   * @throws {Error} the request is larger than the server takes
   */
  request(subject: string, body: string | Uint8Array, timeoutMs: number, onReply: OnReply, againMs?: number): void {
    if (this.#isClosed || this.#connection.isClosed() || this.#connection.isDraining()) {
      queueMicrotask(() => onReply(undefined, "closed"));
      return;
    }
    const token = this.#nextToken++;
    this.#connection.publish(subject, body, { reply: this.#inbox + token.toString(36) });
    // Sweeps are counted, not milliseconds: a process that was stopped for a minute hears its replies first.
    const lastSweep = this.#sweep + Math.ceil(timeoutMs / SWEEP_MS);
    const again = againMs === undefined || againMs >= timeoutMs ? undefined : this.#againOf(subject, body, againMs);
    this.#pending.set(token, { onReply, lastSweep, again });
    this.#timer ??= setInterval(() => this.#onSweep(), SWEEP_MS);
  }

  /** Stops listening; what is pending hears `closed`. Repeats are harmless. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (!this.#connection.isClosed()) this.#unsubscribe();
    this.#stopSweeping();
    const left = [...this.#pending.values()];
    this.#pending.clear();
    for (const { onReply } of left) onReply(undefined, "closed");
  }

  #onMessage(message: Msg): void {
    const token = parseInt(message.subject.slice(this.#inbox.length), 36);
    const asked = this.#pending.get(token);
    if (asked === undefined) return; // too late
    this.#pending.delete(token);
    if (message.data.length === 0 && message.headers?.code === NO_RESPONDERS) asked.onReply(undefined, "noResponders");
    else asked.onReply(message, undefined);
  }

  #againOf(subject: string, body: string | Uint8Array, againMs: number): Again {
    const sweeps = Math.ceil(againMs / SWEEP_MS);
    return { subject, body, nextSweep: this.#sweep + sweeps, sweeps, sweepsMax: AGAIN_PARTS_MAX * sweeps };
  }

  /** Not over a connection that is away: what waits for it there goes out when it is back. */
  #sendAgain(token: number, again: Again): void {
    again.sweeps = Math.min(2 * again.sweeps, again.sweepsMax);
    again.nextSweep = this.#sweep + again.sweeps;
    if (this.#connection.isClosed() || this.#connection.isDraining()) return;
    this.#connection.publish(again.subject, again.body, { reply: this.#inbox + token.toString(36) });
  }

  #onSweep(): void {
    this.#sweep++;
    for (const [token, { lastSweep, onReply, again }] of this.#pending) {
      if (again !== undefined && again.nextSweep <= this.#sweep) this.#sendAgain(token, again);
      if (lastSweep >= this.#sweep) continue;
      this.#pending.delete(token);
      onReply(undefined, "timedOut");
    }
    if (this.#pending.size === 0) this.#stopSweeping();
  }

  #stopSweeping(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
