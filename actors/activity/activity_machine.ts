/** An activity, one run of one state: `Running ⇄ Retrying`, `Completing` while its children are reclaimed, `Ended`. */
import { assign, setup } from "xstate";
import type { ActivityContext, ActivityEvent, ChildrenStatus } from "../../src/protocol/mod.ts";
import { absentContext } from "../actor.ts";
import { present } from "../../src/values/mod.ts";

const machineSetup = setup({ types: { context: {} as ActivityContext, events: {} as ActivityEvent } });

function childrenOf(
  stateType: "Parallel" | "Map" | undefined,
  facts: {
    readonly max?: number;
    readonly items?: ActivityContext["items"];
    readonly maxConcurrency?: number;
    readonly mapRun?: string;
  },
): Partial<ActivityContext> {
  if (facts.mapRun !== undefined) {
    return { mapRun: facts.mapRun, ...present({ items: facts.items }) };
  }
  if (facts.max === undefined) return {};
  const status: ChildrenStatus = { max: facts.max, started: 0, done: 0 };
  if (stateType === "Parallel") return { branchStatus: status };
  return {
    iterationStatus: status,
    items: facts.items,
    ...present({ maxConcurrency: facts.maxConcurrency }),
  };
}

const started = machineSetup.createAction(assign(({ event }) => {
  if (event.type !== "StateStartedEvent") return {};
  const { type: _type, version: _version, stateType, max, items, maxConcurrency, mapRun, ...context } = event;
  const facts = {
    ...present({ mapRun, max, items, maxConcurrency }),
  };
  return {
    ...context,
    stateType,
    attempt: 1,
    retryCounts: [],
    ...childrenOf(stateType === "Parallel" ? "Parallel" : "Map", facts),
  };
}));

const childStarted = machineSetup.createAction(assign(({ context }) => {
  const { branchStatus, iterationStatus } = context;
  return branchStatus !== undefined
    ? { branchStatus: { ...branchStatus, started: branchStatus.started + 1 } }
    : iterationStatus !== undefined
    ? { iterationStatus: { ...iterationStatus, started: iterationStatus.started + 1 } }
    : {};
}));

const childDone = machineSetup.createAction(assign(({ context }) => {
  const { branchStatus, iterationStatus } = context;
  return branchStatus !== undefined
    ? { branchStatus: { ...branchStatus, done: branchStatus.done + 1 } }
    : iterationStatus !== undefined
    ? { iterationStatus: { ...iterationStatus, done: iterationStatus.done + 1 } }
    : {};
}));

const completing = machineSetup.createAction(assign(({ event }) => {
  if (event.type !== "StateCompletingEvent") return {};
  const { type: _type, version: _version, activityId: _activityId, ...ending } = event;
  return { ending, deadlineEpochMs: undefined };
}));

const retryScheduled = machineSetup.createAction(assign(({ context, event }) => {
  if (event.type !== "StateRetryScheduledEvent") return {};
  const retryCounts = Array.from(
    { length: Math.max(context.retryCounts.length, event.retrierIndex + 1) },
    (_, index) => (context.retryCounts[index] ?? 0) + (index === event.retrierIndex ? 1 : 0),
  );
  return {
    retryCounts,
    deadlineEpochMs: event.deadlineEpochMs,
    ending: undefined,
    branchStatus: undefined,
    iterationStatus: undefined,
    items: undefined,
    maxConcurrency: undefined,
    ...(context.resume === undefined ? {} : { resume: undefined }),
    ...(context.mapRun === undefined ? {} : { mapRun: undefined }),
  };
}));

const retried = machineSetup.createAction(assign(({ event }) => {
  if (event.type !== "StateRetriedEvent") return {};
  const { attempt, max, items, maxConcurrency, mapRun } = event;
  const facts = {
    ...present({ mapRun, max, items, maxConcurrency }),
  };
  return { attempt, deadlineEpochMs: undefined, ...childrenOf(items === undefined ? "Parallel" : "Map", facts) };
}));

const timerFired = machineSetup.createAction(assign({ deadlineEpochMs: undefined }));

const childEvents = {
  BranchStartedEvent: { actions: childStarted },
  IterationStartedEvent: { actions: childStarted },
  BranchCompletedEvent: { actions: childDone },
  IterationCompletedEvent: { actions: childDone },
} as const;

/** Applies the events of one activity. */
export const activityMachine = machineSetup.createMachine({
  id: "activity",
  context: absentContext<ActivityContext>(),
  initial: "Absent",
  states: {
    Absent: { on: { StateStartedEvent: { target: "Running", actions: started } } },
    Running: {
      on: {
        ...childEvents,
        TimerFiredEvent: { actions: timerFired },
        StateCompletingEvent: { target: "Completing", actions: completing },
        StateRetryScheduledEvent: { target: "Retrying", actions: retryScheduled },
        StateCompletedEvent: "Ended",
      },
    },
    Retrying: {
      on: {
        TimerFiredEvent: { actions: timerFired },
        StateRetriedEvent: { target: "Running", actions: retried },
        StateCompletedEvent: "Ended",
      },
    },
    Completing: {
      on: {
        ...childEvents,
        StateCompletingEvent: { actions: completing },
        StateRetryScheduledEvent: { target: "Retrying", actions: retryScheduled },
        StateCompletedEvent: "Ended",
      },
    },
    Ended: { type: "final" },
  },
});
