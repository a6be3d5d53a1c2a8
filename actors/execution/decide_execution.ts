/** Decisions of the execution itself: its start, its end, and what an outsider may wish for it. */
import type { StateMachine } from "../../src/language/types.ts";
import type {
  CancelExecutionCommand,
  CompleteExecutionCommand,
  DeleteExecutionCommand,
  Ending,
  ExecutionCommand,
  ExecutionCompletedEvent,
  ExecutionCompletingEvent,
  FireTimerCommand,
  RedriveExecutionCommand,
  StartExecutionCommand,
  StartFacts,
  StartStateCommand,
} from "../../src/protocol/mod.ts";
import { type ActivityId, activityId, type ExecutionId, type Json, present } from "../../src/values/mod.ts";
import { can } from "../flat_machine.ts";
import { executions } from "../machines.ts";
import { notRedrivable } from "./redrivable.ts";
import { accept, type Decision, type ExecutionSnapshot, type ExecutionView, reject, type TurnDraws } from "../actor.ts";

/** `StartExecutionCommand` of an id that nobody has: the runtime has already looked the key up. */
export function decideStartExecution(
  machine: StateMachine,
  draws: TurnDraws,
  command: StartExecutionCommand,
): Decision {
  const { type: _type, version: _version, startAtEpochMs, ...rest } = command;
  const facts: StartFacts = rest;
  const event = { type: "ExecutionStartedEvent", version: 1, ...facts, startedAtEpochMs: draws.nowEpochMs } as const;
  if (startAtEpochMs !== undefined && startAtEpochMs > draws.nowEpochMs) {
    return accept([{ ...event, status: "Pending", deadlineEpochMs: startAtEpochMs }]);
  }
  return accept(
    [{ ...event, status: "Running", ...deadlineOf(machine, draws, command.secondsMax) }],
    [startFirstState(machine, draws, command.executionId, command.input)],
  );
}

function deadlineOf(
  { TimeoutSeconds = Infinity }: StateMachine,
  draws: TurnDraws,
  secondsMax = Infinity,
): { deadlineEpochMs?: number } {
  const seconds = Math.min(TimeoutSeconds, secondsMax);
  return seconds === Infinity ? {} : { deadlineEpochMs: draws.nowEpochMs + draws.delayMs(seconds) };
}

function startFirstState(
  machine: StateMachine,
  draws: TurnDraws,
  executionId: ExecutionId,
  input: Json,
): StartStateCommand {
  return {
    type: "StartStateCommand",
    version: 1,
    activityId: activityId(executionId, draws.timestamp()),
    executionId,
    stateName: machine.StartAt,
    input,
  };
}

/** Every other command of an execution. */
export function decideExecution(
  view: ExecutionView,
  command: Exclude<ExecutionCommand, StartExecutionCommand>,
): Decision {
  const execution = view.execution();
  switch (command.type) {
    case "CompleteExecutionCommand":
      return decideComplete(view, execution, command);
    case "CancelExecutionCommand":
      return decideCancel(view, execution, command);
    case "RedriveExecutionCommand":
      return decideRedrive(view, execution, command);
    case "DeleteExecutionCommand":
      return decideDelete(execution, command);
    default:
      return command satisfies never;
  }
}

function decideComplete(
  view: ExecutionView,
  execution: ExecutionSnapshot,
  command: CompleteExecutionCommand,
): Decision {
  const { executionId } = command;
  const { ending } = execution.context;
  const child = view.openChildOf(executionId) as ActivityId | undefined;
  const event = child === undefined
    // The end that was put off comes now.
    ? completed(view, ending === undefined ? command : { ...ending, executionId })
    : completing(command);
  if (can(executions, execution, event)) {
    return accept([event], child === undefined ? [] : [{ type: "CancelStateCommand", version: 1, activityId: child }]);
  }
  return reject(
    command,
    "InvalidStatus",
    child === undefined || ending === undefined
      ? `Expected "${executionId}" to be Running, but it is ${execution.value}`
      : `Expected nothing to run below "${executionId}", but "${child}" does`,
  );
}

function completing(command: CompleteExecutionCommand): ExecutionCompletingEvent {
  const { type: _type, version: _version, output: _output, ...ending } = command;
  return { type: "ExecutionCompletingEvent", version: 1, ...ending };
}

function completed(
  view: ExecutionView,
  end: Ending & { readonly executionId: ExecutionId; readonly output?: Json },
): ExecutionCompletedEvent {
  return {
    type: "ExecutionCompletedEvent",
    version: 1,
    executionId: end.executionId,
    status: end.status,
    endedAtEpochMs: view.draws.nowEpochMs,
    ...present({ output: end.output, timedOut: end.timedOut, reason: end.reason, message: end.message }),
  };
}

function decideCancel(view: ExecutionView, execution: ExecutionSnapshot, command: CancelExecutionCommand): Decision {
  const { type: _type, version: _version, ...why } = command;
  const child = view.openChildOf(command.executionId) as ActivityId | undefined;
  const event = child === undefined
    ? completed(view, { status: "Canceled", ...why })
    : { type: "ExecutionCancelingEvent", version: 1, ...why } as const;
  const isEnding = execution.context.ending !== undefined;
  if (!isEnding && can(executions, execution, event)) {
    return accept([event], child === undefined ? [] : [{ type: "CancelStateCommand", version: 1, activityId: child }]);
  }
  return reject(
    command,
    "InvalidStatus",
    `Expected "${command.executionId}" to be Pending or Running, but it is ${execution.value}`,
  );
}

function decideRedrive(view: ExecutionView, execution: ExecutionSnapshot, command: RedriveExecutionCommand): Decision {
  const { executionId, redriveCount, clientToken, resume, variables, mapRun } = command;
  const why = notRedrivable(execution, view.limits, view.draws.nowEpochMs, view.historyCount(), mapRun);
  if (why !== undefined) return reject(command, "InvalidStatus", why);
  if (redriveCount !== (execution.context.redriveCount ?? 0) + 1) {
    return reject(command, "InvalidStatus", `Execution "${executionId}" has been redriven meanwhile`);
  }
  return accept([{
    type: "ExecutionRedrivenEvent",
    version: 1,
    executionId,
    redriveCount,
    redrivenAtEpochMs: view.draws.nowEpochMs,
    ...present({ clientToken, variables }),
    ...deadlineOf(view.machine, view.draws, execution.context.secondsMax),
  }], [{
    type: "StartStateCommand",
    version: 1,
    activityId: activityId(executionId, view.draws.timestamp()),
    executionId,
    stateName: resume.stateName,
    input: resume.input,
    resume,
  }]);
}

function decideDelete(execution: ExecutionSnapshot, command: DeleteExecutionCommand): Decision {
  const { executionId } = command;
  const event = { type: "ExecutionDeletingEvent", version: 1, executionId } as const;
  if (can(executions, execution, event)) return accept([event]);
  return reject(
    command,
    "InvalidStatus",
    `Expected "${executionId}" to have ended, but it is ${execution.value}: cancel it first`,
  );
}

/** The execution's own clock: a delayed start, or the machine's `TimeoutSeconds`. */
export function decideExecutionTimer(view: ExecutionView, command: FireTimerCommand): Decision {
  const execution = view.execution();
  const { executionId, input, secondsMax } = execution.context;
  const fired = {
    type: "TimerFiredEvent",
    version: 1,
    actorId: executionId,
    deadlineEpochMs: command.deadlineEpochMs,
  } as const;
  if (can(executions, execution, { type: "ExecutionRunningEvent" })) {
    return accept(
      [fired, {
        type: "ExecutionRunningEvent",
        version: 1,
        executionId,
        ...deadlineOf(view.machine, view.draws, secondsMax),
      }],
      [startFirstState(view.machine, view.draws, executionId, input)],
    );
  }
  return accept([fired], [{
    type: "CompleteExecutionCommand",
    version: 1,
    executionId,
    status: "Failed",
    reason: "States.Timeout",
    timedOut: true,
  }]);
}
