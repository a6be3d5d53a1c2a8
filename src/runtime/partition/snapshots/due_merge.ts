import type { Run } from "./snapshot_bucket.ts";

/** Fewer runs than this are left as they are. */
const RUNS_MIN = 4;
/** More are merged, whatever their sizes. */
const RUNS_MAX = 16;

/**
 * Which runs are to be merged: all from this index on, the oldest being the first; `undefined`: none.
 *
 * All of them as soon as the later ones are as large as the oldest: then at most half of it all is out of date, and a row is written about twice as
 * often as it would be without. Else, when there are too many, the newest that are of about one size.
 *
 * @param runs oldest first
 */
export function dueMerge(runs: readonly Pick<Run, "size">[]): number | undefined {
  if (runs.length < RUNS_MIN) return undefined;
  const [oldest, ...later] = runs;
  const laterSize = later.reduce((sum, { size }) => sum + size, 0);
  if (laterSize >= (oldest?.size ?? 0)) return 0;
  if (runs.length <= RUNS_MAX) return undefined;
  let from = runs.length - 1;
  let size = runs[from]?.size ?? 0;
  while (from > 1 && (from > runs.length - 2 || (runs[from - 1]?.size ?? 0) <= size)) {
    from -= 1;
    size += runs[from]?.size ?? 0;
  }
  return from;
}
