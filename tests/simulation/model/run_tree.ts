/** What an execution did, as a tree: scopes (the machine, a branch, an iteration) hold runs of states, which hold attempts. */
import type { Event } from "../../../src/protocol/mod.ts";
import type { Json } from "../../../src/values/mod.ts";

type Of<Type extends Event["type"]> = Extract<Event, { type: Type }>;

/** The machine, a branch or an iteration: states one after the other. */
export interface ScopeRun {
  readonly input: Json;
  readonly runs: StateRun[];
  /** `undefined` while it runs. */
  end: Of<"BranchCompletedEvent" | "IterationCompletedEvent" | "ExecutionCompletedEvent"> | undefined;
  /** It has been told to stop, or what it is in has. */
  isCanceling: boolean;
}

/** One try of a state. */
export interface Attempt {
  readonly atEpochMs: number;
  readonly max: number | undefined;
  readonly items: readonly Json[] | undefined;
  readonly maxConcurrency: number | undefined;
  /** By index. */
  readonly children: ScopeRun[];
  /** Indexes in the order in which they ended. */
  readonly ended: number[];
  task: Of<"TaskCreatedEvent"> | undefined;
  taskEnd: Of<"TaskCompletedEvent" | "TaskFailedEvent" | "TaskTimedOutEvent" | "TaskCanceledEvent"> | undefined;
  /** How this try ended, when another follows. */
  retry: { readonly event: Of<"StateRetryScheduledEvent">; readonly atEpochMs: number } | undefined;
  /** A Wait was over. */
  hasFired: boolean;
}

/** One run of one state. */
export interface StateRun {
  readonly start: Of<"StateStartedEvent">;
  readonly atEpochMs: number;
  readonly attempts: Attempt[];
  completing: Of<"StateCompletingEvent"> | undefined;
  end: Of<"StateCompletedEvent"> | undefined;
}

/** Builds the tree from the events, in order. Knows no rule: what does not fit is left out, and found by the checks of the tree. */
export class RunTree {
  root: ScopeRun | undefined;
  readonly #scopes = new Map<string, ScopeRun>();
  readonly #runs = new Map<string, StateRun>();
  readonly #attemptsOfTasks = new Map<string, Attempt>();

  take(event: Event, atEpochMs: number): void {
    switch (event.type) {
      case "ExecutionStartedEvent":
        this.root = newScope(event.input);
        return;
      case "ExecutionCancelingEvent":
      case "ExecutionCompletingEvent":
        if (this.root !== undefined) this.root.isCanceling = true;
        return;
      case "ExecutionCompletedEvent":
        if (this.root !== undefined) this.root.end = event;
        return;
      case "StateStartedEvent":
      case "StateCompletingEvent":
      case "StateRetryScheduledEvent":
      case "StateRetriedEvent":
      case "StateCompletedEvent":
        return this.#takeState(event, atEpochMs);
      case "BranchStartedEvent":
        return this.#startChild(event.activityId, event.branchId, event.index, event.input);
      case "IterationStartedEvent":
        return this.#startChild(event.activityId, event.iterationId, event.index, event.input);
      case "BranchCancelingEvent":
        return this.#cancelChild(event.branchId);
      case "IterationCancelingEvent":
        return this.#cancelChild(event.iterationId);
      case "BranchCompletedEvent":
        return this.#endChild(event, event.branchId);
      case "IterationCompletedEvent":
        return this.#endChild(event, event.iterationId);
      case "TimerFiredEvent": {
        const attempt = this.#runs.get(event.actorId)?.attempts.at(-1);
        if (attempt !== undefined) attempt.hasFired = true;
        return;
      }
      case "TaskCreatedEvent":
      case "TaskCompletedEvent":
      case "TaskFailedEvent":
      case "TaskTimedOutEvent":
      case "TaskCanceledEvent":
        return this.#takeTask(event);
      case "ExecutionRunningEvent":
      case "ExecutionRedrivenEvent":
      case "ExecutionDeletingEvent":
      case "EvaluationFailedEvent":
      case "TaskActivatedEvent":
      case "TaskHeartbeatRecordedEvent":
      case "TaskSubmittedEvent":
      case "TaskReclaimingEvent":
        return; // the tree has no place for them
      default:
        return event satisfies never;
    }
  }

  #takeState(event: Of<`State${string}` & Event["type"]>, atEpochMs: number): void {
    if (event.type === "StateStartedEvent") {
      const { parentBranchId, parentIterationId, max, items, maxConcurrency } = event;
      const parent = parentBranchId ?? parentIterationId;
      const scope = parent === undefined ? this.root : this.#scopes.get(parent);
      const first = newAttempt(atEpochMs, { max, items, maxConcurrency });
      const run: StateRun = { start: event, atEpochMs, attempts: [first], completing: undefined, end: undefined };
      this.#runs.set(event.activityId, run);
      scope?.runs.push(run);
      return;
    }
    const run = this.#runs.get(event.activityId);
    if (run === undefined) return;
    if (event.type === "StateCompletingEvent") run.completing = event;
    else if (event.type === "StateCompletedEvent") run.end = event;
    else if (event.type === "StateRetriedEvent") run.attempts.push(newAttempt(atEpochMs, event));
    else {
      run.completing = undefined;
      const attempt = run.attempts.at(-1);
      if (attempt !== undefined) attempt.retry = { event, atEpochMs };
    }
  }

  #takeTask(event: Of<"TaskCreatedEvent"> | NonNullable<Attempt["taskEnd"]>): void {
    if (event.type !== "TaskCreatedEvent") {
      const attempt = this.#attemptsOfTasks.get(event.taskId);
      if (attempt !== undefined) attempt.taskEnd = event;
      return;
    }
    const attempt = this.#runs.get(event.activityId)?.attempts.at(-1);
    if (attempt === undefined) return;
    attempt.task = event;
    this.#attemptsOfTasks.set(event.taskId, attempt);
  }

  #startChild(activityId: string, childId: string, index: number, input: Json): void {
    const attempt = this.#runs.get(activityId)?.attempts.at(-1);
    if (attempt === undefined) return;
    const scope = newScope(input);
    attempt.children[index] = scope;
    this.#scopes.set(childId, scope);
  }

  #cancelChild(childId: string): void {
    const scope = this.#scopes.get(childId);
    if (scope !== undefined) scope.isCanceling = true;
  }

  #endChild(event: Of<"BranchCompletedEvent" | "IterationCompletedEvent">, childId: string): void {
    const scope = this.#scopes.get(childId);
    if (scope !== undefined) scope.end = event;
    this.#runs.get(event.activityId)?.attempts.at(-1)?.ended.push(event.index);
  }
}

function newScope(input: Json): ScopeRun {
  return { input, runs: [], end: undefined, isCanceling: false };
}

function newAttempt(
  atEpochMs: number,
  facts: {
    readonly max?: number | undefined;
    readonly items?: readonly Json[] | undefined;
    readonly maxConcurrency?: number | undefined;
  },
): Attempt {
  return {
    atEpochMs,
    max: facts.max,
    items: facts.items,
    maxConcurrency: facts.maxConcurrency,
    children: [],
    ended: [],
    task: undefined,
    taskEnd: undefined,
    retry: undefined,
    hasFired: false,
  };
}
