/**
 * Where an execution stands: the runs of states that have not ended, and why the last one failed.
 *
 * What runs stands in memory; the error of what is tried again, and the state at which an execution failed, stand in its newest turns.
 */
import type { ActivitySnapshot, ExecutionActors, TaskSnapshot } from "../../../../actors/mod.ts";
import type { Event, StateCompletedEvent } from "../../../protocol/mod.ts";
import { parseChildId, present } from "../../../values/mod.ts";
import type { ExecutionStanding, FailedState, OpenState } from "../../engine.ts";

/** Runs of states that are told of one execution; those that began last are left out. */
const STATES_MAX = 100;
/** Maps and Parallels that are told around a state. */
const DEPTH_MAX = 32;

/** Where it stands by what memory has: without the errors of what is tried again. */
export function openStates(actors: ExecutionActors): ExecutionStanding {
  const tasks = new Map<string, TaskSnapshot>();
  for (const task of actors.tasks.values()) tasks.set(task.context.activityId, task);
  const states: OpenState[] = [];
  for (const activity of actors.activities.values()) {
    if (states.length >= STATES_MAX) break;
    states.push(openState(actors, activity, tasks.get(activity.context.activityId)));
  }
  return { states, openCount: actors.activities.size };
}

function openState(actors: ExecutionActors, { value, context }: ActivitySnapshot, task?: TaskSnapshot): OpenState {
  const { activityId, stateName, stateType, enteredAtEpochMs, attempt, deadlineEpochMs, mapRun } = context;
  const children = context.branchStatus ?? context.iterationStatus;
  const within = surroundings(actors, context);
  return {
    activityId,
    stateName,
    stateType,
    status: value === "Ended" ? "Completing" : value,
    enteredAt: isoTime(enteredAtEpochMs),
    attempt,
    ...present({
      dueAt: deadlineEpochMs === undefined ? undefined : isoTime(deadlineEpochMs),
      within: within.length === 0 ? undefined : within,
      children,
      mapRun,
      task: task === undefined ? undefined : openTask(task),
    }),
  };
}

/** Outermost first. */
function surroundings(
  actors: ExecutionActors,
  { parentBranchId, parentIterationId }: ActivitySnapshot["context"],
): NonNullable<OpenState["within"]> {
  const found: { readonly stateName: string; readonly index: number }[] = [];
  let parent: string | undefined = parentBranchId ?? parentIterationId;
  while (parent !== undefined && found.length < DEPTH_MAX) {
    const child = parseChildId(parent);
    const above = child === undefined ? undefined : actors.activities.get(child.activityId)?.context;
    if (child === undefined || above === undefined) break;
    found.unshift({ stateName: above.stateName, index: child.index });
    parent = above.parentBranchId ?? above.parentIterationId;
  }
  return found;
}

function openTask({ value, context }: TaskSnapshot): NonNullable<OpenState["task"]> {
  const { taskId, resource, createdAtEpochMs, timeoutAtEpochMs, heartbeatAtEpochMs, isSubmitted } = context;
  return {
    taskId,
    resource,
    status: value === "Ended" ? "Reclaiming" : value,
    createdAt: isoTime(createdAtEpochMs),
    ...present({
      timeoutAt: timeoutAtEpochMs === undefined ? undefined : isoTime(timeoutAtEpochMs),
      heartbeatAt: heartbeatAtEpochMs === undefined ? undefined : isoTime(heartbeatAtEpochMs),
      isSubmitted,
    }),
  };
}

/** Whether the newest turns have to be read as well. */
export function needsTurns(actors: ExecutionActors): boolean {
  const { value } = actors.execution;
  if (value === "Failed" || value === "Canceled") return true;
  for (const activity of actors.activities.values()) if (activity.value === "Retrying") return true;
  return false;
}

/** With what the newest events say: oldest first. */
export function withFailures(
  standing: ExecutionStanding,
  events: readonly Event[],
  hasFailed: boolean,
): ExecutionStanding {
  const failures = new Map<string, { readonly reason?: string | undefined; readonly message?: string | undefined }>();
  for (const event of events) if (event.type === "StateRetryScheduledEvent") failures.set(event.activityId, event);
  const states = standing.states.map((state) => {
    const failure = state.status === "Retrying" ? failures.get(state.activityId) : undefined;
    return failure === undefined ? state : { ...state, ...present({ error: failure.reason, cause: failure.message }) };
  });
  const failed = hasFailed ? failedState(events) : undefined;
  return { ...standing, states, ...present({ failed }) };
}

/** The innermost of the last states that failed one by another: it was the reason of the others. */
function failedState(events: readonly Event[]): FailedState | undefined {
  let found: StateCompletedEvent | undefined;
  for (const event of events.toReversed()) {
    if (event.type !== "StateCompletedEvent" || event.status !== "Failed") continue;
    if (event.catcherIndex !== undefined) break;
    if (found !== undefined && (event.reason !== found.reason || event.message !== found.message)) break;
    found = event;
  }
  if (found === undefined) return undefined;
  const { activityId, stateName, reason, message } = found;
  return { activityId, stateName, ...present({ error: reason, cause: message }) };
}

function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
