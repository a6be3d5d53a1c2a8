/**
 * What stands at a place of the log: a batch that an engine of this cluster wrote, one that is damaged, or something that somebody else put there.
 *
 * | what stands there | it is |
 * |---|---|
 * | a batch whose authenticator is right for this place | ours |
 * | a batch of a format without authenticators, before the first sealed one | ours: an earlier Weft wrote it |
 * | anything that carries the authenticator of this place, and is not right | ours, and damaged, or of a newer Weft |
 * | a batch whose authenticator is right for a later place | ours, and something before it is missing: nobody can copy what is yet to be written |
 * | anything else | foreign: whoever may write to the log has put it there |
 *
 * What is foreign is passed over, and said so; it never stops a partition. Should it have been ours after all, with its place damaged too, then the batch behind it
 * does not follow the one before it, and that stops the partition.
 */
import { Effect, Result } from "effect";
import { type Batch, type BatchSeal, decodeBatch, isPlaced, isProven, type Unreadable } from "../../protocol/mod.ts";
import { LogDamaged, type LogEntry, LogFromNewerVersion, type LogUnreadable } from "../../log/port.ts";

/** An entry that no engine of this cluster wrote. */
export interface ForeignEntry {
  readonly foreign: string;
}

/** Judges what one partition's log holds. */
export class EntryTrust {
  readonly #partition: number;
  readonly #seal: BatchSeal;
  /** Entries up to here were sealed with a secret that is lost: their authenticators cannot be checked. */
  readonly #adoptedThrough: number;
  /** The first sealed batch that was seen. */
  #sealedFrom = Infinity;

  constructor(partition: number, seal: BatchSeal, adoptedThrough = 0) {
    this.#partition = partition;
    this.#seal = seal;
    this.#adoptedThrough = adoptedThrough;
  }

  /** What stands there. @param subject the turns of this one alone */
  judge({ sequence, bytes }: LogEntry, subject?: string): Result.Result<Batch | ForeignEntry, LogUnreadable> {
    const decoded = decodeBatch(bytes, subject);
    const partition = this.#partition;
    if (Result.isFailure(decoded)) {
      const isOurs = sequence <= this.#adoptedThrough || sequence < this.#sealedFrom ||
        isPlaced(bytes, this.#seal, partition, sequence);
      if (!isOurs) return Result.succeed({ foreign: decoded.failure.reason });
      return Result.fail(unreadable(partition, sequence, decoded.failure));
    }
    const batch = decoded.success;
    if (isProven(batch, this.#seal, { partition, sequence })) {
      this.#sealedFrom = Math.min(this.#sealedFrom, sequence);
      return Result.succeed(batch);
    }
    if (sequence <= this.#adoptedThrough || (batch.proof === undefined && sequence < this.#sealedFrom)) {
      return Result.succeed(batch);
    }
    if (this.#sealedFrom === Infinity) {
      const reason =
        "it is sealed with another secret than this cluster's: restore the cluster's settings from a backup";
      return Result.fail(new LogDamaged({ partition, sequence, reason }));
    }
    if (isPlaced(bytes, this.#seal, partition, sequence)) {
      return Result.fail(
        new LogDamaged({ partition, sequence, reason: "what it says is not what was sealed for this place" }),
      );
    }
    const ownPlace = batch.proof?.sequence ?? 0;
    if (ownPlace > sequence && isProven(batch, this.#seal, { partition, sequence: ownPlace })) {
      // Nobody can have copied what was written later: it is ours, and stands where it does because something before it is gone.
      const reason = `it was written at ${ownPlace}: what stood before it is missing`;
      return Result.fail(new LogDamaged({ partition, sequence, reason }));
    }
    return Result.succeed({ foreign: "no engine of this cluster has sealed it for this place" });
  }

  /** The batch that stands there; something else there is damage. */
  read(entry: LogEntry, subject?: string): Effect.Effect<Batch, LogUnreadable> {
    const judged = this.judge(entry, subject);
    if (Result.isFailure(judged)) return Effect.fail(judged.failure);
    if (!isForeign(judged.success)) return Effect.succeed(judged.success);
    const { partition, sequence } = { partition: this.#partition, sequence: entry.sequence };
    return Effect.fail(new LogDamaged({ partition, sequence, reason: judged.success.foreign }));
  }
}

/** True for what no engine of this cluster wrote. */
export function isForeign(judged: Batch | ForeignEntry): judged is ForeignEntry {
  return "foreign" in judged;
}

function unreadable(partition: number, sequence: number, { reason, isNewer }: Unreadable): LogUnreadable {
  return isNewer
    ? new LogFromNewerVersion({ partition, sequence, reason })
    : new LogDamaged({ partition, sequence, reason });
}

/** No other try will do: the log, not its server, is what cannot be read. */
export function isUnreadable(failure: { readonly _tag: string }): failure is LogUnreadable {
  return failure instanceof LogDamaged || failure instanceof LogFromNewerVersion;
}
