/**
 * Deadlines by execution, earliest first: a binary heap whose outdated entries are dropped when met, and swept when they
 * outnumber the rest, so that called-off timers of long deadlines do not pile up.
 */
export class TimerQueue {
  readonly #deadlines = new Map<string, number>();
  #heap: { readonly deadline: number; readonly id: string }[] = [];

  /** Executions with a deadline. */
  get size(): number {
    return this.#deadlines.size;
  }

  /** Sets, moves or (with `undefined`) removes an execution's deadline, unix milliseconds. */
  set(id: string, deadline: number | undefined): void {
    if (this.#deadlines.get(id) === deadline) return;
    if (deadline === undefined) {
      this.#deadlines.delete(id);
      if (this.#heap.length > 64 && this.#heap.length > 2 * this.#deadlines.size) this.#sweep();
      return;
    }
    this.#deadlines.set(id, deadline);
    this.#push({ deadline, id });
    if (this.#heap.length > 64 && this.#heap.length > 2 * this.#deadlines.size) this.#sweep();
  }

  /** The earliest deadline there is. */
  earliest(): number | undefined {
    this.#dropOutdated();
    return this.#heap[0]?.deadline;
  }

  /** Removes and returns, in order, up to `limit` executions whose deadline is not after `nowEpochMs`. */
  takeDue(nowEpochMs: number, limit: number): readonly string[] {
    const due: string[] = [];
    while (due.length < limit) {
      this.#dropOutdated();
      const first = this.#heap[0];
      if (first === undefined || first.deadline > nowEpochMs) break;
      this.#pop();
      this.#deadlines.delete(first.id);
      due.push(first.id);
    }
    return due;
  }

  #dropOutdated(): void {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (this.#deadlines.get(first.id) === first.deadline) return;
      this.#pop();
    }
  }

  #sweep(): void {
    const live = [...this.#deadlines].map(([id, deadline]) => ({ deadline, id }));
    this.#heap = live.sort((a, b) => a.deadline - b.deadline);
  }

  #push(entry: { readonly deadline: number; readonly id: string }): void {
    const heap = this.#heap;
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || parent.deadline <= entry.deadline) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let childIndex = 2 * index + 1;
      const left = heap[childIndex];
      if (left === undefined) break;
      const right = heap[childIndex + 1];
      const child = right !== undefined && right.deadline < left.deadline ? right : left;
      if (child === right) childIndex += 1;
      if (child.deadline >= last.deadline) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = last;
  }
}
