/** When which partition acknowledged and brought results: how long a fault kept them from it. */

/** An execution's course, Unix milliseconds. */
export interface Course {
  readonly partition: number;
  readonly askedAtEpochMs: number;
  acknowledgedAtEpochMs?: number;
  endedAtEpochMs?: number;
}

/** Courses of executions that take no time of their own. */
export class Timeline {
  readonly #courses: Course[] = [];
  readonly #acknowledgements: number[] = [];

  /** A start goes out; the caller fills in what becomes of it. */
  asked(partition: number, askedAtEpochMs: number): Course {
    const course = { partition, askedAtEpochMs };
    this.#courses.push(course);
    return course;
  }

  /** Any start was acknowledged. */
  acknowledged(atEpochMs: number): void {
    this.#acknowledgements.push(atEpochMs);
  }

  /**
   * Milliseconds from `sinceEpochMs` until each partition that was asked has brought a new result: of an execution that was asked after
   * it. By partition; `Infinity` where there was none.
   */
  resultsSince(sinceEpochMs: number): ReadonlyMap<number, number> {
    const first = new Map<number, number>();
    for (const { partition, askedAtEpochMs, endedAtEpochMs = Infinity } of this.#courses) {
      if (askedAtEpochMs < sinceEpochMs) continue;
      first.set(partition, Math.min(first.get(partition) ?? Infinity, endedAtEpochMs - sinceEpochMs));
    }
    return first;
  }

  /** Milliseconds of the longest time between two acknowledgements, whatever their partition, of those within. */
  longestGapMs(fromEpochMs: number, toEpochMs: number): number {
    return longestGap(this.#acknowledgements, fromEpochMs, toEpochMs);
  }

  /** The longest of any one partition, of the starts that are timed. */
  longestPartitionGapMs(fromEpochMs: number, toEpochMs: number): number {
    const gaps = [...Map.groupBy(this.#courses, ({ partition }) => partition).values()].map((courses) =>
      longestGap(courses.flatMap(({ acknowledgedAtEpochMs }) => acknowledgedAtEpochMs ?? []), fromEpochMs, toEpochMs)
    );
    return Math.max(0, ...gaps);
  }

  /** The same of results. */
  longestResultGapMs(fromEpochMs: number, toEpochMs: number): number {
    return longestGap(this.#courses.flatMap(({ endedAtEpochMs }) => endedAtEpochMs ?? []), fromEpochMs, toEpochMs);
  }

  /** Results a second, within. */
  ratePerSecond(fromEpochMs: number, toEpochMs: number): number {
    const count =
      this.#courses.filter(({ endedAtEpochMs: at = Infinity }) => at >= fromEpochMs && at <= toEpochMs).length;
    return count * 1_000 / (toEpochMs - fromEpochMs);
  }
}

function longestGap(all: readonly number[], fromEpochMs: number, toEpochMs: number): number {
  const times = all.filter((at) => at >= fromEpochMs && at <= toEpochMs).sort((a, b) => a - b);
  return [fromEpochMs, ...times].reduce((most, at, index) => Math.max(most, (times[index] ?? toEpochMs) - at), 0);
}

/** The value below which a share of all lies, by nearest rank; 0 of nothing. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
