/** Keeps the local store behind the log: one checkpoint at a time, each written until it is there. */
import { Effect, Latch, Semaphore } from "effect";
import { pauseFor } from "../../clock.ts";
import type { DueTimers } from "../timers/due_timers.ts";
import type { HotExecution } from "../hot_execution.ts";
import { insist } from "../insist.ts";
import type { PartitionMemory } from "../partition_memory.ts";
import type { PartitionOptions } from "../partition_options.ts";
import { Checkpointer, type Collected, type Mark } from "./checkpoint.ts";
import type { StorageUnavailable } from "../../../storage/port.ts";
import type { Checkpoint } from "./checkpoint_writes.ts";
import type { Write } from "./store_keys.ts";
import type { SnapshotKeeper } from "../snapshots/snapshot_keeper.ts";

/** What checkpoints are made from. */
interface StoreWriterParts {
  readonly options: PartitionOptions;
  readonly memory: PartitionMemory;
  readonly snapshots: SnapshotKeeper | undefined;
  readonly dueTimers: DueTimers;
  /** How far the log is known to be durable. */
  readonly durable: () => Mark;
}

/** Writes what was applied to the local store, for one term. */
export class StoreWriter {
  readonly #options: PartitionOptions;
  readonly #memory: PartitionMemory;
  readonly #snapshots: SnapshotKeeper | undefined;
  readonly #dueTimers: DueTimers;
  readonly #durable: () => Mark;
  readonly #isWanted = Latch.makeUnsafe(false);
  readonly #oneAtATime = Semaphore.makeUnsafe(1);
  #checkpointer: Checkpointer;
  /** Collected for a checkpoint, and not known to be in the store. */
  #uncommitted: Collected | undefined;
  /** What is written is told to who keeps the snapshots, and timers are read ahead: a follower does neither. */
  #isLeading = false;
  /** The next term may have begun: nothing is written to the store any more. */
  #isOver = false;

  constructor({ options, memory, snapshots, dueTimers, durable }: StoreWriterParts) {
    this.#options = options;
    this.#memory = memory;
    this.#snapshots = snapshots;
    this.#dueTimers = dueTimers;
    this.#durable = durable;
    this.#checkpointer = new Checkpointer(memory, durable());
  }

  /** The store is as far as this: what comes behind it is replayed. */
  beginFrom(mark: Mark): void {
    this.#checkpointer = new Checkpointer(this.#memory, mark);
  }

  /** From now on this term leads. */
  lead(): void {
    this.#isLeading = true;
  }

  /** Brings the next checkpoint forward where much has changed. */
  hurry(): void {
    if (this.#memory.dirty.size >= this.#options.checkpointExecutionsMax) this.#isWanted.openUnsafe();
  }

  /** Writes checkpoints until it is interrupted. */
  serve(): Effect.Effect<never> {
    const { clock, checkpointMs } = this.#options;
    return Effect.forever(Effect.andThen(
      Effect.raceFirst(pauseFor(clock, checkpointMs), this.#isWanted.await),
      this.flush(),
    ));
  }

  /** Writes what is not in the store yet. One at a time: of two, the older could be the last to be written. */
  flush(): Effect.Effect<void> {
    return this.#oneAtATime.withPermits(1)(this.#write());
  }

  /** Waits for a write that is on its way, and begins no other. */
  end(): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.#isOver = true;
      return this.#oneAtATime.withPermits(1)(Effect.void);
    });
  }

  #write(): Effect.Effect<void> {
    const { failpoint, limits } = this.#options;
    return Effect.gen({ self: this }, function* () {
      this.#isWanted.closeUnsafe();
      if (this.#uncommitted !== undefined) yield* this.#commit(this.#uncommitted);
      if (this.#isOver) return;
      const durable = this.#durable();
      let written: readonly HotExecution[] = [];
      if (this.#checkpointer.isDue) {
        yield* failpoint("beforeCheckpoint");
        const collected = this.#checkpointer.collect(durable);
        yield* this.#commit(collected);
        written = collected.written;
      }
      this.#dueTimers.forget(this.#checkpointer.evict(written, limits, durable.sequence));
      if (this.#isLeading && this.#dueTimers.isShort) {
        yield* Effect.orDie(insist(this.#options, this.#dueTimers.load()));
      }
    });
  }

  /** What removes the history of deleted executions that was carried out of the log. */
  #carriedOf({ written }: Collected): Effect.Effect<readonly Write[], StorageUnavailable> {
    const { carriedThrough } = this.#memory;
    const deleted = written.filter(({ actors, turns: [first] }) =>
      actors.execution.value === "Deleting" && (first?.[0] ?? Infinity) <= carriedThrough
    );
    return Effect.map(
      Effect.forEach(deleted, ({ id }) => this.#options.store.history.removals(id)),
      (removals) => removals.flat(),
    );
  }

  /** Writes what was collected, which is nowhere else by now: whoever comes after one that was broken off begins with it. */
  #commit(collected: Collected): Effect.Effect<void> {
    const { store, failpoint } = this.#options;
    // Not to be broken off: a new term must not read what an old one is still writing.
    const write = (checkpoint: Checkpoint) =>
      Effect.uninterruptible(Effect.suspend(() => this.#isOver ? Effect.void : store.commit(checkpoint)));
    return Effect.gen({ self: this }, function* () {
      this.#uncommitted = collected;
      const rows = yield* Effect.orDie(insist(this.#options, this.#carriedOf(collected)));
      const checkpoint = rows.length === 0 ? collected.checkpoint : { ...collected.checkpoint, rows };
      yield* Effect.orDie(insist(this.#options, write(checkpoint)));
      this.#uncommitted = undefined;
      this.#checkpointer.committed(collected);
      yield* failpoint("afterCheckpoint");
      if (this.#isLeading) this.#snapshots?.note(checkpoint);
    });
  }
}
