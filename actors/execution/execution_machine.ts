/** The execution's status flow: `Pending → Running → Completing → Succeeded | Failed`, `Running → Canceling → Canceled`, then `Deleting`; redriven: `Running` again. */
import type { ExecutionContext, ExecutionEvent } from "../../src/protocol/mod.ts";
import { present } from "../../src/values/mod.ts";
import { absentContext } from "../actor.ts";
import { nothing, type Updates } from "../flat_machine.ts";
import { machineSetup, stay, to, toOn } from "../machine_setup.ts";

/** What an execution remembers of each of its events. */
export const executionUpdates: Updates<ExecutionContext, ExecutionEvent> = {
  ExecutionStartedEvent: (_context, { type: _type, version: _version, status: _status, ...context }) => context,
  ExecutionRunningEvent: (_context, { deadlineEpochMs }) => ({ deadlineEpochMs }),
  ExecutionCompletingEvent: (_context, { status, timedOut, reason, message }) => ({
    ending: { status, ...present({ timedOut, reason, message }) },
    deadlineEpochMs: undefined,
  }),
  ExecutionCancelingEvent: (_context, { reason, message }) => ({
    ending: { status: "Canceled", ...present({ reason, message }) },
    deadlineEpochMs: undefined,
  }),
  ExecutionCompletedEvent: (_context, { status, timedOut, reason, message, endedAtEpochMs, output }) => ({
    ending: { status, ...present({ timedOut, reason, message }) },
    endedAtEpochMs,
    deadlineEpochMs: undefined,
    variables: undefined,
    ...present({ output }),
  }),
  ExecutionRedrivenEvent: (_context, event) => {
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
  },
  ExecutionDeletingEvent: nothing,
  StateCompletedEvent: ({ variables }, { assigned }) => ({ variables: { ...variables, ...assigned } }),
  TimerFiredEvent: () => ({ deadlineEpochMs: undefined }),
};

const completed = [
  toOn("Succeeded", "Succeeded"),
  toOn("Failed", "Failed"),
  toOn("Canceled", "Canceled"),
] as const;
const windingUp = { on: { StateCompletedEvent: stay, ExecutionCompletedEvent: [...completed] } } as const;

const deleting = { on: { ExecutionDeletingEvent: to("Deleting") } } as const;
const unsuccessful = { on: { ...deleting.on, ExecutionRedrivenEvent: to("Running") } } as const;

/** Applies the events of one execution. */
export const executionMachine = machineSetup(executionUpdates).createMachine({
  id: "execution",
  context: absentContext<ExecutionContext>(),
  initial: "Absent",
  states: {
    Absent: { on: { ExecutionStartedEvent: [toOn("Pending", "Pending"), toOn("Running", "Running")] } },
    Pending: {
      on: {
        TimerFiredEvent: stay,
        ExecutionRunningEvent: to("Running"),
        ExecutionCompletedEvent: toOn("Canceled", "Canceled"),
      },
    },
    Running: {
      on: {
        TimerFiredEvent: stay,
        StateCompletedEvent: stay,
        ExecutionCompletingEvent: to("Completing"),
        ExecutionCancelingEvent: to("Canceling"),
        ExecutionCompletedEvent: [...completed],
      },
    },
    Completing: windingUp,
    Canceling: windingUp,
    Succeeded: deleting,
    Failed: unsuccessful,
    Canceled: unsuccessful,
    Deleting: { type: "final" },
  },
});
