import type { ActivityId, ExecutionId, TaskId } from "../values/mod.ts";
import type { RunningTask } from "./handler.ts";
import type { TaskMessage } from "./port.ts";

/**
 * One call of a handler: what it is told of its task, and the signal that ends it. The signal is made when it is first
 * asked for: most handlers never do, and it would cost more than they.
 */
export class TaskRun implements RunningTask {
  readonly message: TaskMessage;
  readonly taskId: TaskId;
  readonly executionId: ExecutionId;
  readonly activityId: ActivityId;
  readonly stateName: string;
  readonly resource: string;
  readonly attempt: number;
  readonly createdAt: string;
  declare readonly timeoutSeconds?: number;
  declare readonly heartbeatSeconds?: number;
  readonly #beat: (run: TaskRun) => Promise<boolean>;
  #controller: AbortController | undefined;
  #abortReason: string | undefined;

  /** @param beat tells the engine that the work goes on; false when the task has ended otherwise; never rejects */
  constructor(message: TaskMessage, beat: (run: TaskRun) => Promise<boolean>) {
    this.message = message;
    this.#beat = beat;
    this.taskId = message.taskId;
    this.executionId = message.executionId;
    this.activityId = message.activityId;
    this.stateName = message.stateName;
    this.resource = message.resource;
    this.attempt = message.attempt;
    this.createdAt = message.createdAt;
    if (message.timeoutSeconds !== undefined) this.timeoutSeconds = message.timeoutSeconds;
    if (message.heartbeatSeconds !== undefined) this.heartbeatSeconds = message.heartbeatSeconds;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#abortReason !== undefined) this.#controller.abort(new TaskAborted(this.#abortReason));
    }
    return this.#controller.signal;
  }

  get isAborted(): boolean {
    return this.#abortReason !== undefined;
  }

  /** Ends the work; the first reason stays. */
  abort(reason: string): void {
    if (this.#abortReason !== undefined) return;
    this.#abortReason = reason;
    this.#controller?.abort(new TaskAborted(reason));
  }

  async heartbeat(): Promise<boolean> {
    if (this.isAborted) return false;
    const goesOn = await this.#beat(this);
    if (!goesOn) this.abort("the task has ended");
    return goesOn && !this.isAborted;
  }
}

/** The reason of an aborted task's signal. */
export class TaskAborted extends Error {
  override readonly name = "AbortError";

  constructor(reason: string) {
    super(`The task was aborted: ${reason}`);
  }
}
