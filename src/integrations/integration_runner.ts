/**
 * Does the tasks of integrations in the engine's own process: a fiber for each task at work, a bounded line and a bounded number at
 * work for each integration, so that slow ones keep no other waiting, and each result reported to the engine until it has taken it.
 *
 * Nothing here outlives the process: what is forgotten by a crash is in the log, and is dispatched again.
 */
import { Cause, Clock, Effect, Fiber, FiberMap, Option, Result, type Scope } from "effect";
import { type ApiCode, effectClock, type Engine, type Registry, systemClock, type WallClock } from "../runtime/mod.ts";
import { BacklogTally, backoffSchedule, type TaskBacklog, type TaskMessage } from "../tasks/mod.ts";
import {
  type Backoff,
  type ExecutionId,
  type Limits,
  parseTaskId,
  present,
  type Space,
  type TaskId,
} from "../values/mod.ts";
import { resultTooLarge, shownResource } from "./aws_actions.ts";
import { type Answer, EngineCommands, type Patience } from "./engine_requests.ts";
import { type Integration, type IntegrationRun, TaskEnded, type TaskResult } from "./port.ts";

/** The engine, as integrations see it. */
export interface RunnerEngine {
  readonly engine: Engine;
  readonly registry: Registry;
}

/** Settings of a runner. */
export interface RunnerOptions {
  readonly limits: Limits;
  /** All that is waited for goes by it. Default: the machine's. */
  readonly clock?: WallClock;
  /** Tasks of one integration that wait for their turn; one more fails with `Weft.TooManyTasks`. Default: 100,000. */
  readonly queueMax?: number;
}

const CONCURRENCY = 256;
const QUEUE_MAX = 100_000;
const RECLAIM_RETRY: Backoff = { firstMs: 20, mostMs: 1_000 };
/** Of tries to reclaim that fail again and again, one in so many is logged. */
const LOGGED_TRIES = 60;
/**
 * An engine that is away for ten minutes is told nothing any more: whoever leads the partition then has dispatched the task anew.
 * Counted in tries, a second apart: the clock may jump.
 */
const REPORTING: Patience = { defectsMax: Number.POSITIVE_INFINITY, retriesMax: 600 };
/** Resources whose line is remembered. */
const KNOWN_RESOURCES_MAX = 1_000;
const RECLAIMED: TaskResult = { kind: "Failed", error: "Weft.Reclaimed" };
const UNADDRESSED: Space = { tenant: "", namespace: "" };

/** One integration's tasks in this process. Those that wait are messages alone: a fiber each would cost more than they. */
interface Line {
  readonly integration: Integration;
  /** In order of arrival. */
  readonly queue: Map<TaskId, TaskMessage>;
  atWork: number;
}

/** One task in hand. */
interface Job {
  readonly message: TaskMessage;
  readonly line: Line;
  readonly run: IntegrationRun;
}

/** Lines of all integrations of one node. Knows the engine from `start` on. */
export class IntegrationRunner {
  readonly #lines: readonly Line[];
  readonly #options: RunnerOptions;
  readonly #commands: EngineCommands;
  readonly #fibers: FiberMap.FiberMap<TaskId>;
  readonly #fork: (taskId: TaskId, work: Effect.Effect<void>) => void;
  /** Tasks in hand whose children are being reclaimed. */
  readonly #reclaiming = new Set<TaskId>();
  /** Tasks in hand whose result is not known yet, by whose they are. */
  readonly #undone = new Map<TaskId, ExecutionId>();
  readonly #known = new Map<string, Line | undefined>();
  readonly #inHand = new Map<TaskId, TaskMessage>();
  #engine: RunnerEngine | undefined;
  #isStopped = false;

  private constructor(
    lines: readonly Line[],
    options: RunnerOptions,
    commands: EngineCommands,
    fibers: FiberMap.FiberMap<TaskId>,
    fork: (taskId: TaskId, work: Effect.Effect<void>) => void,
  ) {
    this.#lines = lines;
    this.#options = options;
    this.#commands = commands;
    this.#fibers = fibers;
    this.#fork = fork;
  }

  /** A runner for as long as the scope. Then what runs is interrupted and the rest forgotten; nothing is reported any more. */
  static make(
    integrations: readonly Integration[],
    options: RunnerOptions,
  ): Effect.Effect<IntegrationRunner, never, Scope.Scope> {
    const made = Effect.gen(function* () {
      // In the end the other way round: no more tasks, no more requests, then the fibers, and when none is left what they worked with.
      yield* Effect.addFinalizer(() =>
        Effect.sync(() => {
          for (const integration of integrations) integration.close?.();
        })
      );
      const fibers = yield* FiberMap.make<TaskId>();
      const fork = yield* FiberMap.runtime(fibers)();
      const commands = yield* EngineCommands.make;
      const lines = integrations.map((integration) => ({ integration, queue: new Map(), atWork: 0 }));
      const runner = new IntegrationRunner(lines, options, commands, fibers, fork);
      yield* Effect.addFinalizer(() => Effect.sync(() => runner.#stop()));
      return runner;
    });
    return Effect.provideService(made, Clock.Clock, effectClock(options.clock ?? systemClock));
  }

  /** True for resources whose tasks are done here. */
  handles(resource: string): boolean {
    return this.#lineOf(resource) !== undefined;
  }

  /** Begins with what was dispatched so far. */
  start(engine: RunnerEngine): void {
    this.#engine = engine;
    for (const line of this.#lines) this.#fill(line);
  }

  /** Takes tasks in; none is begun within this call. One that is known already is not taken twice. */
  dispatch(tasks: readonly TaskMessage[]): void {
    if (this.#isStopped) return;
    const changed = new Set<Line>();
    for (const task of tasks) {
      const line = this.#lineOf(task.resource);
      if (line === undefined) continue;
      if (FiberMap.hasUnsafe(this.#fibers, task.taskId)) {
        if (task.isReclaiming === true) this.#reclaimRunning(task, line);
      } else if (line.queue.size >= (this.#options.queueMax ?? QUEUE_MAX) && task.isReclaiming !== true) {
        this.#refuse(task, line);
      } else {
        line.queue.set(task.taskId, task);
        changed.add(line);
      }
    }
    for (const line of changed) this.#fill(line);
  }

  /** The task has ended otherwise: it is not begun, or it is interrupted. */
  retract(taskId: TaskId): void {
    for (const { queue } of this.#lines) queue.delete(taskId);
    const fiber = FiberMap.getUnsafe(this.#fibers, taskId);
    if (Option.isSome(fiber)) fiber.value.interruptUnsafe();
  }

  /**
   * Another node does the tasks of these executions from now on: what waits is forgotten, what runs is interrupted. Results that are known already are
   * still reported: what was done need not be done again.
   */
  abandon(isMeant: (executionId: ExecutionId) => boolean): void {
    for (const { queue } of this.#lines) {
      for (const [taskId, { executionId }] of queue) if (isMeant(executionId)) queue.delete(taskId);
    }
    for (const [taskId, executionId] of this.#undone) {
      const fiber = FiberMap.getUnsafe(this.#fibers, taskId);
      if (isMeant(executionId) && Option.isSome(fiber)) fiber.value.interruptUnsafe();
    }
  }

  /** What waits for its turn here, and what is in hand. */
  backlog(): readonly TaskBacklog[] {
    const tally = new BacklogTally();
    for (const { queue } of this.#lines) for (const message of queue.values()) tally.add(message, "waiting");
    for (const message of this.#inHand.values()) tally.add(message, "inWork");
    return tally.list();
  }

  #stop(): void {
    this.#isStopped = true;
    for (const line of this.#lines) line.queue.clear();
  }

  #lineOf(resource: string): Line | undefined {
    if (this.#known.has(resource)) return this.#known.get(resource);
    const line = this.#lines.find(({ integration }) => integration.handles(resource));
    if (this.#known.size >= KNOWN_RESOURCES_MAX) this.#known.clear();
    this.#known.set(resource, line);
    return line;
  }

  /** Begins as many of those that wait as there are places. */
  #fill(line: Line): void {
    const concurrencyMax = line.integration.concurrencyMax ?? CONCURRENCY;
    const engine = this.#engine;
    if (engine === undefined) return;
    for (const [taskId, message] of line.queue) {
      if (this.#isStopped || line.atWork >= concurrencyMax) return;
      line.queue.delete(taskId);
      this.#begin(message, line, engine);
    }
  }

  #begin(message: TaskMessage, line: Line, engine: RunnerEngine): void {
    line.atWork += 1;
    let isAtWork = true;
    this.#undone.set(message.taskId, message.executionId);
    const leave = Effect.sync(() => {
      if (!isAtWork) return;
      isAtWork = false;
      line.atWork -= 1;
      this.#fill(line);
    });
    const job = { message, line, run: this.#runOf(message, engine, leave) };
    this.#inHand.set(message.taskId, message);
    if (message.isReclaiming === true) this.#reclaiming.add(message.taskId);
    const work = message.isReclaiming === true ? this.#reclaimAndReport(job) : this.#work(job);
    // First it yields: nothing is begun within the call that dispatches it.
    const forget = Effect.sync(() => {
      this.#inHand.delete(message.taskId);
      if (!this.#reclaiming.has(message.taskId)) this.#undone.delete(message.taskId);
    });
    const end = Effect.andThen(leave, forget);
    this.#fork(message.taskId, Effect.ensuring(Effect.andThen(Effect.yieldNow, this.#logged(job, work)), end));
  }

  /** A task in hand is over, but for its children: its fiber is interrupted, and when that has ended, another one reclaims them. */
  #reclaimRunning(message: TaskMessage, line: Line): void {
    const engine = this.#engine;
    const running = FiberMap.getUnsafe(this.#fibers, message.taskId);
    if (engine === undefined || Option.isNone(running) || this.#reclaiming.has(message.taskId)) return;
    this.#reclaiming.add(message.taskId);
    const job = { message, line, run: this.#runOf(message, engine, Effect.void) };
    const reclaim = Effect.andThen(Fiber.interrupt(running.value), this.#reclaimAndReport(job));
    this.#undone.set(message.taskId, message.executionId);
    this.#fork(message.taskId, this.#logged(job, reclaim));
  }

  #work(job: Job): Effect.Effect<void> {
    const { message } = job;
    const done = Effect.flatMap(this.#run(job), (result) => {
      this.#undone.delete(message.taskId);
      if (result === undefined || this.#isStopped) return Effect.void;
      const report = this.#report(message, result);
      // A failure of ours says nothing of the children: they must not run on when the task ends by it.
      return result.isDefect === true && message.hasChildren === true
        ? Effect.andThen(this.#reclaim(job), report)
        : report;
    });
    return this.#activated(message, done);
  }

  #reclaimAndReport(job: Job): Effect.Effect<void> {
    const { taskId } = job.message;
    const forget = Effect.sync(() => {
      this.#reclaiming.delete(taskId);
      this.#undone.delete(taskId);
    });
    return Effect.ensuring(Effect.andThen(this.#reclaim(job), this.#report(job.message, RECLAIMED)), forget);
  }

  /**
   * Tells the engine that the task is at work: the history shows it, and its clocks start. Where it has clocks they start before the
   * work does; else nothing waits for the answer. A task that is over before it began is not done.
   */
  #activated(message: TaskMessage, work: Effect.Effect<void>): Effect.Effect<void> {
    const { timeoutSeconds, heartbeatSeconds } = message;
    const activate = this.#tell(message, (engine, address) => engine.activateTask(address));
    if (timeoutSeconds === undefined && heartbeatSeconds === undefined) {
      return Effect.andThen(this.#commands.beside(Effect.asVoid(activate)), work);
    }
    // Dispatched again, a task has been activated already; one that has ended will not take its result either.
    return Effect.flatMap(
      activate,
      (refusal) => refusal === undefined || refusal === "InvalidStatus" ? work : Effect.void,
    );
  }

  /** The task's result; `undefined` when somebody else has ended it. */
  #run(job: Job): Effect.Effect<TaskResult & { readonly isDefect?: true } | undefined> {
    const { message, run, line: { integration } } = job;
    return Effect.catchCause(Effect.suspend(() => integration.run(message, run)), (cause) => {
      const failure = Cause.findError(cause);
      if (Result.isSuccess(failure) && failure.success instanceof TaskEnded) return Effect.succeed(undefined);
      return Effect.as(this.#logDefect(job, cause), {
        kind: "Failed",
        error: "Weft.IntegrationFailed",
        cause: `The integration "${integration.name}" failed by itself; the log of the node has the reason`,
        isDefect: true,
      });
    });
  }

  /** Tries until it is done. */
  #reclaim(job: Job): Effect.Effect<void> {
    const { message, run, line: { integration } } = job;
    let tries = 0;
    const reclaimed = Effect.suspend(() => integration.reclaim?.(message, run) ?? Effect.void);
    const tried = Effect.tapCause(
      reclaimed,
      (cause) => tries++ % LOGGED_TRIES === 0 ? this.#logDefect(job, cause) : Effect.void,
    );
    return Effect.orDie(Effect.retry(Effect.sandbox(tried), backoffSchedule(RECLAIM_RETRY)));
  }

  #runOf(message: TaskMessage, { engine, registry }: RunnerEngine, leave: Effect.Effect<void>): IntegrationRun {
    return {
      engine,
      registry,
      commands: this.#commands,
      onlyWaits: leave,
      submitted: (output) =>
        Effect.flatMap(
          this.#tell(message, (engine, address) => engine.submitTask({ ...address, output })),
          (code) => code === undefined || code === "AlreadyExists" ? Effect.void : Effect.fail(new TaskEnded({ code })),
        ),
    };
  }

  #report(message: TaskMessage, result: TaskResult): Effect.Effect<void> {
    const told = (result: TaskResult) =>
      this.#tell(message, (engine, address) => answerOf(engine, address, result, this.#options.limits));
    return Effect.flatMap(
      told(result),
      (refusal) =>
        refusal === "PayloadTooLarge" || refusal === "InvalidArgument"
          ? Effect.asVoid(told(resultTooLarge(shownResource(message.resource))))
          : Effect.void,
    );
  }

  /** Tells the engine until it has an answer: `undefined`, or the code of its refusal. */
  #tell(
    message: TaskMessage,
    request: (engine: Engine, address: Address) => Answer<unknown>,
  ): Effect.Effect<ApiCode | undefined> {
    const known = this.#engine;
    if (known === undefined) return Effect.succeed("Unavailable");
    return Effect.match(this.#commands.untilDone(() => request(known.engine, addressOf(message)), REPORTING), {
      onSuccess: () => undefined,
      onFailure: ({ code }) => code,
    });
  }

  #refuse(task: TaskMessage, line: Line): void {
    const engine = this.#engine;
    if (engine === undefined) return;
    const waiting = this.#options.queueMax ?? QUEUE_MAX;
    const cause = `More than ${waiting} tasks of "${line.integration.name}" wait on this node already`;
    const refused = this.#report(task, { kind: "Failed", error: "Weft.TooManyTasks", cause });
    const job = { message: task, line, run: this.#runOf(task, engine, Effect.void) };
    this.#fork(task.taskId, this.#logged(job, refused));
  }

  /** What dies is logged: nobody else hears of it. */
  #logged(job: Job, work: Effect.Effect<void>): Effect.Effect<void> {
    return Effect.catchCause(work, (cause) => this.#logDefect(job, cause));
  }

  #logDefect({ message: { taskId }, line: { integration: { name } } }: Job, cause: Cause.Cause<unknown>) {
    if (this.#isStopped) return Effect.void;
    return Effect.annotateLogs(Effect.logError("An integration failed", cause), { taskId, integration: name });
  }
}

/** Whose task it is, and the token with which its result is reported. */
type Address = Space & { readonly token: string };

function addressOf({ taskId, token }: TaskMessage): Address {
  const { tenant, namespace } = parseTaskId(taskId) ?? UNADDRESSED;
  return { tenant, namespace, token };
}

function answerOf(engine: Engine, address: Address, result: TaskResult, limits: Limits) {
  switch (result.kind) {
    case "Completed":
      return engine.completeTask({ ...address, output: result.output, ...present({ isFinal: result.isFinal }) });
    case "Failed": {
      const error = result.error.slice(0, limits.errorCharactersMax);
      const cause = result.cause?.slice(0, limits.causeCharactersMax);
      return engine.failTask({ ...address, error, ...present({ cause }) });
    }
    default:
      return result satisfies never;
  }
}
