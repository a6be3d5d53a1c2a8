import type { Homes } from "./homes.ts";
import type { CliIo } from "./io.ts";
import type { Paint } from "./output/paint.ts";

/** What a command works with, and where it leaves its exit status. */
export interface CommandScope {
  readonly io: CliIo;
  readonly homes: Homes;
  /** For stdout. */
  readonly paint: Paint;
  /** For stderr. */
  readonly errPaint: Paint;
  /** 0 unless a command says otherwise. */
  exitCode: number;
}
