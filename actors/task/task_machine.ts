/** A task: `Created → Activated → Ended`, `Reclaiming` before its end while children run. How it ended is the business of its activity. */
import type { TaskContext, TaskEvent } from "../../src/protocol/mod.ts";
import { absentContext } from "../actor.ts";
import { nothing, type Updates } from "../flat_machine.ts";
import { machineSetup, stay, to } from "../machine_setup.ts";

const beating = (_context: TaskContext, { heartbeatAtEpochMs }: { readonly heartbeatAtEpochMs?: number }) =>
  heartbeatAtEpochMs === undefined ? nothing() : { heartbeatAtEpochMs };

/** What a task remembers of each of its events. */
export const taskUpdates: Updates<TaskContext, TaskEvent> = {
  TaskCreatedEvent: (_context, { type: _type, version: _version, roleArn: _roleArn, ...context }) => context,
  TaskActivatedEvent: beating,
  TaskHeartbeatRecordedEvent: beating,
  TaskSubmittedEvent: () => ({ isSubmitted: true }),
  TaskReclaimingEvent: (_context, { why }) => ({ why, timeoutAtEpochMs: undefined, heartbeatAtEpochMs: undefined }),
  TaskCompletedEvent: nothing,
  TaskFailedEvent: nothing,
  TaskTimedOutEvent: nothing,
  TaskCanceledEvent: nothing,
  TimerFiredEvent: ({ timeoutAtEpochMs, heartbeatAtEpochMs }, { deadlineEpochMs }) => ({
    ...(timeoutAtEpochMs === deadlineEpochMs ? { timeoutAtEpochMs: undefined } : {}),
    ...(heartbeatAtEpochMs === deadlineEpochMs ? { heartbeatAtEpochMs: undefined } : {}),
  }),
};

/** Ends that need no worker. */
const ends = { TaskTimedOutEvent: to("Ended"), TaskCanceledEvent: to("Ended") } as const;

/** Applies the events of one task. */
export const taskMachine = machineSetup(taskUpdates).createMachine({
  id: "task",
  context: absentContext<TaskContext>(),
  initial: "Absent",
  states: {
    Absent: { on: { TaskCreatedEvent: to("Created") } },
    Created: {
      on: {
        ...ends,
        TaskReclaimingEvent: to("Reclaiming"),
        TaskActivatedEvent: to("Activated"),
        TimerFiredEvent: stay,
      },
    },
    Activated: {
      on: {
        ...ends,
        TaskReclaimingEvent: to("Reclaiming"),
        TaskSubmittedEvent: stay,
        TaskCompletedEvent: to("Ended"),
        TaskFailedEvent: to("Ended"),
        TaskHeartbeatRecordedEvent: stay,
        TimerFiredEvent: stay,
      },
    },
    Reclaiming: { on: ends },
    Ended: { type: "final" },
  },
});
