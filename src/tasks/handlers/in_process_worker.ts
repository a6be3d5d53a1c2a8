/**
 * Does tasks in the engine's own process: a queue, a bound on how many handlers run at once, and each outcome given back to
 * the engine. Plain calls, for a fiber per task would cost more than most handlers.
 */
import { Cause, Effect, Exit, Result, Schedule } from "effect";
import { type Json, parseTaskId, type Space, type TaskId } from "../../values/mod.ts";
import {
  type EncodedResult,
  type OutcomeLimits,
  runHandler,
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
  /** Runs what must be logged. */
  readonly log: (entry: Effect.Effect<void>) => void;
}

const CONCURRENCY = 256;
/** Handlers begun in one go before the event loop gets its turn. */
const BEGUN_AT_ONCE_MAX = 64;
const RETRY_FIRST_DELAY_MS = 10;
const RETRY_DELAY = "1 second";
/** Answers of an engine that may take the same request later. */
const passing = new Set(["Unavailable", "Internal"]);
/** The engine does not take this output, and never will. */
const unacceptable = new Set(["PayloadTooLarge", "InvalidArgument", "LimitExceeded"]);

/** Queue and handlers of one process. Knows the engine from `start` on. */
export class InProcessWorker {
  private readonly handlers: ReadonlyMap<string, TaskHandler>;
  private readonly options: InProcessOptions;
  private readonly concurrency: number;
  /** In order of arrival. */
  private readonly queue = new Map<TaskId, TaskMessage>();
  private readonly running = new Map<TaskId, TaskRun>();
  private outcomes: TaskOutcomes | undefined;
  private isScheduled = false;
  private isStopped = false;

  constructor(handlers: Readonly<Record<string, TaskHandler>>, options: InProcessOptions) {
    this.handlers = new Map(Object.entries(handlers));
    this.options = options;
    this.concurrency = options.concurrency ?? CONCURRENCY;
  }

  /** Begins to work: tasks that came before have waited. */
  start(outcomes: TaskOutcomes): void {
    this.outcomes = outcomes;
    this.schedule();
  }

  /** Aborts what runs and forgets the rest; no outcome is given to the engine any more. */
  stop(): void {
    this.isStopped = true;
    this.queue.clear();
    for (const task of this.running.values()) task.abort("the engine stops");
    this.running.clear();
  }

  /** Takes tasks in; no handler is called within this call. A task that is known already is not taken twice. */
  dispatch(tasks: readonly TaskMessage[]): void {
    for (const task of tasks) {
      if (!this.running.has(task.taskId) && !this.queue.has(task.taskId)) this.queue.set(task.taskId, task);
    }
    this.schedule();
  }

  /** The task has ended otherwise: it is not begun, or its signal is aborted. */
  retract(taskId: TaskId): void {
    this.queue.delete(taskId);
    this.running.get(taskId)?.abort("the task has ended");
  }

  private schedule(): void {
    if (this.isScheduled || this.isStopped || this.outcomes === undefined || this.queue.size === 0) return;
    this.isScheduled = true;
    queueMicrotask(() => this.drain());
  }

  private drain(): void {
    const { outcomes } = this;
    let begun = 0;
    // Stays scheduled meanwhile: handlers that end at once do not schedule another drain.
    for (const [taskId, message] of this.queue) {
      if (this.isStopped || outcomes === undefined || this.running.size >= this.concurrency) break;
      if (begun++ >= BEGUN_AT_ONCE_MAX) {
        setImmediate(() => this.drain());
        return;
      }
      this.queue.delete(taskId);
      this.begin(message, outcomes);
    }
    this.isScheduled = false;
  }

  private begin(message: TaskMessage, outcomes: TaskOutcomes): void {
    const handler = this.handlers.get(message.resource);
    const task = new TaskRun(message, (run) => this.beat(run));
    this.running.set(message.taskId, task);
    if (handler === undefined) return this.giveBack(task, this.noHandler(message.resource));
    // Its clock starts before the work does.
    if (message.timeoutSeconds === undefined && message.heartbeatSeconds === undefined) return this.call(handler, task);
    runAnswer(outcomes.activateTask(requestOf(task)), (refused) => {
      if (refused === undefined || passing.has(refused.code)) this.call(handler, task);
      else this.ended(task); // it is over before it began
    });
  }

  private beat(task: TaskRun): Promise<boolean> {
    const { outcomes } = this;
    if (outcomes === undefined) return Promise.resolve(false);
    return new Promise((resolve) => {
      runAnswer(outcomes.heartbeatTask(requestOf(task)), (refused) => {
        resolve(refused === undefined || passing.has(refused.code));
      });
    });
  }

  private noHandler(resource: string): TaskFailed {
    const known = [...this.handlers.keys()].map((name) => `"${name}"`).join(", ");
    const cause = `There is no handler for "${resource}"; there are handlers for ${known === "" ? "nothing" : known}`;
    return { error: "Weft.NoHandler", cause };
  }

  private call(handler: TaskHandler, task: TaskRun): void {
    if (task.isAborted) return this.ended(task);
    // A copy: the engine's own value must stay as it is, whatever the handler does with it.
    const input = JSON.parse(JSON.stringify(task.message.input)) as Json;
    runHandler(handler, input, task, this.options.limits, (outcome) => this.giveBack(task, outcome));
  }

  private giveBack(task: TaskRun, outcome: EncodedResult): void {
    const { outcomes } = this;
    if (this.isStopped || outcomes === undefined) return;
    if (task.isAborted) return this.ended(task);
    const answer = "text" in outcome
      ? outcomes.completeTask({ ...requestOf(task), output: JSON.parse(outcome.text) as Json })
      : outcomes.failTask({ ...requestOf(task), error: outcome.error, cause: outcome.cause });
    runAnswer(answer, (refused) => {
      if (refused === undefined) return this.ended(task);
      this.settleRefused(task, answer, refused, outcomes);
    });
  }

  /** The rare case: try again what may pass, fail what the engine will never take, let go of what is settled. */
  private settleRefused(task: TaskRun, answer: Answer, refused: OutcomeRefused, outcomes: TaskOutcomes): void {
    const again = Schedule.min([Schedule.exponential(RETRY_FIRST_DELAY_MS), Schedule.spaced(RETRY_DELAY)]);
    const persist = (asked: Answer) =>
      Effect.retry(asked, {
        while: ({ code }) => passing.has(code) && !this.isStopped && !task.isAborted,
        schedule: again,
      });
    const fail = (refusal: OutcomeRefused) =>
      unacceptable.has(refusal.code)
        ? persist(outcomes.failTask({
          ...requestOf(task),
          error: "States.DataLimitExceeded",
          cause: refusal.message.slice(0, this.options.limits.causeCharactersMax),
        }))
        : Effect.fail(refusal);
    const settled = passing.has(refused.code)
      ? Effect.catch(persist(Effect.delay(answer, RETRY_FIRST_DELAY_MS)), fail)
      : fail(refused);
    runAnswer(settled, (last) => {
      this.ended(task);
      if (last === undefined || last.code === "InvalidStatus" || last.code === "NotFound" || this.isStopped) return;
      this.options.log(
        Effect.logWarning("A task's outcome was refused").pipe(
          Effect.annotateLogs({ taskId: task.taskId, code: last.code, reason: last.message }),
        ),
      );
    });
  }

  private ended(task: TaskRun): void {
    this.running.delete(task.taskId);
    this.schedule();
  }
}

function requestOf({ message: { taskId, token } }: TaskRun): Space & { readonly token: string } {
  const { tenant, namespace } = parseTaskId(taskId) ?? unaddressed;
  return { tenant, namespace, token };
}

const unaddressed: Space = { tenant: "", namespace: "" };

/** Runs an answer of the engine; `then` hears of its end, with the refusal if there is one. A defect counts as one. */
function runAnswer(answer: Answer, then: (refused: OutcomeRefused | undefined) => void): void {
  const fiber = Effect.runFork(answer);
  const exit = fiber.pollUnsafe();
  if (exit !== undefined) then(refusalOf(exit));
  else fiber.addObserver((late) => then(refusalOf(late)));
}

function refusalOf(exit: Exit.Exit<unknown, OutcomeRefused>): OutcomeRefused | undefined {
  if (Exit.isSuccess(exit)) return undefined;
  const refused = Cause.findError(exit.cause);
  if (Result.isSuccess(refused)) return refused.success;
  return { code: "Internal", message: Cause.pretty(exit.cause) };
}
