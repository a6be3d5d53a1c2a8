/** What must be true when all has ended: nothing is lost, nothing is left over, and a node that knows nothing comes to the same. */
import type { ExecutionDescription, HistoryEvent, Partition } from "../../../src/runtime/mod.ts";
import type { ExecutionId } from "../../../src/values/mod.ts";
import type { ExecutionModel } from "../model/execution_model.ts";
import type { LogModel } from "../model/log_model.ts";
import { checkExecution, Disagreement } from "../reference/reference_interpreter.ts";
import type { Cluster } from "../world/cluster.ts";
import type { Answer, Question } from "../world/gateway.ts";
import { idlePauses, type SimConfig } from "../world/sim_config.ts";
import type { SimNode } from "../world/sim_node.ts";
import type { World } from "../world/world.ts";
import type { Clients } from "../workload/clients.ts";
import type { Asking, Wish } from "../workload/asking.ts";
import type { Readers } from "../workload/readers.ts";
import { spaceOf, spaces } from "../workload/space.ts";
import type { TaskQueue } from "../workload/task_queue.ts";
import type { DamageChecks } from "./damage_checks.ts";
import type { ReadChecks } from "./read_checks.ts";
import type { SurvivalChecks } from "./survival_checks.ts";

/** Something that is asked for at the end, and waited for. */
export interface Stage {
  readonly name: string;
  begin(): void;
  isDone(): boolean;
}

/** The node that begins with an empty disk. */
const COLD = "cold";
/** Checkpoints that an idle node makes until only what it needs is in memory. */
const SETTLING_CHECKPOINTS = 4;
const SETTLING_MS = 2_000;
/** How often, and after how many milliseconds each, what is left over is looked for again. */
const LOOKS = 20;
const LOOK_AGAIN_MS = 97;

export class EndChecks {
  readonly #world: World;
  readonly #config: SimConfig;
  readonly #model: LogModel;
  readonly #cluster: Cluster;
  readonly #asking: Asking;
  readonly #readers: Readers;
  readonly #clients: Clients;
  readonly #checks: ReadChecks;
  readonly #last: { readonly survival: SurvivalChecks; readonly damage: DamageChecks };

  constructor(
    world: World,
    config: SimConfig,
    model: LogModel,
    cluster: Cluster,
    asking: Asking,
    readers: Readers,
    clients: Clients,
    checks: ReadChecks,
    last: { readonly survival: SurvivalChecks; readonly damage: DamageChecks },
  ) {
    this.#world = world;
    this.#config = config;
    this.#model = model;
    this.#cluster = cluster;
    this.#asking = asking;
    this.#readers = readers;
    this.#clients = clients;
    this.#checks = checks;
    this.#last = last;
  }

  /** What is asked and done when all has ended, one after the other. */
  stages(): readonly Stage[] {
    return [
      this.#waiting("the last answers", SETTLING_MS, () => {}),
      { name: "what the log says", begin: () => this.#checkLog(), isDone: () => true },
      { name: "asking for every execution", begin: () => this.#askForAll(), isDone: () => this.#asking.open === 0 },
      ...(this.#config.isCluster ? this.#disbanding() : []),
      this.#settling(),
      this.#stopping("the stop"),
      { name: "a start without a store", begin: () => this.#startCold(), isDone: () => this.#isLeading() },
      { name: "asking a node without a store", begin: () => this.#askForAll(), isDone: () => this.#asking.open === 0 },
      this.#stopping("the stop of a node without a store"),
      ...this.#afterwards(),
    ];
  }

  /** A node that is alone and has the disk of one of the cluster's goes on with what they have done. */
  #disbanding(): readonly Stage[] {
    return [
      {
        name: "a node that is alone",
        begin: () => {
          this.#cluster.disband();
          this.#cluster.start("b");
        },
        isDone: () => this.#isLeading(),
      },
      { name: "asking a node that is alone", begin: () => this.#askForAll(), isDone: () => this.#asking.open === 0 },
    ];
  }

  /** What breaks so much that nothing can be asked behind it. */
  #afterwards(): readonly Stage[] {
    const { survival, damage } = this.#last;
    return this.#config.hasSnapshots
      ? [...survival.stages(), this.#stopping("the stop of what survived")]
      : damage.stages(COLD);
  }

  /** Something did not end in time: what, and what it waits for. */
  explainStandstill(tasks: TaskQueue): void {
    for (const execution of this.#model.executions.values()) {
      if (execution.isEnded) continue;
      const lost = [...execution.rules.openTasks].filter((taskId) => !tasks.has(taskId));
      if (lost.length > 0) {
        return this.#world.violate("noEffectLost", `Task "${lost[0]}" of "${execution.id}" is open and in no queue`);
      }
      const due = [...execution.actors.timers.values()].some((deadline) => deadline < this.#world.wall.nowEpochMs);
      return this.#world.violate(
        due ? "timers" : "progress",
        `"${execution.id}" does not end: it is ${execution.rules.status}, with ${execution.rules.openTasks.size} open tasks, ` +
          `${execution.actors.timers.size} timers${
            due ? " (overdue)" : ""
          }, ${execution.commands.unprocessed} commands`,
      );
    }
    this.#world.violate("progress", `${this.#asking.open} wishes of clients have no answer`);
  }

  #checkLog(): void {
    for (const execution of this.#model.executions.values()) {
      this.#checkLeftOver(execution);
      if (!execution.wasRedriven) this.#checkReference(execution);
      const silent = execution.turns.findIndex(({ isFed }) => !isFed);
      if (silent >= 0) {
        this.#world.violate(
          "feed",
          `The feed never told of turn ${silent + 1} of ${execution.turns.length} of "${execution.id}"`,
        );
      }
    }
    for (const { executionId, key } of this.#clients.acknowledged) {
      const execution = this.#model.executions.get(executionId);
      if (execution?.isEnded !== true || execution.started?.key !== key) {
        this.#world.violate("startsExistAndEnd", `"${executionId}" was acknowledged and has not ended`);
      }
    }
    for (const executionId of this.#clients.canceled) {
      const { ended, wasRedriven = false } = this.#model.executions.get(executionId) ?? {};
      if (ended?.status !== "Canceled" && !wasRedriven) {
        this.#world.violate("nothingAfterEnd", `"${executionId}" was canceled, but ended as ${ended?.status}`);
      }
    }
  }

  #checkLeftOver({ id, rules, commands }: ExecutionModel): void {
    if (commands.unprocessed > 0) {
      this.#world.violate("oneOutcome", `"${id}" ended with ${commands.unprocessed} open commands`);
    }
    if (rules.deadlineCount > 0) this.#world.violate("timers", `"${id}" ended with timers that are set`);
  }

  #checkReference(execution: ExecutionModel): void {
    const { started, ended, tree } = execution;
    const definition = this.#model.definitions.get(started?.definitionHash ?? "");
    if (definition === undefined || tree.root === undefined || ended === undefined) {
      return this.#world.violate("history", `"${execution.id}" has no definition in the log, or no beginning`);
    }
    const hitLimit = ended.reason === "States.Runtime" && ended.message?.includes("history events") === true;
    const wasInterrupted = ended.timedOut === true || ended.status === "Canceled" || hitLimit;
    try {
      checkExecution(definition, tree.root, wasInterrupted);
    } catch (failure) {
      if (!(failure instanceof Disagreement)) throw failure;
      this.#world.violate(failure.kind, `${failure.message} (execution "${execution.id}")`);
    }
  }

  #askForAll(): void {
    for (const execution of this.#model.executions.values()) {
      this.#describe(execution);
      this.#history(execution.id, 0);
    }
    for (const space of spaces.slice(0, this.#config.spaceCount)) {
      this.#readers.list({ ...space, limit: 4 });
      this.#readers.workflows({ ...space, limit: 4 });
      this.#readers.resources({ ...space, kind: "thing", names: ["first", "one"] });
    }
  }

  #ask<A>(what: string, ask: Question<A>["ask"], check: Wish<A>["check"], then: (answer: Answer<A>) => void): void {
    this.#asking.insist<A>({ what, ask, check, then });
  }

  #describe(execution: ExecutionModel): void {
    const { id } = execution;
    this.#ask<ExecutionDescription>(
      `describe ${id}`,
      (engine) => engine.describeExecution({ ...spaceOf(id), executionId: id }),
      (answer, mark, by) => {
        if (answer.kind === "ok") this.#checks.described(answer.value, mark, by);
      },
      (answer) => {
        if (answer.kind === "ok" || execution.isDeleted) return;
        this.#world.violate("startsExistAndEnd", `"${id}" cannot be found any more`);
      },
    );
  }

  #history(id: ExecutionId, after: number): void {
    const limit = 1_000;
    this.#ask<{ readonly events: readonly HistoryEvent[]; readonly next?: number }>(
      `history ${id}`,
      (engine) => engine.executionHistory({ ...spaceOf(id), executionId: id, after, limit }),
      (answer, mark, by) => {
        if (answer.kind === "ok") this.#checks.told({ id, after, limit }, answer.value, mark, by);
      },
      (answer) => {
        if (answer.kind === "ok" && answer.value.next !== undefined) this.#history(id, answer.value.next);
      },
    );
  }

  /** A checkpoint or snapshot may just be on its way: what has leaked is still there a while later. */
  #settling(): Stage {
    let isOver = false;
    const look = (looksLeft: number): void => {
      const left = this.#cluster.living.flatMap((node) => this.#leftIn(node));
      isOver = left.length === 0 || looksLeft === 0;
      if (!isOver) this.#world.loop.after(LOOK_AGAIN_MS, () => look(looksLeft - 1));
      else if (left[0] !== undefined) this.#world.violate("noLeak", left[0]);
    };
    return {
      name: "settling",
      begin: () => {
        const ms = SETTLING_CHECKPOINTS * this.#config.checkpointMs + SETTLING_MS;
        this.#world.loop.after(ms, () => look(LOOKS));
      },
      isDone: () => isOver,
    };
  }

  #waiting(name: string, ms: number, then: () => void): Stage {
    let isOver = false;
    return {
      name,
      begin: () => {
        this.#world.loop.after(ms, () => {
          isOver = true;
          then();
        });
      },
      isDone: () => isOver,
    };
  }

  /** What a node that has nothing to do has more of than it needs: memory, timers and fibers. */
  #leftIn(node: SimNode): readonly string[] {
    const { limits: { hotExecutionsMax = 0 } } = this.#config;
    const left: string[] = [];
    const none = (what: string, count: number, most = 0): void => {
      if (count > most) left.push(`An idle node has ${count} ${what}, where ${most} would do`);
    };
    for (const partition of node.partitions) {
      const term = node.termOf(partition);
      if (term === undefined) continue;
      const { memory, effects } = term;
      none("executions in memory", memory.hot.size, hotExecutionsMax);
      none("keys in memory", memory.claims.size, hotExecutionsMax);
      none("executions that are not in the store", memory.dirty.size);
      none("definitions that are not in the store", memory.definitions.unstored);
      none("workflows that are not in the store", memory.changedWorkflows.size);
      none("timers", effects.timers.size);
      none("callers that wait", effects.waiting);
    }
    none("alarms", node.clocks.alarms);
    none("pauses", node.clocks.pauses, node.partitions.length * idlePauses(this.#config));
    none("calls without an answer", node.calls.open);
    none("fibers that could go on", node.scheduler.waiting);
    return left;
  }

  #stopping(name: string): Stage {
    const node = { current: undefined as SimNode | undefined };
    return {
      name,
      begin: () => {
        node.current = this.#cluster.living[0];
        if (node.current !== undefined) this.#cluster.stop(node.current);
      },
      isDone: () => {
        const stopped = node.current;
        if (stopped === undefined || stopped.isAlive) return stopped === undefined;
        const left = stopped.clocks.alarms + stopped.clocks.pauses + stopped.calls.open;
        if (left > 0) this.#world.violate("noLeak", `A stopped node has ${left} alarms, pauses and calls`);
        return true;
      },
    };
  }

  /** A node with an empty disk comes to the same state from the log alone. */
  #startCold(): void {
    this.#cluster.start(COLD);
  }

  #isLeading(): boolean {
    const partitions: readonly Partition[] = this.#cluster.living.flatMap((node) => node.partitions);
    return partitions.length > 0 && partitions.every((partition) => partition.status().kind === "leading");
  }
}
