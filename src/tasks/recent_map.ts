/**
 * Remembers values by key, the last `sizeMax` of them; the oldest is forgotten for the newest.
 *
 * Not a `Map` alone: finding the first key of one whose head was deleted again and again walks over all that is gone.
 */
export class RecentMap<V> {
  readonly #values = new Map<string, V>();
  /** Keys in order of arrival, as a ring. */
  readonly #keys: (string | undefined)[];
  #next = 0;

  /** @param sizeMax at least 1 */
  constructor(sizeMax: number) {
    this.#keys = new Array(sizeMax).fill(undefined);
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  get(key: string): V | undefined {
    return this.#values.get(key);
  }

  /** A key that is known keeps its age. */
  set(key: string, value: V): void {
    const isKnown = this.#values.has(key);
    this.#values.set(key, value);
    if (isKnown) return;
    const oldest = this.#keys[this.#next];
    if (oldest !== undefined) this.#values.delete(oldest);
    this.#keys[this.#next] = key;
    this.#next = (this.#next + 1) % this.#keys.length;
  }

  /** Forgets all. */
  clear(): void {
    this.#values.clear();
    this.#keys.fill(undefined);
    this.#next = 0;
  }
}
