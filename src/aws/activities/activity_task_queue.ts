/** Tasks of activities in this process: they wait here for workers that ask over HTTP. */
import { Effect, Result } from "effect";
import { BacklogTally, type TaskBacklog } from "../../tasks/mod.ts";
import { type Json, present, type Space, type TaskId } from "../../values/mod.ts";
import type { ActivityTask, ActivityTasks } from "./activity_tasks.ts";
import { spaceOf } from "../aws_caller.ts";
import { parseArn } from "../arns.ts";
import { type AwsFailure, awsFailure } from "../aws_failure.ts";

/** What a queue keeps of a task. */
export interface QueuedTask {
  readonly taskId: TaskId;
  readonly token: string;
  /** The activity's ARN. */
  readonly resource: string;
  readonly input: Json;
  /** ISO 8601. */
  readonly createdAt?: string;
  /** A worker was about to get it, and went: it may count as begun already. */
  readonly isGivenBack?: true;
}

/** Workers that may wait for tasks of one activity at once. @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const WAITING_MAX = 1_000;

type Waiter = (task: QueuedTask) => void;

/** True for a resource that is an activity: its tasks go to workers that ask by GetActivityTask. */
export function isActivity(resource: string): boolean {
  return Result.isSuccess(parseArn(resource, ["activity"]));
}

type TaskRequest = Space & { readonly token: string; readonly workerName?: string };
type TaskReply = Effect.Effect<unknown, { readonly code: string; readonly message: string }>;

/** What the queue asks of the engine. */
export interface TaskActivation {
  /** Refused for a task that has begun. */
  activateTask(request: TaskRequest): TaskReply;
  /** Taken for any task that has not ended. */
  heartbeatTask(request: TaskRequest): TaskReply;
}

/** Oldest task first, longest waiting worker first. A task is told to have begun before it is handed over. */
export class ActivityTaskQueue implements ActivityTasks {
  readonly #engine: TaskActivation;
  readonly #queued = new Map<string, Map<TaskId, QueuedTask>>();
  readonly #resources = new Map<TaskId, string>();
  readonly #waiting = new Map<string, Set<Waiter>>();

  constructor(engine: TaskActivation) {
    this.#engine = engine;
  }

  /** Takes in a task; one that is here already is not doubled. */
  offer(task: QueuedTask): void {
    const waiters = this.#waiting.get(task.resource);
    const [first] = waiters ?? [];
    if (waiters !== undefined && first !== undefined) {
      waiters.delete(first);
      return first(task);
    }
    const queue = this.#queued.get(task.resource) ?? new Map<TaskId, QueuedTask>();
    this.#queued.set(task.resource, queue.set(task.taskId, task));
    this.#resources.set(task.taskId, task.resource);
  }

  /** The task has ended otherwise; one that is not here is nobody's concern. */
  retract(taskId: TaskId): void {
    const resource = this.#resources.get(taskId);
    if (resource === undefined) return;
    this.#resources.delete(taskId);
    const queue = this.#queued.get(resource);
    queue?.delete(taskId);
    if (queue?.size === 0) this.#queued.delete(resource);
  }

  /** What waits for a worker. */
  backlog(): readonly TaskBacklog[] {
    const tally = new BacklogTally();
    for (const queue of this.#queued.values()) for (const task of queue.values()) tally.add(task, "waiting");
    for (const [arn, { size }] of this.#waiting) {
      const parsed = parseArn(arn, ["activity"]);
      if (size > 0 && Result.isSuccess(parsed)) tally.addRequests(spaceOf(parsed.success), arn, size);
    }
    return tally.list();
  }

  /** As {@link ActivityTasks.poll} says. */
  poll(
    { activityArn, workerName, timeoutMs, account, region }: Parameters<ActivityTasks["poll"]>[0],
  ): Effect.Effect<ActivityTask | null, AwsFailure> {
    if ((this.#waiting.get(activityArn)?.size ?? 0) >= WAITING_MAX) {
      return Effect.fail(
        awsFailure(
          "ActivityWorkerLimitExceeded",
          `Expected at most ${WAITING_MAX} workers to wait for '${activityArn}'`,
        ),
      );
    }
    const space = spaceOf({ account, region });
    let held: QueuedTask | undefined;
    const giveBack = () => {
      if (held !== undefined) this.offer({ ...held, isGivenBack: true });
      held = undefined;
    };
    const handOver = (task: QueuedTask): Effect.Effect<ActivityTask | null> =>
      Effect.matchEffect(this.#begin(task, { ...space, ...present({ workerName }) }), {
        onSuccess: () => Effect.succeed({ token: task.token, input: JSON.stringify(task.input), giveBack }),
        onFailure: ({ code }) => {
          if (code === "Unavailable" || code === "Internal") return Effect.as(Effect.sync(giveBack), null);
          held = undefined; // the task is over
          return next;
        },
      });
    const next: Effect.Effect<ActivityTask | null> = Effect.suspend(() =>
      Effect.flatMap(this.#take(activityArn, (task) => held = task), handOver)
    );
    return Effect.timeoutOrElse(Effect.onInterrupt(next, () => Effect.sync(giveBack)), {
      duration: timeoutMs,
      orElse: () => Effect.succeed(null),
    });
  }

  /** Tells the engine that the task has begun. One that was given back may have been told of before. */
  #begin({ token, isGivenBack }: QueuedTask, worker: Omit<TaskRequest, "token">): TaskReply {
    const request = { ...worker, token };
    return isGivenBack === true ? this.#engine.heartbeatTask(request) : this.#engine.activateTask(request);
  }

  #take(activityArn: string, hold: (task: QueuedTask) => void): Effect.Effect<QueuedTask> {
    return Effect.callback((resume) => {
      const give = (task: QueuedTask) => {
        hold(task);
        resume(Effect.succeed(task));
      };
      const [task] = this.#queued.get(activityArn)?.values() ?? [];
      if (task !== undefined) {
        this.retract(task.taskId);
        return give(task);
      }
      const waiters = this.#waiting.get(activityArn) ?? new Set<Waiter>();
      this.#waiting.set(activityArn, waiters.add(give));
      return Effect.sync(() => {
        waiters.delete(give);
        if (waiters.size === 0) this.#waiting.delete(activityArn);
      });
    });
  }
}
