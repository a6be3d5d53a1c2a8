/**
 * Tasks of activities on the stream of tasks, for workers that ask over HTTP: any node hands out what any other has dispatched, and
 * what waits costs no engine's memory.
 *
 * A task is told to have begun before it is handed over, and its message is gone then. What makes a crash between the two harmless is what
 * makes it so for a worker that dies: the activity's time-outs.
 */
import {
  type Consumer,
  jetstream,
  type JetStreamClient,
  type JetStreamManager,
  jetstreamManager,
  type JsMsg,
} from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { Duration, Effect } from "effect";
import {
  type ActivityTask,
  type ActivityTasks,
  type AwsFailure,
  awsFailure,
  spaceOf,
  type TaskActivation,
} from "../aws/mod.ts";
import { ensureTaskConsumer, TASK_STREAM } from "../nats/mod.ts";
import type { TaskMessage } from "../tasks/mod.ts";
import { present, type Space } from "../values/mod.ts";

/** Workers that may wait for tasks of one activity at once. @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const WAITING_MAX = 1_000;
/** The shortest time that the server can be asked to wait, milliseconds. */
const PULL_MS_MIN = 1_000;
/** Pause before the server is asked again that did not answer, milliseconds. */
const AGAIN_MS = 200;
/** How long the server may take to make a consumer, milliseconds: longer than it takes to elect a leader. */
const ANSWER_MS_MAX = 2_000;

/** A task on the stream; one that was given back may count as begun already. */
type QueuedTask = Pick<TaskMessage, "token" | "input"> & { readonly isGivenBack?: true };

/** Activities of a home on NATS. */
export class StreamActivities implements ActivityTasks {
  readonly #connection: NatsConnection;
  readonly #jetstream: JetStreamClient;
  readonly #engine: TaskActivation;
  readonly #consumers = new Map<string, Promise<Consumer>>();
  readonly #waiting = new Map<string, number>();
  #manager: Promise<JetStreamManager> | undefined;

  constructor(connection: NatsConnection, engine: TaskActivation) {
    this.#connection = connection;
    this.#jetstream = jetstream(connection);
    this.#engine = engine;
  }

  /** As {@link ActivityTasks.poll} says. */
  poll(
    { activityArn, workerName, timeoutMs, account, region }: Parameters<ActivityTasks["poll"]>[0],
  ): Effect.Effect<ActivityTask | null, AwsFailure> {
    return Effect.suspend(() => {
      const waiting = this.#waiting.get(activityArn) ?? 0;
      if (waiting >= WAITING_MAX) {
        const message = `Expected at most ${WAITING_MAX} workers to wait for '${activityArn}'`;
        return Effect.fail(awsFailure("ActivityWorkerLimitExceeded", message));
      }
      this.#waiting.set(activityArn, waiting + 1);
      const space = spaceOf({ account, region });
      const pullMs = Math.max(PULL_MS_MIN, timeoutMs);
      const next: Effect.Effect<ActivityTask | null> = Effect.flatMap(
        this.#next(space, activityArn, pullMs),
        (message) =>
          message === null
            ? Effect.andThen(Effect.sleep(Duration.millis(AGAIN_MS)), next)
            : Effect.flatMap(this.#begin(message, { ...space, ...present({ workerName }) }), (task) =>
              task === null ? next : Effect.succeed(task)),
      );
      return Effect.timeoutOrElse(next, { duration: timeoutMs, orElse: () => Effect.succeed(null) }).pipe(
        Effect.ensuring(Effect.sync(() => this.#leave(activityArn))),
      );
    });
  }

  #leave(activityArn: string): void {
    const waiting = (this.#waiting.get(activityArn) ?? 1) - 1;
    if (waiting > 0) this.#waiting.set(activityArn, waiting);
    else this.#waiting.delete(activityArn);
  }

  /** A message, or `null` when none came. One that comes for a caller who has left is given back at once. */
  #next(space: Space, activityArn: string, expires: number): Effect.Effect<JsMsg | null> {
    return Effect.callback<JsMsg | null>((resume) => {
      let hasLeft = false;
      const pulled = async () => (await this.#consumerOf(space, activityArn)).next({ expires });
      pulled().then(
        (message) => hasLeft ? message?.nak() : resume(Effect.succeed(message)),
        () => {
          this.#consumers.delete(activityArn); // gone, or without a leader: it is looked for again
          resume(Effect.succeed(null));
        },
      );
      return Effect.sync(() => hasLeft = true);
    });
  }

  /** Tells the engine that the task has begun; `null`: it is over, or the engine cannot say. */
  #begin(
    message: JsMsg,
    worker: Space & { readonly workerName?: string },
  ): Effect.Effect<ActivityTask | null> {
    const task = message.json<QueuedTask>();
    const request = { ...worker, token: task.token };
    const begun = task.isGivenBack === true ? this.#engine.heartbeatTask(request) : this.#engine.activateTask(request);
    return Effect.onInterrupt(
      Effect.match(begun, {
        onSuccess: () => {
          message.ack();
          return {
            token: task.token,
            input: JSON.stringify(task.input),
            giveBack: () => this.#giveBack(message, task),
          };
        },
        onFailure: ({ code }) => {
          if (code === "Unavailable" || code === "Internal") message.nak(AGAIN_MS);
          else message.ack(); // the task is over
          return null;
        },
      }),
      () => Effect.sync(() => message.nak()),
    );
  }

  #giveBack({ subject }: JsMsg, task: QueuedTask): void {
    if (this.#connection.isClosed()) return;
    this.#connection.publish(subject, JSON.stringify({ ...task, isGivenBack: true }));
  }

  #consumerOf(space: Space, activityArn: string): Promise<Consumer> {
    const known = this.#consumers.get(activityArn);
    if (known !== undefined) return known;
    const made = this.#makeConsumer(space, activityArn);
    this.#consumers.set(activityArn, made);
    return made;
  }

  /** The consumer that all workers of the activity share, whatever they ask by. */
  async #makeConsumer(space: Space, activityArn: string): Promise<Consumer> {
    this.#manager ??= jetstreamManager(this.#connection, { timeout: ANSWER_MS_MAX });
    const manager = await this.#manager.catch((failure) => {
      this.#manager = undefined;
      throw failure;
    });
    return await this.#jetstream.consumers.get(
      TASK_STREAM,
      await ensureTaskConsumer(manager, { ...space, resource: activityArn }),
    );
  }
}
