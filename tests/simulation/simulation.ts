/** One seed's world, put together: the cluster, its log and disks, clients and workers, and all that is checked. */
import { type BugName, bugOf } from "./bugs/mod.ts";
import { AnswerChecks } from "./checks/answer_checks.ts";
import { DamageChecks } from "./checks/damage_checks.ts";
import { EffectChecks } from "./checks/effect_checks.ts";
import { EndChecks } from "./checks/end_checks.ts";
import { LiveChecks } from "./checks/live_checks.ts";
import { PaceChecks } from "./checks/pace_checks.ts";
import { ReadChecks } from "./checks/read_checks.ts";
import { StopChecks } from "./checks/stop_checks.ts";
import { StoreChecks } from "./checks/store_checks.ts";
import { SurvivalChecks } from "./checks/survival_checks.ts";
import type { Violation } from "./checks/violation.ts";
import { LogModel } from "./model/log_model.ts";
import { Cluster } from "./world/cluster.ts";
import { calm, drawFaultRates, type FaultKind } from "./world/fault_rates.ts";
import { Gateway } from "./world/gateway.ts";
import { drawConfig, type Load, loadOf, type SimConfig, withLoad } from "./world/sim_config.ts";
import { SimLog } from "./world/sim_log.ts";
import { World } from "./world/world.ts";
import { Asking } from "./workload/asking.ts";
import { Clients } from "./workload/clients.ts";
import { fixedWorkflows } from "./workload/fixed_workflows.ts";
import { generatedWorkflow } from "./workload/generated_workflow.ts";
import { Keepers, keptResources, keptWorkflows } from "./workload/keepers.ts";
import { Readers } from "./workload/readers.ts";
import { TaskQueue } from "./workload/task_queue.ts";
import { Workers } from "./workload/workers.ts";

/** After the last fault everything ends within this time, virtual milliseconds. */
const PROGRESS_MS = 1_500_000;
/** Events of one seed: more is a loop without end. */
const EVENTS_MAX = 2_000_000;

export interface SimulationOptions {
  readonly seed: number;
  readonly isTracing?: boolean;
  /** Clients redrive what has failed. Default: false. */
  readonly hasRedrives?: boolean;
  /** There are several nodes that know of each other. Default: false. */
  readonly isCluster?: boolean;
  /** A bug to be put in. */
  readonly bug?: BugName | undefined;
  /** Faults of these kinds do not happen, whatever is drawn. */
  readonly without?: readonly FaultKind[];
  /** No more than this is asked, whatever is drawn. */
  readonly load?: Partial<Load>;
}

/** What one seed gave. */
export interface SimulationReport {
  readonly seed: number;
  /** Steps of the partition loops. */
  readonly steps: number;
  /** Things that happened in virtual time. */
  readonly events: number;
  readonly executions: number;
  /** Redrives that were acknowledged. */
  readonly redriven: number;
  /** Answers to reads by nodes that may not have led any more, which were older than what was known by then. */
  readonly staleReads: number;
  readonly virtualMs: number;
  /** How often each kind of fault happened. */
  readonly faults: ReadonlyMap<FaultKind, number>;
  readonly load: Load;
  readonly violation: Violation | undefined;
  readonly trace: readonly string[];
}

/** Runs one seed. The same seed gives the same report, trace included. */
export function simulate(options: SimulationOptions): SimulationReport {
  const takeOut = bugOf(options.bug)?.install?.();
  try {
    return new Simulation(options).run();
  } finally {
    takeOut?.();
  }
}

class Simulation {
  readonly #world: World;
  readonly #config: SimConfig;
  readonly #model: LogModel;
  readonly #cluster: Cluster;
  readonly #tasks: TaskQueue;
  readonly #asking: Asking;
  readonly #clients: Clients;
  readonly #readers: Readers;
  readonly #keepers: Keepers;
  readonly #reads: ReadChecks;
  readonly #live: LiveChecks;
  readonly #pace: PaceChecks;
  readonly #end: EndChecks;

  constructor(options: SimulationOptions) {
    const { seed, isTracing = false, hasRedrives = false, isCluster = false, bug, without, load = {} } = options;
    const world = new World(seed, isTracing, without);
    const config = withLoad(drawConfig(world.random.fork(), isCluster), load);
    world.note(() => JSON.stringify(config));
    const model = new LogModel(world, config);
    const effects = new EffectChecks(world, model);
    const reads = new ReadChecks(world, model);
    const answers = new AnswerChecks(world, model, reads);
    const stores = new StoreChecks(world, model);
    const stops = new StopChecks(world, model, stores);
    const logs = this.#openLogs(config, model, stores);
    this.#world = world;
    this.#config = config;
    this.#model = model;
    this.#reads = reads;
    const gateway = new Gateway(world, model, stops, () => this.#cluster.living);
    const workers: Workers = new Workers(
      world,
      gateway,
      () => this.#tasks,
      (call, answer) => {
        if (answer.kind !== "refused" || !answer.isFromZombie) answers.taskAnswered(call, answer);
      },
    );
    this.#tasks = new TaskQueue(world, (message) => effects.dispatched(message), (message) => workers.take(message));
    this.#cluster = new Cluster(world, config, {
      logs,
      bug: bugOf(bug),
      dispatcher: (node) => this.#tasks.dispatcher(node),
      feed: (_node, message) => effects.fed(message),
      committed: (disk) => stores.check(disk),
      stopping: (node) => stops.stopping(node),
      stopped: (node) => stops.stopped(node, this.#cluster.disk(node.name)),
      tailLost: (disk) => stores.tailLost(disk),
      snapshotted: (bucket) => stores.checkSnapshots(bucket),
      isZombie: (node) => model.isZombie(node),
      wipeTasks: () => this.#tasks.wipe(),
    });
    const workflows = drawWorkflows(world, config);
    world.note(() => JSON.stringify(Object.fromEntries(workflows)));
    this.#asking = new Asking(world, gateway, model);
    const readable = {
      executions: () => this.#clients.acknowledged.map(({ executionId }) => executionId),
      workflows: [...workflows.map(([name]) => name), ...keptWorkflows],
      resources: keptResources,
    };
    this.#readers = new Readers(world, this.#asking, model, reads, config, readable);
    this.#keepers = new Keepers(world, this.#asking, this.#readers, reads, config);
    this.#clients = new Clients(
      world,
      this.#asking,
      this.#readers,
      model,
      { answers, reads },
      config,
      workflows,
      hasRedrives,
    );
    this.#pace = new PaceChecks(world, model);
    this.#live = new LiveChecks(world, model);
    this.#end = new EndChecks(world, config, model, this.#cluster, this.#asking, this.#readers, this.#clients, reads, {
      survival: new SurvivalChecks(world, config, model, this.#cluster, logs, this.#asking),
      damage: new DamageChecks(world, model, this.#cluster, logs),
    });
  }

  #openLogs({ partitionCount }: SimConfig, model: LogModel, stores: StoreChecks): readonly SimLog[] {
    const logs = Array.from({ length: partitionCount }, (_, partition): SimLog =>
      new SimLog(
        partition,
        (entry) => model.take(partition, entry),
        (through) => stores.checkTrim(this.#cluster.bucket, partition, logs[partition]?.first ?? 1, through),
      ));
    return logs;
  }

  run(): SimulationReport {
    const world = this.#world;
    world.faults = drawFaultRates(world.random);
    this.#clients.plan();
    this.#readers.plan();
    this.#keepers.plan();
    this.#cluster.begin();
    this.#cluster.plan();
    this.#runUntil(() => world.loop.nowMs >= this.#config.chaosMs);
    this.#heal();
    const healedMs = world.loop.nowMs;
    this.#runUntil(() => this.#isQuiet() || world.loop.nowMs > healedMs + PROGRESS_MS);
    if (!this.#isQuiet()) this.#end.explainStandstill(this.#tasks);
    for (const stage of this.#end.stages()) {
      const stageMs = world.loop.nowMs;
      stage.begin();
      this.#runUntil(() => stage.isDone() || world.loop.nowMs > stageMs + PROGRESS_MS);
      if (!stage.isDone()) world.violate("progress", `${stage.name} does not come to its end`);
      if (world.violation !== undefined) break;
    }
    return {
      seed: world.seed,
      steps: world.steps,
      events: world.loop.done,
      executions: this.#model.executions.size,
      redriven: this.#clients.redriven,
      staleReads: this.#reads.stale,
      virtualMs: world.loop.nowMs,
      faults: world.faultCounts,
      load: loadOf(this.#config),
      violation: world.violation,
      trace: world.trace,
    };
  }

  /** Nothing goes wrong any more; what was lost is told. */
  #heal(): void {
    const world = this.#world;
    world.note(() => "the chaos ends");
    world.faults = calm;
    this.#cluster.heal();
    this.#tasks.tellLoss();
  }

  #isQuiet(): boolean {
    if (this.#asking.open > 0 || !this.#cluster.hasHealed) return false;
    for (const execution of this.#model.executions.values()) if (!execution.isEnded) return false;
    return true;
  }

  /** The next thing that happens; false when nothing is planned. What throws out of it is a violation too. */
  #step(): boolean {
    const world = this.#world;
    try {
      return world.loop.step();
    } catch (defect) {
      world.violate("noDefect", defect instanceof Error ? defect.stack ?? defect.message : String(defect));
      return true;
    }
  }

  #runUntil(isOver: () => boolean): void {
    const world = this.#world;
    while (world.violation === undefined && !isOver()) {
      if (!this.#step()) {
        return world.violate("progress", "Nothing is planned any more, and not all has come to its end");
      }
      for (const node of this.#cluster.nodes) if (node.isAlive) this.#live.check(node);
      this.#pace.check(this.#cluster.nodes);
      if (world.loop.done > EVENTS_MAX) return world.violate("progress", "Things happen without end");
    }
  }
}

function drawWorkflows(world: World, { workflowCount }: SimConfig) {
  const random = world.random.fork();
  const fixed = fixedWorkflows.filter(() => random.chance(0.3));
  const generated = Array.from(
    { length: workflowCount },
    (_, index) => [`generated_${index}`, generatedWorkflow(random.fork())] as const,
  );
  return [...fixed, ...generated];
}
