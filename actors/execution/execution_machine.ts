/** The execution's status flow: `Pending → Running → Completing → Succeeded | Failed`, `Running → Canceling → Canceled`, then `Deleting`; redriven: `Running` again. */
import { assign, setup } from "xstate";
import type { ExecutionContext, ExecutionEvent, StateCompletedEvent } from "../../src/protocol/mod.ts";
import { absentContext } from "../actor.ts";
import { present } from "../../src/values/mod.ts";

const machineSetup = setup({
  types: { context: {} as ExecutionContext, events: {} as ExecutionEvent | StateCompletedEvent },
  guards: {
    isPending: ({ event }) => event.type === "ExecutionStartedEvent" && event.status === "Pending",
    succeeded: ({ event }) => event.type === "ExecutionCompletedEvent" && event.status === "Succeeded",
    failed: ({ event }) => event.type === "ExecutionCompletedEvent" && event.status === "Failed",
  },
});

const started = machineSetup.createAction(assign(({ event }) => {
  if (event.type !== "ExecutionStartedEvent") return {};
  const { type: _type, version: _version, status: _status, ...context } = event;
  return context;
}));

const running = machineSetup.createAction(assign(({ context, event }) => {
  if (event.type !== "ExecutionRunningEvent") return {};
  const { deadlineEpochMs: _pendingUntil, ...rest } = context;
  return event.deadlineEpochMs === undefined
    ? { ...rest, deadlineEpochMs: undefined }
    : { ...rest, deadlineEpochMs: event.deadlineEpochMs };
}));

const timerFired = machineSetup.createAction(assign({ deadlineEpochMs: undefined }));

const variablesAssigned = machineSetup.createAction(
  assign(({ context, event }) =>
    event.type === "StateCompletedEvent" && event.assigned !== undefined
      ? { variables: { ...context.variables, ...event.assigned } }
      : {}
  ),
);

const ending = machineSetup.createAction(assign(({ event }) => {
  if (event.type === "ExecutionCancelingEvent") {
    return { ending: { status: "Canceled", ...errorOf(event) }, deadlineEpochMs: undefined };
  }
  if (event.type !== "ExecutionCompletingEvent") return {};
  const { status, timedOut } = event;
  return {
    ending: { status, ...present({ timedOut }), ...errorOf(event) },
    deadlineEpochMs: undefined,
  };
}));

const ended = machineSetup.createAction(assign(({ event }) => {
  if (event.type !== "ExecutionCompletedEvent") return {};
  const { status, timedOut } = event;
  return {
    ending: { status, ...present({ timedOut }), ...errorOf(event) },
    endedAtEpochMs: event.endedAtEpochMs,
    deadlineEpochMs: undefined,
    variables: undefined,
    ...present({ output: event.output }),
  };
}));

const redriven = machineSetup.createAction(assign(({ event }) => {
  if (event.type !== "ExecutionRedrivenEvent") return {};
  const { redriveCount, redrivenAtEpochMs, clientToken, variables, deadlineEpochMs } = event;
  return {
    redriveCount,
    redrivenAtEpochMs,
    clientToken,
    variables,
    deadlineEpochMs,
    ending: undefined,
    endedAtEpochMs: undefined,
  };
}));

function errorOf(event: { readonly reason?: string; readonly message?: string }) {
  return {
    ...present({ reason: event.reason, message: event.message }),
  };
}

const completed = [
  { guard: "succeeded", target: "Succeeded", actions: ended },
  { guard: "failed", target: "Failed", actions: ended },
  { target: "Canceled", actions: ended },
] as const;

const deleting = { on: { ExecutionDeletingEvent: "Deleting" } } as const;
const unsuccessful = {
  on: { ...deleting.on, ExecutionRedrivenEvent: { target: "Running", actions: redriven } },
} as const;

/** Applies the events of one execution. */
export const executionMachine = machineSetup.createMachine({
  id: "execution",
  context: absentContext<ExecutionContext>(),
  initial: "Absent",
  states: {
    Absent: {
      on: {
        ExecutionStartedEvent: [
          { guard: "isPending", target: "Pending", actions: started },
          { target: "Running", actions: started },
        ],
      },
    },
    Pending: {
      on: {
        TimerFiredEvent: { actions: timerFired },
        ExecutionRunningEvent: { target: "Running", actions: running },
        ExecutionCompletedEvent: { target: "Canceled", actions: ended },
      },
    },
    Running: {
      on: {
        TimerFiredEvent: { actions: timerFired },
        StateCompletedEvent: { actions: variablesAssigned },
        ExecutionCompletingEvent: { target: "Completing", actions: ending },
        ExecutionCancelingEvent: { target: "Canceling", actions: ending },
        ExecutionCompletedEvent: [...completed],
      },
    },
    Completing: {
      on: { StateCompletedEvent: { actions: variablesAssigned }, ExecutionCompletedEvent: [...completed] },
    },
    Canceling: {
      on: { StateCompletedEvent: { actions: variablesAssigned }, ExecutionCompletedEvent: [...completed] },
    },
    Succeeded: deleting,
    Failed: unsuccessful,
    Canceled: unsuccessful,
    Deleting: { type: "final" },
  },
});
