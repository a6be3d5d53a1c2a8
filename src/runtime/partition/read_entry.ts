import { Effect, Result } from "effect";
import { type Batch, decodeBatch } from "../../protocol/mod.ts";
import { LogDamaged, type LogEntry, LogFromNewerVersion, type LogUnreadable } from "../../log/port.ts";

/**
 * The batch of a log entry, checked and decoded.
 *
 * @param subject the turns of this one alone
 */
export function readEntry(
  partition: number,
  { sequence, bytes }: LogEntry,
  subject?: string,
): Effect.Effect<Batch, LogUnreadable> {
  const decoded = decodeBatch(bytes, subject);
  if (Result.isSuccess(decoded)) return Effect.succeed(decoded.success);
  const { reason, isNewer } = decoded.failure;
  return Effect.fail(
    isNewer
      ? new LogFromNewerVersion({ partition, sequence, reason })
      : new LogDamaged({ partition, sequence, reason }),
  );
}

/** No other try will do: the log, not its server, is what cannot be read. */
export function isUnreadable(failure: { readonly _tag: string }): failure is LogUnreadable {
  return failure instanceof LogDamaged || failure instanceof LogFromNewerVersion;
}
