/** A node on a {@link TestDisk}, with a clock and tasks in the test's hand. */
import { Context, Effect, Exit, Layer, Logger, References, Result, Scope } from "effect";
import { LogStream } from "../../src/log/port.ts";
import {
  DefinitionCache,
  type Engine,
  type Failpoint,
  type FeedMessage,
  type NodeOptions,
  type Randomness,
  runNode,
  type TermInspection,
  type WeftNode,
} from "../../src/runtime/mod.ts";
import { askPartition } from "../../src/runtime/partition/partition.ts";
import { PartitionStore } from "../../src/runtime/partition/store/partition_store.ts";
import type { Applied } from "../../src/runtime/partition/store/stored_values.ts";
import type { RequestRefused } from "../../src/runtime/engine.ts";
import { type KeyValueStore, Storage } from "../../src/storage/port.ts";
import { BatchSeal } from "../../src/protocol/mod.ts";
import { TaskDispatcher, type TaskMessage } from "../../src/tasks/port.ts";
import type { Json, TaskId } from "../../src/values/mod.ts";
import { ManualClock } from "./manual_clock.ts";
import { SeededRandom } from "./seeded_random.ts";
import { DiskConnection, TestDisk } from "./test_disk.ts";

export const space = { tenant: "acme", namespace: "shop" };
const START_EPOCH_MS = Date.UTC(2030, 0, 1);

export interface TestNodeOptions extends Partial<Omit<NodeOptions, "clock" | "settings">> {
  readonly clock?: ManualClock;
  readonly partitions?: number;
  readonly secret?: string;
}

const SECRET = "a secret of the tests";
/** What the nodes' batches are sealed with, unless they were given another secret. */
export const seal = new BatchSeal(new TextEncoder().encode(SECRET));

/** Something that is waited for, by how often it has happened. */
class Counted {
  #count = 0;
  #waiting: (() => void)[] = [];

  happen(): void {
    this.#count += 1;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  get sofar(): number {
    return this.#count;
  }

  async beyond(count: number): Promise<void> {
    while (this.#count <= count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

export class TestNode {
  readonly disk: TestDisk;
  readonly clock: ManualClock;
  readonly node: WeftNode;
  readonly engine: Engine;
  readonly logged: string[];
  /** What each partition's newest term has in memory. */
  readonly terms: ReadonlyMap<number, TermInspection>;
  readonly definitions: DefinitionCache;
  /** Whoever waits for a while when nothing is going on: each partition's checkpoint, and the sweep. */
  readonly #pauses: number;
  readonly #tasks: TaskMessage[];
  readonly #dispatched: Counted;
  readonly #points: Map<Failpoint, Counted>;
  readonly #scope: Scope.Closeable;
  readonly #connection: DiskConnection;
  readonly feed: readonly FeedMessage[];
  readonly retracted: readonly TaskId[];
  readonly redispatch: () => void;

  private constructor(
    parts:
      & Pick<
        TestNode,
        "disk" | "clock" | "node" | "terms" | "definitions" | "logged" | "feed" | "retracted" | "redispatch"
      >
      & Parts,
  ) {
    this.disk = parts.disk;
    this.clock = parts.clock;
    this.node = parts.node;
    this.engine = parts.node.engine;
    this.terms = parts.terms;
    this.definitions = parts.definitions;
    this.logged = parts.logged;
    this.#pauses = parts.pauses;
    this.#tasks = parts.tasks;
    this.#dispatched = parts.dispatched;
    this.#points = parts.points;
    this.#scope = parts.scope;
    this.#connection = parts.connection;
    this.feed = parts.feed;
    this.retracted = parts.retracted;
    this.redispatch = parts.redispatch;
  }

  /** Opens a node and waits until it leads (or has stopped). */
  static async open(disk = new TestDisk(), options: TestNodeOptions = {}): Promise<TestNode> {
    const clock = options.clock ?? new ManualClock(START_EPOCH_MS);
    const [feed, retracted, logged, tasks]: [FeedMessage[], TaskId[], string[], TaskMessage[]] = [[], [], [], []];
    const dispatched = new Counted();
    const points = new Map<Failpoint, Counted>();
    const terms = new Map<number, TermInspection>();
    const definitions = new DefinitionCache();
    const connection = new DiskConnection(disk);
    const scope = Scope.makeUnsafe();
    let redispatch = () => {};
    const dispatcher: TaskDispatcher["Service"] = {
      dispatch: (messages) => {
        tasks.push(...messages);
        dispatched.happen();
      },
      retract: (messages) => void retracted.push(...messages.map(({ taskId }) => taskId)),
      onLost: (again) => Effect.sync(() => void (redispatch = again)),
    };
    const services = Context.make(LogStream, connection.logStream()).pipe(
      Context.add(Storage, connection.store()),
      Context.add(TaskDispatcher, dispatcher),
      Context.add(Scope.Scope, scope),
    );
    const { partitions = 1, secret = SECRET, failpoint, ...rest } = options;
    const logger = Logger.layer([Logger.make(({ message }) => void logged.push(String(message)))]);
    const run = runNode({
      node: "test",
      randomness: randomnessOf(new SeededRandom(7)),
      checkpointMs: 1_000,
      sweepMs: Infinity,
      trimMs: Infinity,
      definitions,
      onTerm: (partition, term) => terms.set(partition, term),
      ...rest,
      settings: { clusterId: "c", partitionCount: partitions, tokenSecret: new TextEncoder().encode(secret) },
      clock,
      feed: (message) => {
        feed.push(message);
        options.feed?.(message);
      },
      failpoint: (point) =>
        Effect.andThen(failpoint?.(point) ?? Effect.void, Effect.sync(() => points.get(point)?.happen())),
    });
    for (const point of ["afterAppend", "beforeCheckpoint", "afterCheckpoint", "afterDecide"] as const) {
      points.set(point, new Counted());
    }
    const node = await Effect.runPromise(
      Effect.provide(run, services).pipe(
        Effect.tap(({ ready }) => ready),
        Effect.provide(Layer.merge(logger, Layer.succeed(References.MinimumLogLevel, "Info"))),
      ),
    );
    return new TestNode({
      disk,
      clock,
      node,
      pauses: partitions + (Number.isFinite(options.sweepMs ?? Infinity) ? 1 : 0),
      terms,
      definitions,
      logged,
      tasks,
      dispatched,
      points,
      scope,
      connection,
      feed,
      retracted,
      redispatch: () => redispatch(),
    });
  }

  /** Ends in order. */
  async close(): Promise<void> {
    await Effect.runPromise(Scope.close(this.#scope, Exit.void));
  }

  /** Dies: nothing of it reaches the disk any more. */
  kill(): void {
    this.#connection.cut();
    this.clock.forgetAll();
  }

  /** Dies, and a new one takes over the disk. */
  async reopen(options: TestNodeOptions = {}): Promise<TestNode> {
    this.kill();
    return await TestNode.open(this.disk, { clock: this.clock, ...options });
  }

  /** Waits until the node has been at a step of its loop once more. */
  async next(point: Failpoint, cause: () => unknown): Promise<void> {
    const counted = this.#points.get(point);
    if (counted === undefined) throw new Error(`Nobody counts ${point}`);
    const before = counted.sofar;
    cause();
    await counted.beyond(before);
  }

  /** Lets a second pass, and waits until what has changed is in the store. There must be something. */
  async checkpoint(): Promise<void> {
    await this.clock.paused(this.#pauses);
    await this.next("afterCheckpoint", () => this.clock.advance(1_000));
  }

  /** Waits until something has been committed to another store. */
  async written(store: KeyValueStore, cause: () => unknown): Promise<void> {
    const stamp = async () => JSON.stringify(await Effect.runPromise(store.list({ prefix: "p", limit: 10_000 })));
    const before = await stamp();
    cause();
    while (await stamp() === before) await new Promise((resolve) => setImmediate(resolve));
  }

  /** How far the local store is. */
  async applied(partition = 0): Promise<Applied> {
    const applied = await Effect.runPromise(new PartitionStore(this.disk.storage, partition).loadApplied());
    if (applied === undefined) throw new Error(`Nothing was written to the store of partition ${partition}`);
    return applied;
  }

  /** Forgets the definitions of a partition that nobody needs; answers how many. */
  async forgetDefinitions(partition = 0): Promise<number> {
    const asked = this.node.partitions[partition];
    if (asked === undefined) throw new RangeError(`There is no partition ${partition}`);
    return await ask(askPartition<number>(asked, (reply) => ({ kind: "forgetDefinitions", reply })));
  }

  /** The next task that was handed out, of this resource if one is named. */
  async task(resource?: string): Promise<TaskMessage> {
    for (;;) {
      const before = this.#dispatched.sofar;
      const index = this.#tasks.findIndex((task) => resource === undefined || task.resource === resource);
      const [task] = index < 0 ? [] : this.#tasks.splice(index, 1);
      if (task !== undefined) return task;
      await this.#dispatched.beyond(before);
    }
  }

  /** Tasks handed out and not taken by {@link task}. */
  get waitingTasks(): readonly TaskMessage[] {
    return this.#tasks;
  }

  async put(name: string, definition: Json): Promise<void> {
    await ask(this.engine.putWorkflow({ ...space, name, definition }));
  }

  async start(workflow: string, input: Json = {}, key?: string): Promise<string> {
    const request = { ...space, workflow, input, ...(key === undefined ? {} : { key }) };
    return (await ask(this.engine.startExecution(request))).executionId;
  }

  async complete(task: TaskMessage, output: Json): Promise<void> {
    await ask(this.engine.completeTask({ ...space, token: task.token, output }));
  }

  async describe(executionId: string) {
    return await ask(this.engine.describeExecution({ ...space, executionId }));
  }

  async status(executionId: string): Promise<string> {
    return (await this.describe(executionId)).status;
  }

  async ended(executionId: string) {
    return await ask(this.engine.awaitExecution({ ...space, executionId }));
  }
}

function randomnessOf(random: SeededRandom): Randomness {
  return {
    random: () => random.next(),
    uuid: () => `00000000-0000-4000-8000-${String(random.below(1e9)).padStart(12, "0")}`,
  };
}

interface Parts {
  readonly pauses: number;
  readonly tasks: TaskMessage[];
  readonly dispatched: Counted;
  readonly points: Map<Failpoint, Counted>;
  readonly scope: Scope.Closeable;
  readonly connection: DiskConnection;
}

/** The answer of a request. @throws the refusal */
export async function ask<A>(request: Effect.Effect<A, RequestRefused>): Promise<A> {
  return await Effect.runPromise(request);
}

/** The code with which a request is refused; `undefined` when it is not. */
export async function refusal<A>(request: Effect.Effect<A, RequestRefused>): Promise<string | undefined> {
  const outcome = await Effect.runPromise(Effect.result(request));
  return Result.isFailure(outcome) ? outcome.failure.code : undefined;
}

/** Machines that the tests of the runtime run. */
export const machines = {
  pass: { StartAt: "P", States: { P: { Type: "Pass", End: true } } },
  task: { StartAt: "T", States: { T: { Type: "Task", Resource: "work", End: true } } },
  wait: { StartAt: "W", States: { W: { Type: "Wait", SecondsPath: "$.seconds", End: true } } },
  map: {
    StartAt: "M",
    States: {
      M: {
        Type: "Map",
        ItemProcessor: { StartAt: "T", States: { T: { Type: "Task", Resource: "work", End: true } } },
        End: true,
      },
    },
  },
} as const;
