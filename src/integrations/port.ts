/**
 * Tasks that the engine's own node does: calls of Lambda functions, HTTP endpoints and NATS services, nested executions, the
 * children of a Distributed Map. The node that leads the execution's partition runs them; no worker takes part.
 *
 * At least once: after a restart, or when a lease passed on, every open task is dispatched again under the same `taskId`. An
 * integration must be idempotent by it wherever the outside lets it. Its report counts once: the engine refuses a repeat.
 */
import type { Engine, Registry } from "../runtime/mod.ts";
import type { TaskMessage } from "../tasks/mod.ts";
import type { Json } from "../values/mod.ts";

/**
 * What came of a task. Of a `.waitForTaskToken` resource, `Completed` is the answer to the request alone: the task goes on until somebody
 * ends it who has the token of its context object.
 */
export type TaskResult =
  | {
    readonly kind: "Completed";
    readonly output: Json;
    /** The result of a `.waitForTaskToken` task itself: nobody is to be waited for. */
    readonly isFinal?: true;
  }
  /** `error` and `cause` as `Retry` and `Catch` see them; cut to the limits. */
  | { readonly kind: "Failed"; readonly error: string; readonly cause?: string };

/** What an integration works with while it does one task. */
export interface IntegrationRun {
  readonly engine: Engine;
  readonly registry: Registry;
  /** Aborted when the task has ended otherwise (timed out, canceled) or the node stops: the result counts for nothing then. */
  readonly signal: AbortSignal;
  /** Aborted when the node stops: reclaiming, which goes on when `signal` is aborted, ends with it. */
  readonly stopping: AbortSignal;
  /**
   * From here on the task only waits (for a child, for its children): it takes no place among those at work any more. Whoever waits for
   * other tasks of this engine must say so, or waiting tasks could keep those from beginning that they wait for.
   */
  onlyWaits(): void;
  /** The outside has taken the request up and answered so: goes into the history (`TaskSubmitted`) at once. Repeats are harmless. Rejects when the task has ended. */
  submitted(output: Json): Promise<void>;
}

/** One kind of task that is done in the engine's own process. */
export interface Integration {
  /** For logs. */
  readonly name: string;
  /** Tasks at work at once, those that only wait left out. Default: 256. */
  readonly concurrencyMax?: number;
  /** True for the resources whose tasks it does. Pure and cheap: asked for every task. */
  handles(resource: string): boolean;
  /**
   * Does a task. Rejecting is a defect: the task fails with `Weft.IntegrationFailed`, and the log has the reason.
   *
   * MUST end soon after `run.signal` is aborted. MUST NOT put secrets into results.
   */
  run(task: TaskMessage, run: IntegrationRun): Promise<TaskResult>;
  /**
   * Only of integrations whose tasks have children (`TaskMessage.hasChildren`): sees to it that nothing of the task runs on, and
   * resolves when that is so. The task, and whatever it belongs to, ends only then. Called after `run` (if it is at work here) has been
   * aborted and has ended; also after a restart, when nobody knows how far `run` had come. Idempotent; a rejection is tried again.
   */
  reclaim?(task: TaskMessage, run: IntegrationRun): Promise<void>;
  /** Gives up what it holds: the node stops. */
  close?(): void;
}
