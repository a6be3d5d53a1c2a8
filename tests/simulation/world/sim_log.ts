/** A log that all nodes of a simulation share, and one node's way to it. */
import { Effect } from "effect";
import { assertAppend, assertRead } from "../../../src/log/entry.ts";
import {
  AppendConflict,
  LogDamaged,
  type LogEntry,
  type LogUnavailable,
  type PartitionLog,
} from "../../../src/log/port.ts";
import { LogUnavailable as Unavailable } from "../../../src/log/port.ts";
import { answered, delayMs, type Place } from "./place.ts";

/** How long a writer waits for an acknowledgement that does not come, milliseconds. */
const TIMEOUT_MS = 500;
/** Part of the calls that take no time at all: then nothing else comes in between. */
const AT_ONCE = 0.3;

/** One partition's entries: what is in here stays, unless somebody from outside touches it. */
export class SimLog {
  readonly partition: number;
  /** From `first` on. */
  entries: LogEntry[] = [];
  /** The oldest entry that was not trimmed away. */
  first = 1;
  readonly #onAppended: (entry: LogEntry) => void;
  readonly #onTrimmed: (through: number) => void;

  /** @param onTrimmed a node wants the entries through this one removed, and they are still there */
  constructor(partition: number, onAppended: (entry: LogEntry) => void, onTrimmed: (through: number) => void) {
    this.partition = partition;
    this.#onAppended = onAppended;
    this.#onTrimmed = onTrimmed;
  }

  get last(): number {
    return this.first - 1 + this.entries.length;
  }

  /** Writes the entry, if it is the one expected next. */
  append(bytes: Uint8Array, expectedSequence: number): boolean {
    if (this.last !== expectedSequence) return false;
    const entry = { sequence: expectedSequence + 1, bytes };
    this.entries.push(entry);
    this.#onAppended(entry);
    return true;
  }

  /** Entries from this one on, at most so many. */
  page(from: number, limit: number): readonly LogEntry[] {
    return this.entries.slice(from - this.first, from - this.first + limit);
  }

  /** A node wants the entries up to and with this one removed. */
  trimAsked(through: number): void {
    if (through < this.first) return;
    this.#onTrimmed(through);
    this.trim(through);
  }

  /** Removes the entries up to and with this one. */
  trim(through: number): void {
    if (through < this.first) return;
    this.entries = this.entries.filter(({ sequence }) => sequence > through);
    this.first = through + 1;
  }
}

/** How a log is met by one node. A deliberate bug puts another in its place. */
export class NodeLog implements PartitionLog {
  readonly partition: number;
  readonly entryBytesMax = 1_000_000;
  protected readonly log: SimLog;
  protected readonly place: Place;

  constructor(log: SimLog, place: Place) {
    this.log = log;
    this.place = place;
    this.partition = log.partition;
  }

  append(bytes: Uint8Array, expectedSequence: number): Effect.Effect<number, AppendConflict | LogUnavailable> {
    return Effect.suspend((): Effect.Effect<number, AppendConflict | LogUnavailable> => {
      assertAppend(bytes, expectedSequence, this.entryBytesMax);
      const { random, world } = this.place;
      const entry = bytes.slice();
      if (world.strikes("conflictWithoutReason", random)) {
        world.note(() => `log ${this.partition}: a conflict without a reason`);
        return answered(this.place, delayMs(random), () => this.#conflict(expectedSequence));
      }
      if (world.strikes("appendNotDone", random)) return this.#noAnswer("append to");
      if (world.strikes("appendLate", random)) {
        this.attemptAfter(TIMEOUT_MS + random.between(0, 3_000), entry, expectedSequence);
        return this.#noAnswer("append to");
      }
      if (world.strikes("acknowledgementLost", random)) {
        this.attemptAfter(delayMs(random), entry, expectedSequence);
        return this.#noAnswer("append to");
      }
      return this.appendNow(entry, expectedSequence);
    });
  }

  /** The entry goes into the log, and the answer comes back. */
  protected appendNow(entry: Uint8Array, expectedSequence: number): Effect.Effect<number, AppendConflict> {
    const { random } = this.place;
    const outcome = (isIn: boolean) => isIn ? Effect.succeed(expectedSequence + 1) : this.#conflict(expectedSequence);
    if (random.chance(AT_ONCE)) return outcome(this.log.append(entry, expectedSequence));
    const outMs = delayMs(random);
    let isIn = false;
    this.attemptAfter(outMs, entry, expectedSequence, (did) => isIn = did);
    return answered(this.place, outMs + delayMs(random), () => outcome(isIn));
  }

  /** Entries as they come to the reader. A deliberate bug makes others of them. */
  protected entriesRead(entries: readonly LogEntry[]): readonly LogEntry[] {
    return entries;
  }

  read(from: number, limit: number): Effect.Effect<readonly LogEntry[], LogUnavailable | LogDamaged> {
    return Effect.suspend(() => {
      assertRead(from, limit);
      return this.#readable((): Effect.Effect<readonly LogEntry[], LogDamaged> => {
        const { first } = this.log;
        if (from < first) {
          return Effect.fail(new LogDamaged({ partition: this.partition, sequence: from, reason: "it is trimmed" }));
        }
        return Effect.succeed(this.entriesRead(this.log.page(from, limit)));
      });
    });
  }

  bounds(): Effect.Effect<{ first: number; last: number }, LogUnavailable> {
    return this.#readable(() => Effect.succeed({ first: this.log.first, last: this.log.last }));
  }

  trim(through: number): Effect.Effect<void, LogUnavailable> {
    return this.#readable(() => {
      this.trimNow(through);
      return Effect.void;
    });
  }

  protected trimNow(through: number): void {
    this.place.world.note(() => `log ${this.partition}: trimmed through ${through}`);
    this.log.trimAsked(through);
  }

  #readable<A, E = never>(answer: () => Effect.Effect<A, E>): Effect.Effect<A, E | LogUnavailable> {
    return Effect.suspend((): Effect.Effect<A, E | LogUnavailable> => {
      const { random, world } = this.place;
      if (world.strikes("logUnreadable", random)) return this.#noAnswer("read");
      return random.chance(AT_ONCE) ? answer() : answered(this.place, delayMs(random), answer);
    });
  }

  /** On its way it no longer needs its writer: it may arrive although the writer has died. */
  protected attemptAfter(
    ms: number,
    entry: Uint8Array,
    expectedSequence: number,
    then: (isIn: boolean) => void = () => {},
  ): void {
    const { world, random } = this.place;
    world.loop.after(ms, () => {
      if (!this.place.isAlive && random.chance(0.5)) return;
      const isIn = this.log.append(entry, expectedSequence);
      world.note(() => `log ${this.partition}: entry ${expectedSequence + 1} ${isIn ? "arrives" : "comes too late"}`);
      then(isIn);
    });
  }

  #noAnswer(operation: string): Effect.Effect<never, LogUnavailable> {
    const { partition } = this;
    this.place.world.disturb(TIMEOUT_MS);
    this.place.world.note(() => `log ${partition}: no answer to "${operation}"`);
    return answered(this.place, TIMEOUT_MS, () => Effect.fail(new Unavailable({ partition, operation })));
  }

  #conflict(expectedSequence: number): Effect.Effect<never, AppendConflict> {
    this.place.world.disturb();
    return Effect.fail(new AppendConflict({ partition: this.partition, expectedSequence }));
  }
}
