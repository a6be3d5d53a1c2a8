/** A task: `Created → Activated → Ended`, `Reclaiming` before its end while children run. How it ended is the business of its activity. */
import { assign, setup } from "xstate";
import type { TaskContext, TaskEvent } from "../../src/protocol/mod.ts";
import { absentContext } from "../actor.ts";

const machineSetup = setup({ types: { context: {} as TaskContext, events: {} as TaskEvent } });

const created = machineSetup.createAction(assign(({ event }) => {
  if (event.type !== "TaskCreatedEvent") return {};
  const { type: _type, version: _version, roleArn: _roleArn, ...context } = event;
  return context;
}));

const beating = machineSetup.createAction(
  assign(({ event }) =>
    (event.type === "TaskActivatedEvent" || event.type === "TaskHeartbeatRecordedEvent") &&
      event.heartbeatAtEpochMs !== undefined
      ? { heartbeatAtEpochMs: event.heartbeatAtEpochMs }
      : {}
  ),
);

const submitted = machineSetup.createAction(assign({ isSubmitted: true }));

const reclaiming = machineSetup.createAction(
  assign(({ event }) =>
    event.type === "TaskReclaimingEvent"
      ? { why: event.why, timeoutAtEpochMs: undefined, heartbeatAtEpochMs: undefined }
      : {}
  ),
);

const timerFired = machineSetup.createAction(assign(({ context, event }) => {
  if (event.type !== "TimerFiredEvent") return {};
  return {
    ...(context.timeoutAtEpochMs === event.deadlineEpochMs ? { timeoutAtEpochMs: undefined } : {}),
    ...(context.heartbeatAtEpochMs === event.deadlineEpochMs ? { heartbeatAtEpochMs: undefined } : {}),
  };
}));

/** Ends that need no worker. */
const ends = { TaskTimedOutEvent: "Ended", TaskCanceledEvent: "Ended" } as const;

/** Applies the events of one task. */
export const taskMachine = machineSetup.createMachine({
  id: "task",
  context: absentContext<TaskContext>(),
  initial: "Absent",
  states: {
    Absent: { on: { TaskCreatedEvent: { target: "Created", actions: created } } },
    Created: {
      on: {
        ...ends,
        TaskReclaimingEvent: { target: "Reclaiming", actions: reclaiming },
        TaskActivatedEvent: { target: "Activated", actions: beating },
        TimerFiredEvent: { actions: timerFired },
      },
    },
    Activated: {
      on: {
        ...ends,
        TaskReclaimingEvent: { target: "Reclaiming", actions: reclaiming },
        TaskSubmittedEvent: { actions: submitted },
        TaskCompletedEvent: "Ended",
        TaskFailedEvent: "Ended",
        TaskHeartbeatRecordedEvent: { actions: beating },
        TimerFiredEvent: { actions: timerFired },
      },
    },
    Reclaiming: { on: ends },
    Ended: { type: "final" },
  },
});
