/**
 * Virtual time: what happens next, in order. Nothing else moves a simulation on, so one seed gives one course of events.
 */

interface Planned {
  readonly atMs: number;
  /** Of two things due at once the one planned first comes first. */
  readonly order: number;
  run: (() => void) | undefined;
}

export class EventLoop {
  /** Milliseconds that have passed since the simulation began; never goes back. */
  nowMs = 0;
  /** Things planned and not called off. */
  pending = 0;
  /** What has happened so far. */
  done = 0;
  readonly #heap: Planned[] = [];
  #order = 0;

  /** Plans `run` for `delayMs` from now. Returns what calls it off. */
  after(delayMs: number, run: () => void): () => void {
    const planned: Planned = { atMs: this.nowMs + Math.max(0, delayMs), order: this.#order++, run };
    this.#push(planned);
    this.pending += 1;
    return () => {
      if (planned.run === undefined) return;
      planned.run = undefined;
      this.pending -= 1;
    };
  }

  /** Does the next thing; false when nothing is planned. */
  step(): boolean {
    for (;;) {
      const next = this.#pop();
      if (next === undefined) return false;
      const { run } = next;
      if (run === undefined) continue;
      next.run = undefined;
      this.pending -= 1;
      this.done += 1;
      this.nowMs = next.atMs;
      run();
      return true;
    }
  }

  #push(planned: Planned): void {
    const heap = this.#heap;
    let index = heap.push(planned) - 1;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || isBefore(parent, planned)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = planned;
  }

  #pop(): Planned | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let childIndex = 2 * index + 1;
      const left = heap[childIndex];
      if (left === undefined) break;
      const right = heap[childIndex + 1];
      const child = right !== undefined && isBefore(right, left) ? right : left;
      if (child === right) childIndex += 1;
      if (isBefore(last, child)) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = last;
    return first;
  }
}

function isBefore(a: Planned, b: Planned): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
