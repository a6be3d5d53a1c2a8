/** An activity, one run of one state: `Running ⇄ Retrying`, `Completing` while its children are reclaimed, `Ended`. */
import type {
  ActivityContext,
  ActivityEvent,
  ChildrenStatus,
  StateRetryScheduledEvent,
} from "../../src/protocol/mod.ts";
import { present } from "../../src/values/mod.ts";
import { absentContext, BrokenInvariant } from "../actor.ts";
import { nothing, type Updates } from "../flat_machine.ts";
import { machineSetup, stay, to, toOn } from "../machine_setup.ts";

/** What a run of a state begins with, if it has children or items. */
interface Beginning {
  readonly max?: number;
  readonly items?: ActivityContext["items"];
  readonly maxConcurrency?: number;
  readonly mapRun?: string;
}

function childrenOf(
  stateType: "Parallel" | "Map",
  { max, items, maxConcurrency, mapRun }: Beginning,
): Partial<ActivityContext> {
  if (mapRun !== undefined) return { mapRun, ...present({ items }) };
  if (max === undefined) return {};
  const status: ChildrenStatus = { max, started: 0, done: 0 };
  return stateType === "Parallel"
    ? { branchStatus: status }
    : { iterationStatus: status, items, ...present({ maxConcurrency }) };
}

function counted(status: ChildrenStatus | undefined, what: "started" | "done"): ChildrenStatus {
  if (status === undefined) throw new BrokenInvariant("Expected an activity with such children, but it has none");
  return { ...status, [what]: status[what] + 1 };
}

const branch = (what: "started" | "done") => ({ branchStatus }: ActivityContext) => ({
  branchStatus: counted(branchStatus, what),
});
const iteration = (what: "started" | "done") => ({ iterationStatus }: ActivityContext) => ({
  iterationStatus: counted(iterationStatus, what),
});

function retryScheduled(
  { retryCounts, resume, mapRun }: ActivityContext,
  { retrierIndex, deadlineEpochMs }: StateRetryScheduledEvent,
): Partial<ActivityContext> {
  return {
    retryCounts: Array.from(
      { length: Math.max(retryCounts.length, retrierIndex + 1) },
      (_, index) => (retryCounts[index] ?? 0) + (index === retrierIndex ? 1 : 0),
    ),
    deadlineEpochMs,
    ending: undefined,
    branchStatus: undefined,
    iterationStatus: undefined,
    items: undefined,
    maxConcurrency: undefined,
    ...(resume === undefined ? {} : { resume: undefined }),
    ...(mapRun === undefined ? {} : { mapRun: undefined }),
  };
}

/** What an activity remembers of each of its events. */
export const activityUpdates: Updates<ActivityContext, ActivityEvent> = {
  StateStartedEvent: (_context, event) => {
    const { type: _type, version: _version, max, items, maxConcurrency, mapRun, ...context } = event;
    const stateType = context.stateType === "Parallel" ? "Parallel" : "Map";
    return {
      ...context,
      attempt: 1,
      retryCounts: [],
      ...childrenOf(stateType, present({ mapRun, max, items, maxConcurrency })),
    };
  },
  StateRetriedEvent: (_context, { attempt, max, items, maxConcurrency, mapRun }) => ({
    attempt,
    deadlineEpochMs: undefined,
    ...childrenOf(items === undefined ? "Parallel" : "Map", present({ mapRun, max, items, maxConcurrency })),
  }),
  StateCompletingEvent: (_context, { type: _type, version: _version, activityId: _activityId, ...ending }) => ({
    ending,
    deadlineEpochMs: undefined,
  }),
  StateRetryScheduledEvent: retryScheduled,
  StateCompletedEvent: nothing,
  BranchStartedEvent: branch("started"),
  BranchCompletedEvent: branch("done"),
  IterationStartedEvent: iteration("started"),
  IterationCompletedEvent: iteration("done"),
  TimerFiredEvent: () => ({ deadlineEpochMs: undefined }),
};

const childEnds = { BranchCompletedEvent: stay, IterationCompletedEvent: stay } as const;

/** Applies the events of one activity. */
export const activityMachine = machineSetup(activityUpdates).createMachine({
  id: "activity",
  context: absentContext<ActivityContext>(),
  initial: "Absent",
  states: {
    Absent: { on: { StateStartedEvent: to("Running") } },
    Running: {
      on: {
        ...childEnds,
        BranchStartedEvent: stay,
        IterationStartedEvent: stay,
        TimerFiredEvent: stay,
        StateCompletingEvent: to("Completing"),
        StateRetryScheduledEvent: to("Retrying"),
        StateCompletedEvent: to("Ended"),
      },
    },
    Retrying: {
      on: {
        TimerFiredEvent: stay,
        StateRetriedEvent: to("Running"),
        StateCompletedEvent: toOn("Canceled", "Ended"),
      },
    },
    Completing: {
      on: {
        ...childEnds,
        StateCompletingEvent: toOn("Canceled", "Completing"),
        StateRetryScheduledEvent: to("Retrying"),
        StateCompletedEvent: to("Ended"),
      },
    },
    Ended: { type: "final" },
  },
});
