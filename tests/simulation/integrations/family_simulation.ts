/**
 * One seed's world of families: nodes with the real runner of integrations, executions with children, and what must hold between them.
 * Everything else is the simulation's: logs, disks, workers, faults, and what is checked of every entry and every step.
 */
import { Effect, type Fiber } from "effect";
import { type KeptMapRun, MapRuns, type RequestRefused } from "../../../src/runtime/mod.ts";
import { AnswerChecks } from "../checks/answer_checks.ts";
import { EffectChecks } from "../checks/effect_checks.ts";
import { LiveChecks } from "../checks/live_checks.ts";
import { ReadChecks } from "../checks/read_checks.ts";
import { StopChecks } from "../checks/stop_checks.ts";
import { StoreChecks } from "../checks/store_checks.ts";
import type { Violation } from "../checks/violation.ts";
import { LogModel } from "../model/log_model.ts";
import { space } from "../workload/space.ts";
import { TaskQueue } from "../workload/task_queue.ts";
import { Workers } from "../workload/workers.ts";
import { Cluster } from "../world/cluster.ts";
import { calm, drawFaultRates } from "../world/fault_rates.ts";
import { Gateway } from "../world/gateway.ts";
import { drawConfig, idlePauses, type SimConfig } from "../world/sim_config.ts";
import { SimLog } from "../world/sim_log.ts";
import type { SimNode } from "../world/sim_node.ts";
import { World } from "../world/world.ts";
import { FamilyChecks } from "./family_checks.ts";
import { FamilyClients } from "./family_clients.ts";
import { NodeIntegrations } from "./node_integrations.ts";

/** After the last fault everything ends within this time, virtual milliseconds. */
const PROGRESS_MS = 1_500_000;
/** Events of one seed: more is a loop without end. */
const EVENTS_MAX = 2_000_000;
/** An idle node has settled after so long. */
const SETTLING_MS = 20_000;

/** What one seed gave. */
export interface FamilyReport {
  readonly seed: number;
  readonly executions: number;
  /** Executions that others have started. */
  readonly children: number;
  readonly mapRuns: number;
  readonly virtualMs: number;
  readonly violation: Violation | undefined;
  readonly trace: readonly string[];
}

/** Runs one seed. The same seed gives the same report, trace included. */
export function simulateFamilies(options: { readonly seed: number; readonly isTracing?: boolean }): FamilyReport {
  return new FamilySimulation(options.seed, options.isTracing === true).run();
}

class FamilySimulation {
  readonly #world: World;
  readonly #config: SimConfig;
  readonly #model: LogModel;
  readonly #cluster: Cluster;
  readonly #tasks: TaskQueue;
  readonly #clients: FamilyClients;
  readonly #live: LiveChecks;
  readonly #families: FamilyChecks;
  #mapRuns = 0;

  constructor(seed: number, isTracing: boolean) {
    const world = new World(seed, isTracing);
    const config = drawConfig(world.random.fork());
    world.note(() => JSON.stringify(config));
    const model = new LogModel(world, config);
    const checks = new EffectChecks(world, model);
    const answers = new AnswerChecks(world, model, new ReadChecks(world, model));
    const stores = new StoreChecks(world, model);
    const stops = new StopChecks(world, model, stores);
    const families = new FamilyChecks(world, model);
    const logs: readonly SimLog[] = Array.from({ length: config.partitionCount }, (_, partition) =>
      new SimLog(
        partition,
        (entry) => {
          model.take(partition, entry);
          families.entryTaken(partition);
        },
        (through) => stores.checkTrim(this.#cluster.bucket, partition, logs[partition]?.first ?? 1, through),
      ));
    const gateway = new Gateway(world, model, stops, () => this.#cluster.living);
    const workers: Workers = new Workers(world, gateway, () => this.#tasks, (call, answer) => {
      if (answer.kind !== "refused" || !answer.isFromZombie) answers.taskAnswered(call, answer);
    });
    this.#tasks = new TaskQueue(world, (message) => checks.dispatched(message), (message) => workers.take(message));
    const integrations = new NodeIntegrations((message) => checks.dispatched(message));
    this.#world = world;
    this.#config = config;
    this.#model = model;
    this.#families = families;
    this.#cluster = new Cluster(world, config, {
      logs,
      bug: undefined,
      dispatcher: (node) => integrations.dispatcher(node, this.#tasks.dispatcher(node)),
      beside: (node) => integrations.beside(node),
      feed: (_node, message) => checks.fed(message),
      stopping: (node) => stops.stopping(node),
      stopped: (node) => stops.stopped(node, this.#cluster.disk(node.name)),
      tailLost: (disk) => stores.tailLost(disk),
      committed: (disk) => stores.check(disk),
      snapshotted: (bucket) => stores.checkSnapshots(bucket),
      isZombie: (node) => model.isZombie(node),
      wipeTasks: () => this.#tasks.wipe(),
    });
    this.#clients = new FamilyClients(world, gateway, config);
    this.#live = new LiveChecks(world, model);
  }

  run(): FamilyReport {
    const world = this.#world;
    world.faults = drawFaultRates(world.random);
    this.#clients.plan();
    this.#cluster.start("a");
    this.#cluster.plan();
    this.#runUntil("the chaos", () => world.loop.nowMs >= this.#config.chaosMs);
    world.note(() => "the chaos ends");
    world.faults = calm;
    this.#cluster.heal();
    this.#tasks.tellLoss();
    this.#runUntil("all executions", () => this.#isQuiet());
    if (world.violation === undefined) this.#families.checkAll();
    this.#checkRecords();
    this.#settle();
    this.#stop();
    const children = [...this.#model.executions.values()].filter(({ id }) => !this.#clients.started.has(id));
    return {
      seed: world.seed,
      executions: this.#model.executions.size,
      children: children.length,
      mapRuns: this.#mapRuns,
      virtualMs: world.loop.nowMs,
      violation: world.violation,
      trace: world.trace,
    };
  }

  #isQuiet(): boolean {
    if (this.#clients.open > 0 || !this.#cluster.hasHealed) return false;
    return [...this.#model.executions.values()].every(({ isEnded }) => isEnded);
  }

  /** Every Map Run is asked for, and held against what the log says of its children. */
  #checkRecords(): void {
    const asked = [...this.#model.executions.values()].map(({ id }) => {
      const fiber = this.#ask(id);
      return () => fiber === undefined || fiber.pollUnsafe() !== undefined;
    });
    this.#runUntil("the records of Map Runs", () => asked.every((isDone) => isDone()));
  }

  #ask(id: string): Fiber.Fiber<unknown, RequestRefused> | undefined {
    const node = this.#node();
    const registry = node?.registry;
    if (node === undefined || registry === undefined) return undefined;
    const check = (runs: readonly KeptMapRun[]) =>
      Effect.sync(() => {
        this.#mapRuns += runs.length;
        for (const run of runs) this.#families.checkRecord(run.id, run.record);
      });
    return node.run(Effect.flatMap(new MapRuns(registry).list(space, id), check));
  }

  /** An idle node waits for nothing but its next checkpoint. */
  #settle(): void {
    const world = this.#world;
    const untilMs = world.loop.nowMs + SETTLING_MS + 4 * this.#config.checkpointMs;
    const idle = () => this.#leftIn(this.#node()).length === 0;
    this.#runUntil("settling", () => world.loop.nowMs > untilMs && idle());
  }

  #stop(): void {
    const node = this.#node();
    node?.stop();
    this.#runUntil("the stop", () => node?.isAlive !== true);
    const left = node === undefined ? 0 : node.clocks.alarms + node.clocks.pauses + node.calls.open;
    if (left > 0) this.#world.violate("noLeak", `A stopped node has ${left} alarms, pauses and calls`);
  }

  #leftIn(node: SimNode | undefined): readonly string[] {
    if (node === undefined) return ["There is no node"];
    const pausesMax = node.partitions.length * idlePauses(this.#config);
    const left = {
      alarms: node.clocks.alarms,
      pauses: Math.max(0, node.clocks.pauses - pausesMax),
      calls: node.calls.open,
    };
    return Object.entries(left).flatMap(([what, count]) => count > 0 ? [`An idle node has ${count} ${what}`] : []);
  }

  #node(): SimNode | undefined {
    return this.#cluster.living.find(({ isStopping }) => !isStopping);
  }

  #runUntil(what: string, isOver: () => boolean): void {
    const world = this.#world;
    const beganMs = world.loop.nowMs;
    while (world.violation === undefined && !isOver()) {
      if (!this.#step()) {
        return world.violate("progress", `Nothing is planned any more, and ${what} has not come to its end`);
      }
      for (const node of this.#cluster.nodes) if (node.isAlive) this.#live.check(node);
      const isTooLong = world.loop.nowMs > beganMs + PROGRESS_MS || world.loop.done > EVENTS_MAX;
      if (isTooLong) return world.violate("progress", `${what} does not come to its end: ${this.#standstill()}`);
    }
  }

  #standstill(): string {
    const open = [...this.#model.executions.values()].filter(({ isEnded }) => !isEnded);
    const [first] = open;
    const tasks = first === undefined ? [] : [...first.rules.openTasks];
    return `${this.#clients.open} wishes, ${open.length} executions; "${first?.id}" is ${first?.rules.status} with tasks ${tasks}; ` +
      this.#leftIn(this.#node()).join("; ");
  }

  #step(): boolean {
    const world = this.#world;
    try {
      return world.loop.step();
    } catch (defect) {
      world.violate("noDefect", defect instanceof Error ? defect.stack ?? defect.message : String(defect));
      return true;
    }
  }
}
