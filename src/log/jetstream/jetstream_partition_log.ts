import { Effect, Semaphore } from "effect";
import type { JetStreamManager, StreamInfo } from "@nats-io/jetstream";
import type { PipelinedPublisher, PublishFailure } from "../../nats/mod.ts";
import { PublishFailed } from "../../nats/mod.ts";
import { assertAppend, assertRead, assertSequence } from "../entry.ts";
import {
  AppendConflict,
  type LogBounds,
  LogDamaged,
  type LogEntry,
  LogUnavailable,
  type PartitionLog,
} from "../port.ts";
import type { EntryReader } from "./entry_reader.ts";
import { boundsOf } from "./partition_stream.ts";

/** JetStream's words for "another last sequence", and for "another write is on its way". */
const conflictCodes: readonly number[] = [10071, 10164];

const LOOKS_MAX = 4;
const LOOK_AGAIN_MS = 250;

/** What a partition's log is made of. */
export interface PartitionLogParts {
  readonly partition: number;
  readonly entryBytesMax: number;
  readonly stream: string;
  readonly subject: string;
  readonly manager: JetStreamManager;
  readonly publisher: PipelinedPublisher;
  readonly reader: EntryReader;
}

/**
 * One partition's log in a JetStream stream. Reads go by what the stream's leader says is there; the stream is known by its
 * subject (see `openStream`), and a stream that ends before a sequence that we have seen is not believed.
 */
export class JetStreamPartitionLog implements PartitionLog {
  readonly partition: number;
  readonly entryBytesMax: number;
  readonly #parts: PartitionLogParts;
  readonly #reading = Semaphore.makeUnsafe(1);
  /** The last sequence that is known to be there. */
  #seen: number;

  constructor(parts: PartitionLogParts, last: number) {
    this.partition = parts.partition;
    this.entryBytesMax = parts.entryBytesMax;
    this.#parts = parts;
    this.#seen = last;
  }

  append(bytes: Uint8Array, expectedSequence: number): Effect.Effect<number, AppendConflict | LogUnavailable> {
    return Effect.callback((resume) => {
      assertAppend(bytes, expectedSequence, this.entryBytesMax);
      const { publisher, subject } = this.#parts;
      const taken = publisher.send(subject, bytes, { expectedLastSequence: expectedSequence }, (failure, sequence) => {
        if (failure === undefined && sequence > this.#seen) this.#seen = sequence;
        resume(
          failure === undefined ? Effect.succeed(sequence) : Effect.fail(this.#failureOf(failure, expectedSequence)),
        );
      });
      if (!taken) resume(Effect.fail(this.#unavailable("append to", new Error("Too many appends are in flight"))));
    });
  }

  read(from: number, limit: number): Effect.Effect<readonly LogEntry[], LogUnavailable | LogDamaged> {
    return this.#reading.withPermit(Effect.gen({ self: this }, function* () {
      assertRead(from, limit);
      if (from > this.#seen) {
        const { first, last } = yield* this.#look();
        if (from > last) return [];
        if (from < first) return yield* this.#damaged(from, `it was trimmed away: the oldest entry is ${first}`);
      }
      const through = Math.min(this.#seen, from + limit - 1);
      const entries = yield* this.#attempt("read", () => this.#parts.reader.read(from, through));
      const hole = entries.findIndex(({ sequence }, index) => sequence !== from + index);
      if (hole === -1 && entries.length > 0) return entries;
      return yield* this.#explainMissing(from + Math.max(hole, 0));
    }));
  }

  bounds(): Effect.Effect<LogBounds, LogUnavailable> {
    return Effect.map(this.#streamInfo(), boundsOf);
  }

  trim(through: number): Effect.Effect<void, LogUnavailable> {
    return Effect.gen({ self: this }, function* () {
      assertSequence("through", through, 0);
      const { first, last } = yield* this.bounds(); // a purge past the end would move the end
      const seq = Math.min(through, last) + 1;
      if (seq <= first) return;
      yield* this.#attempt("trim", () => this.#parts.manager.streams.purge(this.#parts.stream, { seq }));
    });
  }

  /**
   * Asks the leader what is there. Fails if that cannot be the log that we know. A log that seems to end too early is asked for
   * again a few times: a server that has just become the leader may not yet know all that it has.
   */
  #look(triesLeft = LOOKS_MAX): Effect.Effect<LogBounds, LogUnavailable | LogDamaged> {
    return Effect.gen({ self: this }, function* () {
      const seen = this.#seen; // as it was before we ask: appends go on meanwhile
      const info = yield* this.#streamInfo();
      if (info.config.subjects[0] !== this.#parts.subject) {
        return yield* this.#damaged(seen, "the stream was deleted and made again");
      }
      const bounds = boundsOf(info);
      if (bounds.last < seen) {
        if (triesLeft > 1) return yield* Effect.andThen(Effect.sleep(LOOK_AGAIN_MS), this.#look(triesLeft - 1));
        return yield* this.#damaged(bounds.last + 1, `the log ends, but entry ${seen} was there`);
      }
      this.#seen = Math.max(this.#seen, bounds.last);
      return bounds;
    });
  }

  /** Why the entry at `sequence`, which was there, did not come. Asks the leader: another replica may only be behind. */
  #explainMissing(sequence: number): Effect.Effect<never, LogUnavailable | LogDamaged> {
    return Effect.gen({ self: this }, function* () {
      const { first } = yield* this.#look();
      if (sequence < first) return yield* this.#damaged(sequence, `it was trimmed away: the oldest entry is ${first}`);
      const [found] = yield* this.#attempt("read", () => this.#parts.reader.read(sequence, sequence));
      if (found === undefined) return yield* this.#damaged(sequence, "the entry is missing");
      return yield* this.#unavailable("read", new Error(`The replica asked does not have entry ${sequence} yet`));
    });
  }

  #damaged(sequence: number, reason: string): Effect.Effect<never, LogDamaged> {
    return Effect.fail(new LogDamaged({ partition: this.partition, sequence, reason }));
  }

  #streamInfo(): Effect.Effect<StreamInfo, LogUnavailable> {
    return this.#attempt("look at", () => this.#parts.manager.streams.info(this.#parts.stream));
  }

  #attempt<A>(operation: string, work: () => Promise<A>): Effect.Effect<A, LogUnavailable> {
    return Effect.tryPromise({ try: work, catch: (cause) => this.#unavailable(operation, cause) });
  }

  #unavailable(operation: string, cause: unknown): LogUnavailable {
    return new LogUnavailable({ partition: this.partition, operation, cause });
  }

  #failureOf(failure: PublishFailure, expectedSequence: number): AppendConflict | LogUnavailable {
    if (failure._tag === "PublishRefused" && conflictCodes.includes(failure.code)) {
      return new AppendConflict({ partition: this.partition, expectedSequence });
    }
    return this.#unavailable("append to", new PublishFailed(this.#parts.subject, failure));
  }
}
