/** Decisions of an activity: one run of one state, with its retries. */
import { Result } from "effect";
import { choose, effectiveInput, stateOutcome } from "../../src/language/mod.ts";
import type { Evaluated, State, StateOutcome } from "../../src/language/types.ts";
import type {
  ActivityCommand,
  ActivityContext,
  CancelStateCommand,
  CompleteStateCommand,
  FireTimerCommand,
  RetryStateCommand,
  StartStateCommand,
} from "../../src/protocol/mod.ts";
import { accept, type ActivitySnapshot, BrokenInvariant, type Decision, type ExecutionView, reject } from "../actor.ts";
import { can } from "../flat_machine.ts";
import { activities } from "../machines.ts";
import { cancelBelow } from "./after_child.ts";
import { drawTaskId } from "./draw_task_id.ts";
import { ended, failed } from "./end_state.ts";
import { dataLimitExceeded, type Entered, type Entry, fail, succeed } from "./entry.ts";
import { executionIdOf, type Place, StateScope } from "./state_scope.ts";
import { parentRuns } from "./parent_runs.ts";
import { resumed } from "./resumed.ts";
import { enterChoice } from "./states/choice.ts";
import { enterFail } from "./states/fail.ts";
import { enterMap } from "./states/map.ts";
import { enterParallel } from "./states/parallel.ts";
import { enterPass } from "./states/pass.ts";
import { enterSucceed } from "./states/succeed.ts";
import { enterTask } from "./states/task.ts";
import { enterWait } from "./states/wait.ts";
import { present } from "../../src/values/mod.ts";

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
  const { resume, ...place } = facts;
  const entered = resume?.children === undefined
    ? enter(view, state, { ...place, enteredAtEpochMs, attempt: 1, ...present({ resume }) })
    : resumed(view, state, { ...place, enteredAtEpochMs, attempt: 1 }, resume);
  const historyId = resume?.historyId ?? view.historyCount() + 1;
  const event = {
    type: "StateStartedEvent",
    version: 1,
    ...facts,
    stateType: state.Type,
    enteredAtEpochMs,
    historyId,
  } as const;
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
  const { activityId, ending } = context;
  const child = view.openChildOf(activityId);
  if (child !== undefined && ending !== undefined) {
    return reject(command, "InvalidStatus", `Expected nothing to run below "${activityId}", but "${child}" does`);
  }
  const { status } = command;
  // Children that fail side by side each ask for the end: the first has had its way.
  if (
    !can(activities, activity, { type: child === undefined ? "StateCompletedEvent" : "StateCompletingEvent", status })
  ) {
    return reject(command, "InvalidStatus", `Expected activity "${activityId}" to run, but it waits for its retry`);
  }
  if (child === undefined) {
    return conclude(
      view,
      context,
      ending === undefined ? command : { type: command.type, version: 1, activityId, ...ending },
    );
  }
  const { type: _type, version: _version, output: _output, ...end } = command;
  return accept([{ type: "StateCompletingEvent", version: 1, ...end }], [cancelBelow(child)]);
}

/** Nothing runs below any more: the state succeeds, is retried, is caught, fails, or has been canceled. */
function conclude(view: ExecutionView, context: ActivityContext, command: CompleteStateCommand): Decision {
  if (command.status === "Canceled") return ended(view, context, { status: "Canceled" });
  const state = stateOf(view, context.stateName);
  if (command.status === "Failed") {
    const { reason: error, message: cause, raisedBy, location } = command;
    return failed(view, context, state, { error, cause, raisedBy, location });
  }
  const scope = new StateScope(view, context);
  const outcome = outcomeOf(view, context, state, scope, command);
  if (Result.isFailure(outcome)) return failed(view, context, state, outcome.failure);
  return ended(view, context, { status: "Succeeded", ...outcome.success });
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

const RETRY = { type: "StateRetriedEvent" } as const;

function decideRetry(view: ExecutionView, activity: ActivitySnapshot, command: RetryStateCommand): Decision {
  const { context } = activity;
  const { activityId } = context;
  if (!can(activities, activity, RETRY)) {
    return reject(
      command,
      "InvalidStatus",
      `Expected activity "${activityId}" to be Retrying, but it is ${activity.value}`,
    );
  }
  if (!parentRuns(view, context)) {
    return reject(command, "InvalidStatus", `Expected what "${activityId}" belongs to to be Running, but it is ending`);
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
  if (context.ending?.status === "Canceled") {
    return reject(command, "InvalidStatus", `Expected activity "${activityId}" not to be canceled twice`);
  }
  const child = view.openChildOf(activityId);
  if (child === undefined) return ended(view, context, { status: "Canceled" });
  return accept(
    [{ type: "StateCompletingEvent", version: 1, activityId, status: "Canceled" }],
    [cancelBelow(child)],
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
  if (can(activities, activity, RETRY)) return accept([fired], [{ type: "RetryStateCommand", version: 1, activityId }]);
  const input = effectiveInput(stateOf(view, context.stateName), new StateScope(view, context));
  return accept([fired], [
    Result.isSuccess(input) ? succeed(view, context, input.success) : fail(activityId, input.failure),
  ]);
}
