/**
 * Tasks that the engine's own node does: calls of Lambda functions, HTTP endpoints and NATS services, nested executions, the
 * children of a Distributed Map. The node that leads the execution's partition runs them; no worker takes part.
 *
 * At least once: after a restart, or when a lease passed on, every open task is dispatched again under the same `taskId`. An
 * integration must be idempotent by it wherever the outside lets it. Its report counts once: the engine refuses a repeat.
 *
 * Each task is a fiber. It is interrupted when the task has ended otherwise (timed out, canceled) or the node stops: nothing that it
 * comes to counts then.
 */
import { type Effect, Schema } from "effect";
import type { Engine, Registry, RequestRefused } from "../runtime/mod.ts";
import type { TaskMessage } from "../tasks/mod.ts";
import type { Json } from "../values/mod.ts";
import type { EngineCommands } from "./engine_requests.ts";

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

/** Somebody else has ended the task: its result is of no use, and its children are nobody's concern. */
export class TaskEnded extends Schema.TaggedError<TaskEnded>()("TaskEnded", { code: Schema.String }) {
  override get message(): string {
    return `The task has ended otherwise: ${this.code}`;
  }
}

/** What an integration works with while it does one task. */
export interface IntegrationRun {
  readonly engine: Engine;
  readonly registry: Registry;
  /** The way of all that changes something: a request that is on its way when the task is cut off is still awaited. */
  readonly commands: Pick<EngineCommands, "untilDone">;
  /**
   * From here on the task only waits (for a child, for its children): it takes no place among those at work any more. Whoever waits for
   * other tasks of this engine must say so, or waiting tasks could keep those from beginning that they wait for.
   */
  readonly onlyWaits: Effect.Effect<void>;
  /** The outside has taken the request up and answered so: goes into the history (`TaskSubmitted`) at once. Repeats are harmless. */
  submitted(output: Json): Effect.Effect<void, TaskEnded>;
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
   * Does a task. What fails with a refusal of the engine, or dies, is a defect: the task fails with `Weft.IntegrationFailed`, and the
   * log has the reason.
   *
   * MUST end soon after it is interrupted. MUST NOT put secrets into results. A handler made of promises is wrapped once, by
   * `Effect.promise`, whose signal is its interruption.
   */
  run(task: TaskMessage, run: IntegrationRun): Effect.Effect<TaskResult, TaskEnded | RequestRefused>;
  /**
   * Only of integrations whose tasks have children (`TaskMessage.hasChildren`): sees to it that nothing of the task runs on, and
   * ends when that is so. The task, and whatever it belongs to, ends only then. Called after `run` (if it is at work here) has been
   * interrupted and has ended; also after a restart, when nobody knows how far `run` had come. Idempotent; a failure is tried again.
   */
  reclaim?(task: TaskMessage, run: IntegrationRun): Effect.Effect<void, RequestRefused>;
  /** Gives up what it holds: the node stops, and none of its tasks runs any more. */
  close?(): void;
}
