/** A node that is told to stop, with nothing in its way: it answers what it had taken up, and its store has all that was durable. */
import type { ExecutionModel } from "../model/execution_model.ts";
import type { LogMark, LogModel } from "../model/log_model.ts";
import type { Answer } from "../world/gateway.ts";
import type { SimNode } from "../world/sim_node.ts";
import type { ExecutionId } from "../../../src/values/mod.ts";
import type { SimDisk } from "../world/sim_store.ts";
import type { World } from "../world/world.ts";
import type { StoreChecks } from "./store_checks.ts";

/** How an answer reads that says nothing. */
const UNKNOWN = /outcome is unknown|is closing/;

/** How everything was when a node was told to stop. */
interface Stop {
  readonly atMs: number;
  readonly mark: LogMark;
  /** Partitions that it led. */
  readonly led: ReadonlySet<number>;
}

export class StopChecks {
  readonly #world: World;
  readonly #model: LogModel;
  readonly #stores: StoreChecks;
  readonly #stops = new WeakMap<SimNode, Stop>();

  constructor(world: World, model: LogModel, stores: StoreChecks) {
    this.#world = world;
    this.#model = model;
    this.#stores = stores;
  }

  stopping(node: SimNode): void {
    // One that was replaced and does not know it has nothing to keep.
    const led = node.partitions.filter((partition) => {
      const status = partition.status();
      return status.kind === "leading" && status.epoch === this.#model.partitions[partition.partition]?.epoch;
    });
    this.#stops.set(node, {
      atMs: this.#world.loop.nowMs,
      mark: this.#model.mark(),
      led: new Set(led.map(({ partition }) => partition)),
    });
  }

  /** A request of one step, which the node had taken up before it was told to stop, is answered. */
  answered(home: ExecutionId, answer: Answer<unknown>, node: SimNode, arrivedAtMs: number): void {
    const stop = this.#stops.get(node);
    if (stop?.led.has(this.#model.partitionOf(home)?.partition ?? -1) !== true) return;
    if (arrivedAtMs >= stop.atMs || !this.#isQuietSince(stop)) return;
    if (answer.kind !== "refused" || answer.code !== "Unavailable" || !UNKNOWN.test(answer.message)) return;
    this.#world.violate(
      "orderlyStop",
      `A request for "${home}" was taken up before the stop, and then: ${answer.message}`,
    );
  }

  /** All is in the store, except for what went on meanwhile: a turn on its way keeps those before it back. */
  stopped(node: SimNode, disk: SimDisk): void {
    const stop = this.#stops.get(node);
    if (stop === undefined || !this.#isQuietSince(stop)) return;
    for (const partition of stop.led) {
      const stored = this.#stores.turnsIn(disk, partition);
      for (const execution of this.#model.executions.values()) {
        const { id, turns } = execution;
        if (execution.partition !== partition || execution.isDeleted) continue;
        if (turns.length !== stop.mark.turns.get(id) || this.#goesOn(execution)) continue;
        const has = stored.get(id) ?? 0;
        if (has === turns.length) continue;
        this.#world.violate(
          "orderlyStop",
          `A node has stopped with ${has} of ${turns.length} turns of "${id}" in its store`,
        );
      }
    }
  }

  /** By itself, now: with commands that its last turn left, or with a timer. */
  #goesOn({ actors, turns }: ExecutionModel): boolean {
    return actors.unprocessed.size > 0 || (turns.at(-1)?.dueAt ?? Infinity) <= this.#world.wall.nowEpochMs;
  }

  /** Neither log nor store nor clock was in the way, a moment before nor since. */
  #isQuietSince({ atMs }: Stop): boolean {
    return this.#world.disturbedUntilMs < atMs;
  }
}
