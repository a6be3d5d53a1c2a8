/**
 * What follows from a turn outside the partition: tasks handed out, the feed, timers, answers to those who wait for an end.
 *
 * Registered when the turn is decided, done when its batch is durable. All of it is derived from state, so a new leader does
 * again what was promised and not done.
 */
import type { Event, Turn } from "../../protocol/mod.ts";
import type { TaskMessage } from "../../tasks/port.ts";
import { type ExecutionId, isCallback, present, type TaskId } from "../../values/mod.ts";
import { TimerQueue } from "./timers/timer_queue.ts";
import { TurnFeed } from "./feed/feed_events.ts";
import { asOfNow, dueAt, type ExecutionAsOf, type HotExecution } from "./hot_execution.ts";
import type { OpenBatch } from "./open_batch.ts";
import type { Reply } from "./partition_input.ts";
import type { PartitionOptions } from "./partition_options.ts";

/** What an event asks for outside the partition. */
type Effect = "dispatchTask" | "retractTask" | "announceEnd" | undefined;

/** For each event what follows from it outside. A new event does not compile until it is said here. */
const effects = {
  ExecutionStartedEvent: undefined,
  ExecutionRunningEvent: undefined,
  ExecutionCompletingEvent: undefined,
  ExecutionCancelingEvent: undefined,
  ExecutionCompletedEvent: "announceEnd",
  ExecutionRedrivenEvent: undefined,
  ExecutionDeletingEvent: undefined,
  StateStartedEvent: undefined,
  EvaluationFailedEvent: undefined,
  StateCompletingEvent: undefined,
  StateRetryScheduledEvent: undefined,
  StateRetriedEvent: undefined,
  StateCompletedEvent: undefined,
  BranchStartedEvent: undefined,
  BranchCancelingEvent: undefined,
  BranchCompletedEvent: undefined,
  IterationStartedEvent: undefined,
  IterationCancelingEvent: undefined,
  IterationCompletedEvent: undefined,
  TaskCreatedEvent: "dispatchTask",
  TaskActivatedEvent: undefined,
  TaskHeartbeatRecordedEvent: undefined,
  TaskSubmittedEvent: undefined,
  // One that is reclaimed is handed out once more: whoever has it has to see to its children.
  TaskReclaimingEvent: "dispatchTask",
  TaskCompletedEvent: undefined,
  TaskFailedEvent: undefined,
  TaskTimedOutEvent: "retractTask",
  TaskCanceledEvent: "retractTask",
  TimerFiredEvent: undefined,
} as const satisfies Record<Event["type"], Effect>;

/** What is done once a turn is durable: tasks, timers, feed, and those who wait for an end. */
export class TurnEffects {
  readonly #options: PartitionOptions;
  readonly timers = new TimerQueue();
  readonly #waiters = new Map<ExecutionId, Reply<ExecutionAsOf>[]>();
  readonly #onTimersChanged: () => void;

  constructor(options: PartitionOptions, onTimersChanged: () => void) {
    this.#options = options;
    this.#onTimersChanged = onTimersChanged;
  }

  afterTurn(batch: OpenBatch, hot: HotExecution, turn: Omit<Turn, "timestamp">, events: readonly Event[]): void {
    const created: TaskId[] = [];
    const retracted: TaskId[] = [];
    let hasEnded = false;
    for (const event of events) {
      if (asksFor("dispatchTask", event)) created.push(event.taskId);
      else if (asksFor("retractTask", event)) retracted.push(event.taskId);
      else if (asksFor("announceEnd", event)) hasEnded = true;
    }
    const firstId = hot.actors.eventCount - events.length + 1;
    const now = hasEnded ? asOfNow(hot) : undefined;
    batch.onDurable(() => {
      if (created.length > 0) this.dispatchTasks(hot, created);
      if (retracted.length > 0) this.#options.retract(retracted.map((taskId) => ({ taskId })));
      this.#options.meter.happened(events);
      this.#options.feed(new TurnFeed(hot.id, turn, events, firstId));
      this.armTimer(hot);
      if (now !== undefined) this.#announceEnd(now);
    });
  }

  /** Hands out these tasks of the execution, as far as they are open. Their creation must be durable. */
  dispatchTasks(hot: HotExecution, ids: Iterable<TaskId>, dispatch = this.#options.dispatch): void {
    const messages: TaskMessage[] = [];
    for (const id of ids) {
      const task = hot.actors.tasks.get(id);
      if (task === undefined) continue;
      const { taskId, activityId, resource, input, attempt, createdAtEpochMs, timeoutSeconds, heartbeatSeconds } =
        task.context;
      const isByToken = isCallback(resource);
      if (isByToken && task.context.isSubmitted === true) continue; // nothing to do but wait for the token
      messages.push({
        taskId,
        token: this.#options.tokens.sign({
          executionId: hot.id,
          activityId,
          taskId,
          ...(isByToken ? { role: "request" } : task.context.hasChildren === true ? { role: "runner" } : {}),
        }),
        executionId: hot.id,
        activityId,
        stateName: hot.actors.activities.get(activityId)?.context.stateName ?? "",
        resource,
        input,
        attempt,
        createdAt: new Date(createdAtEpochMs).toISOString(),
        ...present({ timeoutSeconds, heartbeatSeconds }),
        ...(task.context.hasChildren === true ? { hasChildren: true } : {}),
        ...(task.value === "Reclaiming" ? { isReclaiming: true } : {}),
      });
    }
    if (messages.length > 0) dispatch(messages);
  }

  /** Arms, moves or calls off the execution's timer, as its actors stand. */
  armTimer(hot: HotExecution): void {
    const due = hot.parked === undefined ? dueAt(hot) : undefined;
    if (due === undefined && this.timers.size === 0) return;
    this.timers.set(hot.id, due);
    this.#onTimersChanged();
  }

  /** Answers when the end of an execution that has not ended is durable. */
  whenEnded(id: ExecutionId, reply: Reply<ExecutionAsOf>): void {
    const waiters = this.#waiters.get(id);
    if (waiters === undefined) this.#waiters.set(id, [reply]);
    else waiters.push(reply);
  }

  /** Callers who wait for an end. */
  get waiting(): number {
    let count = 0;
    for (const waiters of this.#waiters.values()) count += waiters.length;
    return count;
  }

  /** Those who still wait learn that nobody will tell them. */
  giveUp(reason: string): void {
    for (const waiters of this.#waiters.values()) {
      for (const waiter of waiters) waiter.refuse({ code: "Unavailable", message: reason, outcome: "unknown" });
    }
    this.#waiters.clear();
  }

  #announceEnd(ended: ExecutionAsOf): void {
    this.#options.meter.ended(ended);
    this.#options.ended(ended);
    const waiters = this.#waiters.get(ended.id);
    if (waiters === undefined) return;
    this.#waiters.delete(ended.id);
    for (const waiter of waiters) waiter.succeed(ended);
  }
}

type Asking<Wanted extends Effect> = {
  [Type in Event["type"]]: (typeof effects)[Type] extends Wanted ? Extract<Event, { type: Type }> : never;
}[Event["type"]];

function asksFor<Wanted extends Exclude<Effect, undefined>>(wanted: Wanted, event: Event): event is Asking<Wanted> {
  return effects[event.type] === wanted;
}
