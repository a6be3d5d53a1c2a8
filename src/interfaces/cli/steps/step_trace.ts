/**
 * Turns the events of one execution into the steps a person wants to see: states entered and left, retries, failures, the end.
 *
 * Pure: events in, steps out. Keeps one small entry for each state that is running now, and no more than `activitiesMax`.
 */
import type { HistoryEvent } from "../../../runtime/engine.ts";
import {
  containerOf,
  deadlineField,
  errorField,
  isBadStatus,
  numberField,
  parentOf,
  retryCountField,
  textField,
  timeField,
} from "../output/feed_fields.ts";
import { present } from "../../../values/mod.ts";

/** What happened: decides glyph and colour. */
export type StepKind =
  | "start"
  | "enter"
  | "leave"
  | "fail"
  | "retry"
  | "again"
  | "task"
  | "note"
  | "success"
  | "failure"
  | "canceled";

/** Something worth a line, without its layout. */
export interface Step {
  readonly kind: StepKind;
  /** Milliseconds since the execution's first event. */
  readonly elapsedMs: number;
  /** Levels of Map and Parallel around it: 0 at the top. */
  readonly depth: number;
  /** Which branch or iteration, 0-based; absent at the top. */
  readonly index?: number;
  /** A state's name, or what happened. */
  readonly label: string;
  readonly detail?: string;
  /** How long the state or the execution took, milliseconds. */
  readonly tookMs?: number;
  /** How far off what is announced is, milliseconds. */
  readonly dueInMs?: number;
}

interface RunningActivity {
  readonly name: string;
  readonly startedEpochMs: number;
  readonly depth: number;
  readonly index: number | undefined;
  retryCount: number;
  /** Children of a Map or Parallel. */
  max: number;
  done: number;
  failed: number;
  /** It is in a Map of so many that its steps are not told. */
  readonly isFolded: boolean;
}

/** A Map or Parallel whose children are not told one by one. */
export interface FoldedProgress {
  readonly name: string;
  readonly max: number;
  readonly done: number;
  readonly failed: number;
}

/** A Map or Parallel of more children than these is told as a whole. */
const CHILDREN_TOLD_MAX = 100;
/** Failures of its children that are told all the same. */
const FAILURES_TOLD_MAX = 5;

/** Running states that are remembered; of those beyond, the oldest lose name and duration. */
const ACTIVITIES_MAX = 20_000;

/** Follows one execution; feed it each event once, in order. */
export class StepTrace {
  readonly #showTasks: boolean;
  readonly #activities = new Map<string, RunningActivity>();
  #startedEpochMs: number | undefined;
  #wasPending = false;
  #ended: string | undefined;
  #lastError: string | undefined;

  /** @param options.showTasks Tasks handed out and taken up are steps of their own */
  constructor(options: { readonly showTasks: boolean }) {
    this.#showTasks = options.showTasks;
  }

  /** The final status, once the execution has ended. */
  get endedStatus(): string | undefined {
    return this.#ended;
  }

  /** Unix milliseconds of the first event. */
  get startedEpochMs(): number | undefined {
    return this.#startedEpochMs;
  }

  /** Name of the state entered last of those that still run. */
  get currentState(): string | undefined {
    return [...this.#activities.values()].at(-1)?.name;
  }

  /** The large Map that runs, if one does: the newest. */
  get folded(): FoldedProgress | undefined {
    return [...this.#activities.values()].findLast(({ max, isFolded }) => max > CHILDREN_TOLD_MAX && !isFolded);
  }

  /** How many states run now. */
  get runningCount(): number {
    return this.#activities.size;
  }

  /** The step that an event is, or `undefined` if it is none worth a line. */
  apply(event: HistoryEvent): Step | undefined {
    const epochMs = timeField(event, "timestamp") ?? this.#startedEpochMs ?? 0;
    this.#startedEpochMs ??= epochMs;
    const elapsedMs = Math.max(0, epochMs - this.#startedEpochMs);
    if (event.type.startsWith("Execution")) return this.#executionStep(event, elapsedMs);
    const isFolded = this.#activities.get(textField(event, "activityId") ?? "")?.isFolded === true;
    if (event.type.startsWith("State")) {
      const step = this.#stateStep(event, epochMs, elapsedMs);
      return isFolded || this.#isFolded(event) ? undefined : step;
    }
    if (event.type.startsWith("Task")) return isFolded ? undefined : this.#taskStep(event, elapsedMs);
    if (quietTypes.has(event.type)) return this.#childStep(event, elapsedMs);
    return { kind: "note", elapsedMs, depth: 0, label: event.type };
  }

  /** A state that begins in a large Map. */
  #isFolded(event: HistoryEvent): boolean {
    return this.#activities.get(textField(event, "activityId") ?? "")?.isFolded === true;
  }

  #executionStep(event: HistoryEvent, elapsedMs: number): Step | undefined {
    const base = { elapsedMs, depth: 0 };
    switch (event.type) {
      case "ExecutionStartedEvent": {
        this.#wasPending = textField(event, "status") === "Pending";
        const detail = textField(event, "workflow");
        const label = this.#wasPending ? "execution accepted, its start is delayed" : "execution started";
        return { ...base, kind: "start", label, ...present({ detail }) };
      }
      case "ExecutionRunningEvent":
        return this.#wasPending ? { ...base, kind: "start", label: "execution started" } : undefined;
      case "ExecutionCompletingEvent":
      case "ExecutionDeletingEvent":
        return undefined;
      case "ExecutionRedrivenEvent":
        return { ...base, kind: "start", label: "execution goes on from where it failed" };
      case "ExecutionCancelingEvent":
        return { ...base, kind: "note", label: "execution is being canceled" };
      case "ExecutionCompletedEvent":
        return this.#endStep(event, elapsedMs);
      default:
        return { ...base, kind: "note", label: event.type };
    }
  }

  #endStep(event: HistoryEvent, elapsedMs: number): Step {
    const status = textField(event, "status") ?? "Completed";
    const error = errorField(event) ?? (status === "Failed" ? this.#lastError : undefined);
    this.#ended = status;
    this.#activities.clear();
    const kind = status === "Canceled" ? "canceled" : isBadStatus(status) ? "failure" : "success";
    const label = `execution ${status.toLowerCase()}`;
    return { kind, elapsedMs, depth: 0, label, tookMs: elapsedMs, ...present({ detail: error }) };
  }

  #stateStep(event: HistoryEvent, epochMs: number, elapsedMs: number): Step | undefined {
    const id = textField(event, "activityId") ?? "";
    switch (event.type) {
      case "StateStartedEvent":
        return this.#enter(event, id, epochMs, elapsedMs);
      case "StateRetryScheduledEvent":
        return { ...this.#placed(id, event), kind: "retry", elapsedMs, ...this.#retryDetail(event, id, epochMs) };
      case "StateRetriedEvent":
        return { ...this.#placed(id, event), kind: "again", elapsedMs, detail: "tries again" };
      case "StateCompletedEvent":
        return this.#leave(event, id, epochMs, elapsedMs);
      case "StateCompletingEvent":
        return undefined;
      default:
        return { ...this.#placed(id, event), kind: "note", elapsedMs, detail: event.type };
    }
  }

  #enter(event: HistoryEvent, id: string, epochMs: number, elapsedMs: number): Step {
    const parent = parentOf(event);
    const above = parent === undefined ? undefined : this.#activities.get(parent.activityId);
    const depth = parent === undefined ? 0 : (above?.depth ?? 0) + 1;
    const name = textField(event, "stateName") ?? "?";
    const isFolded = above !== undefined && (above.isFolded || above.max > CHILDREN_TOLD_MAX);
    const counts = { max: numberField(event, "max") ?? 0, done: 0, failed: 0 };
    this.#activities.set(id, {
      name,
      startedEpochMs: epochMs,
      depth,
      index: parent?.index,
      retryCount: 0,
      ...counts,
      isFolded,
    });
    if (this.#activities.size > ACTIVITIES_MAX) {
      const oldest = this.#activities.keys().next();
      if (oldest.done !== true) this.#activities.delete(oldest.value);
    }
    const max = numberField(event, "max");
    const type = textField(event, "stateType");
    const due = type === "Wait" ? deadlineField(event) : undefined;
    const detail = [type, max === undefined ? undefined : `×${max}`].filter((part) => part !== undefined).join(" ");
    return {
      ...this.#placed(id, event),
      kind: "enter",
      elapsedMs,
      ...(detail === "" ? {} : { detail }),
      ...(due === undefined ? {} : { dueInMs: Math.max(0, due - epochMs) }),
    };
  }

  #leave(event: HistoryEvent, id: string, epochMs: number, elapsedMs: number): Step {
    const place = this.#placed(id, event);
    const { startedEpochMs: started, max = 0, done = 0, failed = 0 } = this.#activities.get(id) ?? {};
    this.#activities.delete(id);
    const count = max > CHILDREN_TOLD_MAX ? `${done}/${max}${failed > 0 ? `, ${failed} failed` : ""}` : undefined;
    const status = textField(event, "status");
    const error = errorField(event);
    const isBad = isBadStatus(status);
    if (isBad) this.#lastError = error;
    const next = textField(event, "next");
    const caught = isBad && next !== undefined ? `caught, goes on at ${next}` : undefined;
    const detail = [isBad ? error ?? status : undefined, caught, count].filter((part) => part !== undefined).join(", ");
    return {
      ...place,
      kind: isBad ? "fail" : "leave",
      elapsedMs,
      ...(started === undefined ? {} : { tookMs: Math.max(0, epochMs - started) }),
      ...(detail === "" ? {} : { detail }),
    };
  }

  #taskStep(event: HistoryEvent, elapsedMs: number): Step | undefined {
    const place = { ...this.#placed(textField(event, "activityId") ?? "", event), elapsedMs };
    const resource = textField(event, "resource");
    const error = errorField(event);
    switch (event.type) {
      case "TaskHeartbeatRecordedEvent":
        return undefined;
      case "TaskCreatedEvent":
        return this.#showTasks ? { ...place, kind: "task", detail: `task for ${resource ?? "a worker"}` } : undefined;
      case "TaskActivatedEvent":
        return this.#showTasks ? { ...place, kind: "task", detail: "a worker has it" } : undefined;
      case "TaskCompletedEvent":
        return undefined;
      case "TaskSubmittedEvent":
        return this.#showTasks ? { ...place, kind: "task", detail: "the request was answered" } : undefined;
      case "TaskReclaimingEvent":
        return this.#showTasks ? { ...place, kind: "task", detail: "its executions are being stopped" } : undefined;
      case "TaskFailedEvent":
        return this.#showTasks
          ? { ...place, kind: "task", detail: `task failed: ${error ?? "unknown error"}` }
          : undefined;
      case "TaskTimedOutEvent":
        return { ...place, kind: "task", detail: "task timed out" };
      case "TaskCanceledEvent":
        return this.#showTasks ? { ...place, kind: "task", detail: "task canceled" } : undefined;
      default:
        return { ...place, kind: "note", detail: event.type };
    }
  }

  #childStep(event: HistoryEvent, elapsedMs: number): Step | undefined {
    const status = textField(event, "status");
    const above = this.#activities.get(containerOf(event) ?? "");
    if (above !== undefined && status !== undefined) {
      above.done += 1;
      if (isBadStatus(status)) above.failed += 1;
    }
    if (!isBadStatus(status) || status === "Canceled" || above?.isFolded === true) return undefined;
    if (above !== undefined && above.max > CHILDREN_TOLD_MAX && above.failed > FAILURES_TOLD_MAX) return undefined;
    const index = numberField(event, "index");
    const error = errorField(event);
    const what = event.type.startsWith("Branch") ? "branch" : "iteration";
    return {
      kind: "fail",
      elapsedMs,
      depth: (above?.depth ?? 0) + 1,
      ...present({ index }),
      label: `${what} ${status?.toLowerCase()}`,
      ...present({ detail: error }),
    };
  }

  #retryDetail(
    event: HistoryEvent,
    id: string,
    epochMs: number,
  ): { readonly detail: string; readonly dueInMs?: number } {
    const activity = this.#activities.get(id);
    if (activity !== undefined) activity.retryCount += 1;
    const count = retryCountField(event) ?? activity?.retryCount;
    const due = deadlineField(event);
    const detail = `${errorField(event) ?? "failed"}, retry${count === undefined ? "" : ` ${count}`}`;
    return due === undefined ? { detail } : { detail, dueInMs: Math.max(0, due - epochMs) };
  }

  /** Name and place of the state that an event is about. */
  #placed(
    id: string,
    event: HistoryEvent,
  ): { readonly label: string; readonly depth: number; readonly index?: number } {
    const activity = this.#activities.get(id);
    const label = activity?.name ?? textField(event, "stateName") ?? "?";
    return { label, depth: activity?.depth ?? 0, ...present({ index: activity?.index }) };
  }
}

const quietTypes: ReadonlySet<string> = new Set([
  "BranchStartedEvent",
  "BranchCancelingEvent",
  "BranchCompletedEvent",
  "IterationStartedEvent",
  "IterationCancelingEvent",
  "IterationCompletedEvent",
  "TimerFiredEvent",
]);
