/**
 * A set of keys that can be read in order.
 *
 * Writes come in thousands between two listings, so a new key is only noted, and sorted in when somebody next asks for a range:
 * one merge, linear in the number of keys. Deleted keys stay in the array until a quarter of it is dead.
 */
export class OrderedKeys {
  #sorted: string[] = [];
  #added = new Set<string>();
  #deleted = new Set<string>();

  /** Adds a key that is not there. */
  add(key: string): void {
    if (!this.#deleted.delete(key)) this.#added.add(key);
  }

  /** Removes a key that is there. */
  delete(key: string): void {
    if (!this.#added.delete(key)) this.#deleted.add(key);
  }

  /** Up to `limit` keys from `lower` (inclusive) to `upper` (exclusive), ascending, or descending when `reverse`. */
  range(lower: string, upper: string, limit: number, reverse: boolean): string[] {
    this.#settle();
    const from = this.#indexOf(lower);
    const to = this.#indexOf(upper);
    const found: string[] = [];
    const step = reverse ? -1 : 1;
    for (let i = reverse ? to - 1 : from; i >= from && i < to && found.length < limit; i += step) {
      const key = this.#sorted[i];
      if (key !== undefined && !this.#deleted.has(key)) found.push(key);
    }
    return found;
  }

  #settle(): void {
    if (this.#added.size === 0 && this.#deleted.size * 4 <= this.#sorted.length) return;
    const sorted = this.#sorted;
    const deleted = this.#deleted;
    const added = [...this.#added].sort();
    const merged: string[] = [];
    let next = 0;
    for (const key of sorted) {
      for (let other = added[next]; other !== undefined && other < key; other = added[++next]) merged.push(other);
      if (!deleted.has(key)) merged.push(key);
    }
    for (; next < added.length; next++) merged.push(added[next] ?? "");
    this.#sorted = merged;
    this.#added.clear();
    deleted.clear();
  }

  /** Index of the first key that is not less than `bound`. */
  #indexOf(bound: string): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sorted[middle] ?? "") < bound) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
