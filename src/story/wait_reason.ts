/**
 * Why a run of a state does not go on, in a sentence: the same words on the console's page, in `weft executions describe` and in the monitor.
 *
 * Pure, and it runs in a browser too.
 */
import type { Activity, TaskRun } from "./run_model.ts";

/** A run of a state that has not ended, as far as it says what is waited for. Times are unix milliseconds. */
export interface WaitingState {
  readonly type: string;
  /** 1 for the first. */
  readonly attempt: number;
  /** When a Wait ends, or what failed is tried again. */
  readonly dueAt?: number | undefined;
  readonly isRetrying: boolean;
  /** The task that is open. */
  readonly task?: {
    readonly resource: string;
    readonly createdAt: number;
    readonly isTaken: boolean;
    /** The outside was asked, and answers later. */
    readonly isSubmitted: boolean;
    readonly worker?: string | undefined;
    readonly heartbeatAt?: number | undefined;
    readonly timeoutAt?: number | undefined;
  } | undefined;
  /** Of a Parallel or Map. */
  readonly children?: { readonly max: number; readonly begun: number; readonly ended: number } | undefined;
}

/** What a run that was followed by its events says of it. */
export function waitingState(activity: Activity, task: TaskRun | undefined): WaitingState {
  const { type, attempt, deadline, phase, max, begun, ended } = activity;
  return {
    type,
    attempt,
    dueAt: deadline,
    isRetrying: phase === "Waiting",
    children: { max, begun, ended },
    task: task === undefined ? undefined : { ...task, isSubmitted: task.submittedEvent !== undefined },
  };
}

/** How times are said where the sentence is shown. */
export interface TimeWords {
  /** A moment, such as `10:04:32`; unix milliseconds. */
  readonly moment: (epochMs: number) => string;
  /** A span, such as `3m05s`; milliseconds. */
  readonly duration: (ms: number) => string;
}

/** The sentence. @param nowMs unix milliseconds */
export function waitReason(state: WaitingState, nowMs: number, words: TimeWords): string {
  const { task, dueAt, children } = state;
  if (dueAt !== undefined && (state.type === "Wait" || (state.isRetrying && task === undefined))) {
    const left = dueAt - nowMs;
    const until = `until ${words.moment(dueAt)}${left > 0 ? `, ${words.duration(left)} from now` : ""}`;
    return state.type === "Wait"
      ? `It waits ${until}.`
      : `Attempt ${state.attempt} failed; it is tried again ${until}.`;
  }
  if (task !== undefined) return taskReason(task, nowMs, words);
  if (children !== undefined && children.max > 0) {
    return `${children.begun - children.ended} children run, ${children.max - children.begun} have not begun.`;
  }
  return "It is being worked on.";
}

function taskReason(
  task: NonNullable<WaitingState["task"]>,
  nowMs: number,
  { moment, duration }: TimeWords,
): string {
  const due = task.timeoutAt === undefined ? "" : ` Its time is over ${moment(task.timeoutAt)}.`;
  const since = duration(nowMs - task.createdAt);
  if (task.isSubmitted) return `“${task.resource}” was asked, and its answer is waited for, for ${since}.${due}`;
  if (task.isTaken) {
    const beat = task.heartbeatAt === undefined ? "" : ` Its next heartbeat is due ${moment(task.heartbeatAt)}.`;
    const worker = (task.worker ?? "") === "" ? "" : ` (${task.worker})`;
    return `A worker${worker} has had it for ${since}.${beat}${due}`;
  }
  return `No worker has taken the task of “${task.resource}” up for ${since}.${due}`;
}
