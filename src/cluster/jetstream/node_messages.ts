/**
 * Messages between members over core NATS: each member listens on a subject of its own. What is larger than the server takes goes in
 * parts. One connection delivers in order, so a sender has at most one message under way, and a part that is not the next one means
 * that something was lost: then the message is dropped.
 *
 * A part: format (1 byte), length of the sender's id (1 byte), number of the message (4), index of the part (4), number of parts (4), length of
 * the whole message (4), the sender's id, the bytes. Numbers are big-endian.
 */
import type { Msg, NatsConnection } from "@nats-io/transport-node";
import type { MemberId } from "../mod.ts";
import { isMemberId } from "./records.ts";

/** Largest message between members, bytes; a larger one is not sent. */
export const MESSAGE_BYTES_MAX = 64 * 1_024 * 1_024;

const FORMAT = 1;
const HEAD_BYTES = 18;
const ID_BYTES_MAX = 64;
/** What of the server's limit is left for its own protocol. */
const SPARE_BYTES = 1_024;
/** Of messages that are not complete yet: how many at once, their bytes, and how long none may go on. */
const HALF_MESSAGES_MAX = 256;
const HALF_BYTES_MAX = 2 * MESSAGE_BYTES_MAX;
const HALF_MS_MAX = 10_000;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

interface Half {
  readonly number: number;
  readonly partCount: number;
  readonly bytes: Uint8Array;
  nextIndex: number;
  filled: number;
  changedAtMs: number;
}

interface Part {
  readonly from: MemberId;
  readonly number: number;
  readonly index: number;
  readonly partCount: number;
  readonly length: number;
  readonly bytes: Uint8Array;
}

/** How many messages went wrong since it was last asked. */
export interface MessageFaults {
  /** No part of ours, or one that contradicts itself. */
  readonly malformed: number;
  /** Messages of which a part was lost, or for which there was no room. */
  readonly incomplete: number;
  /** Messages that were not sent: too large, or there was no connection. */
  readonly unsent: number;
  /** Messages whose handler threw. */
  readonly failed: number;
}

/** A member's letterbox, and what it sends. */
export class NodeMessages {
  readonly #connection: NatsConnection;
  readonly #subject: (member: MemberId) => string;
  readonly #halves = new Map<MemberId, Half>();
  #halfBytes = 0;
  #handler: (from: MemberId, bytes: Uint8Array) => void = () => {};
  #self: MemberId | undefined;
  #unsubscribe: () => void = () => {};
  #nextNumber = 0;
  #faults = { malformed: 0, incomplete: 0, unsent: 0, failed: 0 };

  constructor(connection: NatsConnection, subject: (member: MemberId) => string) {
    this.#connection = connection;
    this.#subject = subject;
  }

  onMessage(handler: (from: MemberId, bytes: Uint8Array) => void): void {
    this.#handler = handler;
  }

  /** Listens as this member, and as no other one any more; `undefined`: as none. */
  listenAs(self: MemberId | undefined): void {
    if (!this.#connection.isClosed()) this.#unsubscribe();
    this.#self = self;
    this.#halves.clear();
    this.#halfBytes = 0;
    this.#unsubscribe = () => {};
    if (self === undefined || this.#connection.isClosed()) return;
    const callback = (failure: Error | null, message: Msg) => {
      if (failure === null) this.#take(message.data);
    };
    const subscription = this.#connection.subscribe(this.#subject(self), { callback });
    this.#unsubscribe = () => subscription.unsubscribe();
  }

  send(to: MemberId, bytes: Uint8Array): void {
    const self = this.#self;
    if (self === undefined || !isMemberId(to)) return;
    const room = (this.#connection.info?.max_payload ?? 0) - SPARE_BYTES - HEAD_BYTES - ID_BYTES_MAX;
    if (room <= 0 || bytes.length > MESSAGE_BYTES_MAX || this.#connection.isClosed()) {
      this.#faults.unsent++;
      return;
    }
    const partCount = Math.max(1, Math.ceil(bytes.length / room));
    const number = this.#nextNumber = (this.#nextNumber + 1) >>> 0;
    const subject = this.#subject(to);
    for (let index = 0; index < partCount; index++) {
      const part = bytes.subarray(index * room, (index + 1) * room);
      this.#connection.publish(subject, encodePart(self, { number, index, partCount, length: bytes.length }, part));
    }
  }

  /** Drops what has not gone on for too long, and says what went wrong since the last call; `undefined`: nothing. */
  tidy(nowMs: number): MessageFaults | undefined {
    for (const [from, { changedAtMs }] of this.#halves) if (nowMs - changedAtMs > HALF_MS_MAX) this.#drop(from);
    const faults = this.#faults;
    if (Object.values(faults).every((count) => count === 0)) return undefined;
    this.#faults = { malformed: 0, incomplete: 0, unsent: 0, failed: 0 };
    return faults;
  }

  #take(data: Uint8Array): void {
    const part = decodePart(data);
    if (part === undefined) {
      this.#faults.malformed++;
      return;
    }
    if (part.partCount === 1) {
      this.#drop(part.from);
      this.#deliver(part.from, part.bytes);
      return;
    }
    const half = part.index === 0 ? this.#begin(part) : this.#halves.get(part.from);
    if (half === undefined) return; // the rest of one that was dropped
    const isNext = half.number === part.number && half.nextIndex === part.index &&
      half.partCount === part.partCount && half.bytes.length === part.length &&
      half.filled + part.bytes.length <= half.bytes.length;
    if (!isNext) return this.#drop(part.from);
    half.bytes.set(part.bytes, half.filled);
    half.filled += part.bytes.length;
    half.nextIndex++;
    half.changedAtMs = performance.now();
    if (half.nextIndex < half.partCount) return;
    if (half.filled !== half.bytes.length) return this.#drop(part.from);
    this.#remove(part.from);
    this.#deliver(part.from, half.bytes);
  }

  #begin({ from, number, partCount, length }: Part): Half | undefined {
    this.#drop(from);
    const oldest = this.#halves.keys().next().value;
    if (this.#halves.size >= HALF_MESSAGES_MAX && oldest !== undefined) this.#drop(oldest);
    if (this.#halfBytes + length > HALF_BYTES_MAX) {
      this.#faults.incomplete++;
      return undefined;
    }
    const bytes = new Uint8Array(length);
    const half = { number, partCount, bytes, nextIndex: 0, filled: 0, changedAtMs: performance.now() };
    this.#halves.set(from, half);
    this.#halfBytes += length;
    return half;
  }

  #drop(from: MemberId): void {
    if (this.#remove(from)) this.#faults.incomplete++;
  }

  #remove(from: MemberId): boolean {
    const half = this.#halves.get(from);
    if (half === undefined) return false;
    this.#halves.delete(from);
    this.#halfBytes -= half.bytes.length;
    return true;
  }

  #deliver(from: MemberId, bytes: Uint8Array): void {
    try {
      this.#handler(from, bytes);
    } catch {
      this.#faults.failed++; // one bad message must not end the subscription
    }
  }
}

function encodePart(
  from: MemberId,
  { number, index, partCount, length }: Omit<Part, "from" | "bytes">,
  bytes: Uint8Array,
): Uint8Array {
  const id = encoder.encode(from);
  const data = new Uint8Array(HEAD_BYTES + id.length + bytes.length);
  const head = new DataView(data.buffer);
  head.setUint8(0, FORMAT);
  head.setUint8(1, id.length);
  [number, index, partCount, length].forEach((value, place) => head.setUint32(2 + 4 * place, value));
  data.set(id, HEAD_BYTES);
  data.set(bytes, HEAD_BYTES + id.length);
  return data;
}

function decodePart(data: Uint8Array): Part | undefined {
  if (data.length < HEAD_BYTES) return undefined;
  const head = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const idBytes = head.getUint8(1);
  if (head.getUint8(0) !== FORMAT || data.length < HEAD_BYTES + idBytes) return undefined;
  const from = decoder.decode(data.subarray(HEAD_BYTES, HEAD_BYTES + idBytes));
  const part = {
    from,
    number: head.getUint32(2),
    index: head.getUint32(6),
    partCount: head.getUint32(10),
    length: head.getUint32(14),
    bytes: data.subarray(HEAD_BYTES + idBytes),
  };
  const isWhole = part.partCount !== 1 || part.length === part.bytes.length;
  const isFit = isMemberId(from) && part.index < part.partCount && part.length <= MESSAGE_BYTES_MAX && isWhole;
  return isFit ? part : undefined;
}
