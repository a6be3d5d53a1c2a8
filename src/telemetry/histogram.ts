import { declarationOf, type HistogramName } from "./catalog.ts";

/** How often which value was seen. Recording is a few comparisons and two additions: it stands on the way of every batch. */
export class Histogram {
  readonly bounds: readonly number[];
  /** By bucket, not summed up; the last has what is above every bound. */
  readonly counts: number[];
  sum = 0;
  count = 0;
  min = Infinity;
  max = -Infinity;

  /** @param bounds of its buckets, rising */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Array<number>(this.bounds.length + 1).fill(0);
  }

  record(value: number): void {
    let bucket = 0;
    for (const bound of this.bounds) {
      if (value <= bound) break;
      bucket++;
    }
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sum += value;
    this.count++;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
  }
}

/** An empty one, with the buckets of this metric. */
export function newHistogram(name: HistogramName): Histogram {
  return new Histogram(declarationOf(name).bounds ?? []);
}
