import { Result } from "effect";
import type { Unreadable } from "../protocol/mod.ts";
import { StoreFromNewerVersion } from "../storage/port.ts";

/** Reads values of one kind, of any version. */
interface Reader<T> {
  read(value: unknown): Result.Result<T, Unreadable>;
}

/**
 * What stands in a store, as the current version has it. A store is behind the log and made again from it, so what cannot be read stops
 * whoever reads it, as a defect does, and nothing is guessed.
 *
 * @throws {StoreFromNewerVersion} a newer Weft wrote it
 * @throws {RangeError} no Weft ever wrote it
 */
export function readStored<T>(format: Reader<T>, key: string, value: unknown): T {
  const read = format.read(value);
  if (Result.isSuccess(read)) return read.success;
  const { reason, isNewer } = read.failure;
  const place = `"${key}" of the store`;
  throw isNewer ? new StoreFromNewerVersion({ place, reason }) : new RangeError(`Cannot read ${place}: ${reason}`);
}
