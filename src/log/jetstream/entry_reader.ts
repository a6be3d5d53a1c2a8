import { AckPolicy, DeliverPolicy, type JetStreamManager } from "@nats-io/jetstream";
import { createInbox, type Msg, nanos, type NatsConnection } from "@nats-io/transport-node";
import { getStoredMessage, plainBytes } from "../../nats/mod.ts";
import type { LogEntry } from "../port.ts";

/** Up to so many entries are asked for one by one, which needs no consumer; and so many at once. */
const SINGLES_MAX = 64;
const SINGLES_AT_ONCE = 8;
const PAGE_BYTES_MAX = 8_388_608;
const INACTIVE_MS = 30_000;
/** How long a pull waits for what its replica does not have yet, milliseconds: the caller asks again, and may be led elsewhere. */
const PULL_MS = 1_000;

interface OpenConsumer {
  readonly name: string;
  /** The sequence that it delivers next. */
  next: number;
}

/**
 * Reads a known range of a stream's messages, in pages.
 *
 * A few are asked of the stream's leader one by one. For more there is a consumer, which is kept while reading goes on
 * where it left off. A consumer may sit on a replica that lags behind the leader: so the caller must know
 * from the leader which sequences are there, and what does not come is waited for.
 *
 * One read at a time. Failures are thrown as they come.
 */
export class EntryReader {
  readonly #connection: NatsConnection;
  readonly #manager: JetStreamManager;
  readonly #stream: string;
  readonly #timeoutMs: number;
  readonly #bytesMax: number;
  #consumer: OpenConsumer | undefined;

  constructor(
    connection: NatsConnection,
    manager: JetStreamManager,
    stream: string,
    settings: { readonly timeoutMs: number; readonly messageBytesMax: number },
  ) {
    this.#connection = connection;
    this.#manager = manager;
    this.#stream = stream;
    this.#timeoutMs = settings.timeoutMs;
    this.#bytesMax = Math.max(PAGE_BYTES_MAX, settings.messageBytesMax + 65_536);
  }

  /**
   * Messages as they come, the first asked for `from`, at most `through - from + 1` of them and about 8 MiB. Gaps are left
   * to the caller: it gets what the stream has, in rising order; nothing at all if `from` is not there.
   */
  async read(from: number, through: number): Promise<LogEntry[]> {
    const count = through - from + 1;
    if (count <= SINGLES_MAX) return await this.#readSingles(from, count);
    if (this.#consumer?.next !== from) {
      this.release();
      this.#consumer = await this.#addConsumer(from);
    }
    const consumer = this.#consumer;
    this.#consumer = undefined; // until it is known where it stands
    const entries = await this.#pull(consumer.name, count);
    const last = entries.at(-1)?.sequence ?? 0;
    this.#consumer = { name: consumer.name, next: last + 1 };
    if (entries.length === 0 || last >= through) this.release();
    return entries;
  }

  /** Removes what is kept on the server. Not waited for: the server forgets an idle consumer by itself. */
  release(): void {
    const consumer = this.#consumer;
    this.#consumer = undefined;
    if (consumer !== undefined && !this.#connection.isClosed()) {
      this.#manager.consumers.delete(this.#stream, consumer.name).catch(() => {});
    }
  }

  async #readSingles(from: number, count: number): Promise<LogEntry[]> {
    const entries: LogEntry[] = [];
    let bytes = 0;
    while (entries.length < count && bytes < PAGE_BYTES_MAX) {
      const some = Math.min(SINGLES_AT_ONCE, count - entries.length);
      const found = await this.#readAtOnce(from + entries.length, some);
      entries.push(...found);
      for (const entry of found) bytes += entry.bytes.length;
      if (found.length < some) break;
    }
    return entries;
  }

  async #readAtOnce(from: number, count: number): Promise<LogEntry[]> {
    const connection = this.#connection;
    const stream = this.#stream;
    const timeoutMs = this.#timeoutMs;
    const found = await Promise.all(
      Array.from({ length: count }, (_, i) => getStoredMessage(connection, stream, { seq: from + i }, timeoutMs)),
    );
    const entries: LogEntry[] = [];
    for (const message of found) {
      if (message === undefined) break;
      entries.push({ sequence: message.sequence, bytes: message.bytes });
    }
    return entries;
  }

  async #addConsumer(from: number): Promise<OpenConsumer> {
    const { name } = await this.#manager.consumers.add(this.#stream, {
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: from,
      inactive_threshold: nanos(INACTIVE_MS),
      mem_storage: true,
      num_replicas: 1,
    });
    return { name, next: from };
  }

  /** One pull: until `count` messages are there, the bytes are, or the server says that it has no more. */
  #pull(consumer: string, count: number): Promise<LogEntry[]> {
    return new Promise((resolve, reject) => {
      const entries: LogEntry[] = [];
      const inbox = createInbox();
      let heard = true;
      const pullMs = Math.min(PULL_MS, this.#timeoutMs);
      const settle = (failure: Error | undefined) => {
        clearInterval(timer);
        if (!this.#connection.isClosed()) subscription.unsubscribe();
        if (failure === undefined || entries.length > 0) resolve(entries);
        else reject(failure);
      };
      const callback = (failure: Error | null, message: Msg) => {
        heard = true;
        if (failure !== null) return settle(failure);
        const { reply } = message;
        if (reply === undefined || reply === "") return settle(failureOfStatus(message));
        entries.push({ sequence: sequenceOf(reply), bytes: plainBytes(message.data) });
        if (entries.length === count) settle(undefined);
      };
      const subscription = this.#connection.subscribe(inbox, { callback });
      const timer = setInterval(() => {
        if (!heard) settle(new Error("The consumer went silent"));
        heard = false;
      }, pullMs);
      const request = { batch: count, max_bytes: this.#bytesMax, expires: nanos(pullMs) };
      const subject = `$JS.API.CONSUMER.MSG.NEXT.${this.#stream}.${consumer}`;
      this.#connection.publish(subject, JSON.stringify(request), { reply: inbox });
    });
  }
}

/** 408 and 404 end a pull that found less than asked, 409 one that has its bytes; the rest are failures. */
function failureOfStatus(message: Msg): Error | undefined {
  const code = message.headers?.code ?? 0;
  const description = message.headers?.description ?? "";
  if (code === 404 || code === 408) return undefined;
  if (code === 409 && /max_?bytes/i.test(description)) return undefined; // one code for several things: only the text tells
  return new Error(`The consumer answered ${code} ${description}`);
}

/** The stream sequence in the reply subject of a delivered message: `$JS.ACK.[domain.account.]stream.consumer.n.SEQUENCE.…`. */
function sequenceOf(reply: string): number {
  const tokens = reply.split(".");
  return Number(tokens[tokens.length > 9 ? 7 : 5]);
}
