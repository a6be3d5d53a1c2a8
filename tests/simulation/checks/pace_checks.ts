/** What must happen in time while nothing outside is in the way: timers that are due, and partitions that nobody leads. */
import type { Partition } from "../../../src/runtime/mod.ts";
import type { LogModel } from "../model/log_model.ts";
import type { SimNode } from "../world/sim_node.ts";
import type { World } from "../world/world.ts";

/** A timer is in the log so soon after it is due, milliseconds: batches before it may be on their way. */
const TIMER_LATE_MS_MAX = 5_000;
/** A node leads its partitions so soon after it could. */
const TAKE_OVER_MS_MAX = 10_000;
/** So long after the last thing that was in the way all that it held up is done, milliseconds. */
const SETTLED_MS = 1_000;
/** How often is looked, virtual milliseconds. */
const LOOK_MS = 250;

export class PaceChecks {
  readonly #world: World;
  readonly #model: LogModel;
  #lookAtMs = 0;
  /** Since when each deadline has been over, by execution and deadline. */
  #overdue = new Map<string, number>();
  /** Since when each partition of a node has been waiting to lead. */
  #starting = new Map<Partition, number>();

  constructor(world: World, model: LogModel) {
    this.#world = world;
    this.#model = model;
  }

  /** To be called after every step: looks now and then. */
  check(nodes: readonly SimNode[]): void {
    const { nowMs } = this.#world.loop;
    if (nowMs < this.#lookAtMs) return;
    this.#lookAtMs = nowMs + LOOK_MS;
    if (nowMs > this.#world.disturbedUntilMs + SETTLED_MS && nodes.every((node) => this.#isAtWork(nodes, node))) {
      this.#world.settledCauses = this.#world.redispatchCauses;
    }
    this.#checkTimers(nodes, nowMs);
    this.#checkTakeOvers(nodes, nowMs);
  }

  #checkTimers(nodes: readonly SimNode[], nowMs: number): void {
    const nowEpochMs = this.#world.wall.nowEpochMs;
    const overdue = new Map<string, number>();
    for (const { id, partition, turns } of this.#model.executions.values()) {
      const dueAt = turns.at(-1)?.dueAt;
      if (dueAt === undefined || dueAt > nowEpochMs || !this.#isLed(nodes, partition)) continue;
      const name = `${id} ${dueAt}`;
      const sinceMs = this.#overdue.get(name) ?? nowMs;
      overdue.set(name, sinceMs);
      const lateMs = nowMs - Math.max(sinceMs, this.#world.disturbedUntilMs);
      if (lateMs <= TIMER_LATE_MS_MAX) continue;
      this.#world.violate("timers", `A timer of "${id}" is ${Math.round(lateMs)} ms late, with nothing in its way`);
    }
    this.#overdue = overdue;
  }

  #checkTakeOvers(nodes: readonly SimNode[], nowMs: number): void {
    const starting = new Map<Partition, number>();
    for (const node of nodes) {
      if (!node.isAlive || node.isFrozen || node.isStopping) continue;
      for (const partition of node.partitions) {
        if (partition.status().kind !== "starting") continue;
        const sinceMs = this.#starting.get(partition) ?? nowMs;
        starting.set(partition, sinceMs);
        const waitedMs = nowMs - Math.max(sinceMs, this.#world.disturbedUntilMs);
        if (waitedMs <= TAKE_OVER_MS_MAX) continue;
        this.#world.violate(
          "takeOver",
          `"${node.name}" has not led partition ${partition.partition} for ${Math.round(waitedMs)} ms`,
        );
      }
    }
    this.#starting = starting;
  }

  /** Dead, or with nothing before it that it cannot do now. */
  #isAtWork(nodes: readonly SimNode[], { isAlive, isFrozen, partitions }: SimNode): boolean {
    if (!isAlive) return true;
    return !isFrozen && partitions.every(({ status, partition }) => {
      const { kind } = status();
      return kind === "leading" || (kind !== "starting" && this.#isLed(nodes, partition));
    });
  }

  #isLed(nodes: readonly SimNode[], partition: number): boolean {
    return nodes.some((node) => {
      if (!node.isAlive || node.isFrozen || node.isStopping) return false;
      const status = node.partitions[partition]?.status();
      return status?.kind === "leading" && status.epoch === this.#model.partitions[partition]?.epoch;
    });
  }
}
