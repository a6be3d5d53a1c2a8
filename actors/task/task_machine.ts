/** A task: `Created → Activated → Ended`. How it ended is the business of its activity. */
import { assign, setup } from "xstate";
import type { TaskContext, TaskEvent } from "../../src/protocol/mod.ts";
import { absentContext } from "../actor.ts";

const machineSetup = setup({ types: { context: {} as TaskContext, events: {} as TaskEvent } });

const created = machineSetup.createAction(assign(({ event }) => {
  if (event.type !== "TaskCreatedEvent") return {};
  const { type: _type, version: _version, ...context } = event;
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
        TaskActivatedEvent: { target: "Activated", actions: beating },
        TimerFiredEvent: { actions: timerFired },
      },
    },
    Activated: {
      on: {
        ...ends,
        TaskCompletedEvent: "Ended",
        TaskFailedEvent: "Ended",
        TaskHeartbeatRecordedEvent: { actions: beating },
        TimerFiredEvent: { actions: timerFired },
      },
    },
    Ended: { type: "final" },
  },
});
