/**
 * Does tasks in the engine's own process: a queue, a bound on how many handlers run at once, and each outcome given back to
 * the engine. Plain calls, for a fiber per task would cost more than most handlers.
 */
import { Cause, Effect, Exit, type Fiber, Result } from "effect";
import { type Backoff, type Json, parseTaskId, type Space, type TaskId } from "../../values/mod.ts";
import {
  BacklogTally,
  backoffSchedule,
  type EncodedResult,
  type OutcomeLimits,
  runHandler,
  type TaskBacklog,
  type TaskFailed,
  type TaskHandler,
  type TaskMessage,
  TaskRun,
} from "../mod.ts";

/** Why the engine refused an outcome: its `RequestRefused`, of which only this much is needed. */
export interface OutcomeRefused {
  readonly code: string;
  readonly message: string;
}

type Answer = Effect.Effect<unknown, OutcomeRefused>;

/** What an in-process worker asks of the engine; `Engine` has it. */
export interface TaskOutcomes {
  completeTask(request: Space & { readonly token: string; readonly output: Json }): Answer;
  failTask(request: Space & { readonly token: string; readonly error?: string; readonly cause?: string }): Answer;
  heartbeatTask(request: Space & { readonly token: string }): Answer;
  activateTask(request: Space & { readonly token: string }): Answer;
}

/** Settings of an in-process worker. */
export interface InProcessOptions {
  /** Handlers that run at once. Default: 256. */
  readonly concurrency?: number;
  readonly limits: OutcomeLimits;
  /** Runs what is asked of the engine and what must be logged, by the clock and to the logs of whoever made the worker. */
  readonly runFork: <A, E>(effect: Effect.Effect<A, E>) => Fiber.Fiber<A, E>;
}

const CONCURRENCY = 256;
/** Handlers begun in one go before the event loop gets its turn. */
const BEGUN_AT_ONCE_MAX = 64;
const RETRY: Backoff = { firstMs: 10, mostMs: 1_000 };
/** Answers of an engine that may take the same request later. */
const PASSING = new Set(["Unavailable", "Internal"]);
/** The engine does not take this output, and never will. */
const UNACCEPTABLE = new Set(["PayloadTooLarge", "InvalidArgument", "LimitExceeded"]);

/** Queue and handlers of one process. Knows the engine from `start` on. */
export class InProcessWorker {
  readonly #handlers: ReadonlyMap<string, TaskHandler>;
  readonly #options: InProcessOptions;
  readonly #concurrency: number;
  /** In order of arrival. */
  readonly #queue = new Map<TaskId, TaskMessage>();
  readonly #running = new Map<TaskId, TaskRun>();
  #outcomes: TaskOutcomes | undefined;
  #isScheduled = false;
  #isStopped = false;

  constructor(handlers: Readonly<Record<string, TaskHandler>>, options: InProcessOptions) {
    this.#handlers = new Map(Object.entries(handlers));
    this.#options = options;
    this.#concurrency = options.concurrency ?? CONCURRENCY;
  }

  /** Begins to work: tasks that came before have waited. */
  start(outcomes: TaskOutcomes): void {
    this.#outcomes = outcomes;
    this.#schedule();
  }

  /** Aborts what runs and forgets the rest; no outcome is given to the engine any more. */
  stop(): void {
    this.#isStopped = true;
    this.#queue.clear();
    for (const task of this.#running.values()) task.abort("the engine stops");
    this.#running.clear();
  }

  /** Takes tasks in; no handler is called within this call. A task that is known already is not taken twice. */
  dispatch(tasks: readonly TaskMessage[]): void {
    for (const task of tasks) {
      if (!this.#running.has(task.taskId) && !this.#queue.has(task.taskId)) this.#queue.set(task.taskId, task);
    }
    this.#schedule();
  }

  /** The task has ended otherwise: it is not begun, or its signal is aborted. */
  retract(taskId: TaskId): void {
    this.#queue.delete(taskId);
    this.#running.get(taskId)?.abort("the task has ended");
  }

  /** What waits for a handler's turn, and what handlers have in hand. */
  backlog(): readonly TaskBacklog[] {
    const tally = new BacklogTally();
    for (const message of this.#queue.values()) tally.add(message, "waiting");
    for (const { message } of this.#running.values()) tally.add(message, "inWork");
    return tally.list();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isStopped || this.#outcomes === undefined || this.#queue.size === 0) return;
    this.#isScheduled = true;
    queueMicrotask(() => this.#drain());
  }

  #drain(): void {
    const outcomes = this.#outcomes;
    let begun = 0;
    // Stays scheduled meanwhile: handlers that end at once do not schedule another drain.
    for (const [taskId, message] of this.#queue) {
      if (this.#isStopped || outcomes === undefined || this.#running.size >= this.#concurrency) break;
      if (begun++ >= BEGUN_AT_ONCE_MAX) {
        setImmediate(() => this.#drain());
        return;
      }
      this.#queue.delete(taskId);
      this.#begin(message, outcomes);
    }
    this.#isScheduled = false;
  }

  #begin(message: TaskMessage, outcomes: TaskOutcomes): void {
    const handler = this.#handlers.get(message.resource);
    const task = new TaskRun(message, (run) => this.#beat(run));
    this.#running.set(message.taskId, task);
    if (handler === undefined) return this.#giveBack(task, this.#noHandler(message.resource));
    // Its clock starts before the work does.
    if (message.timeoutSeconds === undefined && message.heartbeatSeconds === undefined) {
      return this.#call(handler, task);
    }
    this.#ask(outcomes.activateTask(requestOf(task)), (refused) => {
      if (refused === undefined || PASSING.has(refused.code)) this.#call(handler, task);
      else this.#ended(task); // it is over before it began
    });
  }

  #beat(task: TaskRun): Promise<boolean> {
    const outcomes = this.#outcomes;
    if (outcomes === undefined) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#ask(outcomes.heartbeatTask(requestOf(task)), (refused) => {
        resolve(refused === undefined || PASSING.has(refused.code));
      });
    });
  }

  #noHandler(resource: string): TaskFailed {
    const known = [...this.#handlers.keys()].map((name) => `"${name}"`).join(", ");
    const cause = `There is no handler for "${resource}"; there are handlers for ${known === "" ? "nothing" : known}`;
    return { error: "Weft.NoHandler", cause };
  }

  #call(handler: TaskHandler, task: TaskRun): void {
    if (task.isAborted) return this.#ended(task);
    // A copy: the engine's own value must stay as it is, whatever the handler does with it.
    const input = JSON.parse(JSON.stringify(task.message.input)) as Json;
    runHandler(handler, input, task, this.#options.limits, (outcome) => this.#giveBack(task, outcome));
  }

  #giveBack(task: TaskRun, outcome: EncodedResult): void {
    const outcomes = this.#outcomes;
    if (this.#isStopped || outcomes === undefined) return;
    if (task.isAborted) return this.#ended(task);
    const answer = "text" in outcome
      ? outcomes.completeTask({ ...requestOf(task), output: JSON.parse(outcome.text) as Json })
      : outcomes.failTask({ ...requestOf(task), error: outcome.error, cause: outcome.cause });
    this.#ask(answer, (refused) => {
      if (refused === undefined) return this.#ended(task);
      this.#settleRefused(task, answer, refused, outcomes);
    });
  }

  /** The rare case: try again what may pass, fail what the engine will never take, let go of what is settled. */
  #settleRefused(task: TaskRun, answer: Answer, refused: OutcomeRefused, outcomes: TaskOutcomes): void {
    const persist = (asked: Answer) =>
      Effect.retry(asked, {
        while: ({ code }) => PASSING.has(code) && !this.#isStopped && !task.isAborted,
        schedule: backoffSchedule(RETRY),
      });
    const fail = (refusal: OutcomeRefused) =>
      UNACCEPTABLE.has(refusal.code)
        ? persist(outcomes.failTask({
          ...requestOf(task),
          error: "States.DataLimitExceeded",
          cause: refusal.message.slice(0, this.#options.limits.causeCharactersMax),
        }))
        : Effect.fail(refusal);
    const settled = PASSING.has(refused.code)
      ? Effect.catch(persist(Effect.delay(answer, RETRY.firstMs)), fail)
      : fail(refused);
    this.#ask(settled, (last) => {
      this.#ended(task);
      if (last === undefined || last.code === "InvalidStatus" || last.code === "NotFound" || this.#isStopped) return;
      this.#options.runFork(
        Effect.logWarning("A task's outcome was refused").pipe(
          Effect.annotateLogs({ taskId: task.taskId, code: last.code, reason: last.message }),
        ),
      );
    });
  }

  /** Runs an answer of the engine; `then` hears of its end, with the refusal if there is one. A defect counts as one. */
  #ask(answer: Answer, then: (refused: OutcomeRefused | undefined) => void): void {
    const fiber = this.#options.runFork(answer);
    const exit = fiber.pollUnsafe();
    if (exit !== undefined) then(refusalOf(exit));
    else fiber.addObserver((late) => then(refusalOf(late)));
  }

  #ended(task: TaskRun): void {
    this.#running.delete(task.taskId);
    this.#schedule();
  }
}

function requestOf({ message: { taskId, token } }: TaskRun): Space & { readonly token: string } {
  const { tenant, namespace } = parseTaskId(taskId) ?? UNADDRESSED;
  return { tenant, namespace, token };
}

const UNADDRESSED: Space = { tenant: "", namespace: "" };

function refusalOf(exit: Exit.Exit<unknown, OutcomeRefused>): OutcomeRefused | undefined {
  if (Exit.isSuccess(exit)) return undefined;
  const refused = Cause.findError(exit.cause);
  if (Result.isSuccess(refused)) return refused.success;
  return { code: "Internal", message: Cause.pretty(exit.cause) };
}
