/** Decisions of an activity: one run of one state, with its retries. */
import { Result } from "effect";
import {
  catcherOutcome,
  choose,
  effectiveInput,
  findCatcher,
  findRetrier,
  jitteredDelaySeconds,
  retryDelaySeconds,
  stateOutcome,
} from "../../src/language/mod.ts";
import type { Evaluated, State, StateOutcome, StatesError } from "../../src/language/types.ts";
import type {
  ActivityCommand,
  ActivityContext,
  CancelStateCommand,
  Command,
  CompleteStateCommand,
  FireTimerCommand,
  RetryStateCommand,
  StartStateCommand,
  StateCompletedEvent,
} from "../../src/protocol/mod.ts";
import { activityId as activityIdAt } from "../../src/values/mod.ts";
import { accept, type ActivitySnapshot, BrokenInvariant, type Decision, type ExecutionView, reject } from "../actor.ts";
import { cancelChild } from "./after_child.ts";
import { drawTaskId } from "./draw_task_id.ts";
import { dataLimitExceeded, type Entered, type Entry, errorFields, fail, succeed } from "./entry.ts";
import { executionIdOf, type Place, StateScope } from "./state_scope.ts";
import { parentRuns } from "./parent_runs.ts";
import { enterChoice } from "./states/choice.ts";
import { enterFail } from "./states/fail.ts";
import { enterMap } from "./states/map.ts";
import { enterParallel } from "./states/parallel.ts";
import { enterPass } from "./states/pass.ts";
import { enterSucceed } from "./states/succeed.ts";
import { enterTask } from "./states/task.ts";
import { enterWait } from "./states/wait.ts";

/** Decides a command to an activity. Pure but for the draws. */
export function decideActivity(view: ExecutionView, command: ActivityCommand): Decision {
  if (command.type === "StartStateCommand") return decideStart(view, command);
  const activity = view.activity(command.activityId);
  if (activity === undefined) {
    return reject(command, "InvalidStatus", `Expected activity "${command.activityId}" to run, but it has ended`);
  }
  switch (command.type) {
    case "CompleteStateCommand":
      return decideComplete(view, activity, command);
    case "RetryStateCommand":
      return decideRetry(view, activity, command);
    case "CancelStateCommand":
      return decideCancel(view, activity, command);
    default:
      return command satisfies never;
  }
}

function stateOf(view: ExecutionView, stateName: string): State {
  const state = view.machine.allStates.get(stateName);
  if (state === undefined) throw new BrokenInvariant(`State "${stateName}" is not in the definition`);
  return state;
}

function decideStart(view: ExecutionView, command: StartStateCommand): Decision {
  if (!parentRuns(view, command)) {
    return reject(
      command,
      "InvalidStatus",
      `Expected what "${command.stateName}" belongs to to be Running, but it is ending`,
    );
  }
  const state = stateOf(view, command.stateName);
  const { type: _type, version: _version, executionId: _executionId, ...facts } = command;
  const enteredAtEpochMs = view.draws.nowEpochMs;
  const entered = enter(view, state, { ...facts, enteredAtEpochMs, attempt: 1 });
  const event = { type: "StateStartedEvent", version: 1, ...facts, stateType: state.Type, enteredAtEpochMs } as const;
  if (Result.isFailure(entered)) return accept([event], [fail(command.activityId, entered.failure)]);
  return accept([{ ...event, ...entered.success.facts }], entered.success.commands);
}

function enter(view: ExecutionView, state: State, place: Place): Evaluated<Entered> {
  const executionId = executionIdOf(view);
  const entry = <S extends State>(state: S): Entry<S> => ({
    view,
    state,
    place,
    executionId,
    scope: new StateScope(view, place, state.Type === "Task" ? drawTaskId(view, state.Resource) : undefined),
  });
  switch (state.Type) {
    case "Pass":
      return enterPass(entry(state));
    case "Task":
      return enterTask(entry(state));
    case "Choice":
      return enterChoice(entry(state));
    case "Wait":
      return enterWait(entry(state));
    case "Succeed":
      return enterSucceed(entry(state));
    case "Fail":
      return enterFail(entry(state));
    case "Parallel":
      return enterParallel(entry(state));
    case "Map":
      return enterMap(entry(state));
    default:
      return state satisfies never;
  }
}

function decideComplete(view: ExecutionView, activity: ActivitySnapshot, command: CompleteStateCommand): Decision {
  const { context } = activity;
  const { activityId } = context;
  // Children that fail side by side each ask for the end: the first has had its way.
  if (activity.value === "Retrying") {
    return reject(command, "InvalidStatus", `Expected activity "${activityId}" to run, but it waits for its retry`);
  }
  const child = view.openChildOf(activityId);
  if (activity.value === "Completing") {
    if (child !== undefined) {
      return reject(command, "InvalidStatus", `Expected nothing to run below "${activityId}", but "${child}" does`);
    }
    if (context.ending === undefined) throw new BrokenInvariant(`Activity "${activityId}" is completing to no end`);
    return conclude(view, context, { type: command.type, version: 1, activityId, ...context.ending });
  }
  if (child !== undefined) {
    const { type: _type, version: _version, output: _output, ...ending } = command;
    return accept([{ type: "StateCompletingEvent", version: 1, ...ending }], [cancelChild(child)]);
  }
  return conclude(view, context, command);
}

/** Nothing runs below any more: the state succeeds, is retried, is caught, fails, or has been canceled. */
function conclude(view: ExecutionView, context: ActivityContext, command: CompleteStateCommand): Decision {
  if (command.status === "Canceled") return ended(view, context, { status: "Canceled", ...errorFields({}) });
  const state = stateOf(view, context.stateName);
  if (command.status === "Failed") {
    return failed(view, context, state, { error: command.reason, cause: command.message });
  }
  const scope = new StateScope(view, context);
  const outcome = outcomeOf(view, context, state, scope, command);
  if (Result.isFailure(outcome)) return failed(view, context, state, outcome.failure);
  const { next, ...facts } = outcome.success;
  return ended(view, context, { status: "Succeeded", ...facts, ...(next === undefined ? {} : { next }) });
}

function outcomeOf(
  view: ExecutionView,
  context: ActivityContext,
  state: State,
  scope: StateScope,
  command: CompleteStateCommand,
): Evaluated<StateOutcome & { readonly next?: string }> {
  const result = command.output ?? null;
  const resultTooLarge = dataLimitExceeded(view, context.stateName, result);
  if (resultTooLarge !== undefined) return Result.fail(resultTooLarge);
  const evaluated: Evaluated<StateOutcome & { readonly next?: string }> = state.Type === "Choice"
    ? choose(state, scope, result)
    : Result.flatMap(effectiveInput(state, scope), (input) => stateOutcome(state, scope, input, result));
  return Result.flatMap(evaluated, (outcome) => {
    const tooLarge = dataLimitExceeded(view, context.stateName, outcome.output);
    if (tooLarge !== undefined) return Result.fail(tooLarge);
    return Result.succeed(
      state.Next === undefined || outcome.next !== undefined ? outcome : { ...outcome, next: state.Next },
    );
  });
}

function failed(view: ExecutionView, context: ActivityContext, state: State, error: StatesError): Decision {
  if (state.Type !== "Task" && state.Type !== "Parallel" && state.Type !== "Map") {
    return ended(view, context, { status: "Failed", ...errorFields(error) });
  }
  const retry = findRetrier(state.Retry, error.error, context.retryCounts);
  if (retry !== undefined) {
    const delay = retryDelaySeconds(retry.retrier, context.retryCounts[retry.index] ?? 0);
    const seconds = jitteredDelaySeconds(retry.retrier, delay, view.draws.random());
    return accept([{
      type: "StateRetryScheduledEvent",
      version: 1,
      activityId: context.activityId,
      retrierIndex: retry.index,
      deadlineEpochMs: view.draws.nowEpochMs + view.draws.delayMs(seconds),
      ...errorFields(error),
    }]);
  }
  const caught = findCatcher(state.Catch, error.error);
  if (caught === undefined) return ended(view, context, { status: "Failed", ...errorFields(error) });
  const outcome = catcherOutcome(state, caught.catcher, new StateScope(view, context), error);
  if (Result.isFailure(outcome)) return ended(view, context, { status: "Failed", ...errorFields(outcome.failure) });
  const tooLarge = dataLimitExceeded(view, context.stateName, outcome.success.output);
  if (tooLarge !== undefined) return ended(view, context, { status: "Failed", ...errorFields(tooLarge) });
  return ended(view, context, {
    status: "Succeeded",
    ...outcome.success,
    next: caught.catcher.Next,
    catcherIndex: caught.index,
    ...errorFields(error),
  });
}

type End = Omit<StateCompletedEvent, "type" | "version" | "activityId" | "stateName">;

/** The activity ends: the next state of its parent starts, or its parent ends with it. */
function ended(view: ExecutionView, context: ActivityContext, end: End): Decision {
  const { activityId, stateName } = context;
  return accept(
    [{ type: "StateCompletedEvent", version: 1, activityId, stateName, ...end }],
    [afterEnd(view, context, end)],
  );
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
      ...(parentBranchId === undefined ? {} : { parentBranchId }),
      ...(parentIterationId === undefined ? {} : { parentIterationId }),
    };
  }
  const how = runs
    ? {
      status: end.status,
      ...(end.status === "Succeeded" ? { output: end.output ?? null } : {
        ...(end.reason === undefined ? {} : { reason: end.reason }),
        ...(end.message === undefined ? {} : { message: end.message }),
      }),
    }
    : { status: "Canceled" as const };
  if (parentBranchId !== undefined) {
    return { type: "CompleteBranchCommand", version: 1, branchId: parentBranchId, ...how };
  }
  if (parentIterationId !== undefined) {
    return { type: "CompleteIterationCommand", version: 1, iterationId: parentIterationId, ...how };
  }
  return { type: "CompleteExecutionCommand", version: 1, executionId, ...how };
}

function decideRetry(view: ExecutionView, activity: ActivitySnapshot, command: RetryStateCommand): Decision {
  const { context } = activity;
  const { activityId } = context;
  if (activity.value !== "Retrying") {
    return reject(
      command,
      "InvalidStatus",
      `Expected activity "${activityId}" to be Retrying, but it is ${activity.value}`,
    );
  }
  const attempt = context.attempt + 1;
  const entered = enter(view, stateOf(view, context.stateName), { ...context, attempt });
  const event = { type: "StateRetriedEvent", version: 1, activityId, attempt } as const;
  if (Result.isFailure(entered)) return accept([event], [fail(activityId, entered.failure)]);
  const { deadlineEpochMs: _never, ...facts } = entered.success.facts;
  return accept([{ ...event, ...facts }], entered.success.commands);
}

function decideCancel(view: ExecutionView, activity: ActivitySnapshot, command: CancelStateCommand): Decision {
  const { context } = activity;
  const { activityId } = context;
  if (activity.value === "Completing" && context.ending?.status === "Canceled") {
    return reject(command, "InvalidStatus", `Expected activity "${activityId}" not to be canceled twice`);
  }
  const child = view.openChildOf(activityId);
  if (child === undefined) return ended(view, context, { status: "Canceled" });
  return accept(
    [{ type: "StateCompletingEvent", version: 1, activityId, status: "Canceled" }],
    [cancelChild(child)],
  );
}

/** A Wait is over, or a retry is due. */
export function decideActivityTimer(
  activity: ActivitySnapshot,
  view: ExecutionView,
  command: FireTimerCommand,
): Decision {
  const { context } = activity;
  const { activityId } = context;
  const fired = {
    type: "TimerFiredEvent",
    version: 1,
    actorId: activityId,
    deadlineEpochMs: command.deadlineEpochMs,
  } as const;
  if (activity.value === "Retrying") return accept([fired], [{ type: "RetryStateCommand", version: 1, activityId }]);
  const input = effectiveInput(stateOf(view, context.stateName), new StateScope(view, context));
  return accept([fired], [
    Result.isSuccess(input) ? succeed(view, context, input.success) : fail(activityId, input.failure),
  ]);
}
