/** One life of a node: the real partition loops on simulated ports, until it is stopped or killed. */
import { Context, Effect, type Exit, Fiber, Logger, type Scheduler, type Scope } from "effect";
import type { Cluster } from "../../../src/cluster/mod.ts";
import { LogStream } from "../../../src/log/port.ts";
import {
  type Engine,
  type Failpoint,
  type FeedMessage,
  type Partition,
  type Randomness,
  type Registry,
  runNode,
  type TermInspection,
  type WallClock,
  type WeftNode,
} from "../../../src/runtime/mod.ts";
import { type KeyValueStore, Storage } from "../../../src/storage/port.ts";
import { TaskDispatcher } from "../../../src/tasks/port.ts";
import { present } from "../../../src/values/mod.ts";
import { answered, delayMs, type Place } from "./place.ts";
import type { NodeLog } from "./sim_log.ts";
import type { SimConfig } from "./sim_config.ts";
import type { SimRandom } from "./sim_random.ts";
import { SimScheduler } from "./sim_scheduler.ts";
import type { World } from "./world.ts";

/** Defects in a row that one node's draws throw: three park an execution, and then it does not end. */
const DEFECTS_MAX = 2;

/** What a node is given from outside, all of it seen through the node. */
export interface NodePorts {
  /** The cluster as this node sees it, if it is in one. */
  cluster(node: SimNode): Cluster["Service"] | undefined;
  openLog(node: SimNode, partition: number): NodeLog;
  openStore(node: SimNode): KeyValueStore;
  /** The clock as this node sees it. */
  clock(clock: WallClock): WallClock;
  openSnapshots(node: SimNode): KeyValueStore | undefined;
  dispatcher(node: SimNode): TaskDispatcher["Service"];
  /** What lives as long as the node beside its partitions; what it gives is told when they run. */
  beside?(node: SimNode): Effect.Effect<(running: WeftNode) => void, never, Scope.Scope>;
  feed(node: SimNode, message: FeedMessage): void;
  /** The node has its partitions now. A deliberate bug does something to them. */
  started(node: SimNode): void;
  /** The node is at this step. A deliberate bug does something there. */
  reached(node: SimNode, point: Failpoint): void;
  /** The node has died at this step. */
  crashed(node: SimNode, where: string): void;
  /** The node's program has ended by itself. */
  ended(node: SimNode, exit: Exit.Exit<unknown, unknown>): void;
}

/** Where things are asked of the engine of a living node. */
export class SimNode implements Place {
  readonly name: string;
  readonly world: World;
  readonly random: SimRandom;
  /** How often it has gone on: as long as it has not, nothing in it is another. */
  strides = 0;
  readonly calls = { open: 0 };
  readonly clocks = { alarms: 0, pauses: 0 };
  readonly scheduler: SimScheduler;
  readonly clock: WallClock;
  readonly #dispatcher: Scheduler.SchedulerDispatcher;
  isAlive = true;
  isFrozen = false;
  isStopping = false;
  /** Told to stop, it begins anew afterwards. */
  comesBack = false;
  /** It hands over what it leads, before it stops. */
  isLeaving = false;
  /** What to do when it dies: callers learn that nobody will answer. */
  readonly deathWatch = new Set<() => void>();
  #deferred: (() => void)[] = [];
  #node: WeftNode | undefined;
  #fiber: Fiber.Fiber<unknown, unknown> | undefined;
  readonly #terms = new Map<number, TermInspection>();
  #defectsInARow = 0;
  readonly #ports: NodePorts;
  readonly #config: SimConfig;

  constructor(name: string, world: World, config: SimConfig, ports: NodePorts) {
    this.name = name;
    this.world = world;
    this.random = world.random.fork();
    this.#ports = ports;
    this.#config = config;
    this.clock = ports.clock(world.wall.clockFor((run) => this.gate(run), this.clocks));
    this.scheduler = new SimScheduler(world.random.fork(), config.isShuffled, config.operationsMax);
    this.#dispatcher = this.scheduler.makeDispatcher();
  }

  /** The engine, while the node can be asked. */
  get engine(): Engine | undefined {
    return this.isAlive && !this.isStopping ? this.#node?.engine : undefined;
  }

  /** What the term that leads a partition here has in memory. */
  termOf(partition: Partition): TermInspection | undefined {
    return partition.status().kind === "leading" ? this.#terms.get(partition.partition) : undefined;
  }

  get registry(): Registry | undefined {
    return this.isAlive && !this.isStopping ? this.#node?.registry : undefined;
  }

  get partitions(): readonly Partition[] {
    return this.#node?.partitions ?? [];
  }

  start(tokenSecret: Uint8Array): void {
    const program = Effect.scoped(Effect.gen({ self: this }, function* () {
      const beside = yield* this.#ports.beside?.(this) ?? Effect.succeed(() => {});
      const running = yield* runNode(this.#options(tokenSecret));
      this.#node = running;
      beside(running);
      this.#ports.started(this);
      return yield* Effect.never;
    }));
    this.#fiber = this.run(program.pipe(Effect.provide(this.#adapters())));
    this.#fiber.addObserver((exit) => this.#ports.ended(this, exit));
  }

  /** Runs an effect in this node. */
  run<A, E>(effect: Effect.Effect<A, E>): Fiber.Fiber<A, E> {
    this.strides += 1;
    const logger = Logger.make<unknown, void>(({ message, cause }) =>
      this.world.note(() => `${this.name}: ${String(message)}${cause.reasons.length === 0 ? "" : ` ${String(cause)}`}`)
    );
    const quiet = Effect.provideService(effect, Logger.CurrentLoggers, new Set([logger]));
    const fiber = Effect.runFork(quiet, { scheduler: this.scheduler });
    this.scheduler.drain();
    return fiber;
  }

  crash(where: string): void {
    this.#ports.crashed(this, where);
  }

  /** As kill -9. */
  kill(): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    this.#deferred = [];
    this.scheduler.stop();
    for (const died of this.deathWatch) died();
    this.deathWatch.clear();
  }

  /** Hands over to others what it leads, and then does what comes next. */
  leave(then: () => void): void {
    this.isLeaving = true;
    this.run(this.#node?.leave ?? Effect.void).addObserver(() => {
      if (this.isAlive) then();
    });
  }

  /** As SIGTERM: what was taken up is finished and written. */
  stop(): void {
    this.isStopping = true;
    this.strides += 1;
    this.#fiber?.interruptUnsafe();
    this.scheduler.drain();
  }

  /** As SIGSTOP. */
  freeze(): void {
    this.isFrozen = true;
  }

  /** As SIGCONT: all that has happened meanwhile happens now. */
  thaw(): void {
    this.isFrozen = false;
    this.world.disturb();
    const deferred = this.#deferred;
    this.#deferred = [];
    for (const run of deferred) this.gate(run)();
  }

  gate(run: () => void): () => void {
    return () => {
      if (!this.isAlive) return;
      if (this.isFrozen) return void this.#deferred.push(run);
      this.strides += 1;
      run();
      this.scheduler.drain();
    };
  }

  #options(tokenSecret: Uint8Array) {
    const config = this.#config;
    const snapshots = this.#ports.openSnapshots(this);
    return {
      node: this.name,
      settings: { clusterId: "simulation", partitionCount: config.partitionCount, tokenSecret },
      limits: config.limits,
      clock: this.clock,
      randomness: this.#randomness(),
      feed: (message: FeedMessage) => this.#ports.feed(this, message),
      onTerm: (partition: number, term: TermInspection) => void this.#terms.set(partition, term),
      failpoint: (point: Failpoint) => this.#failpoint(point),
      checkpointMs: config.checkpointMs,
      checkpointExecutionsMax: config.checkpointExecutionsMax,
      snapshotMs: config.snapshotMs,
      followMs: config.followMs,
      soon: (run: () => void) => this.#dispatcher.scheduleTask(run, 0),
      ...present({ cluster: this.#ports.cluster(this) }),
      trimMs: config.trimMs,
      sweepMs: Infinity,
      ...(snapshots === undefined ? {} : { snapshots }),
    };
  }

  #adapters() {
    const logs = { open: (partition: number) => Effect.sync(() => this.#ports.openLog(this, partition)) };
    return Context.make(LogStream, logs).pipe(
      Context.add(Storage, this.#ports.openStore(this)),
      Context.add(TaskDispatcher, this.#ports.dispatcher(this)),
    );
  }

  #failpoint(point: Failpoint): Effect.Effect<void> {
    return Effect.suspend(() => {
      const { world, random } = this;
      world.steps += 1;
      this.#ports.reached(this, point);
      if (world.strikes("crash", random)) {
        this.crash(point);
        return Effect.never;
      }
      if (!world.strikes("stall", random)) return Effect.void;
      return answered(this, delayMs(random), () => Effect.void);
    });
  }

  #randomness(): Randomness {
    const { random, world } = this;
    return {
      random: () => {
        if (this.#defectsInARow < DEFECTS_MAX && world.strikes("defect", random)) {
          this.#defectsInARow += 1;
          world.disturb();
          throw new Error("A simulated defect");
        }
        this.#defectsInARow = 0;
        return random.next();
      },
      uuid: () => random.uuid(),
    };
  }
}
