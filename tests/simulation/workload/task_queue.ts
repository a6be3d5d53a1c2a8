/** The queue between engine and workers: at least once, in any order, and lossy where it is told to be. */
import { Effect } from "effect";
import type { TaskDispatcher, TaskMessage } from "../../../src/tasks/port.ts";
import { delayMs } from "../world/place.ts";
import type { SimNode } from "../world/sim_node.ts";
import type { SimRandom } from "../world/sim_random.ts";
import type { World } from "../world/world.ts";

/** The queue tells that it lost messages within this time, milliseconds. */
const LOSS_NOTICED_MS = 4_000;

export class TaskQueue {
  readonly #world: World;
  readonly #random: SimRandom;
  readonly #onDispatched: (message: TaskMessage, node: SimNode) => void;
  readonly #deliver: (message: TaskMessage) => void;
  /** Messages that no worker has acknowledged. */
  readonly #waiting = new Map<string, TaskMessage>();
  readonly #redispatch = new Map<SimNode, () => void>();
  #hasLost = false;

  /**
   * @param onDispatched the engine hands a task out
   * @param deliver a worker gets it
   */
  constructor(
    world: World,
    onDispatched: (message: TaskMessage, node: SimNode) => void,
    deliver: (message: TaskMessage) => void,
  ) {
    this.#world = world;
    this.#random = world.random.fork();
    this.#onDispatched = onDispatched;
    this.#deliver = deliver;
  }

  /** The port as one node has it. */
  dispatcher(node: SimNode): TaskDispatcher["Service"] {
    return {
      dispatch: (messages) => {
        for (const message of messages) this.#take(message, node);
      },
      retract: (tasks) => {
        for (const { taskId } of tasks) if (this.#random.chance(0.5)) this.#waiting.delete(taskId);
      },
      onLost: (redispatch) => Effect.sync(() => void this.#redispatch.set(node, redispatch)),
    };
  }

  /** Still to be done by a worker, as far as the queue knows. */
  has(taskId: string): boolean {
    return this.#waiting.has(taskId);
  }

  /** A worker is done with it. */
  acknowledge(taskId: string): void {
    this.#waiting.delete(taskId);
  }

  /** A worker may have died with it: it comes again. */
  redeliver(message: TaskMessage): void {
    if (this.has(message.taskId)) this.#deliverAfter(message);
  }

  /** The queue is made anew, empty. */
  wipe(): void {
    this.#world.note(() => `tasks: the queue loses all of ${this.#waiting.size} messages`);
    this.#waiting.clear();
    this.#noteLoss();
  }

  /** What was lost and not told yet is told now. */
  tellLoss(): void {
    if (!this.#hasLost) return;
    this.#hasLost = false;
    for (const [node, redispatch] of this.#redispatch) {
      if (node.isAlive) node.gate(() => this.#tell(redispatch))();
      else this.#redispatch.delete(node);
    }
  }

  #tell(redispatch: () => void): void {
    this.#world.redispatchCauses += 1;
    this.#world.disturb();
    redispatch();
  }

  #take(message: TaskMessage, node: SimNode): void {
    this.#onDispatched(message, node);
    const random = this.#random;
    if (this.#world.strikes("taskLost", random)) {
      this.#world.note(() => `tasks: the message of ${message.taskId} is lost`);
      return this.#noteLoss();
    }
    const isKnown = this.has(message.taskId);
    this.#waiting.set(message.taskId, message);
    if (isKnown && random.chance(0.6)) return;
    this.#deliverAfter(message);
    if (this.#world.strikes("taskTwice", random)) this.#deliverAfter(message);
  }

  #deliverAfter(message: TaskMessage): void {
    this.#world.loop.after(delayMs(this.#random) * 3, () => {
      if (this.has(message.taskId)) this.#deliver(message);
    });
  }

  #noteLoss(): void {
    this.#hasLost = true;
    this.#world.loop.after(this.#random.between(100, LOSS_NOTICED_MS), () => this.tellLoss());
  }
}
