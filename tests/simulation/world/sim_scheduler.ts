import type { Scheduler } from "effect";
import type { SimRandom } from "./sim_random.ts";

/** How often fibers may go on at one moment: more is a loop without end. */
const STEPS_MAX = 5_000_000;

/**
 * Runs the fibers of one node, and only when the simulation says so: no promise, no timer of the system has a part in it.
 *
 * Which of several waiting fibers goes on, and after how many operations a fiber has to let others go on, is drawn: what must not
 * depend on that order will be seen to depend on it.
 */
export class SimScheduler implements Scheduler.Scheduler {
  readonly executionMode = "async";
  readonly #random: SimRandom;
  readonly #isShuffled: boolean;
  readonly #operationsMax: number;
  #tasks: (() => void)[] = [];
  #isStopped = false;

  /** @param operationsMax operations after which a fiber yields; drawn up to this number each time when shuffled */
  constructor(random: SimRandom, isShuffled: boolean, operationsMax: number) {
    this.#random = random;
    this.#isShuffled = isShuffled;
    this.#operationsMax = operationsMax;
  }

  /** Fibers that could go on. */
  get waiting(): number {
    return this.#tasks.length;
  }

  shouldYield(fiber: { readonly currentOpCount: number }): boolean {
    return fiber.currentOpCount >= this.#operationsMax;
  }

  makeDispatcher(): Scheduler.SchedulerDispatcher {
    return {
      scheduleTask: (task) => {
        if (!this.#isStopped) this.#tasks.push(task);
      },
      flush: () => this.drain(),
    };
  }

  /** Lets fibers go on until all of them wait for something. */
  drain(): void {
    for (let done = 0; this.#tasks.length > 0; done++) {
      if (done > STEPS_MAX) throw new RangeError(`Fibers went on ${STEPS_MAX} times without waiting for anything`);
      const index = this.#isShuffled && this.#tasks.length > 1 ? this.#random.below(this.#tasks.length) : 0;
      const [task] = this.#tasks.splice(index, 1);
      task?.();
    }
  }

  /** As kill -9: no fiber of this node ever goes on. */
  stop(): void {
    this.#isStopped = true;
    this.#tasks = [];
  }
}
