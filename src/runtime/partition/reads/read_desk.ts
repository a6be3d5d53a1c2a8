/**
 * Reads that need the store or the log: done beside the loop, by fibers of the term, once all that was decided before them is durable.
 *
 * What they read there is behind the log or the log itself, and so never speaks of what may still be lost. A read that finds the log
 * damaged, or log or store of a newer version, ends the term as it does anywhere else.
 */
import { Effect, Latch } from "effect";
import type { LogUnavailable, LogUnreadable } from "../../../log/port.ts";
import { type StorageUnavailable, StoreFromNewerVersion } from "../../../storage/port.ts";
import type { RequestRefused } from "../../engine.ts";
import type { Reply } from "../partition_input.ts";

/** Reads at work at once, a partition. */
const READS_AT_ONCE = 4;

/** Why a read has no answer. */
export type ReadFailure = RequestRefused | LogUnavailable | StorageUnavailable | LogUnreadable;

/** A read, and who waits for it. */
interface Job {
  readonly run: Effect.Effect<void, LogUnreadable>;
  readonly reply: Pick<Reply<never>, "refuse">;
}

/** The line of reads, and those who do them. */
export class ReadDesk {
  readonly #partition: number;
  readonly #hasJob = Latch.makeUnsafe(false);
  #waiting: Job[] = [];
  readonly #atWork = new Set<Job>();

  constructor(partition: number) {
    this.#partition = partition;
  }

  /** Reads that are not answered yet. */
  get size(): number {
    return this.#waiting.length + this.#atWork.size;
  }

  /** Puts a read in line. */
  add<T>(reply: Reply<T>, read: Effect.Effect<T, ReadFailure>): void {
    const unavailable = () =>
      Effect.sync(() =>
        reply.refuse({ code: "Unavailable", message: `Partition ${this.#partition} cannot be read now: ask again` })
      );
    const run = read.pipe(
      Effect.map((answer) => reply.succeed(answer)),
      Effect.catchTags({
        RequestRefused: ({ code, message }) => Effect.sync(() => reply.refuse({ code, message })),
        LogUnavailable: unavailable,
        StorageUnavailable: unavailable,
      }),
      Effect.catchDefect((defect) => {
        const message = defect instanceof Error ? defect.message : String(defect);
        reply.refuse({ code: "Internal", message });
        if (defect instanceof StoreFromNewerVersion) return Effect.die(defect);
        return Effect.annotateLogs(Effect.logError("A defect stopped a read"), { partition: this.#partition, message });
      }),
    );
    this.#waiting.push({ run, reply });
    this.#hasJob.openUnsafe();
  }

  /** Does what is in line, until it is interrupted or the log turns out to be damaged. */
  serve(): Effect.Effect<never, LogUnreadable> {
    const worker = Effect.forever(Effect.andThen(this.#hasJob.await, Effect.suspend(() => this.#next())));
    return Effect.andThen(
      Effect.forEach(Array.from({ length: READS_AT_ONCE }), () => worker, { concurrency: "unbounded", discard: true }),
      Effect.never,
    );
  }

  #next(): Effect.Effect<void, LogUnreadable> {
    const job = this.#waiting.shift();
    if (job === undefined) {
      this.#hasJob.closeUnsafe();
      return Effect.void;
    }
    this.#atWork.add(job);
    return Effect.onExit(job.run, (exit) =>
      Effect.sync(() => {
        // One that was broken off is told by giveUp.
        if (exit._tag === "Success") this.#atWork.delete(job);
      }));
  }

  /** Those who wait learn that nobody will tell them. */
  giveUp(reason: string): void {
    for (const { reply } of [...this.#atWork, ...this.#waiting]) {
      reply.refuse({ code: "Unavailable", message: reason, isElsewhere: true });
    }
    this.#atWork.clear();
    this.#waiting = [];
  }
}
