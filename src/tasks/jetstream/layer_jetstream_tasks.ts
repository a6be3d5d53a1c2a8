import type { NatsConnection } from "@nats-io/transport-node";
import { Effect, Latch, Layer, Result, Schema, type Scope } from "effect";
import { isTimeout, LATE_ANSWERS_MAX, type PublishFailure } from "../../nats/mod.ts";
import { backoffDelayMs, type TaskId } from "../../values/mod.ts";
import { TaskDispatcher, type TaskMessage } from "../mod.ts";
import { queuedTasks } from "./queued_tasks.ts";
import { TaskPublisher } from "./task_publisher.ts";
import { type StreamCheck, TaskStream, type TaskStreamSettings } from "./task_stream.ts";

/** The task stream could not be opened when the engine started. */
export class TaskStreamUnavailable extends Schema.TaggedError<TaskStreamUnavailable>()("TaskStreamUnavailable", {
  cause: Schema.optional(Schema.Defect()),
}) {
  override get message(): string {
    const reason = this.cause instanceof Error ? this.cause.message : String(this.cause);
    return `Cannot open the stream of tasks: ${reason}`;
  }
}

/** Settings of the dispatcher on JetStream. */
export interface JetStreamTasksOptions extends TaskStreamSettings {
  readonly connection: NatsConnection;
  /** Messages in flight. Default: 1,024. */
  readonly windowMax?: number;
  /** Milliseconds between two looks at whether the stream is still the same. Default: 5,000. */
  readonly checkIntervalMs?: number;
  /** Milliseconds before the first try after trouble; twice as long after each, to at most 5,000. Default: 50. */
  readonly retryDelayMs?: number;
  /** Largest input of a task, bytes: the server must pass on messages of that and a little more. Default: 262,144. */
  readonly payloadBytesMax?: number;
  /** Tasks whose place in the stream is remembered, so that they can be taken back. Default: 20,000. */
  readonly sequencesMax?: number;
}

const DEFAULTS = {
  windowMax: 1_024,
  checkIntervalMs: 5_000,
  retryDelayMs: 50,
  sequencesMax: 20_000,
  payloadBytesMax: 262_144,
};
const ENVELOPE_BYTES_MAX = 16_384;
const RETRY_DELAY_MS_MAX = 5_000;
const REMOVALS_AT_ONCE_MAX = 32;
const utf8 = new TextDecoder();

/**
 * Dispatches tasks to workers by the stream `WEFT_TASKS`: a work queue in memory, one subject for each tenant, namespace and resource.
 *
 * A task that cannot be put there is kept in order and tried again for as long as the process lives. The stream is watched:
 * where it is gone it is made again, and where its messages may be lost, whoever made it anew, the callbacks of `onLost`
 * are called to dispatch every open task again. A task is at times dispatched twice; its completion counts once.
 */
export function layerJetStreamTasks(
  options: JetStreamTasksOptions,
): Layer.Layer<TaskDispatcher, TaskStreamUnavailable> {
  return Layer.effect(TaskDispatcher, make({ ...DEFAULTS, ...options }));
}

type Settings = JetStreamTasksOptions & typeof DEFAULTS;

const make = Effect.fnUntraced(function* (settings: Settings) {
  const runFork = Effect.runForkWith(yield* Effect.context<never>());
  const opened = Effect.tryPromise({
    try: () => openStream(settings),
    catch: (cause) => new TaskStreamUnavailable({ cause }),
  });
  const stream = yield* Effect.retry(opened, { while: ({ cause }) => isTimeout(cause), times: LATE_ANSWERS_MAX });
  const trouble = Latch.makeUnsafe(false);
  const publisher = new TaskPublisher(settings.connection, {
    windowMax: settings.windowMax,
    sequencesMax: settings.sequencesMax,
    onStored: (sequence) => stream.stored(sequence),
    onTrouble: (failure) => {
      runFork(logTrouble(failure, publisher.backlog));
      trouble.openUnsafe();
    },
    onUnsendable: (task, failure) =>
      void runFork(
        Effect.annotateLogs(Effect.logError("A task is too large to be sent", failure), task.taskId, "taskId"),
      ),
  });
  yield* Effect.addFinalizer(() => Effect.sync(() => publisher.close()));
  const redispatches: (() => void)[] = [];
  yield* watch(stream, publisher, trouble, redispatches, settings);
  const removals = new Set<TaskId>();
  const again = new Redispatch(
    stream,
    publisher,
    (failure) =>
      void runFork(
        Effect.logWarning("What the stream of tasks has cannot be seen: open tasks are dispatched again", failure),
      ),
  );
  return {
    dispatch: (tasks: readonly TaskMessage[]) => publisher.dispatch(tasks),
    redispatch: (tasks: readonly TaskMessage[]) => again.add(tasks),
    retract: (tasks: readonly { readonly taskId: TaskId }[]) => {
      for (const { taskId } of tasks) remove(stream, removals, taskId, publisher.takeBack(taskId));
    },
    onLost: (redispatch: () => void) => Effect.sync(() => void redispatches.push(redispatch)),
  };
});

/** Tasks that may be on the stream already: looked for there, and put there if they are not. */
class Redispatch {
  readonly #stream: TaskStream;
  readonly #publisher: TaskPublisher;
  readonly #failed: (failure: unknown) => void;
  #waiting = new Map<TaskId, TaskMessage>();
  #isLooking = false;

  constructor(stream: TaskStream, publisher: TaskPublisher, failed: (failure: unknown) => void) {
    this.#stream = stream;
    this.#publisher = publisher;
    this.#failed = failed;
  }

  add(tasks: readonly TaskMessage[]): void {
    for (const task of tasks) this.#waiting.set(task.taskId, task);
    if (!this.#isLooking) void this.#look();
  }

  /** What comes while one look is on its way waits for the next: the look may have passed its place. */
  async #look(): Promise<void> {
    this.#isLooking = true;
    while (this.#waiting.size > 0) {
      await Promise.resolve(); // terms that begin together are looked for together
      const missing = this.#waiting;
      this.#waiting = new Map();
      try {
        await queuedTasks(this.#stream.manager, (taskId, sequence) => {
          if (missing.delete(taskId)) this.#publisher.found(taskId, sequence);
        });
      } catch (failure) {
        this.#failed(failure);
      }
      this.#publisher.dispatch([...missing.values()]);
    }
    this.#isLooking = false;
  }
}

function openStream(settings: Settings): Promise<TaskStream> {
  const bytesMin = settings.payloadBytesMax + ENVELOPE_BYTES_MAX;
  const bytesMax = settings.connection.info?.max_payload ?? bytesMin;
  if (bytesMax >= bytesMin) return TaskStream.open(settings.connection, settings);
  throw new Error(`tasks need messages of up to ${bytesMin} bytes, but the server's max_payload is ${bytesMax}`);
}

/** Looks at the stream now and then, and at once when there is trouble; sending goes on when it is there. */
const watch = Effect.fnUntraced(function* (
  stream: TaskStream,
  publisher: TaskPublisher,
  trouble: Latch.Latch,
  redispatches: readonly (() => void)[],
  { checkIntervalMs, retryDelayMs }: Settings,
): Effect.fn.Return<void, never, Scope.Scope> {
  const look = Effect.result(Effect.tryPromise(() => stream.check()));
  const onCheck = (check: StreamCheck) =>
    Effect.gen(function* () {
      if (check === "lost") {
        publisher.forgetSequences();
        yield* Effect.logWarning("The stream of tasks has lost messages: open tasks are dispatched again");
        for (const redispatch of redispatches) redispatch();
      }
      publisher.resume();
    });
  const turn = Effect.fnUntraced(function* (attempt: number) {
    const isTroubled = (yield* Effect.timeoutOption(trouble.await, checkIntervalMs))._tag === "Some";
    if (isTroubled) yield* Effect.sleep(backoffDelayMs({ firstMs: retryDelayMs, mostMs: RETRY_DELAY_MS_MAX }, attempt));
    trouble.closeUnsafe();
    const check = yield* look;
    if (Result.isSuccess(check)) yield* onCheck(check.success);
    else if (isTroubled) trouble.openUnsafe(); // asks again, later each time
    return isTroubled ? attempt + 1 : 0;
  });
  yield* Effect.forkScoped(Effect.gen(function* () {
    for (let attempt = 0;;) attempt = yield* turn(attempt);
  }));
});

function logTrouble(failure: PublishFailure, backlog: number): Effect.Effect<void> {
  const reason = failure._tag === "PublishRefused" ? `${failure.description} (${failure.code})` : failure.reason;
  return Effect.annotateLogs(Effect.logWarning("Tasks cannot be dispatched and wait"), { reason, backlog });
}

/** Takes a task off the stream in the background. Only a hint: what fails here is found out by the worker. */
function remove(stream: TaskStream, removals: Set<TaskId>, taskId: TaskId, sequence: number | undefined): void {
  if (sequence === undefined || removals.size >= REMOVALS_AT_ONCE_MAX) return;
  removals.add(taskId);
  // The stream may be another one by now, and have another task there.
  const isIt = (bytes: Uint8Array) => (JSON.parse(utf8.decode(bytes)) as TaskMessage).taskId === taskId;
  stream.remove(sequence, isIt).catch(() => undefined).finally(() => removals.delete(taskId));
}
