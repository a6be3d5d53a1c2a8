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
import { Effect, Latch } from "effect";
import type { AppendConflict, LogUnavailable, LogUnreadable } from "../../log/port.ts";
import { encodeBatch, GENESIS_HASH } from "../../protocol/mod.ts";
import type { StorageUnavailable } from "../../storage/port.ts";
import type { ExecutionId } from "../../values/mod.ts";
import { pauseFor } from "../clock.ts";
import { appendUntilKnown } from "./append_until_known.ts";
import { AlarmKeeper } from "./timers/alarm_keeper.ts";
import { DueTimers } from "./timers/due_timers.ts";
import { insist } from "./insist.ts";
import type { Mark } from "./store/checkpoint.ts";
import { StoreWriter } from "./store/store_writer.ts";
import { confirmLease, type LeaseUnconfirmed } from "./confirm_lease.ts";
import { decidedBy } from "./decided_by.ts";
import { Decider } from "./decider.ts";
import type { Inbox } from "./inbox.ts";
import { Loader } from "./loader.ts";
import { BatchLine } from "./batch_line.ts";
import type { PartitionInput } from "./partition_input.ts";
import { PartitionMemory } from "./partition_memory.ts";
import type { PartitionOptions } from "./partition_options.ts";
import { isTrimmed, trustStore } from "./store/trust_store.ts";
import { rebuildIndex } from "./store/index_rebuild.ts";
import { type Replayed, SnapshotKeeper } from "./snapshots/snapshot_keeper.ts";
import { restoreSnapshot } from "./snapshots/snapshot_restore.ts";
import { Reader } from "./reads/reader.ts";
import { retellNewest } from "./feed/retell_newest.ts";
import { CarriedHistory } from "./trim/carried_history.ts";
import { LogTrimmer } from "./trim/log_trimmer.ts";
import { TurnEffects } from "./turn_effects.ts";

/** What ends a term: the log is another's, or cannot be believed. */
export type TermEnd = AppendConflict | LogUnreadable;

/** Inputs taken up at a time: what bounds how long one chunk holds the thread. */
const CHUNK_MAX = 256;
/** Batches waiting behind the one in flight before deciding pauses. */
const WAITING_BATCHES_MAX = 8;
const ATTENTION_PAGE = 500;

/** One leader's time at a partition: from its election to its end, by whatever cause. */
export class LeaderTerm {
  readonly memory = new PartitionMemory();
  readonly effects: TurnEffects;
  readonly #loader: Loader;
  readonly #options: PartitionOptions;
  readonly #batches: BatchLine;
  readonly #reader: Reader;
  readonly #decider: Decider;
  readonly #alarms: AlarmKeeper;
  readonly #hasBatch = Latch.makeUnsafe(false);
  readonly #hasRoom = Latch.makeUnsafe(true);
  readonly #offer: (input: PartitionInput) => void;
  readonly #snapshots: SnapshotKeeper | undefined;
  #rebuildThrough: number | undefined;
  readonly #dueTimers: DueTimers;
  readonly #trimmer: LogTrimmer;
  readonly #carried: CarriedHistory;
  readonly #writer: StoreWriter;
  /** Where the log ended when this term began, and the executions that its replay brought into memory. */
  #replayed: Replayed = { through: 0, ids: new Set() };
  /** When the cluster's bucket last had all that the local store has, or this term began; `undefined`: there is no bucket. */
  snapshotAtEpochMs: number | undefined;
  #durable: Mark = { sequence: 0, hash: GENESIS_HASH, epoch: 0 };
  /** The effects of the newest batch are out, as far as this node knows. */
  #isReleased = false;
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
    this.#loader = new Loader(options, this.memory);
    this.#batches = new BatchLine(options, this.memory);
    this.#reader = new Reader({
      options,
      memory: this.memory,
      batches: this.#batches,
      effects: this.effects,
      loader: this.#loader,
      again: offer,
    });
    this.#decider = new Decider(options, this.memory, this.#batches, this.effects, this.#reader, offer);
    this.#snapshots = options.snapshots === undefined ? undefined : new SnapshotKeeper({
      bucket: options.snapshots,
      local: options.store,
      log: options.log,
      trust: options.trust,
      epoch: () => this.memory.epoch,
    });
    const trimming = { options, memory: this.memory, snapshots: this.#snapshots };
    this.#trimmer = new LogTrimmer(trimming);
    this.#carried = new CarriedHistory(trimming);
    this.#dueTimers = new DueTimers(options, this.memory, this.effects, () => this.#alarms.arm());
    this.#writer = new StoreWriter({
      options,
      memory: this.memory,
      snapshots: this.#snapshots,
      dueTimers: this.#dueTimers,
      durable: () => this.#mayStore(),
    });
  }

  /**
   * How far the store may be. A follower's stays one batch behind the log: its leader may die before it has let the effects of the
   * newest one out, and who takes over tells of it again as long as it is replayed.
   */
  #mayStore(): Mark {
    return this.#isReleased ? this.#durable : this.memory.before ?? this.#durable;
  }

  /** Brings into memory what the store and the log have. */
  load(): Effect.Effect<void, LogUnreadable | LogUnavailable | StorageUnavailable> {
    const { store, snapshots } = this.#options;
    return Effect.gen({ self: this }, function* () {
      yield* store.upgrade();
      let applied = yield* store.loadApplied();
      if (snapshots !== undefined && (applied === undefined || (yield* isTrimmed(this.#options.log, applied)))) {
        applied = (yield* restoreSnapshot(snapshots, store)) ?? applied;
      }
      if (applied !== undefined) {
        yield* trustStore(this.#options, applied);
        const { sequence, hash, epoch } = applied;
        this.memory.beginFrom(applied);
        this.#writer.beginFrom({ sequence, hash, epoch });
      }
      this.#rebuildThrough = yield* store.loadRebuildThrough();
      yield* this.#loader.loadShared();
      yield* this.catchUp();
    });
  }

  /** Takes in what another leader has written since. */
  catchUp(): Effect.Effect<void, LogUnreadable | LogUnavailable | StorageUnavailable> {
    return Effect.map(this.#loader.replay(), () => {
      const { lastBatchSequence: sequence, lastHash: hash, epoch } = this.memory;
      this.#durable = { sequence, hash, epoch };
    });
  }

  /**
   * Keeps up with another leader until it is interrupted, and writes what it takes in to the local store.
   *
   * @param pause what is waited for between two looks at the log
   * @param caughtUp called after each look, with the sequence that it came to
   */
  follow(pause: Effect.Effect<void>, caughtUp: (through: number) => void): Effect.Effect<never, LogUnreadable> {
    const following = Effect.forever(Effect.gen({ self: this }, function* () {
      yield* insist(this.#options, this.catchUp());
      caughtUp(this.memory.lastSequence);
      this.#writer.hurry();
      yield* pause;
    }));
    return Effect.raceAllFirst([
      following,
      this.#writer.serve(),
      Effect.andThen(this.#rebuild(), this.#carried.serve()),
    ]);
  }

  /** Takes the partition over: the rest of the log, then `LeaderElectedEvent`, then what was promised. */
  begin(): Effect.Effect<void, TermEnd | LeaseUnconfirmed | LogUnavailable | StorageUnavailable> {
    const { node } = this.#options;
    return Effect.gen({ self: this }, function* () {
      yield* this.catchUp();
      this.#writer.lead();
      this.#replayed = { through: this.memory.lastSequence, ids: new Set(this.memory.hot.keys()) };
      const live = [...this.memory.hot.values()].filter(({ actors }) => !actors.hasEnded);
      yield* this.#loader.loadMissingDefinitions(live);
      yield* retellNewest(this.#options, this.memory, this.#loader);
      this.#isReleased = true;
      yield* confirmLease(this.#options);
      this.memory.epoch += 1;
      this.#batches.writeRecords([{ type: "LeaderElectedEvent", version: 1, epoch: this.memory.epoch, node }]);
      yield* this.#appendNext();
      if (this.#snapshots !== undefined) this.snapshotAtEpochMs = this.#options.clock.nowEpochMs();
      this.#options.workflows.begin(this.memory.workflows);
      this.#options.led.begin(this.memory.resources);
      this.#options.onTerm(this.#options.partition, { memory: this.memory, effects: this.effects });
      yield* this.#resume();
    });
  }

  /** Serves until the log turns out to be another's or damaged. */
  serve(inbox: Inbox): Effect.Effect<never, TermEnd> {
    const deciding = Effect.forever(Effect.andThen(
      inbox.filled,
      Effect.suspend(() => {
        this.#options.meter.phase("queue", inbox.sinceMs);
        this.#taken = inbox.take(CHUNK_MAX);
        return this.#takeUp(this.#taken);
      }),
    ));
    const appending = Effect.forever(Effect.andThen(this.#hasBatch.await, Effect.suspend(() => this.#appendNext())));
    return Effect.raceAllFirst([
      deciding,
      appending,
      this.#writer.serve(),
      this.#reader.desk.serve(),
      this.#rebuild().pipe(
        Effect.andThen(this.#carried.bring()),
        Effect.andThen(Effect.raceFirst(this.#keepSnapshots(), this.#trimmer.serve())),
      ),
    ]);
  }

  /** What is broken off here does no harm: the manifest that the next term takes over does not speak of it. */
  #keepSnapshots(): Effect.Effect<never, LogUnreadable> {
    const snapshots = this.#snapshots;
    const { clock, snapshotMs } = this.#options;
    if (snapshots === undefined) return Effect.never;
    return Effect.andThen(
      insist(this.#options, snapshots.lookBack(this.#replayed)),
      Effect.forever(Effect.andThen(
        Effect.raceFirst(pauseFor(clock, snapshotMs), snapshots.wanted),
        Effect.map(insist(this.#options, snapshots.write()), () => void (this.snapshotAtEpochMs = clock.nowEpochMs())),
      )),
    );
  }

  #rebuild(): Effect.Effect<void, LogUnreadable> {
    return Effect.suspend(() => {
      if (this.#rebuildThrough === undefined) return Effect.void;
      const rebuilt = insist(this.#options, rebuildIndex(this.#options, this.#rebuildThrough));
      return Effect.map(rebuilt, () => void (this.#rebuildThrough = undefined));
    });
  }

  /** Writes what is not in the store yet: for a shutdown in order. */
  flush(): Effect.Effect<void> {
    return this.#writer.flush();
  }

  /** The lease is lost: what is still decided until the term has ended is not answered. */
  cease(): void {
    this.#batches.cease();
  }

  /** Ends the term: waits for a write that is on its way, and begins no other. */
  end(reason: string): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.#giveUp(reason);
      return this.#writer.end();
    });
  }

  /** Callers whose outcome is unknown are told so; timers stop. What was taken and not decided goes back into the line. */
  #giveUp(reason: string): void {
    for (const input of this.#taken) this.#offer(input);
    this.#taken = [];
    this.#alarms.stop();
    this.#options.workflows.withdraw();
    this.#options.led.withdraw();
    this.#batches.giveUp(reason);
    this.#reader.desk.giveUp(reason);
    this.effects.giveUp(reason);
  }

  /** Does again what was promised: hands out open tasks, takes up what was left, arms timers. */
  #resume(): Effect.Effect<void, StorageUnavailable> {
    const { store } = this.#options;
    return Effect.gen({ self: this }, function* () {
      for (const hot of this.memory.hot.values()) this.#resumeExecution(hot.id);
      let after: string | undefined;
      for (;;) {
        const page = yield* store.needingAttention(after, ATTENTION_PAGE);
        const away = page.map(({ id }) => id).filter((id) => !this.memory.hot.has(id));
        yield* this.#loader.loadExecutions(away);
        for (const id of away) this.#resumeExecution(id);
        after = page.at(-1)?.key;
        if (after === undefined || page.length < ATTENTION_PAGE) break;
      }
      yield* this.#dueTimers.load();
    });
  }

  #resumeExecution(id: ExecutionId): void {
    const hot = this.memory.hot.get(id);
    if (hot === undefined || hot.parked !== undefined || hot.actors.hasEnded) return;
    const open = [...hot.actors.tasks.keys()];
    if (open.length > 0) {
      this.#batches.afterDurable(() => this.effects.dispatchTasks(hot, open, this.#options.redispatch));
    }
    this.effects.armTimer(hot);
    if (hot.actors.unprocessed.size > 0) this.#offer({ kind: "continue", executionId: id });
  }

  #takeUp(inputs: readonly PartitionInput[]): Effect.Effect<void, TermEnd> {
    const { failpoint, meter } = this.#options;
    return Effect.gen({ self: this }, function* () {
      yield* failpoint("beforeLoad");
      const beganAtMs = meter.nowMs();
      this.memory.isIndexComplete = this.#rebuildThrough === undefined;
      yield* insist(this.#options, this.#loader.load(inputs));
      yield* insist(this.#options, this.#loader.loadMissingDefinitions(decidedBy(inputs, this.memory)));
      const loadedAtMs = meter.phase("load", beganAtMs);
      yield* failpoint("beforeDecide");
      for (const input of inputs) this.#decider.process(input);
      meter.phase("decide", loadedAtMs);
      this.#taken = [];
      yield* this.#logDefects();
      if (inputs.some(({ kind }) => kind === "redispatch")) yield* insist(this.#options, this.#resume());
      if (this.memory.suspects.size > 0) yield* this.#rebuildSuspects();
      this.memory.pinned.clear();
      yield* failpoint("afterDecide");
      if (this.#batches.waiting.length > 0) this.#hasBatch.openUnsafe();
      this.#writer.hurry();
      if (this.#batches.waiting.length < WAITING_BATCHES_MAX) return;
      this.#hasRoom.closeUnsafe();
      yield* this.#hasRoom.await;
    });
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
    return Effect.gen({ self: this }, function* () {
      while (this.#batches.waiting.length > 0 || this.#batches.inFlight !== undefined) {
        // In this order: the appender may go on at once, and be done before the next line.
        this.#hasRoom.closeUnsafe();
        this.#hasBatch.openUnsafe();
        yield* this.#hasRoom.await;
      }
      for (const [id, why] of this.memory.suspects) {
        yield* Effect.logError("A defect stopped a turn").pipe(
          Effect.annotateLogs({ executionId: id, partition: this.#options.partition, why }),
        );
        const suspect = this.memory.hot.get(id);
        this.memory.suspects.delete(id);
        if (suspect === undefined) continue;
        const rebuilt = yield* insist(this.#options, this.#loader.rebuild(suspect));
        this.memory.dirty.delete(suspect);
        this.memory.hot.set(id, rebuilt);
        if (rebuilt.firstDirty > 0) this.memory.dirty.add(rebuilt);
        this.effects.armTimer(rebuilt);
        if (rebuilt.actors.unprocessed.size > 0 && rebuilt.parked === undefined) {
          this.#offer({ kind: "continue", executionId: id });
        }
      }
    });
  }

  #appendNext(): Effect.Effect<void, TermEnd> {
    const { failpoint, partition, meter } = this.#options;
    const batches = this.#batches;
    return Effect.gen({ self: this }, function* () {
      const batch = batches.waiting.shift();
      if (batch === undefined) {
        this.#hasBatch.closeUnsafe();
        return;
      }
      batches.inFlight = batch;
      const { sequence } = batch;
      const head = { partition, previous: this.#durable.hash, epoch: this.memory.epoch, sequence };
      const { hash, bytes } = encodeBatch(head, batch.lines, this.#options.seal);
      yield* failpoint("beforeAppend");
      const beganAtMs = meter.nowMs();
      yield* appendUntilKnown(this.#options, { bytes, hash, sequence: batch.sequence });
      const appendedAtMs = meter.appended(batch, beganAtMs);
      yield* failpoint("afterAppend");
      yield* failpoint("beforeRelease");
      // In one go: who sees it durable (a checkpoint, an answer) comes behind its effects.
      this.#durable = { sequence, hash, epoch: head.epoch };
      this.memory.lastBatchSequence = sequence;
      this.memory.lastHash = hash;
      batches.inFlight = undefined;
      batch.release();
      meter.phase("release", appendedAtMs);
      yield* failpoint("afterRelease");
      if (batches.waiting.length < WAITING_BATCHES_MAX / 2) this.#hasRoom.openUnsafe();
    });
  }
}
