/** How a run of a state ends: with its output, by its retriers and catchers, or with its parent. */
import { Result } from "effect";
import {
  catcherOutcome,
  causeInState,
  findCatcher,
  findRetrier,
  jitteredDelaySeconds,
  retryDelaySeconds,
} from "../../src/language/mod.ts";
import type { State, StatesError } from "../../src/language/types.ts";
import type {
  ActivityContext,
  Command,
  EvaluationFailedEvent,
  Event,
  StateCompletedEvent,
} from "../../src/protocol/mod.ts";
import { activityId as activityIdAt, present } from "../../src/values/mod.ts";
import { accept, type Decision, type ExecutionView } from "../actor.ts";
import { completeChild } from "../child/child_records.ts";
import { dataLimitExceeded } from "./entry.ts";
import { parentRuns } from "./parent_runs.ts";
import { executionIdOf, StateScope } from "./state_scope.ts";

type End = Omit<StateCompletedEvent, "type" | "version" | "activityId" | "stateName">;

/** The activity ends: the next state of its parent starts, or its parent ends with it. */
export function ended(
  view: ExecutionView,
  context: ActivityContext,
  end: End,
  before: readonly Event[] = [],
): Decision {
  const { activityId, stateName } = context;
  return accept(
    [...before, { type: "StateCompletedEvent", version: 1, activityId, stateName, ...end }],
    [afterEnd(view, context, end)],
  );
}

/** The state's work failed: it is retried, caught, or fails. */
export function failed(view: ExecutionView, context: ActivityContext, state: State, error: StatesError): Decision {
  const told = toldError(context, error);
  if (state.Type !== "Task" && state.Type !== "Parallel" && state.Type !== "Map") {
    return ended(view, context, told.end, told.events);
  }
  const retry = told.end.isFatal === true
    ? undefined
    : findRetrier(state.Retry, error.error, context.retryCounts, error.raisedBy);
  if (retry !== undefined) {
    const delay = retryDelaySeconds(retry.retrier, context.retryCounts[retry.index] ?? 0);
    const seconds = jitteredDelaySeconds(retry.retrier, delay, view.draws.random());
    return accept([...told.events, {
      type: "StateRetryScheduledEvent",
      version: 1,
      activityId: context.activityId,
      retrierIndex: retry.index,
      deadlineEpochMs: view.draws.nowEpochMs + view.draws.delayMs(seconds),
      ...told.fields,
    }]);
  }
  const caught = told.end.isFatal === true ? undefined : findCatcher(state.Catch, error.error, error.raisedBy);
  if (caught === undefined) return ended(view, context, told.end, told.events);
  const { reason, message } = told.fields;
  const outcome = catcherOutcome(state, caught.catcher, new StateScope(view, context), {
    error: reason,
    cause: message,
  });
  const tooLarge = Result.isFailure(outcome)
    ? outcome.failure
    : dataLimitExceeded(view, context.stateName, outcome.success.output);
  if (Result.isFailure(outcome) || tooLarge !== undefined) {
    const uncaught = toldError(context, tooLarge ?? {}, caught.index);
    return ended(view, context, uncaught.end, [...told.events, ...uncaught.events]);
  }
  return ended(view, context, {
    status: "Succeeded",
    ...outcome.success,
    next: caught.catcher.Next,
    catcherIndex: caught.index,
    ...told.fields,
  }, told.events);
}

interface ToldError {
  readonly fields: { readonly reason?: string; readonly message?: string };
  readonly end: End;
  readonly events: readonly EvaluationFailedEvent[];
}

/**
 * An error as events tell it. That of an evaluation has AWS's sentence about the state in front of its cause; one of JSONata's has an event
 * of its own; one of `States.Runtime` nothing can catch, and it ends the whole execution.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
function toldError(context: ActivityContext, error: StatesError, catcherIndex?: number): ToldError {
  const { raisedBy, location } = error;
  const { activityId, stateName, historyId } = context;
  const isEvaluation = raisedBy === "Runtime" || raisedBy === "Query";
  const cause = isEvaluation ? causeInState(error.cause ?? "", stateName, historyId) : error.cause;
  const fields = {
    ...present({ reason: error.error, message: cause }),
  };
  const events = raisedBy !== "Query" ? [] : [{
    type: "EvaluationFailedEvent" as const,
    version: 1 as const,
    activityId,
    stateName,
    ...present({ location, catcherIndex }),
    ...fields,
  }];
  const end: End = {
    status: "Failed",
    ...fields,
    ...(raisedBy === "Runtime" ? { isFatal: true } : {}),
    ...(catcherIndex === undefined || events.length === 0 ? {} : { catcherIndex }),
  };
  return { fields, events, end };
}

function afterEnd(view: ExecutionView, context: ActivityContext, end: End): Command {
  const { parentBranchId, parentIterationId } = context;
  const executionId = executionIdOf(view);
  const runs = parentRuns(view, context);
  if (runs && end.status === "Succeeded" && end.next !== undefined) {
    return {
      type: "StartStateCommand",
      version: 1,
      activityId: activityIdAt(executionId, view.draws.timestamp()),
      executionId,
      stateName: end.next,
      input: end.output ?? null,
      ...present({ parentBranchId, parentIterationId }),
    };
  }
  const how = runs
    ? {
      status: end.status,
      ...(end.status === "Succeeded" ? { output: end.output ?? null } : {
        ...present({ reason: end.reason, message: end.message }),
      }),
    }
    : { status: "Canceled" as const };
  if (runs && end.isFatal === true) return { type: "CompleteExecutionCommand", version: 1, executionId, ...how };
  if (parentBranchId !== undefined) return completeChild({ branchId: parentBranchId }, how);
  if (parentIterationId !== undefined) return completeChild({ iterationId: parentIterationId }, how);
  return { type: "CompleteExecutionCommand", version: 1, executionId, ...how };
}
