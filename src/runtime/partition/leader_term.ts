/**
 * One leader's term of a partition: everything that is thrown away when the log turns out to be another's.
 *
 * The loop, and what makes a crash between its steps harmless:
 *
 * 1. take inputs, load what they need: nothing has happened yet;
 * 2. decide and apply in memory, turns into the open batch: memory dies with the process, callers ask again;
 * 3. append the batch behind the last one, with the expected sequence: it is there whole or not at all, and a new leader replays it;
 * 4. release its effects: a new leader finds in the state what was promised and not done, and does it again;
 * 5. write what was applied to the local store, with the sequence from which to replay, in one transaction: lost, it is replayed.
 */
import { Effect, Latch, Result, Semaphore } from "effect";
import { AppendConflict, LogDamaged, type LogUnavailable, type LogUnreadable } from "../../log/port.ts";
import { decodeBatch, encodeBatch, GENESIS_HASH } from "../../protocol/mod.ts";
import type { StorageUnavailable } from "../../storage/port.ts";
import type { ExecutionId } from "../../values/mod.ts";
import { pauseFor } from "../clock.ts";
import { AlarmKeeper } from "./alarm_keeper.ts";
import { Checkpointer, type Collected, type Mark } from "./checkpoint.ts";
import { Decider } from "./decider.ts";
import type { HotExecution } from "./hot_execution.ts";
import type { Inbox } from "./inbox.ts";
import { Loader } from "./loader.ts";
import type { OpenBatch } from "./open_batch.ts";
import type { PartitionInput } from "./partition_input.ts";
import { PartitionMemory } from "./partition_memory.ts";
import type { PartitionOptions } from "./partition_options.ts";
import type { Applied } from "./partition_store.ts";
import { isUnreadable, readEntry } from "./read_entry.ts";
import { rebuildIndex } from "./index_rebuild.ts";
import { type Replayed, SnapshotKeeper } from "./snapshot_keeper.ts";
import { restoreSnapshot } from "./snapshot_restore.ts";
import { retellNewest } from "./retell_newest.ts";
import { TurnEffects } from "./turn_effects.ts";

/** What ends a term: the log is another's, or cannot be believed. */
export type TermEnd = AppendConflict | LogUnreadable;

/** Inputs taken up at a time: what bounds how long one chunk holds the thread. */
const CHUNK_MAX = 256;
/** Batches waiting behind the one in flight before deciding pauses. */
const WAITING_BATCHES_MAX = 8;
/** Timers due within this time are kept in memory, milliseconds; the store has the rest. */
const TIMER_HORIZON_MS = 60_000;
const TIMER_PAGE = 10_000;
const ATTENTION_PAGE = 500;
/** Pause before asking a log or store again that did not answer, milliseconds. */
const RETRY_MS = 100;

/** One leader's time at a partition: from its election to its end, by whatever cause. */
export class LeaderTerm {
  readonly memory = new PartitionMemory();
  readonly effects: TurnEffects;
  readonly loader: Loader;
  readonly #options: PartitionOptions;
  readonly #decider: Decider;
  readonly #alarms: AlarmKeeper;
  readonly #hasBatch = Latch.makeUnsafe(false);
  readonly #hasRoom = Latch.makeUnsafe(true);
  readonly #checkpointWanted = Latch.makeUnsafe(false);
  readonly #checkpoints = Semaphore.makeUnsafe(1);
  readonly #offer: (input: PartitionInput) => void;
  readonly #snapshots: SnapshotKeeper | undefined;
  #rebuildThrough: number | undefined;
  #checkpointer: Checkpointer;
  /** Where the log ended when this term began, and the executions that its replay brought into memory. */
  #replayed: Replayed = { through: 0, ids: new Set() };
  #durable: Mark = { sequence: 0, hash: GENESIS_HASH, epoch: 0 };
  #dueLoadedUntil = 0;
  /** The index was complete when the store was asked for what the chunk at hand needs: what it did not have, nobody has. */
  #wasIndexComplete = false;
  /** Collected for a checkpoint, and not known to be in the store. */
  #uncommitted: Collected | undefined;
  /** The next term may have begun: nothing is written to the store any more. */
  #isOver = false;
  /** Inputs that have left the line and are not decided yet. */
  #taken: readonly PartitionInput[] = [];

  constructor(options: PartitionOptions, offer: (input: PartitionInput) => void) {
    this.#options = options;
    this.#offer = offer;
    this.effects = new TurnEffects(options, () => this.#alarms.arm());
    this.#alarms = new AlarmKeeper(
      options.clock,
      this.effects.timers,
      (id) => offer({ kind: "timers", executionId: id as ExecutionId }),
    );
    this.loader = new Loader(options, this.memory);
    this.#decider = new Decider(options, this.memory, this.effects, offer, () => this.#wasIndexComplete);
    this.#snapshots = options.snapshots === undefined
      ? undefined
      : new SnapshotKeeper(options.snapshots, options.store, options.log);
    this.#checkpointer = new Checkpointer(this.memory, this.#durable, this.#snapshots !== undefined);
  }

  /** Takes the partition over: state from the store and the log, then `LeaderElectedEvent`, then what was promised. */
  begin(): Effect.Effect<void, TermEnd | LogUnavailable | StorageUnavailable> {
    const term = this;
    const { store, node, snapshots } = this.#options;
    return Effect.gen(function* () {
      let applied = yield* store.loadApplied();
      if (applied === undefined && snapshots !== undefined) applied = yield* restoreSnapshot(snapshots, store);
      if (applied !== undefined) yield* term.#trust(applied);
      term.#rebuildThrough = yield* store.loadRebuildThrough();
      for (const workflow of yield* store.loadWorkflows()) term.memory.workflows.set(workflow.workflowId, workflow);
      for (const resource of yield* store.loadResources()) term.memory.resources.set(resource.resourceId, resource);
      for (const hash of yield* store.loadDefinitionHashes()) term.memory.definitions.add(hash);
      yield* term.loader.replay();
      term.#noteReplayed();
      const live = [...term.memory.hot.values()].filter(({ actors }) => !actors.hasEnded);
      yield* term.loader.loadMissingDefinitions(live);
      yield* retellNewest(term.#options, term.memory, term.loader);
      term.#durable = { sequence: term.memory.lastSequence, hash: term.memory.lastHash, epoch: term.memory.epoch };
      term.memory.epoch += 1;
      term.#decider.writePartitionTurn([{ type: "LeaderElectedEvent", version: 1, epoch: term.memory.epoch, node }]);
      yield* term.#appendNext();
      yield* term.#resume();
    });
  }

  /** The snapshot bucket may have newer things of what was replayed than the store had. */
  #noteReplayed(): void {
    if (this.#snapshots === undefined) return;
    this.#replayed = { through: this.memory.lastSequence, ids: new Set(this.memory.hot.keys()) };
    for (const hot of this.memory.hot.values()) hot.snapshotted = true;
  }

  /** Serves until the log turns out to be another's or damaged. */
  serve(inbox: Inbox): Effect.Effect<never, TermEnd> {
    const term = this;
    const deciding = Effect.forever(Effect.andThen(
      inbox.filled,
      Effect.suspend(() => {
        term.#taken = inbox.take(CHUNK_MAX);
        return term.#takeUp(term.#taken);
      }),
    ));
    const appending = Effect.forever(Effect.andThen(term.#hasBatch.await, Effect.suspend(() => term.#appendNext())));
    const checkpointing = Effect.forever(Effect.andThen(
      Effect.raceFirst(pauseFor(term.#options.clock, term.#options.checkpointMs), term.#checkpointWanted.await),
      term.#checkpoint(),
    ));
    const snapshots = this.#snapshots;
    const snapshotting = snapshots === undefined ? Effect.never : Effect.andThen(
      this.#insist(snapshots.lookBack(this.#replayed)),
      Effect.forever(Effect.andThen(
        pauseFor(this.#options.clock, this.#options.snapshotMs),
        // Not to be broken off: what is on its way must not come behind what the next term writes.
        this.#insist(Effect.uninterruptible(snapshots.write())),
      )),
    );
    return Effect.raceFirst(
      Effect.raceFirst(deciding, Effect.raceFirst(appending, checkpointing)),
      Effect.raceFirst(snapshotting, Effect.andThen(this.#rebuild(), Effect.never)),
    );
  }

  /** An index that is not complete cannot say that a key or an id is unknown. */
  get isIndexComplete(): boolean {
    return this.#rebuildThrough === undefined;
  }

  #rebuild(): Effect.Effect<void, LogUnreadable> {
    return Effect.suspend(() => {
      if (this.#rebuildThrough === undefined) return Effect.void;
      return Effect.map(this.#insist(rebuildIndex(this.#options, this.#rebuildThrough)), () => {
        this.#rebuildThrough = undefined;
      });
    });
  }

  /** Writes what is not in the store yet: for a shutdown in order. */
  flush(): Effect.Effect<void> {
    return this.#checkpoint();
  }

  /** Ends the term: waits for a write that is on its way, and begins no other. */
  end(reason: string): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.#isOver = true;
      this.#giveUp(reason);
      return this.#checkpoints.withPermits(1)(Effect.void);
    });
  }

  /** Callers whose outcome is unknown are told so; timers stop. What was taken and not decided goes back into the line. */
  #giveUp(reason: string): void {
    for (const input of this.#taken) this.#offer(input);
    this.#taken = [];
    this.#alarms.stop();
    this.#decider.inFlight?.giveUp(reason);
    for (const batch of this.#decider.waiting) batch.giveUp(reason);
    this.effects.giveUp(reason);
  }

  /** The store is from this log: what it saw durable must still be there. */
  #trust(applied: Applied): Effect.Effect<void, LogUnreadable | LogUnavailable> {
    const { log, partition, hlc } = this.#options;
    const term = this;
    return Effect.gen(function* () {
      const { last } = yield* log.bounds();
      const damaged = (sequence: number, reason: string) =>
        Effect.fail(new LogDamaged({ partition, sequence, reason }));
      if (last < applied.durableSequence) {
        return yield* damaged(last, `it ends here, but this replica saw it durable up to ${applied.durableSequence}`);
      }
      if (applied.durableSequence > 0) {
        const [entry] = yield* log.read(applied.durableSequence, 1);
        const isOther = (failure: LogUnreadable) =>
          failure._tag === "LogDamaged" ? Effect.succeed(undefined) : Effect.fail(failure);
        const batch = entry === undefined ? undefined : yield* Effect.catch(readEntry(partition, entry), isOther);
        if (batch === undefined || batch.hash !== applied.durableHash) {
          return yield* damaged(applied.durableSequence, "it is not the batch that this replica saw durable there");
        }
        // What stands there may never be replayed, and no id may be drawn twice.
        for (const turn of batch.turns) hlc.restoreText(turn.timestamp);
      }
      term.memory.lastSequence = applied.sequence;
      term.memory.lastHash = applied.hash;
      term.memory.epoch = applied.epoch;
      term.#checkpointer = new Checkpointer(
        term.memory,
        { sequence: applied.sequence, hash: applied.hash, epoch: applied.epoch },
        term.#snapshots !== undefined,
      );
    });
  }

  /** Does again what was promised: hands out open tasks, takes up what was left, arms timers. */
  #resume(): Effect.Effect<void, StorageUnavailable> {
    const term = this;
    const { store } = this.#options;
    return Effect.gen(function* () {
      for (const hot of term.memory.hot.values()) term.#resumeExecution(hot.id);
      let after: string | undefined;
      for (;;) {
        const page = yield* store.needingAttention(after, ATTENTION_PAGE);
        const away = page.map(({ id }) => id).filter((id) => !term.memory.hot.has(id));
        yield* term.loader.loadExecutions(away);
        for (const id of away) term.#resumeExecution(id);
        after = page.at(-1)?.key;
        if (after === undefined || page.length < ATTENTION_PAGE) break;
      }
      yield* term.#loadDueTimers();
    });
  }

  #resumeExecution(id: ExecutionId): void {
    const hot = this.memory.hot.get(id);
    if (hot === undefined || hot.parked !== undefined || hot.actors.hasEnded) return;
    const open = [...hot.actors.tasks.keys()];
    if (open.length > 0) this.#decider.afterDurable(() => this.effects.dispatchTasks(hot, open));
    this.effects.armTimer(hot);
    if (hot.actors.unprocessed.size > 0) this.#offer({ kind: "continue", executionId: id });
  }

  #loadDueTimers(): Effect.Effect<void, StorageUnavailable> {
    const until = this.#options.clock.nowEpochMs() + TIMER_HORIZON_MS;
    return Effect.map(this.#options.store.dueBefore(until, TIMER_PAGE), (due) => {
      for (const { id, dueAt } of due) {
        // One in memory may only have been looked at: then nothing has armed its timer.
        const hot = this.memory.hot.get(id);
        if (hot === undefined) this.effects.timers.set(id, dueAt);
        else this.effects.armTimer(hot);
      }
      // A full page: the rest is asked for once these have been taken up.
      this.#dueLoadedUntil = due.length < TIMER_PAGE ? until : 0;
      this.#alarms.arm();
    });
  }

  #takeUp(inputs: readonly PartitionInput[]): Effect.Effect<void, TermEnd> {
    const term = this;
    const { failpoint } = this.#options;
    return Effect.gen(function* () {
      yield* failpoint("beforeLoad");
      term.#wasIndexComplete = term.isIndexComplete;
      yield* term.#insist(term.loader.load(inputs));
      yield* term.#insist(term.loader.loadMissingDefinitions(term.#decidedBy(inputs)));
      yield* failpoint("beforeDecide");
      for (const input of inputs) term.#decider.process(input);
      term.#taken = [];
      yield* term.#logDefects();
      if (inputs.some(({ kind }) => kind === "redispatch")) yield* term.#insist(term.#resume());
      if (term.#decider.suspects.size > 0) yield* term.#rebuildSuspects();
      term.memory.pinned.clear();
      yield* failpoint("afterDecide");
      if (term.#decider.waiting.length > 0) term.#hasBatch.openUnsafe();
      if (term.memory.dirty.size >= term.#options.checkpointExecutionsMax) term.#checkpointWanted.openUnsafe();
      if (term.#decider.waiting.length < WAITING_BATCHES_MAX) return;
      term.#hasRoom.closeUnsafe();
      yield* term.#hasRoom.await;
    });
  }

  /** Executions that these inputs may lead to a turn of. */
  #decidedBy(inputs: readonly PartitionInput[]): readonly HotExecution[] {
    return inputs.flatMap((input) =>
      "executionId" in input && input.kind !== "read" ? this.memory.hot.get(input.executionId) ?? [] : []
    );
  }

  #logDefects(): Effect.Effect<void> {
    const { partition } = this.#options;
    return Effect.forEach(
      this.#decider.defects.splice(0),
      (defect) => Effect.annotateLogs(Effect.logError("A defect stopped a request"), { partition, defect }),
      { discard: true },
    );
  }

  /** Puts executions right whose turn failed by a defect, once all that they really did is durable. */
  #rebuildSuspects(): Effect.Effect<void, TermEnd> {
    const term = this;
    return Effect.gen(function* () {
      while (term.#decider.waiting.length > 0 || term.#decider.inFlight !== undefined) {
        // In this order: the appender may go on at once, and be done before the next line.
        term.#hasRoom.closeUnsafe();
        term.#hasBatch.openUnsafe();
        yield* term.#hasRoom.await;
      }
      for (const [id, why] of term.#decider.suspects) {
        yield* Effect.logError("A defect stopped a turn").pipe(
          Effect.annotateLogs({ executionId: id, partition: term.#options.partition, why }),
        );
        const suspect = term.memory.hot.get(id);
        term.#decider.suspects.delete(id);
        if (suspect === undefined) continue;
        const rebuilt = yield* term.#insist(term.loader.rebuild(suspect));
        term.memory.dirty.delete(suspect);
        term.memory.hot.set(id, rebuilt);
        if (rebuilt.firstDirty > 0) term.memory.dirty.add(rebuilt);
        term.effects.armTimer(rebuilt);
        if (rebuilt.actors.unprocessed.size > 0 && rebuilt.parked === undefined) {
          term.#offer({ kind: "continue", executionId: id });
        }
      }
    });
  }

  #appendNext(): Effect.Effect<void, TermEnd> {
    const term = this;
    const { failpoint, partition } = this.#options;
    const decider = this.#decider;
    return Effect.gen(function* () {
      const batch = decider.waiting.shift();
      if (batch === undefined) {
        term.#hasBatch.closeUnsafe();
        return;
      }
      decider.inFlight = batch;
      const head = { partition, previous: term.#durable.hash, epoch: term.memory.epoch };
      const { hash, bytes } = encodeBatch(head, batch.lines);
      yield* failpoint("beforeAppend");
      yield* term.#append(bytes, hash, batch);
      yield* failpoint("afterAppend");
      yield* failpoint("beforeRelease");
      // In one go: who sees it durable (a checkpoint, an answer) comes behind its effects.
      term.#durable = { sequence: batch.sequence, hash, epoch: head.epoch };
      term.memory.lastHash = hash;
      decider.inFlight = undefined;
      batch.release();
      yield* failpoint("afterRelease");
      if (decider.waiting.length < WAITING_BATCHES_MAX / 2) term.#hasRoom.openUnsafe();
    });
  }

  /** Appends until the outcome is known. An unknown one is read back: the batch is there, or another's, or not at all. */
  #append(bytes: Uint8Array, hash: string, batch: OpenBatch): Effect.Effect<void, TermEnd> {
    const { log, partition } = this.#options;
    const term = this;
    const expectedSequence = batch.sequence - 1;
    return Effect.gen(function* () {
      for (;;) {
        const appended = yield* Effect.result(log.append(bytes, expectedSequence));
        if (Result.isSuccess(appended)) return;
        const [entry] = yield* term.#insist(log.read(batch.sequence, 1));
        if (entry !== undefined) {
          const there = decodeBatch(entry.bytes);
          if (Result.isSuccess(there) && there.success.hash === hash) return;
          return yield* Effect.fail(new AppendConflict({ partition, expectedSequence }));
        }
        if (appended.failure._tag === "AppendConflict") return yield* Effect.fail(appended.failure);
        yield* Effect.logWarning("The log did not answer; appending again").pipe(Effect.annotateLogs({ partition }));
        yield* pauseFor(term.#options.clock, RETRY_MS);
      }
    });
  }

  /** Repeats what the log or the store did not answer. Damage is final. */
  #insist<A, E extends { readonly _tag: string }>(
    effect: Effect.Effect<A, E | LogUnreadable>,
  ): Effect.Effect<A, LogUnreadable> {
    const term = this;
    return Effect.gen(function* () {
      for (;;) {
        const outcome = yield* Effect.result(effect);
        if (Result.isSuccess(outcome)) return outcome.success;
        if (isUnreadable(outcome.failure)) return yield* Effect.fail(outcome.failure);
        yield* Effect.logWarning("No answer; asking again").pipe(
          Effect.annotateLogs({ partition: term.#options.partition, failure: outcome.failure._tag }),
        );
        yield* pauseFor(term.#options.clock, RETRY_MS);
      }
    });
  }

  /** One at a time: of two, the older could be the last to be written. */
  #checkpoint(): Effect.Effect<void> {
    return this.#checkpoints.withPermits(1)(this.#writeCheckpoint());
  }

  #writeCheckpoint(): Effect.Effect<void> {
    const term = this;
    const { failpoint, limits, clock } = this.#options;
    return Effect.gen(function* () {
      term.#checkpointWanted.closeUnsafe();
      if (term.#uncommitted !== undefined) yield* term.#commit(term.#uncommitted);
      if (term.#isOver) return;
      const durable = term.#durable;
      let written: readonly HotExecution[] = [];
      if (term.#checkpointer.isDue) {
        yield* failpoint("beforeCheckpoint");
        const collected = term.#checkpointer.collect(durable);
        yield* term.#commit(collected);
        written = collected.written;
      }
      for (const hot of term.#checkpointer.evict(written, limits, durable.sequence)) {
        // The store has its timer; memory keeps only those of the near future.
        if ((hot.storedDueAt ?? 0) > term.#dueLoadedUntil) term.effects.timers.set(hot.id, undefined);
      }
      if (clock.nowEpochMs() + TIMER_HORIZON_MS / 2 > term.#dueLoadedUntil) {
        yield* Effect.orDie(term.#insist(term.#loadDueTimers()));
      }
    });
  }

  /** Writes what was collected, which is nowhere else by now: whoever comes after one that was broken off begins with it. */
  #commit(collected: Collected): Effect.Effect<void> {
    const term = this;
    const { store, failpoint } = this.#options;
    // Not to be broken off: a new term must not read what an old one is still writing.
    const written = Effect.uninterruptible(
      Effect.suspend(() => term.#isOver ? Effect.void : store.commit(collected.checkpoint)),
    );
    return Effect.gen(function* () {
      term.#uncommitted = collected;
      yield* Effect.orDie(term.#insist(written));
      term.#uncommitted = undefined;
      term.#checkpointer.committed(collected);
      yield* failpoint("afterCheckpoint");
      term.#snapshots?.note(collected);
    });
  }
}
