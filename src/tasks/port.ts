/**
 * How created tasks reach whoever does the work. At least once: a task may be dispatched again after a restart, a lost
 * stream or a passed-on lease, always with the same `taskId`; the completion of a repeat is refused by the engine.
 */
import { Context, type Effect } from "effect";
import type { TaskBacklog } from "./task_backlog.ts";
import type { ActivityId, ExecutionId, Json, TaskId } from "../values/mod.ts";

/** The message of `weft.task.{tenant}.{namespace}.{hash7 of the resource}`. */
export interface TaskMessage {
  readonly taskId: TaskId;
  /**
   * Opaque bearer secret: whoever has it can end the task. Of a `.waitForTaskToken` resource it can only fail it: a result counts as the
   * answer to the request, and the task goes on until somebody ends it who has the token of its context object.
   */
  readonly token: string;
  readonly executionId: ExecutionId;
  readonly activityId: ActivityId;
  readonly stateName: string;
  readonly resource: string;
  /** The definition's resource, where a mapping file has given the task to a worker of another name: `resource` is the worker's. */
  readonly mappedFrom?: string;
  readonly input: Json;
  /** 1 for the first try of the state, 2 for its first retry … */
  readonly attempt: number;
  /** ISO 8601, milliseconds, UTC. */
  readonly createdAt: string;
  readonly timeoutSeconds?: number;
  readonly heartbeatSeconds?: number;
  /** Whoever does it starts executions for it: it ends only when none of them runs any more. */
  readonly hasChildren?: true;
  /** It is over, but for its children: reclaim them, and report any result. Only of tasks that have children. */
  readonly isReclaiming?: true;
}

/**
 * Called for tasks whose creation is durable, in order per partition, and never blocks: what cannot be handed over yet is
 * kept and tried again by the adapter. `lost` is called when messages that were handed over may be gone
 * (the stream was made anew): the engine then dispatches every open task again.
 */
export class TaskDispatcher extends Context.Service<TaskDispatcher, {
  dispatch(tasks: readonly TaskMessage[]): void;
  /** Of a new leader, for tasks that an earlier one may have handed over: those that still wait, or are with a worker, are passed over. Absent where nothing outlives the node. */
  redispatch?(tasks: readonly TaskMessage[]): void;
  /** The task was ended otherwise (timed out, canceled): it need not be handed over any more. A hint. */
  retract(tasks: readonly { readonly taskId: TaskId }[]): void;
  /**
   * Another node hands out the tasks of these executions from now on: those that wait here, or are being done by this process itself, are given up.
   * Absent where no task outlives the node, or none is done here.
   */
  abandon?(isMeant: (executionId: ExecutionId) => boolean): void;
  onLost(redispatch: () => void): Effect.Effect<void>;
  /** What waits in this process and what it has in hand, by task type. Absent where tasks wait elsewhere. */
  backlog?(): readonly TaskBacklog[];
}>()("weft/TaskDispatcher") {}
