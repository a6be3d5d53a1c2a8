/** Bugs of what is written, kept and believed: log, checkpoints, snapshots. */
import { Buffer } from "node:buffer";
import { Effect, Result } from "effect";
import { type AppendConflict, LogDamaged, type LogEntry } from "../../../src/log/port.ts";
import {
  decodeBatch,
  decodeTurn,
  encodeTurn,
  GENESIS_HASH,
  type Turn,
  type TurnRecord,
} from "../../../src/protocol/mod.ts";
import { Checkpointer } from "../../../src/runtime/partition/store/checkpoint.ts";
import { EntryTrust } from "../../../src/runtime/partition/entry_trust.ts";
import { OpenBatch } from "../../../src/runtime/partition/open_batch.ts";
import { PartitionMemory } from "../../../src/runtime/partition/partition_memory.ts";
import { PartitionStore } from "../../../src/runtime/partition/store/partition_store.ts";
import { SnapshotBucket } from "../../../src/runtime/partition/snapshots/snapshot_bucket.ts";
import { SnapshotKeeper } from "../../../src/runtime/partition/snapshots/snapshot_keeper.ts";
import type { AtomicBatch } from "../../../src/storage/atomic_draft.ts";
import { sha256Hex } from "../../../src/values/mod.ts";
import { delayMs } from "../world/place.ts";
import { NodeLog } from "../world/sim_log.ts";
import { NodeStore } from "../world/sim_store.ts";
import { both, type Bug, replace } from "./bug.ts";

/** The log says that it has an entry before it has it, so that effects come out too early. */
class HastyLog extends NodeLog {
  protected override appendNow(entry: Uint8Array, expectedSequence: number): Effect.Effect<number, AppendConflict> {
    this.attemptAfter(1 + delayMs(this.place.random), entry, expectedSequence);
    return Effect.succeed(expectedSequence + 1);
  }
}

/** Takes one entry more from the log than it was asked to. */
class GreedyLog extends NodeLog {
  protected override trimNow(through: number): void {
    super.trimNow(through + 1);
  }
}

/** Every entry has the checksum that its content has now. */
class TrustingLog extends NodeLog {
  protected override entriesRead(entries: readonly LogEntry[]): readonly LogEntry[] {
    return entries.map(({ sequence, bytes }) => {
      const text = Buffer.from(bytes).toString("utf8");
      const end = text.indexOf("\n");
      const body = text.slice(end + 1);
      const head = text.slice(0, end).replace(/[0-9a-f]{64}$/, sha256Hex(body));
      return { sequence, bytes: Buffer.from(`${head}\n${body}`) };
    });
  }
}

/** Whose a key is never comes into the store. */
class ForgetfulStore extends NodeStore {
  protected override written({ checks, writes }: AtomicBatch): AtomicBatch {
    return { checks, writes: new Map([...writes].filter(([key]) => !/^p\d+\/k\//.test(key))) };
  }
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

/** Nobody looks at seals: they would tell of most damages as well. */
function withoutSeals(): () => void {
  return replace(EntryTrust.prototype, "judge", () => ({ sequence, bytes }, subject) => {
    const decoded = decodeBatch(bytes, subject);
    return Result.mapError(decoded, ({ reason }) => new LogDamaged({ partition: 0, sequence, reason }));
  });
}

export const logBugs = {
  earlyEffect: {
    what: "effects come out before the log has acknowledged their turn",
    breaks: ["effectAfterLog", "readAfterLog"],
    seed: 1,
    log: HastyLog,
  },
  decidingReplay: {
    what: "replay reads the clock again instead of what stands in the event",
    breaks: ["replayEqualsLive", "timers"],
    seed: 4,
    install: () =>
      replace(PartitionMemory.prototype, "replay", (sound) =>
        function (this: PartitionMemory, batch, ...rest) {
          return sound.call(this, { ...batch, turns: batch.turns.map(decidedAnew) }, ...rest);
        }),
  },
  forgottenKey: {
    what: "an idempotency key is forgotten with the execution that leaves memory",
    breaks: ["oneKeyOneExecution", "readIsCurrent"],
    seed: 1,
    store: ForgetfulStore,
  },
  snapshotAhead: {
    what: "a checkpoint takes the batch that is on its way as durable",
    breaks: ["checkpointBehindLog"],
    seed: 1,
    install: () =>
      replace(Checkpointer.prototype, "collect", (sound) =>
        function (this: Checkpointer, durable) {
          return sound.call(this, { ...durable, sequence: durable.sequence + 1 });
        }),
  },
  completedTwice: {
    what: "a task's completion is applied twice",
    breaks: ["oneOutcome", "nothingAfterEnd"],
    seed: 2,
    install: () =>
      replace(OpenBatch.prototype, "add", (sound) =>
        function (this: OpenBatch, line, bytes) {
          sound.call(this, line, bytes);
          const again = completedAgain(line);
          if (again !== undefined) sound.call(this, again, bytes);
        }),
  },
  uncheckedChecksum: {
    what: "nobody looks whether an entry of the log is what was written, by its checksum or its seal",
    breaks: ["damageNoticed"],
    seed: 7,
    log: TrustingLog,
    install: withoutSeals,
  },
  uncheckedChain: {
    what: "nobody looks whether an entry of the log follows the one before it, by its hash or its seal",
    breaks: ["damageNoticed"],
    seed: 1,
    install: () =>
      both(
        withoutSeals(),
        replace(PartitionMemory.prototype, "replay", (sound) =>
          function (this: PartitionMemory, batch, ...rest) {
            this.lastHash = batch.previous;
            return sound.call(this, batch, ...rest);
          }),
      ),
  },
  uncheckedWatermark: {
    what: "nobody looks whether the log still has what a replica saw durable, or at its seal",
    breaks: ["damageNoticed"],
    seed: 3,
    install: () =>
      both(
        withoutSeals(),
        replace(PartitionStore.prototype, "loadApplied", (sound) =>
          function (this: PartitionStore) {
            return Effect.map(
              sound.call(this),
              (applied) =>
                applied === undefined ? undefined : { ...applied, durableSequence: 0, durableHash: GENESIS_HASH },
            );
          }),
      ),
  },
  neverSnapshot: {
    what: "snapshots are never written",
    breaks: ["snapshots"],
    seed: 2,
    install: () => replace(SnapshotKeeper.prototype, "write", () => () => Effect.void),
  },
  trimOffByOne: {
    what: "one entry too many is trimmed from a log",
    breaks: ["trims"],
    seed: 2,
    log: GreedyLog,
  },
  oldSnapshot: {
    what: "a replaced leader writes a snapshot of its epoch over its successor's",
    breaks: ["fencedSnapshots", "checkpointBehindLog"],
    seed: 62,
    install: () =>
      replace(SnapshotBucket.prototype, "replace", (sound) =>
        function (this: SnapshotBucket, manifest) {
          return Effect.flatMap(this.load(), (held) => sound.call(this, manifest, held));
        }),
  },
} as const satisfies Record<string, Bug>;
