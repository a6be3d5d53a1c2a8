/** Wishes for executions that exist: cancel, redrive, time out, delete. */
import { Effect } from "effect";
import { type ExecutionId, type Limits, present, type Space } from "../../values/mod.ts";
import type { WallClock } from "../clock.ts";
import type { ExecutionStatus, RequestRefused } from "../engine.ts";
import { detail, type ExecutionAsOf } from "../partition/hot_execution.ts";
import type { CommandInput } from "../partition/partition_input.ts";
import type { ExecutionDetail } from "../registry.ts";
import { checkExecution, checkText } from "./checks.ts";
import type { PartitionHomes } from "./partition_homes.ts";

type Answer<T> = Effect.Effect<T, RequestRefused>;
type OneExecution = Space & { readonly executionId: string };
type Changed = { readonly executionId: ExecutionId; readonly status: ExecutionStatus };

/** Changes executions. */
export class ExecutionChanges {
  readonly #homes: PartitionHomes;
  readonly #options: { readonly limits: Limits; readonly clock: WallClock };

  constructor(homes: PartitionHomes, options: { readonly limits: Limits; readonly clock: WallClock }) {
    this.#homes = homes;
    this.#options = options;
  }

  cancel(
    { error, cause, ...request }: OneExecution & { readonly error?: string; readonly cause?: string },
  ): Answer<Changed> {
    const { errorCharactersMax, causeCharactersMax } = this.#options.limits;
    return Effect.gen({ self: this }, function* () {
      yield* Effect.fromResult(checkText("an error", error ?? "", errorCharactersMax));
      yield* Effect.fromResult(checkText("a cause", cause ?? "", causeCharactersMax));
      const why = present({ reason: error, message: cause });
      return yield* this.#command(
        request,
        (executionId) => ({ type: "CancelExecutionCommand", version: 1, executionId, ...why }),
      );
    });
  }

  /** It has lived for as long as an execution may. */
  timeOut(request: OneExecution): Answer<Changed> {
    return this.#command(request, (executionId) => ({
      type: "CompleteExecutionCommand",
      version: 1,
      executionId,
      status: "Failed",
      reason: "States.Timeout",
      timedOut: true,
    }));
  }

  delete(request: OneExecution): Answer<Changed> {
    return this.#command(request, (executionId) => ({ type: "DeleteExecutionCommand", version: 1, executionId }));
  }

  redrive(
    { clientToken, mapRun, ...request }: OneExecution & { readonly clientToken?: string; readonly mapRun?: string },
  ): Answer<ExecutionDetail> {
    return Effect.gen({ self: this }, function* () {
      const executionId = yield* Effect.fromResult(checkExecution(request));
      const { execution } = yield* this.#homes.ask<ExecutionAsOf>(
        executionId,
        (reply) => ({ kind: "redrive", executionId, ...present({ clientToken, mapRun }), reply }),
      );
      return detail(execution, this.#options);
    });
  }

  #command(request: OneExecution, command: (id: ExecutionId) => CommandInput["command"]): Answer<Changed> {
    return Effect.gen({ self: this }, function* () {
      const executionId = yield* Effect.fromResult(checkExecution(request));
      const { execution } = yield* this.#homes.ask<ExecutionAsOf>(
        executionId,
        (reply) => ({ kind: "command", executionId, command: command(executionId), reply }),
      );
      return { executionId, status: execution.value };
    });
  }
}
