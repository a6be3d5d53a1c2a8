/** Requests of workers: to the partition of the execution that the task's token names. */
import { Effect, Result } from "effect";
import type { TaskCommand } from "../../protocol/mod.ts";
import {
  type ActivityId,
  type Json,
  type Limits,
  parseActivityId,
  parseTaskId,
  present,
  type Space,
  type TaskId,
} from "../../values/mod.ts";
import type { RequestRefused, TaskAnswer } from "../engine.ts";
import type { ExecutionAsOf } from "../partition/hot_execution.ts";
import type { TaskClaim, TaskTokens } from "../task_token.ts";
import { checkExecutionId, checkGivenPayload, checkSpace, checkText, firstRefusal, refused } from "./checks.ts";
import type { PartitionHomes } from "./partition_homes.ts";

type Answer<T> = Effect.Effect<T, RequestRefused>;
type TaskRequest = Space & { readonly token: string };
/** What a worker may say of its task. */
type WorkerCommand = Exclude<TaskCommand, { readonly type: "CreateTaskCommand" }>;

/** A worker's word, made into commands. */
export class TaskRequests {
  readonly #homes: PartitionHomes;
  readonly #limits: Limits;
  readonly #tokens: TaskTokens;

  constructor(homes: PartitionHomes, limits: Limits, tokens: TaskTokens) {
    this.#homes = homes;
    this.#limits = limits;
    this.#tokens = tokens;
  }

  complete(
    { output, isFinal, ...request }: TaskRequest & { readonly output: Json; readonly isFinal?: boolean },
  ): Answer<TaskAnswer> {
    const refusal = firstRefusal(checkGivenPayload("an output", output, this.#limits));
    if (refusal !== undefined) return Effect.fail(refusal);
    // Whoever made the request of a callback has its answer, and not the task's.
    return this.#command(
      request,
      "Completed",
      ({ taskId, role }) =>
        role === "request" && isFinal !== true
          ? { type: "SubmitTaskCommand", version: 1, taskId, output }
          : { type: "CompleteTaskCommand", version: 1, taskId, output, ...byRunner(role) },
    );
  }

  submit({ output, ...request }: TaskRequest & { readonly output: Json }): Answer<TaskAnswer> {
    const refusal = firstRefusal(checkGivenPayload("an output", output, this.#limits));
    if (refusal !== undefined) return Effect.fail(refusal);
    return this.#command(
      request,
      "Activated",
      ({ taskId }) => ({ type: "SubmitTaskCommand", version: 1, taskId, output }),
    );
  }

  fail(
    { error, cause, ...request }: TaskRequest & { readonly error?: string; readonly cause?: string },
  ): Answer<TaskAnswer> {
    const { errorCharactersMax, causeCharactersMax } = this.#limits;
    const refusal = firstRefusal(
      checkText("an error", error ?? "", errorCharactersMax),
      checkText("a cause", cause ?? "", causeCharactersMax),
    );
    if (refusal !== undefined) return Effect.fail(refusal);
    return this.#command(request, "Failed", ({ taskId, role }) => ({
      type: "FailTaskCommand",
      version: 1,
      taskId,
      ...byRunner(role),
      ...present({ reason: error, message: cause }),
    }));
  }

  heartbeat(request: TaskRequest): Answer<TaskAnswer> {
    return this.#command(
      request,
      "Activated",
      ({ taskId }) => ({ type: "HeartbeatTaskCommand", version: 1, taskId }),
    );
  }

  activate({ workerName, ...request }: TaskRequest & { readonly workerName?: string }): Answer<TaskAnswer> {
    return this.#command(request, "Activated", ({ taskId }) => ({
      type: "ActivateTaskCommand",
      version: 1,
      taskId,
      ...present({ workerName }),
    }));
  }

  /** The token of a task: not that of its request or runner, but the one that ends it. */
  token(
    { executionId, activityId, taskId, ...rest }: Space & {
      readonly executionId: string;
      readonly activityId: string;
      readonly taskId: string;
    },
  ): Answer<string> {
    return Effect.gen({ self: this }, function* () {
      const space = yield* Effect.fromResult(checkSpace(rest));
      const known = yield* Effect.fromResult(checkExecutionId(space, executionId));
      if (parseActivityId(activityId)?.executionId !== known || !isTaskOf(space, taskId)) {
        return yield* Effect.fail(refused("NotFound", `Execution "${executionId}" has no such task`));
      }
      return this.#tokens.sign({ executionId: known, activityId: activityId as ActivityId, taskId: taskId as TaskId });
    });
  }

  /** @param status what the task is when the command has been accepted */
  #command(
    { token, ...space }: TaskRequest,
    status: TaskAnswer["status"],
    command: (claim: TaskClaim) => WorkerCommand,
  ): Answer<TaskAnswer> {
    const refusal = firstRefusal(checkSpace(space));
    if (refusal !== undefined) return Effect.fail(refusal);
    const claim = token.length <= this.#limits.tokenCharactersMax ? this.#tokens.read(token) : undefined;
    // A token of another space is nobody's here.
    if (claim === undefined || Result.isFailure(checkExecutionId(space, claim.executionId))) {
      return Effect.fail(refused("InvalidToken", "Expected a task's token, but this is none"));
    }
    const { executionId, taskId } = claim;
    const wish = command(claim);
    return Effect.map(
      this.#homes.ask<ExecutionAsOf>(executionId, (reply) => ({ kind: "command", executionId, command: wish, reply })),
      () => ({ taskId, status: wish.type === "SubmitTaskCommand" ? "Activated" : status }),
    );
  }
}

function isTaskOf({ tenant, namespace }: Space, taskId: string): boolean {
  const task = parseTaskId(taskId);
  return task?.tenant === tenant && task.namespace === namespace;
}

function byRunner(role: TaskClaim["role"]): { readonly byRunner?: true } {
  return role === "runner" ? { byRunner: true } : {};
}
