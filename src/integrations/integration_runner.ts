/**
 * Does the tasks of integrations in the engine's own process: a bounded line and a bounded number at work for each integration, so
 * that slow ones keep no other waiting, and each result reported to the engine until it has taken it.
 *
 * Nothing here outlives the process: what is forgotten by a crash is in the log, and is dispatched again.
 */
import { Effect, Result } from "effect";
import type { ApiCode, Engine, Registry } from "../runtime/mod.ts";
import type { TaskMessage } from "../tasks/mod.ts";
import { type Limits, parseTaskId, type Space, type TaskId } from "../values/mod.ts";
import { resultTooLarge, shownResource } from "./aws_actions.ts";
import type { Integration, IntegrationRun, TaskResult } from "./port.ts";

/** The engine, as integrations see it. */
export interface RunnerEngine {
  readonly engine: Engine;
  readonly registry: Registry;
}

/** Settings of a runner. */
export interface RunnerOptions {
  readonly limits: Limits;
  /** Runs what must be logged. */
  readonly log: (entry: Effect.Effect<void>) => void;
  /** Tasks of one integration that wait for their turn; one more fails with `Weft.TooManyTasks`. Default: 100,000. */
  readonly queueMax?: number;
}

const CONCURRENCY = 256;
const QUEUE_MAX = 100_000;
const RETRY_FIRST_DELAY_MS = 20;
const RETRY_DELAY_MS_MAX = 1_000;
/** Of tries that fail again and again, one in so many is logged. */
const LOGGED_TRIES = 60;
/** How long the engine may be away before a report is given up: whoever leads the partition then has dispatched the task anew. */
const PATIENCE_MS = 600_000;
/** Resources whose line is remembered. */
const KNOWN_RESOURCES_MAX = 1_000;
/** Answers of an engine that may take the same request later. */
const passing: ReadonlySet<ApiCode> = new Set<ApiCode>(["Unavailable", "Internal"]);

/** One integration's tasks in this process. */
interface Line {
  readonly integration: Integration;
  /** In order of arrival. */
  readonly queue: Map<TaskId, TaskMessage>;
  atWork: number;
}

/** One task in hand. */
class Job {
  readonly message: TaskMessage;
  readonly line: Line;
  readonly controller = new AbortController();
  isAtWork = true;
  /** The engine waits for the confirmation that nothing of the task runs any more. */
  mustReclaim: boolean;
  hasReclaimed = false;
  /** Somebody else has ended the task: its result is of no use, and its children are nobody's concern. */
  hasEnded = false;

  constructor(message: TaskMessage, line: Line) {
    this.message = message;
    this.line = line;
    this.mustReclaim = message.isReclaiming === true;
  }
}

/** Lines of all integrations of one node. Knows the engine from `start` on. */
export class IntegrationRunner {
  readonly #lines: readonly Line[];
  readonly #options: RunnerOptions;
  readonly #jobs = new Map<TaskId, Job>();
  readonly #known = new Map<string, Line | undefined>();
  #engine: RunnerEngine | undefined;
  readonly #stopping = new AbortController();
  #isStopped = false;

  constructor(integrations: readonly Integration[], options: RunnerOptions) {
    this.#lines = integrations.map((integration) => ({ integration, queue: new Map(), atWork: 0 }));
    this.#options = options;
  }

  /** True for resources whose tasks are done here. */
  handles(resource: string): boolean {
    return this.#lineOf(resource) !== undefined;
  }

  /** Begins with what was dispatched so far. */
  start(engine: RunnerEngine): void {
    this.#engine = engine;
    for (const line of this.#lines) this.#drain(line);
  }

  /** Aborts what runs and forgets the rest; nothing is reported any more. */
  stop(): void {
    this.#isStopped = true;
    this.#stopping.abort(new TaskEnded("the node stops"));
    for (const line of this.#lines) line.queue.clear();
    for (const job of this.#jobs.values()) job.controller.abort(new TaskEnded("the node stops"));
    this.#jobs.clear();
    for (const { integration } of this.#lines) integration.close?.();
  }

  /** Takes tasks in; none is begun within this call. One that is known already is not taken twice. */
  dispatch(tasks: readonly TaskMessage[]): void {
    if (this.#isStopped) return;
    const changed = new Set<Line>();
    for (const task of tasks) {
      const line = this.#lineOf(task.resource);
      if (line === undefined) continue;
      const job = this.#jobs.get(task.taskId);
      if (job !== undefined) {
        if (task.isReclaiming === true) this.#reclaimRunning(job);
        continue;
      }
      if (line.queue.size >= (this.#options.queueMax ?? QUEUE_MAX) && task.isReclaiming !== true) {
        this.#refuse(task, line);
        continue;
      }
      line.queue.set(task.taskId, task);
      changed.add(line);
    }
    if (changed.size > 0) {
      queueMicrotask(() => {
        for (const line of changed) this.#drain(line);
      });
    }
  }

  /** The task has ended otherwise: it is not begun, or its signal is aborted. */
  retract(taskId: TaskId): void {
    for (const { queue } of this.#lines) queue.delete(taskId);
    this.#jobs.get(taskId)?.controller.abort(new TaskEnded("it has ended otherwise"));
  }

  #lineOf(resource: string): Line | undefined {
    if (this.#known.has(resource)) return this.#known.get(resource);
    const line = this.#lines.find(({ integration }) => integration.handles(resource));
    if (this.#known.size >= KNOWN_RESOURCES_MAX) this.#known.clear();
    this.#known.set(resource, line);
    return line;
  }

  #drain(line: Line): void {
    const concurrencyMax = line.integration.concurrencyMax ?? CONCURRENCY;
    if (this.#engine === undefined) return;
    for (const [taskId, message] of line.queue) {
      if (this.#isStopped || line.atWork >= concurrencyMax) return;
      line.queue.delete(taskId);
      this.#begin(new Job(message, line), this.#engine);
    }
  }

  #begin(job: Job, engine: RunnerEngine): void {
    job.line.atWork += 1;
    this.#jobs.set(job.message.taskId, job);
    this.#work(job, engine).catch((defect) => this.#logDefect(job, defect)).finally(() => this.#ended(job));
  }

  #ended(job: Job): void {
    if (this.#jobs.get(job.message.taskId) === job) this.#jobs.delete(job.message.taskId);
    this.#leaveWork(job);
    // Asked for just as the work ended: nobody has seen to it.
    if (job.mustReclaim && !job.hasReclaimed) this.dispatch([{ ...job.message, isReclaiming: true }]);
  }

  #leaveWork(job: Job): void {
    if (!job.isAtWork) return;
    job.isAtWork = false;
    job.line.atWork -= 1;
    queueMicrotask(() => this.#drain(job.line));
  }

  async #work(job: Job, engine: RunnerEngine): Promise<void> {
    const { message, line: { integration } } = job;
    const run = this.#runOf(job, engine);
    if (!job.mustReclaim && !(await this.#activate(job, engine))) return;
    if (!job.mustReclaim) {
      const result = await this.#run(job, run);
      // A failure of ours says nothing of the children: they must not run on when the task ends by it.
      if (!this.#isOver(job) && message.hasChildren === true && result.isDefect) await this.#reclaim(job, run);
      if (!this.#isOver(job)) await this.#report(job, engine, result);
    }
    if (!job.mustReclaim || this.#isStopped) return;
    job.hasReclaimed = true;
    if (integration.reclaim !== undefined) await this.#reclaim(job, run);
    await this.#report(job, engine, { kind: "Failed", error: "Weft.Reclaimed" });
  }

  /**
   * Tells the engine that the task is at work: the history shows it, and its clocks start. Where it has clocks they start before the
   * work does; else nothing waits for the answer. False: it is over before it began.
   */
  async #activate(job: Job, { engine }: RunnerEngine): Promise<boolean> {
    const { timeoutSeconds, heartbeatSeconds } = job.message;
    const asked = this.#ask(job, () => engine.activateTask(addressOf(job.message)));
    if (timeoutSeconds === undefined && heartbeatSeconds === undefined) {
      asked.catch((defect) => this.#logDefect(job, defect));
      return true;
    }
    const refusal = await asked;
    if (refusal === undefined || job.mustReclaim) return true;
    // Dispatched again, a task has been activated already; one that has ended will not take its result either.
    return refusal === "InvalidStatus" && !this.#isOver(job);
  }

  async #run(job: Job, run: IntegrationRun): Promise<TaskResult & { readonly isDefect?: true }> {
    try {
      return await job.line.integration.run(job.message, run);
    } catch (defect) {
      job.hasEnded = defect instanceof TaskEnded;
      if (!job.hasEnded && !job.controller.signal.aborted) this.#logDefect(job, defect);
      const cause =
        `The integration "${job.line.integration.name}" failed by itself; the log of the node has the reason`;
      return { kind: "Failed", error: "Weft.IntegrationFailed", cause, isDefect: true };
    }
  }

  /** Tries until it is done. */
  async #reclaim(job: Job, run: IntegrationRun): Promise<void> {
    for (let attempt = 0; !this.#isStopped; attempt++) {
      try {
        return await job.line.integration.reclaim?.(job.message, run);
      } catch (failure) {
        if (attempt % LOGGED_TRIES === 0) this.#logDefect(job, failure);
        await pause(attempt);
      }
    }
  }

  /** The result counts for nothing any more. */
  #isOver(job: Job): boolean {
    return this.#isStopped || job.hasEnded || job.controller.signal.aborted;
  }

  #reclaimRunning(job: Job): void {
    if (job.mustReclaim) return;
    job.mustReclaim = true;
    job.controller.abort(new TaskEnded("it is being reclaimed"));
  }

  #runOf(job: Job, { engine, registry }: RunnerEngine): IntegrationRun {
    return {
      engine,
      registry,
      signal: job.controller.signal,
      stopping: this.#stopping.signal,
      onlyWaits: () => this.#leaveWork(job),
      submitted: async (output) => {
        const answer = await this.#ask(job, () => engine.submitTask({ ...addressOf(job.message), output }));
        if (answer !== undefined && answer !== "AlreadyExists") throw new TaskEnded(answer);
      },
    };
  }

  async #report(job: Job, engine: RunnerEngine, result: TaskResult): Promise<void> {
    const refusal = await this.#ask(job, () => this.#answer(job.message, engine.engine, result));
    if (refusal !== "PayloadTooLarge" && refusal !== "InvalidArgument") return;
    const tooLarge = resultTooLarge(shownResource(job.message.resource));
    await this.#ask(job, () => this.#answer(job.message, engine.engine, tooLarge));
  }

  #answer(message: TaskMessage, engine: Engine, result: TaskResult) {
    const address = addressOf(message);
    switch (result.kind) {
      case "Completed":
        return engine.completeTask({
          ...address,
          output: result.output,
          ...(result.isFinal === true ? { isFinal: true } : {}),
        });
      case "Failed": {
        const { errorCharactersMax, causeCharactersMax } = this.#options.limits;
        const error = result.error.slice(0, errorCharactersMax);
        const { cause } = result;
        return engine.failTask({
          ...address,
          error,
          ...(cause === undefined ? {} : { cause: cause.slice(0, causeCharactersMax) }),
        });
      }
      default:
        return result satisfies never;
    }
  }

  /** Asks the engine until it has an answer: `undefined`, or the code of its refusal. */
  async #ask(job: Job, request: () => ReturnType<Engine["completeTask"]>): Promise<ApiCode | undefined> {
    const until = Date.now() + PATIENCE_MS;
    for (let attempt = 0;; attempt++) {
      const answer = await Effect.runPromise(Effect.result(request()));
      if (Result.isSuccess(answer)) return undefined;
      const { code } = answer.failure;
      if (!passing.has(code) || this.#isStopped || Date.now() > until) return code;
      // While it is reclaimed the signal is aborted, and the engine waits for our word all the same.
      if (job.controller.signal.aborted && !job.mustReclaim) return code;
      await pause(attempt);
    }
  }

  #refuse(task: TaskMessage, line: Line): void {
    const cause = `More than ${
      this.#options.queueMax ?? QUEUE_MAX
    } tasks of "${line.integration.name}" wait on this node already`;
    const engine = this.#engine;
    if (engine === undefined) return;
    const job = new Job(task, line);
    job.isAtWork = false;
    this.#report(job, engine, { kind: "Failed", error: "Weft.TooManyTasks", cause })
      .catch((defect) => this.#logDefect(job, defect));
  }

  #logDefect({ message: { taskId }, line: { integration: { name } } }: Job, defect: unknown): void {
    if (this.#isStopped) return;
    this.#options.log(
      Effect.annotateLogs(Effect.logError("An integration failed", defect), { taskId, integration: name }),
    );
  }
}

/** The reason of an aborted task's signal. */
export class TaskEnded extends Error {
  override readonly name = "AbortError";

  constructor(reason: string) {
    super(`The task was given up: ${reason}`);
  }
}

const unaddressed: Space = { tenant: "", namespace: "" };

/** Whose task it is, and the token with which its result is reported. */
function addressOf({ taskId, token }: TaskMessage): Space & { readonly token: string } {
  const { tenant, namespace } = parseTaskId(taskId) ?? unaddressed;
  return { tenant, namespace, token };
}

function pause(attempt: number): Promise<void> {
  const delayMs = Math.min(RETRY_FIRST_DELAY_MS * 2 ** Math.min(attempt, 10), RETRY_DELAY_MS_MAX);
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
