/** What the leader has in memory is compared with the log, after every step. */
import { isDeepStrictEqual } from "node:util";
import { keptActors } from "../../../actors/mod.ts";
import { canonicalJson, type Json } from "../../../src/values/mod.ts";
import type { Partition, TermInspection } from "../../../src/runtime/mod.ts";
import type { ExecutionModel } from "../model/execution_model.ts";
import type { LogModel } from "../model/log_model.ts";
import type { SimNode } from "../world/sim_node.ts";
import type { World } from "../world/world.ts";

type HotExecution = TermInspection["memory"]["hot"] extends Map<infer _, infer Hot> ? Hot : never;

export class LiveChecks {
  readonly #world: World;
  readonly #model: LogModel;
  /** Turns up to which each execution in memory has been compared. */
  readonly #compared = new WeakMap<HotExecution, number>();
  /** How far each node and all logs were when the node was looked at. */
  readonly #looked = new WeakMap<SimNode, { readonly strides: number; readonly entries: number }>();

  constructor(world: World, model: LogModel) {
    this.#world = world;
    this.#model = model;
  }

  /** To be called after every step. A node that has not gone on, with logs that have not grown, is as it was. */
  check(node: SimNode): void {
    const { strides } = node;
    const { entries } = this.#model;
    const looked = this.#looked.get(node);
    if (looked?.strides === strides && looked.entries === entries) return;
    this.#looked.set(node, { strides, entries });
    for (const partition of node.partitions) {
      const status = partition.status();
      if (status.kind === "stopped") {
        // As SIGTERM wants it.
        if (node.isStopping) continue;
        this.#world.violate(
          "noDefect",
          `Partition ${partition.partition} of "${node.name}" stopped: ${status.incident}`,
        );
        continue;
      }
      const term = node.termOf(partition);
      if (term !== undefined) this.#checkTerm(node, partition, term);
    }
  }

  #checkTerm(node: SimNode, { partition }: Partition, { memory }: TermInspection): void {
    const model = this.#model.partitions[partition];
    // A zombie's memory may be what never came into the log.
    if (model === undefined || model.leader !== node.name || model.epoch !== memory.epoch) return;
    for (const hot of memory.hot.values()) {
      const { turnCount } = hot.actors;
      if (this.#compared.get(hot) === turnCount) continue;
      this.#checkExecution(hot, turnCount);
    }
  }

  #checkExecution(hot: HotExecution, turnCount: number): void {
    // Half of a turn may be in it, until it is built anew.
    if (hot.failures > 0) return;
    if (hot.parked !== undefined) {
      return this.#world.violate("noDefect", `Execution "${hot.id}" is parked: ${hot.parked}`);
    }
    const execution = this.#model.executions.get(hot.id);
    const turns = execution?.turns.length ?? 0;
    if (turnCount > turns) return;
    if (execution === undefined || turnCount < turns) {
      return this.#world.violate(
        "replayEqualsLive",
        `The leader has ${turnCount} turns of "${hot.id}" in memory, but the log has ${turns}`,
      );
    }
    this.#compared.set(hot, turnCount);
    const difference = keptDifference(JSON.stringify(keptActors(hot.actors)), execution, turnCount);
    if (difference !== undefined) {
      this.#world.violate("replayEqualsLive", `"${hot.id}" in memory after turn ${turnCount}: ${difference}`);
    }
    const places = hot.turns.map(([sequence, eventCount]) => `${sequence}:${eventCount}`).join();
    const truth = execution.turns.map(({ sequence, events, firstEventId }) =>
      `${sequence}:${firstEventId - 1 + events.length}`
    ).join();
    if (places !== truth) {
      this.#world.violate("history", `Turns of "${hot.id}" are said to be at ${places}, but are at ${truth}`);
    }
  }
}

/** Where what is kept of an execution is not what its log gives after so many turns. */
export function keptDifference(kept: string, execution: ExecutionModel, turnCount: number): string | undefined {
  const truth = execution.turns[turnCount - 1]?.kept ?? "nothing";
  if (kept === truth) return undefined;
  // The order of keys is not the same in what was decided and in what was read back.
  if (isDeepStrictEqual(JSON.parse(kept), JSON.parse(truth))) return undefined;
  const [a, b] = [canonicalJson(JSON.parse(kept) as Json), canonicalJson(JSON.parse(truth) as Json)];
  let at = 0;
  while (a[at] === b[at]) at += 1;
  const from = Math.max(0, at - 60);
  return `…${a.slice(from, at + 80)}…, but the log gives …${b.slice(from, at + 80)}…`;
}
