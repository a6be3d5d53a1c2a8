/** Six bugs that can be put into a simulation, to see that it finds them. */
import { Effect, Result } from "effect";
import { AppendConflict } from "../../src/log/port.ts";
import { decodeTurn, encodeTurn, type Turn, type TurnRecord } from "../../src/protocol/mod.ts";
import type { WallClock } from "../../src/runtime/mod.ts";
import { Checkpointer } from "../../src/runtime/partition/store/checkpoint.ts";
import { OpenBatch } from "../../src/runtime/partition/open_batch.ts";
import { PartitionMemory } from "../../src/runtime/partition/partition_memory.ts";
import type { AtomicBatch } from "../../src/storage/atomic_draft.ts";
import type { Invariant } from "./checks/violation.ts";
import { delayMs } from "./world/place.ts";
import type { SimRandom } from "./world/sim_random.ts";
import { NodeLog } from "./world/sim_log.ts";
import { NodeStore } from "./world/sim_store.ts";

/** A bug, and what it is found by. */
export interface Bug {
  readonly what: string;
  /** Invariants that such a bug breaks: it is found when one of them is violated. */
  readonly breaks: readonly Invariant[];
  /** In place of the sound ways from a node to its surroundings. */
  readonly log?: typeof NodeLog;
  readonly store?: typeof NodeStore;
  readonly clock?: (clock: WallClock, random: SimRandom) => WallClock;
  /** Puts it into the engine's own code; returns what takes it out again. */
  readonly install?: () => () => void;
}

/** A bug's name. */
export type BugName = keyof typeof bugs;

/** The log says that it has an entry before it has it, so that effects come out too early. */
class HastyLog extends NodeLog {
  protected override appendNow(entry: Uint8Array, expectedSequence: number): Effect.Effect<number, AppendConflict> {
    this.attemptAfter(1 + delayMs(this.place.random), entry, expectedSequence);
    return Effect.succeed(expectedSequence + 1);
  }
}

/** Whose a key is never comes into the store. */
class ForgetfulStore extends NodeStore {
  protected override written({ checks, writes }: AtomicBatch): AtomicBatch {
    return { checks, writes: new Map([...writes].filter(([key]) => !/^p\d+\/k\//.test(key))) };
  }
}

/** Part of the alarms that never ring. */
const LOST_ALARMS = 0.4;

function lossyClock(clock: WallClock, random: SimRandom): WallClock {
  const nothing = () => {};
  return {
    ...clock,
    alarm: (atEpochMs, ring) => random.chance(LOST_ALARMS) ? nothing : clock.alarm(atEpochMs, ring),
  };
}

/** Puts another method in the place of one; returns what puts the first one back. */
function replace<T extends object, Name extends keyof T>(
  target: T,
  name: Name,
  make: (sound: T[Name]) => T[Name],
): () => void {
  const sound = target[name];
  target[name] = make(sound);
  return () => {
    target[name] = sound;
  };
}

/** A replayed turn as it would be if it were decided again now: its waits begin anew. */
function decidedAnew(turn: Turn): Turn {
  const lateMs = 1_000;
  const records = turn.records.map((record): TurnRecord =>
    record.type === "StateStartedEvent" && record.deadlineEpochMs !== undefined
      ? { ...record, deadlineEpochMs: record.deadlineEpochMs + lateMs }
      : record
  );
  return { ...turn, records };
}

/** The turn in which a task was completed once more, as a second turn of its execution. */
function completedAgain(line: string): string | undefined {
  const turn = decodeTurn(line);
  if (Result.isFailure(turn)) return undefined;
  const hasCompleted = turn.success.records.some(({ type }) => type === "TaskCompletedEvent");
  return hasCompleted ? encodeTurn({ ...turn.success, sequence: turn.success.sequence + 1 }) : undefined;
}

/** By name, as `--bug` takes it. */
export const bugs = {
  earlyEffect: {
    what: "effects come out before the log has acknowledged their turn",
    breaks: ["effectAfterLog"],
    log: HastyLog,
  },
  lostTimer: {
    what: "some alarms never ring",
    breaks: ["timers"],
    clock: lossyClock,
  },
  decidingReplay: {
    what: "replay reads the clock again instead of what stands in the event",
    breaks: ["replayEqualsLive"],
    install: () =>
      replace(PartitionMemory.prototype, "replay", (sound) =>
        function (this: PartitionMemory, batch, ...rest) {
          return sound.call(this, { ...batch, turns: batch.turns.map(decidedAnew) }, ...rest);
        }),
  },
  forgottenKey: {
    what: "an idempotency key is forgotten with the execution that leaves memory",
    breaks: ["oneKeyOneExecution"],
    store: ForgetfulStore,
  },
  snapshotAhead: {
    what: "a checkpoint takes the batch that is on its way as durable",
    breaks: ["checkpointBehindLog"],
    install: () =>
      replace(Checkpointer.prototype, "collect", (sound) =>
        function (this: Checkpointer, durable) {
          return sound.call(this, { ...durable, sequence: durable.sequence + 1 });
        }),
  },
  completedTwice: {
    what: "a task's completion is applied twice",
    breaks: ["oneOutcome", "nothingAfterEnd"],
    install: () =>
      replace(OpenBatch.prototype, "add", (sound) =>
        function (this: OpenBatch, line, bytes) {
          sound.call(this, line, bytes);
          const again = completedAgain(line);
          if (again !== undefined) sound.call(this, again, bytes);
        }),
  },
} as const satisfies Record<string, Bug>;

/** The bug of this name, if there is one. */
export function bugOf(name: string | undefined): Bug | undefined {
  return Object.entries<Bug>(bugs).find(([known]) => known === name)?.[1];
}
