/**
 * This node's session: its record in the bucket, which it alone writes, again and again. Each write expects the one before. The others end a
 * session by deleting the record, and then the next write cannot succeed: so a write that succeeds proves that until then
 * nobody had ended it. A confirmation is such a write, and is as good as a sign of life.
 */
import { Effect } from "effect";
import type { Confirmation, MemberId } from "../mod.ts";
import { type ClusterBucket, isBucketGone } from "./cluster_bucket.ts";
import { encodeSession, sessionKey, type SessionRecord } from "./records.ts";

/** What a session tells its owner. */
export interface SessionListener {
  /** A write was stored: the first in a while if `awayMs` is long. */
  onAlive(sequence: number, awayMs: number): void;
  /** It has ended; whoever asked for a confirmation hears of it after this. */
  onEnd(): void;
  /** Highest sequence that is known to have been written. */
  lastSequence(): number;
}

/** What a session is made of. */
export interface SessionParts {
  readonly id: MemberId;
  readonly bucket: ClusterBucket;
  readonly sessionMs: number;
  readonly listener: SessionListener;
}

interface Waiting {
  readonly answer: (outcome: Confirmation) => void;
  readonly sinceMs: number;
}

/** Confirmations that may wait for one write. */
const WAITING_MAX = 100_000;
/** Parts of a session's length between two tries while the store does not answer. */
const TRIES_A_SESSION = 20;
const LEAVE_TRIES_MAX = 3;

/** One session, from a record that was stored until it has gone. */
export class Session {
  readonly id: MemberId;
  readonly #parts: SessionParts;
  readonly #key: string;
  #record: SessionRecord;
  #sequence = 0;
  #beat = 0;
  #waiting: Waiting[] = [];
  #inWrite: Waiting[] = [];
  #isDue = false;
  #wake: (() => void) | undefined;
  #hasEnded = false;
  #writtenAtMs = performance.now();
  #aliveAtMs = performance.now();

  constructor(parts: SessionParts, record: SessionRecord) {
    this.id = parts.id;
    this.#parts = parts;
    this.#key = sessionKey(parts.id);
    this.#record = record;
  }

  /** When its last write that succeeded was sent, milliseconds of the monotonic clock. */
  get aliveAtMs(): number {
    return this.#aliveAtMs;
  }

  get sequence(): number {
    return this.#sequence;
  }

  /** Writes the first record. False: it was not stored, or that is not known; this session's id must not be used again. */
  begin(): Effect.Effect<boolean> {
    return Effect.gen({ self: this }, function* () {
      const sentAtMs = performance.now();
      const outcome = yield* this.#write(0);
      if (typeof outcome !== "number") return false;
      this.#stored(outcome, sentAtMs);
      return true;
    });
  }

  /** Writes what is due until the session has ended. */
  run(): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      while (!this.#hasEnded) {
        yield* this.#untilDue();
        yield* this.#beatOnce();
      }
    });
  }

  /** Whoever asks is answered after a write that is sent from now on. */
  confirm(answer: (outcome: Confirmation) => void): void {
    if (this.#hasEnded) return answer("lost");
    if (this.#waiting.length >= WAITING_MAX) return answer("unavailable");
    this.#waiting.push({ answer, sinceMs: performance.now() });
    this.#makeDue();
  }

  /** Writes this record from now on. */
  put(record: SessionRecord): void {
    this.#record = record;
    this.#makeDue();
  }

  /** To be called several times a period: a sign of life when none was given for so long; who has waited too long is told. */
  tick(periodMs: number): void {
    const nowMs = performance.now();
    if (nowMs - this.#writtenAtMs >= periodMs) this.#makeDue();
    this.#waiting = this.#withoutLate(this.#waiting, nowMs);
    this.#inWrite = this.#withoutLate(this.#inWrite, nowMs);
  }

  /** Nobody is answered by this session any more but with "lost". Repeats are harmless. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#parts.listener.onEnd();
    const unanswered = [...this.#inWrite, ...this.#waiting];
    this.#inWrite = [];
    this.#waiting = [];
    for (const { answer } of unanswered) answer("lost");
    this.#wake?.();
  }

  /** Deletes the record, as far as the store answers. Nothing else may be written meanwhile: {@link run} has been interrupted. */
  leave(): Effect.Effect<boolean> {
    return Effect.gen({ self: this }, function* () {
      this.end();
      for (let tries = 0; tries < LEAVE_TRIES_MAX; tries++) {
        if (typeof (yield* this.#parts.bucket.write(this.#key, undefined, this.#sequence)) === "number") return true;
        const held = yield* Effect.result(this.#parts.bucket.read(this.#key));
        if (held._tag === "Failure") continue;
        if (held.success.bytes === undefined) return true;
        this.#sequence = held.success.sequence; // a write that was on its way was stored after all
      }
      return false;
    });
  }

  #makeDue(): void {
    this.#isDue = true;
    this.#wake?.();
  }

  #untilDue(): Effect.Effect<void> {
    return Effect.callback((resume) => {
      const wake = () => {
        this.#wake = undefined;
        resume(Effect.void);
      };
      if (this.#isDue || this.#hasEnded) return wake();
      this.#wake = wake;
    });
  }

  #beatOnce(): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      this.#isDue = false;
      const answered = this.#waiting;
      this.#waiting = [];
      this.#inWrite.push(...answered);
      const known = this.#parts.listener.lastSequence();
      const sentAtMs = performance.now();
      const outcome = yield* this.#write(this.#sequence);
      if (this.#hasEnded) return;
      if (typeof outcome !== "number") return yield* this.#lookForRecord(outcome);
      // The store has gone back in time: what it took since is forgotten, the end of this session maybe among it.
      if (outcome <= known) return this.end();
      this.#stored(outcome, sentAtMs);
      const confirmed = this.#inWrite;
      this.#inWrite = [];
      for (const { answer } of confirmed) answer("confirmed");
    });
  }

  #write(expectedSequence: number) {
    this.#writtenAtMs = performance.now();
    const bytes = encodeSession(this.#record, ++this.#beat);
    return this.#parts.bucket.write(this.#key, bytes, expectedSequence);
  }

  #stored(sequence: number, sentAtMs: number): void {
    const awayMs = sentAtMs - this.#aliveAtMs;
    this.#sequence = sequence;
    this.#aliveAtMs = sentAtMs;
    this.#parts.listener.onAlive(sequence, awayMs);
  }

  /**
   * After a write whose outcome is not known, or that found another sequence: nobody else writes this record, so one that is there is
   * our own, and may have been stored late. It is the next write that says whether the session stands.
   */
  #lookForRecord(outcome: "conflict" | "unknown"): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      this.#isDue = true;
      const held = yield* Effect.result(this.#parts.bucket.read(this.#key));
      if (held._tag === "Failure") {
        if (isBucketGone(held.failure)) return this.end();
      } else if (held.success.bytes === undefined) return this.end();
      else if (held.success.sequence > this.#sequence) {
        this.#sequence = held.success.sequence;
        return;
      }
      if (outcome === "conflict" || held._tag === "Failure") {
        yield* Effect.sleep(this.#parts.sessionMs / TRIES_A_SESSION);
      }
    });
  }

  #withoutLate(waiting: Waiting[], nowMs: number): Waiting[] {
    const { sessionMs } = this.#parts;
    const [first] = waiting;
    if (first === undefined || nowMs - first.sinceMs < sessionMs) return waiting;
    const late = waiting.filter(({ sinceMs }) => nowMs - sinceMs >= sessionMs);
    for (const { answer } of late) answer("unavailable");
    return waiting.filter(({ sinceMs }) => nowMs - sinceMs < sessionMs);
  }
}
